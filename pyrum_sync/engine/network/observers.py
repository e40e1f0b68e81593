"""Who is told of what happens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Watchers(Generic[T]):
    """Callbacks for one kind of event."""

    def __init__(self) -> None:
        self._callbacks: list[Ending[T]] = []

    def __len__(self) -> int:
        return len(self._callbacks)

    def add(self, callback: Callable[[T], None]) -> Ending[T]:
        """Tell this one too, until it ends that."""
        ending = Ending(self._callbacks, callback)
        self._callbacks.append(ending)
        return ending

    def tell(self, event: T) -> None:
        """Tell all."""
        for ending in tuple(self._callbacks):
            ending.callback(event)


class Ending(Generic[T]):
    """One callback and how to end it."""

    def __init__(self, owner: list[Ending[T]], callback: Callable[[T], None]) -> None:
        self._owner = owner
        self.callback = callback

    def end(self) -> None:
        """Tell it no more; again does nothing."""
        if self in self._owner:
            self._owner.remove(self)
