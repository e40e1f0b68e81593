"""A connection of the user's own making as a link."""

from __future__ import annotations

import threading
from contextlib import suppress
from queue import SimpleQueue

from pyrum_sync.transports.link import Link, User
from pyrum_sync.transports.locks import SafeLock

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from typing import Any, Protocol
else:
    Protocol = object


class LineConn(Protocol):
    """What a connection must offer: lines both ways, as text."""

    def open(self) -> object: ...

    def send_line(self, line: str) -> object: ...

    def recv_line(self) -> str | bytes | None: ...

    def close(self) -> object: ...


class LineLink(Link):
    """A user's connection as a link. A thread of its own sends, so that no caller blocks in foreign code."""

    def __init__(self, conn: LineConn) -> None:
        self._conn = conn
        self.connect_timeout = getattr(conn, "connect_timeout", Link.connect_timeout)
        self._outgoing: SimpleQueue[str | None] = SimpleQueue()
        self._sender = threading.Thread(target=self._send_all, name="pyrum_sync sender", daemon=True)
        self._failure: BaseException | None = None
        self._closing = SafeLock()
        self._closed = False

    def __repr__(self) -> str:
        return repr(self._conn)

    def open(self, user: User | None = None) -> None:  # noqa: ARG002 - lines are written whole, and closed by us alone
        self._conn.open()
        self._sender.start()

    def read(self) -> bytes:
        line = self._conn.recv_line()
        if line is None:
            if self._failure is not None:
                raise ConnectionError(f"writing failed: {self._failure}") from self._failure
            return b""
        # Lone surrogates stand for what was no UTF-8: as such it is reported.
        return (line.encode(errors="surrogatepass") if isinstance(line, str) else bytes(line)) + b"\n"

    def send(self, line: str, deadline: float | None, sent: list[Any] | None = None) -> None:  # noqa: ARG002 - at once
        if self._failure is not None or self._closed:
            raise BrokenPipeError("the connection takes no more lines") from self._failure
        (sent if sent is not None else []).extend(map(self._outgoing.put, (line,)))  # put and noted at once

    def _send_all(self) -> None:
        while (line := self._outgoing.get()) is not None:
            try:
                self._conn.send_line(line)
            except BaseException as error:
                self._failure = error
                self.hang_up()  # ends the reader, which wakes every thread that waits
                return

    def flush(self, deadline: float | None) -> None:
        """Nothing to do: lines are written whole."""

    def hang_up(self, deadline: float = 0.0) -> None:  # noqa: ARG002
        if not self._closing.run(self._begin_closing):
            return
        self._outgoing.put(None)
        with suppress(Exception):  # of no use to anybody any more
            self._conn.close()

    def _begin_closing(self) -> bool:
        """Returns False if that was done before."""
        closed, self._closed = self._closed, True
        return not closed

    def close(self) -> None:
        self.hang_up()
        if self._sender.ident is not None and self._sender is not threading.current_thread():
            self._sender.join(1)
