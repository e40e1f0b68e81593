"""The demultiplexer: which call an entry belongs to, what is kept unread, and which threads are woken. No I/O.

The lock in here guards the state of all calls of a connection. It is never held while something is written.
"""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Callable
from operator import attrgetter, itemgetter

from pyrum_sync.client.call_state import CallState
from pyrum_sync.client.phases import ANYTHING, DATA, OVER, STEPPED
from pyrum_sync.client.waiter import Waiter
from pyrum_sync.protocol.entries import Entry
from pyrum_sync.protocol.lines import tool_output
from pyrum_sync.transports.locks import SafeLock

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from typing import Protocol
else:
    Protocol = object

_LITTLE = 2048  # bytes; with less in it, a call itself takes more memory than its entries
_size = attrgetter("log.size")


class Listener(Protocol):
    """A function that wants the entries that belong to no call of this session."""

    def __call__(self, entry: Entry) -> CallState | None:
        """Returns the call whose waiters are to look again, if any. The other listeners get the entry as well."""


class Held:
    """The finished calls that users still hold, if much in them is unread: it counts as long as they are held.

    The last entry of each does not count: `data` would keep it anyway.
    """

    def __init__(self, little: int) -> None:
        self.little = little  # size up to which unread entries weigh no more than the call that they are in
        self._sizes: dict[weakref.ref[CallState], int] = {}
        # Filled from within the garbage collector, anywhere: so nothing is done there that would need a lock.
        self._gone: deque[weakref.ref[CallState]] = deque()

    def add(self, call: CallState) -> int:
        """A call is over. Returns the size that still counts."""
        size = call.log.size - call.log.last_size()
        if size > self.little:
            self._sizes[weakref.ref(call, self._gone.append)] = size
            return size
        return 0

    def let_go(self) -> int:
        """Forget those that are no longer held. Returns their size."""
        size = 0
        while self._gone:
            size += self._sizes.pop(self._gone.popleft())
        return size

    def biggest(self, least: int) -> CallState | None:
        """The one with most, if that is more than `least`."""
        there = [(size, call) for ref, size in self._sizes.items() if (call := ref()) is not None]
        size, found = max(there, key=itemgetter(0), default=(0, None))
        return found if size > least else None

    def drop(self, call: CallState, count: int) -> int:
        """Forget the oldest `count` entries of a call. Returns the size that became free."""
        size = call.drop(count)
        self._sizes[weakref.ref(call)] -= size
        return size


