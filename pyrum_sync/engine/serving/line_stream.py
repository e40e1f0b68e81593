"""Lines in the loop from a reader that blocks: a thread of its own reads, one block ahead.

Where the loop can watch what is read, no thread is needed, and each line comes sooner.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncGenerator, Callable

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
    """The lines in the blocks that `read` returns (empty bytes: the end); a last line without a newline is dropped.

    Args:
        read: Returns the next block.
        name: That of the thread that calls it.
        descriptor: What the loop may watch instead: `read` is called when it is readable. Regular files cannot be.
    """

    def __init__(self, read: Callable[[], bytes], name: str, descriptor: int | None = None) -> None:
        self._read = read
        self._name = name
        self._descriptor = descriptor

    async def lines(self) -> AsyncGenerator[bytes, None]:
        """The lines, without their newline."""
        source = self._watched() or _Thread(self._block, self._name)
        held: list[bytes] = []
        try:
            while block := await source.blocks.get():
                *lines, rest = block.split(b"\n")
                for line in lines:
                    held.append(line)
                    yield b"".join(held)
                    held.clear()
                if rest:
                    held.append(rest)
                source.more()
        finally:
            source.close()

    def _block(self) -> bytes:
        try:
            return self._read()
        except (OSError, ValueError):
            return b""

    def _watched(self) -> _Watch | None:
        if self._descriptor is None:
            return None
        try:
            return _Watch(self._block, self._descriptor)
        except (NotImplementedError, OSError, ValueError):  # a loop that watches no pipes; a regular file
            return None


class _Watch:
    """Blocks of a descriptor that the loop watches, while few wait."""

    def __init__(self, read: Callable[[], bytes], descriptor: int) -> None:
        self.blocks: asyncio.Queue[bytes] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self._read = read
        self._descriptor = descriptor
        self._watching = True
        self._over = False
        self._loop.add_reader(descriptor, self._readable)

    def _readable(self) -> None:
        block = self._read()
        self.blocks.put_nowait(block)
        if not block:
            self.close()
        elif self.blocks.qsize() >= _AHEAD:
            self._watching = False
            self._loop.remove_reader(self._descriptor)

    def more(self) -> None:
        """A block was worked on."""
        if not self._watching and not self._over:
            self._watching = True
            self._loop.add_reader(self._descriptor, self._readable)

    def close(self) -> None:
        """Watches it no more."""
        if not self._over:
            self._over = True
            self._loop.remove_reader(self._descriptor)


class _Thread:
    """Blocks that a thread reads."""

    def __init__(self, read: Callable[[], bytes], name: str) -> None:
        self.blocks: asyncio.Queue[bytes] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self._read = read
        self._wanted = threading.Semaphore(_AHEAD)
        # a daemon: nothing can end a read that blocks, and none may hold up the end of the process
        threading.Thread(target=self._work, name=name, daemon=True).start()

    def _work(self) -> None:
        block = b"?"
        while block:
            self._wanted.acquire()
            block = self._read()
            try:
                self._loop.call_soon_threadsafe(self.blocks.put_nowait, block)
            except RuntimeError:
                return  # the loop is over

    def more(self) -> None:
        """A block was worked on."""
        self._wanted.release()

    def close(self) -> None:
        """Nothing to do: the thread ends with what it reads."""
