"""One thread that waits for many calls."""

from __future__ import annotations

from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Generic, TypeVar

from pyrum_sync.client.phases import DATA, OVER_NOW, STEPPED
from pyrum_sync.client.waiter import Waiter
from pyrum_sync.errors import ConnectionLost

if TYPE_CHECKING:
    from pyrum_sync.client.call import Call

T = TypeVar("T")

_NEWS = DATA | STEPPED | OVER_NOW


class Inbox(Generic[T]):
    """Gets an item for each call that has news: new entries, a step, its end.

    Any thread may watch and put; one takes.
    """

    def __init__(self) -> None:
        self._items: SimpleQueue[T] = SimpleQueue()

    def watch(self, call: Call, item: T) -> None:
        """Put `item` at the call's next news, once: watch again before looking what the news is, then none is missed.

        If the call is over, or the connection is lost, that is now.
        """
        session, state = call._session, call._state

        def register() -> bool:
            if state.over:
                return False
            try:
                session.check()
            except ConnectionLost:
                return False
            state.waiters.append(_Bell(self._items, item))
            return True

        if not session.demux.lock.run(register):
            self.put(item)

    def put(self, item: T) -> None:
        """Put an item without a call."""
        self._items.put(item)

    def get(self, timeout: float | None = None) -> T | None:
        """Wait for the next item. Returns None if none came in that time (seconds)."""
        try:
            return self._items.get(timeout=timeout)
        except Empty:
            return None


class _Bell(Waiter, Generic[T]):
    """Waits on behalf of nobody: puts its item instead of waking a thread. The reader thread calls it."""

    __slots__ = ("_item", "_items")

    def __init__(self, items: SimpleQueue[T], item: T) -> None:
        super().__init__(_NEWS)
        self._items = items
        self._item = item

    def wake(self) -> None:
        """Put the item."""
        self._items.put(self._item)
