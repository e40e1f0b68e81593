"""Observers: called in order, until they end."""

from __future__ import annotations

from pyrum_sync.engine.network.observers import Observation, Observers


def test_all_are_called_in_order_until_they_end() -> None:
    observers: Observers[int] = Observers()
    heard: list[tuple[str, int]] = []
    first = observers.add(lambda event: heard.append(("first", event)))
    observers.add(lambda event: heard.append(("second", event)))
    assert len(observers) == 2
    observers.notify(1)
    first.end()
    first.end()
    assert len(observers) == 1
    observers.notify(2)
    assert heard == [("first", 1), ("second", 1), ("second", 2)]


def test_one_that_is_ended_by_another_is_not_called_any_more() -> None:
    observers: Observers[int] = Observers()
    heard: list[int] = []
    later: list[Observation[int]] = []
    observers.add(lambda _: later[0].end())
    later.append(observers.add(heard.append))
    observers.notify(1)
    assert heard == []


def test_one_that_is_added_meanwhile_hears_of_the_next_event() -> None:
    observers: Observers[int] = Observers()
    heard: list[int] = []

    def add(event: int) -> None:
        if event == 1:
            observers.add(heard.append)

    observers.add(add)
    observers.notify(1)
    assert heard == []
    observers.notify(2)
    assert heard == [2]
