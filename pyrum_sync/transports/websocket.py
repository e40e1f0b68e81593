"""A served Rumor, over a websocket."""

from __future__ import annotations

import re
import select
import socket
import sys
import threading
import warnings
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from time import monotonic
from typing import TYPE_CHECKING, Any

from pyrum_sync.errors import HandshakeError
from pyrum_sync.protocol.redaction import Mask
from pyrum_sync.transports.base import poll
from pyrum_sync.transports.link import BUSY_TIME
from pyrum_sync.transports.locks import SafeLock
from pyrum_sync.transports.sockets import SocketConnection

if TYPE_CHECKING:
    import ssl


_PONGS = 100
_PING_SIZE = 125  # as the protocol allows


class _Dry(Exception):
    """The buffer holds no further whole frame."""


class WebsocketConn(SocketConnection):
    """A Rumor started with ``rumor serve --http=HOST:PORT --api-key=KEY``.

    `ws_url` has the path ``/ws``; `ws_key` is sent as ``X-Api-Key``; `ssl_context` is for ``wss://`` (by default
    certificates are verified). Times in seconds.

    Over ``ws://`` anybody on the way can read the key: a RuntimeWarning says so, unless the host is this machine. A
    user and password in the address are not sent, and shown nowhere; nor is what follows a ``?`` shown.

    Raises ValueError for a key that no HTTP header can hold.
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
        self._url, self._key, self._ssl_context = ws_url, _checked(ws_key), ssl_context
        self._mask = Mask()
        self._mask.learn(ws_key)
        self._here = False  # the other side is this machine, and TLS is not used
        # The other side may ping without reading: then only the last ones need an answer.
        self._pongs: deque[bytes] = deque(maxlen=_PONGS)
        self._opening: tuple[Any, SimpleQueue[None]] | None = None  # what connects, and news of its end

    def __repr__(self) -> str:
        return f"WebsocketConn({self._where()!r})"

    def _where(self) -> str:
        return re.sub(r"(?s)\?.*", "?***", re.sub(r"(?s)^(\w*:?//)?.*@", r"\1***@", self._url))

    def _reach(self) -> None:
        if not self._url.startswith("wss:"):
            host = _host(self._url)
            self._here = _is_here(host)
            if self._key and not self._here:
                warnings.warn(
                    f"ws_key goes to {host} unencrypted, for anybody on the way to read: use wss://",
                    RuntimeWarning,
                    stacklevel=_outside(),
                )
        super()._reach()

    def _connect(self, deadline: float) -> None:
        import websocket  # 20 ms that scripts on other transports need not pay

        self._library: Any = websocket
        client: Any = websocket.WebSocket(
            skip_utf8_validation=True, sslopt={"context": self._ssl_context} if self._ssl_context else {}
        )
        options: dict[str, Any] = {
            "timeout": deadline - monotonic(),
            "redirect_limit": 0,
            "header": [f"X-Api-Key: {self._key}"] if self._key else [],
        }
        if self._here:
            # What is for this machine must not go to a proxy elsewhere, which the environment may name. The library
            # heeds a list of hosts without one only where it is given a proxy.
            options |= {"http_proxy_host": "localhost", "http_proxy_port": 1, "http_no_proxy": ["*"]}
        failure = self._failure(
            self._await_opening(client, deadline, lambda: client.connect(self._url, **options)), client
        )
        if failure is not None:
            try:
                raise failure
            finally:
                del failure
        if client.getstatus() != 101:  # a redirection: following it could send the key to another host
            client.shutdown()
            raise HandshakeError(
                f"{self._where()} answers with HTTP status {client.getstatus()}: use the final address"
            )
        self._socket = client.sock
        # From here on the library cuts and makes the frames; reading and writing the bytes is ours, so that all frames
        # of one read are taken at once, and a write can stop at a deadline.
        self._frames = websocket.frame_buffer(self._take, True)
        self._buffer = memoryview(b"")
        self._may_wait = True
        self._over = False
        self._broken: Exception | None = None
        # One thread at a time may use a TLS object, so it must never block while it does.
        self._tls = SafeLock() if hasattr(self._socket, "pending") else None
        self._socket.settimeout(0 if self._tls else None)

    def _failure(self, error: BaseException | None, client: Any) -> BaseException | None:
        """What to raise for what the library raised: in our words, and without what may hold the key."""
        library = self._library
        if isinstance(error, library.WebSocketBadStatusException):
            hint = ": wrong or missing ws_key" if error.status_code == 403 else ""
            return HandshakeError(f"{self._where()} refused with HTTP status {error.status_code}{hint}")
        if isinstance(error, (library.WebSocketTimeoutException, TimeoutError)):  # the latter of TLS
            late = TimeoutError(f"no answer within {self.connect_timeout} s")
            late.__cause__ = error
            return late
        if not isinstance(error, (library.WebSocketException, ValueError)):
            return error
        if (client.getstatus() or 101) != 101:
            return None  # a redirection
        said = str(error)
        if self._where() != self._url or self._mask(said) != said:
            return HandshakeError(f"{self._where()} is not a websocket")
        unlike = HandshakeError(f"{self._where()} is not a websocket: {said}")
        unlike.__cause__ = error
        return unlike

    def _await_opening(self, client: Any, deadline: float, connect: Callable[[], object]) -> BaseException | None:
        """Connect in a thread of its own, for the library's time limit is for each read (one that answers byte by byte
        would keep within it for ever), and on Ctrl-C it hangs up: Rumor would keep the session, as no `exit` was sent.

        Returns: what the library raised. Not raised here: a signal handler may raise the same.
        """
        done: SimpleQueue[BaseException | None] = SimpleQueue()

        def work() -> None:
            error: BaseException | None = None
            try:
                connect()
            except BaseException as failure:
                error = failure
            done.put(error)
            over.put(None)

        over: SimpleQueue[None] = SimpleQueue()
        self._opening = client, over
        threading.Thread(target=work, name="pyrum_sync opening", daemon=True).start()
        try:
            return done.get(timeout=max(0.0, deadline - monotonic()))
        except Empty:
            _hang_up(client)
            self._give_up()
            raise TimeoutError(f"no answer within {self.connect_timeout} s") from None

    def _give_up(self) -> None:
        if self._opening is None:
            return
        (client, over), self._opening = self._opening, None
        # Not by joining the thread: after a Ctrl-C while it was started, that may not be possible yet.
        with suppress(Empty):
            over.get(timeout=BUSY_TIME)
        if client.connected:
            self._dismiss(client.sock)
            return
        _hang_up(client)
        client.shutdown()

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
                self._pongs.append(frame.data[:_PING_SIZE])
                self._flush_soon()
            elif frame.opcode == abnf.OPCODE_CLOSE:
                self._over = True
        return b"".join(pieces)

    def _take(self, size: int) -> bytes:
        """At most `size` bytes for the frame reader."""
        if not self._buffer:
            if not self._may_wait:
                raise _Dry
            if (self._frames.length or 0) > self._max_line + 1:  # with its newline
                raise self._library.WebSocketProtocolException(
                    f"it has {self._frames.length} bytes, more than max_line = {self._max_line}"
                )
            self._buffer = memoryview(self._some())
            if not self._buffer:
                raise self._library.WebSocketConnectionClosedException("the stream ended")
        piece = bytes(self._buffer[:size])
        self._buffer = self._buffer[size:]
        return piece

    def _some(self) -> bytes:
        while self._tls:
            try:
                return self._tls.run(super()._receive)
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
            return self._tls.run(super()._receive)
        except OSError as error:
            self._wanted(error)
            raise BlockingIOError from error

    # -- writing

    def _push(self, data: bytes | memoryview, sent: list[int]) -> None:
        if not self._tls:
            super()._push(data, sent)
            return
        try:
            self._tls.run(lambda: sent.append(self._socket.send(data)))
        except OSError as error:
            self._wanted(error)
            if not sent:
                sent.append(0)  # TLS has taken the first bytes for its own, and wants to be given the same ones again
            raise BlockingIOError from error
        except BaseException:
            self.hang_up()  # Ctrl-C in the middle: how much was written is not known, so the stream is of no use
            raise

    def _write_more(self, deadline: float | None) -> None:
        while self._pongs:
            self._put(self._encode(self._pongs.popleft(), self._library.ABNF.OPCODE_PONG), deadline)

    def _sever(self, deadline: float) -> None:  # noqa: ARG002 - for child processes
        with suppress(OSError):
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)  # not TLS's own, which is no thread's friend


def _hang_up(client: Any) -> None:
    """Wake the thread in which the library opens a websocket."""
    sock = client.sock
    if sock is not None:
        with suppress(OSError):
            socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _checked(key: str) -> str:
    """An API key, if it can stand in a header: another header could be slipped in after a newline."""
    if not isinstance(key, str):
        raise TypeError(f"ws_key must be a str, not {type(key).__name__}")
    if not key.isprintable() or max(key, default="") > "\xff":
        raise ValueError("ws_key: an HTTP header has no place for control characters, nor for those beyond Latin-1")
    return key


def _host(url: str) -> str:
    """The host of an address, "" if there is none: that is an error when it is used.

    Not by `urlsplit`, whose ValueError looks like one that a signal handler raises.
    """
    found = re.match(r"[^:/?#]*://(?:[^/?#]*@)?(?:\[([^]/?#]*)\]|([^:/?#]*))", url)
    return ((found[1] or found[2]) if found else "").lower()


def _is_here(host: str) -> bool:
    """Whether a host is this machine: then what is sent to it does not leave it."""
    if host in ("localhost", ""):
        return True
    from ipaddress import ip_address

    try:
        found = {str(address[0]) for *_, address in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except (socket.gaierror, UnicodeError):
        return False
    addresses = [ip_address(each.partition("%")[0]) for each in found]
    return bool(addresses) and all((getattr(each, "ipv4_mapped", None) or each).is_loopback for each in addresses)


def _outside() -> int:
    """The `stacklevel` of the code that called this package, for a warning."""
    package = __name__.partition(".")[0]
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == package:
        level, frame = level + 1, frame.f_back
    return level
