"""kill, me and calls."""

from __future__ import annotations

import pytest

from pyrum_sync import (
    Actor,
    CallError,
    CallTimeout,
    Rumor,
)
from tests.support.peers import ScriptedServer
from tests.unit.client.helpers import Start


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
