"""A served Rumor, over TCP or a Unix socket."""

from __future__ import annotations

from time import monotonic, sleep

from pyrum_sync.protocol.lines import EXIT_LINE
from pyrum_sync.transports.base import SHORT, Connection

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    import socket
    from typing import Any
else:
    try:
        import _socket as socket  # what `socket` wraps: with its enumerations and selectors it is slow to import
    except ImportError:
        import socket

RECEIVE_SIZE = 1 << 16
_AT_ONCE = (socket.MSG_DONTWAIT,)


class ServerConnection(Connection):
    """A connection to a server, which may still be starting: `retry_for` is how long to go on trying."""

    _RETRIED: tuple[type[BaseException], ...] = (ConnectionRefusedError, TimeoutError)

    def __init__(self, connect_timeout: float, retry_for: float) -> None:
        super().__init__(connect_timeout)
        if not retry_for >= 0:
            raise ValueError(f"retry_for must be 0 or more seconds, got {retry_for!r}")
        self._retry_for = retry_for

    def _reach(self) -> None:
        last_start = monotonic() + self._retry_for
        while True:
            try:
                super()._reach()
                return
            except self._RETRIED:
                if monotonic() + SHORT > last_start:
                    raise
            sleep(SHORT)


class SocketConnection(ServerConnection):
    """Bytes over a stream socket."""

    _socket: socket.socket

    def __init__(self, connect_timeout: float, retry_for: float) -> None:
        super().__init__(connect_timeout, retry_for)
        # Used again and again: to get this much from the system for each read would cost more than the read.
        self._room = memoryview(bytearray(RECEIVE_SIZE))

    def _receive(self) -> bytes:
        return bytes(self._room[: self._socket.recv_into(self._room)])

    def _discard(self) -> bytes:
        return self._socket.recv(1 << 16, socket.MSG_DONTWAIT)

    def _push(self, data: bytes | memoryview, sent: list[int]) -> None:
        sent.extend(map(self._socket.send, (data,), _AT_ONCE))

    def _fds(self) -> tuple[int, int]:
        return self._socket.fileno(), self._socket.fileno()

    def _sever(self, deadline: float) -> None:  # noqa: ARG002 - for child processes
        try:  # noqa: SIM105 - contextlib is slow to import
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # not connected any more: no thread waits in it

    def _release(self) -> None:
        self._socket.close()
        # A closed connection that is still referenced, or is garbage not yet collected, needs no room.
        self._room = memoryview(bytearray())

    def _call_on(self, connecting: socket.socket, address: Any, seconds: float) -> None:
        """Connect this socket, or close it. Whatever ends it (Ctrl-C) after Rumor was reached, Rumor is sent `exit`:
        otherwise it would keep the session for ever."""
        try:
            connecting.settimeout(seconds)
            connecting.connect(address)
            connecting.settimeout(None)
            self._socket = connecting
        except BaseException:
            self._dismiss(connecting)
            raise

    def _give_up(self) -> None:
        if hasattr(self, "_socket"):
            self._dismiss(self._socket)
            del self._socket

    def _dismiss(self, connected: socket.socket) -> None:
        try:
            connected.settimeout(0)
            connected.send(self._frame(EXIT_LINE))
        except OSError:
            pass
        connected.close()


class TCPConn(SocketConnection):
    """A Rumor started with ``rumor serve --tcp=HOST:PORT``. `addr` is a host name or address; times in seconds."""

    def __init__(
        self, addr: str = "localhost", port: int = 3030, *, connect_timeout: float = 10, retry_for: float = 0
    ) -> None:
        super().__init__(connect_timeout, retry_for)
        self._addr, self._port = addr, port

    def __repr__(self) -> str:
        return f"TCPConn({self._addr!r}, {self._port!r})"

    def _where(self) -> str:
        return f"{self._addr}:{self._port}"

    def _connect(self, deadline: float) -> None:
        # As text it would go through the codec for international names, which is slow to import.
        name = self._addr.encode() if self._addr.isascii() else self._addr
        found = socket.getaddrinfo(name, self._port, type=socket.SOCK_STREAM)
        for number, (family, kind, protocol, _, address) in enumerate(found, 1):
            # What one address leaves of the time is shared by the others.
            seconds = max(0.001, (deadline - monotonic()) / (len(found) - number + 1))
            try:
                self._call_on(socket.socket(family, kind, protocol), address, seconds)
                break
            except OSError:
                if number == len(found):
                    raise
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class UnixConn(SocketConnection):
    """A Rumor started with ``rumor serve --ipc=PATH``; times in seconds."""

    _RETRIED = (ConnectionRefusedError, TimeoutError, FileNotFoundError)

    def __init__(
        self, socket_path: str = "example.socket", *, connect_timeout: float = 10, retry_for: float = 0
    ) -> None:
        super().__init__(connect_timeout, retry_for)
        self._path = str(socket_path)

    def __repr__(self) -> str:
        return f"UnixConn({self._path!r})"

    def _where(self) -> str:
        return self._path

    def _connect(self, deadline: float) -> None:
        while True:
            try:
                self._call_on(socket.socket(socket.AF_UNIX), self._path, max(0.001, deadline - monotonic()))
                return
            except BlockingIOError:  # the server's queue is full; on a Unix socket that is an error at once
                if monotonic() + SHORT > deadline:
                    raise TimeoutError("timed out") from None
                sleep(SHORT)
