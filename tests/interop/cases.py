"""What must go well between our side and a peer program, whichever of the two has dialled."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from .data import Digest, generated
from .hosts import Host
from .peer import Peer, PeerError

Case = Callable[[Host, Peer], None]

LARGE = 64 << 20
PING = "/ipfs/ping/1.0.0"
ECHO, HASH, CHUNKS = "/test/echo/1", "/test/hash/1", "/test/chunks/1"
EARLY, RESET, UNKNOWN = "/test/early/1", "/test/reset/1", "/test/nobody-has-this/1"


def _echo(host: Host, peer: Peer, data: bytes) -> None:
    assert host.request(peer.peer_id, ECHO, data) == data
    back = peer.command("request", peer=host.peer_id, protocol=ECHO, data_hex=data.hex())
    assert back["data_hex"] == data.hex()


def connected(host: Host, peer: Peer) -> None:
    """Each knows the other by the id that it has proven."""
    assert host.peers() == {peer.peer_id}
    assert peer.command("peers")["peers"] == [host.peer_id]


def identify(host: Host, peer: Peer) -> None:
    """Each learns the other's agent, protocols, addresses, and how it is itself seen."""
    found = host.identify(peer.peer_id)
    assert found.agent.startswith("interop-")
    assert {ECHO, PING, "/ipfs/id/1.0.0"} <= found.protocols
    assert peer.addr.removesuffix(f"/p2p/{peer.peer_id}") in {each.split("/p2p/")[0] for each in found.addrs}
    assert found.observed is None or found.observed.startswith("/ip4/127.0.0.1/tcp/")
    peer.event("identified", peer=host.peer_id)
    known = peer.command("identify", peer=host.peer_id)
    assert known["agent"]
    assert {ECHO, PING, "/ipfs/id/1.0.0"} <= set(known["protocols"])
    assert host.addr.split("/p2p/")[0] in {each.split("/p2p/")[0] for each in known["addrs"]}
    assert known["observed"].startswith("/ip4/127.0.0.1/tcp/")


def ping(host: Host, peer: Peer) -> None:
    for _ in range(3):
        assert 0 <= host.ping(peer.peer_id) < 10
        assert peer.command("ping", peer=host.peer_id)["rtt_us"] < 10e6


def echoes(host: Host, peer: Peer) -> None:
    """Of no byte, one, a frame's edge, and more than a first window."""
    for size in (0, 1, 65_518, 65_519, 65_520, 300_000):
        _echo(host, peer, b"".join(generated(size)))


def half_close(host: Host, peer: Peer) -> None:
    """An answer that comes only when the asker has closed its writing side."""
    data = b"".join(generated(100_000))
    want = Digest.of([data])
    assert json.loads(host.request(peer.peer_id, HASH, data)) == {"sha256": want.sha256, "size": want.size}
    answer = peer.command("request", peer=host.peer_id, protocol=HASH, data_hex=data.hex())
    assert json.loads(bytes.fromhex(answer["data_hex"])) == {"sha256": want.sha256, "size": want.size}


def half_close_by_the_answerer(host: Host, peer: Peer) -> None:
    """Writing goes on to a side that has closed its own writing side."""
    want = Digest.of_generated(1 << 20)
    assert host.digest(peer.peer_id, EARLY, 1 << 20) == Digest.of([b"early"])
    event = peer.event("read_all", peer=host.peer_id)
    assert Digest(event["sha256"], event["size"]) == want
    answer = peer.command("request", peer=host.peer_id, protocol=EARLY, data_size=1 << 20, read="hash")
    assert Digest(answer["sha256"], answer["size"]) == Digest.of([b"early"])
    assert host.read_all() == want


def chunks(host: Host, peer: Peer) -> None:
    """An answer in parts, with pauses."""
    asked = {"count": 5, "size": 70_000, "pause_ms": 20}
    answer = host.request(peer.peer_id, CHUNKS, json.dumps(asked).encode())
    size = (70_000).to_bytes(4, "big")
    assert answer == b"".join(size + b"".join(generated(70_000, seed)) for seed in range(5))


def unknown_protocol(host: Host, peer: Peer) -> None:
    """It is refused, and the connection lives on."""
    with pytest.raises(host.refused):
        host.request(peer.peer_id, UNKNOWN, b"hello")
    with pytest.raises(PeerError):
        peer.command("request", peer=host.peer_id, protocol=UNKNOWN, data_hex="00")
    _echo(host, peer, b"still there")


def reset(host: Host, peer: Peer) -> None:
    """A stream that the other side resets fails, and the connection lives on."""
    for _ in range(3):
        with pytest.raises(host.refused):
            # So much that its end has not come yet: rust-libp2p closes a stream whose end has come.
            host.digest(peer.peer_id, RESET, 4 << 20)
    _echo(host, peer, b"still there")


def sixty_at_once(host: Host, peer: Peer) -> None:
    many(host, peer, 60, 10_000)


def many(host: Host, peer: Peer, count: int, size: int) -> None:
    """So many requests at once, first one way, then the other, then both."""
    assert host.many(peer.peer_id, count, size) == []
    assert peer.command("many", timeout=60, peer=host.peer_id, n=count, size=size)["errors"] == []
    theirs = peer.begin("many", timeout=60, peer=host.peer_id, n=count, size=size)
    assert host.many(peer.peer_id, count, size) == []
    assert theirs.result(65)["errors"] == []


def large(host: Host, peer: Peer) -> None:
    """64 MiB out and, echoed, back again, asked for by either side."""
    want = Digest.of_generated(LARGE)
    assert host.digest(peer.peer_id, ECHO, LARGE) == want
    answer = peer.command("request", timeout=120, peer=host.peer_id, protocol=ECHO, data_size=LARGE, read="hash")
    assert Digest(answer["sha256"], answer["size"]) == want


def disconnected_by_us(host: Host, peer: Peer) -> None:
    host.disconnect(peer.peer_id)
    peer.event("disconnected", peer=host.peer_id)
    host.gone(peer.peer_id)
    assert host.peers() == set()


def disconnected_by_the_peer(host: Host, peer: Peer) -> None:
    peer.command("disconnect", peer=host.peer_id)
    host.gone(peer.peer_id)
    assert host.peers() == set()


def killed(host: Host, peer: Peer) -> None:
    """A peer that dies as after kill -9 is noticed."""
    peer.kill()
    host.gone(peer.peer_id)
    with pytest.raises(host.refused):
        host.request(peer.peer_id, ECHO, b"anybody?")


# Those that any two implementations must stand over any muxer. The last ones end the connection.
CASES: list[Case] = [
    connected,
    identify,
    ping,
    echoes,
    half_close,
    half_close_by_the_answerer,
    chunks,
    unknown_protocol,
    reset,
    disconnected_by_us,
    disconnected_by_the_peer,
    killed,
]
# Those that take longer, and that mplex, which has no back-pressure, need not stand.
LOADS: list[Case] = [sixty_at_once, large]


def name(case: Case) -> str:
    return case.__name__
