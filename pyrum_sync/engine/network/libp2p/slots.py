"""How many streams are open at once to one peer for one protocol, and who waits for his turn."""

from __future__ import annotations

import asyncio
from collections import deque

from pyrum_sync.engine.network.api import Deadline, DeadlineExceeded

Key = tuple[str, str]


class Slots:
    """So many at once for each key; others wait, the first come first.

    Args:
        limit: How many.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken: dict[Key, int] = {}
        self._waiting: dict[Key, deque[asyncio.Future[None]]] = {}

    def take(self, key: Key) -> bool:
        """Takes a slot if there is a free one."""
        taken = self._taken.get(key, 0)
        if taken >= self._limit:
            return False
        self._taken[key] = taken + 1
        return True

    async def wait(self, key: Key, deadline: Deadline) -> None:
        """Takes a slot once there is a free one; DeadlineExceeded if there is none in time."""
        if self.take(key):
            return
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        line = self._waiting.setdefault(key, deque())
        line.append(turn)
        limit = None if deadline is None else max(0.0, deadline - loop.time())
        try:
            await asyncio.wait({turn}, timeout=limit)
        except asyncio.CancelledError:
            if turn.done():
                self.free(key)
            raise
        finally:
            if not turn.done():
                line.remove(turn)
                if not line:
                    self._waiting.pop(key, None)
        if not turn.done():
            raise DeadlineExceeded

    def free(self, key: Key) -> None:
        """Frees a slot: the first that waits has it."""
        line = self._waiting.get(key)
        if line:
            line.popleft().set_result(None)
            if not line:
                del self._waiting[key]
            return
        left = self._taken[key] - 1
        if left:
            self._taken[key] = left
        else:
            del self._taken[key]
