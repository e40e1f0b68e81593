"""Lines in the loop from a reader that blocks: a thread of its own reads, one block ahead."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable

# One block is read while another is worked on.
_AHEAD = 2


def when_done(block: Callable[[], object], then: Callable[[], object], name: str) -> None:
    """Runs what blocks in a thread of its own, and `then` in the loop after it."""
    loop = asyncio.get_running_loop()

    def work() -> None:
        with contextlib.suppress(OSError, ValueError):
            block()
        with contextlib.suppress(RuntimeError):  # the loop is over
            loop.call_soon_threadsafe(then)

    threading.Thread(target=work, name=name, daemon=True).start()


class LineStream:
    """The lines in the blocks that `read` returns (empty bytes: the end); a last line without a newline is dropped."""

    def __init__(self, read: Callable[[], bytes], name: str) -> None:
        self._read = read
        self._name = name

    async def lines(self) -> AsyncIterator[bytes]:
        """The lines, without their newline."""
        loop = asyncio.get_running_loop()
        blocks: asyncio.Queue[bytes] = asyncio.Queue()
        wanted = threading.Semaphore(_AHEAD)

        def work() -> None:
            block = b"?"
            while block:
                wanted.acquire()
                try:
                    block = self._read()
                except (OSError, ValueError):
                    block = b""
                try:
                    loop.call_soon_threadsafe(blocks.put_nowait, block)
                except RuntimeError:
                    return  # the loop is over

        # a daemon: nothing can end a read that blocks, and none may hold up the end of the process
        threading.Thread(target=work, name=self._name, daemon=True).start()
        held: list[bytes] = []
        while block := await blocks.get():
            *lines, rest = block.split(b"\n")
            for line in lines:
                held.append(line)
                yield b"".join(held)
                held.clear()
            if rest:
                held.append(rest)
            wanted.release()
