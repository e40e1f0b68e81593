"""The other side of one client, without a thread of its own: it hears and says something only when it is told to."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pyrum_sync import Rumor, UnixConn
from tests.conftest import HANG, Background
from tests.support.peers import FREED, SUCCESS, data


@contextmanager
def listening(path: Path) -> Iterator[socket.socket]:
    """A place where clients are waited for; many come, one after the other."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        listener.settimeout(HANG)
        yield listener


class Wire:
    """A client and its other side. What a Unix socket takes is at its other end at once."""

    def __init__(self, listener: socket.socket, **options: Any) -> None:
        path: str = listener.getsockname()
        opening = Background(lambda: Rumor(UnixConn(path), **options))
        self._peer, _ = listener.accept()
        self._peer.settimeout(HANG)
        self._rest = b""
        lines: list[str] = []
        while not lines:
            lines = self._lines(self._peer.recv(1 << 16))
        hello = re.match(r"_(\w+) lvl_trace sleep 1ns; echo", lines[0])
        assert hello, lines
        self._peer.settimeout(None)
        self.say(data(hello[1], **SUCCESS) + data(hello[1], **FREED))
        rumor = opening.value()
        assert isinstance(rumor, Rumor)
        self.rumor = rumor
        self.dead = False  # the client can say and hear nothing more

    def _lines(self, piece: bytes) -> list[str]:
        *lines, self._rest = (self._rest + piece).split(b"\n")
        return [line.decode() for line in lines]

    def hear(self) -> list[str]:
        """The lines that the client has sent."""
        found: list[str] = []
        with suppress(BlockingIOError, ConnectionError):
            while piece := self._peer.recv(1 << 18, socket.MSG_DONTWAIT):
                found += self._lines(piece)
        return found

    def say(self, lines: bytes) -> None:
        """All of it at once: no thread of the client sees one part without the rest."""
        self._peer.sendall(lines)

    def hang_up(self) -> None:
        """The end of the stream."""
        self._peer.shutdown(socket.SHUT_WR)
        self.dead = True

    def close(self) -> None:
        """However it stands: nothing is left of either side."""
        self.dead = True
        with suppress(OSError):
            self._peer.shutdown(socket.SHUT_RDWR)
        closing = Background(self.rumor.close)
        closing.join(HANG)
        self._peer.close()
        assert not closing.is_alive(), "closing hangs"
