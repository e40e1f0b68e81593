"""Probing peers: the same tests on the simulator and on the real Rumor, where the peers live in a second one."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from functools import partial
from time import monotonic
from typing import Any

import pytest

from pyrum_sync import CallError, ConnectionLost, PeerReport, Rumor, SimulatorConn, SubprocessConn, eth2, probe
from tests.conftest import HANG
from tests.support.crowd import METADATA, STATUS, STRANGER, Crowd
from tests.support.peers import ScriptedServer


@pytest.fixture(params=["simulator", pytest.param("rumor", marks=pytest.mark.rumor)])
def rumors(request: pytest.FixtureRequest) -> Iterator[tuple[Rumor, Rumor]]:
    """The one that probes, and the one with the peers."""
    with ExitStack() as stack:
        if request.param == "simulator":
            ours = theirs = stack.enter_context(Rumor(SimulatorConn(), timeout=HANG))
        else:
            command = [request.getfixturevalue("rumor_path"), "bare", "--level=trace"]
            ours, theirs = (stack.enter_context(Rumor(SubprocessConn(command), timeout=HANG)) for _ in range(2))
        yield ours, theirs
        for call in ours.calls.values():
            if call.actor is not None and call.actor.name.startswith("probe"):
                with suppress(CallError):
                    call.finished()  # nothing is left running


@pytest.fixture
def ours(rumors: tuple[Rumor, Rumor]) -> Rumor:
    return rumors[0]


@pytest.fixture
def crowd(rumors: tuple[Rumor, Rumor]) -> Iterator[Crowd]:
    with Crowd(rumors[1]) as crowd:
        yield crowd


NOBODY = f"/ip4/127.0.0.1/tcp/1/p2p/{STRANGER}"
ROUND_TRIPS = ["connect", "identify", "status", "metadata", "ping"]


def assert_stopped(report: PeerReport, stage: str, error: str) -> None:
    """It has what came before that stage, and nothing behind."""
    assert not report.ok
    assert (report.stage, list(report.rtt)) == (stage, ROUND_TRIPS[: ROUND_TRIPS.index(stage)])
    assert error in str(report.error)
    assert (report.status == STATUS) == (stage == "metadata")
    assert report.metadata is None
    assert "\n" not in str(report.error)


def test_healthy(ours: Rumor, crowd: Crowd) -> None:
    host = crowd.healthy()
    report = probe(ours, host.addr)
    assert report.ok
    assert report.error is None
    assert (report.addr, report.peer_id) == (host.addr, host.peer_id)
    assert str(report.agent).startswith("healthy")  # the simulator says that it is one
    assert "/eth2/beacon_chain/req/metadata/1/ssz_snappy" in report.protocols
    assert report.protocols == sorted(report.protocols)
    assert (report.status, report.metadata, report.stage) == (STATUS, METADATA, "done")
    assert list(report.rtt) == ROUND_TRIPS
    assert all(0 < seconds < HANG for seconds in report.rtt.values())


def test_leaves_politely(ours: Rumor, crowd: Crowd) -> None:
    host = crowd.healthy()
    with host.actor.host.notify("connection_close") as notes:
        for count in (1, 2, 3):
            assert probe(ours, host.addr).ok
            assert notes.event() == "connection_close"
            assert crowd.goodbyes == [eth2.Goodbye(reason=1)] * count
    assert host.actor.peer.list().data["peers"] == []


@pytest.mark.rumor
def test_by_its_enr(rumor: Rumor) -> None:
    with Crowd(rumor) as crowd:
        host = crowd.healthy()
        host.actor.enr.make()
        enr = host.actor.enr.view().enr()
        assert enr.startswith("enr:")
        report = probe(rumor, enr)
    assert report.ok
    assert report.peer_id == host.peer_id


def test_as_plain_values(ours: Rumor, crowd: Crowd) -> None:
    report = probe(ours, crowd.healthy().addr)
    plain = json.loads(json.dumps(report.to_dict()))
    assert list(plain) == [
        "addr", "peer_id", "agent", "protocols", "status", "metadata", "rtt", "stage", "error", "enr",
        "goodbye", "goodbye_text", "network", "fork", "fork_digest", "head_age", "asked_at",
    ]  # fmt: skip
    assert plain["metadata"] == {"seq_number": 7, "attnets": "0x" + "ff" * 8}
    assert plain["status"] == {
        "fork_digest": "0x01020304",
        "finalized_root": "0x" + "05" * 32,
        "finalized_epoch": 6,
        "head_root": "0x" + "07" * 32,
        "head_slot": 8,
    }


def test_without_metadata(ours: Rumor, crowd: Crowd) -> None:
    assert_stopped(probe(ours, crowd.without_metadata().addr), "metadata", "protocol not supported")


def test_with_an_error(ours: Rumor, crowd: Crowd) -> None:
    assert_stopped(probe(ours, crowd.failing().addr), "status", "out of order")


def test_that_never_answers(ours: Rumor, crowd: Crowd) -> None:
    host = crowd.silent()
    began = monotonic()
    report = probe(ours, host.addr, timeout=1)
    assert 0.9 <= monotonic() - began < 3
    assert_stopped(report, "status", "no answer within 1 s")
    assert str(report.agent).startswith("silent")


def test_that_answers_nonsense(ours: Rumor, crowd: Crowd) -> None:
    assert_stopped(probe(ours, crowd.confused().addr), "status", "a Status has 84 bytes, not 83")


def test_where_nobody_listens(ours: Rumor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    report = probe(ours, f"/ip4/127.0.0.1/tcp/{port}/p2p/{STRANGER}")
    assert_stopped(report, "connect", "refused")
    assert report.peer_id == STRANGER


@pytest.mark.rumor
def test_where_something_else_listens(rumor: Rumor) -> None:
    """It takes the connection, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        began = monotonic()
        report = probe(rumor, f"/ip4/127.0.0.1/tcp/{mute.getsockname()[1]}/p2p/{STRANGER}", timeout=1)
        assert monotonic() - began < 3
    assert_stopped(report, "connect", "")


