"""A server that sends for ever: neither opening nor closing waits for its end."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from time import monotonic

import pytest

from pyrum_sync import HandshakeError, Rumor, TCPConn
from tests.conftest import HANG, Background
from tests.support.peers import ScriptedServer

_PIECE = b"x" * 65536
_PAUSE = 0.002  # seconds between two: a line of `max_line` is not there before the time-outs of these tests


@pytest.fixture
def flood() -> Iterator[int]:
    """The port of a server that sends one endless line to every client."""
    listening = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve() -> None:
        with suppress(OSError):
            while True:
                client, _ = listening.accept()
                with client, suppress(OSError):
                    while not over.wait(_PAUSE):
                        client.sendall(_PIECE)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listening.getsockname()[1]
    over.set()
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join(HANG)


def test_opening_ends_in_time(flood: int) -> None:
    began = monotonic()
    with pytest.raises(HandshakeError, match=r"did not answer as a Rumor does within 0\.5 s"):
        Rumor(TCPConn("127.0.0.1", flood, connect_timeout=0.5))
    assert monotonic() - began < 3


def test_closing_does_not_drain_a_flood(flood: int) -> None:
    conn = TCPConn("127.0.0.1", flood)
    conn.open()
    began = monotonic()
    conn.close()
    assert monotonic() - began < 3


def test_nor_does_the_closing_of_a_rumor(
    peer: ScriptedServer, background: Callable[[Callable[[], object]], Background]
) -> None:
    rumor = peer.rumor()
    closing = background(rumor.close)
    assert peer.line() == "exit"
    began = monotonic()
    with suppress(OSError):
        while monotonic() - began < HANG:
            peer.send(_PIECE)
    closing.value()
    assert monotonic() - began < 3
