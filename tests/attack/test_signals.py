"""What a signal handler may do to the main thread: raise anywhere, or close the session."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest

from pyrum_sync import CallTimeout, Rumor, RumorClosed
from pyrum_sync.transports.base import Connection
from tests.conftest import Background
from tests.support.peers import ScriptedServer

Start = Callable[[Callable[[], object]], Background]


class Interrupt(Exception):
    """What the handler raises."""


@contextmanager
def _handler(work: Callable[[], None]) -> Iterator[None]:
    def handle(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        work()

    old = signal.signal(signal.SIGUSR1, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGUSR1, old)


def _raising(error: BaseException) -> Callable[[], None]:
    def work() -> None:
        raise error

    return work


def _link(rumor: Rumor) -> Any:
    link = rumor._session.link
    assert isinstance(link, Connection)
    return link


def _signal_before(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
    """The signal comes when this method is called next, before it does anything."""
    real = getattr(owner, name)

    def signalled(*args: Any) -> Any:
        monkeypatch.setattr(owner, name, real)
        signal.raise_signal(signal.SIGUSR1)
        return real(*args)

    monkeypatch.setattr(owner, name, signalled)


def _signal_after(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
    """The signal comes when this method is called next, after it did its work."""
    real = getattr(owner, name)

    def signalled(*args: Any) -> Any:
        monkeypatch.setattr(owner, name, real)
        try:
            return real(*args)
        finally:
            signal.raise_signal(signal.SIGUSR1)

    monkeypatch.setattr(owner, name, signalled)


@pytest.mark.parametrize("error", [Interrupt(), KeyboardInterrupt(), TimeoutError("too late"), OSError("no number")])
@pytest.mark.parametrize("moment", [_signal_before, _signal_after])
def test_what_a_handler_raises_in_a_write_does_not_end_the_connection(
    peer: ScriptedServer, monkeypatch: pytest.MonkeyPatch, error: BaseException, moment: Callable[..., None]
) -> None:
    with peer.rumor(keep_calls=True) as rumor, _handler(_raising(error)):
        moment(monkeypatch, _link(rumor), "_push")
        with pytest.raises(type(error)) as caught:
            rumor.actor("alice").nowait.sleep("1s")
        assert caught.value is error
        rumor.actor("alice").nowait.sleep("2s")
        if moment is _signal_after:
            assert peer.line().endswith("sleep 1s &")
        assert peer.line().endswith("sleep 2s &")


@pytest.mark.parametrize("name", ["send", "_push"])
def test_a_call_whose_line_was_never_sent_is_no_call(
    peer: ScriptedServer, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with peer.rumor(keep_calls=True) as rumor, _handler(_raising(Interrupt())):
        _signal_before(monkeypatch, _link(rumor), name)
        with pytest.raises(Interrupt) as caught:
            rumor.actor("alice").sleep("1s")
        call = caught.value.call  # type: ignore[attr-defined]
        assert call.done
        assert rumor.calls == {}


@pytest.mark.parametrize("name", ["send", "_push"])
def test_a_step_that_was_not_asked_for_is_asked_for_by_the_next_reader(
    peer: ScriptedServer, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with peer.rumor(keep_calls=True) as rumor, _handler(_raising(Interrupt())):
        call = rumor.actor("alice").nowait.rpc.ping.listen()
        peer.success(peer.call())
        call.wait()
        _signal_before(monkeypatch, _link(rumor), name)
        with pytest.raises(Interrupt):
            call.next()
        with pytest.raises(CallTimeout):
            call.next(timeout=0)
        assert peer.line() == f"_{call.id} next &"


def test_a_step_that_was_asked_for_is_not_asked_for_twice(
    peer: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with peer.rumor(keep_calls=True) as rumor, _handler(_raising(Interrupt())):
        call = rumor.actor("alice").nowait.rpc.ping.listen()
        peer.success(peer.call())
        call.wait()
        _signal_after(monkeypatch, _link(rumor), "_push")
        with pytest.raises(Interrupt):
            call.next()
        assert peer.line() == f"_{call.id} next &"
        with pytest.raises(CallTimeout):
            call.next(timeout=0)
        rumor.actor("alice").nowait.sleep("1s")
        assert peer.line().endswith("sleep 1s &")


def test_who_waits_for_a_step_that_another_gave_up_to_ask_for_asks_himself(
    peer: ScriptedServer, background: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    with peer.rumor(keep_calls=True) as rumor:
        call = rumor.actor("alice").nowait.rpc.ping.listen()
        peer.success(peer.call())
        call.wait()
        waiting: list[Background] = []

        def work() -> None:
            # Another thread finds that the step is being asked for, and waits; then the one that asks gives up.
            waiting.append(background(call.next))
            while not call._state.waiters[1:]:
                pass
            raise Interrupt

        with _handler(work):
            _signal_before(monkeypatch, _link(rumor), "send")
            with pytest.raises(Interrupt):
                call.next()
        assert peer.line() == f"_{call.id} next &"
        peer.data(call.id, msg="Received request, queued it to respond to!", req_id=1)
        peer.step(call.id)
        assert waiting[0].value() == {"msg": "Received request, queued it to respond to!", "req_id": 1}


def test_a_handler_closes_amid_a_write(peer: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    rumor = peer.rumor(keep_calls=True)
    with _handler(rumor.close):
        _signal_before(monkeypatch, _link(rumor), "_push")
        with pytest.raises(RumorClosed):
            rumor.actor("alice").sleep("1s")
        assert peer.line().endswith("sleep 1s &")
        assert peer.line() == "exit"
        rumor.close()


def test_a_handler_closes_amid_a_look(peer: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    rumor = peer.rumor(keep_calls=True)
    call = rumor.actor("alice").nowait.sleep("1s")
    peer.line()
    with _handler(rumor.close):
        _signal_before(monkeypatch, rumor._session, "check")
        with pytest.raises(RumorClosed):
            call.wait()
        assert peer.line() == "exit"
        rumor.close()


def test_a_handler_that_calls_amid_a_write_is_refused(peer: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    refused: list[BaseException] = []

    def work() -> None:
        try:
            rumor.actor("alice").nowait.sleep("2s")
        except CallTimeout as error:
            refused.append(error)

    with peer.rumor(keep_calls=True) as rumor, _handler(work):
        _signal_before(monkeypatch, _link(rumor), "_push")
        rumor.actor("alice").nowait.sleep("1s")
        assert refused
        assert peer.line().endswith("sleep 1s &")
        assert len(rumor.calls) == 1


def test_who_waits_while_his_handler_closes_learns_that(peer: ScriptedServer, background: Start) -> None:
    rumor = peer.rumor()
    call = rumor.actor("alice").nowait.rpc.ping.listen()
    peer.success(peer.call())
    call.wait()

    def outside() -> None:
        while not call._state.waiters:
            pass
        os.kill(os.getpid(), signal.SIGUSR1)
        assert peer.line() == f"_{call.id} cancel &"
        peer.freed(call.id)  # comes while the handler runs

    with _handler(rumor.close):
        other = background(outside)
        with pytest.raises(RumorClosed):
            list(call.entries())
        other.value()
