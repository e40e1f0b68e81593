"""Whose turn it is to run a script."""

from __future__ import annotations

from pyrum_sync.client.turns import Turns
from pyrum_sync.client.waiter import Waiter


class TakenMeanwhile(list[Waiter]):
    """Looks as if something were in it, which another thread takes before this one can."""

    def __bool__(self) -> bool:
        return True

    def __len__(self) -> int:
        return 1


def test_two_scripts_end_at_once() -> None:
    turns = Turns()
    turns._waiters = TakenMeanwhile()
    turns.end(object())


def test_an_end_wakes_all_that_wait() -> None:
    turns = Turns()
    waiting = [Waiter(), Waiter()]
    turns._waiters += waiting
    turns.end(object())
    assert not any(waiter.asleep for waiter in waiting)
    assert turns._waiters == []
