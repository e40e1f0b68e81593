"""Time limits of one length for many things, on one timer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)


class Timeouts(Generic[T]):
    """Calls back for each thing that was started and not stopped in time.

    Args:
        seconds: The limit; None for no limit.
        expired: Called with the thing, once.
    """

    def __init__(self, seconds: float | None, expired: Callable[[T], None]) -> None:
        self._seconds = seconds
        self._expired = expired
        self._loop = asyncio.get_running_loop()
        self._ends: dict[T, float] = {}  # in the order of their ends: all have the same limit
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._ends)

    def start(self, thing: T) -> None:
        """Begins a thing's time; it must not be running."""
        if self._seconds is not None:
            self._ends[thing] = self._loop.time() + self._seconds
            if self._timer is None:
                self._timer = self._loop.call_later(self._seconds, self._check)

    def stop(self, thing: T) -> None:
        """Ends a thing's time; again does nothing."""
        self._ends.pop(thing, None)

    def close(self) -> None:
        """Ends all, and the timer."""
        self._ends.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _check(self) -> None:
        self._timer = None
        now = self._loop.time()
        late = []
        for thing, end in self._ends.items():
            if end > now:
                self._timer = self._loop.call_at(end, self._check)
                break
            late.append(thing)
        for thing in late:
            if self._ends.pop(thing, None) is not None:
                self._expired(thing)
