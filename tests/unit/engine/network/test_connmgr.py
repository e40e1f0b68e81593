"""The connection manager: which peers a trim closes, and when none comes."""

from __future__ import annotations

from pyrum_sync.engine.network.connmgr import SILENCE_SECONDS, ConnectionManager
from tests.unit.engine.network.clock import Clock


def test_limits() -> None:
    clock = Clock()
    limits = ConnectionManager(2, 4, 20.0, clock)
    for peer in "abcd":
        limits.connected(peer)
    assert limits.crowded
    assert limits.to_close(()) == []  # in their time of grace
    clock.now += 21
    limits.protect("a", "x")
    limits.protect("a", "y")
    limits.unprotect("a", "x")
    assert limits.to_close(()) == ["b"]  # of three that may go, two stay
    limits.unprotect("a", "y")
    assert limits.to_close(()) == []  # just after a trim nothing is trimmed
    clock.now += SILENCE_SECONDS + 1
    assert limits.to_close({"b"}) == ["a"]
    limits.disconnected("a")
    limits.disconnected("b")
    assert not limits.crowded
