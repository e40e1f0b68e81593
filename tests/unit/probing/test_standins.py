"""Probes of peers that behave as a Prysm and a Lodestar do, over real libp2p, in another process."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic
from typing import Any

import pytest

from pyrum_sync import EmbeddedConn, Rumor, eth2, probe
from pyrum_sync.probing import PeerReport
from pyrum_sync.spec.codec import RequestDecoder, ResponseDecoder
from tests.conftest import HANG
from tests.support.standin import StandIns, recorded

BEHAVIOURS = (
    "prysm", "prysm for its record", "lodestar", "lodestar for its record", "prysm hang-up", "prysm mute-status",
    "prysm tolerant", "prysm asks tolerant", "lodestar asks tolerant", "lodestar no-identify", "prysm goodbye=129",
    "prysm rate=1", "prysm once", "prysm for a chosen status", "prysm slow=0.3", "prysm silent", "prysm tolerant reset",
    "prysm reset-status", "prysm error tolerant", "prysm nonsense tolerant", "prysm no-metadata tolerant",
    "prysm for its digest", "prysm for a network",
)  # fmt: skip
PRYSM = eth2.decode(eth2.StatusV2, recorded("prysm", "status/2")["chunks"][0]["ssz"])
LODESTAR = eth2.decode(eth2.Status, recorded("lodestar", "status/1")["chunks"][0]["ssz"])


class Bench:
    """The peers, and the engine that probes them."""

    def __init__(self, rumor: Rumor, peers: StandIns) -> None:
        self.rumor = rumor
        self.peers = peers

    def probe(self, behaviour: str, *, by_record: bool = False, **options: Any) -> PeerReport:
        number = BEHAVIOURS.index(behaviour)
        addr = (self.peers.enrs if by_record else self.peers.addrs)[number]
        report = probe(self.rumor, addr, **{"timeout": HANG, **options})
        assert report.addr == addr
        assert report.peer_id == self.peers.addrs[number].rpartition("/")[2]
        return report

    def saw(self, what: str, count: int, behaviour: str) -> list[dict[str, Any]]:
        """What the peer saw, once it has seen it so often; more often would be wrong."""
        events = self.peers.wait_for(what, count, BEHAVIOURS.index(behaviour))
        assert len(events) == count, events
        return events

    def statuses(self, behaviour: str, count: int) -> list[Any]:
        """Our Status as the peer got it, so often."""
        return [_status(bytes.fromhex(event["wire"])) for event in self.saw("status", count, behaviour)]


def _status(wire: bytes) -> Any:
    decoder = RequestDecoder(84, 92)
    data = decoder.feed(wire) or decoder.finish()
    return eth2.decode(eth2.StatusV2 if len(data) == 92 else eth2.Status, data)


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with StandIns(BEHAVIOURS) as peers, Rumor(EmbeddedConn(), timeout=HANG) as rumor:
        yield Bench(rumor, peers)


def assert_whole(report: PeerReport) -> None:
    assert (report.stage, report.error) == ("done", None)
    if report.agent is not None:
        assert list(report.rtt) == ["connect", "identify", "status", "metadata", "ping"]
    assert report.asked_at is not None


@pytest.mark.parametrize("behaviour", ["prysm", "lodestar"])
def test_a_peer_that_says_goodbye_over_our_digest_is_asked_again(bench: Bench, behaviour: str) -> None:
    """It answers a foreign fork digest with its own Status, says goodbye 2 and hangs up."""
    theirs = PRYSM if behaviour == "prysm" else LODESTAR
    report = bench.probe(behaviour)
    assert_whole(report)
    assert report.status == theirs
    assert (report.goodbye, report.goodbye_text) == (2, "irrelevant network")
    assert isinstance(report.metadata, eth2.MetaDataV3 if behaviour == "prysm" else eth2.MetaDataV2)
    bench.saw("connected", 2, behaviour)
    first, second = bench.statuses(behaviour, 2)
    assert first.fork_digest == bytes(4)
    for name in eth2.Status.fields():
        assert getattr(second, name) == getattr(theirs, name)
    assert len(bench.saw("metadata", 1, behaviour)) == 1
    assert len(bench.saw("ping", 1, behaviour)) == 1


@pytest.mark.parametrize("behaviour", ["prysm for its record", "lodestar for its record"])
def test_a_peer_whose_record_has_its_digest_is_asked_once(bench: Bench, behaviour: str) -> None:
    report = bench.probe(behaviour, by_record=True)
    assert_whole(report)
    assert report.goodbye is None
    assert report.enr is not None
    bench.saw("connected", 1, behaviour)
    (ours,) = bench.statuses(behaviour, 1)
    assert report.status is not None
    assert ours.fork_digest == report.status.fork_digest
    # and leaves with a goodbye of its own: shutting down
    (goodbye,) = bench.saw("goodbye", 1, behaviour)
    assert RequestDecoder(8, 8).feed(bytes.fromhex(goodbye["wire"])) == (1).to_bytes(8, "little")
    bench.saw("disconnected", 1, behaviour)


def test_a_peer_that_just_hangs_up_is_asked_again(bench: Bench) -> None:
    report = bench.probe("prysm hang-up")
    assert_whole(report)
    assert report.goodbye is None
    bench.saw("connected", 2, "prysm hang-up")


def test_a_peer_that_does_not_even_answer_but_asked_us(bench: Bench) -> None:
    """Its own Status came with its request for ours."""
    report = bench.probe("prysm mute-status")
    assert_whole(report)
    assert report.status == PRYSM
    assert bench.statuses("prysm mute-status", 2)[1].head_root == PRYSM.head_root


def test_a_peer_that_stays_is_asked_on_one_connection(bench: Bench) -> None:
    report = bench.probe("prysm tolerant")
    assert_whole(report)
    assert report.goodbye is None
    bench.saw("connected", 1, "prysm tolerant")


@pytest.mark.parametrize("target", ["prysm", "lodestar"])
def test_what_the_peer_asks_is_answered_meanwhile(bench: Bench, target: str) -> None:
    """It answers our Status only after it has ours, our metadata and a pong: each in its own version."""
    behaviour = f"{target} asks tolerant"
    assert_whole(bench.probe(behaviour))
    answers = bench.saw("answered", 3, behaviour)
    status, metadata, pong = (_chunk(bytes.fromhex(event["wire"])) for event in answers)
    if target == "prysm":
        assert eth2.decode(eth2.StatusV2, status) == eth2.StatusV2()
        assert eth2.decode(eth2.MetaDataV3, metadata).custody_group_count == 4
    else:
        assert eth2.decode(eth2.Status, status) == eth2.Status()
        assert eth2.decode(eth2.MetaDataV2, metadata) == eth2.MetaDataV2()
    assert eth2.decode(eth2.Ping, pong) == eth2.Ping()


def _chunk(wire: bytes) -> bytes:
    (chunk,) = ResponseDecoder(0, 1000).feed(wire)
    assert chunk.result == 0
    return bytes(chunk.ssz)


def test_a_peer_without_identify_is_asked_all_the_same(bench: Bench) -> None:
    began = monotonic()
    report = bench.probe("lodestar no-identify", timeout=9)
    assert monotonic() - began < 6
    assert_whole(report)
    assert (report.agent, report.protocols) == (None, [])
    assert "identify" not in report.rtt
    assert isinstance(report.metadata, eth2.MetaDataV2)  # found out by asking
    bench.saw("connected", 2, "lodestar no-identify")


def test_another_goodbye_is_no_reason_to_come_again(bench: Bench) -> None:
    report = bench.probe("prysm goodbye=129")
    assert (report.goodbye, report.error) in [
        (129, "the peer said goodbye, 129: too many peers"),
        (129, None),  # it came after everything was answered
        (None, None),
    ]
    bench.statuses("prysm goodbye=129", 1)


def test_a_peer_that_limits_the_rate_is_waited_for(bench: Bench) -> None:
    """One request of a kind at once, then one a second: the second Status is one too many."""
    report = bench.probe("prysm rate=1")
    assert_whole(report)
    bench.saw("limited", 1, "prysm rate=1")


def test_a_peer_that_cannot_be_connected_to_again(bench: Bench) -> None:
    report = bench.probe("prysm once")
    assert report.stage == "metadata"
    assert str(report.error).startswith(
        "the peer said goodbye, 2: irrelevant network; it cannot be connected to again: dial tcp4 127.0.0.1:"
    )
    assert (report.status, report.metadata, report.goodbye) == (PRYSM, None, 2)


def test_a_chosen_status_is_the_only_one(bench: Bench) -> None:
    behaviour = "prysm for a chosen status"
    chosen = eth2.Status(fork_digest=b"\1\2\3\4", head_slot=5)
    report = bench.probe(behaviour, status=chosen)
    assert report.status == PRYSM
    assert report.goodbye in (None, 2)  # it may come after everything was answered
    (ours,) = bench.statuses(behaviour, 1)
    assert ours == eth2.StatusV2(fork_digest=b"\1\2\3\4", head_slot=5)

    right = eth2.StatusV2(fork_digest=PRYSM.fork_digest)
    assert_whole(bench.probe("prysm for its digest", status=right))
    bench.saw("connected", 1, "prysm for its digest")


def test_the_digest_of_a_network(bench: Bench) -> None:
    mainnet = eth2.NETWORKS["mainnet"]
    before = mainnet.fork_digest()
    assert_whole(bench.probe("prysm for a network", network="mainnet"))
    assert bench.statuses("prysm for a network", 2)[0].fork_digest in (before, mainnet.fork_digest())


def test_a_slow_peer(bench: Bench) -> None:
    report = bench.probe("prysm slow=0.3")
    assert_whole(report)
    assert 0.3 < report.rtt["metadata"] < HANG


def test_a_silent_peer(bench: Bench) -> None:
    began = monotonic()
    report = bench.probe("prysm silent", timeout=1)
    assert monotonic() - began < 3
    assert (report.stage, report.error) == ("status", "no answer within 1 s")
    assert str(report.agent).startswith("Prysm/")


@pytest.mark.parametrize(
    ("behaviour", "stage", "error"),
    [
        ("prysm tolerant reset", "metadata", "stream reset"),
        ("prysm reset-status", "status", "stream reset"),
        ("prysm error tolerant", "status", r"out of\x1b[31m order"),
        ("prysm nonsense tolerant", "status", "a StatusV2 has 92 bytes, not 83"),
        ("prysm no-metadata tolerant", "metadata", "protocol not supported"),
    ],
)
def test_a_request_that_fails_ends_the_probe(bench: Bench, behaviour: str, stage: str, error: str) -> None:
    report = bench.probe(behaviour)
    assert report.stage == stage
    assert error in str(report.error)
    bench.saw("connected", 1, behaviour)


def test_nothing_is_left_in_the_engine(bench: Bench) -> None:
    bench.probe("prysm tolerant")
    assert bench.rumor.calls == {}
