"""Opening, what is written when nobody waits, and closing."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from time import monotonic, sleep

import pytest

from pyrum_sync import (
    Call,
    CallTimeout,
    ConnectionLost,
    Rumor,
    RumorClosed,
    RumorError,
)
from pyrum_sync.client import keeper as keeper_module
from pyrum_sync.client.waiter import Waiter
from pyrum_sync.transports import link as link_module
from tests.conftest import HANG
from tests.support.peers import ScriptedServer
from tests.unit.client.helpers import LONG, Start, until


@pytest.mark.parametrize("name", ["reader", "keeper"])
def test_a_thread_that_cannot_be_started(peer: ScriptedServer, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    start = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if thread.name == f"pyrum_sync {name}":
            raise MemoryError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse)
    conn = peer.conn()
    with pytest.raises(MemoryError, match="can't start new thread"):
        Rumor(conn)
    with pytest.raises(RumorError, match="was closed"):
        conn.open()


def test_closing_to_a_side_that_does_not_read(peer: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_module, "EXIT_TIME", 0.1)
    monkeypatch.setattr(link_module, "BUSY_TIME", 0.1)
    with peer.rumor() as rumor:
        peer.reading.clear()
        with pytest.raises(CallTimeout):
            rumor.within(0.05).peer.connect(LONG)


def test_a_harmless_line_keeps_an_idle_session_alive(peer: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper_module, "KEEP_ALIVE", 0.05)
    with peer.rumor():
        for _ in range(3):
            assert peer.line() == "true"


def test_no_such_line_is_sent_without_need(peer: ScriptedServer) -> None:
    assert keeper_module.KEEP_ALIVE == 600
    with peer.rumor():
        assert peer.no_line()


def test_an_idle_session_that_has_ended_is_left_alone(peer: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper_module, "KEEP_ALIVE", 0.02)
    with peer.rumor() as rumor:
        peer.hang_up()
        assert until(lambda: rumor._session.cause)


def test_closing_cancels_what_runs_and_says_exit(
    peer: ScriptedServer, monkeypatch: pytest.MonkeyPatch, background: Start
) -> None:
    monkeypatch.setattr(keeper_module, "_GOODBYE_TIME", HANG)
    rumor = peer.rumor()
    running, starting = rumor.nowait.host["any"](), rumor.nowait.host["any"]()
    assert {peer.call(), peer.call()} == {running.id, starting.id}
    peer.success(running.id)
    running.wait()
    closing = background(rumor.close)
    assert peer.line() == f"_{running.id} cancel &"
    peer.freed(running.id)
    assert peer.no_line(), "the other one's set-up is not over"
    peer.success(starting.id)
    assert peer.line() == f"_{starting.id} cancel &"
    peer.freed(starting.id)
    assert peer.line() == "exit"
    closing.value()
    assert rumor.closed


def test_keep_calls_leaves_them(peer: ScriptedServer) -> None:
    with peer.rumor(keep_calls=True) as rumor:
        call = rumor.nowait.host["any"]()
        peer.success(peer.call())
        call.wait()
    assert peer.line() == "exit"


def close_and_free(peer: ScriptedServer, rumor: Rumor, call: Call, background: Start) -> None:
    """Close a Rumor that frees the call for it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keeper_module, "_GOODBYE_TIME", HANG)
        closing = background(rumor.close)
        assert peer.line() == f"_{call.id} cancel &"
        peer.freed(call.id)
        assert peer.line() == "exit"
        closing.value()


