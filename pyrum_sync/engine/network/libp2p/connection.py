"""A connection on asyncio: the bytes of a socket through the upgrade and the muxer.

It keeps the rules that `muxer` names for its owner.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

from pyrum_sync.engine.network.api import Direction, NetworkError
from pyrum_sync.engine.network.errors import ProtocolError
from pyrum_sync.spec.multiaddr import Multiaddr

from .congestion import Congestion
from .limits import Limits
from .multistream import ProtocolsRefused
from .muxed import Muxed, StreamHost
from .noise import WrongPeer
from .secured import SecuredConnection
from .sockets import end_of, prepare, reason
from .upgrade import Upgrade

WRITE_BUFFER = 128 * 1024
"""Bytes of asyncio's own queue at which the muxer is asked for no more."""


class Door(Protocol):
    """What counts the connections that have a socket."""

    def began(self, connection: Connection) -> bool: ...
    def gone(self, connection: Connection) -> None: ...


class ConnectionHost(StreamHost, Protocol):
    """What a connection needs of its host."""

    @property
    def loop(self) -> asyncio.AbstractEventLoop: ...
    @property
    def limits(self) -> Limits: ...
    @property
    def buffer(self) -> memoryview: ...
    @property
    def admission(self) -> Door: ...
    def connection_ready(self, connection: Connection) -> bool: ...
    def connection_closed(self, connection: Connection) -> None: ...


