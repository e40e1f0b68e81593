"""mplex (`/mplex/6.7.0`): streams without windows. libp2p's specification `mplex`.

A frame is a varint of stream << 3 | flag, a varint of the length, and that many bytes. Each side numbers the streams
that it opens from 0; the flag says whose number it is.

Nothing in mplex makes a sender stop. What is unread is bounded by the connection as a whole: see `Muxer.congested`.
"""

from __future__ import annotations

from pyrum_sync.engine.network.errors import ProtocolError
from pyrum_sync.spec import varint

from .muxer import CHUNK, CannotOpenStream, Muxer
from .muxer_state import MuxerLimits, ReceiveBudget, StreamState

MAX_FRAME = 1024 * 1024
"""Bytes of a frame's data."""

# The first of each pair is sent by the side that did not open the stream, the second by the one that did.
_NEW, _DATA, _CLOSE, _RESET = 0, 1, 3, 5
_MAX_ID = 2**60 - 1  # as many as fit into the varint with the flag, less one bit
_NO_WINDOW = 2**62


class Mplex(Muxer):
    """One side of an mplex connection. Here a stream's number is that on the wire * 2, + 1 if this side opened it."""

    protocol = "/mplex/6.7.0"
    usual_unread = 4 * 1024 * 1024

    def __init__(
        self, *, initiator: bool, budget: ReceiveBudget | None = None, limits: MuxerLimits | None = None
    ) -> None:
        super().__init__(initiator=initiator, budget=budget, limits=limits)
        self._next_id = 0
        self._partial = b""  # the beginning of a header
        self._body: StreamState | None = None  # the stream of the frame whose data are coming
        self._body_left = 0

    def open_stream(self) -> int:
        """Opens a stream; returns its number. CannotOpenStream if too many are open."""
        self._check_open()
        if self._next_id > _MAX_ID:
            raise CannotOpenStream("all stream numbers of this connection are used up")
        state = StreamState(self._next_id << 1 | 1, inbound=False, window=_NO_WINDOW)
        self._next_id += 1
        state.flags = 1  # it is still to be announced
        self._add(state)
        self._schedule(state)
        return state.id

    def receive_data(self, data: bytes) -> None:
        """Takes bytes of the connection; ProtocolError if they break mplex's rules or a bound."""
        if self._closed:
            return
        if self._partial:
            data = self._partial + data
            self._partial = b""
        offset = 0
        end = len(data)
        while offset < end:
            if self._body_left:
                size = min(self._body_left, end - offset)
                self._receive_body(data[offset : offset + size])
                offset += size
                continue
            try:
                header = varint.decode(data, offset, minimal=True)
                length = None if header is None else varint.decode(data, header[1], max_bytes=4, minimal=True)
            except ValueError as error:
                raise ProtocolError(f"mplex: the header of a frame: {error}") from None
            if header is None or length is None:
                self._partial = data[offset:]
                return
            offset = length[1]
            self._receive_header(header[0], length[0])

    def _receive_header(self, header: int, length: int) -> None:
        if length > MAX_FRAME:
            raise ProtocolError(f"mplex: a frame of {length} bytes, at most {MAX_FRAME}")
        wire_id, flag = header >> 3, header & 7
        self._body = None
        self._body_left = length
        if flag == _NEW:
            self._receive_open(wire_id)
            return  # its data are a name, which means nothing
        if flag == 7:
            raise ProtocolError("mplex: unknown flag 7")
        state = self._streams.get(wire_id << 1 | flag & 1)  # an odd flag: sent by the side that did not open it
        if state is None:
            return  # it was reset here, and the other side did not know yet
        if flag <= _DATA + 1:
            if not state.remote_ended:
                self._body = state
            elif length:
                self._drop(state)
        elif flag <= _CLOSE + 1:
            self._remote_end(state)
        else:
            self._remote_reset(state, 0)

    def _receive_open(self, wire_id: int) -> None:
        number = wire_id << 1
        if number in self._streams:
            raise ProtocolError(f"mplex: stream {wire_id} is opened twice")
        self._accept(StreamState(number, inbound=True, window=_NO_WINDOW))

    def _receive_body(self, data: bytes) -> None:
        self._body_left -= len(data)
        state = self._body
        if state is not None and self._streams.get(state.id) is state:
            self._deliver(state, data)

    def _send(self, stream: StreamState, parts: list[bytes | memoryview]) -> int:
        size = 0
        if stream.flags:
            stream.flags = 0
            name = b"%d" % (stream.id >> 1)  # as go-mplex names them
            size += self._frame(stream, _NEW, len(name), parts) + len(name)
            parts.append(name)
        data_size = min(stream.queued, CHUNK)
        if data_size:
            size += self._frame(stream, _flag(_DATA, stream), data_size, parts) + data_size
            parts.append(stream.take(data_size))
            self._queued -= data_size
        if stream.ending and not stream.ended and not stream.queued:
            stream.ended = True
            size += self._frame(stream, _flag(_CLOSE, stream), 0, parts)
        return size

    @staticmethod
    def _frame(stream: StreamState, flag: int, length: int, parts: list[bytes | memoryview]) -> int:
        header = varint.encode(stream.id >> 1 << 3 | flag) + varint.encode(length)
        parts.append(header)
        return len(header)

    def _send_reset(self, stream: StreamState, code: int) -> None:  # noqa: ARG002 - mplex carries no code
        if not stream.flags:
            self._answer(varint.encode(stream.id >> 1 << 3 | _flag(_RESET, stream)) + b"\0")

    def _raise_window(self, stream: StreamState, size: int) -> None:
        pass  # there is none


def _flag(first: int, stream: StreamState) -> int:
    return first if stream.inbound else first + 1
