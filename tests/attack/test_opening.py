"""Opening that is slow, or stopped in the middle."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic

import pytest

from pyrum_sync import Rumor, TCPConn
from pyrum_sync.client import deadline
from pyrum_sync.transports import base, sockets
from pyrum_sync.transports.link import User
from tests.conftest import Background
from tests.support.peers import ScriptedServer

Start = Callable[[Callable[[], object]], Background]


def test_the_time_that_a_server_takes_to_start_is_not_taken_from_its_answer(
    background: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = [0.0]
    real = monotonic
    for module in (deadline, base, sockets):
        monkeypatch.setattr(module, "monotonic", lambda: real() + late[0])
    connect = TCPConn._connect

    def refused_at_first(self: TCPConn, deadline: float) -> None:
        if not late[0]:
            late[0] = 100.0  # the server starts only then
            raise ConnectionRefusedError
        connect(self, deadline)

    monkeypatch.setattr(TCPConn, "_connect", refused_at_first)
    with ScriptedServer(greet=False) as peer:
        opening = background(lambda: Rumor(peer.conn(retry_for=1000)))
        hello = peer.call()
        peer.success(hello)
        peer.freed(hello)
        rumor = opening.value()
        assert isinstance(rumor, Rumor)
        rumor.close()


@pytest.mark.parametrize("name", ["pyrum_sync keeper", "pyrum_sync reader"])
@pytest.mark.parametrize("started", [False, True])
def test_ctrl_c_while_a_thread_is_started(
    peer: ScriptedServer, monkeypatch: pytest.MonkeyPatch, name: str, started: bool
) -> None:
    real = threading.Thread.start

    def start(self: threading.Thread) -> None:
        if self.name != name:
            real(self)
            return
        if started:
            real(self)
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "start", start)
    with pytest.raises(KeyboardInterrupt):
        peer.rumor()


def test_ctrl_c_behind_the_connecting(peer: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    conn = peer.conn()
    real = conn.open

    def interrupted(user: User) -> None:
        real(user)
        raise KeyboardInterrupt

    monkeypatch.setattr(conn, "open", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Rumor(conn)
    assert peer.line() == "exit"


def test_a_rumor_that_never_was_opened_is_no_endless_recursion() -> None:
    half = Rumor.__new__(Rumor)
    with pytest.raises(AttributeError):
        repr(half)
    del half
