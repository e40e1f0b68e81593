"""Where a shell writes and reads."""

from __future__ import annotations

import asyncio

from pyrum_sync.engine.shell.streams import Buffer, Callback, Nowhere, Pipe
from tests.support.hosts import in_loop


def test_sinks() -> None:
    heard: list[str] = []
    buffer = Buffer()
    for sink in (Callback(heard.append), buffer, Nowhere()):
        sink.write("a")
        sink.write("b")
    assert (heard, buffer.text) == (["a", "b"], "ab")


@in_loop
async def test_a_pipe_is_read_line_by_line() -> None:
    pipe = Pipe()
    reading = asyncio.ensure_future(pipe.line())
    await asyncio.sleep(0)
    pipe.write("o")
    await asyncio.sleep(0)
    assert not reading.done()
    pipe.write("ne\ntwo\nrest")
    assert await reading == ("one", True)
    pipe.close()
    assert await pipe.line() == ("two", True)
    assert await pipe.line() == ("rest", False)
    assert await pipe.line() == ("", False)
