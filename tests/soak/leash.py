"""Times each blocking call on one connection, and knows which exceptions the connection's fate allows."""

from __future__ import annotations

import sys
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from time import monotonic, sleep
from typing import Any, NamedTuple

from pyrum_sync import Call, CallEnded, CallTimeout, ConnectionLost, HandshakeError, RumorClosed
from pyrum_sync.client.commands import Actor, Command, Nowait, Words
from pyrum_sync.client.field import Field

SPARE = 1.0  # seconds that a call may take beyond its limit
TOLD = 1.0  # seconds in which a lost connection reaches everybody
FOR_EVER = 45.0  # seconds in which a call without a limit comes back, as nothing here takes so long
_GRACE = 2.0  # seconds for all to go on behind a silence
_TICK = 0.1

NOTHING, UNKNOWN = "none", "the other side ended"


class Op(NamedTuple):
    """A blocking call under way."""

    what: str
    start: float
    limit: float | None
    thread: int


class Ledger:
    """What was counted and found in this process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.counts: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.exceptions: Counter[tuple[str, str]] = Counter()
        self.longest: dict[str, float] = {}
        self.violations: list[str] = []
        self.lateness = 0.0  # of this process itself, lately: a machine that stands still is nobody's fault

    def count(self, what: str, number: int = 1) -> None:
        with self.lock:
            self.counts[what] += number

    def violation(self, text: str) -> None:
        with self.lock:
            self.violations.append(text)

    def took(self, fault: str, seconds: float) -> None:
        with self.lock:
            self.longest[fault] = max(self.longest.get(fault, 0.0), seconds)


class Leash:
    """One connection: its fate, and who waits for it."""

    def __init__(self, ledger: Ledger, name: str) -> None:
        self.ledger = ledger
        self.name = name
        self.fate = NOTHING  # what was done to it first that loses or closes it
        self.lost_at: float | None = None
        self.closing_at: float | None = None
        self.silences: list[tuple[float, float]] = []
        self.silenced_by = NOTHING
        self.ops: dict[int, Op] = {}
        self.ids: set[str] = set()  # of all calls made
        self.parent: Leash | None = None  # of the connection whose calls this one follows
        self._expected = threading.local()
        self._told: set[Op] = set()

    # -- fate

    def lose(self, fault: str) -> None:
        """The connection is about to be lost."""
        if self.lost_at is None:
            self.lost_at = monotonic()
            self.tell(fault)

    def tell(self, fault: str) -> None:
        """Why the connection is lost, or will be."""
        if self.fate in (NOTHING, UNKNOWN):
            self.fate = fault

    def close(self) -> None:
        """It is about to be closed by ourselves."""
        self.tell("close")
        if self.closing_at is None:
            self.closing_at = monotonic()

    def silence(self, fault: str, seconds: float) -> None:
        """Nothing will come for so long."""
        now = monotonic()
        self.silences.append((now, now + seconds))
        self.silenced_by = fault

    def silent_between(self, start: float, end: float) -> bool:
        return any(first <= end and start <= last + _GRACE for first, last in self.silences)

    @property
    def dead(self) -> bool:
        return self.lost_at is not None or self.closing_at is not None

    # -- calls

    def expecting(self, *errors: type[BaseException]) -> _Expecting:
        """In this block, these may come."""
        return _Expecting(self._expected, errors)

    def run(self, what: str, limit: float | None, work: Callable[[], Any]) -> Any:
        op = Op(what, monotonic(), limit, threading.get_ident())
        self.ops[op.thread] = op
        try:
            return work()
        except StopIteration:
            raise
        except BaseException as error:
            self._judge(error, op)
            raise
        finally:
            del self.ops[op.thread]

    def _judge(self, error: BaseException, op: Op) -> None:
        now = monotonic()
        fault = self._explanation(error, op, now)
        if fault is None and isinstance(error, ConnectionLost):
            sleep(0.5)  # what happened to a server is told by another process
            fault = self._explanation(error, op, now)
        if fault is None:
            text = "".join(traceback.format_exception(error))
            self.ledger.violation(f"{self.name}: {op.what} raised what nothing explains ({self}):\n{text}")
            fault = "unexplained"
        with self.ledger.lock:
            self.ledger.exceptions[type(error).__name__, fault] += 1
        told: dict[type[BaseException], float | None] = {ConnectionLost: self.lost_at, RumorClosed: self.closing_at}
        since = told.get(type(error))
        if since is not None:
            taken = now - max(op.start, since)
            self.ledger.took(fault, taken)
            if taken > TOLD + self.ledger.lateness:
                self.ledger.violation(f"{self.name}: {op.what} heard of {fault} only after {taken:.2f} s")

    def _explanation(self, error: BaseException, op: Op, now: float) -> str | None:
        if isinstance(error, getattr(self._expected, "errors", ())):
            return "expected"
        if isinstance(error, RumorClosed):
            return "close" if self.closing_at is not None else None
        if isinstance(error, ConnectionLost) and self.lost_at is not None:
            return self.fate if self.fate not in (NOTHING, UNKNOWN) else None
        if isinstance(error, HandshakeError):
            return self.silenced_by if self.silent_between(op.start, now) else None
        if isinstance(error, CallEnded) and self.parent is not None and self.parent.dead:
            return self.parent.fate
        if isinstance(error, CallTimeout):
            return self.silenced_by if self.silent_between(op.start, now) else None
        return None

    def __str__(self) -> str:
        return f"fate {self.fate}, lost {self.lost_at}, closing {self.closing_at}, silences {self.silences}"

    # -- the watchdog's

    def check(self, now: float) -> None:
        for op in list(self.ops.values()):
            ends = [op.start + (FOR_EVER if op.limit is None else op.limit) + SPARE]
            if op.what not in ("close", "open"):
                ends += [max(since, op.start) + TOLD for since in (self.lost_at, self.closing_at) if since is not None]
            late = now - min(ends) - self.ledger.lateness
            if late > 0 and op not in self._told:
                self._told.add(op)
                frame = sys._current_frames().get(op.thread)
                stack = "".join(traceback.format_stack(frame)) if frame else ""
                self.ledger.violation(
                    f"{self.name}: {op.what} (limit {op.limit}) still waits {now - op.start:.1f} s after its start"
                    f" ({self}; now {now}):\n{stack}"
                )


class _Expecting:
    def __init__(self, local: threading.local, errors: tuple[type[BaseException], ...]) -> None:
        self._local, self._errors = local, errors

    def __enter__(self) -> None:
        self._local.errors = self._errors

    def __exit__(self, *_: object) -> None:
        self._local.errors = ()


class Watchdog(threading.Thread):
    """Looks at all leashes ten times a second."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__(name="watchdog", daemon=True)
        self._ledger = ledger
        self.leashes: set[Leash] = set()
        self._over = threading.Event()
        self._late: list[tuple[float, float]] = []

    def run(self) -> None:
        last = monotonic()
        while not self._over.wait(_TICK):
            now = monotonic()
            self._late = [(at, late) for at, late in self._late if now - at < 3]
            self._late.append((now, max(0.0, now - last - _TICK)))
            self._ledger.lateness = sum(late for _, late in self._late)
            last = now
            for leash in list(self.leashes):
                leash.check(now)

    def stop(self) -> None:
        self._over.set()
        self.join(5)


