"""How many probes have something to do at a time: as many as Rumor, this machine and the peers keep up with.

Those that wait for a silent peer may be many. But each probe that gets answers takes some work, here and, where peers
share a machine, there. If there are too many of these, all of them get slower: peers lose some of their time limit to
our queue, and round trips look longer than they are. So their number is a window that grows while answers come as fast
as ever, and shrinks when they do not, as the congestion window of TCP Vegas does.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from pyrum_sync.transports.locks import SafeLock

if TYPE_CHECKING:
    from types import TracebackType

_FIRST: Final = 16  # the window at the beginning
_LEAST: Final = 8
_GROWTH: Final = 0.5  # of the window, with each probe that ends
_SHRINKING: Final = 0.95
_WEIGHT: Final = 1 / 32  # of a new round trip in the mean
_FEW: Final = 32  # round trips before which the mean says nothing
_SLOWER: Final = 3.0  # times as slow as at best: too many at a time
_FAST: Final = 0.05  # seconds; a mean below that is no queue
_FORGETTING: Final = 1.0005  # the best mean rises by that with each round trip, for conditions change
_PATIENCE: Final = 1.0  # seconds without an answer, after which a probe only waits


class Ticket:
    """The right of one probe to work. It is taken on entering its block, and returned on leaving it."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace

    def __enter__(self) -> Ticket:
        self._pace.take(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pace.give_back(self)

    def answered(self, seconds: float | None = None) -> None:
        """Something went on: a stage is over; `seconds` is how long the peer took to answer, if it was that."""
        self._pace.answered(self, seconds)


class Pace:
    """Gives out the tickets of a run.

    Args:
        most: how large the window may become.
        clock: returns seconds; another one than the monotonic clock is for tests.
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = float(most)
        self._window = float(min(most, _FIRST))
        self._clock = clock
        self._turn = threading.Lock()
        self._lock = SafeLock()  # as `close` is for any thread
        self._changed = threading.Condition(self._lock)
        self._working: dict[Ticket, float] = {}  # when each last got on
        self._mean = 0.0
        self._count = 0
        self._best = float("inf")
        self._closed = False

    @property
    def window(self) -> int:
        """How many probes may work at a time."""
        return int(self._window)

    def ticket(self) -> Ticket:
        """Returns a ticket, to be entered."""
        return Ticket(self)

    def take(self, ticket: Ticket) -> None:
        """Wait until there is room. One thread at a time looks; the others sleep until it is their turn."""
        with self._turn, self._changed:
            while not self._closed:
                now = self._clock()
                busy = [since for since in self._working.values() if now - since < _PATIENCE]
                if len(busy) < int(self._window):
                    break
                self._changed.wait(max(0.001, min(busy) + _PATIENCE - now))
            self._working[ticket] = self._clock()

    def give_back(self, ticket: Ticket) -> None:
        """A probe is over."""
        with self._changed:
            self._working.pop(ticket, None)
            if self._slow:
                self._window = max(min(self._most, float(_LEAST)), self._window * _SHRINKING)
            else:
                self._window = min(self._most, self._window + _GROWTH)
            self._changed.notify_all()

    def answered(self, ticket: Ticket, seconds: float | None) -> None:
        """A probe got on."""
        with self._changed:
            self._working[ticket] = self._clock()
            if seconds is None:
                return
            self._count += 1
            weight = max(_WEIGHT, 1 / self._count)
            self._mean += weight * (seconds - self._mean)
            if self._count >= _FEW:
                self._best = min(self._best * _FORGETTING, self._mean)

    def close(self) -> None:
        """Nobody waits any more."""
        self._closed = True
        self._lock.run(self._changed.notify_all)

    @property
    def _slow(self) -> bool:
        return self._count >= _FEW and self._mean > max(_FAST, _SLOWER * self._best)


class Unpaced:
    """What a probe alone has in place of a ticket."""

    def __enter__(self) -> Unpaced:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def answered(self, seconds: float | None = None) -> None:
        """Nobody else waits for it."""
