"""Streams of the memory network: when each side is over, and what is left of a reset."""

from __future__ import annotations

import asyncio

import pytest

from pyrum_sync.engine.network.api import NetworkError, StreamReset
from pyrum_sync.engine.network.memory.stream import WINDOW, StreamEnd, pair
from tests.support.hosts import in_loop


class Pair:
    """Both ends, and which of them were closed."""

    def __init__(self) -> None:
        self.closed: list[StreamEnd] = []
        self.mine, self.theirs = pair("me", "them", "/p", (self.closed.append, self.closed.append))


@pytest.mark.parametrize("reads_first", [True, False])
@in_loop
async def test_a_side_is_over_when_its_end_is_written_and_the_others_read(reads_first: bool) -> None:
    ends = Pair()
    ends.theirs.close_write()
    if reads_first:
        assert await ends.mine.read() == b""
        assert ends.closed == []
        ends.mine.close_write()
    else:
        ends.mine.close_write()
        assert ends.closed == []
        assert await ends.mine.read() == b""
    assert ends.closed == [ends.mine]
    assert await ends.theirs.read() == b""
    assert ends.closed == [ends.mine, ends.theirs]
    ends.mine.reset()
    assert await ends.mine.read() == b""
    with pytest.raises(NetworkError, match="stream closed"):
        ends.mine.write(b"x")


@in_loop
async def test_a_reset_leaves_the_other_side_what_had_arrived() -> None:
    ends = Pair()
    ends.mine.write(b"early")
    ends.theirs.write(b"lost")
    ends.mine.reset()
    assert await ends.theirs.read() == b"early"
    for end in (ends.theirs, ends.mine):
        with pytest.raises(StreamReset):
            await end.read()
    assert ends.closed == [ends.mine, ends.theirs]


@in_loop
async def test_a_reset_spares_the_side_that_is_over() -> None:
    ends = Pair()
    ends.mine.close_write()
    ends.theirs.close_write()
    assert await ends.theirs.read() == b""
    ends.mine.reset()
    assert await ends.theirs.read() == b""
    with pytest.raises(StreamReset):
        await ends.mine.read()


@in_loop
async def test_draining_waits_for_the_window() -> None:
    ends = Pair()
    ends.mine.write(bytes(WINDOW - 1))
    await ends.mine.drain()
    ends.mine.write(b"x")
    draining = asyncio.ensure_future(ends.mine.drain())
    await asyncio.sleep(0)
    assert not draining.done()
    await ends.theirs.read()
    await draining


@in_loop
async def test_what_is_written_is_a_copy() -> None:
    ends = Pair()
    data = bytearray(b"before")
    ends.mine.write(memoryview(data))  # type: ignore[arg-type]
    data[:] = b"after!"
    assert await ends.theirs.read() == b"before"
