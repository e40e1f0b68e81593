"""The scripted other side: a TCP server that answers as well as Rumor does, but for what it is told to do wrong.

Each call is answered with success and `__freed`. The first `host view` gets the pieces of the situation instead: bytes
(`ID` in them is the call's id), or something that is done to the connection.
"""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import suppress
from types import TracebackType

Piece = bytes | str
FIN, RST, STALL = "FIN", "RST", "STALL"  # end the stream, reset the connection, stop reading
DRIP = "DRIP"  # a byte now and then, for ever

_CALL = re.compile(rb"_(\w+) (?:\w+: )?(?:lvl_trace )?(\w+(?: \w+)?)")


def entry(**fields: object) -> bytes:
    """A log entry, as a line."""
    return json.dumps({"level": "info", "msg": "", "time": "2020-10-20T12:00:00Z", **fields}).encode() + b"\n"


def of_call(**fields: object) -> bytes:
    """An entry of the call."""
    return entry(call_id="ID", actor="alice", **fields)


SUCCESS = of_call(level="trace", msg="completed call", __success="true")
FREED = of_call(level="trace", msg="freed call resources", __freed="true")


def _lines(client: socket.socket) -> Iterator[bytes]:
    rest = b""
    while data := client.recv(1 << 16):
        *lines, rest = (rest + data).split(b"\n")
        yield from lines


class Peer:
    """Serves on a port of 127.0.0.1, any number of clients."""

    def __init__(self, pieces: tuple[Piece, ...], *, mute: bool = False) -> None:
        self._pieces = pieces
        self._mute = mute
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._clients: list[socket.socket] = []
        self._closed = threading.Event()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self) -> None:
        with suppress(OSError):  # the listener was closed
            while True:
                client = self._listener.accept()[0]
                self._clients.append(client)
                self._threads.append(threading.Thread(target=self._serve, args=(client,), daemon=True))
                self._threads[-1].start()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError):
            for line in _lines(client):
                found = _CALL.match(line)
                if line == b"exit":
                    client.shutdown(socket.SHUT_WR)
                elif found is None or self._mute:
                    continue
                elif found[2] == b"host view" and self._pieces:
                    pieces, self._pieces = self._pieces, ()
                    for piece in pieces:
                        self._do(client, piece, found[1])
                else:
                    client.sendall((SUCCESS + FREED).replace(b"ID", found[1]))

    def _do(self, client: socket.socket, piece: Piece, call_id: bytes) -> None:
        if isinstance(piece, bytes):
            client.sendall(piece.replace(b"ID", call_id))
        elif piece == FIN:
            client.shutdown(socket.SHUT_WR)
        elif piece == RST:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
        elif piece == STALL:
            self._closed.wait()
        elif piece == DRIP:
            while not self._closed.wait(0.05):
                client.sendall(b" ")

    def __enter__(self) -> Peer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for client in self._clients:
            with suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        for client in self._clients:
            client.close()
