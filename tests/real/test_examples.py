"""The scripts in examples/, each run as a user would run it."""

from __future__ import annotations

import csv
import importlib.util
import os
import signal
from pathlib import Path

import pytest

from pyrum_sync import Rumor, eth2
from tests.conftest import HANG
from tests.real.hosts import start
from tests.support.crowd import STRANGER, Crowd
from tests.support.examples import check_status_server, run, running

pytestmark = pytest.mark.rumor

PINGS = ["slept", "ping 0, pong 1", "ping 1, pong 2", "ping 2, pong 3"]


@pytest.fixture
def environment(rumor_path: str, tmp_path: Path) -> dict[str, str]:
    """One with `rumor` on PATH, as the examples want it."""
    (tmp_path / "rumor").symlink_to(rumor_path)
    return {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}


RUMOR = ("--cmd", "rumor bare --level=trace")


def test_alice_and_bob(environment: dict[str, str]) -> None:
    lines = run("alice_and_bob.py", *RUMOR, environment=environment)
    assert lines[:3] == ["alice and bob listen", "the short sleep ended after 3 s", "the long sleep ended after 5 s"]
    assert lines[-1] == "alice answered: finalized epoch 3, head slot 123"


def test_probe_many(environment: dict[str, str], rumor: Rumor, tmp_path: Path) -> None:
    peers = tmp_path / "peers.txt"
    with Crowd(rumor) as crowd:
        good, bad = crowd.healthy().addr, crowd.without_metadata().addr
        nobody = f"/ip4/127.0.0.1/tcp/1/p2p/{STRANGER}"
        peers.write_text(f"{good}\n{bad}\n{nobody}\n")
        rows = list(csv.DictReader(run("probe_many.py", str(peers), environment=environment)))
    found = {row["addr"]: row for row in rows}
    assert {addr: row["stopped_at"] for addr, row in found.items()} == {
        good: "done",
        bad: "metadata",
        nobody: "connect",
    }
    assert (found[good]["agent"], found[good]["head_slot"], found[good]["error"]) == ("healthy", "8", "")
    assert float(found[good]["ping_ms"]) > 0


def test_probe_many_and_ctrl_c(environment: dict[str, str], rumor: Rumor, tmp_path: Path) -> None:
    peers = tmp_path / "peers.txt"
    with Crowd(rumor) as crowd:
        hosts = [crowd.silent() for _ in range(4)]
        peers.write_text("\n".join(host.addr for host in hosts))
        with (
            hosts[0].actor.host.notify("connection_open") as notes,
            running(
                "probe_many.py", str(peers), "--timeout", "600", "--concurrency", "2", environment=environment
            ) as process,
        ):
            assert notes.event() == "connection_open"
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=HANG)
            assert process.returncode != 0


def test_block_range(environment: dict[str, str]) -> None:
    lines = run("block_range.py", *RUMOR, environment=environment)
    assert lines[0] == "58 blocks of 64 slots, 6 without one"
    assert lines[1].startswith("size: ")
    assert lines[2].endswith("blocks/s")


def test_block_range_of_a_given_peer(environment: dict[str, str], rumor: Rumor) -> None:
    bob = start(rumor.actor("bob"))

    def answer(asked: eth2.BlocksByRangeRequest) -> bytes:
        if asked.start_slot == 105:
            raise LookupError("no more")
        return bytes(10)

    with eth2.serve(bob.actor, "blocks_by_range", answer):
        lines = run("block_range.py", "--start", "100", "--count", "10", *RUMOR, bob.addr, environment=environment)
    assert lines[:2] == ["the peer failed after 5 blocks: no more", "5 blocks of 10 slots, 5 without one"]
    assert lines[2].startswith("size: 10 to 10 bytes")


def test_status_server(environment: dict[str, str], rumor: Rumor) -> None:
    check_status_server(rumor, *RUMOR, environment=environment)


@pytest.mark.parametrize("words", [(), RUMOR], ids=["engine", "rumor"])
def test_gossip_log(environment: dict[str, str], words: tuple[str, ...]) -> None:
    lines = run("gossip_log.py", "--messages", "2", *words, environment=environment)
    assert lines[0].startswith("bob knows of 16Uiu2")
    assert [line.partition(": ")[2] for line in lines[1:]] == [
        f"18 bytes: b'message {number} from bob'" for number in range(2)
    ]


def test_gossip_log_of_a_given_peer(environment: dict[str, str], rumor: Rumor) -> None:
    bob = start(rumor.actor("bob"))
    words = ("--patience", "0.2", "--topic", "news", bob.addr)
    assert run("gossip_log.py", *words, environment=environment) == ["nothing more for 0.2 s"]


def test_after_pyrum(environment: dict[str, str]) -> None:
    assert run("pyrum_after.py", environment=environment) == PINGS


@pytest.mark.skipif(importlib.util.find_spec("pyrum") is None, reason="pyrum is not installed")
def test_before_pyrum(environment: dict[str, str]) -> None:
    assert run("pyrum_before.py", environment=environment) == PINGS
