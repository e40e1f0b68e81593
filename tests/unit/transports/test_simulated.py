"""The simulator as a connection, and what a script sees of each fault that it can be told to have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from pyrum_sync import Actor, CallError, CallTimeout, ConnectionLost, Rumor, SimulatorConn

Faults = Sequence[Mapping[str, Any]]
STATUS = "00" * 84


def simulated(faults: Faults | None = None) -> Rumor:
    return Rumor(SimulatorConn(faults), timeout=20)


def host(rumor: Rumor, name: str) -> Actor:
    actor = rumor.actor(name)
    actor.host.start(nat=False)
    actor.host.listen(ip="127.0.0.1", tcp=0)
    return actor


@contextmanager
def pair(faults: Faults) -> Any:
    """Alice listens for a status request, bob is connected to her, and has made one."""
    with simulated(faults) as rumor:
        alice, bob = host(rumor, "alice"), host(rumor, "bob")
        bob.peer.connect(alice.host.view().addr())
        with alice.rpc.status.listen(raw=True, timeout="1s") as listener:
            request = bob.rpc.status.req.raw(alice.host.view().peer_id(), STATUS, raw=True)
            yield listener, request


def requested(faults: Faults) -> AbstractContextManager[Any]:
    context: AbstractContextManager[Any] = pair(faults)
    return context


def test_it_says_what_it_is() -> None:
    with simulated() as rumor:
        alice, bob = host(rumor, "alice"), host(rumor, "bob")
        bob.peer.connect(alice.host.view().addr())
        details = bob.peer.info(alice.host.view().peer_id()).data
        assert "pyrum_sync engine" in details["user_agent"]
        assert "memory" in details["user_agent"]
        with pytest.raises(CallError, match="not in the pyrum_sync engine"):
            alice.dv5.self()


def test_a_connect_is_refused() -> None:
    with simulated([{"do": "refuse-connect", "command": "peer connect"}]) as rumor:
        alice, bob = host(rumor, "alice"), host(rumor, "bob")
        addr = alice.host.view().addr()
        with pytest.raises(CallError):
            bob.peer.connect(addr)
        bob.peer.connect(addr)  # once, as it was told


def test_a_request_is_answered_with_an_error() -> None:
    with requested([{"do": "error-chunk", "command": "rpc status req", "code": 1, "text": "not so"}]) as (_, request):
        request.next()
        with pytest.raises(CallError) as caught:
            request.next()
        assert caught.value.message == "not so"
        assert caught.value.entry is not None
        assert caught.value.entry["result_code"] == 1


def test_a_request_is_never_answered() -> None:
    with requested([{"do": "no-answer", "command": "rpc status req"}]) as (_, request):
        request.next()
        with pytest.raises(CallTimeout):
            request.next(timeout=0.1)


def test_a_command_is_delayed() -> None:
    with simulated([{"do": "delay", "command": "host view", "seconds": 3600}]) as rumor:
        alice = host(rumor, "alice")
        with pytest.raises(CallTimeout):
            alice.within(0.1).host.view()
        assert alice.host.view().peer_id()  # the next one is not


def test_the_connection_ends_in_mid_line(caplog: pytest.LogCaptureFixture) -> None:
    with simulated([{"do": "drop", "command": "host view"}]) as rumor:
        alice = host(rumor, "alice")
        with pytest.raises(ConnectionLost):
            alice.host.view()
    assert "not an entry" in caplog.text


def test_it_dies() -> None:
    with simulated([{"do": "die", "actor": "alice", "command": "host view", "status": 7}]) as rumor:
        alice = host(rumor, "alice")
        with pytest.raises(ConnectionLost) as caught:
            alice.host.view()
        assert caught.value.exit_status == 7


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ({"do": "explode"}, r"faults\[0\].do"),
        ({"do": "delay"}, r"faults\[0\].seconds"),
        ({"do": "die", "when": 3}, r"faults\[0\].when"),
    ],
)
def test_a_fault_that_is_none(fault: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        SimulatorConn([fault])
