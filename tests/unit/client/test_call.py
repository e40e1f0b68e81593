"""Call and its readers, against a scripted Rumor."""

from __future__ import annotations

import gc
import math
import re
import signal
import threading
from collections.abc import Callable, Iterator
from time import monotonic, sleep
from typing import Any

import pytest

from pyrum_sync import Call, CallEnded, CallError, CallTimeout, ConnectionLost, DataLost, Field, Rumor, RumorClosed
from tests.conftest import HANG, Background
from tests.support.peers import ScriptedServer

Start = Callable[[Callable[[], object]], Background]


@pytest.fixture
def rumor(peer: ScriptedServer) -> Iterator[Rumor]:
    """A client of the scripted Rumor."""
    with peer.rumor() as rumor:
        yield rumor


@pytest.fixture
def call(peer: ScriptedServer, rumor: Rumor) -> Call:
    """A call that was sent; nothing was heard of it."""
    call = rumor.actor("alice").nowait.host["any"]()
    assert peer.call() == call.id
    return call


@pytest.fixture
def listener(peer: ScriptedServer, rumor: Rumor) -> Call:
    """A call that has steps and is set up."""
    call = rumor.actor("alice").nowait.rpc.status.listen(raw=True)
    peer.call()
    peer.success(call.id)
    call.wait()
    return call


@pytest.fixture
def req(peer: ScriptedServer, rumor: Rumor) -> Call:
    """A request that is set up."""
    call = rumor.actor("alice").nowait.rpc.status.req.raw("peer", b"\x01", raw=True)
    peer.call()
    peer.success(call.id)
    call.wait()
    return call


def end(peer: ScriptedServer, call: Call) -> None:
    """A call's life ends well."""
    peer.success(call.id)
    peer.freed(call.id)


def fail(peer: ScriptedServer, call: Call, why: str = "no host") -> None:
    """A call fails, as Rumor tells it."""
    peer.error(call.id, why)
    peer.failed(f"_{call.id}", "host", "view", why=f"exit status 1: command failed: {why}")
    peer.freed(call.id)


def until(condition: Callable[[], bool]) -> bool:
    """Wait for what tells nobody that it has come."""
    limit = monotonic() + HANG
    while not condition() and monotonic() < limit:
        sleep(0.001)
    return condition()


def settled(peer: ScriptedServer, rumor: Rumor) -> None:
    """All that the server has sent has been taken in."""
    calling = rumor.nowait.sleep("1ns")
    peer.freed_after_success(peer.call())
    calling.finished()


# -- what it is


def test_its_names(call: Call, rumor: Rumor) -> None:
    assert call.actor is rumor.actor("alice")
    assert call.command == f"_{call.id} alice: lvl_trace host any &"
    assert call.id in rumor.calls


def test_its_states(peer: ScriptedServer, call: Call) -> None:
    assert repr(call) == f"<Call {call.id} {call.command!r} starting>"
    assert not call.done
    peer.success(call.id)
    call.wait()
    assert repr(call).endswith("running>")
    peer.freed(call.id)
    call.finished()
    assert repr(call).endswith("freed>")
    assert call.done


def test_a_long_command_is_shortened_where_people_see_it(peer: ScriptedServer, rumor: Rumor) -> None:
    call = rumor.nowait.peer.connect("x" * 10_000)
    assert len(call.command) > 10_000
    assert len(repr(call)) < 400
    assert peer.line() == call.command


# -- wait and finished


def test_wait_blocks_until_the_set_up_is_over(peer: ScriptedServer, call: Call, background: Start) -> None:
    waiting = background(call.wait)
    peer.data(call.id, addr="a")
    peer.success(call.id)
    assert waiting.value() == {"msg": "", "addr": "a"}
    assert not call.done


def test_finished_blocks_until_it_is_freed(peer: ScriptedServer, call: Call, background: Start) -> None:
    waiting = background(call.finished)
    peer.success(call.id)
    assert call.wait() == {}
    peer.data(call.id, x=1)
    peer.freed(call.id)
    assert waiting.value() == {"msg": "", "x": 1}
    assert call.finished(0) == call.wait(0) == call.data


