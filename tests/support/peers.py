"""A scripted other side, on a real socket: it says what the test tells it, when the test tells it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import select
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import threading
from contextlib import suppress
from functools import cache
from pathlib import Path
from queue import Empty, SimpleQueue
from time import monotonic
from types import TracebackType
from typing import Any

from pyrum_sync import Rumor, SubprocessConn, TCPConn, UnixConn, WebsocketConn
from pyrum_sync.transports.link import SendTimeout

Line = str


SUCCESS: dict[str, Any] = {"level": "trace", "msg": "completed call", "__success": "true"}
FREED: dict[str, Any] = {"level": "trace", "msg": "freed call resources", "__freed": "true"}


def entry(**fields: Any) -> bytes:
    """A log entry, as it goes over the wire."""
    return json.dumps({"level": "info", "msg": "", "time": "2020-01-01T00:00:00Z", **fields}).encode() + b"\n"


def data(call_id: str, **fields: Any) -> bytes:
    """An entry of a call."""
    return entry(call_id=call_id, actor="alice", **fields)


class ScriptedServer:
    """One client, over TCP. Answers the handshake by itself; every other line is the test's to take."""

    def __init__(self, *, greet: bool = True) -> None:
        self._listener = self._listen()
        self._greet = greet
        self._lines: SimpleQueue[Line | None] = SimpleQueue()
        self.client: socket.socket | None = None
        self._connected = threading.Event()
        self.reading = threading.Event()  # cleared: the server stops reading
        self.reading.set()
        self.obeys = True  # ends the stream when it is told to
        self._closing = False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _listen(self) -> socket.socket:
        listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = listener.getsockname()[1]
        return listener

    # -- the client's side

    def conn(self, **options: Any) -> Any:
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

    def connected(self) -> None:
        """Wait until there is a client."""
        assert self._connected.wait(10), "nobody has connected"

    def send(self, data: bytes) -> None:
        """A piece of the stream to the client."""
        self.connected()
        assert self.client is not None
        self._write(self.client, data)

    def _write(self, client: socket.socket, data: bytes) -> None:
        client.sendall(data)

    def entry(self, **fields: Any) -> None:
        """A log entry."""
        self.send(entry(**fields))

    def data(self, call_id: str, **fields: Any) -> None:
        """An entry of a call."""
        self.send(data(call_id, **fields))

    def success(self, call_id: str) -> None:
        self.data(call_id, **SUCCESS)

    def freed(self, call_id: str) -> None:
        self.data(call_id, **FREED)

    def freed_after_success(self, call_id: str) -> None:
        """Both at once: who waits for the first finds the second there."""
        self.send(data(call_id, **SUCCESS) + data(call_id, **FREED))

    def step(self, call_id: str) -> None:
        self.data(call_id, level="trace", msg="Step complete", __step=True)

    def error(self, call_id: str, why: str) -> None:
        self.data(call_id, level="trace", msg="call failed with error", __error=why)

    def failed(self, *args: str, why: str = "exit status 1: no reason") -> None:
        """A line that failed; `args` are its words."""
        self.entry(level="warning", msg="failed", error=why, args=list(args))

    def hang_up(self) -> None:
        """An end of the stream."""
        self.connected()
        assert self.client is not None
        socket.socket.shutdown(self.client, socket.SHUT_WR)

    def end_in_mid_line(self) -> None:
        """The beginning of an entry, and the end of the stream."""
        self.send(b'{"level":"info","call_id":"')
        self.hang_up()

    def reset(self) -> None:
        """A connection reset."""
        self.connected()
        assert self.client is not None
        self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client, self.client = self.client, None
        self._closing = True
        self.reading.set()
        socket.socket.shutdown(client, socket.SHUT_RD)  # wakes our own reader
        self._thread.join(10)
        client.close()

    # -- its thread

    def _serve(self) -> None:
        try:
            client, _ = self._listener.accept()
        except OSError:
            return
        self.client = client
        if client.family != socket.AF_UNIX:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        rest: list[bytes] = []
        try:
            self.client = client = self._welcome(client)
            self._connected.set()
            while self._comes(client) and self.reading.wait() and not self._closing and (data := self._received()):
                text = self._unframed(data)
                rest.append(text)
                if b"\n" in text:
                    *lines, last = b"".join(rest).split(b"\n")
                    rest = [last]
                    for line in lines:
                        self._heard(line.decode())
        except OSError:
            pass
        self._lines.put(None)

    def _comes(self, client: socket.socket) -> bool:
        """Wait until there is something to read, but leave it there: a side that does not read takes nothing."""
        poller = select.poll()
        poller.register(client.fileno(), select.POLLIN)
        poller.poll()
        return True

    def _received(self) -> bytes:
        """What has come, b"" at the end."""
        client = self.client
        return client.recv(1 << 16) if client is not None else b""

    def _welcome(self, client: socket.socket) -> socket.socket:
        """What comes before the first line."""
        return client

    def _unframed(self, data: bytes) -> bytes:
        """The part of the stream of lines that came in `data`."""
        return data

    def _heard(self, line: Line) -> None:
        hello = re.match(r"_(\w+) lvl_trace sleep 1ns; echo", line) if self._greet else None
        if hello:
            self.freed_after_success(hello[1])
            self._greet = False
        elif line == "exit":
            self._lines.put("exit")
            if self.client is not None and self.obeys:
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
                socket.socket.shutdown(self.client, socket.SHUT_RDWR)
        self._thread.join(10)
        if self.client is not None:
            self.client.close()

    def __enter__(self) -> ScriptedServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class UnixServer(ScriptedServer):
    """The same on a Unix socket."""

    def __init__(self, path: Path, *, greet: bool = True) -> None:
        self.path = path
        super().__init__(greet=greet)

    def _listen(self) -> socket.socket:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(self.path))
        listener.listen()
        return listener

    def close(self) -> None:
        super().close()
        self.path.unlink(missing_ok=True)

    def conn(self, **options: Any) -> UnixConn:
        self._theirs = UnixConn(str(self.path), **options)
        return self._theirs

    def reset(self) -> None:
        # A Unix socket is reset by closing it when something lies there unread.
        self.reading.clear()
        with suppress(SendTimeout):  # then enough does
            self._theirs.send("unread", monotonic())
        super().reset()