READS: dict[str, Callable[[Call], object]] = {
    "for": list,
    "steps": lambda call: next(call.steps()),
    "next": lambda call: call.next(),
    "entries": lambda call: list(call.entries()),
    "field": lambda call: call.req_id(),
    "values": lambda call: list(call.req_id),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_a_reader_that_comes_after_the_closing_is_not_told_that_all_had_come(
    peer: ScriptedServer, rumor: Rumor, listener: Call, background: Start, read: Callable[[Call], object]
) -> None:
    close_and_free(peer, rumor, listener, background)
    with pytest.raises(RumorClosed, match="this Rumor was closed"):
        read(listener)
    assert listener.done
    assert listener.finished() == {}


def test_what_had_arrived_before_the_closing_is_read_first(
    peer: ScriptedServer, rumor: Rumor, call: Call, background: Start
) -> None:
    peer.success(call.id)
    peer.data(call.id, n=1)
    call.wait()
    close_and_free(peer, rumor, call, background)
    entries = call.entries()
    assert next(entries)["n"] == 1
    with pytest.raises(RumorClosed):
        next(entries)


def test_a_call_that_its_user_cancels_ends_as_any_other(
    peer: ScriptedServer, rumor: Rumor, listener: Call, background: Start
) -> None:
    with pytest.raises(CallTimeout):
        listener.cancel(timeout=0)
    assert peer.line() == f"_{listener.id} cancel &"
    closing = background(rumor.close)
    assert until(lambda: rumor.closed)
    peer.freed(listener.id)
    assert peer.line() == "exit"
    closing.value()
    assert list(listener) == []


@pytest.mark.parametrize("read", ["for", "entries", "values"])
def test_a_loop_over_a_call_that_ended_before_ends_however_late_its_thread_wakes(
    peer: ScriptedServer, rumor: Rumor, listener: Call, background: Start, monkeypatch: pytest.MonkeyPatch, read: str
) -> None:
    gate, sleeping = threading.Event(), threading.Event()
    plain = Waiter.sleep

    def late(waiter: Waiter, seconds: float) -> bool:
        if threading.current_thread() is not reading:
            return plain(waiter, seconds)
        sleeping.set()
        woken = plain(waiter, HANG)
        assert gate.wait(HANG)
        return woken

    monkeypatch.setattr(Waiter, "sleep", late)
    ready = threading.Event()

    def work() -> object:
        ready.wait(HANG)
        return READS[read](listener)

    reading = background(work)
    ready.set()
    assert sleeping.wait(HANG)
    peer.freed(listener.id)
    assert until(lambda: listener.done)
    rumor.close()
    gate.set()
    assert reading.value() == []


def test_closing_twice_and_from_several_threads(peer: ScriptedServer, background: Start) -> None:
    rumor = peer.rumor()
    closing = [background(rumor.close) for _ in range(4)]
    rumor.close()
    for each in closing:
        each.value()
    assert peer.line() == "exit"
    assert rumor.closed
    assert repr(rumor) == "<Rumor closed>"


def test_closing_takes_a_bounded_time(peer: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_module, "EXIT_TIME", 0.1)
    monkeypatch.setattr(peer, "hang_up", lambda: None)
    start = monotonic()
    with peer.rumor():
        pass
    assert monotonic() - start < HANG
    assert peer.line() == "exit"


def test_closing_from_a_signal_handler(peer: ScriptedServer, background: Start) -> None:
    rumor = peer.rumor(timeout=None)
    before = signal.signal(signal.SIGUSR1, lambda *_: rumor.close())
    main = threading.main_thread().ident
    assert main is not None
    try:

        def press() -> None:
            record = rumor._session.demux.calls[peer.call()]
            assert until(lambda: record.waiters)
            while not rumor.closed:  # Python takes no notice of one that comes just before it begins to wait
                signal.pthread_kill(main, signal.SIGUSR1)
                sleep(0.01)

        pressing = background(press)
        with pytest.raises(RumorClosed):
            rumor.host["any"]()
        pressing.value()
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert rumor.closed
    rumor.close()  # the threads may still be about to end: the handler may have come where it must not wait for them


def test_exit_that_could_not_be_said_is_not_waited_for(
    peer: ScriptedServer, monkeypatch: pytest.MonkeyPatch, background: Start
) -> None:
    monkeypatch.setattr(link_module, "EXIT_TIME", 3 * HANG)
    monkeypatch.setattr(link_module, "BUSY_TIME", 0.05)
    conn = peer.conn()
    rumor = Rumor(conn)
    with conn._wire:  # as if a signal handler had stopped a thread in the middle of a line
        background(rumor.close).value()
    with pytest.raises(AssertionError, match="hung up"):
        peer.line()


def test_whatever_comes_first_on_the_wire_closing_is_called_closing(peer: ScriptedServer) -> None:
    rumor = peer.rumor()
    rumor.nowait.host["any"]()
    peer.line()
    peer.hang_up()
    assert until(lambda: rumor._session.cause)
    with pytest.raises(ConnectionLost) as caught:
        rumor.host["any"]()
    assert not isinstance(caught.value, RumorClosed)
    rumor.close()
    with pytest.raises(RumorClosed, match="this Rumor was closed"):
        rumor.host["any"]()
