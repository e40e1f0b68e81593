"""A stream of a connection, beyond what every network's streams do (tests/contract/test_network.py)."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from pyrum_sync.engine.network.api import NetworkError, Stream, StreamReset
from pyrum_sync.engine.network.libp2p.host import LibP2PHost
from pyrum_sync.engine.network.libp2p.network import LibP2PNetwork
from pyrum_sync.engine.network.libp2p.stream import NetworkStream
from tests.support.hosts import OPTIONS, Party, eventually, in_loop, read_all, setting

PROTOCOL = "/test/1"


def arrived(stream: Stream) -> int:
    """How many bytes wait to be read."""
    assert isinstance(stream, NetworkStream)
    return len(stream._arrived)


async def hang_up(party: Party) -> None:
    """Ends its connections without a word."""
    assert isinstance(party.host, LibP2PHost)
    for connection in party.host.roster.connections():
        connection.abort()


@pytest.mark.parametrize("ended", [True, False])
@in_loop
async def test_what_came_whole_may_be_read_after_the_connections_end(ended: bool) -> None:
    async with setting(LibP2PNetwork()) as place:
        one, other = await place.pair(PROTOCOL)
        mine, theirs = await one.open(other)
        mine.write(b"goodbye")
        if ended:
            mine.close_write()
        await eventually(lambda: arrived(theirs) == 7)
        if ended:
            await eventually(lambda: theirs._remote_ended)  # type: ignore[attr-defined]
        await hang_up(one)
        await eventually(lambda: other.host.peers() == [])
        if ended:
            assert await theirs.read() == b"goodbye"
            assert await theirs.read() == b""
        with pytest.raises(StreamReset):
            theirs.write(b"x")
        if not ended:
            with pytest.raises(StreamReset):
                await theirs.read()


@in_loop
async def test_much_that_came_whole_is_dropped_with_the_connection() -> None:
    async with setting(LibP2PNetwork()) as place:
        one, other = await place.pair(PROTOCOL)
        mine, theirs = await one.open(other)
        mine.write(bytes(100_000))
        mine.close_write()
        await eventually(lambda: arrived(theirs) == 100_000 and theirs._remote_ended)  # type: ignore[attr-defined]
        await hang_up(one)
        await eventually(lambda: other.host.peers() == [])
        with pytest.raises(StreamReset):
            await theirs.read()
        assert arrived(theirs) == 0


@pytest.mark.parametrize("muxer", ["yamux", "mplex"])
@in_loop
async def test_what_is_written_at_once_is_sent_in_its_order_and_then_ended(muxer: str) -> None:
    """Far more than windows and queues hold, without a drain between."""
    async with setting(LibP2PNetwork()) as place:
        one, other = [await place.party(options=replace(OPTIONS, muxers=(muxer,))) for _ in range(2)]
        other.serve(PROTOCOL)
        await one.host.connect(other.address)
        mine, theirs = await one.open(other)
        pieces = [bytes((number % 251,)) * 10_007 for number in range(500)]
        for piece in pieces:
            mine.write(piece)
        mine.close_write()
        with pytest.raises(NetworkError, match="stream closed"):
            mine.write(b"x")
        assert await read_all(theirs, 10_007 * 501) == b"".join(pieces)
        await mine.drain()


@in_loop
async def test_any_buffer_may_be_written_and_is_taken_as_it_was() -> None:
    async with setting(LibP2PNetwork()) as place:
        one, other = await place.pair(PROTOCOL)
        mine, theirs = await one.open(other)
        data = bytearray(b"abc")
        mine.write(data)  # type: ignore[arg-type]
        data[:] = b"xyz"
        mine.write(memoryview(b"def"))  # type: ignore[arg-type]
        assert await read_all(theirs, 6) == b"abcdef"


@in_loop
async def test_all_that_wait_for_room_go_on() -> None:
    async with setting(LibP2PNetwork()) as place:
        one, other = await place.pair(PROTOCOL)
        mine, theirs = await one.open(other)
        mine.write(bytes(3 << 20))
        draining = [asyncio.ensure_future(mine.drain()) for _ in range(3)]
        draining[0].cancel()
        await asyncio.sleep(0)
        assert not any(each.done() for each in draining[1:])
        assert len(await read_all(theirs, 3 << 20)) == 3 << 20
        await asyncio.gather(*draining[1:])


@in_loop
async def test_a_writer_that_nothing_holds_up_gives_way_to_others() -> None:
    """Else a peer that takes all there is would have the loop for itself."""
    async with setting(LibP2PNetwork()) as place:
        one, other = await place.pair(PROTOCOL)
        mine, _ = await one.open(other)
        turns = 0

        async def others() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        task = asyncio.ensure_future(others())
        for _ in range(20):
            mine.write(bytes(10_000))  # within the window
            await mine.drain()
        assert turns >= 2
        task.cancel()


@in_loop
async def test_a_reader_may_be_cancelled() -> None:
    async with setting(LibP2PNetwork()) as place:
        one, other = await place.pair(PROTOCOL)
        mine, theirs = await one.open(other)
        reading = asyncio.ensure_future(theirs.read())
        await asyncio.sleep(0)
        reading.cancel()
        await asyncio.wait({reading})
        mine.write(b"later")
        assert await read_all(theirs, 5) == b"later"
