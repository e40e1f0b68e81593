"""A connection on asyncio: the bytes of a socket through the upgrade and the muxer, and its streams.

It keeps the rules that `muxer` names for its owner.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from pyrum_sync.engine.network.api import Direction, NetworkError
from pyrum_sync.spec.multiaddr import Multiaddr

from . import muxer_events as events
from .errors import ProtocolError
from .mplex import Mplex
from .multistream import Dialler, Listener, ProtocolsRefused
from .muxer import CannotOpenStream, Muxer
from .noise import WrongPeer
from .secured import SecuredConnection
from .stream import NetworkStream
from .upgrade import Upgrade

if TYPE_CHECKING:
    from .host import LibP2PHost

WRITE_BUFFER = 128 * 1024
"""Bytes of asyncio's own queue at which this side stops asking the muxer for more."""
_JS_STREAMS = 5  # of js-libp2p over mplex, a second: at more its @libp2p/mplex 12 resets all
_JS_SECONDS = 1.05


class Connection(asyncio.Protocol):
    """One connection of a host, from the first byte of its handshake to its end.

    Args:
        host: Its host.
        upgrade: The handshake, not begun.
        direction: Which side dialled.
    """

    def __init__(self, host: LibP2PHost, upgrade: Upgrade, direction: Direction) -> None:
        self.direction: Direction = direction
        self.peer = ""
        self.address: Multiaddr | None = None
        """The peer's end."""
        self.local: Multiaddr | None = None
        self.observed: Multiaddr | None = None
        """This side's end, as the peer says that it sees it."""
        self.closed = False
        self.ready: asyncio.Future[None] | None = None
        """Set by a dialler that waits for the handshake's end."""
        self.identified: asyncio.Future[None] = host.loop.create_future()
        """Done when the peer's identification is over, or has failed."""
        self._host = host
        self._loop = host.loop
        self._upgrade: Upgrade | None = upgrade
        self._secured: SecuredConnection | None = None
        self._muxer: Muxer  # with `_secured`
        self._transport: asyncio.Transport | None = None
        self._streams: dict[int, NetworkStream] = {}
        self._busy = False  # events are being taken, which a flush follows
        self._again = False  # and they led to something to send
        self._flushing = False  # a flush is to come
        self._paused = False  # asyncio's queue is full
        self._paused_since = 0.0
        self._heard = True  # something came since the last look
        self._ping: int | None = None
        self._congestion: asyncio.TimerHandle | None = None
        self._aborting: asyncio.TimerHandle | None = None
        self._opened: deque[float] = deque(maxlen=_JS_STREAMS)
        self.agent_is_js = False
        self.origin = ""
        """What the host counts it under, while it counts."""

    # asyncio's side.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is there."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(high=WRITE_BUFFER)
        sock: socket.socket = transport.get_extra_info("socket")
        _set_options(sock)
        self.address = _multiaddr(transport.get_extra_info("peername"))
        self.local = _multiaddr(transport.get_extra_info("sockname"))
        if not self._host.connection_began(self):
            self.abort()
            return
        self._flush()

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        if self.closed:
            return
        self._heard = True
        try:
            if self._secured is None:
                self._shake_hands(data)
            else:
                self._secured.receive_data(data)
        except ProtocolError as error:
            self._break(error)
            return
        except ProtocolsRefused as error:
            self._break(error)
            return
        if self._secured is not None:
            self._take_events()
        self._flush()

    def eof_received(self) -> bool:
        """The peer sends no more: a connection is over then."""
        return False

    def connection_lost(self, error: Exception | None) -> None:
        """The socket is gone."""
        if self._aborting is not None:
            self._aborting.cancel()
            self._aborting = None
        self._over(NetworkError(_reason(error)) if error else NetworkError("the peer closed the connection"))
        self._transport = None
        self._host.connection_gone(self)

    def pause_writing(self) -> None:
        """asyncio's queue is full."""
        self._paused = True
        self._paused_since = self._loop.time()

    def resume_writing(self) -> None:
        """It has room again."""
        self._paused = False
        self._flush()

    # Handshake.

    def _shake_hands(self, data: bytes) -> None:
        upgrade = self._upgrade
        assert upgrade is not None
        upgrade.receive_data(data)
        if upgrade.connection is None:
            return
        self._write(upgrade.data_to_send())
        self._upgrade = None
        self._secured = upgrade.connection
        self._muxer = upgrade.connection.muxer
        self.peer = upgrade.connection.peer_id
        if not self._host.connection_ready(self):
            self.abort()
            return
        if self.ready is not None and not self.ready.done():
            self.ready.set_result(None)

    @property
    def public_key(self) -> bytes:
        """The peer's identity key, encoded."""
        assert self._secured is not None
        return self._secured.public_key.encoded

    @property
    def muxer_protocol(self) -> str:
        """The muxer's name."""
        return self._muxer.protocol

    # Streams.

    @property
    def streams(self) -> list[NetworkStream]:
        """Those that are open."""
        return list(self._streams.values())

    def open_stream(self, protocols: Sequence[str], *, lazy: bool) -> NetworkStream:
        """Opens a stream, and proposes its protocols.

        Args:
            protocols: The preferred first.
            lazy: The peer is known to serve the first one, which counts as agreed on.

        Raises:
            NetworkError: there are too many, or the connection is closed.
        """
        if self.closed:
            raise NetworkError("connection closed")
        try:
            number = self._muxer.open_stream()
        except CannotOpenStream as error:
            raise NetworkError(str(error)) from None
        selector = Dialler(protocols[:1] if lazy else protocols)
        stream = self._streams[number] = NetworkStream(self, number, "outbound", selector)
        self._host.stream_opened(stream)
        if lazy:
            stream.protocol = protocols[0]
        stream.send(selector.data_to_send())
        self._wake()
        return stream

    def opening_delay(self) -> float:
        """How long to wait before opening one more stream, in seconds; the moment is then taken.

        js-libp2p over mplex bears no more than five new streams a second.
        """
        if not (self.agent_is_js and self.muxer_protocol == Mplex.protocol):
            return 0.0
        now = self._loop.time()
        opened = self._opened
        moment = max(now, opened[0] + _JS_SECONDS) if len(opened) == _JS_STREAMS else now
        opened.append(moment)
        return moment - now

    def consumed(self, stream: NetworkStream, size: int) -> None:
        """So many bytes of a stream's data were read."""
        if self.closed:
            return
        self._muxer.consumed(stream.number, size)
        if self._congestion is not None and not self._muxer.congested:
            self._read_on()
        self._wake()

    def write(self, stream: NetworkStream, data: bytes | memoryview) -> int:
        """Hands a stream's bytes to the muxer; returns how many it took."""
        if self.closed:
            return 0
        taken = self._muxer.write(stream.number, data)  # type: ignore[arg-type]
        self._wake()
        return taken

    def end(self, stream: NetworkStream) -> None:
        """Ends this side's writing on a stream."""
        if not self.closed:
            self._muxer.end(stream.number)
            self._wake()

    def reset(self, stream: NetworkStream) -> None:
        """Drops a stream."""
        if not self.closed:
            self._muxer.reset(stream.number)
            self._wake()

    def agreed(self, stream: NetworkStream) -> None:
        """A stream has its protocol."""
        self._host.stream_agreed(stream)

    def stream_over(self, stream: NetworkStream) -> None:
        """A stream is over on this side."""
        if self._streams.pop(stream.number, None) is not None:
            self._host.stream_closed(stream)

    # The end.

    def close(self) -> None:
        """Closes the connection, after what is queued; again does nothing."""
        if not self.closed and self._secured is not None:
            self._muxer.go_away(0)
            self._flush()
        self._over(NetworkError("connection closed"))
        transport = self._transport
        if transport is not None and not transport.is_closing():
            transport.close()
            if transport.get_write_buffer_size():
                self._aborting = self._loop.call_later(self._host.limits.closing_seconds, self.abort)

    def abort(self) -> None:
        """Closes it at once."""
        self._over(NetworkError("connection closed"))
        if self._transport is not None:
            self._transport.abort()

    def fail(self, error: NetworkError) -> None:
        """Closes it for a reason, of which a dialler that waits for the handshake hears."""
        self._over(error)
        self.abort()

    def _break(self, error: ProtocolError | ProtocolsRefused) -> None:
        """The peer broke a protocol."""
        if self._secured is not None and not self.closed:
            self._take_events()
            self._muxer.go_away(1)
            self._flush()
        elif self._upgrade is not None:
            self._write(self._upgrade.data_to_send())
        self._over(NetworkError(_in_rumors_words(error)))
        self.close()

    def _over(self, error: NetworkError) -> None:
        if self.closed:
            return
        self.closed = True
        self._upgrade = None
        if self._congestion is not None:
            self._congestion.cancel()
            self._congestion = None
        if self._secured is not None:
            self._muxer.close()
            self._take_events()
        for stream in self.streams:  # those of which the muxer knows no more
            stream.receive_reset()
        if not self.identified.done():
            self.identified.set_result(None)
        if self.ready is not None and not self.ready.done():
            self.ready.set_exception(error)
        self._host.connection_closed(self)

    # A look now and then.

    def keep_alive(self) -> None:
        """Closes the connection if the peer was silent, or took nothing, for the whole time since the last call."""
        if self.closed or self._secured is None:
            return
        now = self._loop.time()
        silent = not self._heard
        self._heard = False
        if self._paused and now - self._paused_since >= self._host.limits.keep_alive_seconds:
            self.fail(NetworkError("keep-alive: the peer reads nothing"))
        elif silent and self._ping is not None:
            self.fail(NetworkError("keep-alive: the peer does not answer"))
        elif silent:
            try:
                self._ping = self._muxer.ping()
            except ProtocolError as error:
                self._break(error)
                return
            self._flush()
        else:
            self._ping = None

    # Bytes and events.

    def _take_events(self) -> None:
        self._busy = True
        try:
            for event in self._muxer.events_received():
                handle = _HANDLERS[type(event)]
                handle(self, event)
        finally:
            self._busy = False
        if self._muxer.congested and not self.closed and self._congestion is None:
            self._read_no_more()

    def _opened_by_peer(self, event: events.StreamOpened) -> None:
        stream = NetworkStream(self, event.stream, "inbound", Listener(self._host.serves))
        self._streams[event.stream] = stream
        self._host.stream_opened(stream)

    def _data(self, event: events.StreamData) -> None:
        stream = self._streams.get(event.stream)
        if stream is not None:
            stream.receive(event.data)

    def _ended(self, event: events.StreamEnded) -> None:
        stream = self._streams.get(event.stream)
        if stream is not None:
            stream.receive_end()

    def _reset(self, event: events.StreamReset) -> None:
        stream = self._streams.get(event.stream)
        if stream is not None:
            stream.receive_reset()

    def _writable(self, event: events.Writable) -> None:
        stream = self._streams.get(event.stream)
        if stream is not None:
            stream.writable()

    def _ping_answered(self, _event: events.PingAnswered) -> None:
        self._ping = None

    def _gone_away(self, _event: events.GoAway) -> None:
        """The muxer refuses to open streams from now on; those that are open go on."""

    def _wake(self) -> None:
        """There may be something to send: what is written in one turn of the loop goes out together."""
        if self._busy:
            self._again = True
        elif not self._flushing:
            self._flushing = True
            self._loop.call_soon(self._flush_later)

    def _flush_later(self) -> None:
        self._flushing = False
        self._flush()

    def _flush(self) -> None:
        secured = self._secured
        if self.closed:
            return
        if secured is None:
            assert self._upgrade is not None
            self._write(self._upgrade.data_to_send())
            return
        while not self._paused and not self.closed:
            self._again = False
            data = secured.data_to_send()
            self._write(data)
            self._take_events()
            if not data and not self._again:
                return

    def _write(self, data: bytes) -> None:
        if data and self._transport is not None:
            self._transport.write(data)

    # Too much that nobody reads.

    def _read_no_more(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()
            self._congestion = self._loop.call_later(self._host.limits.congestion_seconds, self._shed)

    def _read_on(self) -> None:
        if self._congestion is not None:
            self._congestion.cancel()
            self._congestion = None
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def _shed(self) -> None:
        self._congestion = None
        if self._muxer.congested and self._muxer.shed() is not None:
            self._take_events()
            self._flush()
        if self.closed:
            return
        if self._muxer.congested:
            self._congestion = self._congestion or self._loop.call_later(0.1, self._shed)
        else:
            self._read_on()


_HANDLERS: dict[type, Callable[[Connection, Any], None]] = {
    events.StreamOpened: Connection._opened_by_peer,
    events.StreamData: Connection._data,
    events.StreamEnded: Connection._ended,
    events.StreamReset: Connection._reset,
    events.Writable: Connection._writable,
    events.PingAnswered: Connection._ping_answered,
    events.GoAway: Connection._gone_away,
}


def _set_options(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    # Where there are no pings (mplex), TCP itself finds out that the other machine is gone.
    for name, value in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _multiaddr(name: tuple[object, ...] | None) -> Multiaddr | None:
    """The multiaddr of a socket's end; None where the system does not tell it."""
    if not name:
        return None
    return Multiaddr.tcp(str(name[0]).partition("%")[0], int(str(name[1])))


def _reason(error: Exception) -> str:
    return (error.strerror or str(error)).lower() if isinstance(error, OSError) else str(error)


def _in_rumors_words(error: ProtocolError | ProtocolsRefused) -> str:
    if isinstance(error, WrongPeer):
        mismatch = f"peer id mismatch: expected {error.expected}, but remote key matches {error.found}"
        return f"failed to negotiate security protocol: {mismatch}"
    return f"failed to negotiate security protocol: {error}"
