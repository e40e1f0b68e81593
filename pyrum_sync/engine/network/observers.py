"""Callbacks that hear of something until each is ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Observers(Generic[T]):
    """The callbacks for one type of event."""

    def __init__(self) -> None:
        self._observations: list[Observation[T]] = []

    def __len__(self) -> int:
        return len(self._observations)

    def add(self, callback: Callable[[T], None]) -> Observation[T]:
        """Calls this one too from now on, until the returned observation is ended."""
        observation = Observation(self._observations, callback)
        self._observations.append(observation)
        return observation

    def notify(self, event: T) -> None:
        """Calls all of them, in the order they were added; not one that is ended in the meantime."""
        for observation in tuple(self._observations):
            if not observation.ended:
                observation.callback(event)


class Observation(Generic[T]):
    """One callback, and how to end it."""

    def __init__(self, owner: list[Observation[T]], callback: Callable[[T], None]) -> None:
        self._owner = owner
        self.callback = callback
        self.ended = False

    def end(self) -> None:
        """Calls it no more; again does nothing."""
        if not self.ended:
            self.ended = True
            self._owner.remove(self)
