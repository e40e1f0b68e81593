"""Peers that never become one: what a host gives them is bounded, and others are served meanwhile."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from time import monotonic

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from pyrum_sync.engine.network import deadlines
from pyrum_sync.engine.network.api import DeadlineExceeded, NetworkError
from pyrum_sync.engine.network.libp2p.identity import Identity
from pyrum_sync.engine.network.libp2p.limits import Limits
from pyrum_sync.engine.network.libp2p.multistream import HEADER, encode
from pyrum_sync.engine.network.libp2p.noise import NoiseKey, encode_payload
from pyrum_sync.engine.network.libp2p.noise_xx import Handshake
from pyrum_sync.engine.network.libp2p.upgrade import Upgrade
from pyrum_sync.engine.network.peerstore import MemoryPeerstore
from pyrum_sync.spec.multiaddr import Multiaddr
from tests.attack.engine.attacker import Wire, secured, wire
from tests.attack.engine.victim import OPTIONS, Victim, victim
from tests.support.hosts import HANG, LOOPBACK, eventually, in_loop, key

NOISE = HEADER + encode("/noise")
SHORT = Limits(handshake_seconds=0.3)


def sized(message: bytes) -> bytes:
    """A message of noise on the wire."""
    return len(message).to_bytes(2, "big") + message


# -- bytes that are no handshake


GARBAGE = {
    "http": b"GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: none of this world\r\nAccept: */*\r\n\r\n",
    "tls": bytes.fromhex("16030100c8010000c40303") + bytes(200),
    "zeros": bytes(4096),
    "long varint": b"\xff" * 64,
    "a short wrong header": b"GET",
    "half a wrong header": b"\x13/multistream/2",
    "another multistream": b"\x14/multistream/2.0.0\n\n",
    "plaintext": HEADER + encode("/plaintext/2.0.0") * 100,
    "an old security": HEADER + encode("/secio/1.0.0") + encode("/tls/1.0.0") * 70,
    "noise of 64 KiB": NOISE + b"\xff\xff" + bytes(65_535),
    "noise without a key": NOISE + sized(b""),
    "a proposal of 64 KiB": HEADER + b"\xff\xff\x03" + b"/" * 65_535,
}


@pytest.mark.parametrize("sent", GARBAGE.values(), ids=GARBAGE)
@in_loop
async def test_garbage_is_hung_up_on(sent: bytes) -> None:
    async with victim() as target, wire(target.address) as attacker:
        attacker.send(sent)
        await attacker.closed()
        assert target.host.peers() == []
        await target.is_well()


@in_loop
async def test_chance_is_hung_up_on() -> None:
    async with victim() as target:
        for size in (20, 100, 1000, 70_000):
            async with wire(target.address) as attacker:
                attacker.send(b"\x13" + os.urandom(size))
                await attacker.closed()
        await target.is_well()


# -- time


PARTS = {
    "nothing": b"",
    "half a header": HEADER[:10],
    "a header": HEADER,
    "noise agreed on": NOISE,
    "half a message": NOISE + b"\x10\x00" + bytes(2000),
    "one of two messages": NOISE + sized(bytes(range(1, 33))),
}


@pytest.mark.parametrize("sent", PARTS.values(), ids=PARTS)
@in_loop
async def test_half_a_handshake_has_its_time_limit(sent: bytes) -> None:
    async with victim(SHORT) as target, wire(target.address) as attacker:
        began = monotonic()
        attacker.send(sent)
        await attacker.closed()
        assert monotonic() - began >= 0.2
        await target.is_well()


@in_loop
async def test_dripping_does_not_prolong_it() -> None:
    async with victim(SHORT) as target, wire(target.address) as attacker:
        began = monotonic()
        for byte in NOISE * 100:
            attacker.send(bytes((byte,)))
            await attacker.drain()
            await asyncio.sleep(0.02)
            if attacker.is_closed:
                break
        assert attacker.is_closed
        assert monotonic() - began < 2


@in_loop
async def test_a_muxer_is_agreed_on_in_the_same_time() -> None:
    """The identity is proven, and then nothing comes."""
    me, static = Identity.generate(), X25519PrivateKey.generate()
    async with victim(SHORT) as target:
        began = monotonic()
        await claims(target, encode_payload(me.public.encoded, NoiseKey(me, static).proof), static)
        assert monotonic() - began >= 0.2
        await target.is_well()


# -- floods


@in_loop
async def test_of_too_many_in_their_handshake_the_oldest_goes() -> None:
    async with AsyncExitStack() as stack:
        target = await stack.enter_async_context(victim(Limits(pending=8)))
        attackers = [await stack.enter_async_context(wire(target.address)) for _ in range(40)]
        for attacker in attackers[:32]:
            await attacker.closed()
        await target.is_well()  # it took the place of one more
        assert not any(attacker.is_closed for attacker in attackers[33:])


@in_loop
async def test_a_flood_between_two_turns_of_the_loop() -> None:
    """They are there before the host has heard of any: asyncio closes none whose `connection_made` is to come."""
    async with AsyncExitStack() as stack:
        target = await stack.enter_async_context(victim(Limits(pending=4, per_address=1000)))
        connecting = [asyncio.ensure_future(asyncio.open_connection(target.address.ip, target.address.port))]
        connecting += [
            asyncio.ensure_future(asyncio.open_connection(target.address.ip, target.address.port)) for _ in range(99)
        ]
        attackers = [Wire(*pair) for pair in await asyncio.gather(*connecting)]
        for attacker in attackers:
            stack.callback(attacker.close)
        await eventually(lambda: sum(attacker.is_closed for attacker in attackers) >= 96)
        await target.is_well()


@in_loop
async def test_there_is_a_most_of_connections() -> None:
    async with AsyncExitStack() as stack:
        target = await stack.enter_async_context(victim(Limits(connections=6)))
        peers = [await stack.enter_async_context(secured(target.address)) for _ in range(6)]
        await eventually(lambda: len(target.host.peers()) == 6)
        async with wire(target.address) as one_more:
            await one_more.closed()
        assert not any(peer.is_closed for peer in peers)
        other = await target.network.new_host(replace(OPTIONS, private_key=key(2)), MemoryPeerstore())
        place = await other.listen(LOOPBACK)
        with pytest.raises(NetworkError, match="connections, and opens no more"):
            await target.host.connect(place.at(other.peer_id))
        peers[0].close()
        await eventually(lambda: len(target.host.peers()) == 5)
        await target.is_well()


@in_loop
async def test_there_is_a_most_of_connections_from_one_address() -> None:
    async with AsyncExitStack() as stack:
        target = await stack.enter_async_context(victim(Limits(per_address=5)))
        for _ in range(5):
            await stack.enter_async_context(wire(target.address, source="127.0.0.7"))
        async with wire(target.address, source="127.0.0.7") as one_more:
            await one_more.closed()
        await target.is_well()  # from another


@in_loop
async def test_an_address_may_come_again() -> None:
    async with victim(Limits(per_address=5)) as target:
        for _ in range(30):
            async with wire(target.address, source="127.0.0.7") as attacker:
                attacker.send(NOISE + b"\xff\xff")
                assert await attacker.reader.read() == NOISE  # it was let in
        await target.is_well()


@in_loop
async def test_there_is_a_most_of_connections_of_one_peer() -> None:
    async with AsyncExitStack() as stack:
        target = await stack.enter_async_context(victim(Limits(per_peer=3)))
        same = Identity.generate()
        peers = [await stack.enter_async_context(secured(target.address, identity=same)) for _ in range(6)]
        for peer in peers[:3]:
            await peer.closed()
        assert target.host.peers() == [same.peer_id]
        assert not any(peer.is_closed for peer in peers[3:])
        await target.is_well()


# -- identities


LOW_ORDER = [
    bytes(32),
    bytes([1]) + bytes(31),
    bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    bytes.fromhex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
    bytes.fromhex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    bytes.fromhex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    bytes.fromhex("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
]


@pytest.mark.parametrize("point", LOW_ORDER, ids=bytes.hex)
@in_loop
async def test_a_key_that_everybody_knows(point: bytes) -> None:
    async with victim() as target, wire(target.address) as attacker:
        attacker.send(NOISE + sized(point))
        await attacker.closed()
        await target.is_well()


async def claims(target: Victim, payload: bytes, static: X25519PrivateKey) -> None:
    """A dialler that says what it likes of its identity; the host hangs up."""
    async with wire(target.address) as attacker:
        noise = Handshake(initiator=True, static=static)
        attacker.send(NOISE + sized(noise.write()))
        await attacker.reader.readexactly(len(NOISE))
        noise.read(await attacker.reader.readexactly(int.from_bytes(await attacker.reader.readexactly(2), "big")))
        attacker.send(sized(noise.write(payload)))
        await attacker.closed()
    assert target.host.peers() == []


@in_loop
async def test_forged_identities() -> None:
    me, other = Identity.generate(), Identity.generate()
    static = X25519PrivateKey.generate()
    mine = static.public_key().public_bytes_raw()
    signed = other.sign(b"noise-libp2p-static-key:" + X25519PrivateKey.generate().public_key().public_bytes_raw())
    forged = {
        "another's key, signed by me": (other.public.encoded, me.sign(b"noise-libp2p-static-key:" + mine)),
        "another's key, its signature for another static key": (other.public.encoded, signed),
        "signed without the prefix": (me.public.encoded, me.sign(mine)),
        "no signature": (me.public.encoded, b""),
        "no key": (b"", me.sign(b"noise-libp2p-static-key:" + mine)),
        "a key of no kind": (b"\x08\x09\x12\x01\x00", b"x"),
        "a point that is none": (b"\x08\x02\x12\x21\x02" + b"\xff" * 32, b"x"),
    }
    async with victim() as target:
        for key_bytes, signature in forged.values():
            await claims(target, encode_payload(key_bytes, signature), static)
        await claims(target, b"", static)
        await claims(target, b"\xff" * 200, static)
        await claims(target, NoiseKey(target.host.identity, static).identity.public.encoded, static)
        # and the host's own, as only the host itself could prove it
        await claims(target, encode_payload(target.host.identity.public.encoded, NoiseKey(me, static).proof), static)
        await target.is_well()


@in_loop
async def test_a_recorded_handshake_proves_nothing() -> None:
    async with victim() as target:
        recorded = b""
        async with wire(target.address) as attacker:
            upgrade = Upgrade(initiator=True, key=NoiseKey(Identity.generate()))
            while upgrade.connection is None:
                data = upgrade.data_to_send()
                recorded += data
                attacker.send(data)
                upgrade.receive_data(await attacker.reader.read(1 << 16))
            data = upgrade.data_to_send()
            recorded += data
            attacker.send(data)
            await eventually(lambda: len(target.host.peers()) == 1)
        await eventually(lambda: target.host.peers() == [])
        async with wire(target.address) as attacker:
            attacker.send(recorded)
            await attacker.closed()
        assert target.host.peers() == []
        await target.is_well()


@in_loop
async def test_changed_bytes_after_the_handshake() -> None:
    async with victim() as target, secured(target.address) as attacker:
        await eventually(lambda: len(target.host.peers()) == 1)
        attacker.send(sized(os.urandom(100)))
        await attacker.closed()
        await target.is_well()


# -- those that are dialled


@asynccontextmanager
async def misbehaving(sent: bytes, *, hang_up: bool) -> AsyncIterator[Multiaddr]:
    """A listener that sends this, whatever comes."""
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        writer.write(sent)
        if hang_up:
            await reader.read(1)
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield Multiaddr.tcp("127.0.0.1", server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for writer in writers:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


@pytest.mark.parametrize(
    ("sent", "hang_up", "why"),
    [
        (b"", True, "failed to negotiate security protocol|the peer closed|connection reset"),
        (b"", False, "i/o timeout"),
        (HEADER, False, "i/o timeout"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", False, "failed to negotiate security protocol"),
        (b"\x13/mul-", False, "failed to negotiate security protocol: multistream: it begins with"),
        (HEADER + b"\x07/non", False, "failed to negotiate security protocol: multistream: the answer to /noise"),
        (HEADER + b"\x03na\n", False, "failed to negotiate security protocol"),
        (NOISE + sized(bytes(96)), False, "low order"),
        (NOISE + b"\xff\xff", False, "at most 4096"),
    ],
    ids=["hangs up", "silence", "half", "http", "short", "a wrong answer", "no noise", "low order", "too long"],
)
@in_loop
async def test_dialling_what_is_no_peer(sent: bytes, hang_up: bool, why: str) -> None:
    async with victim(SHORT) as target:
        async with misbehaving(sent, hang_up=hang_up) as place:
            with pytest.raises(NetworkError, match=why):
                await target.host.connect(place.at(Identity.generate().peer_id), deadlines.after(HANG))
            assert target.host.peers() == []
            await target.is_well()
        assert target.failures == []


@in_loop
async def test_a_deadline_ends_a_dial_to_silence() -> None:
    async with victim() as target, misbehaving(b"", hang_up=False) as place:
        with pytest.raises(DeadlineExceeded):
            await target.host.connect(place.at(Identity.generate().peer_id), deadlines.after(0.1))
