"""``pyrum-sync probe``, on the simulator; and, where a process of its own matters, on the real Rumor."""

from __future__ import annotations

import csv
import json
import os
import re
import select
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any
from xml.etree import ElementTree

import pytest

from benchmarks.servers import free_port
from pyrum_sync import PeerReport, Rumor, TCPConn
from pyrum_sync.cli import probe as cli_probe
from pyrum_sync.cli import probe_table
from tests.conftest import HANG, RUMOR
from tests.support.crowd import STRANGER, Crowd
from tests.support.standin import StandIns
from tests.unit.cli.helpers import NOBODY, SIMULATOR, Run


@pytest.fixture
def port() -> Iterator[int]:
    """Of a served simulator."""
    number = free_port()
    served = subprocess.Popen([*SIMULATOR, "serve", f"--tcp=127.0.0.1:{number}"], stdout=subprocess.DEVNULL)
    try:
        yield number
    finally:
        served.kill()
        served.wait(HANG)


@pytest.fixture
def crowd(port: int) -> Iterator[Crowd]:
    """Peers on the served simulator."""
    with Rumor(TCPConn("127.0.0.1", port, retry_for=HANG), timeout=HANG) as rumor, Crowd(rumor) as crowd:
        yield crowd


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `run` runs is on one of 100 columns."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)