class Timed:
    """Anything of the client's, so that all that may block goes through the leash."""

    def __init__(self, target: Any, leash: Leash, limit: float | None, name: str = "") -> None:
        self._target, self._leash, self._limit, self._name = target, leash, limit, name

    @property
    def bare(self) -> Any:
        """The thing itself."""
        return self._target

    def _wrapped(self, value: Any, name: str, limit: float | None) -> Any:
        if isinstance(value, Call):
            self._leash.ids.add(value.id)
        if isinstance(value, (Call, Actor, Nowait, Words, Field)) or callable(value):
            return Timed(value, self._leash, limit, name)
        return value

    def __getattr__(self, name: str) -> Any:
        return self._wrapped(getattr(self._target, name), f"{self._name}.{name}", self._limit)

    def __getitem__(self, name: str) -> Any:
        return self._wrapped(self._target[name], f"{self._name}[{name!r}]", self._limit)

    def __call__(self, *args: Any, **options: Any) -> Any:
        limit = self._limit
        if self._name.endswith(".within"):
            return self._wrapped(self._target(*args), self._name, args[0])
        if "timeout" in options and not isinstance(self._target, Command):
            limit = options["timeout"]
        value = self._leash.run(self._name, limit, lambda: self._target(*args, **options))
        self._leash.ledger.count("blocking calls")
        if isinstance(value, Iterator):
            return self._turns(value, limit)
        name = f"<{value.command[:80]}>" if isinstance(value, Call) else self._name
        return self._wrapped(value, name, self._limit)

    def __iter__(self) -> Iterator[Any]:
        return self._turns(iter(self._target), self._limit)

    def _turns(self, values: Iterator[Any], limit: float | None) -> Iterator[Any]:
        while True:
            try:
                value = self._leash.run(f"a turn of {self._name}", limit, lambda: next(values))
            except StopIteration:
                return
            yield value

    def __enter__(self) -> Timed:
        self._target.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._leash.run(f"leaving {self._name}", 1.0, lambda: self._target.__exit__(*error))
