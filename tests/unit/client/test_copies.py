"""What is live is neither copied nor pickled: it refuses with the reason, and goes on."""

from __future__ import annotations

import copy
import gc
import pickle
from collections.abc import Callable

import pytest

from pyrum_sync import EmbeddedConn, Rumor, SimulatorConn, SubprocessConn, TCPConn, UnixConn, WebsocketConn
from tests.support.peers import ScriptedServer

WAYS = (copy.copy, copy.deepcopy, pickle.dumps)
each_way = pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)

LIVE: dict[str, Callable[[Rumor], object]] = {
    "Rumor": lambda rumor: rumor,
    "Call": lambda rumor: rumor.nowait.host.start(),
    "Field": lambda rumor: rumor.nowait.host.view().addr,
}

# A shallow copy of these is one more name for the same words of the same Rumor.
OF_ONE: dict[str, Callable[[Rumor], object]] = {
    "Actor": lambda rumor: rumor.actor("alice"),
    "Nowait": lambda rumor: rumor.nowait,
    "Group": lambda rumor: rumor.host,
    "Command": lambda rumor: rumor.actor("alice").host.start,
}


@each_way
@pytest.mark.parametrize("name", [*LIVE, *OF_ONE])
def test_what_lives_on_a_connection(peer: ScriptedServer, name: str, way: Callable[[object], object]) -> None:
    if name in OF_ONE and way is copy.copy:
        way = copy.deepcopy
    with peer.rumor() as rumor:
        with pytest.raises(
            TypeError, match=f"this {name} cannot be copied or pickled, because it lives in this process only; "
        ) as caught:
            way({**LIVE, **OF_ONE}[name](rumor))
        del caught
        gc.collect()
        assert not rumor.closed
        rumor.nowait.host.view()


@each_way
@pytest.mark.parametrize(
    "conn",
    [SubprocessConn("x"), TCPConn(), UnixConn(), WebsocketConn(), EmbeddedConn(), SimulatorConn()],
    ids=lambda conn: type(conn).__name__,
)
def test_connections(conn: object, way: Callable[[object], object]) -> None:
    with pytest.raises(
        TypeError,
        match="cannot be copied or pickled, because it lives in this process only; open a new connection there",
    ):
        way(conn)
