"""What most scenarios begin with: libp2p hosts on the loopback that know each other."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic, sleep
from typing import Any, NamedTuple

from pyrum_sync import Actor, Rumor
from tests.conftest import HANG


class Host(NamedTuple):
    """An actor that listens, and where it is found."""

    actor: Actor
    addr: str
    peer_id: str


def start(actor: Actor, **options: Any) -> Host:
    """Start a host on a free port of the loopback; `options` are flags of ``host start``."""
    actor.host.start(nat=False, **options)
    actor.host.listen(ip="127.0.0.1", tcp=0)
    view = actor.host.view()
    return Host(actor, view.addr(), view.peer_id())


def pair(rumor: Rumor, one: str = "alice", other: str = "bob") -> tuple[Host, Host]:
    """Two hosts, connected."""
    first, second = start(rumor.actor(one)), start(rumor.actor(other))
    first.actor.peer.connect(second.addr)
    return first, second


def eventually(condition: Callable[[], bool]) -> bool:
    """Whether a condition that nobody tells us of came true."""
    deadline = monotonic() + HANG
    while not condition():
        if monotonic() > deadline:
            return False
        sleep(0.005)
    return True
