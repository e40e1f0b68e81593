"""Lines from a reader that blocks."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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


@contextmanager
def pipe() -> Iterator[tuple[int, int]]:
    """A pipe's two ends, closed afterwards."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb"), os.fdopen(writing, "wb"):
        yield reading, writing


@in_loop
async def test_a_pipe_needs_no_thread() -> None:
    with pipe() as (reading, writing):
        lines = LineStream(lambda: os.read(reading, 100), "test reader", reading).lines()
        os.write(writing, b"one\ntw")
        assert await anext(lines) == b"one"
        assert "test reader" not in [thread.name for thread in threading.enumerate()]
        second = asyncio.ensure_future(anext(lines))
        await asyncio.sleep(0)
        assert not second.done()
        os.write(writing, b"o\n")
        assert await second == b"two"
        await lines.aclose()
        assert not asyncio.get_running_loop().remove_reader(reading)


@in_loop
async def test_of_a_pipe_no_more_than_two_blocks_ahead_are_read() -> None:
    with pipe() as (reading, writing):
        blocks = 0

        def read() -> bytes:
            nonlocal blocks
            blocks += 1
            return os.read(reading, 2)

        os.write(writing, b"x\n" * 10)
        lines = LineStream(read, "test reader", reading).lines()
        assert await anext(lines) == b"x"
        for _ in range(20):
            await asyncio.sleep(0)
        assert blocks <= 3
        for _ in range(9):
            assert await anext(lines) == b"x"
        await lines.aclose()


@in_loop
async def test_the_end_of_a_pipe_and_of_a_file_that_cannot_be_watched(tmp_path: Path) -> None:
    with pipe() as (reading, writing):
        os.write(writing, b"one\ntwo")
        other = os.open(os.devnull, os.O_WRONLY)
        os.dup2(other, writing)  # closes the pipe's end
        os.close(other)
        assert [line async for line in LineStream(lambda: os.read(reading, 100), "test reader", reading).lines()] == [
            b"one"
        ]
    file = tmp_path / "script"
    file.write_bytes(b"one\ntwo\n")
    with file.open("rb") as script:
        stream = LineStream(lambda: script.read(3), "test reader", script.fileno())
        assert [line async for line in stream.lines()] == [b"one", b"two"]