def reports(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_lines_of_json(run: Run, port: int, crowd: Crowd) -> None:
    good, bad = crowd.healthy().addr, crowd.failing().addr
    status, out, err = run("probe", good, bad, NOBODY, "--tcp", f"127.0.0.1:{port}", "--retry-for", "5")
    assert (status, err) == (1, "")
    found = {report["addr"]: report for report in reports(out)}
    assert {addr: report["stage"] for addr, report in found.items()} == {good: "done", bad: "status", NOBODY: "connect"}
    assert found[good]["status"]["head_slot"] == 8
    assert found[good]["metadata"]["seq_number"] == 7
    assert found[bad]["error"] == "out of order"

    status, out, err = run("probe", good, "--tcp", f"localhost:{port}")
    assert (status, len(reports(out)), err) == (0, 1, "")


def test_a_list_on_standard_input(
    run: Run, port: int, crowd: Crowd, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    addresses = [crowd.healthy().addr for _ in range(3)]
    listed = tmp_path / "peers"
    listed.write_text(f"# peers\n\n  {addresses[0]}  # the first\n{addresses[1]}\n")
    with listed.open() as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        status, out, _ = run("probe", "-", addresses[2], "--tcp", f"127.0.0.1:{port}", "--parallel", "2")
    assert status == 0
    assert {report["addr"] for report in reports(out)} == set(addresses)


@pytest.mark.parametrize("content", [b"", b"# nothing\n", b"\xff\xfe\n"])
def test_a_list_of_nothing(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes) -> None:
    listed = tmp_path / "peers"
    listed.write_bytes(content)
    with listed.open(encoding="utf-8") as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        status, out, err = run("probe", "-")
    assert (status, out) == (2, "")
    assert "standard input" in err


def test_a_list_as_networks_publish_theirs(
    run: Run, port: int, crowd: Crowd, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    addr = crowd.healthy().addr
    listed = tmp_path / "nodes.yaml"
    for encoding in ("utf-8-sig", "utf-16"):
        listed.write_text(f"---\n# EF\n- {addr} # 1.2.3.4 | aws\n- '{addr}'\n\n", encoding=encoding)
        with listed.open() as stdin:
            monkeypatch.setattr("sys.stdin", stdin)
            status, out, _ = run("probe", "-", "--tcp", f"127.0.0.1:{port}")
        # the same address twice has two reports
        assert (status, [report["addr"] for report in reports(out)]) == (0, [addr, addr])


@pytest.mark.usefixtures("terminal")
def test_the_same_address_twice(run: Run, port: int, crowd: Crowd) -> None:
    addr = crowd.healthy().addr
    status, out, _ = run("probe", addr, addr, NOBODY, "--tcp", f"127.0.0.1:{port}")
    assert status == 1
    assert "2 of 3 answered everything" in out


def test_csv(run: Run, port: int, crowd: Crowd) -> None:
    good = crowd.healthy().addr
    status, out, _ = run("probe", "--csv", good, NOBODY, "nonsense", "--tcp", f"127.0.0.1:{port}")
    assert status == 1
    assert len(out.splitlines()) == 4
    rows = {row["addr"]: row for row in csv.DictReader(out.splitlines())}
    assert set(rows) == {good, NOBODY, "nonsense"}
    assert rows[good]["head_slot"] == "8"
    assert rows[good]["fork_digest"] == "0x01020304"
    assert float(rows[good]["ping_ms"]) > 0
    assert (rows[NOBODY]["stage"], rows[NOBODY]["ping_ms"]) == ("connect", "")
    assert "refused" in rows[NOBODY]["error"]


def test_a_picture(run: Run, port: int, crowd: Crowd, tmp_path: Path) -> None:
    file = tmp_path / "run.svg"
    words = [crowd.healthy().addr for _ in range(3)]
    status, out, _ = run("probe", *words, NOBODY, "--tcp", f"127.0.0.1:{port}", "--picture", str(file))
    assert (status, len(reports(out))) == (1, 4)
    drawn = ElementTree.fromstring(file.read_text(encoding="utf-8"))
    assert drawn.tag.endswith("svg")
    assert "3 of 4 answered everything" in file.read_text(encoding="utf-8")


def test_watching(port: int, crowd: Crowd) -> None:
    """Round after round, until Ctrl-C."""
    good = crowd.healthy().addr
    with start("probe", good, NOBODY, "--watch", "0.05", "--tcp", f"127.0.0.1:{port}") as process:
        assert process.stdout is not None
        rounds = [{json.loads(process.stdout.readline())["addr"] for _ in range(2)} for _ in range(3)]
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=HANG)
    assert rounds == [{good, NOBODY}] * 3
    assert process.returncode == 130


@pytest.mark.usefixtures("terminal")
def test_watching_on_a_terminal(run: Run, port: int, crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each table takes the place of the one before."""
    shown: list[bool] = []
    show = probe_table.Table._show

    def third_time(self: probe_table.Table, *, interrupted: bool) -> None:
        show(self, interrupted=interrupted)
        shown.append(interrupted)
        if len(shown) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(probe_table.Table, "_show", third_time)
    status, out, _ = run("probe", crowd.healthy().addr, "--watch", "0", "--tcp", f"127.0.0.1:{port}")
    assert status == 130
    assert len(re.findall(r"\x1b\[H\x1b\[2J", out)) == 3
    assert len(re.findall("1 of 1 answered everything, at ", out)) == 3


def test_a_network_in_memory_is_said_to_be_one(run: Run) -> None:
    status, out, _ = run("probe", NOBODY, "--cmd", shlex.join((*SIMULATOR, "bare", "--level=trace")))
    assert status == 1
    assert "this engine's network is in memory" in reports(out)[0]["error"]


def test_on_the_engine_by_default(run: Run) -> None:
    with StandIns(["prysm", "lodestar"]) as peers:
        status, out, err = run("probe", peers.addrs[0], peers.enrs[1], "127.0.0.1:9", "--timeout", "20")
    assert (status, err) == (1, "")
    found = {report["addr"]: report for report in reports(out)}
    assert found[peers.addrs[0]]["goodbye_text"] == "irrelevant network"
    assert found[peers.addrs[0]]["metadata"]["custody_group_count"] == 4
    assert found[peers.enrs[1]]["error"] is None
    assert "is a host and a port" in found["127.0.0.1:9"]["error"]


def test_without_the_extra_it_says_what_to_install(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as util; find = util.find_spec\n"
        "util.find_spec = lambda name, *rest: None if name == 'cryptography' else find(name, *rest)\n"
    )
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (str(tmp_path), os.environ.get("PYTHONPATH")))))
    status, out, err = run("probe", NOBODY)
    assert (status, out) == (2, "")
    assert 'pip install "pyrum-sync[engine]"' in err


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_of_few_characters(encoding: str) -> None:
    """What has no form is replaced; nothing is lost."""
    code = (
        "import sys; sys.stdout.isatty = lambda: True; from pyrum_sync.cli.main import main;"
        "print(main(['probe', 'nonsense', '127.0.0.1:9000'])); main(['probe', '--help'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, timeout=HANG, check=True, env={**os.environ, "PYTHONIOENCODING": encoding},
    )  # fmt: skip
    shown = done.stdout.decode(encoding)
    assert "0 of 2 answered everything" in shown
    assert "--concurrency" in shown
    assert done.stderr == b""


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("probe nonsense >&-", "standard output is closed"),
        ("commands peer >&-", "standard output is closed"),
        ("probe - <&-", "standard input is closed"),
    ],
)
def test_what_is_closed_is_said_on_one_line(line: str, said: str) -> None:
    done = subprocess.run(
        f"{shlex.quote(sys.executable)} -m pyrum_sync {line}",
        shell=True, stderr=subprocess.PIPE, text=True, timeout=HANG, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert said in done.stderr


@pytest.mark.usefixtures("terminal")
def test_a_table(run: Run, port: int, crowd: Crowd) -> None:
    good, bad = crowd.healthy().addr, crowd.without_metadata().addr
    status, out, _ = run("probe", bad, good, NOBODY, "--tcp", f"127.0.0.1:{port}")
    assert status == 1
    lines = re.sub(r"\x1b\[[\d;]*m", "", out).splitlines()
    assert lines[0].split() == ["address", "client", "network", "head", "age", "round", "trips", "result"]
    assert "metadata: protocol" in lines[1]  # in the order of the command line
    assert re.search(r" 0x01020304 +8 +[▁-█]{5} \d+(\.\d)? ms +ok", "\n".join(lines))
    assert "refused" in out
    assert "1 of 3 answered everything" in lines
    assert "\x1b[32mok" in out


@pytest.mark.usefixtures("terminal")
def test_a_wide_table_without_colours(run: Run, port: int, crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "150")
    monkeypatch.setenv("NO_COLOR", "1")
    status, out, _ = run("probe", crowd.healthy().addr, "--tcp", f"127.0.0.1:{port}")
    assert status == 0
    assert "\x1b[3" not in out
    out = re.sub(r"\x1b\[[\d;]*m", "", out)  # bold is no colour
    heads = ["address", "client", "network", "head", "age", "custody", "round", "trips", "result"]
    assert out.split()[:9] == heads


@pytest.mark.usefixtures("terminal")
def test_a_plain_table(run: Run, port: int, crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rich", None)
    status, out, err = run("probe", crowd.healthy().addr, NOBODY, "--tcp", f"127.0.0.1:{port}")
    assert status == 1
    lines = out.splitlines()
    assert lines[0].index("result") == lines[1].index("ok") == lines[2].index("connect:")
    assert lines[3] == "1 of 2 answered everything"
    assert "pyrum-sync[cli]" in err


@pytest.mark.usefixtures("terminal")
def test_json_on_a_terminal(run: Run, port: int, crowd: Crowd) -> None:
    status, out, _ = run("probe", "--json", crowd.healthy().addr, "--tcp", f"127.0.0.1:{port}")
    assert (status, reports(out)[0]["stage"]) == (0, "done")


@pytest.mark.usefixtures("terminal")
def test_progress(run: Run, port: int, crowd: Crowd) -> None:
    addresses = [crowd.healthy().addr for _ in range(6)]
    status, _, err = run("probe", *addresses, "--tcp", f"127.0.0.1:{port}")
    assert status == 0
    assert "6/6" in err


def test_a_rumor_that_is_lost(run: Run, tmp_path: Path) -> None:
    """Each peer still has its line."""
    marker = tmp_path / "second"
    # It greets, and ends at the first command.
    script = r"""
import json, re, sys
for line in sys.stdin:
    hello = re.match(r"_(\w+) lvl_trace sleep 1ns; echo", line)
    if not hello:
        sys.exit(3)
    for mark in ("__success", "__freed"):
        print(json.dumps({"level": "trace", "call_id": hello[1], mark: "true"}), flush=True)
"""
    marker.write_text(script)
    other = f"/ip4/127.0.0.1/tcp/2/p2p/{STRANGER}"
    status, out, _ = run("probe", NOBODY, other, "--cmd", f"{sys.executable} {marker}")
    assert status == 1
    assert {report["addr"] for report in reports(out)} == {NOBODY, other}
    assert all("lost" in report["error"] for report in reports(out))


def start(*words: str, **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "pyrum_sync", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **options,
    )


@pytest.mark.parametrize("way", ["pipe", "terminal"])
def test_ctrl_c(port: int, crowd: Crowd, way: str) -> None:
    """What is known by then is shown, nothing is left on the server, and the status is 130."""
    quiet = crowd.silent()
    silent, good = quiet.addr, crowd.healthy().addr
    words = ["probe", good, silent, "--tcp", f"127.0.0.1:{port}", "--timeout", "60", "--parallel", "1"]
    if way == "pipe":
        with start(*words) as process:
            assert process.stdout is not None
            assert json.loads(process.stdout.readline())["addr"] == good
            began = monotonic()
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=HANG)
        assert (process.returncode, out) == (130, "")
        assert err == f"pyrum-sync: interrupted; not finished (1):\n  {silent}\n"
    else:
        controller, terminal = os.openpty()
        ours = os.fdopen(controller, "rb", buffering=0)
        with (
            ours,
            quiet.actor.host.notify("connection_open") as notes,
            subprocess.Popen(
                [sys.executable, "-m", "pyrum_sync", *words],
                stdin=terminal,
                stdout=terminal,
                stderr=terminal,
                start_new_session=True,
            ) as shown,
        ):
            os.close(terminal)
            assert notes.event() == "connection_open"  # so the healthy one is done
            began = monotonic()
            shown.send_signal(signal.SIGINT)
            shown.wait(HANG)
            text = _read_all(ours)
        assert shown.returncode == 130
        assert "1 of 2 answered everything; 1 not finished" in text
        assert text.rstrip().endswith(silent)
        assert "Traceback" not in text
    assert monotonic() - began < 10
    with Rumor(TCPConn("127.0.0.1", port), timeout=HANG) as rumor:
        assert "probe-" not in str(rumor.actor("x").calls())


def _read_all(terminal: Any) -> str:
    text = b""
    with suppress(OSError):  # the end of a terminal
        while select.select([terminal], [], [], HANG)[0] and (data := terminal.read(1 << 16)):
            text += data
    return text.decode()


def test_an_output_that_closes(port: int, crowd: Crowd) -> None:
    words = [crowd.healthy().addr for _ in range(3)]
    with start("probe", *words, "--tcp", f"127.0.0.1:{port}") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.wait(HANG) == 1
        assert process.stderr.read() == ""


@pytest.mark.rumor
def test_the_real_rumor(rumor: Rumor) -> None:
    """It is found on PATH, or by $RUMOR; the peers live in another."""
    with Crowd(rumor) as crowd:
        kinds = [crowd.healthy, crowd.without_metadata, crowd.failing]
        expected = {make().addr: stage for make, stage in zip(kinds, ["done", "metadata", "status"], strict=True)}
        expected[NOBODY] = "connect"
        with start("probe", "--rumor", "-", stdin=subprocess.PIPE, env={**os.environ, "RUMOR": str(RUMOR)}) as process:
            out, err = process.communicate("\n".join(expected), timeout=HANG)
    assert (process.returncode, err) == (1, "")
    assert {report["addr"]: report["stage"] for report in reports(out)} == expected


def test_which_addresses_are_not_finished() -> None:
    """An address that stands there twice may be finished once."""
    rounds = cli_probe._Rounds(["a", "a", "b"], None)
    assert list(rounds.addresses()) == ["a", "a", "b"]
    assert not rounds.finished(PeerReport("a"))
    assert sorted(rounds.unfinished()) == ["a", "b"]
    assert not rounds.finished(PeerReport("b"))
    assert rounds.finished(PeerReport("a"))
    assert rounds.unfinished() == []
