"""Scripts run one after another.

Rumor does not say which script a call belongs to: only one that runs alone can have all entries of its own calls, and
no others.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import get_ident

from pyrum_sync.client.deadline import Deadline, TimeUp
from pyrum_sync.client.waiter import Waiter

_SLICE = 0.25  # seconds between looks at whether the connection is still there


class Turns:
    """Who is to run a script, in the order of coming. No lock: each step is one operation, safe under any signal."""

    def __init__(self) -> None:
        self._queue: dict[object, int] = {}  # what runs or waits, and its thread
        self._waiters: list[Waiter] = []
        self.newest_call = -1
        """The number of the newest call that a script has made, as Rumor numbers those of a session."""

    def take(self, script: object, deadline: Deadline, check: Callable[[], object]) -> None:
        """Wait until all that came before have ended. To be followed by `end`, in whatever way this ends.

        Args:
            check: raises if there is nothing to wait for any more.
        Raises: TimeUp at the deadline.
        """
        mine = get_ident()
        self._queue[script] = mine
        while True:
            waiter = Waiter()
            self._waiters.append(waiter)
            # A script of this very thread has been interrupted by a signal handler: to wait for it would be for ever.
            if all(thread == mine for thread in self._before(script)):
                return
            check()
            if deadline.passed:
                raise TimeUp
            waiter.sleep(deadline.left(_SLICE))

    def _before(self, script: object) -> list[int]:
        queue = list(self._queue.items())
        return [thread for _, thread in queue[: [each for each, _ in queue].index(script)]]

    def end(self, script: object) -> None:
        """It has ended, or nobody waits for it any more. A second time is harmless."""
        self._queue.pop(script, None)
        while True:
            try:
                waiter = self._waiters.pop()
            except IndexError:  # not looked at first: another thread may take the last one meanwhile
                return
            waiter.wake()
