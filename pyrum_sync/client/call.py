"""A call, and the ways to read what it gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from keyword import iskeyword
from operator import length_hint
from threading import get_ident
from time import monotonic

from pyrum_sync.catalogue.tree import LISTENER, REQUEST, SEARCH
from pyrum_sync.client.call_state import (
    BROKEN,
    DATA,
    OVER_NOW,
    SET_UP,
    STARTING,
    STEPPED,
    SUCCEEDED,
    UNSENT,
    Reader,
    Record,
)
from pyrum_sync.client.session import NOTHING_YET, Pending, TimeUp
from pyrum_sync.client.steps import Step
from pyrum_sync.errors import CallEnded, CallError, CallTimeout, ConnectionLost, DataLost, RumorClosed
from pyrum_sync.protocol.entries import Entry, reason
from pyrum_sync.protocol.lines import next_line

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, Final, TypeVar

    from typing_extensions import Self

    from pyrum_sync.catalogue.tree import Command
    from pyrum_sync.client.rumor import Actor
    from pyrum_sync.client.rumor import Command as Words
    from pyrum_sync.client.session import Session

    T = TypeVar("T")


class Default:
    """The type of DEFAULT."""

    def __repr__(self) -> str:
        return "…"


DEFAULT: Final = Default()
"""Stands for the time limit of the Rumor, where None means none."""

Timeout = float | None | Default

_SHOWN = 200  # characters of a command in a repr, and so in errors
_LOOKED_AT = 1 << 14  # characters that are looked through for keys, to show so many
_LEAVE_TIME = 1.0  # seconds that leaving a `with` block waits for the call to be freed

# Which steps a reader takes by itself: a request says nothing further without them. Whoever logs a listener's entries
# must not take its requests away from those who answer them, but its fields come with steps only.
_ENTRY_STEPS = (REQUEST,)
_FIELD_STEPS = (REQUEST, LISTENER, SEARCH)

_NO_FIELDS = {
    "all": "entries()",
    "ok": "wait()",
    "freed": "finished() or done",
    "call_id": "id",
    "cmd": "command",
    "close": "cancel()",
    "stop": "cancel()",
    "result": "data",
}


def deadline_of(timeout: float | None) -> float | None:
    """A time limit in seconds as a point on the monotonic clock."""
    return None if timeout is None else monotonic() + timeout


def checked_timeout(timeout: object) -> float | None:
    """A time limit, if it is one: TypeError or ValueError otherwise."""
    if timeout is None:
        return None
    if isinstance(timeout, bool) or not isinstance(timeout, (int, float)):
        raise TypeError(f"a timeout is a number of seconds or None, not {type(timeout).__name__}")
    if not timeout >= 0:
        raise ValueError(f"a timeout is 0 or more seconds, not {timeout!r}")
    return timeout


class Call:
    """One command given to Rumor: its state, what it logs, its steps.

    Every reader first gives what had arrived; then it raises CallError if the call failed, ConnectionLost if the
    connection is gone, and at the end of the call a loop ends and a single read raises CallEnded. Each value, step and
    entry is given once per kind of reader, in Rumor's order, to whichever thread asks first.

    ``call.addr()`` is the next value of the field `addr`, ``for addr in call.addr`` goes through all of them; `field`
    does the same for names that are members of this class.

    Every `timeout` is in seconds (None: for ever, 0: only what is there); left out, it is the Rumor's. When it runs
    out, CallTimeout is raised, nothing is lost, and the next read goes on.
    """

    __slots__ = ("__weakref__", "_limit", "_record", "_session", "_words")

    def __init__(self, session: Session, record: Record, limit: float | None, words: Words | None = None) -> None:
        self._session = session
        self._record = record
        self._limit = limit
        self._words = words  # None for one that another session started
        record.owner = self

    @property
    def id(self) -> str:
        """The call id, without the leading ``_`` that it has in Rumor's language."""
        return self._record.id

    @property
    def actor(self) -> Actor | None:
        """The Actor that runs it; None for an attached call, whose actor only its entries tell."""
        return self._words._actor if self._words is not None else None

    @property
    def _command(self) -> Command | None:
        """What the catalogue knows of the command."""
        return self._words._command if self._words is not None else None

    @property
    def command(self) -> str:
        """The whole line that was sent. It holds private keys that were given; `repr` masks them."""
        return self._record.line

    @property
    def done(self) -> bool:
        """Whether Rumor has freed the call."""
        return self._record.over

    @property
    def data(self) -> Entry:
        """The newest value of every field so far (a copy). The output of a `tool` command is its field ``stdout``."""
        self._session.check_process()
        with self._session.calls.lock:
            return self._record.newest()

    def __repr__(self) -> str:
        command = self._session.mask(self.command, _LOOKED_AT)
        if len(command) > _SHOWN:
            command = f"{command[:_SHOWN]}…"
        return f"<Call {self.id} {command!r} {self._record.state}>"

    # -- life

    def wait(self, timeout: Timeout = DEFAULT) -> Entry:
        """Wait until the command's own part has succeeded; gives `data`. A long-running call goes on behind it.

        Raises CallError if it failed, CallTimeout, ConnectionLost.
        """
        if self._record.state not in SUCCEEDED:
            limit = self._resolve(timeout)
            self._wait(SET_UP, self._set_up, limit, deadline_of(limit), "to be set up")
        return self.data

    def _set_up(self) -> Pending | None:
        state = self._record.state
        if state in BROKEN or state == UNSENT:
            raise self._failed()
        return NOTHING_YET if state == STARTING else None

    def finished(self, timeout: Timeout = DEFAULT) -> Entry:
        """Wait until Rumor has freed the call; gives `data`. A request's steps are taken for that, and stay readable.

        Raises CallError if it failed, CallTimeout, ConnectionLost.
        """
        if self._record.over:
            self._finished()
        else:
            limit = self._resolve(timeout)
            self._wait(OVER_NOW | SET_UP | STEPPED, self._finished, limit, deadline_of(limit), "to end")
        return self.data

    def _finished(self) -> Pending | None:
        if not self._record.over and self._record.state not in BROKEN:
            return self._pending(REQUEST)
        if self._record.failure is not None or self._record.state == UNSENT:
            raise self._failed()
        return None

    def cancel(self, timeout: Timeout = DEFAULT) -> None:
        """Cancel it in Rumor (``_ID cancel``) and wait until it is freed; nothing happens if it is over already.

        Rumor can do that only once the set-up is over: a cancel that comes earlier is held until then, also when
        nobody waits any more. Cancelling one listener of a protocol stops all listeners of that protocol and actor.

        Raises CallTimeout, ConnectionLost, and CallError if Rumor refuses.
        """
        if not self._record.over:
            limit = self._resolve(timeout)
            self._session.cancel(self._record)
            self._wait(OVER_NOW, self._cancelled, limit, deadline_of(limit), "to be freed after cancel")

    def _cancelled(self) -> Pending | None:
        if self._record.over:
            return None
        if self._record.cancel_error is not None:
            raise CallError(reason(self._record.cancel_error), call=self, entry=self._record.cancel_error)
        return NOTHING_YET

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session.inherited:
            return
        try:
            self.cancel(_LEAVE_TIME)
        except (CallTimeout, RumorClosed):
            pass  # it is cancelled as soon as it can be; a closing Rumor does the same
        except ConnectionLost:
            if error is None:
                raise

    # -- steps

    def next(self, timeout: Timeout = DEFAULT) -> Entry:
        """Ask for one step (``_ID next``), and give the fields of the entries that belong to it.

        Raises CallEnded when there are no more; CallError when the step failed (for a response chunk with an error
        code, `.message` is the peer's text and `.entry` the chunk), when the call or request failed, or when the
        command has no steps; CallTimeout, after which the following `next` gets that step; ConnectionLost; DataLost,
        once, if more than 10,000 steps of a listener were left, as readers of its fields alone leave them.
        """
        limit = self._resolve(timeout)
        deadline = deadline_of(limit)
        try:
            while True:  # another thread may be faster
                for step in self._ready_steps(limit, deadline):
                    if step.error is None:
                        return step.fields
                    try:  # Python 3.10 takes notice of a signal behind a jump, but not if it is one to a `try`
                        error, step.error = step.error, None  # or the two would hold each other
                        raise error
                    finally:
                        del error
        except _Over:
            raise self._ended("step") from None

    def _ready_steps(self, limit: float | None, deadline: float | None) -> Iterator[Step]:
        """Wait until there are steps, of which each goes to whoever takes it first: in a loop, see Reader.ready."""
        if self._record.steps is None:
            raise CallError("this command has no steps: read it with entries(), or its fields", call=self)
        return self._wait(STEPPED | SET_UP | OVER_NOW, self._next, limit, deadline, "to give a step")

    def _next(self) -> Iterator[Step] | Pending:
        steps = self._record.steps
        assert steps is not None
        if not length_hint(steps.handed):
            for step in steps.ready:
                if step.failure is not None and step.error is None:
                    step.error = CallError(self._session.mask(step.failure), call=self, entry=step.fields)
                elif step.lost and step.error is None:
                    step.error = DataLost(step.lost, "steps were")
        if steps.hand_over():
            return steps.handed
        if self._record.over or steps.ended:
            raise self._over()
        return self._pending(steps.kind)

    def _pending(self, *kinds: str | None) -> Pending:
        """What to give for waiting: with a `next` to send, if the call's steps are of these kinds and one is due."""
        record = self._record
        steps = record.steps
        if steps is None or steps.kind not in kinds or not record.step_due:
            return NOTHING_YET
        bound = f"{steps.bound()}ms" if steps.kind == REQUEST else ""
        return Pending(next_line(self.id, bound), steps.ask(get_ident()))

    def steps(self, timeout: Timeout = DEFAULT) -> Iterator[Entry]:
        """The steps until the call ends, each asked for when its turn comes (`next`); `timeout` covers each turn.

        A request gives one for having been written, then one per chunk, and ends by itself after the last.
        """
        return self._steps(self._resolve(timeout))

    def _steps(self, limit: float | None) -> Iterator[Entry]:
        while True:
            try:
                ready = self._ready_steps(limit, deadline_of(limit))
            except _Over:
                return
            for step in ready:
                if step.error is None:
                    yield step.fields
                    continue
                try:
                    error, step.error = step.error, None
                    raise error
                finally:
                    del error

    def __iter__(self) -> Iterator[Entry]:
        return self.steps()

    # -- entries and fields

    def entries(self, timeout: Timeout = DEFAULT) -> Iterator[Entry]:
        """Every log entry as Rumor sent it (not the life-cycle marks ``__…``) until the call ends; `timeout` covers
        each turn. A request's steps are taken for that.
        """
        limit = self._resolve(timeout)
        return self._values(None, limit)

    def field(self, name: str) -> Field:
        """The values of a field, also of one whose name is a member of this class."""
        if not isinstance(name, str):
            raise TypeError(f"a field's name is a str, not {type(name).__name__}")
        return Field(self, name)

    def __getattr__(self, name: str) -> Field:
        if name.startswith("_"):
            raise AttributeError(f"a Call has no attribute {name!r}; for a field of that name write field({name!r})")
        member = _NO_FIELDS.get(name)
        if member is not None:
            raise AttributeError(f"a Call has no {name!r}: use {member}; for a field of that name, field({name!r})")
        command = self._command
        if command is not None and not command.has_field(name):
            from pyrum_sync.catalogue.help import field_hint

            raise AttributeError(field_hint(command, name))
        return Field(self, name)

    def __dir__(self) -> Iterable[str]:
        command = self._command
        fields = command.fields if command is not None else ()
        return [*super().__dir__(), *(name for name in fields if name.isidentifier() and not iskeyword(name))]

    def _ready(self, key: str | None, limit: float | None, deadline: float | None) -> Iterator[Any]:
        """Wait until there are values of a field, or entries; each goes to whoever takes it first: in a loop, see
        Reader.ready."""
        record = self._record
        told: Reader | None = None  # of whom it is to be told that something was lost
        lost = 0

        def look() -> Iterator[Any] | Pending:
            nonlocal told, lost
            reader = record.reader(key)
            if length_hint(reader.ready):
                return reader.ready
            if reader.lost:
                told, lost, reader.lost = reader, reader.lost, 0
                return reader.ready
            record.refill(reader)
            if length_hint(reader.ready):
                return reader.ready
            if record.over or (record.steps is not None and record.steps.ended):
                raise self._over()
            return self._pending(*(_ENTRY_STEPS if key is None else _FIELD_STEPS))

        try:
            what = f"for {key}" if key else "for an entry"
            ready = self._wait(DATA | STEPPED | SET_UP | OVER_NOW, look, limit, deadline, what)
            if told is None:
                return ready
            error = _lost(key, lost)
            told = None
            try:
                raise error
            finally:
                del error
        finally:
            if told is not None:  # a signal handler raised before it could be told
                told.lost += lost

    def _values(self, key: str | None, limit: float | None) -> Iterator[Any]:
        """The values of a field, or the entries, until the call ends."""
        while True:
            try:
                ready = self._ready(key, limit, deadline_of(limit))
            except _Over:
                return
            yield from ready

    # -- waiting

    def _resolve(self, timeout: Timeout) -> float | None:
        return self._limit if isinstance(timeout, Default) else checked_timeout(timeout)

    def _wait(
        self, bits: int, look: Callable[[], T | Pending], limit: float | None, deadline: float | None, what: str
    ) -> T:
        try:
            return self._session.wait(self._record, bits, look, deadline)
        except TimeUp:
            raise CallTimeout(f"{self!r}: waited {limit} s {what}", call=self) from None

    def _failed(self) -> CallError:
        record = self._record
        if record.state == UNSENT:
            return CallError("it was never sent", call=self)
        entry = record.failure or {}
        if "__freed" in entry:
            return CallError("Rumor freed it without saying that it succeeded", call=self, entry=entry)
        from pyrum_sync.catalogue.help import error_hint

        message = reason(entry, "__error" if "__error" in entry else "error")
        message += error_hint(self._words._path if self._words is not None else (), message)
        return CallError(self._session.mask(message), call=self, entry=entry)

    def _over(self) -> Exception:
        """Why there is nothing more to read."""
        return self._failed() if self._record.failure is not None or self._record.state == UNSENT else _Over()

    def _ended(self, what: str) -> CallEnded:
        names = ", ".join(self.data) or "none"
        return CallEnded(f"{self!r}: the call ended without another {what}; the fields it gave: {names}")


