"""Rumor's own scenario dv5.rumor: three actors find each other with discv5 on the loopback."""

from __future__ import annotations

import socket
from collections.abc import Generator
from contextlib import closing
from typing import Any

import pytest

from pyrum_sync import Actor, CallError, Rumor

pytestmark = pytest.mark.rumor


def free_udp_port() -> int:
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def join(actor: Actor, *bootnodes: str) -> str:
    """Make a record and run discv5; gives the record."""
    port = free_udp_port()
    enr: str = actor.enr.make(static_ip="127.0.0.1", fallback_udp=port, udp=port).enr()
    actor.peerstore.create()
    actor.dv5.run(*bootnodes, ip="127.0.0.1", udp=port)
    return enr


def test_three_actors_find_each_other(rumor: Rumor) -> None:
    alice, bob, charlie = (rumor.actor(name) for name in ("alice", "bob", "charlie"))
    alice_enr = join(alice)
    bob_enr, charlie_enr = join(bob, alice_enr), join(charlie, alice_enr)
    for actor in (bob, charlie):
        actor.dv5.ping(alice_enr)
    charlie.dv5.ping(bob_enr)  # they learn of each other without waiting for the tables to be refreshed
    bob.dv5.ping(charlie_enr)

    found: set[str] = set()
    with closing(nodes(bob, add=True)) as search:
        while len(found) < 2:  # each step gives one node, again and again
            found.add(identity(bob, next(search)))
    assert found == {identity(bob, enr) for enr in (alice_enr, charlie_enr)}
    assert len(bob.peer.list("all").peers()) >= 2


def nodes(actor: Actor, **flags: Any) -> Generator[str, None, None]:
    """What one search after another finds: Rumor's may run dry."""
    while True:
        with actor.dv5.random(stepwise=True, **flags) as search:
            try:
                for step in search:
                    yield step["enr"]
            except CallError as error:
                if error.message != "no new node available":
                    raise


def test_step_that_fails(rumor: Rumor) -> None:
    """The search goes on behind a node that is not what was looked for."""
    alice, bob = rumor.actor("alice"), rumor.actor("bob")
    alice_enr = join(alice)
    join(bob, alice_enr)
    bob.dv5.ping(alice_enr)
    errors = set()
    with bob.dv5.random(stepwise=True, filter_digest="f00dcafe") as search:
        for _ in range(2):
            with pytest.raises(CallError) as caught:
                search.next()
            errors.add(caught.value.message)
    assert "got ENR without fork digest" in errors
    assert list(search) == []


def identity(actor: Actor, enr: str) -> str:
    """The node id of a record: the record itself changes when a node learns of its address."""
    view = actor.enr.view(enr)
    node: str = view.enode().partition("@")[0]
    return node


def test_discv5_that_does_not_run(rumor: Rumor) -> None:
    with pytest.raises(CallError, match="needs an ENR first"):
        rumor.dv5.self()