class Connection(asyncio.BufferedProtocol):
    """One connection of a host, from the first byte of its handshake to its end.

    Args:
        host: Its host.
        upgrade: The handshake, not begun.
        direction: Which side dialled.
    """

    def __init__(self, host: ConnectionHost, upgrade: Upgrade, direction: Direction) -> None:
        self.direction: Direction = direction
        self.peer = ""
        self.address: Multiaddr | None = None
        """The peer's end."""
        self.local: Multiaddr | None = None
        """This side's end."""
        self.observed: Multiaddr | None = None
        """This side's end as the peer says that it sees it."""
        self.origin = ""
        """What the host counts it under, while it does."""
        self.closed = False
        self.ready: asyncio.Future[None] | None = None
        """For a dialler that waits for the handshake's end."""
        self.identified: asyncio.Future[None] = host.loop.create_future()
        """Done when the peer's identification is over, also if it failed."""
        self.public_key = b""
        """The peer's identity key, encoded, once it is proven."""
        self._host = host
        self._loop = host.loop
        self._upgrade: Upgrade | None = upgrade
        self._secured: SecuredConnection | None = None
        self._muxed: Muxed | None = None
        self._transport: asyncio.Transport | None = None
        self._flushing = False  # a flush is to come
        self._full_since: float | None = None  # asyncio's queue
        self._heard = True  # something came since the last look
        self._aborting: asyncio.TimerHandle | None = None

    # asyncio's side.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is there."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(high=WRITE_BUFFER)
        self.address = end_of(transport.get_extra_info("peername"))
        self.local = end_of(transport.get_extra_info("sockname"))
        if self.closed or not self._host.admission.began(self):
            self.abort()
            return
        prepare(transport.get_extra_info("socket"))
        self.flush()

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - asyncio has no idea of it
        """Where to put what comes: it is taken from there at once, so that a host needs only one."""
        return self._host.buffer

    def buffer_updated(self, nbytes: int) -> None:
        """So many bytes came."""
        if self.closed:
            return
        self._heard = True
        data = bytes(self._host.buffer[:nbytes])
        try:
            if self._secured is None:
                self._shake_hands(data)
            else:
                self._secured.receive_data(data)
        except (ProtocolError, ProtocolsRefused) as error:
            self._break(error)
            return
        self._take_and_flush()

    def eof_received(self) -> bool:
        """The peer sends no more: a connection is over then."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is gone."""
        if self._aborting is not None:
            self._aborting.cancel()
            self._aborting = None
        self._over(NetworkError("the peer closed the connection" if exc is None else reason(exc)))
        self._transport = None
        self._host.admission.gone(self)

    def pause_writing(self) -> None:
        """asyncio's queue is full."""
        self._full_since = self._loop.time()
        if self._muxed is not None:
            self._muxed.hold()

    def resume_writing(self) -> None:
        """It has room again."""
        self._full_since = None
        if self._muxed is not None:
            self._muxed.release()
        self.flush()

    def _shake_hands(self, data: bytes) -> None:
        upgrade = self._upgrade
        assert upgrade is not None
        upgrade.receive_data(data)
        secured = upgrade.connection
        if secured is None:
            return
        self._write(upgrade.data_to_send())
        assert self._transport is not None
        patience = self._host.limits.congestion_seconds
        congestion = Congestion(self._loop, secured.muxer, self._transport, patience, self._shed)
        self._upgrade = None
        self._secured = secured
        self._muxed = Muxed(self._host, self, secured, congestion)
        self.peer = secured.peer_id
        self.public_key = secured.public_key.encoded
        if not self._host.connection_ready(self):
            self.abort()
        elif self.ready is not None and not self.ready.done():
            self.ready.set_result(None)

    @property
    def muxed(self) -> Muxed:
        """Its streams.

        Raises:
            NetworkError: the handshake is not over, or the connection is closed.
        """
        if self._muxed is None or self.closed:
            raise NetworkError("connection closed")
        return self._muxed

    # The end.

    def close(self) -> None:
        """Closes the connection after what is queued, within a second or so; again does nothing."""
        if not self.closed and self._muxed is not None:
            self._muxed.go_away(0)
            self.flush()
        self._over(NetworkError("connection closed"))
        transport = self._transport
        if transport is not None and not transport.is_closing():
            transport.close()
            if transport.get_write_buffer_size():
                self._aborting = self._loop.call_later(self._host.limits.closing_seconds, self.abort)

    def abort(self, error: NetworkError | None = None) -> None:
        """Closes it at once; a dialler that waits for the handshake gets the error."""
        self._over(error or NetworkError("connection closed"))
        if self._transport is not None:
            self._transport.abort()

    def broke(self, error: ProtocolError) -> None:
        """The peer broke the muxer's bounds; called where events may be under way, which go first."""
        self._loop.call_soon(self._break, error)

    def _break(self, error: ProtocolError | ProtocolsRefused) -> None:
        """The peer broke a protocol."""
        if self._muxed is not None and not self.closed:
            self._muxed.take_events()
            self._muxed.go_away(1)
            self.flush()
        elif self._upgrade is not None:
            self._write(self._upgrade.data_to_send())
        self._over(NetworkError(_in_rumors_words(error)))
        self.close()

    def _over(self, error: NetworkError) -> None:
        if self.closed:
            return
        self.closed = True
        self._upgrade = None
        if self._muxed is not None:
            self._muxed.close()
        if not self.identified.done():
            self.identified.set_result(None)
        if self.ready is not None and not self.ready.done():
            self.ready.set_exception(error)
        self._host.connection_closed(self)

    def keep_alive(self, seconds: float) -> None:
        """Closes the connection if the peer was silent, or took nothing, for the whole time since the last call.

        Args:
            seconds: How long ago that was.
        """
        muxed = self._muxed
        if self.closed or muxed is None:
            return
        silent, self._heard = not self._heard, False
        if self._full_since is not None and self._loop.time() - self._full_since >= seconds:
            self.abort(NetworkError("the peer reads nothing"))
        elif not silent:
            muxed.awaited_ping = None
        elif muxed.awaited_ping is not None:
            self.abort(NetworkError("the peer does not answer"))
        else:
            try:
                muxed.ping()
            except ProtocolError as error:
                self._break(error)
            self.flush()

    # Bytes.

    def wake(self) -> None:
        """There may be something to send: what is written in one turn of the loop goes out together."""
        if not self._flushing:
            self._flushing = True
            self._loop.call_soon(self._flush_later)

    def _flush_later(self) -> None:
        self._flushing = False
        self.flush()

    def flush(self) -> None:
        """Sends what there is, as long as the socket takes it."""
        secured, muxed = self._secured, self._muxed
        if secured is None or muxed is None:
            if self._upgrade is not None:
                self._write(self._upgrade.data_to_send())
            return
        while self._full_since is None and not self.closed and not self._transport_closing():
            muxed.again = False
            data = secured.data_to_send()
            self._write(data)
            muxed.take_events()
            if not data and not muxed.again:
                return

    def _take_and_flush(self) -> None:
        if self._muxed is not None:
            self._muxed.take_events()
        self.flush()

    def _shed(self) -> None:
        """The stream that has the most unread bytes is dropped."""
        assert self._secured is not None
        try:
            self._secured.muxer.shed()
        except ProtocolError as error:
            self._break(error)
        else:
            self._take_and_flush()

    def _transport_closing(self) -> bool:
        return self._transport is None or self._transport.is_closing()

    def _write(self, data: bytes) -> None:
        if data and self._transport is not None:
            self._transport.write(data)


def _in_rumors_words(error: ProtocolError | ProtocolsRefused) -> str:
    if isinstance(error, WrongPeer):
        mismatch = f"peer id mismatch: expected {error.expected}, but remote key matches {error.found}"
        return f"failed to negotiate security protocol: {mismatch}"
    return f"failed to negotiate security protocol: {error}"