class _Over(Exception):
    """There is nothing more to read, and nothing went wrong. Loops end with it; who asks for one thing is told more."""


class Field:
    """The values of one field of a call."""

    __slots__ = ("_call", "_name")

    def __init__(self, call: Call, name: str) -> None:
        self._call = call
        self._name = name

    def __repr__(self) -> str:
        return f"<field {self._name!r} of {self._call!r}>"

    def __call__(self, timeout: Timeout = DEFAULT) -> Any:
        """The next unread value. Raises CallEnded if the call ends without another, CallError, CallTimeout,
        ConnectionLost, DataLost.
        """
        call = self._call
        limit = call._resolve(timeout)
        deadline = deadline_of(limit)
        try:
            while True:  # another thread may be faster
                for value in call._ready(self._name, limit, deadline):
                    return value
        except _Over:
            raise call._ended(f"value of {self._name!r}") from None

    def values(self, timeout: Timeout = DEFAULT) -> Iterator[Any]:
        """The values until the call ends; `timeout` covers each turn."""
        limit = self._call._resolve(timeout)
        return self._call._values(self._name, limit)

    def __iter__(self) -> Iterator[Any]:
        return self.values()


def _lost(key: str | None, count: int) -> DataLost:
    return DataLost(count, "unread entries were" if key is None else f"unread values of {key!r} were")
