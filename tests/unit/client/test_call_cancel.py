"""Cancelling a call."""

from __future__ import annotations

import pytest

from pyrum_sync import (
    Call,
    CallError,
    CallTimeout,
    ConnectionLost,
    Rumor,
)
from tests.support.peers import ScriptedServer
from tests.unit.client.helpers import Start, fail


def test_cancel_of_a_running_call(peer: ScriptedServer, call: Call, background: Start) -> None:
    peer.success(call.id)
    call.wait()
    cancelling = background(call.cancel)
    assert peer.line() == f"_{call.id} cancel &"
    assert cancelling.is_alive()
    peer.freed(call.id)
    assert cancelling.value() is None
    call.cancel()
    assert peer.no_line(), "nothing is sent for what is over"


def test_cancel_before_the_set_up_is_over_is_held(peer: ScriptedServer, call: Call, background: Start) -> None:
    cancelling = background(call.cancel)
    assert peer.no_line()
    peer.success(call.id)
    assert peer.line() == f"_{call.id} cancel &"
    peer.freed(call.id)
    cancelling.value()


def test_a_held_cancel_is_sent_though_nobody_waits(peer: ScriptedServer, call: Call) -> None:
    with pytest.raises(CallTimeout, match="freed after cancel"):
        call.cancel(timeout=0)
    assert peer.no_line()
    peer.success(call.id)
    assert peer.line() == f"_{call.id} cancel &"
    call_id = call.id
    del call
    peer.freed(call_id)


def test_a_held_cancel_of_a_call_that_fails_is_not_sent(peer: ScriptedServer, call: Call, background: Start) -> None:
    cancelling = background(call.cancel)
    fail(peer, call)
    cancelling.value()
    assert peer.no_line()


def test_a_cancel_that_rumor_refuses(peer: ScriptedServer, call: Call, background: Start) -> None:
    peer.success(call.id)
    call.wait()
    cancelling = background(call.cancel)
    peer.line()
    peer.failed(f"_{call.id}", "cancel", why="exit status 1: it would not stop")
    error = cancelling.raised()
    assert isinstance(error, CallError)
    assert error.message == "it would not stop"
    assert error.call is call
    cancelling = background(call.cancel)
    assert peer.line() == f"_{call.id} cancel &", "it can be tried again"
    peer.freed(call.id)
    cancelling.value()


def test_cancel_is_sent_once_for_all(peer: ScriptedServer, call: Call, background: Start) -> None:
    peer.success(call.id)
    call.wait()
    cancelling = [background(call.cancel) for _ in range(3)]
    assert peer.line() == f"_{call.id} cancel &"
    assert peer.no_line()
    peer.freed(call.id)
    for each in cancelling:
        each.value()


def test_leaving_a_block_cancels(peer: ScriptedServer, call: Call, background: Start) -> None:
    peer.success(call.id)
    call.wait()

    def use() -> None:
        with call as same:
            assert same is call

    using = background(use)
    assert peer.line() == f"_{call.id} cancel &"
    peer.freed(call.id)
    using.value()


def test_leaving_a_block_waits_a_second_at_most(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pyrum_sync.client.call._LEAVE_TIME", 0.01)
    with call:
        pass
    assert not call.done


def test_leaving_a_block_by_an_exception_keeps_it(peer: ScriptedServer, rumor: Rumor, call: Call) -> None:
    peer.hang_up()
    with pytest.raises(ConnectionLost):
        call.wait()
    with pytest.raises(ConnectionLost), call:
        pass  # nothing else is wrong: so this is told
    with pytest.raises(ZeroDivisionError), call:
        raise ZeroDivisionError
    rumor.close()
    with call:
        pass
