"""Rumor: opening, its calls, and what is left after closing."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from pyrum_sync import (
    Actor,
    ConnectionLost,
    Rumor,
    RumorClosed,
    TCPConn,
)
from tests.support.peers import ScriptedServer


@pytest.mark.parametrize("name", ["max_unread", "max_unread_bytes", "max_line", "clear_log_data_every"])
@pytest.mark.parametrize("value", [0, -1, math.nan])
def test_limits_are_positive(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"{name} must be more than 0"):
        Rumor(TCPConn("127.0.0.1", 1), **{name: value})  # type: ignore[arg-type]


def test_the_default_time_limit_is_one() -> None:
    conn = TCPConn("127.0.0.1", 1)
    for _ in range(2):  # a refused value uses no connection up
        with pytest.raises(TypeError, match="a timeout must be a number"):
            Rumor(conn, timeout="1")  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="a timeout must be 0 or more"):
            Rumor(conn, timeout=-1)


def test_one_rumor_for_a_connection(peer: ScriptedServer) -> None:
    conn = peer.conn()
    with Rumor(conn) as rumor:
        with pytest.raises(ValueError, match="has already served a Rumor"):
            Rumor(conn)
        assert not rumor.closed
    with pytest.raises(ValueError, match="has already served a Rumor"):
        Rumor(conn)


def test_a_connection_that_was_opened_before(peer: ScriptedServer) -> None:
    with peer.conn() as conn, Rumor(conn) as rumor:
        assert repr(rumor) == "<Rumor open>"
    assert repr(rumor) == "<Rumor closed>"
    assert rumor.closed


def test_the_calls_in_flight(peer: ScriptedServer, rumor: Rumor) -> None:
    assert rumor.calls == {}
    one, two = rumor.nowait.host.view(), rumor.nowait.host.view()
    snapshot = rumor.calls
    assert snapshot == {one.id: one, two.id: two}
    peer.freed_after_success(one.id)
    one.finished()
    assert rumor.calls == {two.id: two}
    assert set(snapshot) == {one.id, two.id}


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
