"""What is known of one call: its state, its entries, its steps. No I/O, no threads: the session's lock guards it."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import accumulate, chain
from operator import length_hint

from pyrum_sync.catalogue.tree import REQUEST
from pyrum_sync.client.steps import Steps
from pyrum_sync.protocol.entries import MARKS, MOST_NAMES, Entry, fields, newest, reason
from pyrum_sync.protocol.lines import is_probe, probe_found

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from typing import Any, Final
else:
    Any = object

# -- states as data ---------------------------------------------------------------------------------------------------

STARTING: Final = "starting"  # sent; the command's own part is not over
RUNNING: Final = "running"  # set up; instant calls are freed next, long ones live on
FAILING: Final = "failing"  # failed; its resources are not freed yet
FREED: Final = "freed"  # over
FAILED: Final = "failed"  # over, and it had failed
UNSENT: Final = "unsent"  # over before any of its line was written
ATTACHING: Final = "attaching"  # another session's; Rumor has not said whether it is running

# The events; those that Rumor tells by a mark have its name.
SUCCESS: Final = "__success"
ERROR: Final = "__error"
REFUSED: Final = "refused"  # the line failed: behind an error no news, else all that Rumor will say of the call
FREE: Final = "__freed"
TAKEN_BACK: Final = "taken back"
PRESENT: Final = "present"
ABSENT: Final = "absent"

MOVES: Final[dict[tuple[str, str], str]] = {
    (STARTING, SUCCESS): RUNNING,
    (STARTING, ERROR): FAILING,
    (STARTING, REFUSED): FAILED,
    (STARTING, FREE): FAILED,
    (STARTING, TAKEN_BACK): UNSENT,
    (RUNNING, FREE): FREED,
    (RUNNING, ERROR): FAILING,  # another session's, attached amid its own part
    (FAILING, FREE): FAILED,
    (ATTACHING, PRESENT): RUNNING,
    (ATTACHING, SUCCESS): RUNNING,
    (ATTACHING, ERROR): FAILING,
    (ATTACHING, ABSENT): FREED,
    (ATTACHING, FREE): FREED,
    (ATTACHING, TAKEN_BACK): UNSENT,
}
"""The legal moves; anything else that Rumor may say changes no state."""

SUCCEEDED: Final = frozenset((RUNNING, FREED))
OVER: Final = frozenset((FREED, FAILED, UNSENT))
BROKEN: Final = frozenset((FAILING, FAILED))

# -- what a waiting thread may wait for: bits, so that one wake-up tells all ------------------------------------------

SET_UP: Final = 1
OVER_NOW: Final = 2
DATA: Final = 4
STEPPED: Final = 8
ANYTHING: Final = 15

# -- a call -----------------------------------------------------------------------------------------------------------


_MANY = 20  # entries of which it is worth knowing whether they are alike


def _alike(shapes: list[tuple[str, ...]]) -> bool:
    """Whether entries with these keys all have the same, as those of a long stream mostly do: then the last one has the
    newest value of every field."""
    return bool(shapes) and shapes.count(shapes[-1]) == len(shapes)


Waiter = tuple[int, Any]  # the news that wake it, and its gate: a lock that is released to wake


class Reader:
    """Where one kind of reader (of one field, or of all entries) stands in a call's log."""

    __slots__ = ("cursor", "key", "lost", "ready")

    def __init__(self, key: str | None, cursor: int, lost: int) -> None:
        self.key = key  # None: whole entries
        self.cursor = cursor  # the first entry not looked at
        self.lost = lost  # values dropped unread, not told yet
        # Values taken from the log. An iterator, because a loop takes from it and gives to a name in one go: behind a
        # call like `popleft` a signal handler may raise, and the value would be lost.
        self.ready: Iterator[Any] = iter(())

    def pick(self, entries: Iterable[Entry]) -> list[Any]:
        key = self.key
        return list(entries) if key is None else [entry[key] for entry in entries if key in entry]


