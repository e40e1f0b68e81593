"""Streams: two ends, each with what the other wrote."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from pyrum_sync.engine.network.api import NetworkError


class StreamEnd:
    """One side of a stream; `other` is set when both are made."""

    other: StreamEnd
    direction: str = ""

    def __init__(self, peer: str, protocol: str, on_close: Callable[[StreamEnd], None]) -> None:
        self.peer = peer
        self.protocol = protocol
        self._on_close = on_close
        self._arrived: deque[bytes] = deque()
        self._other_ended = False
        self._ended = False
        self._reset = False
        self._closed = False
        self._changed = asyncio.Event()

    async def read(self) -> bytes:
        """Some bytes; empty at the other side's end."""
        while not self._arrived:
            if self._reset:
                raise NetworkError("stream reset")
            if self._other_ended:
                self._close_if_over()
                return b""
            self._changed.clear()
            await self._changed.wait()
        return self._arrived.popleft()

    def write(self, data: bytes) -> None:
        """Send bytes."""
        if self._reset:
            raise NetworkError("stream reset")
        if self._ended:
            raise NetworkError("stream closed")
        self.other._arrive(data)

    def close_write(self) -> None:
        """End this side's writing."""
        if self._ended or self._reset:
            return
        self._ended = True
        self.other._hear_end()

    def reset(self) -> None:
        """Break both sides."""
        for end in (self, self.other):
            if not end._reset:
                end._reset = True
                end._changed.set()
                end._close()

    def _arrive(self, data: bytes) -> None:
        if data:
            self._arrived.append(data)
            self._changed.set()

    def _hear_end(self) -> None:
        self._other_ended = True
        self._changed.set()

    def _close_if_over(self) -> None:
        # libp2p counts a side as closed when it has written its end and read the other's
        if self._ended:
            self._close()

    def _close(self) -> None:
        if not self._closed:
            self._closed = True
            self._on_close(self)


def pair(
    opener: str, taker: str, protocol: str, closed: tuple[Callable[[StreamEnd], None], Callable[[StreamEnd], None]]
) -> tuple[StreamEnd, StreamEnd]:
    """A new stream: the opener's end and the taker's; `closed` are told when their side is over."""
    mine = StreamEnd(taker, protocol, closed[0])
    theirs = StreamEnd(opener, protocol, closed[1])
    mine.other, theirs.other = theirs, mine
    return mine, theirs
