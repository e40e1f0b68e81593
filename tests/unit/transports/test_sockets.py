"""What only TCP and Unix sockets do, and what all that reach a server share."""

from __future__ import annotations

import socket
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from benchmarks.servers import free_port
from pyrum_sync import HandshakeError, TCPConn, UnixConn, WebsocketConn
from tests.conftest import HANG, Background

Start = Callable[[Callable[[], object]], Background]


@pytest.fixture
def deaf(tmp_path: Path) -> Iterator[Callable[[str], Any]]:
    """Listening sockets whose queue is full: nobody gets in. Gives the options that lead there."""
    with ExitStack() as stack:

        def start(way: str) -> Any:
            family = socket.AF_UNIX if way == "unix" else socket.AF_INET
            listener = stack.enter_context(socket.socket(family))
            listener.bind(str(tmp_path / "full") if way == "unix" else ("127.0.0.1", 0))
            listener.listen(0)
            address = listener.getsockname()
            for _ in range(8):
                client = stack.enter_context(socket.socket(family))
                client.setblocking(False)
                client.connect_ex(address)
            return address

        yield start


def nowhere(way: str, tmp_path: Path, **options: Any) -> Any:
    """A connection to where nobody listens."""
    if way == "tcp":
        return TCPConn("127.0.0.1", free_port(), **options)
    if way == "unix":
        return UnixConn(str(tmp_path / "absent"), **options)
    return WebsocketConn(f"ws://127.0.0.1:{free_port()}/ws", **options)


@pytest.mark.parametrize("way", ["tcp", "unix", "ws"])
def test_nobody_there(way: str, tmp_path: Path) -> None:
    conn = nowhere(way, tmp_path)
    with pytest.raises(HandshakeError, match="cannot reach Rumor at") as caught:
        conn.open()
    assert isinstance(caught.value, ConnectionError)
    assert isinstance(caught.value.__cause__, OSError)
    with pytest.raises(HandshakeError):
        conn.open()
    conn.close()


@pytest.mark.parametrize("way", ["tcp", "unix", "ws"])
def test_nobody_comes_within_the_time_for_retrying(way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    conn, tries = nowhere(way, tmp_path, retry_for=0.2), []
    connect = conn._connect

    def watched(deadline: float) -> None:
        tries.append(deadline)
        connect(deadline)

    monkeypatch.setattr(conn, "_connect", watched)
    with pytest.raises(HandshakeError, match="cannot reach Rumor at"):
        conn.open()
    assert len(tries) > 1


@pytest.mark.parametrize("way", ["tcp", "unix"])
def test_a_server_that_is_still_starting(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, background: Start
) -> None:
    conn, failed = nowhere(way, tmp_path, retry_for=HANG), threading.Event()
    connect = conn._connect

    def watched(deadline: float) -> None:
        try:
            connect(deadline)
        except OSError:
            failed.set()
            raise

    monkeypatch.setattr(conn, "_connect", watched)
    opening = background(conn.open)
    assert failed.wait(HANG)
    with socket.socket(socket.AF_UNIX if way == "unix" else socket.AF_INET) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(conn._path if way == "unix" else ("127.0.0.1", conn._port))
        listener.listen()
        opening.value()
        client, _ = listener.accept()
        with client:
            client.sendall(b"welcome\n")
            assert conn.recv_line() == b"welcome"
        conn.close()


@pytest.mark.parametrize("way", ["tcp", "unix"])
def test_a_server_whose_queue_is_full(way: str, deaf: Callable[[str], Any]) -> None:
    address = deaf(way)
    conn: Any = UnixConn(address, connect_timeout=0.2) if way == "unix" else TCPConn(*address, connect_timeout=0.2)
    with pytest.raises(HandshakeError, match="timed out") as caught:
        conn.open()
    assert isinstance(caught.value.__cause__, TimeoutError)


@pytest.mark.parametrize("seconds", [-1, float("nan")])
def test_a_time_for_retrying_is_not_negative(seconds: float, tmp_path: Path) -> None:
    for way in ("tcp", "unix", "ws"):
        with pytest.raises(ValueError, match="retry_for must be 0 or more"):
            nowhere(way, tmp_path, retry_for=seconds)


def test_defaults_are_those_of_pyrum() -> None:
    assert repr(TCPConn()) == "TCPConn('localhost', 3030)"
    assert repr(UnixConn()) == "UnixConn('example.socket')"
    assert repr(WebsocketConn()) == "WebsocketConn('ws://localhost:8000/ws')"
    assert repr(TCPConn(addr="host", port=1)) == "TCPConn('host', 1)"
    assert repr(UnixConn(socket_path="path")) == "UnixConn('path')"
    assert repr(WebsocketConn(ws_url="ws://x/ws", ws_key="k")) == "WebsocketConn('ws://x/ws')"


def test_a_closed_connection_needs_no_room() -> None:
    closed = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        tracemalloc.start()
        try:
            for _ in range(10):
                conn = TCPConn("127.0.0.1", listener.getsockname()[1])
                conn.open()
                listener.accept()[0].close()
                conn.close()
                closed.append(conn)
            kept = tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()
    assert kept / len(closed) < 50_000


def test_a_path_too_long_for_a_socket() -> None:
    with pytest.raises(HandshakeError, match="cannot reach Rumor at"):
        UnixConn("x" * 200).open()


def test_a_file_that_is_no_socket(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HandshakeError, match="cannot reach Rumor at"):
        UnixConn(str(tmp_path / "file")).open()


def test_a_reset_is_an_error_to_the_reader(serve: Callable[..., Any]) -> None:
    server = serve("tcp")
    with server.conn() as conn:
        server.send(b"last\n")
        assert conn.recv_line() == b"last"
        server.reset()
        with pytest.raises(ConnectionResetError):
            conn.recv_line()


def test_writing_to_a_side_that_is_gone(serve: Callable[..., Any]) -> None:
    server = serve("tcp")
    with server.conn() as conn:
        server.connected()
        server.reset()
        assert conn._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        with pytest.raises(BrokenPipeError):
            conn.send_line("x")
