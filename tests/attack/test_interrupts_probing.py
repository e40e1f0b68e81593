"""A signal handler raises at every point of what the main thread of a program that probes shares with other threads:
afterwards none of these hangs, and none is left."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from pyrum_sync.cli.probe import _Rounds
from pyrum_sync.client.signals import Cleanup
from pyrum_sync.probing.meanwhile import Attendant, Meanwhile
from pyrum_sync.probing.pace import Pace
from pyrum_sync.probing.report import PeerReport
from tests.attack.interrupts import Interrupt, Strike, spared
from tests.conftest import Background

SHORT = 0.0005
Start = Callable[[Callable[[], object]], Background]
Made = tuple[Callable[[], object], Callable[[], object]]  # what is struck, and what another thread does then


def waiting() -> Made:
    actor: Any = None
    status: Any = None
    peer = Meanwhile(actor, status)

    def work() -> None:
        peer.connecting()
        peer.connected()
        peer.wait_for_parting(SHORT)
        peer.wait_until_gone(SHORT)

    def others() -> None:
        peer._wake()
        peer.connecting()

    return work, others


def attending() -> Made:
    attendant, user = Attendant(), object()

    def work() -> None:
        leaving = Cleanup(partial(attendant.leave, user))
        with leaving, leaving:
            attendant.join(user)

    def others() -> None:
        attendant.leave(object())
        assert not attendant._users

    return work, others


def closing() -> Made:
    pace = Pace(1)

    def others() -> None:
        pace.close()
        with pace.ticket():
            pass

    return pace.close, others


def rounds() -> Made:
    handed = _Rounds(["a", "b"], None)
    list(handed.addresses())

    def work() -> None:
        try:
            handed.finished(PeerReport("a"))
        finally:
            handed.unfinished()
            handed.stop()

    def others() -> None:
        assert "b" in handed.unfinished()
        handed.stop()
        handed.stop()

    return work, others


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of WeakSet, likewise
@pytest.mark.parametrize("make", [waiting, attending, closing, rounds])
def test_every_point(make: Callable[[], Made], background: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pyrum_sync.probing.meanwhile._EVENT_TIME", SHORT)
    # As in test_every_point_of_a_life of test_interrupts.
    monkeypatch.setattr(threading, "current_thread", spared(threading.current_thread))
    monkeypatch.setattr(threading.Thread, "start", spared(threading.Thread.start))
    for step in range(1, 10_000):
        work, others = make()
        strike = Strike(step, Interrupt())
        raised = False
        try:
            strike.run(work)
        except Interrupt:
            raised = True
        background(others).value()
        if not strike.struck:
            assert step > 5, "no point was found"
            return
        assert raised or not strike.ours, f"swallowed at {strike.where}"
    raise AssertionError("there is no end of points")
