"""The lock that no signal can leave held, at every point where one can come."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

import pytest

from pyrum_sync.transports.locks import SafeLock
from tests.attack.interrupts import SIGNAL, Interrupt, Strike
from tests.conftest import HANG, Background

Start = Callable[[Callable[[], object]], Background]


def fails() -> None:
    raise ArithmeticError


def works() -> None:
    for _ in range(3):
        abs(1)


def held_after(use: Callable[[SafeLock], object]) -> tuple[int, list[str]]:
    """How many points were struck in a use of a lock, and after which of them it was left held."""
    left: list[str] = []
    for step in range(1, 10_000):
        lock = SafeLock()
        strike = Strike(step, Interrupt())
        with suppress(Interrupt, ArithmeticError):
            strike.run(lambda lock=lock: use(lock))  # type: ignore[misc]
        if not strike.struck:
            return step - 1, left
        if lock.held_here:
            left.append(strike.where)
    raise AssertionError("there is no end of points")


@pytest.mark.parametrize("work", [fails, works])
def test_a_signal_at_every_point(work: Callable[[], None]) -> None:
    struck, left = held_after(lambda lock: lock.run(work))
    assert struck > 10
    assert left == []


@pytest.mark.parametrize("work", [fails, works])
def test_a_signal_at_every_point_of_a_use_within_a_use(work: Callable[[], None]) -> None:
    struck, left = held_after(lambda lock: lock.run(lambda: lock.run(work)))
    assert struck > 10
    assert left == []


@pytest.mark.skipif(sys.version_info < (3, 14), reason="there `with` is safe as long as the block does not raise")
def test_with_would_not_do() -> None:
    def use(lock: SafeLock) -> None:
        with lock:
            works()

    assert held_after(use)[1]


def test_an_acquire_in_a_try_would_not_do() -> None:
    def use(lock: SafeLock) -> None:
        held = False
        try:
            held = lock.acquire()
            works()
        finally:
            if held:
                lock.release()

    assert held_after(use)[1]


def test_what_the_work_returns_and_raises() -> None:
    lock = SafeLock()
    assert lock.run(lambda: lock.held_here) is True
    assert not lock.held_here
    with pytest.raises(ArithmeticError):
        lock.run(fails)
    assert not lock.held_here


def test_other_threads_wait(background: Start) -> None:
    lock, inside, gate = SafeLock(), threading.Event(), threading.Event()
    order: list[str] = []

    def first() -> None:
        inside.set()
        assert gate.wait(HANG)
        order.append("first")

    holder = background(lambda: lock.run(first))
    assert inside.wait(HANG)
    waiting = background(lambda: lock.run(lambda: order.append("second")))
    assert not lock.acquire(timeout=0.01)
    gate.set()
    holder.value()
    waiting.value()
    assert order == ["first", "second"]


def test_a_signal_while_it_waits_for_another_thread(background: Start) -> None:
    lock, inside, gate = SafeLock(), threading.Event(), threading.Event()

    def hold() -> None:
        inside.set()
        assert gate.wait(HANG)

    holder = background(lambda: lock.run(hold))
    assert inside.wait(HANG)
    struck = threading.Event()

    def handle(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        if not struck.is_set():
            struck.set()
            raise Interrupt

    def strike() -> None:
        while not struck.wait(0.005):  # one that came before the waiting would be noticed only after it
            os.kill(os.getpid(), SIGNAL)

    before = signal.signal(SIGNAL, handle)
    try:
        striking = background(strike)
        with pytest.raises(Interrupt):
            lock.run(works)
        striking.value()
    finally:
        signal.signal(SIGNAL, before)
    assert not lock.held_here
    gate.set()
    holder.value()
    assert lock.acquire(timeout=HANG)
    lock.release()
