"""A Rumor that is dropped without `close` ends, unless somebody holds a call or an actor."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from pyrum_sync import Rumor
from tests.support.peers import ScriptedServer
from tests.unit.client.helpers import until


def dropped(rumor: weakref.ref[Rumor]) -> bool:
    gc.collect()
    return rumor() is None


def test_with_a_call_that_runs(peer: ScriptedServer) -> None:
    rumor = peer.rumor()
    rumor.nowait.sleep("1h")
    rumor.actor("alice").nowait.rpc.status.listen()
    for _ in range(2):
        peer.success(peer.call())
    keeper, seen = rumor._keeper, weakref.ref(rumor)
    with pytest.warns(ResourceWarning, match="unclosed Rumor"):  # noqa: PT031 - it may come with any of these
        del rumor
        gc.collect()
        assert until(lambda: not keeper._thread.is_alive())
    assert dropped(seen)  # the warning held it; a weak reference shows that from Python 3.15 on
    assert "cancel" in peer.line()


HOLDS: dict[str, Callable[[Rumor, ScriptedServer], Any]] = {
    "call": lambda rumor, peer: rumor.nowait.sleep("1h"),  # noqa: ARG005
    "call of an actor": lambda rumor, peer: rumor.actor("alice").nowait.sleep("1h"),  # noqa: ARG005
    "field": lambda rumor, peer: rumor.nowait.host.view().addr,  # noqa: ARG005
    "entries": lambda rumor, peer: rumor.nowait.host.view().entries(),  # noqa: ARG005
    "actor": lambda rumor, peer: rumor.actor("alice"),  # noqa: ARG005
    "nowait": lambda rumor, peer: rumor.nowait,  # noqa: ARG005
    "command": lambda rumor, peer: rumor.host.view,  # noqa: ARG005
}


@pytest.mark.parametrize("held", HOLDS)
def test_while_something_of_it_is_held_it_lives(peer: ScriptedServer, held: str) -> None:
    rumor = peer.rumor()
    thing = HOLDS[held](rumor, peer)
    keeper, seen = rumor._keeper, weakref.ref(rumor)
    del rumor
    assert not dropped(seen)
    assert not keeper.closed
    found = seen()
    assert found is not None
    found.close()
    del thing, found


def test_an_attached_call_holds_it(peer: ScriptedServer, background: Callable[[Callable[[], object]], Any]) -> None:
    rumor = peer.rumor()
    attaching = background(lambda: rumor.attach("py_0"))
    peer.line()
    peer.failed("_py_0", "next", "x", why="exit status 1: step timeout could not be parsed")
    call = attaching.value()
    del attaching
    seen = weakref.ref(rumor)
    assert call._origin.keep is rumor
    found = seen()
    assert found is not None
    found.close()


def test_a_call_that_was_dropped_is_still_listed(peer: ScriptedServer, rumor: Rumor) -> None:
    call_id = rumor.actor("alice").nowait.host.view().id
    peer.call()
    gc.collect()
    call = rumor.calls[call_id]
    assert rumor.calls[call_id] is call
    assert rumor.attach(call_id, timeout=0) is call
    assert call.actor is rumor.actor("alice")
    assert repr(call) == f"<Call {call_id}: host view, alice, starting>"
    assert hasattr(call, "addr")
    assert not hasattr(call, "nonsense")
    default = rumor.nowait.host.view().id
    actor = rumor.calls[default].actor
    assert actor is not None
    assert actor.name == ""
