"""Where a shell writes and reads: the log, a pipe, a buffer, nowhere."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Protocol


class Sink(Protocol):
    """Takes what is printed, one write at a time."""

    def write(self, text: str) -> None:
        """Takes this text."""


class Callback:
    """A sink that hands each write on."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write

    def write(self, text: str) -> None:
        """Hands it on."""
        self._write(text)


class Nowhere:
    """``/dev/null``."""

    def write(self, text: str) -> None:
        """Forgets it."""


class Buffer:
    """Keeps all that is written."""

    def __init__(self) -> None:
        self._pieces: list[str] = []

    def write(self, text: str) -> None:
        """Keeps it."""
        self._pieces.append(text)

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(self._pieces)


class Pipe:
    """One end written to, the other read line by line."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque()
        self._rest = ""
        self._closed = False
        self._changed = asyncio.Event()

    def write(self, text: str) -> None:
        """Adds to what can be read."""
        *lines, self._rest = (self._rest + text).split("\n")
        self._lines.extend(lines)
        self._changed.set()

    def close(self) -> None:
        """Nothing more will be written."""
        self._closed = True
        self._changed.set()

    async def line(self) -> tuple[str, bool]:
        """The next line and whether it ended in a newline; at the end what is left, and False."""
        while not self._lines:
            if self._closed:
                rest, self._rest = self._rest, ""
                return rest, False
            self._changed.clear()
            await self._changed.wait()
        return self._lines.popleft(), True
