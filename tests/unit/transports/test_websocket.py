"""What only a websocket does."""

from __future__ import annotations

import itertools
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import pytest

from pyrum_sync import ConnectionLost, HandshakeError, Rumor, WebsocketConn
from pyrum_sync.transports import websocket as module
from tests.conftest import HANG, Background
from tests.support.peers import BINARY, CLOSE, CONTINUED, PING, PONG, TEXT, ScriptedServer, WebsocketServer, frame

Start = Callable[[Callable[[], object]], Background]


class Answering:
    """Accepts connections, reads a request from each, answers with the same bytes, and hangs up."""

    def __init__(self, answer: bytes) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._answer = answer
        self.requests: list[str] = []
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with client:
                request = b""
                while not request.endswith(b"\r\n\r\n") and (data := client.recv(4096)):
                    request += data
                self.requests.append(request.decode(errors="replace"))
                with suppress(OSError):
                    client.sendall(self._answer)

    def conn(self, **options: Any) -> WebsocketConn:
        return WebsocketConn(f"ws://127.0.0.1:{self.port}/ws", **options)

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(HANG)
        self._listener.close()


@pytest.fixture
def answering() -> Iterator[Callable[[bytes], Answering]]:
    """Start a server that gives one fixed answer."""
    started: list[Answering] = []

    def start(answer: bytes) -> Answering:
        started.append(Answering(answer))
        return started[-1]

    yield start
    for each in started:
        each.close()


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that accepts and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def other(serve: Callable[..., ScriptedServer]) -> WebsocketServer:
    """The other side of a websocket."""
    server = serve("ws")
    assert isinstance(server, WebsocketServer)
    return server


# -- opening


def test_the_key_is_sent_and_shown_nowhere(other: WebsocketServer) -> None:
    with other.conn(ws_key="a secret") as conn:
        other.connected()
        assert other.header("X-Api-Key") == "a secret"
        assert "secret" not in repr(conn)
    assert other.request.startswith("GET /ws HTTP/1.1\r\n")


def test_no_key_is_sent_where_none_was_given(other: WebsocketServer) -> None:
    with other.conn():
        other.connected()
        assert "api-key" not in other.request.lower()


