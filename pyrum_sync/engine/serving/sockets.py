"""Sockets of served sessions: accepting, reading, and writing with Rumor's time limit."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import threading
import time
from collections.abc import Callable

# Rumor gives up on one write after that long; until then everything else waits.
WRITE_SECONDS = 10.0
_BLOCK = 1 << 16


class Peer:
    """The other end of a connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._lost: Callable[[], None] = lambda: None
        self._gone = False

    def on_lost(self, callback: Callable[[], None]) -> None:
        """Calls back, in the loop's thread, when a write finds nobody there."""
        self._lost = callback

    def read(self) -> bytes:
        """Some bytes, empty at the end; blocks."""
        return self._socket.recv(_BLOCK)

    def write(self, data: bytes) -> None:
        """Writes all, or what can be written in the time there is."""
        if self._gone:
            return
        view = memoryview(data)
        deadline = time.monotonic() + WRITE_SECONDS
        while view:
            try:
                view = view[self._socket.send(view, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL) :]
            except BlockingIOError:
                if not self._writable(deadline - time.monotonic()):
                    return
            except OSError:
                self._gone = True
                self._lost()
                return

    def _writable(self, seconds: float) -> bool:
        poll = select.poll()
        poll.register(self._socket, select.POLLOUT)
        return bool(poll.poll(max(0.0, seconds) * 1000))

    def wait_for_hang_up(self) -> None:
        """Blocks until the other side is gone altogether, not only done writing."""
        poll = select.poll()
        poll.register(self._socket, 0)
        poll.poll()

    def close(self) -> None:
        """Closes the connection; a waiting `read` returns."""
        self._gone = True
        with contextlib.suppress(OSError):  # it may be closed from the other side
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


def accept_on(listener: socket.socket, taken: Callable[[socket.socket], None]) -> None:
    """Hands connections to `taken` from a thread of its own, until the listener is closed."""

    def work() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            taken(connection)

    threading.Thread(target=work, name="simulator accept", daemon=True).start()


def listen_tcp(address: str) -> socket.socket:
    """A listener at HOST:PORT; OSError, or ValueError for no such address."""
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdigit():
        raise ValueError(f"address {address}: missing port in address")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host.strip("[]"), int(port)), family=family, backlog=128)


def listen_unix(path: str) -> socket.socket:
    """A listener at a path, in place of a socket left there."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    listener.listen(128)
    return listener
