"""Streams of the memory network: two ends, each with what the other wrote."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from pyrum_sync.engine.network.api import Direction, NetworkError, StreamReset

WINDOW = 256 * 1024
"""How many bytes may be unread before `drain` waits, as in yamux."""


class StreamEnd:
    """One side of a stream; `other` is set when both are made."""

    other: StreamEnd

    def __init__(self, peer: str, protocol: str, direction: Direction, on_close: Callable[[StreamEnd], None]) -> None:
        self.peer = peer
        self.protocol = protocol
        self.direction: Direction = direction
        self._on_close = on_close
        self._arrived: deque[bytes] = deque()
        self._unread = 0
        self._other_ended = False
        self._read_to_end = False
        self._ended = False
        self._reset = False
        self._closed = False
        self._changed = asyncio.Event()
        self._drained = asyncio.Event()
        self._drained.set()

    async def read(self) -> bytes:
        """Returns some bytes, empty at the other side's end."""
        while not self._arrived:
            if self._reset:
                raise StreamReset
            if self._other_ended:
                self._read_to_end = True
                self._close_if_over()
                return b""
            self._changed.clear()
            await self._changed.wait()
        data = self._arrived.popleft()
        self._unread -= len(data)
        if self._unread < WINDOW:
            self.other._drained.set()
        return data

    def write(self, data: bytes) -> None:
        """Sends bytes: the other side has them at once."""
        if self._reset:
            raise StreamReset
        if self._ended:
            raise NetworkError("stream closed")
        self.other._arrive(bytes(data))

    async def drain(self) -> None:
        """Waits until the other side has read most of what it was sent."""
        await self._drained.wait()
        if self._reset:
            raise StreamReset

    def close_write(self) -> None:
        """Ends this side's writing."""
        if self._ended or self._reset:
            return
        self._ended = True
        self.other._hear_end()
        self._close_if_over()

    def reset(self) -> None:
        """Breaks both sides, unless this one is over already."""
        if self._closed:
            return
        self._arrived.clear()
        for end in (self, self.other):
            if not end._closed:
                end._reset = True
                end._changed.set()
                end._drained.set()
                end._close()

    def _arrive(self, data: bytes) -> None:
        if data:
            self._arrived.append(data)
            self._unread += len(data)
            if self._unread >= WINDOW:
                self.other._drained.clear()
            self._changed.set()

    def _hear_end(self) -> None:
        self._other_ended = True
        self._changed.set()

    def _close_if_over(self) -> None:
        # libp2p counts a side as closed when it has written its end and read the other's
        if self._ended and self._read_to_end:
            self._close()

    def _close(self) -> None:
        if not self._closed:
            self._closed = True
            self._on_close(self)


Closed = Callable[[StreamEnd], None]


def pair(opener: str, taker: str, protocol: str, closed: tuple[Closed, Closed]) -> tuple[StreamEnd, StreamEnd]:
    """Returns both ends of a new stream: the opener's and the taker's; `closed` are called when their side is over."""
    mine = StreamEnd(taker, protocol, "outbound", closed[0])
    theirs = StreamEnd(opener, protocol, "inbound", closed[1])
    mine.other, theirs.other = theirs, mine
    return mine, theirs