def test_a_wrong_key(answering: Callable[[bytes], Answering]) -> None:
    server = answering(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
    with pytest.raises(HandshakeError, match="403: wrong or missing ws_key") as caught:
        server.conn(ws_key="a secret", retry_for=HANG).open()
    assert "a secret" not in str(caught.value)
    assert len(server.requests) == 1, "a wrong key does not become right"


@pytest.mark.parametrize("status", [400, 404, 500])
def test_other_refusals(answering: Callable[[bytes], Answering], status: int) -> None:
    server = answering(f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n".encode())
    with pytest.raises(HandshakeError, match=f"HTTP status {status}$"):
        server.conn(retry_for=HANG).open()
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirection_is_not_followed(answering: Callable[[bytes], Answering], status: int) -> None:
    elsewhere = answering(b"")
    location = f"ws://127.0.0.1:{elsewhere.port}/ws"
    server = answering(f"HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode())
    with pytest.raises(HandshakeError, match="use the final address"):
        server.conn(ws_key="a secret").open()
    assert elsewhere.requests == []


@pytest.mark.parametrize("answer", [b"hello\r\n\r\n", b"", b"HTTP/1.1 101 Switching\r\n\r\n", b"\0\xff\xfe\r\n\r\n"])
def test_what_is_no_websocket(answering: Callable[[bytes], Answering], answer: bytes) -> None:
    with pytest.raises(HandshakeError):
        answering(answer).conn().open()


@pytest.mark.parametrize("scheme", ["ws", "wss"])
def test_a_server_that_says_nothing(silent: int, scheme: str) -> None:
    conn = WebsocketConn(f"{scheme}://127.0.0.1:{silent}/ws", connect_timeout=0.1)
    with pytest.raises(HandshakeError, match=f"127.0.0.1:{silent}"):
        conn.open()


@pytest.mark.parametrize("url", ["http://localhost/ws", "localhost:8000/ws", "", "ws://"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(HandshakeError):
        WebsocketConn(url).open()


def test_a_certificate_that_nobody_trusts(serve: Callable[..., ScriptedServer]) -> None:
    for options in ({"ssl_context": ssl.create_default_context()}, {}):
        server = serve("wss")
        with pytest.raises(HandshakeError, match="certificate"):
            WebsocketConn(f"wss://localhost:{server.port}/ws", **options).open()  # type: ignore[arg-type]


def test_tls_to_a_server_without(answering: Callable[[bytes], Answering], certificate: Path) -> None:
    server = answering(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    context = ssl.create_default_context(cafile=str(certificate))
    conn = WebsocketConn(f"wss://localhost:{server.port}/ws", ssl_context=context, connect_timeout=0.5)
    with pytest.raises(HandshakeError):
        conn.open()


# -- frames


def read_from(conn: Any, pieces: list[bytes], count: int) -> list[bytes | None]:
    """What a connection reads, if the stream comes in these pieces."""
    some = iter([*pieces, b""])
    conn._some = lambda: next(some)
    return [conn.recv_line() for _ in range(count)]


def test_a_frame_split_at_any_byte(other: WebsocketServer) -> None:
    stream = frame(b'{"a":1}\n') + frame(b"x" * 130 + b"\n") + frame(b"y" * 3 + b"\nz\n")
    with other.conn() as conn:
        expected = [b'{"a":1}', b"x" * 130, b"yyy", b"z"]
        for cut in range(1, len(stream)):
            conn._over = False
            assert read_from(conn, [stream[:cut], stream[cut:]], 4) == expected
        conn._over = False
        assert read_from(conn, [bytes([byte]) for byte in stream], 4) == expected


def test_all_frames_of_one_read_are_taken_at_once(other: WebsocketServer) -> None:
    with other.conn() as conn:
        other.send_raw(b"".join(frame(b"%d\n" % number) for number in range(10)))
        data = conn.read()
        assert data.startswith(b"0\n1\n2\n")


def test_a_line_over_many_messages_and_many_lines_in_one(other: WebsocketServer) -> None:
    with other.conn() as conn:
        for piece in (b"a", b"b\nc", b"", b"d\n\ne\n"):
            other.send_raw(frame(piece))
        assert [conn.recv_line() for _ in range(4)] == [b"ab", b"cd", b"", b"e"]


def test_fragments_and_bytes(other: WebsocketServer) -> None:
    with other.conn() as conn:
        other.send_raw(frame(b"fir", TEXT, last=False) + frame(b"st", CONTINUED, last=False))
        other.send_raw(frame(b"\n", CONTINUED) + frame(b"second\n", BINARY))
        assert [conn.recv_line(), conn.recv_line()] == [b"first", b"second"]


def test_text_that_is_no_utf8_comes_as_it_is(other: WebsocketServer) -> None:
    with other.conn() as conn:
        other.send_raw(frame(b"\xff\xfe\n"))
        assert conn.recv_line() == b"\xff\xfe"


def test_pings_are_answered_while_reading_lines(other: WebsocketServer) -> None:
    with other.conn() as conn:
        other.send_raw(frame(b"one", PING) + frame(b"two", PING) + frame(b"line\n") + frame(b"", PONG))
        assert conn.recv_line() == b"line"
        assert [other.control.get(timeout=HANG) for _ in range(2)] == [(PONG, b"one"), (PONG, b"two")]


def test_pings_are_answered_while_nobody_waits(serve: Callable[..., ScriptedServer]) -> None:
    for way in ("ws", "wss"):
        server = serve(way, greet=True)
        assert isinstance(server, WebsocketServer)
        with Rumor(server.conn(), timeout=HANG):
            for payload in (b"first", b"second"):
                server.send_raw(frame(payload, PING))
                assert server.control.get(timeout=HANG) == (PONG, payload)


def test_a_ping_between_the_halves_of_a_line(other: WebsocketServer) -> None:
    with other.conn() as conn:
        other.send_raw(frame(b"ha", TEXT, last=False) + frame(b"", PING) + frame(b"lf\n", CONTINUED))
        assert conn.recv_line() == b"half"


def test_pings_are_answered_while_lines_are_waited_for(other: WebsocketServer, background: Start) -> None:
    with other.conn() as conn:
        waiting = background(conn.recv_line)
        for payload in (b"first", b"second"):
            other.send_raw(frame(payload, PING))
            assert other.control.get(timeout=HANG) == (PONG, payload)
        other.send(b"line\n")
        assert waiting.value() == b"line"


def test_a_close_frame_is_the_end(other: WebsocketServer) -> None:
    with other.conn() as conn:
        other.send_raw(frame(b"last\n") + frame((1000).to_bytes(2, "big") + b"bye", CLOSE) + frame(b"never\n"))
        assert [conn.recv_line() for _ in range(3)] == [b"last", None, None]


def test_an_end_in_mid_frame(other: WebsocketServer) -> None:
    with other.conn() as conn:
        other.send_raw(frame(b"whole\n") + frame(b"half a frame\n")[:6])
        other.hang_up()
        assert [conn.recv_line() for _ in range(2)] == [b"whole", None]


@pytest.mark.parametrize(
    "garbage", [b"\xf1\x00", b"\x83\x00", frame(b"\x00", CLOSE)], ids=["reserved", "unknown", "close"]
)
def test_what_came_before_a_broken_frame_is_given_first(other: WebsocketServer, garbage: bytes) -> None:
    with other.conn() as conn:
        assert read_from(conn, [frame(b"whole\n") + garbage], 1) == [b"whole"]
        with pytest.raises(ConnectionError, match="not a websocket frame"):
            conn.recv_line()


def test_lines_that_fill_frames_of_every_width(other: WebsocketServer) -> None:
    with other.conn() as conn:
        for size in itertools.chain(range(120, 130), range(65530, 65540)):
            conn.send_line("x" * size)
            assert len(other.line()) == size
            other.send(b"y" * (size - 1) + b"\n")
            assert conn.recv_line() == b"y" * (size - 1)


def _send_for_ever(conn: Any) -> None:
    while True:
        conn.send("x" * 10_000, monotonic() + HANG)


@pytest.mark.parametrize("reset", [False, True], ids=["end", "reset"])
@pytest.mark.parametrize("scheme", ["ws", "wss"])
def test_writing_to_a_side_that_has_gone(serve: Callable[..., ScriptedServer], scheme: str, reset: bool) -> None:
    """What TLS calls it differs from one OpenSSL to the next: a broken pipe, a reset, an end against the rules. It is
    an OSError always; and what came before it is still there to be read."""
    server = serve(scheme)
    with server.conn() as conn:
        server.send(b"last words\n")
        server.reset() if reset else server.close()
        with pytest.raises(OSError):  # noqa: PT011 - which one is the system's affair
            _send_for_ever(conn)
        assert conn.recv_line() == b"last words"
        with suppress(OSError):
            assert conn.recv_line() is None


@pytest.mark.parametrize(
    "failure",
    [BrokenPipeError(32, "Broken pipe"), ssl.SSLEOFError(8, "EOF occurred"), ssl.SSLZeroReturnError(6, "closed")],
    ids=lambda failure: type(failure).__name__,
)
def test_a_write_that_fails_in_tls(
    serve: Callable[..., ScriptedServer], monkeypatch: pytest.MonkeyPatch, failure: OSError
) -> None:
    """It is the loss of the connection, as the end of the stream is, and closing says nothing of it."""
    conn = serve("wss", greet=True).conn()
    real = ssl.SSLSocket.send

    def send(self: ssl.SSLSocket, *args: Any) -> int:
        if self is conn._socket:
            raise failure
        return real(self, *args)

    with Rumor(conn, timeout=HANG) as rumor:
        monkeypatch.setattr(ssl.SSLSocket, "send", send)
        with pytest.raises(ConnectionLost) as lost:
            rumor.actor("alice").host.view()
    assert isinstance(lost.value.__cause__, EOFError | OSError)


# -- what a signal handler raises in the middle of opening


def test_the_host_of_an_address() -> None:
    for url in (
        "ws://Far.example:9/ws", "ws://far.example", "ws://user:pass@far.example/", "ws://a@b@far.example?x=@localhost",
        "ws://[2001:db8::1]:9/ws", "ws://u@[::1]/ws", "ws://127.0.0.1:9#@far.example", "ws:///ws", "ws://:9/ws",
    ):  # fmt: skip
        assert module._host(url) == (urlsplit(url).hostname or ""), url
    for url in ("", "ws:", "localhost:9"):
        assert module._host(url) == ""
    assert module._host("ws://[::1") != "::1"


def test_it_is_not_taken_for_an_address_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key would go out without a warning."""

    def interrupted(*_: object, **__: object) -> None:
        raise ValueError("of a signal handler")

    monkeypatch.setattr("urllib.parse.urlsplit", interrupted)
    assert module._host("ws://far.example:9/ws") == "far.example"
    monkeypatch.setattr(socket, "getaddrinfo", interrupted)
    with pytest.raises(ValueError, match="of a signal handler"):
        module._is_here("far.example")


def test_it_is_not_taken_for_an_answer(other: WebsocketServer, monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted(SimpleQueue[Any]):
        def get(self, block: bool = True, timeout: float | None = None) -> Any:
            found = super().get(block, timeout)
            if found is None and not told:
                told.append(True)
                raise ValueError("of a signal handler")
            return found

    told: list[bool] = []
    monkeypatch.setattr(module, "SimpleQueue", Interrupted)
    with pytest.raises(ValueError, match="of a signal handler"):
        other.conn().open()
