"""Peers with one connection, and with several."""

from __future__ import annotations

import asyncio

from pyrum_sync.engine.network.api import Connected, Disconnected
from pyrum_sync.engine.network.libp2p.host import LibP2PHost
from pyrum_sync.engine.network.libp2p.network import LibP2PNetwork
from tests.support.hosts import Party, Setting, eventually, in_loop, read_all, setting


async def twice_connected(place: Setting) -> tuple[Party, Party, LibP2PHost]:
    """Two hosts that dialled each other at the same time."""
    one, other = await place.party(), await place.party()
    host = one.host
    assert isinstance(host, LibP2PHost)
    for party in (one, other):
        party.serve("/test/1")
    first = asyncio.ensure_future(one.host.connect(other.address))
    second = asyncio.ensure_future(other.host.connect(one.address))
    await asyncio.gather(first, second)
    await eventually(lambda: len(host.roster.connections()) == 2)
    return one, other, host


@in_loop
async def test_two_that_dial_each_other_at_once_are_connected_once() -> None:
    async with setting(LibP2PNetwork()) as place:
        one, other, _ = await twice_connected(place)
        for party, peer in ((one, other), (other, one)):
            assert party.host.peers() == [peer.host.peer_id]
            assert party.count(Connected) == 1
            await party.host.identify(peer.host.peer_id)
            mine, theirs = await party.open(peer)
            mine.write(b"hello")
            assert await read_all(theirs, 5) == b"hello"


@in_loop
async def test_a_peer_is_connected_until_its_last_connection_ends() -> None:
    async with setting(LibP2PNetwork()) as place:
        one, other, host = await twice_connected(place)
        first, second = host.roster.connections()
        second.close()
        await eventually(lambda: len(host.roster.connections()) == 1)
        assert host.roster.connection(other.host.peer_id) is first
        assert (one.count(Disconnected), other.count(Disconnected)) == (0, 0)
        await one.open(other)
        await other.open(one)
        first.close()
        await other.saw(Disconnected)
        assert (one.count(Disconnected), other.count(Disconnected)) == (1, 1)


@in_loop
async def test_disconnecting_ends_all_connections() -> None:
    async with setting(LibP2PNetwork()) as place:
        one, other, host = await twice_connected(place)
        await one.host.disconnect(other.host.peer_id)
        assert host.roster.connections() == []
        await eventually(lambda: other.host.peers() == [])
        assert (one.count(Disconnected), other.count(Disconnected)) == (1, 1)
