"""What muxers keep: bounds, the host's budget, and the state of each stream."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

FAIR_SHARE = 256 * 1024
"""Unread bytes up to which a connection goes on while the host's others use up its budget."""
FAIR_STREAMS = 16
"""Inbound streams that a connection may have while the host's others use up its number."""


@dataclass(frozen=True)
class MuxerLimits:
    """The bounds of one connection that an owner may want to choose.

    Attributes:
        inbound: Streams that the other side may have open at once; further ones are reset.
        outbound: Streams that this side may have open at once.
        unread: Unread bytes at which the connection is congested; None: what is usual for the muxer.
    """

    inbound: int = 256
    outbound: int = 512
    unread: int | None = None


class ReceiveBudget:
    """What the peers of a host may make it hold on all connections together.

    Args:
        total: Bytes of windows beyond the first, and as many unread ones.
        streams: Inbound streams.
    """

    def __init__(self, total: int = 64 * 1024 * 1024, streams: int = 8192) -> None:
        self.total = total
        self.most_streams = streams
        self.streams = 0
        self.granted = 0
        self.unread = 0

    def grant(self, size: int) -> bool:
        """Reserves `size` bytes of window, if there are as many; `granted` has to be lowered when they are free."""
        if self.granted + size > self.total:
            return False
        self.granted += size
        return True


class StreamState:
    """What a muxer knows of one stream."""

    __slots__ = (
        "consumed",
        "credit",
        "ended",
        "ending",
        "flags",
        "id",
        "inbound",
        "queue",
        "queued",
        "receive_size",
        "receive_window",
        "remote_ended",
        "scheduled",
        "unread",
        "window",
    )

    def __init__(self, number: int, *, inbound: bool, window: int) -> None:
        self.id = number
        self.inbound = inbound
        self.queue: deque[bytes | memoryview] = deque()
        self.queued = 0  # bytes in the queue
        self.window = window  # bytes that the other side has room for, those in the queue taken off
        self.ending = False  # this side's end is wanted
        self.ended = False  # and sent
        self.remote_ended = False
        self.scheduled = False  # it stands in the muxer's line of those that have something to send
        self.unread = 0  # bytes handed out and not consumed
        # Yamux's own: flags and credit to be sent, this side's window, its size, what was consumed since it was raised.
        self.flags = 0
        self.credit = 0
        self.receive_window = window
        self.receive_size = window
        self.consumed = 0

    def take(self, size: int) -> bytes | memoryview:
        """Takes `size` bytes off the queue; there must be as many."""
        self.queued -= size
        queue = self.queue
        first = queue.popleft()
        if len(first) == size:
            return first
        if len(first) > size:
            view = memoryview(first)
            queue.appendleft(view[size:])
            return view[:size]
        parts = [first]
        left = size - len(first)
        while left:
            piece = queue.popleft()
            if len(piece) > left:
                view = memoryview(piece)
                queue.appendleft(view[left:])
                piece = view[:left]
            parts.append(piece)
            left -= len(piece)
        return b"".join(parts)
