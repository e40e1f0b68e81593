"""The first round trip."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pyrum_sync import (
    ConnectionLost,
    HandshakeError,
    Rumor,
    TCPConn,
)
from tests.conftest import HANG, Background
from tests.support.peers import ScriptedServer
from tests.unit.client.helpers import Start


@pytest.fixture
def stranger() -> Iterator[ScriptedServer]:
    """A server that does not greet."""
    with ScriptedServer(greet=False) as server:
        yield server


def greeting(server: ScriptedServer, answer: Callable[[str], object], background: Start, **options: Any) -> Background:
    """A Rumor that is opened on a server which answers the first line so."""
    opening = background(lambda: Rumor(server.conn(connect_timeout=HANG, **options)))
    line = server.line()
    answer(line.split()[0][1:])
    return opening


def test_a_rumor_at_trace_level(stranger: ScriptedServer, background: Start) -> None:
    opening = greeting(stranger, stranger.success, background)
    rumor = opening.value()
    assert isinstance(rumor, Rumor)
    assert not rumor.closed
    rumor.close()


def test_a_rumor_below_trace_level(stranger: ScriptedServer, background: Start) -> None:
    opening = greeting(stranger, lambda call_id: stranger.entry(stderr=f"{call_id}\n", level="error"), background)
    error = opening.raised()
    assert isinstance(error, HandshakeError)
    assert "--level=trace" in str(error)


def test_a_silent_server(stranger: ScriptedServer) -> None:
    with pytest.raises(HandshakeError, match=r"did not answer as a Rumor does within 0\.1 s"):
        Rumor(stranger.conn(connect_timeout=0.1))


def test_a_server_that_talks_of_other_things(stranger: ScriptedServer, background: Start) -> None:
    opening = background(lambda: Rumor(stranger.conn(connect_timeout=0.3)))
    stranger.line()
    stranger.send(b"220 welcome to the mail server\n")
    error = opening.raised()
    assert isinstance(error, HandshakeError)
    assert "220 welcome to the mail server" in str(error)


def test_a_server_that_says_other_things_back(stranger: ScriptedServer, background: Start) -> None:
    opening = greeting(stranger, lambda call_id: stranger.send(f"unknown command: _{call_id}\n".encode()), background)
    error = opening.raised()
    assert isinstance(error, HandshakeError)
    assert "is not a Rumor: it says 'unknown command: _" in str(error)


def test_a_server_that_hangs_up(stranger: ScriptedServer, background: Start) -> None:
    def answer(_: str) -> None:
        stranger.send(b"bye")
        stranger.hang_up()

    error = greeting(stranger, answer, background).raised()
    assert isinstance(error, HandshakeError)
    assert "ended before it answered: the other side closed it; it said 'bye'" in str(error)
    assert isinstance(error.__cause__, ConnectionLost)


def test_a_server_that_resets(stranger: ScriptedServer, background: Start) -> None:
    error = greeting(stranger, lambda _: stranger.reset(), background).raised()
    assert isinstance(error, HandshakeError)
    assert "ended before it answered: ConnectionResetError" in str(error)


def test_nobody_there() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(HandshakeError, match="cannot reach Rumor at"):
            Rumor(TCPConn("127.0.0.1", unused.getsockname()[1]))
