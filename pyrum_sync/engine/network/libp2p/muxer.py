"""Stream muxers: many streams over one connection. What yamux and mplex have in common; each has a file of its own.

A muxer does no I/O. Bytes of the connection go in by `receive_data`, what happened comes out of `events_received`, and
`data_to_send` has the bytes to send. Streams are named by numbers that are the muxer's own.

Rules for the owner of a muxer:

- After each call of `receive_data` or `data_to_send` it takes the events. Data of a stream come before its end.
- It says by `consumed` how much of a stream's data was read; only so the other side may send on.
- Each stream ends by StreamReset, by `reset`, or when both sides ended it and all of its data are consumed: then its
  number means nothing any more. Calls that name such a stream do nothing: it may be gone before its owner hears of it.
- While `congested` is true it does not read from the connection; if that lasts, it calls `shed`.
- After a ProtocolError it sends what `go_away(1)` makes, and closes the connection.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from typing import ClassVar

from pyrum_sync.engine.network.errors import ProtocolError

from .muxer_events import Event, StreamData, StreamEnded, StreamOpened, StreamReset, Writable
from .muxer_state import FAIR_SHARE, FAIR_STREAMS, MuxerLimits, ReceiveBudget, StreamState

CHUNK = 65_507
"""Bytes of a stream's data that go into one frame at most: a frame of yamux then fits into one message of noise."""
STREAM_QUEUE = 256 * 1024
"""Bytes of one stream that may wait to be sent."""
TOTAL_QUEUE = 4 * 1024 * 1024
"""Bytes of all streams that may wait to be sent."""
MAX_CONTROL = 64 * 1024
"""Bytes of answers that may wait to be sent: more wait only if a peer asks without end and does not read."""
_WAKE = 16 * 1024  # room that is worth waking a writer for


class CannotOpenStream(Exception):
    """A stream cannot be opened now: too many are open, or the other side takes no more (go-away)."""