@pytest.mark.parametrize("method", ["wait", "finished"])
@pytest.mark.parametrize("how", ["error", "line only", "error after wait"])
def test_a_call_that_fails(peer: ScriptedServer, call: Call, method: str, how: str, background: Start) -> None:
    waiting = background(getattr(call, method))
    if how == "line only":
        peer.failed(f"_{call.id}", "alice:", "nonsense", why="exit status 127: unknown")
        reason = "unknown"
    else:
        fail(peer, call)
        reason = "no host"
    error = waiting.raised()
    assert isinstance(error, CallError)
    assert error.message == reason
    assert error.call is call
    assert isinstance(error.entry, dict)
    assert str(error) == f"{call!r}: {reason}" or "failing" in str(error)
    with pytest.raises(CallError) as again:
        getattr(call, method)(0)
    assert again.value is not error, "each has an exception of its own"


def test_a_call_that_fails_is_not_freed_yet(peer: ScriptedServer, call: Call) -> None:
    peer.error(call.id, "why")
    for use in (call.wait, call.finished):
        with pytest.raises(CallError, match="why"):
            use()
    assert not call.done
    peer.data(call.id, addr="late")
    peer.freed(call.id)
    assert call.addr() == "late"
    with pytest.raises(CallError, match="why"):
        call.addr()


# -- data and fields


def test_data_is_the_newest_of_every_field_and_a_copy(peer: ScriptedServer, call: Call) -> None:
    peer.data(call.id, a=1, b=None)
    peer.data(call.id, a=2, c=[1])
    end(peer, call)
    call.finished()
    assert call.data == {"msg": "", "a": 2, "b": None, "c": [1]}
    call.data["a"] = 3
    assert call.data["a"] == 2
    assert list(call.a) == [1, 2], "reading data takes nothing away"


def test_a_field_gives_one_value_at_a_time(peer: ScriptedServer, call: Call, background: Start) -> None:
    reading = background(call.addr)
    peer.data(call.id, other=1)
    peer.data(call.id, addr="a")
    assert reading.value() == "a"
    peer.data(call.id, addr=None)
    peer.data(call.id, addr={"x": [1]})
    assert call.addr(timeout=HANG) is None
    assert call.field("addr")() == {"x": [1]}
    end(peer, call)
    with pytest.raises(CallEnded, match="without another value of 'addr'; the fields that it had: msg, other, addr"):
        call.addr()


def test_loops_over_a_field_share_its_values(peer: ScriptedServer, call: Call) -> None:
    for number in range(5):
        peer.data(call.id, n=number)
    end(peer, call)
    assert call.n() == 0
    assert next(iter(call.n)) == 1
    assert next(call.n.values()) == 2
    assert next(call.field("n").values(timeout=HANG)) == 3
    assert list(call.n) == [4]
    assert list(call.n) == []
    assert list(call.nothing) == []


def test_entries_are_as_rumor_sent_them(peer: ScriptedServer, call: Call) -> None:
    peer.data(call.id, level="error", msg="a message", x=1)
    end(peer, call)
    assert list(call.entries()) == [
        {
            "level": "error",
            "msg": "a message",
            "time": "2020-01-01T00:00:00Z",
            "call_id": call.id,
            "actor": "alice",
            "x": 1,
        }
    ]
    assert list(call.entries()) == []
    assert call.x() == 1, "each kind of reader has its own place"


def test_a_call_that_gave_nothing_says_so(peer: ScriptedServer, call: Call) -> None:
    end(peer, call)
    with pytest.raises(CallEnded, match="the fields that it had: none"):
        call.addr()


def test_fields_with_the_names_of_members(peer: ScriptedServer, call: Call) -> None:
    peer.data(call.id, data="x", id=7, next=[1], _odd=1, all=2, level="debug")
    end(peer, call)
    assert call.field("data")() == "x"
    assert call.field("id")() == 7
    assert call.field("next")() == [1]
    assert call.field("_odd")() == 1
    assert call.field("all")() == 2
    assert call.field("level")() == "debug"
    assert repr(call.field("data")) == f"<field 'data' of {call!r}>"
    assert isinstance(call.addr, Field)


