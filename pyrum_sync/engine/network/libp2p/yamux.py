"""yamux (`/yamux/1.0.0`): streams with windows. HashiCorp's specification, with what go-libp2p makes of it.

A frame is 12 bytes, big-endian (version 0, type, flags, stream, length), and data frames have `length` bytes of data.
The dialler's streams are odd, the listener's even. A stream begins with SYN on its first frame, of either type.
"""

from __future__ import annotations

from struct import Struct

from pyrum_sync.engine.network.errors import ProtocolError

from .muxer import CHUNK, CannotOpenStream, Muxer
from .muxer_events import GoAway, PingAnswered
from .muxer_state import MuxerLimits, ReceiveBudget, StreamState

FIRST_WINDOW = 256 * 1024
"""Bytes that may be sent on a new stream before the other side raises its window."""
MAX_WINDOW = 1024 * 1024
"""What this side's windows grow to, for streams that are read as fast as they come and while the budget lasts."""
MAX_UNACKNOWLEDGED = 256
"""Streams of this side that the other one has not acknowledged: Go and Rust accept no more than these."""

_DATA, _WINDOW, _PING, _GO_AWAY = range(4)
_SYN, _ACK, _FIN, _RST = 1, 2, 4, 8
_HEADER = Struct(">BBHII")
_SIZE = _HEADER.size
_MAX_ID = 2**32 - 1


