"""A host of the engine over TCP and a host of the real Rumor meet: either dials, over either muxer."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from pyrum_sync import Rumor, eth2
from pyrum_sync.engine.network.api import NetworkError, Stream
from pyrum_sync.engine.network.libp2p.network import LibP2PNetwork
from pyrum_sync.eth2 import Status
from pyrum_sync.spec import codec
from pyrum_sync.spec.methods import method
from tests.interop.engine_host import EngineHost
from tests.real.hosts import Host, eventually, start

pytestmark = pytest.mark.rumor

PING = "/eth2/beacon_chain/req/ping/1/ssz_snappy"
LIBP2P_PING = "/ipfs/ping/1.0.0"
DELTA = "/p2p/id/delta/1.0.0"
STATUS_METHOD = method("status", 1)
OURS = Status(fork_digest=b"\1\2\3\4", finalized_epoch=5, head_slot=170)
THEIRS = Status(fork_digest=b"\1\2\3\4", finalized_epoch=6, head_slot=200)

both_diallers = pytest.mark.parametrize("dialler", ["engine", "rumor"])
both_muxers = pytest.mark.parametrize("muxer", ["yamux", "mplex"])


@pytest.fixture
def ours() -> Iterator[EngineHost]:
    """A host of the engine."""
    with EngineHost(LibP2PNetwork) as host:
        yield host


def meet(ours: EngineHost, theirs: Host, dialler: str) -> None:
    """One of the two dials the other; both know it, and each other."""
    if dialler == "engine":
        assert ours.dial(theirs.addr) == theirs.peer_id
    else:
        theirs.actor.peer.connect(ours.addr)
    ours.identify(theirs.peer_id)
    assert eventually(lambda: theirs.actor.peer.list().peers() == [ours.peer_id])
    theirs.actor.peer.identify(ours.peer_id)


async def answer_status(stream: Stream) -> None:
    """Answers a Status with another that is one slot further on."""
    decoder = codec.RequestDecoder.of(STATUS_METHOD)
    asked: bytes | None = None
    while asked is None:
        data = await stream.read()
        assert data
        asked = decoder.feed(data)
    status = Status.decode_bytes(asked)
    status.head_slot += 1
    stream.write(codec.encode_chunk(status.encode_bytes()))
    stream.close_write()


def ask_status(ours: EngineHost, peer: str, status: Status) -> Status:
    """Asks a peer for its Status."""
    answer = ours.request(peer, STATUS_METHOD.protocol(), codec.encode_request(status.encode_bytes()))
    (chunk,) = codec.ResponseDecoder.of(STATUS_METHOD).feed(answer)
    return Status.decode_bytes(chunk.ssz)


# -- connections


@both_diallers
@both_muxers
def test_they_meet_and_part(rumor: Rumor, ours: EngineHost, muxer: str, dialler: str) -> None:
    theirs = start(rumor.actor("alice"), mux=muxer)
    notes = theirs.actor.host.notify("connection")
    meet(ours, theirs, dialler)
    found = ours.identify(theirs.peer_id)
    assert found.agent == "Rumor"
    assert {"/ipfs/id/1.0.0", "/ipfs/id/push/1.0.0", DELTA} <= found.protocols
    assert theirs.addr.partition("/p2p/")[0] in found.addrs
    info = theirs.actor.peer.info(ours.peer_id).data
    assert info["user_agent"] == "interop-engine"
    assert {"/ipfs/id/1.0.0", "/test/echo/1"} <= set(info["protocols"])
    assert ours.addr.partition("/p2p/")[0] in str(info["addrs"])
    seen = notes.entries()
    opened = next(seen)
    assert (opened["event"], opened["peer"]) == ("connection_open", ours.peer_id)
    assert opened["direction"] == ("inbound" if dialler == "engine" else "outbound")
    if dialler == "engine":
        ours.disconnect(theirs.peer_id)
        assert eventually(lambda: not theirs.actor.peer.list().peers())
    else:
        theirs.actor.peer.disconnect(ours.peer_id)
        ours.gone(theirs.peer_id)
    assert next(seen)["event"] == "connection_close"


def test_another_peer_answers(rumor: Rumor, ours: EngineHost) -> None:
    alice, bob = start(rumor.actor("alice")), start(rumor.actor("bob"))
    with pytest.raises(NetworkError) as failure:
        ours.dial(alice.addr.replace(alice.peer_id, bob.peer_id))
    mismatch = f"peer id mismatch: expected {bob.peer_id}, but remote key matches {alice.peer_id}"
    assert mismatch in str(failure.value)
    assert ours.peers() == set()


def test_rumor_does_not_take_us_for_another(rumor: Rumor, ours: EngineHost) -> None:
    from pyrum_sync import CallError

    alice, bob = start(rumor.actor("alice")), start(rumor.actor("bob"))
    with pytest.raises(CallError, match="peer id mismatch"):
        alice.actor.peer.connect(ours.addr.replace(ours.peer_id, bob.peer_id))
    assert eventually(lambda: ours.peers() == set())


def test_both_dial_at_once(rumor: Rumor, ours: EngineHost) -> None:
    """Whether there are one or two connections, each side has one peer, and requests go both ways."""
    theirs = start(rumor.actor("alice"))
    ours.serve(STATUS_METHOD.protocol(), answer_status)
    with ThreadPoolExecutor(2) as pool:
        for _ in range(10):
            dials: list[Future[Any]] = [
                pool.submit(ours.dial, theirs.addr),
                pool.submit(theirs.actor.peer.connect, ours.addr),
            ]
            for dial in dials:
                dial.result()
            assert ours.peers() == {theirs.peer_id}
            assert eth2.status(theirs.actor, ours.peer_id, OURS, version=1).head_slot == 171
            theirs.actor.peer.disconnect(ours.peer_id)
            ours.gone(theirs.peer_id)
            assert eventually(lambda: not theirs.actor.peer.list().peers())


def test_a_rumor_that_is_killed_is_noticed(rumor: Rumor, ours: EngineHost) -> None:
    theirs = start(rumor.actor("alice"))
    meet(ours, theirs, "engine")
    theirs.actor.kill()
    ours.gone(theirs.peer_id)


# -- identify


@both_muxers
def test_changes_of_protocols_are_told_both_ways(rumor: Rumor, ours: EngineHost, muxer: str) -> None:
    """As the difference: the hosts of 2020 send it so."""
    theirs = start(rumor.actor("alice"), mux=muxer)
    meet(ours, theirs, "engine")
    with theirs.actor.rpc.ping.listen(raw=True):
        assert eventually(lambda: PING in ours.identify(theirs.peer_id).protocols)
    assert eventually(lambda: PING not in ours.identify(theirs.peer_id).protocols)

    def known() -> object:
        return theirs.actor.peer.info(ours.peer_id).data["protocols"]

    ours.serve("/test/new/1", answer_status)
    assert eventually(lambda: "/test/new/1" in str(known()))
    ours.unserve("/test/new/1")
    assert eventually(lambda: "/test/new/1" not in str(known()))


def test_a_new_address_is_told(rumor: Rumor, ours: EngineHost) -> None:
    theirs = start(rumor.actor("alice"))
    meet(ours, theirs, "engine")
    theirs.actor.host.listen(ip="127.0.0.1", tcp=0)
    assert eventually(lambda: len(ours.identify(theirs.peer_id).addrs) == 2)
    added = ours.listen()
    assert eventually(lambda: added in str(theirs.actor.peer.info(ours.peer_id).data["addrs"]))


def test_ping(rumor: Rumor, ours: EngineHost) -> None:
    """Rumor answers libp2p's ping if it is asked to."""
    theirs = start(rumor.actor("alice"), libp2p_ping=True)
    meet(ours, theirs, "engine")
    assert 0 <= ours.ping(theirs.peer_id) < 10
    deaf = start(rumor.actor("bob"))
    meet(ours, deaf, "engine")
    with pytest.raises(NetworkError, match="protocol not supported"):
        ours.ping(deaf.peer_id)


# -- requests


@both_diallers
@both_muxers
def test_requests(rumor: Rumor, ours: EngineHost, muxer: str, dialler: str) -> None:
    theirs = start(rumor.actor("alice"), mux=muxer)
    ours.serve(STATUS_METHOD.protocol(), answer_status)
    meet(ours, theirs, dialler)
    for _ in range(3):
        assert eth2.status(theirs.actor, ours.peer_id, OURS, version=1).head_slot == 171
    with eth2.serve(theirs.actor, "status", lambda _: THEIRS, version=1):
        for _ in range(3):
            assert ask_status(ours, theirs.peer_id, OURS) == THEIRS


@both_muxers
def test_many_requests_at_once(rumor: Rumor, ours: EngineHost, muxer: str) -> None:
    theirs = start(rumor.actor("alice"), mux=muxer)
    ours.serve(STATUS_METHOD.protocol(), answer_status)
    meet(ours, theirs, "engine")
    with ThreadPoolExecutor(20) as pool:
        asked = [pool.submit(eth2.status, theirs.actor, ours.peer_id, OURS, version=1) for _ in range(60)]
        assert [request.result().head_slot for request in asked] == [171] * 60