@pytest.mark.parametrize(
    ("name", "member"),
    [
        ("all", "entries"), ("ok", "wait"), ("freed", "finished"), ("call_id", "id"), ("cmd", "command"),
        ("close", "cancel"), ("stop", "cancel"), ("result", "data"), ("_x", "field"), ("__deepcopy__", "field"),
    ],
)  # fmt: skip
def test_names_that_are_no_fields(call: Call, name: str, member: str) -> None:
    assert not hasattr(call, name)
    with pytest.raises(AttributeError, match=member) as caught:
        getattr(call, name)
    assert f"field({name!r})" in str(caught.value)


def test_a_field_has_a_name(call: Call) -> None:
    with pytest.raises(TypeError, match="a field's name is a str, not int"):
        call.field(7)  # type: ignore[arg-type]


# -- time limits

WAITING: dict[str, Callable[[Call, Any], object]] = {
    "wait": lambda call, limit: call.wait(limit),
    "wait=": lambda call, limit: call.wait(timeout=limit),
    "finished": lambda call, limit: call.finished(timeout=limit),
    "cancel": lambda call, limit: call.cancel(timeout=limit),
    "next": lambda call, limit: call.next(timeout=limit),
    "field": lambda call, limit: call.field("addr")(timeout=limit),
    "values": lambda call, limit: next(call.field("addr").values(timeout=limit)),
    "steps": lambda call, limit: next(call.steps(timeout=limit)),
    "entries": lambda call, limit: next(call.entries(timeout=limit)),
}
ways_to_wait = pytest.mark.parametrize("method", WAITING)


@pytest.fixture
def starting(peer: ScriptedServer, rumor: Rumor) -> Call:
    """A call that could have steps, of which nothing was heard."""
    call = rumor.actor("alice").nowait.rpc.status.listen()
    assert peer.call() == call.id
    return call


@ways_to_wait
@pytest.mark.parametrize("limit", [0, 0.02])
def test_a_limit_that_runs_out(starting: Call, method: str, limit: float) -> None:
    with pytest.raises(CallTimeout, match=f"waited {limit} s") as caught:
        WAITING[method](starting, limit)
    assert caught.value.call is starting
    assert repr(starting) in str(caught.value)
    assert isinstance(caught.value, TimeoutError)


@ways_to_wait
def test_a_limit_that_is_none(starting: Call, method: str) -> None:
    for wrong in ("1", b"1", [1], True, 1j, object()):
        with pytest.raises(TypeError, match="a timeout is a number of seconds or None, not"):
            WAITING[method](starting, wrong)
    for outside in (-1, -0.001, math.nan, -math.inf):
        with pytest.raises(ValueError, match="a timeout is 0 or more seconds, not"):
            WAITING[method](starting, outside)


@pytest.mark.parametrize("limit", [None, math.inf, HANG, 10**9])
def test_limits_that_do_not_run_out(peer: ScriptedServer, call: Call, limit: float | None, background: Start) -> None:
    waiting = [
        background(lambda: call.wait(limit)),
        background(lambda: call.finished(limit)),
        background(lambda: call.addr(limit)),
        background(lambda: list(call.entries(limit))),
    ]
    peer.data(call.id, addr=1)
    end(peer, call)
    for each in waiting:
        each.value()


def test_the_default_limit_is_that_of_the_rumor(peer: ScriptedServer) -> None:
    with peer.rumor(timeout=0.02) as rumor:
        starting = rumor.nowait.rpc.status.listen()
        peer.call()
        for use in (
            starting.wait, starting.finished, starting.next, starting.field("addr"), starting.cancel,
            lambda: next(iter(starting)), lambda: next(iter(starting.field("addr"))), lambda: next(starting.entries()),
        ):  # fmt: skip
            with pytest.raises(CallTimeout, match=r"waited 0\.02 s"):
                use()


def test_a_loop_goes_on_after_its_limit_ran_out(peer: ScriptedServer, call: Call) -> None:
    peer.success(call.id)
    peer.data(call.id, n=1)
    loop = call.n.values(timeout=0.05)
    assert next(loop) == 1
    with pytest.raises(CallTimeout):
        next(loop)
    peer.data(call.id, n=2)
    assert next(call.n.values(timeout=HANG)) == 2
    peer.freed(call.id)
    assert list(call.n) == []