class Muxer(ABC):
    """One side of a muxed connection.

    Args:
        initiator: Whether this side dialled the connection.
        budget: The host's, shared by its connections; None: one of its own.
        limits: The connection's.
    """

    protocol: ClassVar[str]
    usual_unread: ClassVar[int]

    def __init__(
        self, *, initiator: bool, budget: ReceiveBudget | None = None, limits: MuxerLimits | None = None
    ) -> None:
        limits = limits or MuxerLimits()
        self._initiator = initiator
        self._budget = budget or ReceiveBudget()
        self._max_inbound = limits.inbound
        self._max_outbound = limits.outbound
        self._max_unread = self.usual_unread if limits.unread is None else limits.unread
        self._streams: dict[int, StreamState] = {}
        self._inbound = 0  # how many of them
        self._line: deque[StreamState] = deque()  # those that have something to send, in turn
        self._blocked: dict[int, StreamState] = {}  # those whose writer waits for room
        self._control: list[bytes] = []
        self._control_size = 0
        self._queued = 0
        self._unread = 0
        self._events: list[Event] = []
        self._closed = False

    @abstractmethod
    def receive_data(self, data: bytes) -> None:
        """Takes bytes of the connection; ProtocolError if they break the muxer's rules or a bound."""

    @abstractmethod
    def open_stream(self) -> int:
        """Opens a stream; returns its number. Nothing is sent by it alone. CannotOpenStream if there are too many."""

    def events_received(self) -> list[Event]:
        """Returns what happened since the last time, in order."""
        events = self._events
        if events:
            self._events = []
        return events

    def data_to_send(self, limit: int = 4 * CHUNK) -> bytes:
        """Returns what is to be sent next, one frame of each stream in turn; empty: nothing waits.

        Args:
            limit: Bytes after which no further frame is begun.
        """
        parts: list[bytes | memoryview] = []
        size = 0
        if self._control:
            parts += self._control
            size = self._control_size
            self._control = []
            self._control_size = 0
        line = self._line
        while line and size < limit:
            stream = line.popleft()
            size += self._send(stream, parts)
            if stream.queued:
                line.append(stream)
            else:
                stream.scheduled = False
                if stream.ended:
                    self._forget_if_over(stream)
        for stream in list(self._blocked.values()):
            self._wake(stream)
        return b"".join(parts) if len(parts) > 1 else bytes(parts[0]) if parts else b""

    def writable(self, stream: int) -> int:
        """How many bytes `write` would take now; 0 for a stream that is gone or ended."""
        state = self._streams.get(stream)
        return 0 if state is None or state.ending else self._room(state)

    def write(self, stream: int, data: bytes | memoryview) -> int:
        """Queues bytes to be sent on a stream.

        Returns:
            How many were taken: as many as the other side and the queues have room for. If not all, Writable comes
            once there is room for more. 0 for a stream that is gone.

        Raises:
            ValueError: This side ended the stream.
        """
        state = self._streams.get(stream)
        if state is None or not data:
            return 0
        if state.ending:
            raise ValueError("the stream was ended by this side")
        size = len(data)
        room = self._room(state)
        if size > room:
            self._blocked[stream] = state
            if not room:
                return 0
            data = data[:room]
            size = room
        state.queue.append(data)
        state.queued += size
        state.window -= size
        self._queued += size
        if not state.scheduled:
            self._schedule(state)
        return size

    def end(self, stream: int) -> None:
        """Ends this side's writing, after what was queued; again does nothing."""
        state = self._streams.get(stream)
        if state is not None and not state.ending:
            state.ending = True
            self._blocked.pop(stream, None)
            if not state.scheduled:
                self._schedule(state)

    def reset(self, stream: int, code: int = 0) -> None:
        """Drops a stream in both directions, and what is queued or unread with it.

        Args:
            stream: The stream.
            code: The reason's number, for muxers that carry one.

        Raises:
            ProtocolError: So many answers wait to be sent that the other side cannot be reading. The stream is dropped.
        """
        state = self._streams.get(stream)
        if state is not None:
            try:
                if not (state.ended and state.remote_ended):
                    self._send_reset(state, code)
            finally:
                self._forget(state)

    def consumed(self, stream: int, size: int) -> None:
        """Notes that `size` bytes of a stream's data were read."""
        state = self._streams.get(stream)
        if state is None:
            return
        if size > state.unread:
            raise ValueError(f"{size} bytes of the stream were read, {state.unread} came")
        state.unread -= size
        self._unread -= size
        self._budget.unread -= size
        if state.remote_ended:
            self._forget_if_over(state)
        else:
            self._raise_window(state, size)

    @property
    def congested(self) -> bool:
        """Whether so much is unread that no more should be received for now."""
        return self._unread >= self._max_unread or (
            self._budget.unread >= self._budget.total and self._unread > FAIR_SHARE
        )

    @property
    def unread(self) -> int:
        """Bytes of all streams that were handed out and not consumed."""
        return self._unread

    @property
    def queued(self) -> int:
        """Bytes of all streams that wait to be sent."""
        return self._queued

    @property
    def streams(self) -> int:
        """How many streams are there."""
        return len(self._streams)

    def shed(self) -> int | None:
        """Resets the stream with the most unread bytes: StreamReset comes. Returns it; None if nothing is unread.

        Raises:
            ProtocolError: see `reset`.
        """
        worst = max(self._streams.values(), key=lambda state: state.unread, default=None)
        if worst is None or not worst.unread:
            return None
        self._drop(worst)
        return worst.id

    def ping(self) -> int | None:
        """Asks for a sign of life; returns the value that PingAnswered will have. None: this muxer has no pings."""
        return None

    def go_away(self, code: int = 0) -> None:  # noqa: ARG002 - mplex has no such frame
        """Takes no more streams; says so where the muxer has a word for it. 0: done, 1: protocol error, 2: internal."""
        self._max_inbound = 0

    def close(self) -> None:
        """Says that the connection is over: StreamReset comes for each stream, and the budget is free again."""
        if not self._closed:
            self._closed = True
            for state in list(self._streams.values()):
                self._events.append(StreamReset(state.id, remote=False))
                self._forget(state)
            self._control.clear()
            self._control_size = 0

    @abstractmethod
    def _send(self, stream: StreamState, parts: list[bytes | memoryview]) -> int:
        """Appends the stream's next frames to `parts`: CHUNK bytes of data at most. Returns their size."""

    @abstractmethod
    def _send_reset(self, stream: StreamState, code: int) -> None:
        """Queues the frame that resets the stream, unless the other side never heard of it."""

    @abstractmethod
    def _raise_window(self, stream: StreamState, size: int) -> None:
        """Lets the other side send on, after bytes were read."""

    def _add(self, state: StreamState) -> None:
        self._streams[state.id] = state
        self._inbound += state.inbound
        self._budget.streams += state.inbound

    def _check_open(self) -> None:
        if self._closed:
            raise CannotOpenStream("the connection is closed")
        if len(self._streams) - self._inbound >= self._max_outbound:
            raise CannotOpenStream(f"{self._max_outbound} streams are open to this peer, no more at once")

    def _accept(self, state: StreamState) -> bool:
        """Takes a stream of the other side in; False, and it is reset, where there are too many."""
        budget = self._budget
        scarce = budget.streams >= budget.most_streams and self._inbound >= FAIR_STREAMS
        if scarce or self._inbound >= self._max_inbound:
            self._send_reset(state, 0)
            return False
        self._add(state)
        self._events.append(StreamOpened(state.id))
        return True

    def _deliver(self, state: StreamState, data: bytes) -> None:
        size = len(data)
        state.unread += size
        self._unread += size
        self._budget.unread += size
        self._events.append(StreamData(state.id, data))

    def _remote_end(self, state: StreamState) -> None:
        if not state.remote_ended:
            state.remote_ended = True
            self._events.append(StreamEnded(state.id))
            self._forget_if_over(state)

    def _remote_reset(self, state: StreamState, code: int) -> None:
        self._events.append(StreamReset(state.id, code))
        self._forget(state)

    def _drop(self, state: StreamState) -> None:
        self._events.append(StreamReset(state.id, remote=False))
        try:
            self._send_reset(state, 0)
        finally:
            self._forget(state)

    def _answer(self, frame: bytes) -> None:
        """Queues a frame that goes before all data."""
        self._control_size += len(frame)
        if self._control_size > MAX_CONTROL:
            raise ProtocolError(f"{self.protocol}: the peer makes this side answer and reads no answers")
        self._control.append(frame)

    def _schedule(self, state: StreamState) -> None:
        state.scheduled = True
        self._line.append(state)

    def _room(self, state: StreamState) -> int:
        return max(0, min(state.window, STREAM_QUEUE - state.queued, TOTAL_QUEUE - self._queued))

    def _wake(self, state: StreamState) -> None:
        room = self._room(state)
        if room >= _WAKE or (room and not state.queued):
            del self._blocked[state.id]
            self._events.append(Writable(state.id))

    def _forget_if_over(self, state: StreamState) -> None:
        if state.ended and state.remote_ended and not state.unread:
            self._forget(state)

    def _forget(self, state: StreamState) -> None:
        if self._streams.pop(state.id, None) is None:
            return
        self._inbound -= state.inbound
        self._budget.streams -= state.inbound
        self._queued -= state.queued
        state.queue.clear()
        state.queued = 0
        self._unread -= state.unread
        self._budget.unread -= state.unread
        self._blocked.pop(state.id, None)
        if state.scheduled:
            state.scheduled = False
            self._line.remove(state)
