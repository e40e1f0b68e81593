"""A served Rumor, over a websocket."""

from __future__ import annotations

import select
import socket
import threading
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any

from ..errors import HandshakeError
from .base import poll
from .sockets import SocketConnection

if TYPE_CHECKING:
    import ssl


class _Dry(Exception):
    """The buffer holds no further whole frame."""


class WebsocketConn(SocketConnection):
    """A Rumor started with ``rumor serve --http=HOST:PORT --api-key=KEY``.

    `ws_url` has the path ``/ws``; `ws_key` is sent as ``X-Api-Key``; `ssl_context` is for ``wss://`` (by default
    certificates are verified). Times in seconds.
    """

    def __init__(
        self,
        ws_url: str = "ws://localhost:8000/ws",
        ws_key: str = "",
        *,
        ssl_context: ssl.SSLContext | None = None,
        connect_timeout: float = 10,
        retry_for: float = 0,
    ) -> None:
        super().__init__(connect_timeout, retry_for)
        self._url, self._key, self._ssl_context = ws_url, ws_key, ssl_context
        self._pongs: list[bytes] = []

    def __repr__(self) -> str:
        return f"WebsocketConn({self._url!r})"

    def _where(self) -> str:
        return self._url

    def _connect(self, deadline: float) -> None:
        import websocket  # 20 ms that scripts on other transports need not pay

        client: Any = websocket.WebSocket(
            skip_utf8_validation=True, sslopt={"context": self._ssl_context} if self._ssl_context else {}
        )
        try:
            client.connect(
                self._url,
                timeout=deadline - monotonic(),
                redirect_limit=0,
                header=[f"X-Api-Key: {self._key}"] if self._key else [],
            )
        except websocket.WebSocketBadStatusException as error:
            hint = ": wrong or missing ws_key" if error.status_code == 403 else ""
            raise HandshakeError(f"{self._url} refused with HTTP status {error.status_code}{hint}") from None
        except websocket.WebSocketTimeoutException as error:
            raise TimeoutError(f"no answer within {self.connect_timeout} s") from error
        except (websocket.WebSocketException, ValueError) as error:
            if (client.getstatus() or 101) == 101:
                raise HandshakeError(f"{self._url} is no websocket: {error}") from error
        if client.getstatus() != 101:  # a redirection: following it could give the key to another host
            client.shutdown()
            raise HandshakeError(f"{self._url} answers with HTTP status {client.getstatus()}: give the final address")
        self._socket = client.sock
        # From here on the library cuts and makes the frames; reading and writing the bytes is ours, so that all frames
        # of one read are taken at once, and a write can stop at a deadline.
        self._library: Any = websocket
        self._frames = websocket.frame_buffer(self._take, True)
        self._buffer = memoryview(b"")
        self._may_wait = True
        self._over = False
        self._broken: Exception | None = None
        # One thread at a time may use a TLS object, so it must never block while it does.
        self._tls = threading.Lock() if hasattr(self._socket, "pending") else None
        self._socket.settimeout(0 if self._tls else None)

    def _frame(self, line: str) -> bytes:
        return self._encode(line.encode(), self._library.ABNF.OPCODE_TEXT)

    def _encode(self, data: bytes, opcode: int) -> bytes:
        frame: bytes = self._library.ABNF.create_frame(data, opcode).format()
        return frame

    # -- reading

    def _receive(self) -> bytes:
        abnf = self._library.ABNF
        pieces: list[bytes] = []
        self._may_wait = True
        if self._broken is not None:
            raise ConnectionError(f"not a websocket frame: {self._broken}") from self._broken
        while not self._over:
            try:
                frame: Any = self._frames.recv_frame()
            except _Dry:
                break
            except self._library.WebSocketConnectionClosedException:
                self._over = True
                break
            except self._library.WebSocketException as error:
                self._broken = error
                return b"".join(pieces) or self._receive()  # first what came before it
            if frame.opcode in (abnf.OPCODE_TEXT, abnf.OPCODE_BINARY, abnf.OPCODE_CONT):
                if frame.data:
                    pieces.append(frame.data)
                    self._may_wait = False
            elif frame.opcode == abnf.OPCODE_PING:
                self._pongs.append(frame.data)
                self.chores = True
                self.on_chores()
            elif frame.opcode == abnf.OPCODE_CLOSE:
                self._over = True
        return b"".join(pieces)

    def _take(self, size: int) -> bytes:
        """At most `size` bytes for the frame reader."""
        if not self._buffer:
            if not self._may_wait:
                raise _Dry
            self._buffer = memoryview(self._some())
            if not self._buffer:
                raise self._library.WebSocketConnectionClosedException("the stream ended")
        piece = bytes(self._buffer[:size])
        self._buffer = self._buffer[size:]
        return piece

    def _some(self) -> bytes:
        while self._tls:
            try:
                with self._tls:
                    return super()._receive()
            except OSError as error:
                event = self._wanted(error)
            poll(self._socket.fileno(), event, 60)
        return super()._receive()

    def _wanted(self, error: OSError) -> int:
        """What a TLS object waits for; any other error is raised."""
        import ssl

        if isinstance(error, ssl.SSLWantReadError):
            return select.POLLIN
        if isinstance(error, ssl.SSLWantWriteError):
            return select.POLLOUT
        raise error

    def _discard(self) -> bytes:
        if not self._tls:
            return super()._discard()
        try:
            with self._tls:
                return super()._receive()
        except OSError as error:
            self._wanted(error)
            raise BlockingIOError from error

    # -- writing

    def _push(self, data: bytes | memoryview, sent: list[int]) -> None:
        if not self._tls:
            super()._push(data, sent)
            return
        try:
            with self._tls:
                sent.append(self._socket.send(data))
        except OSError as error:
            self._wanted(error)
            if not sent:
                sent.append(0)  # TLS has taken the first bytes for its own, and wants to be given the same ones again
            raise BlockingIOError from error
        except BaseException:
            self.hang_up()  # Ctrl-C in the middle: how much was written is not known, so the stream is of no use
            raise

    def _do_chores(self, deadline: float | None) -> None:
        while self._pongs:
            self._put(self._encode(self._pongs.pop(0), self._library.ABNF.OPCODE_PONG), deadline)

    def _sever(self) -> None:
        with suppress(OSError):
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)  # not TLS's own, which is no thread's friend