def test_what_is_there_is_given_without_waiting(peer: ScriptedServer, call: Call) -> None:
    peer.data(call.id, n=1)
    end(peer, call)
    call.finished()
    assert call.wait(0) == call.finished(0) == {"msg": "", "n": 1}
    assert call.n(0) == 1
    assert len(list(call.entries(0))) == 1
    call.cancel(0)
    assert peer.no_line()


# -- every reader first gives what had arrived


def end_of(peer: ScriptedServer, rumor: Rumor, call: Call, how: str) -> type[Exception] | None:
    """End a call in one of several ways; gives what its readers then raise."""
    if how == "freed":
        end(peer, call)
        return None
    if how == "failed":
        fail(peer, call)
        return CallError
    if how == "closed":
        rumor.close()
        return RumorClosed
    if how == "ended":
        peer.hang_up()
    else:
        peer.reset()
    return ConnectionLost


@pytest.mark.parametrize("how", ["freed", "failed", "ended", "reset", "closed"])
def test_readers_give_what_had_arrived_then_tell_the_end(
    peer: ScriptedServer, rumor: Rumor, call: Call, how: str
) -> None:
    for number in range(600):
        peer.data(call.id, n=number, m=-number)
    settled(peer, rumor)
    error = end_of(peer, rumor, call, how)
    assert call.m() == 0
    found: list[Any] = []
    entries: list[Any] = []
    if error is None:
        found += call.n
        entries += call.entries()
        with pytest.raises(CallEnded):
            call.n()
    else:
        for place, loop in ((found, iter(call.n)), (entries, call.entries())):
            for _ in range(600):
                place.append(next(loop))
            with pytest.raises(error):
                next(loop)
        with pytest.raises(error):
            call.n()
    assert found == [entry["n"] for entry in entries] == list(range(600))
    assert call.m() == -1
    assert call.data["n"] == 599


def test_a_lost_connection_changes_nothing_for_a_freed_call(peer: ScriptedServer, rumor: Rumor, call: Call) -> None:
    peer.data(call.id, n=1)
    end(peer, call)
    call.finished()
    peer.hang_up()
    with pytest.raises(ConnectionLost):
        rumor.host["any"]()
    assert call.wait() == call.finished() == call.data == {"msg": "", "n": 1}
    assert list(call.n) == [1]
    assert len(list(call.entries())) == 1
    with pytest.raises(CallEnded):
        call.n()
    call.cancel()
    with call:
        pass


# -- generators


