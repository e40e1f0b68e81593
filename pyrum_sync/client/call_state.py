"""What is known of one call: its phase, its entries, its steps.

Pure: no socket, thread or clock. The lock of the demultiplexer guards it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from json import dumps
from operator import length_hint

from pyrum_sync.catalogue.tree import REQUEST
from pyrum_sync.client.log import Log
from pyrum_sync.client.phases import (
    ABSENT,
    ANYTHING,
    ATTACHING,
    DATA,
    ERROR,
    FAILED,
    FREE,
    MOVES,
    OVER,
    OVER_NOW,
    PRESENT,
    REFUSED,
    RUNNING,
    SET_UP,
    STARTING,
    STEP,
    STEPPED,
    Phase,
)
from pyrum_sync.protocol.entries import MARKS, MOST_NAMES, Entry, fields, newest, reason
from pyrum_sync.protocol.lines import is_probe, probe_found

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from typing import Any

    from pyrum_sync.client.phases import Event
    from pyrum_sync.client.steps import Steps
    from pyrum_sync.client.waiter import Waiter

_MANY = 20  # entries of which it is worth knowing whether they are alike


def _alike(shapes: list[tuple[str, ...]]) -> bool:
    """Whether entries with these keys all have the same, as those of a long stream mostly do: then the last one has the
    newest value of every field."""
    return bool(shapes) and shapes.count(shapes[-1]) == len(shapes)


class Cursor:
    """How far one kind of reader (of one field, or of all entries) has come in a call's log."""

    __slots__ = ("key", "lost", "position", "ready")

    def __init__(self, key: str | None, position: int, lost: int) -> None:
        self.key = key  # None: whole entries
        self.position = position  # the first entry not looked at
        self.lost = lost  # values dropped unread, not reported yet
        # Values taken from the log. An iterator, because a loop takes from it and binds to a name in one go: after a
        # call like `popleft` a signal handler may raise, and the value would be lost.
        self.ready: Iterator[Any] = iter(())

    def pick(self, entries: Iterable[Entry]) -> list[Any]:
        key = self.key
        return list(entries) if key is None else [entry[key] for entry in entries if key in entry]


