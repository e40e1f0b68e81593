"""``pyrum-sync probe``, on the simulator; and, where a process of its own matters, on the real Rumor."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from benchmarks.servers import free_port
from pyrum_sync import PeerReport, Rumor, TCPConn
from pyrum_sync.cli import probe as cli_probe
from tests.conftest import HANG, RUMOR
from tests.support.crowd import STATUS, Crowd
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


@pytest.mark.usefixtures("terminal")
def test_a_table(run: Run, port: int, crowd: Crowd) -> None:
    good, bad = crowd.healthy().addr, crowd.without_metadata().addr
    status, out, _ = run("probe", bad, good, NOBODY, "--tcp", f"127.0.0.1:{port}")
    assert status == 1
    lines = re.sub(r"\x1b\[[\d;]*m", "", out).splitlines()
    assert lines[0].split() == ["address", "agent", "head", "ping", "result"]
    assert "protocol not supported" in lines[1]  # in the order of the command line
    assert re.search(r" 8 +\d+\.\d ms +ok", lines[2])
    assert "refused" in out
    assert lines[-1] == "1 of 3 answered everything"
    assert "\x1b[32mok" in out


@pytest.mark.usefixtures("terminal")
def test_a_wide_table_without_colours(run: Run, port: int, crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "150")
    monkeypatch.setenv("NO_COLOR", "1")
    host = crowd.healthy()
    status, out, _ = run("probe", host.addr, "--tcp", f"127.0.0.1:{port}")
    assert status == 0
    assert "\x1b[3" not in out
    out = re.sub(r"\x1b\[[\d;]*m", "", out)  # bold is no colour
    assert out.split()[:9] == ["address", "peer", "id", "agent", "fork", "finalized", "head", "ping", "result"]
    assert "…" + host.peer_id[-8:] in out
    assert "01020304" in out


@pytest.mark.usefixtures("terminal")
def test_a_plain_table(run: Run, port: int, crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rich", None)
    status, out, err = run("probe", crowd.healthy().addr, NOBODY, "--tcp", f"127.0.0.1:{port}")
    assert status == 1
    lines = out.splitlines()
    assert [line.split()[-1] for line in lines] == ["result", "ok", "refused", "everything"]
    assert lines[0].index("result") == lines[1].index("ok") == lines[2].index("connect:")
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
    assert "100%" in err


def test_what_peers_say_is_harmless() -> None:
    report = PeerReport(
        "enr:\x1b[2J" + "x" * 100, "16Uiu", "[bold red]evil\x1b]0;title\x07\u202e", stage="status", error="a\r\nb\x9bm"
    )
    report.status = STATUS
    for cell in cli_probe._cells(report):
        assert cell.isprintable()
    cli_probe._print_rich([report])


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
    status, out, _ = run("probe", NOBODY, "/ip4/127.0.0.1", "--cmd", f"{sys.executable} {marker}")
    assert status == 1
    assert {report["addr"] for report in reports(out)} == {NOBODY, "/ip4/127.0.0.1"}
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
        assert (process.returncode, out, err) == (130, "", "")
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
        assert "1 of 1 answered everything" in text
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
        with start("probe", "-", stdin=subprocess.PIPE, env={**os.environ, "RUMOR": str(RUMOR)}) as process:
            out, err = process.communicate("\n".join(expected), timeout=HANG)
    assert (process.returncode, err) == (1, "")
    assert {report["addr"]: report["stage"] for report in reports(out)} == expected
