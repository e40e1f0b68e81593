"""Attaching to a call."""

from __future__ import annotations

from typing import Any

import pytest

from pyrum_sync import (
    Call,
    CallEnded,
    CallError,
    CallTimeout,
    Rumor,
)
from tests.conftest import Background
from tests.support.peers import ScriptedServer
from tests.unit.client.helpers import Start


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
        with pytest.raises(CallTimeout, match=r"waited 0\.01 s for it to be attached") as caught:
            rumor.attach("py_0", timeout=0.01)
        assert caught.value.call is not None
        assert rumor.calls == {}


@pytest.mark.parametrize("name", ["", "x:", "\0", "\ud800"])
def test_what_is_no_call_id(rumor: Rumor, name: str) -> None:
    with pytest.raises(ValueError, match="is no call id"):
        rumor.attach(name)
