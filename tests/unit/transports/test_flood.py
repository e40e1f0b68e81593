"""A server that sends for ever, a flood or in drips: neither opening nor closing waits for its end."""

from __future__ import annotations

import re
import socket
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha1
from time import monotonic, sleep

import pytest

from pyrum_sync import HandshakeError, Rumor, TCPConn, WebsocketConn
from tests.conftest import HANG, Background
from tests.support.peers import ScriptedServer

_PIECE = b"x" * 65536
_PAUSE = 0.002  # seconds between two: a line of `max_line` is not there before the time-outs of these tests


@contextmanager
def _sending(piece: bytes, pause: float) -> Iterator[int]:
    """The port of a server that sends one endless line to every client."""
    listening = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve() -> None:
        with suppress(OSError):
            while True:
                client, _ = listening.accept()
                with client, suppress(OSError):
                    while not over.wait(pause):
                        client.sendall(piece)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        over.set()
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(HANG)


@pytest.fixture
def flood() -> Iterator[int]:
    with _sending(_PIECE, _PAUSE) as port:
        yield port


@pytest.fixture
def drip() -> Iterator[int]:
    with _sending(b"x", 0.2) as port:
        yield port


def test_opening_ends_in_time(flood: int) -> None:
    began = monotonic()
    with pytest.raises(HandshakeError, match=r"did not answer as a Rumor does within 0\.5 s"):
        Rumor(TCPConn("127.0.0.1", flood, connect_timeout=0.5))
    assert monotonic() - began < 3


def test_opening_ends_in_time_while_it_drips(drip: int) -> None:
    began = monotonic()
    with pytest.raises(HandshakeError, match="did not answer as a Rumor does within 1 s"):
        Rumor(TCPConn("127.0.0.1", drip, connect_timeout=1))
    assert monotonic() - began < 1.9


def test_reaching_it_and_its_answer_share_the_time() -> None:
    """It accepts the websocket late, and then says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        over = threading.Event()

        def serve() -> None:
            client, _ = listening.accept()
            with client:
                key = re.search(rb"Sec-WebSocket-Key: (\S+)", client.recv(4096))
                assert key is not None
                accept = b64encode(sha1(key[1] + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
                over.wait(1)
                client.sendall(
                    b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
                )
                over.wait(HANG)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        began = monotonic()
        with pytest.raises(HandshakeError, match=r"did not answer as a Rumor does within 1\.5 s"):
            Rumor(WebsocketConn(f"ws://127.0.0.1:{listening.getsockname()[1]}/ws", connect_timeout=1.5))
        assert monotonic() - began < 2.4
        over.set()
        thread.join(HANG)


@pytest.mark.parametrize("kind", ["flood", "drip"])
def test_closing_waits_for_neither(kind: str, request: pytest.FixtureRequest) -> None:
    conn = TCPConn("127.0.0.1", request.getfixturevalue(kind))
    conn.open()
    began = monotonic()
    conn.close()
    assert monotonic() - began < 3


@pytest.mark.parametrize(("piece", "pause"), [(_PIECE, 0), (b"x", 0.2)], ids=["flood", "drip"])
def test_nor_does_the_closing_of_a_rumor(
    peer: ScriptedServer, background: Callable[[Callable[[], object]], Background], piece: bytes, pause: float
) -> None:
    rumor = peer.rumor()
    peer.obeys = False
    closing = background(rumor.close)
    assert peer.line() == "exit"
    began = monotonic()
    with suppress(OSError):
        while monotonic() - began < HANG:
            peer.send(piece)
            sleep(pause)  # what a drip is
    closing.value()
    assert monotonic() - began < 3
