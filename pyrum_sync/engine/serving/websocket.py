"""Websocket sessions, on the sans-I/O side of the `websockets` library (extra ``[engine]``)."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import socket
import threading

from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

from pyrum_sync.engine.serving.line_stream import LineStream
from pyrum_sync.engine.serving.server import Server, place
from pyrum_sync.engine.serving.sockets import Peer


class WebsocketPeer(Peer):
    """Messages in place of bytes: an entry is one, with its newline; one that comes in ends a line."""

    def __init__(self, connection: socket.socket) -> None:
        super().__init__(connection)
        self._protocol = ServerProtocol(max_size=None)
        self._lock = threading.Lock()
        self._message: list[bytes] = []

    def shake_hands(self) -> bool:
        """Answers the request that opens the websocket; False if it was none."""
        while True:
            for event in self._receive():
                if isinstance(event, Request):
                    with self._lock:
                        self._protocol.send_response(self._protocol.accept(event))
                        self._flush()
                    return self._protocol.state is State.OPEN
            if self._gone or self._protocol.state is State.CLOSED:
                return False

    def read(self) -> bytes:
        """Messages as lines; empty when the connection, or its text, is over."""
        lines = b""
        while not lines:
            events = self._receive()
            for event in events:
                if not isinstance(event, Frame) or event.opcode in (Opcode.PING, Opcode.PONG):
                    continue
                if event.opcode in (Opcode.CLOSE, Opcode.BINARY):
                    return lines  # Rumor ends the reading at a binary message too
                self._message.append(bytes(event.data))
                if event.fin:
                    lines += b"".join(self._message) + b"\n"
                    self._message.clear()
            if not events and self._protocol.state is not State.OPEN:
                return lines
        return lines

    def write(self, data: bytes) -> None:
        """An entry as a message."""
        with self._lock:
            if self._protocol.state is State.OPEN:
                self._protocol.send_text(data)
                self._flush()

    def wait_for_hang_up(self) -> None:
        """Blocks until the connection is closed."""
        while self._protocol.state is State.OPEN:
            self._receive()

    def _receive(self) -> list[object]:
        """Reads once; what came of it, the library's own answers sent."""
        try:
            data = super().read()
        except OSError:
            data = b""
        with self._lock:
            if data:
                self._protocol.receive_data(data)
            else:
                self._protocol.receive_eof()
            self._flush()
            return list(self._protocol.events_received())

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                super().write(data)


def serve_websocket(connection: socket.socket, server: Server) -> None:
    """Shakes hands and holds a session; returns when it is over."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    peer = WebsocketPeer(connection)
    if not peer.shake_hands():
        return
    where = place(connection)
    session = server.session(peer, LineStream(peer.read, f"simulator {where}"), where)
    with contextlib.suppress(concurrent.futures.CancelledError):  # the server ends
        asyncio.run_coroutine_threadsafe(session, server.loop).result()