class Demultiplexer:
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
        cancel: Callable[[CallState], object],
        clear: Callable[[], object],
    ) -> None:
        self._max_unread = max_unread
        self._max_unread_bytes = max_unread_bytes
        self._clear_every = clear_every
        self._cancel = cancel
        self._clear = clear
        self.report: Callable[[list[str]], object] | None = None  # takes lines that turn out to be no entries
        # Reentrant, because a signal handler may close the session while the main thread is in here.
        self.lock = SafeLock()
        self.calls: dict[str, CallState] = {}
        # Offered the entries that belong to no call of ours. Put in and taken out in one go each, which needs no lock.
        self.listeners: dict[Listener, None] = {}
        self._unread = 0  # the size of all entries kept
        self._held = Held(min(_LITTLE, max_unread_bytes >> 10))
        self._freed = 0  # calls over since Rumor was last made to forget their data
        self._watcher: Waiter | None = None  # woken when a call moves on

    # -- calls come and go

    def add(self, call: CallState) -> None:
        """Expect news of a call."""
        self.calls[call.id] = call  # in one go: needs no lock

    def remove(self, call: CallState) -> None:
        """Stop expecting news of it."""

        def remove() -> None:
            if self.calls.get(call.id) is call:  # not another that was attached to the same call since
                self._unread -= call.log.size  # no call in between, so no signal either
                del self.calls[call.id]
            self._wake_watcher()

        self.lock.run(remove)

    def users(self) -> list[CallState]:
        """The calls of users that are not freed yet."""
        return self.lock.run(lambda: [call for call in list(self.calls.values()) if call.handle is not None])

    def watch(self) -> Waiter:
        """A waiter that is woken when a call is over, or has become fit to be cancelled. Needs the lock."""
        assert self.lock.held_here, "the lock must be held"
        waiter = self._watcher = Waiter()
        return waiter

    @property
    def watched(self) -> bool:
        """Whether the waiter of `watch` still sleeps."""
        return self._watcher is not None

    def _wake_watcher(self) -> None:
        waiter, self._watcher = self._watcher, None
        if waiter is not None:
            waiter.wake()

    def wake_all(self) -> None:
        """Let every waiting thread look again. Needs the lock."""
        assert self.lock.held_here, "the lock must be held"
        for call in list(self.calls.values()):
            call.wake(ANYTHING)
        self._wake_watcher()

    # -- what arrives

    def dispatch(self, entries: list[Entry], lines: list[bytes]) -> None:
        """Give the calls what arrived for them: entries, and the line that each is. For the thread that reads."""
        with self.lock:
            calls = self.calls
            for entry, line in zip(entries, lines, strict=False):
                try:
                    call = calls[entry["call_id"]]
                except (KeyError, TypeError):
                    self._stray(entry)
                else:
                    bits = call.receive(entry, line)
                    if bits == DATA:
                        self._unread += len(line)
                    self._news(call, bits)

    def dispatch_block(self, call_id: str, block: bytes, count: int) -> bool:
        """Lines of one call's data, which long streams consist of, not parsed yet. Returns False if they have to be."""
        with self.lock:
            call = self.calls.get(call_id)
            if call is None or call.steps is not None:  # steps are made of entries
                return False
            call.log.report = self.report
            self._unread += call.log.add_block(block, count)
            self._news(call, DATA)
            return True

    def _stray(self, entry: Entry) -> None:
        """An entry without a call of ours: a line that failed, or something that a listener waits for."""
        if entry.get("msg") == "failed":
            args = entry.get("args")
            if isinstance(args, list) and args and isinstance(args[0], str) and args[0].startswith("_"):
                call = self.calls.get(args[0][1:])
                if call is not None:
                    self._news(call, call.refuse(entry))
                    return
        text = entry.get("stdout")
        if isinstance(text, str):
            call_id, output = tool_output(text)
            call = self.calls.get(call_id)
            if call is not None and call.held_marks is not None:
                before = call.log.size
                bits = call.take_output(output, entry)
                self._unread += call.log.size - before
                self._news(call, bits)
                return
        for listener in list(self.listeners):
            call = listener(entry)
            if call is not None:
                self._news(call, ANYTHING)

    def _news(self, call: CallState, bits: int) -> None:
        """Bound a call's memory, move it on, and wake the threads that wait for such news."""
        if bits & DATA:
            if len(call.log) > self._max_unread:
                self._unread -= call.drop(len(call.log) - self._max_unread)
            if self._unread > self._max_unread_bytes:
                self._bound()
        steps = call.steps
        if steps is not None and steps.ended:
            bits |= STEPPED | DATA
        if bits != DATA:
            if call.phase in OVER:
                if self.calls.pop(call.id, None) is not None:
                    self._settle(call)
            elif call.cancel_due:
                self._cancel(call)
            if self._watcher is not None:
                self._wake_watcher()
        if call.waiters:
            call.wake(bits)

    def _settle(self, call: CallState) -> None:
        """A call is over."""
        call.handle = None
        size = call.log.size
        self._unread -= size
        if size > self._held.little:
            self._unread += self._held.add(call)
        if self._clear_every is not None:
            self.count_freed(1)

    def _bound(self) -> None:
        """Keep no more than `max_unread_bytes` of all calls together."""
        # A little less, so that the next entry need not go through all calls again.
        goal = self._max_unread_bytes - (self._max_unread_bytes >> 6)
        self._unread -= self._held.let_go()
        while self._unread > self._max_unread_bytes:
            running = max(list(self.calls.values()), key=_size, default=None)
            held = self._held.biggest(running.log.size if running is not None else 0)
            biggest = held or running
            if biggest is None or not biggest.log:
                break
            count = biggest.log.oldest(self._unread - goal)
            if held is not None:
                count = min(count, len(biggest.log) - 1)
            self._unread -= self._held.drop(biggest, count) if held is not None else biggest.drop(count)
            self._unread -= self._held.let_go()

    def count_freed(self, count: int) -> None:
        """This many calls are over, whose data Rumor keeps."""
        if self._clear_every is not None:
            self._freed += count
            if self._freed >= self._clear_every:
                self._freed = 0
                self._clear()
