"""A scripted other side, on a real socket: it says what the test tells it, when the test tells it."""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
from contextlib import suppress
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any

from pyrum_sync import Rumor, TCPConn

Line = str


class ScriptedServer:
    """One client at a time over TCP. Answers the handshake by itself; every other line is the test's to take."""

    def __init__(self, *, greet: bool = True) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._greet = greet
        self._lines: SimpleQueue[Line | None] = SimpleQueue()
        self.client: socket.socket | None = None
        self._connected = threading.Event()
        self.reading = threading.Event()  # cleared: the server stops reading
        self.reading.set()
        self._closing = False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    # -- the client's side

    def conn(self, **options: Any) -> TCPConn:
        return TCPConn("127.0.0.1", self.port, **options)

    def rumor(self, **options: Any) -> Rumor:
        """A Rumor client that is connected to this server."""
        return Rumor(self.conn(), **{"timeout": 20, **options})

    # -- what the test tells it

    def line(self, seconds: float = 10) -> Line:
        """The next line from the client."""
        try:
            line = self._lines.get(timeout=seconds)
        except Empty:
            raise AssertionError("the client sent no line") from None
        assert line is not None, "the client has hung up"
        return line

    def no_line(self, seconds: float = 0.1) -> bool:
        """Whether the client sends nothing for a while."""
        try:
            line = self._lines.get(timeout=seconds)
        except Empty:
            return True
        raise AssertionError(f"the client sent {line!r}")

    def call(self) -> str:
        """The id of the call that the next line starts."""
        found = re.match(r"_(\w+) ", self.line())
        assert found, "not the line of a call"
        return found[1]

    def send(self, data: bytes) -> None:
        """Bytes to the client, as they are."""
        assert self.client is not None
        self.client.sendall(data)

    def entry(self, **fields: Any) -> None:
        """A log entry."""
        self.send(json.dumps({"level": "info", "msg": "", "time": "2020-01-01T00:00:00Z", **fields}).encode() + b"\n")

    def data(self, call_id: str, **fields: Any) -> None:
        """An entry of a call."""
        self.entry(call_id=call_id, actor="alice", **fields)

    def success(self, call_id: str) -> None:
        self.data(call_id, level="trace", msg="completed call", __success="true")

    def freed(self, call_id: str) -> None:
        self.data(call_id, level="trace", msg="freed call resources", __freed="true")

    def step(self, call_id: str) -> None:
        self.data(call_id, level="trace", msg="Step complete", __step=True)

    def error(self, call_id: str, why: str) -> None:
        self.data(call_id, level="trace", msg="call failed with error", __error=why)

    def failed(self, *args: str, why: str = "exit status 1: no reason") -> None:
        """A line that failed; `args` are its words."""
        self.entry(level="warning", msg="failed", error=why, args=list(args))

    def hang_up(self) -> None:
        """An end of the stream."""
        assert self.client is not None
        self.client.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """A connection reset."""
        assert self.client is not None
        self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client, self.client = self.client, None
        client.shutdown(socket.SHUT_RD)  # wakes our own reader
        self._thread.join(10)
        client.close()

    # -- its thread

    def _serve(self) -> None:
        try:
            client, _ = self._listener.accept()
        except OSError:
            return
        self.client = client
        self._connected.set()
        rest = b""
        try:
            while self.reading.wait() and not self._closing and (data := client.recv(1 << 16)):
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    self._heard(line.decode())
        except OSError:
            pass
        self._lines.put(None)

    def _heard(self, line: Line) -> None:
        hello = re.match(r"_(\w+) lvl_trace sleep 1ns; echo", line) if self._greet else None
        if hello:
            self.success(hello[1])
            self.freed(hello[1])
            self._greet = False
        elif line == "exit":
            self._lines.put("exit")
            if self.client is not None:
                self.hang_up()
        else:
            self._lines.put(line)

    # -- its end

    def close(self) -> None:
        self._closing = True
        self.reading.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        if self.client is not None:
            with suppress(OSError):
                self.client.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        if self.client is not None:
            self.client.close()

    def __enter__(self) -> ScriptedServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