class Record:
    """One call, as the reader thread keeps it up to date."""

    # How many entries a reader looks at in one go, and how many characters: what it holds beyond the log stays small.
    _SLICE = 1024
    _SLICE_SIZE = 1 << 18

    # What most calls never change stands here, so that making one costs little.
    error: Entry | None = None  # why the call failed
    foreign = False  # another session's: not ours to cancel when we close
    cancel_wanted = False
    cancel_sent = False
    cancel_error: Entry | None = None  # why Rumor would not cancel it
    # The marks of a call whose output is still to come, in an entry of its own; None for all other calls.
    held: list[tuple[str, Entry]] | None = None
    owner: Any = None  # what users hold in their hands, if they do
    size = 0  # of all that is in the log
    _start = 0  # the number of the log's first entry
    _merged = 0  # the first entry whose fields are not in _newest
    _newest: Entry | None = None  # with where and when, which are no fields
    _readers: dict[str | None, Reader] | None = None
    _dropped: Counter[str] | None = None  # dropped values of each field
    _uncounted = 0  # those of fields that are too many to be counted each

    def __init__(self, call_id: str, line: str, steps: Steps | None = None, state: str = STARTING) -> None:
        self.id = call_id
        self.line = line
        self.steps = steps
        self.state = state
        if state == ATTACHING:
            self.foreign = True
        self.waiters: list[Waiter] = []
        self.log: list[Entry] = []
        self.sizes: list[int] = []

    # -- what the reader thread tells

    def move(self, event: str) -> bool:
        """Follow the table; False if the event means nothing in this state."""
        state = MOVES.get((self.state, event))
        if state is None:
            return False
        self.state = state
        return True

    def told(self, entry: Entry, size: int) -> int:
        """An entry of the call, whose line has `size` characters; gives the bits of what it settles."""
        if entry.get("level") == "trace":
            for kind in MARKS:
                if kind in entry:
                    return self.marked(kind, entry)
        self.take(entry, size)
        return DATA

    def take(self, entry: Entry, size: int) -> None:
        """A data entry, whose line has `size` characters."""
        self.log.append(entry)
        self.sizes.append(size)
        self.size += size
        if self.steps is not None:
            self.steps.note(entry)

    def take_all(self, entries: list[Entry], sizes: list[int]) -> int:
        """The same for several, which is cheaper where there are many; gives the sum of the sizes."""
        self.log += entries
        self.sizes += sizes
        size = sum(sizes)
        self.size += size
        if self.steps is not None:
            for entry in entries:
                self.steps.note(entry)
        return size

    def marked(self, kind: str, entry: Entry) -> int:
        """A life-cycle mark; gives the bits of what it settles."""
        if self.held is not None and kind != "__step":
            if kind != "__error":
                if all(kind != earlier for earlier, _ in self.held):
                    self.held.append((kind, entry))
                return 0
            self.held = None
        if kind == "__step":
            if self.steps is not None:
                self.steps.stepped()
            return STEPPED
        state = MOVES.get((self.state, kind))
        if state is None:
            return SET_UP
        if kind == ERROR or state == FAILED:  # freed without success: a panic in Rumor, which frees it on its way down
            self.error = self.error or entry
        self.state = state
        return ANYTHING if kind == FREE else SET_UP

    def output(self, text: str, entry: Entry) -> int:
        """What the command wrote, for which its marks were held; gives the bits of what it settles."""
        held, self.held = self.held, None
        self.take({**entry, "stdout": text}, len(text))
        bits = DATA
        for kind, mark in held or ():
            bits |= self.marked(kind, mark)
        return bits

    def refused(self, entry: Entry) -> int:
        """A `failed` entry of this call: of its line, of a `next` or of a `cancel`; gives the bits it settles."""
        args = entry.get("args")
        if not isinstance(args, list):
            args = []
        verb = args[1] if len(args) > 1 else ""
        if verb == "next":
            why = reason(entry)
            if is_probe(args):
                self.move(PRESENT if probe_found(why) else ABSENT)
                return ANYTHING
            if self.steps is not None:
                self.steps.next_failed(why, entry)
            return STEPPED | DATA | OVER_NOW
        if verb == "cancel":
            # Gone already (then its `__freed` has come), or it would not stop: that can be tried again.
            self.cancel_sent = self.cancel_wanted = False
            self.cancel_error = entry
            return OVER_NOW
        if self.move(REFUSED):
            self.error = entry
            return ANYTHING
        return 0

    # -- who waits

    def wake(self, bits: int) -> None:
        """Wake those who wait for such news."""
        asleep = []
        for waiter in self.waiters:
            if waiter[0] & bits:
                try:  # noqa: SIM105 - the hot path
                    waiter[1].release()
                except RuntimeError:
                    pass  # awake already: a signal handler closed the session while its thread was in here
            else:
                asleep.append(waiter)
        self.waiters = asleep

    # -- what readers ask

    @property
    def over(self) -> bool:
        return self.state in OVER

    @property
    def cancel_due(self) -> bool:
        """Whether a cancel is wanted, was not sent, and can work: before the set-up is over it would do harm."""
        steps = self.steps
        return (
            (self.cancel_wanted or (steps is not None and steps.ended and steps.kind == REQUEST))
            and self.state == RUNNING
            and not self.cancel_sent
            and self.cancel_error is None
        )

    @property
    def step_due(self) -> bool:
        """Whether a `next` can be sent, and none is outstanding."""
        steps = self.steps
        # One that is failing may be another session's, which alone is told why.
        return steps is not None and self.state == RUNNING and not (steps.asked or steps.ended)

    @property
    def failure(self) -> Entry | None:
        """The entry that says why the call, or the request that it makes, failed."""
        return self.error or (self.steps.failure if self.steps is not None else None)

    def newest(self) -> Entry:
        """The newest value of every field so far (a copy)."""
        fresh = self.log[self._merged - self._start :]
        if self._newest is None and len(fresh) == 1:
            return fields(fresh[0])  # as of many a call
        self._merge(fresh, len(fresh) > _MANY and _alike(list(map(tuple, fresh))))
        return fields(self._newest or {})

    @property
    def actor(self) -> str:
        """The actor that its entries name; "" if none does."""
        for entry in (*self.log[-1:], self._newest or {}):
            name = entry.get("actor")
            if isinstance(name, str):
                return name
        return ""

    def _merge(self, entries: list[Entry], alike: bool) -> None:
        if self._newest is None:
            self._newest = {}
        for entry in entries[-1:] if alike else entries:
            self._newest.update(entry)
        self._newest = newest(self._newest)
        self._merged += len(entries)

    def reader(self, key: str | None) -> Reader:
        if self._readers is None:
            self._readers = {}
        found = self._readers.get(key)
        if found is None:
            found = self._readers[key] = Reader(key, self._start, self._lost(key))
        return found

    def _lost(self, key: str | None) -> int:
        """How much was dropped of a field, or of all entries, before any reader came for it."""
        if key is None or self._dropped is None:
            return self._start
        return self._dropped.get(key, self._uncounted)

    def refill(self, reader: Reader) -> None:
        """Move what the log has for a reader into its empty `ready`, a slice at a time."""
        while not length_hint(reader.ready):
            offset = reader.cursor - self._start
            some = self.log[offset : offset + self._SLICE]
            if not some:
                return
            sizes = self.sizes[offset : offset + len(some)]
            if sum(sizes) > self._SLICE_SIZE:
                del some[max(1, bisect_right(list(accumulate(sizes)), self._SLICE_SIZE)) :]
            picked, cursor = iter(reader.pick(some)), reader.cursor + len(some)
            reader.ready, reader.cursor = picked, cursor  # no call in between, so no signal either

    # -- bounded memory

    def drop(self, count: int) -> int:
        """Forget the oldest `count` entries; gives the size that became free."""
        dropped = self.log[:count]
        shapes = list(map(tuple, dropped))
        alike = _alike(shapes)
        self._merge(dropped[max(0, self._merged - self._start) :], alike)
        for reader in (self._readers or {}).values():
            unseen = dropped[max(0, reader.cursor - self._start) :]
            if unseen:
                reader.lost += len(reader.pick(unseen))
                reader.cursor = self._start + len(dropped)
        counts = self._dropped = self._dropped or Counter()
        if alike:
            for key in shapes[-1]:
                counts[key] += len(shapes)
        else:
            counts.update(chain.from_iterable(shapes))
        while len(counts) > MOST_NAMES:
            self._uncounted += counts.popitem()[1]
        freed = sum(self.sizes[:count])
        del self.log[:count], self.sizes[:count]
        self._start += len(dropped)
        self.size -= freed
        return freed
