"""A host over TCP, beyond what every network does (tests/contract/test_network.py)."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace

import pytest

from pyrum_sync.engine.network import deadlines
from pyrum_sync.engine.network.api import (
    Connected,
    Disconnected,
    ListenClosed,
    ListenOpened,
    NetworkError,
    ProtocolNotSupported,
    StreamClosed,
    StreamOpened,
)
from pyrum_sync.engine.network.libp2p.host import LibP2PHost
from pyrum_sync.engine.network.libp2p.limits import Limits
from pyrum_sync.engine.network.libp2p.network import LibP2PNetwork
from pyrum_sync.engine.network.peerstore import MemoryPeerstore
from pyrum_sync.spec import peer_id
from pyrum_sync.spec.multiaddr import Multiaddr
from tests.support.hosts import LOOPBACK, OPTIONS, eventually, in_loop, key, read_all, setting

PING = "/ipfs/ping/1.0.0"


def timers() -> list[object]:
    """What the running loop still has to do later."""
    loop = asyncio.get_running_loop()
    return [timer for timer in loop._scheduled if not timer.cancelled()]  # type: ignore[attr-defined]


@in_loop
async def test_nothing_is_left_of_a_closed_host() -> None:
    descriptors, tasks, before = len(os.listdir("/proc/self/fd")), asyncio.all_tasks(), timers()
    network = LibP2PNetwork()
    hosts = [
        await network.new_host(replace(OPTIONS, private_key=key(number)), MemoryPeerstore()) for number in (1, 2, 3)
    ]
    for host in hosts:
        await host.listen(LOOPBACK)
        await host.listen(Multiaddr.parse("/ip6/::1/tcp/0"))
        host.serve("/test/1", lambda _: None)
    for one, other in ((0, 1), (1, 2), (2, 0)):
        await hosts[one].connect(hosts[other].addresses()[0].at(hosts[other].peer_id))
        stream = await hosts[one].open_stream(hosts[other].peer_id, "/test/1")
        stream.write(b"x" * 1_000_000)
    dialling = asyncio.ensure_future(hosts[0].connect(hosts[2].addresses()[0].at(hosts[1].peer_id)))
    await network.close()
    await asyncio.wait({dialling})
    assert dialling.exception() is None or isinstance(dialling.exception(), NetworkError)
    assert asyncio.all_tasks() - tasks <= {dialling}
    assert len(os.listdir("/proc/self/fd")) == descriptors
    assert [timer for timer in timers() if timer not in before and "bounded" not in repr(timer)] == []


@in_loop
async def test_a_peer_that_reads_nothing_does_not_hold_closing_up() -> None:
    async with setting(LibP2PNetwork(Limits(closing_seconds=0.2))) as place:
        one, other = await place.pair("/test/1")
        mine, _ = await one.open(other)
        assert isinstance(other.host, LibP2PHost)
        (connection,) = other.host.roster.connections()
        assert connection._transport is not None
        connection._transport.pause_reading()
        writing = asyncio.ensure_future(_fill(mine))
        await asyncio.wait({writing}, timeout=0.2)
        began = asyncio.get_running_loop().time()
        await one.host.close()
        assert asyncio.get_running_loop().time() - began < 2
        await asyncio.wait({writing})
        assert isinstance(writing.exception(), NetworkError)


async def _fill(stream: object) -> None:
    while True:
        stream.write(bytes(1 << 16))  # type: ignore[attr-defined]
        await stream.drain()  # type: ignore[attr-defined]


@in_loop
async def test_what_was_written_before_disconnecting_arrives() -> None:
    """As a goodbye does, whose sender hangs up at once."""
    async with setting(LibP2PNetwork()) as place:
        one, other = await place.pair("/test/1")
        for party, peer in ((one, other), (one, other)):
            stream = await party.host.open_stream(peer.host.peer_id, "/test/1")
            stream.write(b"goodbye")
            stream.close_write()
            await party.host.disconnect(peer.host.peer_id)
            theirs = await peer.streams.get()
            assert await read_all(theirs, 100) == b"goodbye"
            await eventually(lambda: other.host.peers() == [])
            await one.host.connect(other.address)


# -- keys and options


@in_loop
async def test_an_ed25519_key() -> None:
    options = replace(OPTIONS, key_type="ed25519")
    async with setting(LibP2PNetwork()) as place:
        one, other = await place.party(options=options), await place.party()
        assert peer_id.public_key(one.host.peer_id) is not None
        assert one.host.peer_id.startswith("12D3")
        await one.host.connect(other.address)
        await other.host.connect(one.address)
        assert other.host.peers() == [one.host.peer_id]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"transports": ("ws",)}, "could not recognize transport ws"),
        ({"transports": ()}, "needs a transport"),
        ({"muxers": ("yamux", "spdystream")}, "could not recognize muxer spdystream"),
        ({"security": ("tls",)}, "could not recognize security protocol tls"),
        ({"agent": "x" * 513}, "agent of 513 bytes"),
        ({"private_key": b"\xff" * 32}, "secp256k1 secret"),
    ],
)
@in_loop
async def test_options_that_are_not_known(changes: dict[str, object], why: str) -> None:
    with pytest.raises(NetworkError, match=why):
        await LibP2PNetwork().new_host(replace(OPTIONS, **{"private_key": key(1), **changes}), MemoryPeerstore())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("mine", "theirs", "agreed"),
    [
        (("yamux", "mplex"), ("mplex", "yamux"), "/yamux/1.0.0"),
        (("mplex", "yamux"), ("yamux", "mplex"), "/mplex/6.7.0"),
        (("yamux", "mplex"), (" MPLEX",), "/mplex/6.7.0"),
    ],
)
@in_loop
async def test_the_diallers_order_of_muxers_counts(mine: tuple[str, ...], theirs: tuple[str, ...], agreed: str) -> None:
    async with setting(LibP2PNetwork()) as place:
        one = await place.party(options=replace(OPTIONS, muxers=mine))
        other = await place.party(options=replace(OPTIONS, muxers=theirs))
        await one.host.connect(other.address)
        assert isinstance(one.host, LibP2PHost)
        (connection,) = one.host.roster.connections()
        assert connection.muxed._muxer.protocol == agreed


@in_loop
async def test_no_muxer_in_common() -> None:
    async with setting(LibP2PNetwork()) as place:
        one = await place.party(options=replace(OPTIONS, muxers=("yamux",)))
        other = await place.party(options=replace(OPTIONS, muxers=("mplex",)))
        with pytest.raises(NetworkError, match="failed to negotiate"):
            await one.host.connect(other.address, deadlines.after(5))
        assert (one.host.peers(), other.host.peers()) == ([], [])


@in_loop
async def test_ping_is_answered_if_the_options_say_so() -> None:
    async with setting(LibP2PNetwork()) as place:
        one, other = await place.party(), await place.party(options=replace(OPTIONS, ping=True))
        await one.host.connect(other.address)
        stream = await one.host.open_stream(other.host.peer_id, PING)
        for _ in range(3):
            sent = os.urandom(32)
            stream.write(sent[:10])
            stream.write(sent[10:])
            assert await read_all(stream, 32) == sent
        stream.close_write()
        assert await stream.read() == b""
        with pytest.raises(ProtocolNotSupported):
            await other.host.open_stream(one.host.peer_id, PING)


@in_loop
async def test_without_identify_nothing_is_said() -> None:
    async with setting(LibP2PNetwork()) as place:
        one, other = [await place.party(options=replace(OPTIONS, identify=False)) for _ in range(2)]
        await one.host.connect(other.address)
        await eventually(lambda: other.host.peers() == [one.host.peer_id])
        other.serve("/test/1")
        mine, _ = await one.open(other)
        mine.reset()
        await one.saw(StreamClosed)
        assert (one.count(StreamOpened), one.count(StreamClosed)) == (1, 1)
        assert one.peerstore.find(other.host.peer_id).protocols == set()


# -- listening


@in_loop
async def test_on_all_interfaces_it_shows_those_there_are() -> None:
    async with setting(LibP2PNetwork()) as place:
        one, other = await place.party(listens=False), await place.party()
        bound = await one.host.listen(Multiaddr.parse("/ip4/0.0.0.0/tcp/0"))
        assert bound.ip == "0.0.0.0"
        assert bound.port
        shown = one.host.addresses()
        assert shown[-1] == bound.on("127.0.0.1")
        assert bound not in shown
        assert one.events == [ListenOpened(bound)]
        await other.host.connect(shown[-1].at(one.host.peer_id))
        assert set(shown) <= set(other.peerstore.find(one.host.peer_id).addresses)
        await one.host.close()
        await one.saw(ListenClosed, address=bound)


@in_loop
async def test_two_hosts_at_one_port() -> None:
    """As two actors of Rumor can."""
    async with setting(LibP2PNetwork()) as place:
        one, other = await place.party(), await place.party(listens=False)
        bound = await other.host.listen(one.address.place)
        assert bound == one.address.place
        assert await one.host.listen(bound) == bound
        await one.host.close()
        third = await place.party(listens=False)
        await third.host.connect(bound.at(other.host.peer_id))


@in_loop
async def test_a_new_address_is_told_to_peers() -> None:
    async with setting(LibP2PNetwork()) as place:
        one, other = await place.pair()
        added = await other.host.listen(LOOPBACK)
        await eventually(lambda: added in one.peerstore.find(other.host.peer_id).addresses)


@in_loop
async def test_a_closed_host_listens_no_more() -> None:
    async with setting(LibP2PNetwork()) as place:
        one = await place.party()
        await one.host.close()
        with pytest.raises(NetworkError, match="closed"):
            await one.host.listen(LOOPBACK)


# -- what is seen


@in_loop
async def test_connections_are_seen_with_their_address() -> None:
    async with setting(LibP2PNetwork()) as place:
        one, other = await place.pair()
        opened = await one.saw(Connected)
        assert opened.address == other.address.place
        came = await other.saw(Connected)
        assert came.address is not None
        assert came.address.ip == "127.0.0.1"
        assert isinstance(one.host, LibP2PHost)
        (connection,) = one.host.roster.connections()
        await one.host.identify(other.host.peer_id)
        assert connection.observed == came.address == connection.local
        await one.host.disconnect(other.host.peer_id)
        assert (await other.saw(Disconnected)).address == came.address