TEXT, BINARY, CONTINUED, CLOSE, PING, PONG = 1, 2, 0, 8, 9, 10


def frame(data: bytes, opcode: int = TEXT, *, last: bool = True) -> bytes:
    """A websocket frame as a server sends it."""
    head = bytes([(128 if last else 0) | opcode])
    if len(data) < 126:
        return head + bytes([len(data)]) + data
    if len(data) < 65536:
        return head + struct.pack(">BH", 126, len(data)) + data
    return head + struct.pack(">BQ", 127, len(data)) + data


def make_certificate(folder: Path) -> Path | None:
    """A certificate for localhost that nobody but the tests trusts, its key in the same file; None without openssl."""
    openssl = shutil.which("openssl")
    if openssl is None:
        return None
    command = (
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost "
        "-addext subjectAltName=DNS:localhost -keyout key.pem -out cert.pem"
    )
    subprocess.run([openssl, *command.split()], cwd=folder, check=True, capture_output=True, timeout=60)
    both = folder / "both.pem"
    both.write_bytes((folder / "key.pem").read_bytes() + (folder / "cert.pem").read_bytes())
    return both


@cache
def _proving(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@cache
def _trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


class WebsocketServer(ScriptedServer):
    """The same over a websocket, with TLS if a context is given. What is no text goes to `control`."""

    def __init__(self, *, greet: bool = True, tls: ssl.SSLContext | None = None, trust: Path | None = None) -> None:
        self._tls, self._trust = tls, trust
        self.request = ""
        self._using = threading.Lock()  # TLS is for one thread at a time
        self.control: SimpleQueue[tuple[int, bytes]] = SimpleQueue()
        self._frames = bytearray()
        super().__init__(greet=greet)

    @classmethod
    def secure(cls, certificate: Path, *, greet: bool = True) -> WebsocketServer:
        """One with TLS."""
        return cls(greet=greet, tls=_proving(certificate), trust=certificate)

    def conn(self, **options: Any) -> WebsocketConn:
        scheme = "wss" if self._tls else "ws"
        if self._trust:
            options.setdefault("ssl_context", _trusting(self._trust))
        return WebsocketConn(f"{scheme}://localhost:{self.port}/ws", **options)

    def send(self, data: bytes) -> None:
        super().send(frame(data))

    def send_raw(self, data: bytes) -> None:
        """Bytes as they are, whatever frames they make."""
        super().send(data)

    def hang_up(self) -> None:
        self.connected()
        if isinstance(self.client, ssl.SSLSocket):
            with self._using, suppress(OSError):
                self.client.unwrap()  # says that it is the end, and does not wait for an answer
        with suppress(OSError):  # it may have come already
            self.cut()

    def cut(self) -> None:
        """An end of the bytes below, unknown to both TLS and the websocket."""
        super().hang_up()

    def close_frame(self) -> None:
        """An end in words: going away."""
        self.send_raw(frame(struct.pack(">H", 1001) + b"going away", CLOSE))

    def garbage_frame(self) -> None:
        """A frame of a kind that there is not."""
        self.send_raw(frame(b"?", 3))

    def end_in_mid_frame(self) -> None:
        self.send_raw(frame(b"x" * 100)[:50])
        self.hang_up()

    def garbage_record(self) -> None:
        """Bytes that TLS cannot read."""
        assert self.client is not None
        socket.socket.sendall(self.client, b"no record of TLS begins like this")

    def _welcome(self, client: socket.socket) -> socket.socket:
        if self._tls:
            self.client = client = self._tls.wrap_socket(client, server_side=True)
        while not self.request.endswith("\r\n\r\n"):
            piece = client.recv(1).decode()
            if not piece:
                raise OSError("no request")
            self.request += piece
        key = self.header("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        answer = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]
        client.sendall("\r\n".join([*answer, f"Sec-WebSocket-Accept: {accept}", "", ""]).encode())
        if self._tls:
            client.settimeout(0)
        return client

    def _received(self) -> bytes:
        client = self.client
        if not isinstance(client, ssl.SSLSocket):
            return super()._received()
        while True:
            try:
                with self._using:
                    return client.recv(1 << 16)
            except ssl.SSLWantReadError:  # not a whole record yet
                self._comes(client)

    def _write(self, client: socket.socket, data: bytes) -> None:
        if not isinstance(client, ssl.SSLSocket):
            super()._write(client, data)
            return
        rest = memoryview(data)
        poller = select.poll()
        poller.register(client.fileno(), select.POLLOUT)
        while rest:
            try:
                with self._using:
                    rest = rest[client.send(rest) :]
            except ssl.SSLWantWriteError:
                poller.poll()

    def header(self, name: str) -> str:
        """A header of the request, "" if it is not there."""
        found = re.search(rf"^{name}: (.*)\r$", self.request, re.MULTILINE | re.IGNORECASE)
        return found[1] if found else ""

    def _unframed(self, data: bytes) -> bytes:
        self._frames += data
        stream = b""
        while (message := self._next_frame()) is not None:
            opcode, payload = message
            if opcode == TEXT:
                stream += payload + b"\n"
            else:
                self.control.put(message)
        return stream

    def _next_frame(self) -> tuple[int, bytes] | None:
        buffer = self._frames
        if len(buffer) < 2:
            return None
        size, start = buffer[1] & 127, 2
        if size > 125:
            width = 2 if size == 126 else 8
            if len(buffer) < 2 + width:
                return None
            size, start = int.from_bytes(buffer[2 : 2 + width], "big"), 2 + width
        assert buffer[1] & 128, "a client masks its frames"
        if len(buffer) < start + 4 + size:
            return None
        mask, payload = bytes(buffer[start : start + 4]), bytes(buffer[start + 4 : start + 4 + size])
        opcode = buffer[0] & 15
        del buffer[: start + 4 + size]
        pad = (mask * (size // 4 + 1))[:size]
        return opcode, (int.from_bytes(payload, "big") ^ int.from_bytes(pad, "big")).to_bytes(size, "big")


# A child process whose input and output are the two directions of a connection to a ScriptedServer. What the server
# sends behind a zero byte is code for the child to run.
_BRIDGE = """if True:
    import os, sys, _socket, _thread
    peer = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
    peer.connect(("127.0.0.1", int(sys.argv[1])))
    def upward():
        try:
            while data := os.read(0, 65536):
                while data:
                    data = data[peer.send(data):]
            peer.shutdown(_socket.SHUT_WR)
        except OSError:
            pass
    _thread.start_new_thread(upward, ())
    try:
        while data := peer.recv(65536):
            data, _, code = data.partition(b"\\0")
            while data:
                data = data[os.write(1, data):]
            exec(code)
    except OSError:
        pass
    os._exit(0)
"""


class ChildServer(ScriptedServer):
    """The same behind the standard input and output of a child process."""

    def conn(self, **options: Any) -> SubprocessConn:
        command = [sys.executable, "-I", "-S", "-c", _BRIDGE, str(self.port)]
        self._child = SubprocessConn(command, **options)
        return self._child

    @property
    def pid(self) -> int:
        """Of the child."""
        return self._child.pid

    def panic(self) -> None:
        """The child's end as a Go program's."""
        self.send(b"\0os.write(2, b'panic: oh no\\n\\ngoroutine 1 [running]:\\n'); os._exit(2)")

    def close_output(self) -> None:
        """The child lives on, but says nothing more."""
        self.send(b"\0os.close(1)")


class OwnConn:
    """A connection that a user wrote, as simply as it can be done."""

    TROUBLE = b"trouble\n"

    def __init__(self, port: int) -> None:
        self._port = port

    def open(self) -> None:
        self._socket = socket.create_connection(("127.0.0.1", self._port))
        self._file = self._socket.makefile("rb")

    def send_line(self, line: str) -> None:
        self._socket.sendall(line.encode() + b"\n")

    def recv_line(self) -> bytes | None:
        line = self._file.readline()
        if line == self.TROUBLE:
            raise RuntimeError("trouble of its own")
        return line.removesuffix(b"\n") if line else None

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._file.close()


class OwnServer(ScriptedServer):
    """The same for a connection that a user wrote."""

    def conn(self, **options: Any) -> Any:
        assert not options, "it has none"
        return OwnConn(self.port)

    def trouble(self) -> None:
        """The connection's own code fails."""
        self.send(OwnConn.TROUBLE)
