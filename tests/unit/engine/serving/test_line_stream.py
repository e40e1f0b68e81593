"""Lines from a reader that blocks."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from pyrum_sync.engine.serving.line_stream import LineStream, when_done
from tests.support.hosts import HANG, in_loop


@pytest.fixture(autouse=True)
def _threads_end() -> Iterator[None]:
    """The reading threads have nothing more to do, but may not have ended yet."""
    yield
    for thread in threading.enumerate():
        if thread.name.startswith("test "):
            thread.join(HANG)


async def lines_of(*blocks: bytes) -> list[bytes]:
    """The lines in these blocks."""
    waiting = [*blocks, b""]
    return [line async for line in LineStream(lambda: waiting.pop(0), "test reader").lines()]


@in_loop
async def test_lines_however_they_are_cut_into_blocks() -> None:
    text = b"one\n\ntwo three\nfour\nno end"
    expected = [b"one", b"", b"two three", b"four"]
    assert await lines_of(text) == expected
    for at in range(1, len(text)):
        assert await lines_of(text[:at], text[at:]) == expected
    assert await lines_of(*(bytes((byte,)) for byte in text)) == expected
    assert await lines_of() == []


@in_loop
async def test_an_error_of_the_reader_is_the_end() -> None:
    blocks = [b"one\n"]

    def read() -> bytes:
        if blocks:
            return blocks.pop()
        raise OSError

    assert [line async for line in LineStream(read, "test reader").lines()] == [b"one"]


@in_loop
async def test_it_reads_no_more_than_two_blocks_ahead() -> None:
    count = 0
    third = threading.Event()

    def read() -> bytes:
        nonlocal count
        count += 1
        if count > 3:
            third.set()
        return b"x\n" if count < 10 else b""

    lines = LineStream(read, "test reader").lines()
    assert await anext(lines) == b"x"
    assert not third.wait(0.05)
    assert len([line async for line in lines]) == 8
    assert third.is_set()


@in_loop
async def test_what_blocks_is_followed_by_what_comes_then() -> None:
    done = asyncio.Event()
    gate = threading.Event()
    when_done(gate.wait, done.set, "test waiter")
    await asyncio.sleep(0)
    assert not done.is_set()
    gate.set()
    await done.wait()


@in_loop
async def test_an_error_in_what_blocks_is_an_end_too() -> None:
    done = asyncio.Event()

    def fail() -> None:
        raise OSError

    when_done(fail, done.set, "test waiter")
    await done.wait()
