"""The engine's libp2p meets py-libp2p: either side dials, over yamux and over mplex."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pyrum_sync import EmbeddedConn, Rumor, eth2

from . import cases
from .conftest import Start, missing
from .engine_host import EngineHost, needed_network, tcp_network
from .peer import Peer

YAMUX, MPLEX = ("py",), ("py", "--muxer", "mplex")
BOTH = pytest.mark.parametrize("program", [YAMUX, MPLEX], ids=" ".join)
DIALLERS = pytest.mark.parametrize("dialler", ["we", "they"])


@pytest.fixture
def ours() -> Iterator[EngineHost]:
    if tcp_network() is None:
        missing("the engine has no network of sockets here")
    with EngineHost(needed_network) as host:
        yield host


def meet(host: EngineHost, peer: Peer, dialler: str) -> None:
    """One of the two dials the other, and both know it."""
    if dialler == "we":
        assert host.dial(peer.addr) == peer.peer_id
    else:
        peer.command("dial", addr=host.addr)
    peer.event("connected", peer=host.peer_id)
    host.identify(peer.peer_id)


def identify(host: EngineHost, peer: Peer) -> None:
    """Each learns what the other serves; py-libp2p keeps neither agent nor observed address."""
    found = host.identify(peer.peer_id)
    assert found.agent.startswith("py-libp2p")
    assert {cases.ECHO, cases.PING, "/ipfs/id/1.0.0"} <= found.protocols
    peer.event("identified", peer=host.peer_id)
    known = peer.command("identify", peer=host.peer_id)
    assert {cases.ECHO, cases.PING, "/ipfs/id/1.0.0"} <= set(known["protocols"])
    assert known["key_type"] == "Secp256k1"


def ten_at_once(host: EngineHost, peer: Peer) -> None:
    cases.many(host, peer, 10, 10_000)


@DIALLERS
@BOTH
@pytest.mark.parametrize(
    "case",
    [
        cases.connected,
        identify,
        cases.ping,
        cases.echoes,
        cases.half_close,
        cases.half_close_by_the_answerer,
        cases.chunks,
        cases.unknown_protocol,
        cases.reset,
        ten_at_once,
        cases.disconnected_by_us,
        cases.disconnected_by_the_peer,
        cases.killed,
    ],
    ids=cases.name,
)
def test_case(start: Start, ours: EngineHost, case: cases.Case, program: tuple[str, ...], dialler: str) -> None:
    peer = start(*program)
    meet(ours, peer, dialler)
    case(ours, peer)


@DIALLERS
@pytest.mark.parametrize("key", ["ed25519", "rsa"])
def test_keys(start: Start, ours: EngineHost, key: str, dialler: str) -> None:
    peer = start("py", "--key", key)
    meet(ours, peer, dialler)
    cases.connected(ours, peer)
    cases.half_close(ours, peer)


@BOTH
def test_a_status_through_the_client(start: Start, program: tuple[str, ...]) -> None:
    peer = start(*program)
    with Rumor(EmbeddedConn(), timeout=30) as rumor:
        alice = rumor.actor("alice")
        alice.host.start()
        alice.peer.connect(peer.addr)
        for _ in range(3):
            found = eth2.status(alice, peer.peer_id, version=2)
            assert found.fork_digest == bytes.fromhex("b76ba606")
            assert (found.head_slot, found.earliest_available_slot) == (300, 5)
