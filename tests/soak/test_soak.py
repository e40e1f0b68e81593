"""A few seconds of the soak, and that it sees what it is there for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from time import monotonic

import pytest

from pyrum_sync import CallTimeout, ConnectionLost
from tests.soak.leash import Leash, Ledger, Watchdog
from tests.soak.report import markdown, sums
from tests.soak.supervisor import Soak


@pytest.mark.rumor
def test_a_few_seconds(rumor_path: str) -> None:
    soak = Soak(rumor_path, 6, seed=4, workers=1, servers=1, ways=["bare", "tcp", "unix", "ws"], pace=1.0, rest=0.5)
    found = sums(soak)
    assert not found["violations"], markdown(found)
    assert found["counts"]["steps checked"] > 20
    assert found["counts"]["values checked"] > 20
    assert sum(found["faults"].values()) > 4


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def leash(ledger: Ledger) -> Leash:
    return Leash(ledger, "one")


@pytest.fixture
def watchdog(ledger: Ledger, leash: Leash) -> Iterator[Watchdog]:
    watchdog = Watchdog(ledger)
    watchdog.leashes.add(leash)
    watchdog.start()
    yield watchdog
    watchdog.stop()


def _fail(error: Exception) -> Callable[[], object]:
    def work() -> object:
        raise error

    return work


def test_an_exception_that_nothing_explains(leash: Leash) -> None:
    for error in (CallTimeout("late"), ConnectionLost("gone"), ValueError("odd")):
        with pytest.raises(type(error)):
            leash.run("a call", 5, _fail(error))
    assert len(leash.ledger.violations) == 3


def test_an_exception_that_a_fault_explains(leash: Leash) -> None:
    leash.tell("kill")
    leash.lose("kill")
    with pytest.raises(ConnectionLost):
        leash.run("a call", 5, _fail(ConnectionLost("gone")))
    assert not leash.ledger.violations
    assert leash.ledger.exceptions == {("ConnectionLost", "kill"): 1}


def test_a_loss_that_is_told_late(leash: Leash, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("tests.soak.leash.monotonic", lambda: now)

    def work() -> object:
        nonlocal now
        leash.lose("kill")
        leash.tell("kill")
        now += 3
        raise ConnectionLost("gone")

    with pytest.raises(ConnectionLost):
        leash.run("a call", None, work)
    assert leash.ledger.violations == ["one: a call heard of kill only after 3.00 s"]


def test_a_call_that_hangs(watchdog: Watchdog, leash: Leash, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.soak.leash.SPARE", 0.0)
    assert watchdog.is_alive()
    over = threading.Event()
    waiting = threading.Thread(target=lambda: leash.run("a call", 0.0, over.wait))
    waiting.start()
    end = monotonic() + 20
    while not leash.ledger.violations and monotonic() < end:
        over.wait(0.05)
    over.set()
    waiting.join()
    assert "one: a call (limit 0.0) still waits" in leash.ledger.violations[0]