def test_a_loop_that_is_left_harms_nobody(peer: ScriptedServer, call: Call) -> None:
    for number in range(7):
        peer.data(call.id, n=number)
    end(peer, call)
    for value in call.n:
        assert value == 0
        break
    values = call.n.values()
    assert next(values) == 1
    values.close()  # type: ignore[attr-defined]
    another = iter(call.n)
    assert next(another) == 2
    del another
    gc.collect()
    with pytest.raises(ZeroDivisionError):
        [1 // 0 for _ in call.n]
    assert list(call.n) == [4, 5, 6]


def test_a_loop_over_steps_that_is_left_asks_for_none_ahead(peer: ScriptedServer, listener: Call) -> None:
    loop = iter(listener)
    give_step(peer, listener, 0, after=lambda: next(loop))
    loop.close()  # type: ignore[attr-defined]
    assert peer.no_line()
    give_step(peer, listener, 1, after=listener.next)


def test_several_threads_get_each_value_once(peer: ScriptedServer, call: Call, background: Start) -> None:
    readers = [background(lambda: list(call.n)) for _ in range(4)]
    readers += [background(lambda: [entry["n"] for entry in call.entries()]) for _ in range(3)]
    for number in range(2000):
        peer.data(call.id, n=number)
    end(peer, call)
    found: list[Any] = [reader.value() for reader in readers]
    for some in (found[:4], found[4:]):
        assert sorted(n for values in some for n in values) == list(range(2000))
        assert all(values == sorted(values) for values in some)


# -- steps


def give_step(peer: ScriptedServer, call: Call, number: int, after: Callable[[], object]) -> None:
    """One step of a listener, asked for and given."""
    taking = threading.Thread(target=lambda: found.append(after()), daemon=True)
    found: list[Any] = []
    taking.start()
    assert peer.line() == f"_{call.id} next &"
    message = "Received request, queued it to respond to!"
    peer.data(call.id, msg=message, req_id=number)
    peer.step(call.id)
    taking.join(HANG)
    assert found == [{"msg": message, "req_id": number}]


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


# -- losing data


def test_lost_entries_are_told_once_and_exactly(peer: ScriptedServer) -> None:
    with peer.rumor(max_unread=10) as rumor:
        call = rumor.nowait.host["any"]()
        call_id = peer.call()
        for number in range(25):
            peer.data(call_id, n=number, **({"even": number} if number % 2 == 0 else {}))
        end(peer, call)
        call.finished()
        for reader, lost, rest in (
            (call.n, 15, list(range(15, 25))),
            (call.even, 8, list(range(16, 25, 2))),
        ):
            with pytest.raises(DataLost) as caught:
                reader()
            assert caught.value.count == lost
            assert list(reader) == rest
        with pytest.raises(DataLost, match="15 unread entries"):
            list(call.entries())
        assert [entry["n"] for entry in call.entries()] == list(range(15, 25))
        assert call.data["n"] == 24


def test_the_size_of_what_is_unread_is_bounded_too(peer: ScriptedServer) -> None:
    with peer.rumor(max_unread_bytes=100_000) as rumor:
        big, small = rumor.nowait.host["any"](), rumor.nowait.host["any"]()
        ids = {peer.call(), peer.call()}
        assert ids == {big.id, small.id}
        peer.data(small.id, n=0)
        for number in range(20):
            peer.data(big.id, n=number, text="x" * 10_000)
        for call in (small, big):
            end(peer, call)
            call.finished()
        assert list(small.n) == [0], "the call with most loses"
        with pytest.raises(DataLost) as caught:
            big.n()
        rest = list(big.n)
        assert rest == list(range(20))[-len(rest) :]
        assert caught.value.count + len(rest) == 20
        assert 8 <= len(rest) <= 10


def test_calls_that_are_over_free_their_share(peer: ScriptedServer) -> None:
    with peer.rumor(max_unread_bytes=100_000) as rumor:
        for _ in range(30):
            call = rumor.nowait.host["any"]()
            peer.data(peer.call(), text="x" * 10_000)
            end(peer, call)
            call.finished()
            assert len(call.text()) == 10_000


def test_steps_lose_nothing_by_it(peer: ScriptedServer) -> None:
    with peer.rumor(max_unread=1) as rumor:
        listener = rumor.nowait.rpc.status.listen()
        peer.call()
        peer.success(listener.id)
        for number in range(5):
            give_step(peer, listener, number, after=listener.next)


# -- cancelling


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


# -- Ctrl-C


class Interrupted(Exception):
    """What the signal handler of these tests raises."""


@pytest.fixture
def interrupt() -> Iterator[Callable[[], None]]:
    """A signal to the main thread, whose handler raises: again and again until it did, for Python itself takes no
    notice of one that comes just before it begins to wait."""
    raised = threading.Event()
    main = threading.main_thread().ident or 0

    def handler(*_: object) -> None:
        if not raised.is_set():
            raised.set()
            raise Interrupted

    def press() -> None:
        while not raised.is_set():
            signal.pthread_kill(main, signal.SIGUSR1)
            raised.wait(0.05)

    before = signal.signal(signal.SIGUSR1, handler)
    yield press
    signal.signal(signal.SIGUSR1, before)


def test_ctrl_c_in_a_blocking_call_cancels_it(
    peer: ScriptedServer, rumor: Rumor, background: Start, interrupt: Callable[[], None]
) -> None:
    ids: list[str] = []

    def press() -> None:
        ids.append(peer.call())
        record = rumor._session.demux.calls[ids[0]]
        assert until(lambda: bool(record.waiters))
        interrupt()

    pressing = background(press)
    with pytest.raises(Interrupted) as caught:
        rumor.actor("alice").host["any"]()
    pressing.value()
    call = caught.value.call  # type: ignore[attr-defined]
    assert isinstance(call, Call)
    assert [call.id] == ids
    assert peer.no_line()
    peer.success(call.id)
    assert peer.line() == f"_{call.id} cancel &"
    peer.freed(call.id)
    call.cancel()


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
