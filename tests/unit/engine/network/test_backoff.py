"""The dial back-off: how long an address is left alone."""

from __future__ import annotations

from pyrum_sync.engine.network.backoff import MAX_FAILURES, Backoff
from pyrum_sync.spec.multiaddr import Multiaddr
from tests.unit.engine.network.clock import Clock


def test_backoff_grows_and_is_forgotten() -> None:
    clock = Clock()
    backoff = Backoff(clock)
    place = Multiaddr.tcp("127.0.0.1", 1)
    assert not backoff.waits("a", place)
    backoff.failed("a", place)
    clock.now += 4.9
    assert backoff.waits("a", place)
    assert not backoff.waits("b", place)
    clock.now += 0.2
    assert not backoff.waits("a", place)
    backoff.failed("a", place)
    clock.now += 5.9
    assert backoff.waits("a", place)
    backoff.succeeded("a")
    assert not backoff.waits("a", place)


def test_ever_new_addresses_are_forgotten_again() -> None:
    backoff = Backoff(Clock())
    for number in range(MAX_FAILURES + 10):
        backoff.failed("a", Multiaddr.tcp(f"10.0.{number >> 8}.{number & 255}", 1))
    assert len(backoff._failures) == MAX_FAILURES
    assert not backoff.waits("a", Multiaddr.tcp("10.0.0.9", 1))
    assert backoff.waits("a", Multiaddr.tcp("10.0.0.10", 1))
