"""The bare simulator as a process: it says what it is, ends promptly, and starts quickly."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time

import pytest

import pyrum_sync
from pyrum_sync.engine import about
from pyrum_sync.engine.serving import bare
from pyrum_sync.spec import peer_id, secp256k1
from tests.conformance.driver import SIMULATOR, Driver


@pytest.mark.parametrize("level", ["trace", "panic"])
def test_the_first_entry_says_simulator_at_every_level(level: str) -> None:
    with Driver(SIMULATOR, level=level) as rumor:
        assert rumor.end() == 0
        first = rumor.entries[0]
        assert "simulator" in first["msg"]
        assert first["level"] == "info"
        assert "call_id" not in first
        assert {name: first[name] for name in ("engine", "version", "network")} == {
            "engine": "pyrum_sync",
            "version": pyrum_sync.__version__,
            "network": "memory",
        }


def test_the_agent_says_simulator_whatever_it_is_called() -> None:
    alice = peer_id.from_secp256k1(secp256k1.public_key(1))
    with Driver(SIMULATOR) as rumor:
        rumor.do(
            f"alice: host start --nat=false --agent=Other --priv={1:064x}",
            "alice: host listen --ip=127.0.0.1 --tcp=9000",
            "bob: host start --nat=false",
            f"bob: peer connect /ip4/127.0.0.1/tcp/9000/p2p/{alice}",
        )
        info = rumor.do(f"_i bob: peer info {alice}")
        assert [e["user_agent"] for e in info if "user_agent" in e] == [about.agent("Other", "memory")]


def test_exit_does_not_wait_for_what_runs() -> None:
    with Driver(SIMULATOR) as rumor:
        rumor.send("_a lvl_trace sleep 1h &")
        rumor.wait(lambda e: e["msg"] == "sleeping 1h0m0s")
        start = time.monotonic()
        assert rumor.end() == 0
        assert time.monotonic() - start < 5


def test_a_line_without_an_end_is_not_run() -> None:
    ended = subprocess.run(
        [*SIMULATOR, "bare"], input=b"echo a\necho b", capture_output=True, timeout=20, check=True
    ).stdout
    assert b'"stdout":"a"' in ended
    assert b'"stdout":"b"' not in ended


def test_bytes_that_are_no_text_end_the_session() -> None:
    ended = subprocess.run(
        [*SIMULATOR, "bare"], input=b"echo \xff\necho b\n", capture_output=True, timeout=20, check=True
    )
    assert b"failed to run input" in ended.stdout
    assert b'"stdout"' not in ended.stdout


def test_stop_on_err() -> None:
    flags = ["bare", "--stop-on-err"]
    ended = subprocess.run(
        [*SIMULATOR, *flags], input=b"( exit 3 )\necho b\n", capture_output=True, timeout=20, check=False
    )
    assert ended.returncode == 3
    assert b'"stdout"' not in ended.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_sudden_death(number: signal.Signals) -> None:
    with subprocess.Popen([*SIMULATOR, "bare"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert b"simulator" in process.stdout.readline()
        process.send_signal(number)
        assert process.wait(20) == -number


def test_a_reader_that_goes_away_does_not_end_it_with_a_traceback() -> None:
    with subprocess.Popen(
        [*SIMULATOR, "bare"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        process.stdin.write(b"echo a\nexit\n")
        process.stdin.close()
        assert process.wait(20) == 0
        assert process.stderr.read() == b""


def test_heavy_modules_are_not_imported_to_start() -> None:
    code = "import sys, pyrum_sync.engine.serving.bare; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=20, check=True).stdout.decode()
    assert not {"websockets", "remerkleable", "http.server", "websocket"} & set(loaded.split())


def test_no_trace_is_left(tmp_path: object) -> None:
    del tmp_path
    before = set(os.listdir("."))
    with Driver(SIMULATOR) as rumor:
        rumor.do("host start --nat=false", "peerstore create x")
        rumor.end()
    assert all(name.startswith(".coverage") for name in set(os.listdir(".")) - before)


def test_entries_of_one_turn_are_written_together(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[bytes] = []

    def write(number: int, data: bytes | memoryview) -> int:
        assert number == 1
        written.append(bytes(data[:6]))  # a pipe that is nearly full takes a part
        return len(written[-1])

    async def talk() -> None:
        stdout = bare._Stdout()
        stdout.write(b"one,")
        stdout.write(b"two,")
        assert written == []
        await asyncio.sleep(0)
        assert written == [b"one,tw", b"o,"]
        for _ in range(bare._MOST_WAITING):
            stdout.write(b".")
        assert len(b"".join(written)) == 8 + bare._MOST_WAITING
        stdout.write(b"last")
        stdout.close()
        stdout.write(b"more")
        stdout.close()

    monkeypatch.setattr(os, "write", write)
    try:
        asyncio.run(talk())
    finally:
        monkeypatch.undo()
    assert b"".join(written).endswith(b".last")
