"""The calls in flight: whose an entry is, what is kept unread, and who is woken. No thread and no I/O in here."""

from __future__ import annotations

import threading
import weakref
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from itertools import accumulate
from operator import attrgetter, itemgetter

from pyrum_sync.client.call_state import ANYTHING, DATA, OVER, STEPPED, Record, Waiter
from pyrum_sync.protocol.entries import Entry, of_one_call
from pyrum_sync.protocol.lines import tool_output

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from typing import Any, Protocol
else:
    Protocol = object

_FEW = 8  # entries that are sorted one by one
_LITTLE = 2048  # characters; with less in it, a call itself takes more memory than its entries
_size = attrgetter("size")


def waiter(bits: int) -> Waiter:
    gate = threading.Lock()
    gate.acquire()
    return bits, gate


class Listener(Protocol):
    """Somebody who wants entries that belong to no call of this session."""

    def __call__(self, entry: Entry, size: int) -> Record | None:
        """The record whose waiters are to look again, if any. The other listeners are offered the entry as well."""


class Held:
    """The finished calls that somebody still holds, if much in them lies unread: it counts as long as they are held.

    The last entry of each does not: `data` would keep it anyway.
    """

    def __init__(self, little: int) -> None:
        self.little = little  # size up to which unread entries weigh no more than the call that they are in
        self._sizes: dict[weakref.ref[Record], int] = {}
        # Filled from within the garbage collector, anywhere: so nothing is done there that would need a lock.
        self._gone: deque[weakref.ref[Record]] = deque()

    def add(self, record: Record) -> int:
        """A call is over; gives the size that still counts."""
        size = record.size - record.sizes[-1]
        if size > self.little:
            self._sizes[weakref.ref(record, self._gone.append)] = size
            return size
        return 0

    def let_go(self) -> int:
        """The size of those that nobody holds any more."""
        size = 0
        while self._gone:
            size += self._sizes.pop(self._gone.popleft())
        return size

    def biggest(self, least: int) -> Record | None:
        """The one with most, if that is more than `least`."""
        there = [(size, record) for ref, size in self._sizes.items() if (record := ref()) is not None]
        size, found = max(there, key=itemgetter(0), default=(0, None))
        return found if size > least else None

    def drop(self, record: Record, count: int) -> int:
        """Forget its oldest `count` entries; gives the size that became free."""
        size = record.drop(count)
        self._sizes[weakref.ref(record)] -= size
        return size


