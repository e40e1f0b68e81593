"""Answers of many blocks between the engine and go-libp2p: whole, in order, each with its context, over a fork."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pyrum_sync import Actor, EmbeddedConn, Rumor, eth2

from .conftest import Start, missing
from .data import generated
from .engine_host import tcp_network
from .peer import Peer, PeerError

PROTOCOL = "/eth2/beacon_chain/req/beacon_blocks_by_range/2/ssz_snappy"
FIRST, COUNT = 60, 12
DIGESTS = (bytes.fromhex("01eb3100"), bytes.fromhex("b76ba606"))  # up to slot 63, and from slot 64
PREFIX = 184
"""Bytes of a block of the Go program before its generated ones."""
SECONDS = 30.0


@pytest.fixture
def alice() -> Iterator[Actor]:
    """A host of the engine that listens, driven by the client."""
    if tcp_network() is None:
        missing("the engine has no network of sockets here")
    with Rumor(EmbeddedConn(), timeout=SECONDS) as rumor:
        actor = rumor.actor("alice")
        actor.host.start()
        actor.host.listen(ip="127.0.0.1", tcp=0)
        yield actor


def address(alice: Actor) -> str:
    addr: str = alice.host.view().addr()
    return addr


def digest(slot: int) -> bytes:
    return DIGESTS[slot >= 64]


def block(slot: int) -> bytes:
    """Up to 1.5 MB, of what compresses and of what does not."""
    return slot.to_bytes(8, "little") + b"".join(generated(slot % 7 * 250_000, slot))


def request(slot: int, count: int) -> str:
    return b"".join(number.to_bytes(8, "little") for number in (slot, count, 1)).hex()


def ask(peer: Peer, host: str, slot: int, count: int) -> list[tuple[int, bytes, bytes]]:
    answer = peer.command(
        "eth2_request", timeout=SECONDS, peer=host, protocol=PROTOCOL, ssz_hex=request(slot, count), context=True
    )
    return [
        (chunk["result"], bytes.fromhex(chunk["context"]), bytes.fromhex(chunk["ssz_hex"]))
        for chunk in answer["chunks"]
    ]


@pytest.mark.parametrize("dialler", ["we", "they"])
def test_go_reads_ours(start: Start, alice: Actor, dialler: str) -> None:
    peer = start("go")
    addr = address(alice)
    host = addr.rpartition("/")[2]
    asked = []

    def answer(wanted: eth2.BlocksByRangeRequest) -> list[tuple[bytes, bytes]]:
        asked.append((wanted.start_slot, wanted.count))
        if wanted.count > 128:
            raise ValueError("too many")
        return [(digest(slot), block(slot)) for slot in range(wanted.start_slot, wanted.start_slot + wanted.count)]

    with eth2.serve(alice, "blocks_by_range", answer, version=2, timeout=SECONDS):
        if dialler == "we":
            alice.peer.connect(peer.addr)
        else:
            peer.command("dial", addr=addr)
        for first in (FIRST, 0):
            wanted = [(0, digest(slot), block(slot)) for slot in range(first, first + COUNT)]
            assert ask(peer, host, first, COUNT) == wanted
        assert ask(peer, host, 5, 0) == []
        ((result, context, text),) = ask(peer, host, 5, 1000)
        assert (result, context) == (2, b"")
        assert b"too many" in text
        under_way = [
            peer.begin("eth2_request", peer=host, protocol=PROTOCOL, ssz_hex=request(slot, 3), context=True)
            for slot in range(8)
        ]
        for slot, future in enumerate(under_way):
            got = [bytes.fromhex(chunk["ssz_hex"]) for chunk in future.result(SECONDS)["chunks"]]
            assert got == [block(each) for each in range(slot, slot + 3)]
    assert (FIRST, COUNT) in asked
    with pytest.raises(PeerError):
        ask(peer, host, FIRST, COUNT)


@pytest.mark.parametrize("dialler", ["we", "they"])
def test_we_read_gos(start: Start, alice: Actor, dialler: str) -> None:
    peer = start("go")
    if dialler == "we":
        alice.peer.connect(peer.addr)
    else:
        peer.command("dial", addr=address(alice))
    found = eth2.blocks_by_range(alice, peer.peer_id, FIRST, COUNT, version=2, contexts=True, timeout=SECONDS)
    slots = range(FIRST, FIRST + COUNT)
    assert [context for context, _ in found] == [digest(slot) for slot in slots]
    for slot, (_, data) in zip(slots, found, strict=True):
        assert int.from_bytes(data[100:108], "little") == slot
        assert data[PREFIX:] == b"".join(generated(slot % 70 * 2000, slot))
    seen = peer.event("eth2_request", protocol=PROTOCOL)
    assert (seen["ssz_hex"], seen["rest_hex"]) == (request(FIRST, COUNT), "")
    many = eth2.blocks_by_range(alice, peer.peer_id, 0, 300, timeout=SECONDS)
    assert [int.from_bytes(data[100:108], "little") for data in many] == list(range(300))
