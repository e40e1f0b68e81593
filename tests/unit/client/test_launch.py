"""Starting a call."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pyrum_sync import (
    Actor,
    Call,
    CallError,
    CallTimeout,
    Rumor,
)
from tests.support.peers import ScriptedServer
from tests.unit.client.helpers import Interrupted, Start, until


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


def test_ids_are_never_used_twice(peer: ScriptedServer, rumor: Rumor) -> None:
    ids = [rumor.nowait.host.view().id for _ in range(100)]
    assert len(set(ids)) == 100
    assert not [one for one in ids for other in ids if one != other and other.startswith(one)]
    assert [peer.call() for _ in ids] == ids


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
    with pytest.raises(CallTimeout, match=r"waited 0\.05 s for it to be set up") as caught:
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


def test_the_flag_timeout_is_rumors(peer: ScriptedServer, alice: Actor, background: Start) -> None:
    calling = background(lambda: alice.rpc.status.req.raw("p", b"", timeout="2s"))
    line = peer.line()
    assert "--timeout=2s" in line
    peer.success(line.split()[0][1:])
    calling.value()
