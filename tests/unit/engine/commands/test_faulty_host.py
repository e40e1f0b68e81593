"""A host on which things go wrong: around any host, and only as far as it was asked for."""

from __future__ import annotations

import asyncio

import pytest

from pyrum_sync.engine.commands.faulty_host import FaultyHost
from pyrum_sync.engine.faults import NO_EFFECTS, Effects
from pyrum_sync.engine.network.api import Connected, Disconnected, NetworkError, StreamReset
from pyrum_sync.engine.network.memory.network import MemoryNetwork
from pyrum_sync.spec.multiaddr import Multiaddr
from tests.support.hosts import Party, Setting, in_loop, setting


async def faulty(place: Setting, effects: Effects) -> tuple[Party, Party]:
    """A host with faults, and one that it may connect to."""
    party = await place.party()
    other = await place.party()
    other.serve("/test/1")
    return Party(FaultyHost(party.host, effects), party.peerstore), other


@in_loop
async def test_without_effects_it_is_the_host() -> None:
    async with setting(MemoryNetwork()) as place:
        one, other = await faulty(place, NO_EFFECTS)
        await one.host.listen(Multiaddr.tcp("127.0.0.1", 9000))
        assert len(one.host.addresses()) == 2
        assert one.host.identifies
        await one.host.connect(other.address)
        await one.host.identify(other.host.peer_id)
        assert one.host.peers() == [other.host.peer_id]
        assert other.host.peers() == [one.host.peer_id]
        mine, theirs = await one.open(other)
        mine.write(b"x")
        assert await theirs.read() == b"x"
        one.serve("/mine")
        await other.open(one, "/mine")
        one.host.unserve("/mine")
        one.host.protect(other.host.peer_id, "tag")
        one.host.unprotect(other.host.peer_id, "tag")
        await one.host.trim()
        one.host.start_gossip().join("news")
        await one.host.disconnect(other.host.peer_id)
        assert (one.count(Connected), one.count(Disconnected)) == (1, 1)
        await one.host.close()
        assert one.host.addresses() == []


@in_loop
async def test_dials_are_refused() -> None:
    async with setting(MemoryNetwork()) as place:
        one, other = await faulty(place, Effects(refuse_connect=True))
        with pytest.raises(NetworkError, match=r"(?s)failed to dial .*connection refused"):
            await one.host.connect(other.address)
        with pytest.raises(NetworkError, match="connection refused"):
            await one.host.open_stream(other.host.peer_id, "/test/1")
        with pytest.raises(NetworkError, match="invalid p2p multiaddr"):
            await one.host.connect(other.host.addresses()[0])
        assert other.host.peers() == []


@in_loop
async def test_nobody_answers() -> None:
    async with setting(MemoryNetwork()) as place:
        one, other = await faulty(place, Effects(no_answer=True))
        stream = await one.host.open_stream(other.host.peer_id, "/test/1")
        assert (stream.peer, stream.protocol, stream.direction) == (other.host.peer_id, "/test/1", "outbound")
        stream.write(b"request")
        await stream.drain()
        stream.close_write()
        reading = asyncio.ensure_future(stream.read())
        await asyncio.sleep(0)
        assert not reading.done()
        stream.reset()
        with pytest.raises(StreamReset):
            await reading
        assert other.host.peers() == []


@in_loop
async def test_an_error_is_the_answer() -> None:
    async with setting(MemoryNetwork()) as place:
        one, other = await faulty(place, Effects(error_chunk=(2, "no")))
        stream = await one.host.open_stream(other.host.peer_id, "/test/1")
        answer = await stream.read()
        assert (answer[:2], answer[-2:]) == (b"\x02\x02", b"no")  # compressed between
        assert await stream.read() == b""
