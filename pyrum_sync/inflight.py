"""The calls in flight: whose an entry is, what is kept unread, and who is woken. No thread and no I/O in here."""

from __future__ import annotations

import threading
from collections.abc import Callable

from . import protocol
from .protocol import Entry
from .record import ANYTHING, DATA, OVER, STEPPED, Record, Waiter

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from typing import Any, Protocol
else:
    Protocol = object

_FEW = 8  # entries that are sorted one by one


def waiter(bits: int) -> Waiter:
    gate = threading.Lock()
    gate.acquire()
    return bits, gate


class Listener(Protocol):
    """Somebody who wants entries that belong to no call of this session."""

    def __call__(self, entry: Entry, size: int) -> Record | None:
        """The record whose waiters are to look again, if any. The other listeners are offered the entry as well."""


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
        self._listeners: list[Listener] = []
        self._unread = 0  # the size of all entries kept for calls in flight
        self._freed = 0  # calls over since the last time Rumor was told to forget their data
        self._watcher: Any = None  # a gate that is opened when a call moves on

    # -- who comes and goes

    def add(self, record: Record) -> None:
        self.records[record.id] = record  # in one go: needs no lock

    def remove(self, record: Record) -> None:
        """Expect no more news of it."""
        with self.lock:
            if self.records.pop(record.id, None) is not None:
                self._unread -= record.size
            self.tell_watcher()

    def listening(self, listener: Listener) -> _Listening:
        """A context in which `listener` is offered the entries that belong to no call of ours."""
        return _Listening(self.lock, self._listeners, listener)

    def watch(self) -> Any:
        """A gate (a lock that is held) that opens when a call is over, or has become fit to be cancelled."""
        gate = self._watcher = threading.Lock()
        gate.acquire()
        return gate

    def tell_watcher(self) -> None:
        gate, self._watcher = self._watcher, None
        if gate is not None:
            gate.release()

    def wake_all(self) -> None:
        for record in list(self.records.values()):
            record.wake(ANYTHING)

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
        if record is None or not protocol.of_one_call(entries):
            return False
        self._unread += record.take_all(entries, sizes)
        self._news(record, DATA)
        return True

    def _stray(self, entry: Entry, size: int) -> None:
        """An entry without a call of ours: a line that failed, or something that a listener waits for."""
        if entry.get("msg") == "failed":
            args = entry.get("args")
            if isinstance(args, list) and args and isinstance(args[0], str):
                record = self.records.get(args[0][1:])
                if record is not None:
                    self._news(record, record.refused(entry))
                    return
        text = entry.get("stdout")
        if isinstance(text, str):
            call_id, output = protocol.tool_output(text)
            record = self.records.get(call_id)
            if record is not None and record.held is not None:
                self._unread += len(output)
                self._news(record, record.output(output, entry))
                return
        for listener in self._listeners:
            record = listener(entry, size)
            if record is not None:
                self._news(record, ANYTHING)

    def _news(self, record: Record, bits: int) -> None:
        """Bound a call's memory, move it on, and wake who waits for such news."""
        if bits & DATA:
            if len(record.log) > self._max_unread:
                self._unread -= record.drop(len(record.log) - self._max_unread)
            if self._unread > self._max_unread_bytes:
                self._bound(record)
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
        if self._clear_every is not None:
            self._count_freed(self._clear_every)

    def _bound(self, record: Record) -> None:
        """Keep no more than `max_unread_bytes` of all calls together."""
        while self._unread > self._max_unread_bytes and record.log:
            biggest = max(list(self.records.values()), key=lambda other: other.size, default=record)
            count, size = 0, 0
            while count < len(biggest.log) and self._unread - size > self._max_unread_bytes:
                size += biggest.sizes[count]
                count += 1
            self._unread -= biggest.drop(count)
            if not count:
                break

    def _count_freed(self, clear_every: int) -> None:
        self._freed += 1
        if self._freed >= clear_every:
            self._freed = 0
            self._clear()


class _Listening:
    def __init__(self, lock: Any, listeners: list[Listener], listener: Listener) -> None:
        self.lock, self._listeners, self._listener = lock, listeners, listener

    def __enter__(self) -> None:
        with self.lock:
            self._listeners.append(self._listener)

    def __exit__(self, *_: object) -> None:
        with self.lock:
            self._listeners.remove(self._listener)