class Yamux(Muxer):
    """One side of a yamux connection."""

    protocol = "/yamux/1.0.0"
    usual_unread = 16 * 1024 * 1024

    def __init__(
        self, *, initiator: bool, budget: ReceiveBudget | None = None, limits: MuxerLimits | None = None
    ) -> None:
        super().__init__(initiator=initiator, budget=budget, limits=limits)
        self._next_id = 1 if initiator else 2
        self._unacknowledged: set[int] = set()
        self._pings: set[int] = set()
        self._next_ping = 0
        self._gone = False  # the other side takes no more streams
        self._partial = b""  # the beginning of a header
        self._body: StreamState | None = None  # the stream of the frame whose data are coming
        self._body_left = 0
        self._body_flags = 0

    def open_stream(self) -> int:
        """Opens a stream; returns its number. CannotOpenStream: too many are open or not acknowledged; go-away came."""
        self._check_open()
        if self._gone:
            raise CannotOpenStream("the peer takes no more streams (go-away)")
        if len(self._unacknowledged) >= MAX_UNACKNOWLEDGED:
            raise CannotOpenStream(f"the peer has not yet acknowledged {MAX_UNACKNOWLEDGED} streams")
        number = self._next_id
        if number > _MAX_ID:
            raise CannotOpenStream("all stream numbers of this connection are used up")
        self._next_id = number + 2
        state = StreamState(number, inbound=False, window=FIRST_WINDOW)
        state.flags = _SYN
        self._unacknowledged.add(number)
        self._add(state)
        self._schedule(state)
        return number

    def ping(self) -> int | None:
        """Asks for a sign of life; returns the value that PingAnswered will have."""
        value = self._next_ping
        self._next_ping = (value + 1) & 0xFFFFFFFF
        self._pings.add(value)
        self._answer(_HEADER.pack(0, _PING, _SYN, 0, value))
        return value

    def go_away(self, code: int = 0) -> None:
        """Takes no more streams, and says so. 0: done, 1: protocol error, 2: internal error."""
        super().go_away(code)
        self._control.append(_HEADER.pack(0, _GO_AWAY, 0, 0, code))
        self._control_size += _SIZE

    def receive_data(self, data: bytes) -> None:
        """Takes bytes of the connection; ProtocolError if they break yamux's rules or a bound."""
        if self._closed:
            return
        offset = 0
        end = len(data)
        while offset < end:
            if self._body_left:
                size = min(self._body_left, end - offset)
                self._receive_body(data[offset : offset + size])  # no copy where it is all
                offset += size
            elif self._partial or end - offset < _SIZE:
                piece = data[offset : offset + _SIZE - len(self._partial)]
                self._partial += piece
                offset += len(piece)
                if len(self._partial) == _SIZE:
                    header, self._partial = self._partial, b""
                    self._receive_header(*_HEADER.unpack(header))
            else:
                self._receive_header(*_HEADER.unpack_from(data, offset))
                offset += _SIZE

    def _receive_header(self, version: int, kind: int, flags: int, number: int, length: int) -> None:
        if version:
            raise ProtocolError(f"yamux: version {version} is not known (0 is)")
        if flags > 15:
            raise ProtocolError(f"yamux: unknown flags {flags:#06x}")
        if kind <= _WINDOW:
            self._receive_frame(kind, flags, number, length)
        elif kind == _PING:
            if flags & _SYN:
                self._answer(_HEADER.pack(0, _PING, _ACK, 0, length))
            elif length in self._pings:
                self._pings.discard(length)
                self._events.append(PingAnswered(length))
        elif kind == _GO_AWAY:
            self._gone = True
            self._events.append(GoAway(length))
        else:
            raise ProtocolError(f"yamux: unknown frame type {kind}")

    def _receive_frame(self, kind: int, flags: int, number: int, length: int) -> None:
        state = self._streams.get(number)
        if flags & _SYN:
            if state is not None:
                raise ProtocolError(f"yamux: stream {number} is opened twice")
            state = self._receive_open(number)
        elif not number:
            raise ProtocolError("yamux: a frame of data or window for stream 0")
        if kind == _DATA and length:
            if length > MAX_WINDOW:
                raise ProtocolError(f"yamux: a frame of {length} bytes, no window is over {MAX_WINDOW}")
            self._body_left = length
            self._body_flags = flags
            self._body = self._admit(state, length)
            if flags & _ACK:
                self._unacknowledged.discard(number)
            return  # the other flags hold for the time after the data
        if state is None:
            return  # it was reset here, and the other side did not know yet
        if kind == _WINDOW and not flags & _RST:
            state.window += length
            if number in self._blocked:
                self._wake(state)
        if flags:
            self._apply(state, flags, length if kind == _WINDOW else 0)

    def _receive_open(self, number: int) -> StreamState | None:
        if number % 2 == self._initiator or not number:
            raise ProtocolError(f"yamux: the peer opens stream {number}, whose number is not one of its own")
        state = StreamState(number, inbound=True, window=FIRST_WINDOW)
        if not self._accept(state):
            return None
        state.flags = _ACK
        self._schedule(state)
        return state

    def _admit(self, state: StreamState | None, length: int) -> StreamState | None:
        """Takes the data of a frame off its stream's window; None: they are to be dropped."""
        if state is None:
            return None
        if length > state.receive_window:
            raise ProtocolError(
                f"yamux: {length} bytes on stream {state.id}, whose window has room for {state.receive_window}"
            )
        state.receive_window -= length
        if state.remote_ended:
            self._drop(state)
            return None
        return state

    def _receive_body(self, data: bytes) -> None:
        self._body_left -= len(data)
        state = self._body
        if state is None or self._streams.get(state.id) is not state:  # dropped, or reset since its header came
            return
        self._deliver(state, data)
        if not self._body_left and self._body_flags:
            self._apply(state, self._body_flags, 0)

    def _apply(self, state: StreamState, flags: int, code: int) -> None:
        if flags & _ACK:
            self._unacknowledged.discard(state.id)
        if flags & _RST:
            self._remote_reset(state, code)
        elif flags & _FIN:
            self._remote_end(state)

    def _send(self, stream: StreamState, parts: list[bytes | memoryview]) -> int:
        number = stream.id
        flags = stream.flags
        stream.flags = 0
        size = 0
        if stream.credit or (flags and not stream.queued and not stream.ending):
            parts.append(_HEADER.pack(0, _WINDOW, flags, number, stream.credit))
            stream.credit = 0
            flags = 0
            size = _SIZE
        if stream.queued:
            data_size = min(stream.queued, CHUNK)
            parts += (_HEADER.pack(0, _DATA, flags, number, data_size), stream.take(data_size))
            self._queued -= data_size
            flags = 0
            size += _SIZE + data_size
        if stream.ending and not stream.ended and not stream.queued:
            # A frame of its own: js-libp2p (yamux 8.0.1) loses the data of a frame that also ends the stream.
            parts.append(_HEADER.pack(0, _WINDOW, flags | _FIN, number, 0))
            stream.ended = True
            size += _SIZE
        return size

    def _send_reset(self, stream: StreamState, code: int) -> None:
        if stream.flags & _SYN:
            return
        self._answer(_HEADER.pack(0, _WINDOW, _RST | stream.flags, stream.id, code))

    def _raise_window(self, stream: StreamState, size: int) -> None:
        stream.consumed += size
        if stream.consumed * 2 < stream.receive_size:
            return
        credit = stream.consumed
        stream.consumed = 0
        # Without a clock: a reader with little left to read might have read more.
        growth = stream.receive_size
        if stream.unread * 2 < growth < MAX_WINDOW and self._budget.grant(growth):
            stream.receive_size += growth
            credit += growth
        stream.receive_window += credit
        stream.credit += credit
        if not stream.scheduled:
            self._schedule(stream)

    def _forget(self, state: StreamState) -> None:
        if state.id in self._streams:
            self._budget.granted -= state.receive_size - FIRST_WINDOW
            self._unacknowledged.discard(state.id)
        super()._forget(state)