class CallState:
    """One call, as the reader thread keeps it up to date."""

    # Defaults that most calls never change are class attributes, so that making a call costs little.
    error: Entry | None = None  # why the call failed
    foreign = False  # another session's: not ours to cancel when we close
    cut = False  # its Rumor cancels it because it is being closed: readers must not take that for its end
    cancel_wanted = False
    cancel_sent = False
    cancel_error: Entry | None = None  # why Rumor would not cancel it
    # The marks of a call whose output is still to come, in an entry of its own; None for all other calls.
    held_marks: list[tuple[Event, Entry]] | None = None
    handle: Any = None  # a weak reference to the Call that users hold, while it is not over
    seed: Any = None  # what it takes to make that anew: the seed of its Origin, None for another session's call
    _merged = 0  # the first entry whose fields are not in _newest
    _newest: Entry | None = None  # with where and when, which are no fields
    _cursors: dict[str | None, Cursor] | None = None
    _dropped: Counter[str] | None = None  # dropped values of each field
    _uncounted = 0  # those of fields that are too many to be counted one by one

    def __init__(self, call_id: str, line: str, steps: Steps | None = None, phase: Phase = STARTING) -> None:
        self.id = call_id
        self.line = line
        self.steps = steps
        self.phase = phase
        if phase is ATTACHING:
            self.foreign = True
        self.waiters: list[Waiter] = []
        self.log = Log()

    # -- what the reader thread hands in

    def move(self, event: Event) -> bool:
        """Make the move that the event causes. Returns False if it means nothing in this phase."""
        phase = MOVES.get((self.phase, event))
        if phase is None:
            return False
        self.phase = phase
        return True

    def receive(self, entry: Entry, line: bytes) -> int:
        """An entry of the call, and the line that it is. Returns the news in it, as bits."""
        if entry.get("level") == "trace":
            for mark in MARKS:
                if mark in entry:
                    return self.mark(mark, entry)
        self.take(entry, line)
        return DATA

    def take(self, entry: Entry, line: bytes) -> None:
        """A data entry, and the line that it is."""
        if self.log.full:
            self._pack()
        self.log.add(entry, line)
        if self.steps is not None:
            self.steps.note(entry)

    def _pack(self) -> None:
        """Keep the newest entries as text only. Before that, as long as they are at hand, their fields are merged."""
        log = self.log
        if self._merged >= log.first_fresh:
            self._merge(log.fresh[self._merged - log.first_fresh :])
            self._merged = log.end
        log.pack()

    def mark(self, mark: Event, entry: Entry) -> int:
        """A life-cycle mark. Returns the news in it, as bits."""
        if self.held_marks is not None and mark != STEP:
            if mark != ERROR:
                if all(mark != earlier for earlier, _ in self.held_marks):
                    self.held_marks.append((mark, entry))
                return 0
            self.held_marks = None
        if mark == STEP:
            if self.steps is not None:
                self.steps.stepped()
            return STEPPED
        phase = MOVES.get((self.phase, mark))
        if phase is None:
            return SET_UP
        if mark == ERROR or phase is FAILED:  # freed without success: a panic in Rumor, which frees it on its way down
            self.error = self.error or entry
        self.phase = phase
        return ANYTHING if mark == FREE else SET_UP

    def take_output(self, text: str, entry: Entry) -> int:
        """The output of the command, for which its marks were held. Returns the news in all of it, as bits."""
        held, self.held_marks = self.held_marks, None
        entry = {**entry, "stdout": text}
        try:
            line = dumps(entry)
        except RecursionError:  # nested lists, deeper in the stack here than when they were read
            entry = {"stdout": text}
            line = dumps(entry)
        self.take(entry, line.encode())
        bits = DATA
        for mark, marked in held or ():
            bits |= self.mark(mark, marked)
        return bits

    def refuse(self, entry: Entry) -> int:
        """A `failed` entry of this call: of its line, of a `next` or of a `cancel`. Returns the news in it, as bits."""
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
            # Either it was over already (then its `__freed` has arrived), or it would not stop: that can be retried.
            self.cancel_sent = self.cancel_wanted = False
            self.cancel_error = entry
            return OVER_NOW
        if self.move(REFUSED):
            self.error = entry
            return ANYTHING
        return 0

    # -- waiting threads

    def wake(self, bits: int) -> None:
        """Wake the threads that wait for such news."""
        asleep = []
        for waiter in self.waiters:
            if waiter.bits & bits:
                waiter.wake()
            else:
                asleep.append(waiter)
        self.waiters = asleep

    # -- what readers ask

    @property
    def over(self) -> bool:
        return self.phase in OVER

    @property
    def ended(self) -> bool:
        """Whether it is over, or the request that it makes, by itself or because its user cancelled it."""
        return (self.over and not self.cut) or (self.steps is not None and self.steps.ended)

    @property
    def cancel_due(self) -> bool:
        """Whether a cancel is wanted, was not sent, and can work: before the end of the set-up it would do harm."""
        steps = self.steps
        return (
            (self.cancel_wanted or (steps is not None and steps.ended and steps.kind == REQUEST))
            and self.phase is RUNNING
            and not self.cancel_sent
            and self.cancel_error is None
        )

    @property
    def step_due(self) -> bool:
        """Whether a `next` can be sent, and none is outstanding."""
        steps = self.steps
        # One that is failing may be another session's, and only that session gets the reason.
        return steps is not None and self.phase is RUNNING and not (steps.requested or steps.ended)

    @property
    def failure(self) -> Entry | None:
        """The entry that says why the call, or the request that it makes, failed."""
        return self.error or (self.steps.failure if self.steps is not None else None)

    def newest(self) -> Entry:
        """The newest value of every field so far (a copy)."""
        log = self.log
        if self._newest is None and len(log) == 1 and log.fresh:
            return fields(log.fresh[0])  # as with most calls
        while self._merged < log.end:
            entries, count = log.newest(self._merged)
            self._merge(entries)
            self._merged += count
        return fields(self._newest or {})

    @property
    def actor(self) -> str:
        """The name of the actor in its entries; "" if there is none."""
        for entry in (self.log.last() or {}, self._newest or {}):
            name = entry.get("actor")
            if isinstance(name, str):
                return name
        return ""

    def _merge(self, entries: list[Entry]) -> None:
        if self._newest is None:
            self._newest = {}
        for entry in entries[-1:] if len(entries) > _MANY and _alike(list(map(tuple, entries))) else entries:
            self._newest.update(entry)
        self._newest = newest(self._newest)

    def cursor(self, key: str | None) -> Cursor:
        """Where the readers of a field (None: of entries) are."""
        if self._cursors is None:
            self._cursors = {}
        found = self._cursors.get(key)
        if found is None:
            found = self._cursors[key] = Cursor(key, self.log.start, self._lost(key))
        return found

    def _lost(self, key: str | None) -> int:
        """How much was dropped of a field, or of all entries, before its first reader came."""
        if key is None or self._dropped is None:
            return self.log.start
        return self._dropped.get(key, self._uncounted)

    def refill(self, cursor: Cursor) -> None:
        """Move what the log has for a cursor into its empty `ready`, a slice at a time."""
        while not length_hint(cursor.ready) and cursor.position < self.log.end:
            entries, count = self.log.some(cursor.position)
            picked, position = iter(cursor.pick(entries)), cursor.position + count
            cursor.ready, cursor.position = picked, position  # no call in between, so no signal either

    # -- bounded memory

    def drop(self, count: int) -> int:
        """Forget the oldest `count` entries. Returns the size that became free."""
        freed, count = 0, min(count, len(self.log))
        while count:
            entries, some = self.log.some(self.log.start, count)
            self._count_dropped(entries, some)
            freed += self.log.drop(some)
            count -= some
        return freed

    def _count_dropped(self, entries: list[Entry], lines: int) -> None:
        """What is about to be dropped: so many lines."""
        start = self.log.start
        if self._merged < start + lines:
            self._merge(entries[self._merged - start :])
            self._merged = start + lines
        for cursor in (self._cursors or {}).values():
            if cursor.position < start + lines:
                cursor.lost += len(cursor.pick(entries[cursor.position - start :]))
                cursor.position = start + lines
        counts = self._dropped = self._dropped or Counter()
        shapes = list(map(tuple, entries))
        if _alike(shapes):
            for key in shapes[-1]:
                counts[key] += len(shapes)
        else:
            counts.update(chain.from_iterable(shapes))
        while len(counts) > MOST_NAMES:
            self._uncounted += counts.popitem()[1]
