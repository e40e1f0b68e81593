"""Closing while something else is under way."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from pyrum_sync import CallTimeout, Rumor, RumorClosed
from pyrum_sync.client.call_state import CallState
from pyrum_sync.client.phases import ANYTHING
from pyrum_sync.client.waiter import Waiter
from tests.conftest import HANG, Background
from tests.real.hosts import eventually
from tests.support.peers import ScriptedServer
from tests.support.servers import RumorServer

Start = Callable[[Callable[[], object]], Background]


def test_a_held_cancel_is_still_sent_when_closing(peer: ScriptedServer, background: Start) -> None:
    rumor = peer.rumor()
    call = rumor.actor("alice").nowait.rpc.ping.listen()
    peer.success(peer.call())
    call.wait()
    gate = threading.Event()
    rumor._session.pending.put(lambda: gate.wait(HANG))  # the keeper is busy when the cancel is asked for
    with pytest.raises(CallTimeout):
        call.cancel(timeout=0)
    waiting = background(call.finished)
    closing = background(rumor.close)
    assert isinstance(waiting.raised(), RumorClosed)  # so it is closing
    gate.set()
    assert peer.line() == f"_{call.id} cancel &"
    peer.freed(call.id)
    assert peer.line() == "exit"
    closing.value()


def test_whose_close_a_signal_stopped_keeps_nobody_from_closing(peer: ScriptedServer) -> None:
    rumor = peer.rumor()
    rumor._keeper._closers.append(Waiter())  # what it leaves
    rumor.close()
    rumor._keeper._closers.append(Waiter())
    closing = Background(rumor.close)
    closing.join(5)
    assert not closing.is_alive(), "waits for a gate that nobody opens any more"


def test_waking_again_whom_a_signal_handler_woke_already() -> None:
    record = CallState("1_a", "")
    record.waiters = waiters = [Waiter() for _ in range(2)]
    waiters[0].wake()  # the other one is still asleep
    record.wake(ANYTHING)
    assert not waiters[1].asleep
    assert not record.waiters


def test_closing_does_not_wait_for_a_call_that_was_never_sent(
    peer: ScriptedServer, background: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    rumor = peer.rumor()
    session = rumor._session
    real = session.send
    registered, gate = threading.Event(), threading.Event()

    def send(line: str, deadline: float | None, sent: list[int] | None = None) -> None:
        monkeypatch.setattr(session, "send", real)
        registered.set()
        gate.wait(HANG)
        real(line, deadline, sent)

    monkeypatch.setattr(session, "send", send)
    calling = background(lambda: rumor.actor("alice").nowait.sleep("1s"))
    assert registered.wait(HANG)
    closing = background(rumor.close)
    while not session.demux.watched:
        pass
    gate.set()
    assert isinstance(calling.raised(), RumorClosed)
    assert peer.line(1) == "exit"
    closing.value()


@pytest.mark.rumor
@pytest.mark.parametrize("way", ["tcp", "unix", "ws"])
def test_closing_the_connection_closes_its_rumor(server: RumorServer, way: str) -> None:
    """Its calls would else live on in the server."""
    name = f"closed_by_{way}"
    with getattr(server, way)() as conn:
        rumor = Rumor(conn, timeout=20)
        rumor.actor(name).host.start(nat=False)
        listener = rumor.actor(name).rpc.ping.listen()
        assert listener.id in server.report()["calls"]
    assert rumor.closed
    assert eventually(lambda: listener.id not in server.report()["calls"])
    with Rumor(server.tcp(), timeout=20) as other:
        other.actor(name).kill()
