"""A call: its life, its fields, its time limits."""

from __future__ import annotations

import gc
import math
from typing import Any

import pytest

from pyrum_sync import (
    Call,
    CallEnded,
    CallError,
    CallTimeout,
    ConnectionLost,
    Field,
    Rumor,
    RumorClosed,
)
from tests.conftest import HANG
from tests.support.peers import ScriptedServer
from tests.unit.client.helpers import WAITING, Start, end, fail, ways_to_wait


def settled(peer: ScriptedServer, rumor: Rumor) -> None:
    """All that the server has sent has been taken in."""
    calling = rumor.nowait.sleep("1ns")
    peer.freed_after_success(peer.call())
    calling.finished()


def test_its_names(call: Call, rumor: Rumor) -> None:
    assert call.actor is rumor.actor("alice")
    assert call.command == f"_{call.id} alice: lvl_trace host any &"
    assert call.id in rumor.calls


def test_its_states(peer: ScriptedServer, call: Call) -> None:
    assert repr(call) == f"<Call {call.id}: host any, alice, starting>"
    assert not call.done
    peer.success(call.id)
    call.wait()
    assert repr(call).endswith("running>")
    peer.freed(call.id)
    call.finished()
    assert repr(call).endswith("done>")
    assert call.done


def test_what_an_instant_call_looks_like_does_not_depend_on_when_it_is_freed(
    peer: ScriptedServer, rumor: Rumor
) -> None:
    call = rumor.actor("alice").nowait.host.start(nat=False)
    peer.success(peer.call())
    call.wait()
    before = repr(call)
    peer.freed(call.id)
    call.finished()
    assert before == repr(call) == f"<Call {call.id}: host start --nat=false, alice, done>"


def test_a_long_running_call_is_done_when_it_is_freed(peer: ScriptedServer, rumor: Rumor) -> None:
    call = rumor.nowait.host.notify("listen")
    peer.success(peer.call())
    call.wait()
    assert repr(call) == f"<Call {call.id}: host notify listen, default actor, running>"
    peer.freed(call.id)
    call.finished()
    assert repr(call) == f"<Call {call.id}: host notify listen, default actor, done>"


def test_a_call_that_fails_looks_so_from_the_first_word_of_it(peer: ScriptedServer, call: Call) -> None:
    peer.error(call.id, "no host")
    with pytest.raises(CallError) as caught:
        call.wait()
    peer.freed(call.id)
    with pytest.raises(CallError):
        call.finished()
    assert str(caught.value) == f"{call!r}: no host"
    assert repr(call).endswith(", failed>")


def test_a_tool_and_what_a_terminal_would_obey(peer: ScriptedServer, rumor: Rumor) -> None:
    call = rumor.nowait.tool.enr_value("a\x1b b", "enr:x")
    peer.line()
    assert repr(call) == f"<Call {call.id}: tool enr-value 'a\\x1b b' enr:x, default actor, starting>"


def test_a_notebook_shows_the_fields_and_no_markup_of_a_peer(peer: ScriptedServer, rumor: Rumor) -> None:
    call = rumor.nowait.peer.list("<all>")
    peer.data(peer.call(), peers={"x": "<script>\x1b"}, priv="5ec4e7")
    next(call.entries())
    shown = call._repr_html_()
    assert "peer list &#x27;&lt;all&gt;&#x27;, default actor, starting" in shown
    assert "{&#x27;x&#x27;: &#x27;&lt;script&gt;\\x1b&#x27;}" in shown
    assert "<script" not in shown
    assert "5ec4e7" not in shown


def test_a_long_command_is_shortened_where_people_see_it(peer: ScriptedServer, rumor: Rumor) -> None:
    call = rumor.nowait.peer.connect("x" * 10_000)
    assert len(call.command) > 10_000
    assert len(repr(call)) < 400
    assert peer.line() == call.command


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


def test_data_is_the_newest_of_every_field_and_a_copy(peer: ScriptedServer, call: Call) -> None:
    peer.data(call.id, a=1, b=None)
    peer.data(call.id, a=2, c=[1])
    end(peer, call)
    call.finished()
    assert call.data == {"msg": "", "a": 2, "b": None, "c": [1]}
    call.data["a"] = 3
    assert call.data["a"] == 2
    assert list(call.a) == [1, 2], "reading data takes nothing away"


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
        with pytest.raises(TypeError, match="a timeout must be a number of seconds or None, not"):
            WAITING[method](starting, wrong)
    for outside in (-1, -0.001, math.nan, -math.inf):
        with pytest.raises(ValueError, match="a timeout must be 0 or more seconds, not"):
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
