"""Writing and waiting, whatever becomes of the connection."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from typing import Any

import pytest

from pyrum_sync import (
    Call,
    CallError,
    CallTimeout,
    ConnectionLost,
    Rumor,
    RumorClosed,
)
from pyrum_sync.transports import link as link_module
from tests.conftest import HANG
from tests.support.peers import ScriptedServer
from tests.unit.client.helpers import LONG, WAITING, Interrupted, Start, until, ways_to_wait


@ways_to_wait
def test_ctrl_c_in_a_wait_harms_nothing(
    peer: ScriptedServer, listener: Call, method: str, background: Start, interrupt: Callable[[], None]
) -> None:
    sent = []

    def press() -> None:
        if method in ("next", "steps", "field", "values", "cancel"):
            sent.append(peer.line())
        elif method in ("wait", "wait="):
            return
        assert until(lambda: bool(listener._state.waiters))
        interrupt()

    pressing = background(press)
    if method in ("wait", "wait="):
        WAITING[method](listener, None)
    else:
        with pytest.raises(Interrupted):
            WAITING[method](listener, None)
    pressing.value()
    if method == "cancel":
        assert sent == [f"_{listener.id} cancel &"]
        peer.freed(listener.id)
        listener.cancel()
        return
    if not sent:
        taking = background(listener.next)
        assert peer.line() == f"_{listener.id} next &"
    else:
        assert sent == [f"_{listener.id} next &"]
        taking = background(listener.next)
        assert peer.no_line(), "the step that was asked for is still to come"
    peer.data(listener.id, msg="Received request, queued it to respond to!", req_id=5)
    peer.step(listener.id)
    assert taking.value() == {"msg": "Received request, queued it to respond to!", "req_id": 5}
    assert not listener._state.waiters


WAITS: dict[str, Callable[[Rumor, Call], object]] = {
    "wait": lambda _, call: call.wait(),
    "finished": lambda _, call: call.finished(),
    "cancel": lambda _, call: call.cancel(),
    "next": lambda _, call: call.next(),
    "field": lambda _, call: call.field("addr")(),
    "values": lambda _, call: list(call.field("addr")),
    "steps": lambda _, call: list(call),
    "entries": lambda _, call: list(call.entries()),
    "call": lambda rumor, _: rumor.host["any"](),
    "shell": lambda rumor, _: rumor.shell("true"),
    "attach": lambda rumor, _: rumor.attach("py_0"),
    "kill": lambda rumor, _: rumor.actor("alice").kill(),
    "me": lambda rumor, _: rumor.actor("alice").me(),
    "calls": lambda rumor, _: rumor.actor("alice").calls(),
}


@pytest.mark.parametrize("set_up", [False, True], ids=["starting", "running"])
@pytest.mark.parametrize("how", ["end", "end in mid-line", "reset", "closed"])
def test_every_waiter_is_told_within_a_second(peer: ScriptedServer, how: str, set_up: bool, background: Start) -> None:
    rumor = peer.rumor(timeout=None)
    call = rumor.nowait.rpc.status.listen()
    peer.call()
    if set_up:
        peer.success(call.id)
        call.wait()
    waits = {name: wait for name, wait in WAITS.items() if not (set_up and name == "wait")}
    waiting = {name: background(lambda wait=wait: wait(rumor, call)) for name, wait in waits.items()}  # type: ignore[misc]
    expected = 6 + (2 if set_up else 0)  # lines: the six commands, and a next and a cancel for what is running
    for _ in range(expected):
        peer.line()
    own = rumor._session.demux.calls
    assert until(lambda: sum(len(record.waiters) for record in own.values()) == len(waits))
    start = monotonic()
    if how == "reset":
        peer.reset()
    elif how == "closed":
        rumor.close()
    else:
        if how == "end in mid-line":
            peer.send(b'{"call_id":"')
        peer.hang_up()
    errors = {name: each.raised() for name, each in waiting.items()}
    assert monotonic() - start < (1 if how != "closed" else link_module.EXIT_TIME)
    for error in errors.values():
        assert type(error) is (RumorClosed if how == "closed" else ConnectionLost)
    assert len({id(error) for error in errors.values()}) == len(errors), "each has an exception of its own"
    if how != "closed":
        causes = {id(error.__cause__) for error in errors.values()}
        assert len(causes) == 1, "all have the first cause"
        cause = next(iter(errors.values())).__cause__
        assert isinstance(cause, ConnectionResetError if how == "reset" else EOFError)
    for name, use in waits.items():
        with pytest.raises(RumorClosed if how == "closed" else ConnectionLost):
            print(name, use(rumor, call))
    rumor.close()
    with pytest.raises(RumorClosed):
        rumor.host["any"]()


def test_an_unread_end_of_the_connection_closes_it(peer: ScriptedServer) -> None:
    conn = peer.conn()
    with Rumor(conn):
        peer.hang_up()
        assert until(lambda: conn._closed)


def test_a_call_to_a_side_that_does_not_read(peer: ScriptedServer, background: Start) -> None:
    with peer.rumor() as rumor:
        before = rumor.nowait.host["any"]()
        peer.call()
        peer.reading.clear()
        limited = rumor.actor("alice").within(0.1)
        with pytest.raises(CallTimeout) as caught:
            limited.peer.connect(LONG)
        begun = caught.value.call
        assert begun is not None
        with pytest.raises(CallTimeout) as caught:
            limited.peer.connect("short")
        unsent = caught.value.call
        assert unsent is not None
        with pytest.raises(CallError, match="it was never sent"):
            unsent.wait()
        for use in (unsent.finished, unsent.field("addr")):
            with pytest.raises(CallError, match="it was never sent"):
                use()
        assert unsent.done
        assert unsent.id not in rumor.calls
        peer.data(before.id, n=1)
        assert before.n() == 1, "reading goes on meanwhile"
        peer.reading.set()
        line = peer.line(HANG)
        assert len(line) == len(begun.command)
        assert line == begun.command
        peer.success(begun.id)
        assert peer.line() == f"_{begun.id} cancel &", "held for it"
        peer.freed(begun.id)
        begun.cancel()
        calling = background(lambda: rumor.host["any"]())  # noqa: PLW0108
        peer.freed_after_success(peer.call())
        calling.value()


def test_waiting_for_a_step_from_a_side_that_does_not_read(peer: ScriptedServer, background: Start) -> None:
    with peer.rumor() as rumor:
        listener = rumor.nowait.rpc.status.listen()
        peer.call()
        peer.success(listener.id)
        listener.wait()
        peer.reading.clear()
        with pytest.raises(CallTimeout):
            rumor.within(0.1).peer.connect(LONG)
        gate = threading.Event()
        patient = background(lambda: (gate.wait(HANG), listener.next(timeout=HANG))[1])
        with pytest.raises(CallTimeout):
            listener.next(timeout=0.05)
        gate.set()
        assert until(lambda: listener._state.waiters)
        peer.reading.set()
        assert len(peer.line(HANG)) > len(LONG)
        assert peer.line() == f"_{listener.id} next &", "not asked for by the one, so by the other"
        peer.data(listener.id, msg="Received request, queued it to respond to!", req_id=0)
        peer.step(listener.id)
        step: Any = patient.value()
        assert step["req_id"] == 0


def test_who_waits_for_a_step_asks_for_it_if_another_could_not(peer: ScriptedServer, background: Start) -> None:
    with peer.rumor() as rumor:
        listener = rumor.nowait.rpc.status.listen()
        peer.call()
        peer.success(listener.id)
        listener.wait()
        peer.reading.clear()
        with pytest.raises(CallTimeout):
            rumor.within(0.1).peer.connect(LONG)
        hasty = background(lambda: listener.next(timeout=0.3))
        assert until(lambda: listener._state.waiters)
        patient = background(lambda: listener.next(timeout=HANG))
        assert isinstance(hasty.raised(), CallTimeout)
        peer.reading.set()
        assert len(peer.line(HANG)) > len(LONG)
        assert peer.line() == f"_{listener.id} next &"
        peer.data(listener.id, msg="Received request, queued it to respond to!", req_id=0)
        peer.step(listener.id)
        step: Any = patient.value()
        assert step["req_id"] == 0


def test_a_caller_that_blocks_for_ever_ends_when_the_rumor_closes(
    peer: ScriptedServer, monkeypatch: pytest.MonkeyPatch, background: Start
) -> None:
    monkeypatch.setattr(link_module, "EXIT_TIME", 0.1)
    monkeypatch.setattr(link_module, "BUSY_TIME", 0.1)
    rumor = peer.rumor(timeout=None)
    peer.reading.clear()
    calling = background(lambda: rumor.peer.connect(LONG))
    assert until(lambda: rumor._session.link._job[0])  # type: ignore[attr-defined] # it is being written
    rumor.close()
    assert type(calling.raised()) is RumorClosed
