"""A thread that waits."""

from __future__ import annotations

from collections.abc import Callable

from pyrum_sync.client.phases import ANYTHING, DATA
from pyrum_sync.client.waiter import Waiter
from tests.attack.interrupts import Interrupt, Strike
from tests.conftest import HANG, Background

Start = Callable[[Callable[[], object]], Background]


def test_it_sleeps_until_it_is_woken(background: Start) -> None:
    waiter = Waiter(DATA)
    assert waiter.asleep
    sleeping = background(lambda: waiter.sleep(HANG))
    waiter.wake()
    assert sleeping.value() is True


def test_it_sleeps_no_longer_than_it_should() -> None:
    waiter = Waiter()
    assert waiter.bits == ANYTHING
    assert not waiter.sleep(0)
    assert not waiter.sleep(0.001)


def test_waking_twice_is_harmless() -> None:
    waiter = Waiter()
    waiter.wake()
    waiter.wake()
    assert not waiter.asleep
    assert waiter.sleep(0)


def test_what_a_signal_handler_raises_while_it_wakes_is_not_swallowed() -> None:
    for step in range(1, 1000):
        waiter = Waiter()
        strike = Strike(step, Interrupt())  # a RuntimeError, too, as waking twice would be
        swallowed = True
        try:
            strike.run(waiter.wake)
        except Interrupt:
            swallowed = False
        if not strike.struck:
            break
        assert not swallowed, strike.where
    waiter.wake()
    assert not waiter.asleep
