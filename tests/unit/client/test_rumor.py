"""Rumor and its actors: what is sent for what is written, and what is refused."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from remerkleable.basic import uint64

from pyrum_sync import (
    Actor,
    Call,
    CallEnded,
    CallError,
    CallTimeout,
    ConnectionLost,
    Rumor,
    RumorClosed,
    ShellError,
    TCPConn,
    UnknownCommand,
)
from tests.conftest import Background
from tests.support.peers import ScriptedServer, data, entry

Start = Callable[[Callable[[], object]], Background]


@pytest.fixture
def rumor(peer: ScriptedServer) -> Iterator[Rumor]:
    """A client of the scripted Rumor."""
    with peer.rumor() as rumor:
        yield rumor


@pytest.fixture
def alice(rumor: Rumor) -> Actor:
    """One of its actors."""
    return rumor.actor("alice")


# -- opening


@pytest.mark.parametrize("name", ["max_unread", "max_unread_bytes", "max_line", "clear_log_data_every"])
@pytest.mark.parametrize("value", [0, -1, math.nan])
def test_limits_are_positive(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"{name} must be more than 0"):
        Rumor(TCPConn("127.0.0.1", 1), **{name: value})  # type: ignore[arg-type]


def test_the_default_time_limit_is_one() -> None:
    conn = TCPConn("127.0.0.1", 1)
    for _ in range(2):  # a refused value uses no connection up
        with pytest.raises(TypeError, match="a timeout is a number"):
            Rumor(conn, timeout="1")  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="a timeout is 0 or more"):
            Rumor(conn, timeout=-1)


def test_one_rumor_for_a_connection(peer: ScriptedServer) -> None:
    conn = peer.conn()
    with Rumor(conn) as rumor:
        with pytest.raises(ValueError, match="has served a Rumor already"):
            Rumor(conn)
        assert not rumor.closed
    with pytest.raises(ValueError, match="has served a Rumor already"):
        Rumor(conn)


def test_a_connection_that_was_opened_before(peer: ScriptedServer) -> None:
    with peer.conn() as conn, Rumor(conn) as rumor:
        assert repr(rumor) == "<Rumor open>"
    assert repr(rumor) == "<Rumor closed>"
    assert rumor.closed


# -- actors


def test_an_actor_is_always_the_same(rumor: Rumor, alice: Actor) -> None:
    assert rumor.actor("alice") is alice
    assert rumor.actor("bob") is not alice
    assert alice.name == "alice"
    assert repr(alice) == "<Actor 'alice'>"


@pytest.mark.parametrize("name", ["", "a b", "a:", "-a", "a\n"])
def test_a_name_that_cannot_be_one(rumor: Rumor, name: str) -> None:
    with pytest.raises(ValueError, match="name of an actor"):
        rumor.actor(name)
    with pytest.raises(TypeError, match="name is a str"):
        rumor.actor(7)  # type: ignore[arg-type]


# -- what is sent


def sent(peer: ScriptedServer, call: Call) -> str:
    """The line of a call, without what is the same in all."""
    line = peer.line()
    assert line == call.command
    prefix, suffix = f"_{call.id} ", " &"
    assert line.startswith(prefix)
    assert line.endswith(suffix)
    return line.removeprefix(prefix).removesuffix(suffix)


LINES: list[tuple[Callable[[Any], Call], str]] = [
    (lambda on: on.host.listen(ip="127.0.0.1", tcp=9001), "host listen --ip=127.0.0.1 --tcp=9001"),
    (lambda on: on.host.start(nat=False), "host start --nat=false"),
    (lambda on: on.host.start(nat=None), "host start"),
    (lambda on: on.peer.connect("/ip4/127.0.0.1/tcp/1"), "peer connect /ip4/127.0.0.1/tcp/1"),
    (lambda on: on.peer.connect("it's $HOME"), "peer connect 'it'\"'\"'s $HOME'"),
    (lambda on: on.peer.connect(""), "peer connect ''"),
    (lambda on: on.peer.connect("-x"), "peer connect -- -x"),
    (lambda on: on.peer.connect("help"), "peer connect -- help"),
    (lambda on: on.peer.connect("zoë\n\x80"), "peer connect 'zoë\n'$'\\u0080'''"),
    (lambda on: on.rpc.blocks_by_range.req.raw("p", b"\x01"), "rpc blocks-by-range req raw p 01"),
    (lambda on: on["rpc"]["blocks-by-range"]["req"]["raw"]("p", b"\x01"), "rpc blocks-by-range req raw p 01"),
    (lambda on: on.blocks.on["my db"].list(), "blocks on 'my db' list"),
    (lambda on: on.blocks.import_("x"), "blocks import x"),
    (lambda on: on.rpc.status.req.raw("p", uint64(5), timeout=3), "rpc status req raw --timeout=3s p 5"),
    (lambda on: on.sleep("5s"), "sleep 5s"),
    (lambda on: on.sleep(timedelta(seconds=1.5)), "sleep 1.5s"),
]


@pytest.mark.parametrize(("use", "words"), LINES, ids=[words for _, words in LINES])
def test_what_is_written_is_what_is_sent(
    peer: ScriptedServer, rumor: Rumor, alice: Actor, use: Callable[[Any], Call], words: str
) -> None:
    if "\n" in words:
        call = use(alice.nowait)  # one line to the shell, two to this peer
        assert call.command == f"_{call.id} alice: lvl_trace {words} &"
        return
    assert sent(peer, use(alice.nowait)) == f"alice: lvl_trace {words}"
    assert sent(peer, use(rumor.nowait)) == f"lvl_trace {words}"


def test_ids_are_never_used_twice(peer: ScriptedServer, rumor: Rumor) -> None:
    ids = [rumor.nowait.host.view().id for _ in range(100)]
    assert len(set(ids)) == 100
    assert not [one for one in ids for other in ids if one != other and other.startswith(one)]
    assert [peer.call() for _ in ids] == ids


@pytest.mark.parametrize("wrong", [object(), {"a": 1}, None, [[1]]])
def test_values_without_a_form_are_refused_and_nothing_is_sent(peer: ScriptedServer, alice: Actor, wrong: Any) -> None:
    with pytest.raises(TypeError, match="argument 1"):
        alice.peer.connect(wrong)
    if wrong is not None:
        with pytest.raises(TypeError, match="flag ip"):
            alice.host.listen(ip=wrong)
    assert peer.no_line()


@pytest.mark.parametrize("wrong", ["a\0", "\ud800"], ids=ascii)
def test_text_that_cannot_travel_is_refused_and_nothing_is_sent(
    peer: ScriptedServer, rumor: Rumor, alice: Actor, wrong: str
) -> None:
    with pytest.raises(ValueError, match="argument 1"):
        alice.peer.connect(wrong)
    with pytest.raises(ValueError, match="flag ip"):
        alice.host.listen(ip=wrong)
    with pytest.raises(ValueError, match="a word of a command"):
        alice.blocks.on[wrong]
    with pytest.raises(ValueError, match="script"):
        rumor.shell(wrong)
    assert peer.no_line()
    assert rumor.calls == {}


def test_words_of_other_types_are_refused(alice: Actor) -> None:
    for where in (alice, alice.nowait, alice.blocks.on):
        with pytest.raises(TypeError, match="a word of a command is a str, not int"):
            where[7]  # type: ignore[index]
        with pytest.raises(ValueError, match="cannot be empty"):
            where[""]


# -- names


@pytest.mark.parametrize("name", ["hots", "_host", "__wrapped__", "ls", "exit", "_repr_html_", "next"])
def test_unknown_commands_are_no_attributes(peer: ScriptedServer, rumor: Rumor, alice: Actor, name: str) -> None:
    for where in (rumor, alice, rumor.nowait, alice.nowait):
        assert not hasattr(where, name)
        with pytest.raises(UnknownCommand, match=name):
            getattr(where, name)
    assert peer.no_line()


def test_an_unknown_command_names_the_nearest(alice: Actor) -> None:
    with pytest.raises(UnknownCommand, match="host"):
        _ = alice.hots  # type: ignore[attr-defined]
    with pytest.raises(UnknownCommand, match="host"):
        alice["hots"]


def test_completion_shows_the_commands(rumor: Rumor, alice: Actor) -> None:
    for where in (rumor, alice, rumor.nowait, alice.nowait):
        assert {"host", "peer", "rpc", "dv5", "gossip", "blocks", "states", "enr", "tool"} <= set(dir(where))
    assert {"actor", "close", "attach"} <= set(dir(rumor))
    assert {"kill", "me", "within"} <= set(dir(alice))
    assert "listen" in dir(alice.host)


def test_reprs(rumor: Rumor, alice: Actor) -> None:
    assert repr(alice.host.view) == "<command 'host view' of <Actor 'alice'>>"
    assert repr(rumor.within(1)) == "<Actor: the default one>"
    assert repr(alice.nowait) == "<nowait of <Actor 'alice'>>"


def test_what_is_half_made_or_copied_does_not_look_for_itself_for_ever(alice: Actor) -> None:
    for thing in (alice, alice.nowait, alice.host, alice.host.view):
        assert type(copy.copy(thing)) is type(thing)
    with pytest.raises(UnknownCommand, match="_default"):
        _ = Rumor.__new__(Rumor).host


# -- blocking


def test_a_blocking_command_waits_for_its_set_up(peer: ScriptedServer, alice: Actor, background: Start) -> None:
    calling = background(lambda: alice.host.view())  # noqa: PLW0108
    call_id = peer.call()
    peer.data(call_id, addr=1)
    peer.success(call_id)
    call = calling.value()
    assert isinstance(call, Call)
    assert call.id == call_id
    assert call.actor is alice
    assert not call.done


def test_a_blocking_command_that_fails(peer: ScriptedServer, alice: Actor, background: Start) -> None:
    calling = background(lambda: alice.peer.connect("nowhere"))
    call_id = peer.call()
    peer.error(call_id, "no route")
    error = calling.raised()
    assert isinstance(error, CallError)
    assert error.message == "no route"
    assert error.call is not None
    assert error.call.id == call_id


def test_secrets_in_errors_are_masked(peer: ScriptedServer, alice: Actor, background: Start) -> None:
    calling = background(lambda: alice.host.start(priv="5ec4e7"))
    call_id = peer.call()
    peer.failed(f"_{call_id}", "alice:", "host", "start", "--priv=5ec4e7", why="exit status 1: bad key 5ec4e7")
    error = calling.raised()
    assert isinstance(error, CallError)
    assert "5ec4e7" not in str(error) + repr(error) + error.message + repr(error.call)
    assert "--priv=***" in str(error)
    assert error.call is not None
    assert "--priv=5ec4e7" in error.call.command


def test_a_blocking_command_that_takes_too_long_is_cancelled(peer: ScriptedServer, alice: Actor) -> None:
    with pytest.raises(CallTimeout, match=r"waited 0\.05 s to be set up") as caught:
        alice.within(0.05).host.view()
    call = caught.value.call
    assert call is not None
    assert peer.line() == call.command
    assert peer.no_line()
    peer.success(call.id)
    assert peer.line() == f"_{call.id} cancel &"
    peer.freed(call.id)
    call.cancel()


def test_limits_of_blocking_commands(peer: ScriptedServer) -> None:
    with peer.rumor(timeout=0.02) as rumor:
        alice = rumor.actor("alice")
        for use in (alice.host.view, rumor.host.view, rumor.within(0).host.view, alice.within(0.01).host.view):
            with pytest.raises(CallTimeout):
                use()
        call = alice.nowait.host.view()
        with pytest.raises(CallTimeout, match=r"0\.02"):
            call.wait()
        assert alice.within(None).name == "alice"


@pytest.mark.parametrize("wrong", ["1", True, [1]])
def test_limits_of_actors_are_checked(rumor: Rumor, alice: Actor, wrong: Any) -> None:
    uses: list[Callable[[Any], object]] = [
        alice.within, rumor.within, alice.kill, alice.me, alice.calls,
        lambda limit: rumor.shell("true", timeout=limit), lambda limit: rumor.attach("py_0", timeout=limit),
    ]  # fmt: skip
    for use in uses:
        with pytest.raises(TypeError, match="a timeout is a number"):
            use(wrong)
        with pytest.raises(ValueError, match="a timeout is 0 or more"):
            use(-1)


def test_the_flag_timeout_is_rumors(peer: ScriptedServer, alice: Actor, background: Start) -> None:
    calling = background(lambda: alice.rpc.status.req.raw("p", b"", timeout="2s"))
    line = peer.line()
    assert "--timeout=2s" in line
    peer.success(line.split()[0][1:])
    calling.value()


# -- verbs


def verb(peer: ScriptedServer, start: str) -> str:
    """The id of the call behind a verb of a line that starts so."""
    call_id, _, rest = peer.line().partition(" ")
    assert rest == f"{start} && {call_id} lvl_trace sleep 1ns &"
    return call_id[1:]


def test_kill_and_me(peer: ScriptedServer, alice: Actor, background: Start) -> None:
    for name in ("kill", "me"):
        doing = background(getattr(alice, name))
        call_id = verb(peer, f"alice: {name}")
        assert doing.is_alive()
        peer.freed_after_success(call_id)
        assert doing.value() is None


def test_the_calls_of_an_actor(peer: ScriptedServer, rumor: Rumor, alice: Actor, background: Start) -> None:
    running = {"py_0": {"actor": "alice", "args": ["sleep", "5s"]}}
    for actor, start in ((alice, "alice: calls"), (rumor.within(None), "calls")):
        asking = background(actor.calls)
        call_id = verb(peer, start)
        peer.entry(actor="alice", calls=running, msg="calls")
        peer.entry(actor="bob", calls={"py_1": {}})
        peer.entry(actor="alice", calls="odd")
        peer.data(call_id, msg="slept")
        peer.freed_after_success(call_id)
        assert asking.value() == running


def test_a_verb_that_fails(peer: ScriptedServer, alice: Actor, background: Start) -> None:
    killing = background(alice.kill)
    call_id = verb(peer, "alice: kill")
    peer.failed(f"_{call_id}", "alice:", "kill", why="exit status 1: no such actor")
    error = killing.raised()
    assert isinstance(error, CallError)
    assert error.message == "kill: no such actor"
    assert error.entry is not None


def test_a_verb_that_takes_too_long(alice: Actor) -> None:
    for use in (alice.kill, alice.me, alice.calls):
        with pytest.raises(CallTimeout, match=r"waited 0\.01 s for '(kill|me|calls)' of actor 'alice'"):
            use(timeout=0.01)


# -- calls


def test_the_calls_in_flight(peer: ScriptedServer, rumor: Rumor) -> None:
    assert rumor.calls == {}
    one, two = rumor.nowait.host.view(), rumor.nowait.host.view()
    snapshot = rumor.calls
    assert snapshot == {one.id: one, two.id: two}
    peer.freed_after_success(one.id)
    one.finished()
    assert rumor.calls == {two.id: two}
    assert set(snapshot) == {one.id, two.id}


# -- attaching


def attached(peer: ScriptedServer, rumor: Rumor, background: Start, why: str) -> Background:
    """Attaching, answered."""
    attaching = background(lambda: rumor.attach("py_0"))
    assert peer.line() == "_py_0 lvl_trace; _py_0 next x &"
    peer.failed("_py_0", "next", "x", why=f"exit status 1: {why}")
    return attaching


def test_attaching(peer: ScriptedServer, rumor: Rumor, background: Start) -> None:
    call = attached(peer, rumor, background, "step timeout could not be parsed").value()
    assert isinstance(call, Call)
    assert (call.id, call.actor) == ("py_0", None)
    assert call.wait() == {}
    assert rumor.calls == {"py_0": call}
    assert rumor.attach("py_0") is call
    peer.data("py_0", n=1)
    assert call.n() == 1
    taking = background(call.next)
    assert peer.line() == "_py_0 next &"
    peer.data("py_0", msg="Received request, queued it to respond to!", req_id=0)
    peer.step("py_0")
    step: Any = taking.value()
    assert step["req_id"] == 0
    peer.freed("py_0")
    assert call.finished()["n"] == 1
    rumor.close()
    assert peer.line() == "exit", "another session's call is not ours to cancel"


@pytest.mark.parametrize("probed", [True, False])
def test_attached_amid_its_own_part_and_it_fails(
    peer: ScriptedServer, rumor: Rumor, background: Start, probed: bool
) -> None:
    """Only its own session is told `failed`; the mark comes to this one as well."""
    attaching = background(lambda: rumor.attach("py_0"))
    assert peer.line() == "_py_0 lvl_trace; _py_0 next x &"
    if probed:
        peer.failed("_py_0", "next", "x", why="exit status 1: step timeout could not be parsed")
        attaching.value()
    peer.error("py_0", "no such peer")
    call: Any = attaching.value()
    peer.freed("py_0")
    for read in (call.finished, call.wait, lambda: list(call.entries()), call.n):
        with pytest.raises(CallError, match="no such peer"):
            read()


def test_attaching_is_not_followed_by_a_cancel(peer: ScriptedServer, rumor: Rumor, background: Start) -> None:
    attached(peer, rumor, background, "step timeout could not be parsed").value()
    rumor.close()
    assert peer.line() == "exit"


def test_attaching_to_what_is_not_there(peer: ScriptedServer, rumor: Rumor, background: Start) -> None:
    for _ in range(2):
        error = attached(peer, rumor, background, "call not available for stepping").raised()
        assert isinstance(error, CallEnded)
        assert "no running call 'py_0'" in str(error)
        assert rumor.calls == {}


def test_attaching_to_a_call_of_ones_own(peer: ScriptedServer, rumor: Rumor) -> None:
    call = rumor.nowait.host.view()
    assert rumor.attach(call.id) is call
    assert peer.line() == call.command
    assert peer.no_line()


def test_attaching_twice_at_once(peer: ScriptedServer, rumor: Rumor, background: Start) -> None:
    first = background(lambda: rumor.attach("py_0"))
    peer.line()
    second = background(lambda: rumor.attach("py_0"))
    assert peer.no_line()
    peer.failed("_py_0", "next", "x", why="exit status 1: call not available for stepping")
    for each in (first, second):
        assert isinstance(each.raised(), CallEnded)


def test_attaching_takes_too_long(rumor: Rumor) -> None:
    for _ in range(2):
        with pytest.raises(CallTimeout, match=r"waited 0\.01 s to be attached") as caught:
            rumor.attach("py_0", timeout=0.01)
        assert caught.value.call is not None
        assert rumor.calls == {}


@pytest.mark.parametrize("name", ["", "_py_0", "a b", "a;b"])
def test_what_is_no_call_id(rumor: Rumor, name: str) -> None:
    with pytest.raises(ValueError, match="is no call id"):
        rumor.attach(name)


# -- shell


def output(peer: ScriptedServer, text: str) -> None:
    peer.entry(stdout=text + "\n", level="info")


def test_a_script(peer: ScriptedServer, rumor: Rumor, background: Start) -> None:
    running = background(lambda: rumor.shell("echo hello\nhost view"))
    call_id = await_script(peer)
    output(peer, f"{call_id}>{call_id}:  hello ")
    output(peer, f"{call_id}>oops")
    peer.entry(call_id="s2_1", actor="alice", n=1)
    output(peer, "of somebody else")
    output(peer, f"{call_id}>{call_id}:{call_id}?0")
    assert running.is_alive()
    output(peer, f"{call_id}.")
    result: Any = running.value()
    assert (result.stdout, result.stderr, result.status) == ("  hello \n", "oops\n", 0)
    assert [entry["n"] for entry in result.entries] == [1]
    assert rumor.calls == {}


def test_what_comes_behind_a_script_is_not_its_own(peer: ScriptedServer, rumor: Rumor, background: Start) -> None:
    running = background(lambda: rumor.shell("host view"))
    call_id = await_script(peer)
    peer.send(
        data("s2_1", n=1)
        + entry(stdout=f"{call_id}>{call_id}:{call_id}?0\n")
        + entry(stdout=f"{call_id}.\n")
        + data("s2_2", n=2)
    )
    result: Any = running.value()
    assert [entry["n"] for entry in result.entries] == [1]


def await_script(peer: ScriptedServer) -> str:
    """The id of the script that comes next, once all its lines have come."""
    text = peer.line()
    while not text.endswith("} &"):
        text += "\n" + peer.line()
    found = text.rpartition(".")[0].rpartition('"')[2] or text.rpartition(".")[0].rpartition("'")[2]
    return found.split()[-1]


def test_a_script_that_fails(peer: ScriptedServer, rumor: Rumor, background: Start) -> None:
    for check in (True, False):
        running = background(lambda check=check: rumor.shell("exit 3", check=check))  # type: ignore[misc]
        call_id = await_script(peer)
        output(peer, f"{call_id}>no such thing")
        output(peer, f"{call_id}>{call_id}:{call_id}?3")
        output(peer, f"{call_id}.")
        if check:
            error = running.raised()
            assert isinstance(error, ShellError)
            assert "exit status 3: no such thing" in str(error)
            assert error.result.status == 3
        else:
            result: Any = running.value()
            assert result.status == 3


def test_a_script_that_fails_without_a_word(peer: ScriptedServer, rumor: Rumor, background: Start) -> None:
    running = background(lambda: rumor.shell("false"))
    call_id = await_script(peer)
    output(peer, f"{call_id}>{call_id}:{call_id}?1")
    output(peer, f"{call_id}.")
    assert "it wrote nothing to stderr" in str(running.raised())


def test_other_calls_go_on_during_a_script(peer: ScriptedServer, rumor: Rumor, background: Start) -> None:
    running = background(lambda: rumor.shell("sleep 5s"))
    call_id = await_script(peer)
    call = rumor.nowait.host.view()
    peer.data(peer.call(), n=1)
    peer.freed_after_success(call.id)
    assert call.finished()["n"] == 1
    assert running.is_alive()
    output(peer, f"{call_id}>{call_id}:{call_id}?0")
    output(peer, f"{call_id}.")
    result: Any = running.value()
    assert result.entries == []


def test_a_script_that_takes_too_long(peer: ScriptedServer, rumor: Rumor, background: Start) -> None:
    with pytest.raises(CallTimeout, match=r"waited 0\.01 s for a shell script to end"):
        rumor.shell("sleep 5s", timeout=0.01)
    call_id = await_script(peer)
    output(peer, f"{call_id}.")
    calling = background(lambda: rumor.host.view())  # noqa: PLW0108
    peer.freed_after_success(peer.call())
    calling.value()


# -- over


def test_everything_after_closing(rumor: Rumor, alice: Actor) -> None:
    rumor.close()
    uses: list[Callable[[], object]] = [
        rumor.host.view, alice.host.view, alice.nowait.host.view, alice.kill, alice.me, alice.calls,
        lambda: rumor.shell("true"), lambda: rumor.attach("py_0"),
    ]  # fmt: skip
    for use in uses:
        with pytest.raises(RumorClosed, match="this Rumor was closed") as caught:
            use()
        assert isinstance(caught.value, ConnectionLost)
    assert rumor.calls == {}
    assert rumor.actor("alice") is alice
