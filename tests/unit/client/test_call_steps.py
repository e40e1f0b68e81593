"""A call's steps."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from time import sleep

import pytest

from pyrum_sync import (
    Call,
    CallEnded,
    CallError,
    CallTimeout,
    Rumor,
)
from tests.conftest import HANG
from tests.support.peers import ScriptedServer
from tests.unit.client.helpers import Start, give_step


@pytest.fixture
def req(peer: ScriptedServer, rumor: Rumor) -> Call:
    """A request that is set up."""
    call = rumor.actor("alice").nowait.rpc.status.req.raw("peer", b"\x01", raw=True)
    peer.call()
    peer.success(call.id)
    call.wait()
    return call


def test_a_loop_over_steps_that_is_left_asks_for_none_ahead(peer: ScriptedServer, listener: Call) -> None:
    loop = iter(listener)
    give_step(peer, listener, 0, after=lambda: next(loop))
    loop.close()  # type: ignore[attr-defined]
    assert peer.no_line()
    give_step(peer, listener, 1, after=listener.next)


def bounded_next(peer: ScriptedServer, call: Call) -> None:
    """The line that asks for a step of a request: bounded, so that nothing is left pending in Rumor."""
    assert re.fullmatch(rf"_{call.id} next \d+ms &", peer.line())


def test_steps_hold_nothing_older(peer: ScriptedServer, listener: Call) -> None:
    for number in range(3):
        peer.data(listener.id, msg="Received a request, run 'next' to start processing it.", noise=number)
        give_step(peer, listener, number, after=listener.next)
        peer.data(listener.id, msg="Responded!", responded=number)


def test_a_step_that_timed_out_goes_to_the_next_who_asks(peer: ScriptedServer, listener: Call) -> None:
    with pytest.raises(CallTimeout):
        listener.next(timeout=0.02)
    assert peer.line() == f"_{listener.id} next &"
    with pytest.raises(CallTimeout):
        listener.next(timeout=0)
    assert peer.no_line(), "one `next` at a time"
    peer.data(listener.id, msg="Received request, queued it to respond to!", req_id=0)
    peer.step(listener.id)
    assert listener.next()["req_id"] == 0
    give_step(peer, listener, 1, after=listener.next)


def test_who_gives_up_before_asking_leaves_it_to_who_waits(
    rumor: Rumor, peer: ScriptedServer, listener: Call, background: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pyrum_sync.client.session._SLICE", 3 * HANG)  # or it would be seen a second later
    link = rumor._session.link
    send, asking, go_on = link.send, threading.Event(), threading.Event()

    def interrupted(line: str, deadline: float | None, sent: list[int] | None = None) -> None:  # noqa: ARG001
        monkeypatch.setattr(link, "send", send)
        asking.set()
        assert go_on.wait(HANG)
        raise KeyboardInterrupt  # before the first byte

    monkeypatch.setattr(link, "send", interrupted)
    first = background(listener.next)
    assert asking.wait(HANG)
    second = background(listener.next)
    while len(listener._state.waiters) < 2:
        sleep(0.001)
    go_on.set()
    assert type(first.raised()) is KeyboardInterrupt
    assert peer.line() == f"_{listener.id} next &"
    peer.data(listener.id, msg="Received request, queued it to respond to!", req_id=0)
    peer.step(listener.id)
    assert second.value() == {"msg": "Received request, queued it to respond to!", "req_id": 0}


def test_steps_are_asked_for_once_the_call_is_set_up(peer: ScriptedServer, starting: Call, background: Start) -> None:
    taking = background(starting.next)
    assert peer.no_line()
    peer.success(starting.id)
    assert peer.line() == f"_{starting.id} next &"
    peer.data(starting.id, msg="Received request, queued it to respond to!", req_id=0)
    peer.step(starting.id)
    assert taking.value() == {"msg": "Received request, queued it to respond to!", "req_id": 0}


def test_several_threads_get_each_step_once(peer: ScriptedServer, listener: Call, background: Start) -> None:
    takers = [background(lambda: [step["req_id"] for step in listener]) for _ in range(4)]
    for number in range(50):
        assert peer.line() == f"_{listener.id} next &"
        peer.data(listener.id, msg="Received request, queued it to respond to!", req_id=number)
        peer.step(listener.id)
    assert peer.line() == f"_{listener.id} next &"
    peer.freed(listener.id)
    peer.failed(f"_{listener.id}", "next", why="exit status 1: step failed: call is over")
    assert sorted(n for taker in takers for n in taker.value()) == list(range(50))  # type: ignore[attr-defined]


def test_a_listener_that_is_freed_has_no_more_steps(peer: ScriptedServer, listener: Call) -> None:
    peer.freed(listener.id)
    with pytest.raises(CallEnded, match="without another step"):
        listener.next()
    assert list(listener) == []


def test_a_command_without_steps_says_so_at_once(peer: ScriptedServer, call: Call) -> None:
    uses: list[Callable[[], object]] = [call.next, lambda: next(iter(call)), lambda: next(call.steps())]
    for use in uses:
        with pytest.raises(CallError, match=r"no steps: read it with entries\(\)") as caught:
            use()
        assert caught.value.call is call
    assert peer.no_line()


def test_a_failed_step_is_a_call_error_and_the_call_goes_on(peer: ScriptedServer, req: Call, background: Start) -> None:
    taking = background(req.next)
    bounded_next(peer, req)
    peer.data(req.id, msg="Received chunk", result_code=3, **{"fields.msg": "no such block"})
    peer.step(req.id)
    peer.failed(f"_{req.id}", "next", "500ms", why="exit status 1: step failed: got 3 reqresp result code")
    error = taking.raised()
    assert isinstance(error, CallError)
    assert error.message == "no such block"
    assert error.entry is not None
    assert error.entry["result_code"] == 3
    assert error.call is req
    assert not req.done
    taking = background(req.next)
    bounded_next(peer, req)
    peer.data(req.id, msg="Received chunk", result_code=0, data="aa")
    peer.step(req.id)
    assert taking.value() == {"msg": "Received chunk", "result_code": 0, "data": "aa"}


def test_a_request_gives_its_steps_and_ends_by_itself(peer: ScriptedServer, req: Call, background: Start) -> None:
    taking = background(lambda: list(req))
    bounded_next(peer, req)
    peer.data(req.id, msg="made request", peer_id="p")
    peer.step(req.id)
    bounded_next(peer, req)
    peer.failed(f"_{req.id}", "next", "500ms", why="exit status 1: step failed: step request stopped")
    bounded_next(peer, req)  # nothing in time: asked again
    peer.data(req.id, msg="Completed request")
    peer.data(req.id, msg="Received chunk", result_code=0, data="aa")
    peer.step(req.id)
    steps = taking.value()
    assert steps == [
        {"msg": "made request", "peer_id": "p"},
        {"msg": "Received chunk", "result_code": 0, "data": "aa"},
    ]
    assert peer.line() == f"_{req.id} cancel &", "what is over and read is freed"
    peer.freed(req.id)
    assert req.finished()["data"] == "aa"
    assert req.done
    assert list(req) == []
    assert len(list(req.entries())) == 3


def test_a_request_that_failed(peer: ScriptedServer, req: Call, background: Start) -> None:
    taking = background(lambda: list(req))
    bounded_next(peer, req)
    peer.data(req.id, level="error", msg="failed to make request", error="peer is unreachable")
    peer.failed(f"_{req.id}", "next", "500ms", why="exit status 1: step failed: step request stopped")
    error = taking.raised()
    assert isinstance(error, CallError)
    assert error.message == "peer is unreachable"
    assert peer.line() == f"_{req.id} cancel &"
    peer.freed(req.id)
    uses: list[Callable[[], object]] = [req.finished, req.next, req.field("nothing")]
    for use in uses:
        with pytest.raises(CallError, match="peer is unreachable"):
            use()
    assert next(req.entries())["msg"] == "failed to make request"


@pytest.mark.parametrize("reader", ["finished", "entries", "field"])
def test_reading_a_request_takes_its_steps(peer: ScriptedServer, req: Call, reader: str, background: Start) -> None:
    ways: dict[str, Callable[[], object]] = {
        "finished": req.finished,
        "entries": lambda: list(req.entries()),
        "field": lambda: list(req.field("data")),
    }
    reading = background(ways[reader])
    bounded_next(peer, req)
    peer.data(req.id, msg="made request")
    peer.step(req.id)
    bounded_next(peer, req)
    peer.data(req.id, msg="Received chunk", result_code=0, data="aa")
    peer.step(req.id)
    peer.data(req.id, msg="Completed request")
    while (line := peer.line()) != f"_{req.id} cancel &":
        assert re.fullmatch(rf"_{req.id} next \d+ms &", line)
        peer.failed(f"_{req.id}", "next", "500ms", why="exit status 1: step failed: step request stopped")
    peer.freed(req.id)
    value = reading.value()
    if reader == "field":
        assert value == ["aa"]
    elif reader == "entries":
        assert [entry["msg"] for entry in value] == ["made request", "Received chunk", "Completed request"]  # type: ignore[attr-defined]
    assert [step["msg"] for step in req] == ["made request", "Received chunk"], "taken, not lost"


def test_a_field_of_a_listener_asks_for_steps_and_its_entries_do_not(
    peer: ScriptedServer, listener: Call, background: Start
) -> None:
    reading = background(lambda: next(listener.entries()))
    assert peer.no_line()
    peer.data(listener.id, msg="Received a request, run 'next' to start processing it.")
    reading.value()
    asking = background(listener.req_id)
    assert peer.line() == f"_{listener.id} next &"
    peer.data(listener.id, msg="Received request, queued it to respond to!", req_id=4)
    peer.step(listener.id)
    assert asking.value() == 4


def test_a_search_with_steps(peer: ScriptedServer, rumor: Rumor, background: Start) -> None:
    search = rumor.nowait.dv5.random(stepwise=True)
    peer.call()
    peer.success(search.id)
    taking = background(search.next)
    assert peer.line() == f"_{search.id} next &"
    peer.data(search.id, msg="Got random node", enr="e")
    peer.step(search.id)
    assert taking.value() == {"msg": "Got random node", "enr": "e"}
    taking = background(search.next)
    peer.line()
    peer.step(search.id)
    peer.failed(f"_{search.id}", "next", why="exit status 1: step failed: no more nodes")
    error = taking.raised()
    assert isinstance(error, CallError)
    assert error.message == "no more nodes"
