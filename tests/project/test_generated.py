"""What is made from the catalogue: the types, and the reference page."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from pyrum_sync.catalogue.tree import commands
from tools import page
from tools import stubs as types
from tools.__main__ import main, write

GOOD = """
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from remerkleable.basic import uint64
from remerkleable.complex import Container

from pyrum_sync import Actor, Call, Rumor


class Ping(Container):  # type: ignore[misc]
    seq: uint64


def probe(rumor: Rumor, alice: Actor, peer_id: str, anything: Any) -> None:
    call: Call = alice.host.listen(ip="127.0.0.1", tcp=9000)
    call = alice.nowait.host.listen(ip=ip_address("127.0.0.1"), tcp="9000")
    call = alice.within(5).host.listen(ip=None, tcp=uint64(9000))
    alice.host.start(nat=False, mux=["yamux"], transport=("tcp",), priv=b"key", peer_grace_period=timedelta(hours=1))
    alice.peer.connect("addr", timeout=3)
    alice.peer.connect("addr", "tag", timeout=1.5)
    alice.peer.connect(addr="addr", timeout="10s")
    alice.sleep(timedelta(seconds=1))
    rumor.rpc.status.req.raw(peer_id, Ping(seq=1), raw=True)
    rumor.nowait.rpc.blocks_by_range.req.raw(peer_id, b"data", max_chunks=3, compression="none")
    rumor.rpc.status.resp.chunk.raw(call.next()["req_id"], "00ff", done=True)
    rumor.rpc.status.close(3)
    alice.blocks.on["my db"].list()
    alice.blocks.on.mine.import_(input=Path("block.ssz"))
    alice.chain.on["x"].head.set(bytes(32))
    alice.host.notify("listen", "stream")
    alice["host"].start(nat=False)
    alice.host["a-newer-one"]("x", flag=1)
    alice.peer.add(anything, ttl=anything)
    addr: str = call.addr()
    print(addr, alice.name, alice.calls(), call.data)
    view = alice.host.view()
    print(view.addr(), view.peer_id(timeout=3), view.msg(), view.data, view.field("newer")(), list(view.entries()))
    with alice.rpc.status.listen(raw=True) as listener:
        follow(listener)
        print(listener.next()["req_id"])
    print(alice.host["a-newer-one"]().anything(), alice.host["x"]().field("y")())


def follow(call: Call) -> None:
    print(call.anything(), len(list(call)))
"""

BAD = """
from pyrum_sync import Actor, Rumor


def probe(rumor: Rumor, alice: Actor) -> None:
    alice.host.listen(tpc=9000)  # "tpc"
    alice.host.lisen()  # "lisen"
    alice.hots.listen()  # "hots"
    rumor.nowait.pear.connect("addr")  # "pear"
    alice.peer.connect()  # "addr"
    alice.host.listen("127.0.0.1", 9000, 1)  # Too many positional
    alice.host()  # not callable
    alice.sleep(b"1s")  # Argument 1
    alice.nowait.rpc.status.req.raw("peer", b"", rew=True)  # "rew"
    rumor.blocks.on["my db"].lst()  # "lst"
    alice.host.start(nat="no")  # Argument "nat"
    alice.host.view().peerid()  # "peerid"
    alice.nowait.host.view().adr()  # "adr"
    rumor.within(3).peer.connect("addr").peer()  # "peer"
    for request in alice.rpc.status.listen(raw=True).reqid:  # "reqid"
        pass
"""


def checked(folder: Path, text: str) -> list[str]:
    """What mypy finds in a script of a user who is strict."""
    script = folder / "script.py"
    script.write_text(text)
    options = ["--strict", "--ignore-missing-imports", "--no-error-summary", "--cache-dir", str(folder / "cache")]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, str(script)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert not done.stderr
    return [line for line in done.stdout.splitlines() if ": error: " in line]


def test_mypy_passes_what_is_right(tmp_path: Path) -> None:
    assert checked(tmp_path, GOOD) == []


def test_mypy_finds_what_is_misspelt(tmp_path: Path) -> None:
    found = checked(tmp_path, BAD)
    expected = {number: line.partition("  # ")[2] for number, line in enumerate(BAD.splitlines(), 1) if "  # " in line}
    assert len(expected) == 15
    by_line: dict[int, str] = {}
    for error in found:
        number = int(error.split(":")[1])
        by_line[number] = by_line.get(number, "") + error
    assert by_line.keys() == expected.keys()
    for number, text in expected.items():
        assert text in by_line[number]


def test_types_and_table_agree(project: Path) -> None:
    made = (project / "pyrum_sync" / "client" / "stubs.py").read_text(encoding="utf-8")
    assert made == types.text(), "run: make generate"


def test_page_and_table_agree(project: Path) -> None:
    made = (project / "docs" / "commands.md").read_text(encoding="utf-8")
    assert made == page.text(), "run: make generate"


def test_writing(tmp_path: Path) -> None:
    (tmp_path / "pyrum_sync" / "client").mkdir(parents=True)
    (tmp_path / "docs").mkdir()
    write(tmp_path)
    assert (tmp_path / "pyrum_sync" / "client" / "stubs.py").read_text(encoding="utf-8") == types.text()
    assert (tmp_path / "docs" / "commands.md").read_text(encoding="utf-8") == page.text()


def test_the_page_has_every_command() -> None:
    text = page.text()
    headings = re.findall(r"^##+ ([\w.\[\]]+)$", text, re.MULTILINE)
    assert len(set(headings)) == len(headings)
    assert {"host.listen", "blocks.on[name].import_", "rpc.blocks_by_range.req.raw", "sleep"} <= set(headings)
    for command in commands():
        assert command.summary in text
    anchors = {re.sub(r"[^\w-]", "", heading.lower()) for heading in headings}
    links = re.findall(r"\]\(#([\w-]+)\)", text)
    assert len(links) == len(commands())
    assert set(links) <= anchors


def test_the_command_line_says_what_it_can_do(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 2
    assert "write" in capsys.readouterr().err