class InFlight:
    """The calls of one connection that Rumor has not freed.

    `cancel` and `clear` are called, with the lock held, when a call is to be cancelled, and when Rumor is to forget the
    data of finished calls: they must not wait.
    """

    def __init__(
        self,
        *,
        max_unread: int,
        max_unread_bytes: int,
        clear_every: int | None,
        cancel: Callable[[Record], object],
        clear: Callable[[], object],
    ) -> None:
        self._max_unread = max_unread
        self._max_unread_bytes = max_unread_bytes
        self._clear_every = clear_every
        self._cancel = cancel
        self._clear = clear
        # Reentrant, because a signal handler may close the session while the main thread is in here.
        self.lock: Any = threading.RLock()
        self.records: dict[str, Record] = {}
        # Offered the entries that belong to no call of ours. Put in and taken out in one go each, which needs no lock.
        self.listeners: dict[Listener, None] = {}
        self._unread = 0  # the size of all entries kept
        self._held = Held(min(_LITTLE, max_unread_bytes >> 10))
        self._freed = 0  # calls over since the last time Rumor was told to forget their data
        self._watcher: Any = None  # a gate that is opened when a call moves on

    # -- who comes and goes

    def add(self, record: Record) -> None:
        self.records[record.id] = record  # in one go: needs no lock

    def remove(self, record: Record) -> None:
        """Expect no more news of it."""
        with self.lock:
            if self.records.get(record.id) is record:  # not another that was attached to the same call since
                self._unread -= record.size  # no call in between, so no signal either
                del self.records[record.id]
            self.tell_watcher()

    def watch(self) -> Any:
        """A gate (a lock that is held) that opens when a call is over, or has become fit to be cancelled."""
        gate = self._watcher = threading.Lock()
        gate.acquire()
        return gate

    def tell_watcher(self) -> None:
        gate, self._watcher = self._watcher, None
        if gate is not None:
            with suppress(RuntimeError):  # open already, by a signal handler that came in between
                gate.release()

    def wake_all(self) -> None:
        for record in list(self.records.values()):
            record.wake(ANYTHING)
        self.tell_watcher()

    # -- what comes

    def dispatch(self, entries: list[Entry], sizes: list[int]) -> None:
        """Tell the calls what came for them; `sizes` are those of the entries' lines."""
        with self.lock:
            if len(entries) > _FEW and self._take_all(entries, sizes):
                return
            records = self.records
            for entry, size in zip(entries, sizes, strict=False):
                try:
                    record = records[entry["call_id"]]
                except (KeyError, TypeError):
                    self._stray(entry, size)
                else:
                    bits = record.told(entry, size)
                    if bits == DATA:
                        self._unread += size
                    self._news(record, bits)

    def _take_all(self, entries: list[Entry], sizes: list[int]) -> bool:
        """A stretch of one call's data, which long streams consist of, in one go; False if it is anything else."""
        call_id = entries[0].get("call_id")
        record = self.records.get(call_id) if type(call_id) is str else None
        if record is None or not of_one_call(entries):
            return False
        self._unread += record.take_all(entries, sizes)
        self._news(record, DATA)
        return True

    def _stray(self, entry: Entry, size: int) -> None:
        """An entry without a call of ours: a line that failed, or something that a listener waits for."""
        if entry.get("msg") == "failed":
            args = entry.get("args")
            if isinstance(args, list) and args and isinstance(args[0], str) and args[0].startswith("_"):
                record = self.records.get(args[0][1:])
                if record is not None:
                    self._news(record, record.refused(entry))
                    return
        text = entry.get("stdout")
        if isinstance(text, str):
            call_id, output = tool_output(text)
            record = self.records.get(call_id)
            if record is not None and record.held is not None:
                self._unread += len(output)
                self._news(record, record.output(output, entry))
                return
        for listener in list(self.listeners):
            record = listener(entry, size)
            if record is not None:
                self._news(record, ANYTHING)

    def _news(self, record: Record, bits: int) -> None:
        """Bound a call's memory, move it on, and wake who waits for such news."""
        if bits & DATA:
            if len(record.log) > self._max_unread:
                self._unread -= record.drop(len(record.log) - self._max_unread)
            if self._unread > self._max_unread_bytes:
                self._bound()
        steps = record.steps
        if steps is not None and steps.ended:
            bits |= STEPPED | DATA
        if bits != DATA:
            if record.state in OVER:
                if self.records.pop(record.id, None) is not None:
                    self._settle(record)
            elif record.cancel_due:
                self._cancel(record)
            if self._watcher is not None:
                self.tell_watcher()
        if record.waiters:
            record.wake(bits)

    def _settle(self, record: Record) -> None:
        """A call is over."""
        record.owner = None  # else each call would be a cycle, and its memory wait for the garbage collector
        self._unread -= record.size
        if record.size > self._held.little:
            self._unread += self._held.add(record)
        if self._clear_every is not None:
            self.count_freed(1)

    def _bound(self) -> None:
        """Keep no more than `max_unread_bytes` of all calls together."""
        # A little less, so that the next entry need not look through all calls again.
        goal = self._max_unread_bytes - (self._max_unread_bytes >> 6)
        self._unread -= self._held.let_go()
        while self._unread > self._max_unread_bytes:
            running = max(list(self.records.values()), key=_size, default=None)
            held = self._held.biggest(running.size if running is not None else 0)
            biggest = held or running
            if biggest is None or not biggest.log:
                break
            count, size = 0, 0
            for size in accumulate(biggest.sizes if held is None else biggest.sizes[:-1]):
                count += 1
                if self._unread - size <= goal:
                    break
            self._unread -= self._held.drop(biggest, count) if held is not None else biggest.drop(count)
            self._unread -= self._held.let_go()

    def count_freed(self, count: int) -> None:
        """So many calls are over, whose data Rumor keeps."""
        if self._clear_every is not None:
            self._freed += count
            if self._freed >= self._clear_every:
                self._freed = 0
                self._clear()