def test_a_wrong_peer_id(ours: Rumor, crowd: Crowd) -> None:
    where = crowd.healthy().addr.partition("/p2p/")[0]
    assert_stopped(probe(ours, f"{where}/p2p/{STRANGER}"), "connect", "peer id mismatch")


@pytest.mark.parametrize(
    "addr",
    ["", "nonsense", "enr:", "enr:AAAA", "-x", "help", "/ip4/127.0.0.1/tcp/1", "$(id)", "nul \0 in it", "two\nlines"],
)
def test_no_address(ours: Rumor, addr: str) -> None:
    report = probe(ours, addr)
    assert_stopped(report, "connect", "")
    assert (report.addr, report.peer_id) == (addr, None)


@pytest.mark.rumor
def test_another_kind_of_key(rumor: Rumor) -> None:
    """Rumor crashes when it is asked what it knows of such a peer, so it is not."""
    report = probe(rumor, "/ip4/127.0.0.1/tcp/1/p2p/QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N")
    assert_stopped(report, "connect", "refused")
    assert rumor.shell("true").status == 0


def test_arguments(ours: Rumor) -> None:
    with pytest.raises(TypeError):
        probe(ours, b"/ip4/127.0.0.1")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="timeout"):
        probe(ours, "/ip4/127.0.0.1", timeout=-1)
    assert probe(ours, NOBODY, timeout=0).stage == "start"
    assert probe(ours, NOBODY, timeout=None).stage == "connect"
    with pytest.raises(ValueError, match="known by name are mainnet"):
        probe(ours, NOBODY, network="mainet")
    with pytest.raises(TypeError, match="network"):
        probe(ours, NOBODY, network=1)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="status"):
        probe(ours, NOBODY, status=b"")  # type: ignore[arg-type]


def test_many_at_once(ours: Rumor, crowd: Crowd) -> None:
    kinds: list[tuple[Callable[[], Any], str]] = [
        (crowd.healthy, "done"),
        (crowd.without_metadata, "metadata"),
        (crowd.failing, "status"),
        (crowd.confused, "status"),
        (crowd.silent, "status"),
    ]
    expected = {make().addr: stage for _ in range(10) for make, stage in kinds}
    assert len(expected) == 50
    with ThreadPoolExecutor(50) as pool:
        reports = list(pool.map(partial(probe, ours, timeout=8), expected))
    assert {report.addr: report.stage for report in reports} == expected
    assert [report.addr for report in reports if report.ok] == [a for a, stage in expected.items() if stage == "done"]


def test_a_lost_rumor(peer: ScriptedServer) -> None:
    with peer.rumor() as rumor:

        def vanish() -> None:
            peer.line()
            peer.hang_up()

        vanishing = threading.Thread(target=vanish)
        vanishing.start()
        with pytest.raises(ConnectionLost):
            probe(rumor, NOBODY)
        vanishing.join(HANG)
