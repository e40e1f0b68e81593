"""A call, and the ways to read what it logs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from keyword import iskeyword
from operator import length_hint
from weakref import ref

from pyrum_sync.catalogue.tree import LISTENER, REQUEST, SEARCH
from pyrum_sync.client import looks, outcome
from pyrum_sync.client.call_state import CallState, Cursor
from pyrum_sync.client.deadline import DEFAULT, Deadline, Timeout, TimeUp, resolve
from pyrum_sync.client.looks import NOTHING_YET, Over, Pending
from pyrum_sync.client.outcome import Origin
from pyrum_sync.client.phases import DATA, OVER_NOW, SET_UP, STEPPED, SUCCEEDED
from pyrum_sync.client.session import Session
from pyrum_sync.errors import CallError, CallTimeout, ConnectionLost, DataLost, RumorClosed
from pyrum_sync.protocol.entries import Entry, reason
from pyrum_sync.transports.lifecycle import Live

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, TypeVar

    from typing_extensions import Self

    from pyrum_sync.client.field import Field
    from pyrum_sync.client.steps import Step

    T = TypeVar("T")

__all__ = ["Call"]

_SHOWN = 1000  # characters of a field's value in a notebook
_LEAVE_TIME = 1.0  # seconds that leaving a `with` block waits for the call to be freed

# Which steps a reader takes by itself: a request logs nothing further without them. A reader of a listener's entries
# must not take its requests away from those that answer them, but its fields arrive with steps only.
_ENTRY_STEPS = (REQUEST,)
_FIELD_STEPS = (REQUEST, LISTENER, SEARCH)

_READABLE = DATA | STEPPED | SET_UP | OVER_NOW

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


class Call(Live):
    """One command given to Rumor: its state, what it logs, its steps.

    Every reader first returns what had arrived; then it raises CallError if the call failed, ConnectionLost if the
    connection is gone, and at the end of the call a loop ends and a single read raises CallEnded. Each value, step and
    entry is returned once per kind of reader, in Rumor's order, to whichever thread asks first.

    ``call.addr()`` is the next value of the field `addr`, ``for addr in call.addr`` goes through all of them; `field`
    does the same for names that are members of this class.

    Every `timeout` is in seconds (None: for ever, 0: only what is there); left out, it is the Rumor's. When it runs
    out, CallTimeout is raised, nothing is lost, and the next read goes on.
    """

    __slots__ = ("__weakref__", "_limit", "_origin", "_session", "_state")
    _INSTEAD = "pass on its data, or its id, to which another session of the same server can attach"

    def __init__(self, session: Session, state: CallState, limit: float | None, origin: Origin) -> None:
        self._session = session
        self._state = state
        self._limit = limit
        self._origin = origin
        # Weak: a session that held its calls would hold their actors, and with these the Rumor, which then would never
        # be collected while a call runs.
        state.handle = ref(self)
        state.seed = origin.seed

    @property
    def id(self) -> str:
        """The call id, without the leading ``_`` that it has in Rumor's language."""
        return self._state.id

    @property
    def actor(self) -> Any | None:
        """The Actor that runs it; None for an attached call: only its entries name the actor."""
        actor: Any | None = self._origin.actor  # not `Actor`: its commands are typed by the calls that they return
        return actor

    @property
    def command(self) -> str:
        """The whole line that was sent. It holds private keys that were passed; `repr` masks them."""
        return self._state.line

    @property
    def done(self) -> bool:
        """Whether Rumor has freed the call."""
        return self._state.over

    @property
    def data(self) -> Entry:
        """The newest value of every field so far (a copy). The output of a `tool` command is its field ``stdout``."""
        self._session.check_process()
        return self._session.demux.lock.run(self._state.newest)

    def __repr__(self) -> str:
        return f"<Call {outcome.describe(self._state, self._origin, self._session.mask)}>"

    def _repr_html_(self) -> str:
        """How notebooks show it: with the newest value of every field."""
        from pyrum_sync.spec.notebook import table

        mask = self._session.mask
        rows = [(name, mask(f"{name!r}: {value!r}", _SHOWN)) for name, value in self.data.items()]
        return table(repr(self), [(name, text.removeprefix(f"{name!r}: ")) for name, text in rows])

    # -- life

    def wait(self, timeout: Timeout = DEFAULT) -> Entry:
        """Wait until the command's set-up has succeeded. A long-running call goes on after it.

        Returns: `data`.
        Raises: CallError if it failed, CallTimeout, ConnectionLost.
        """
        if self._state.phase not in SUCCEEDED:
            self._wait(SET_UP, partial(looks.set_up, self._state), self._deadline(timeout), "for it to be set up")
        return self.data

    def finished(self, timeout: Timeout = DEFAULT) -> Entry:
        """Wait until Rumor has freed the call. A request's steps are taken for that, and stay readable.

        Returns: `data`.
        Raises: CallError if it failed, CallTimeout, ConnectionLost.
        """
        if self._state.over:
            if looks.failed(self._state):
                raise self._failure()
        else:
            look = partial(looks.finished, self._state)
            self._wait(OVER_NOW | SET_UP | STEPPED, look, self._deadline(timeout), "for it to end")
        return self.data

    def cancel(self, timeout: Timeout = DEFAULT) -> None:
        """Cancel it in Rumor (``_ID cancel``) and wait until it is freed; nothing happens if it is over already.

        Rumor can do that only once the set-up is over: a cancel that comes earlier is held until then, also when
        nobody waits any more. Cancelling one listener of a protocol stops all listeners of that protocol and actor.

        Raises: CallTimeout, ConnectionLost, and CallError if Rumor refuses.
        """
        if not self._state.over:
            deadline = self._deadline(timeout)
            self._session.cancel(self._state)
            self._wait(OVER_NOW, self._cancelled, deadline, "for it to be freed after cancel")

    def _cancelled(self) -> Pending | None:
        if self._state.over:
            return None
        refusal = self._state.cancel_error
        if refusal is not None:
            raise CallError(reason(refusal), call=self, entry=refusal)
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
        """Ask for one step (``_ID next``).

        Returns: the fields of the entries that belong to it.
        Raises: CallEnded when there are no more; CallError when the step failed (for a response chunk with an error
            code, `.message` is the peer's text and `.entry` the chunk), when the call or request failed, or when the
            command has no steps; CallTimeout, after which the following `next` gets that step; ConnectionLost;
            DataLost, once, if more than 10,000 steps of a listener were left, as readers of its fields alone leave
            them.
        """
        deadline = self._deadline(timeout)
        try:
            while True:  # another thread may be faster
                for step in self._ready_steps(deadline):
                    if step.error is None:
                        return step.fields
                    try:  # Python 3.10 takes notice of a signal after a jump, but not if it is one to a `try`
                        error, step.error = step.error, None  # or the two would hold each other
                        raise error
                    finally:
                        del error
        except Over:
            raise outcome.ended(self, self.data, "step") from None

    def _ready_steps(self, deadline: Deadline) -> Iterator[Step]:
        """Wait until there are steps; each goes to the thread that takes it first: in a loop, see Cursor.ready."""
        if self._state.steps is None:
            raise CallError("this command has no steps: read it with entries(), or its fields", call=self)
        return self._wait(STEPPED | SET_UP | OVER_NOW, self._next, deadline, "for a step")

    def _next(self) -> Iterator[Step] | Pending:
        steps = self._state.steps
        assert steps is not None
        if not length_hint(steps.delivered):
            for step in steps.ready:
                if step.failure is not None and step.error is None:
                    step.error = CallError(self._session.mask(step.failure), call=self, entry=step.fields)
                elif step.lost and step.error is None:
                    step.error = DataLost(step.lost, "steps were")
        if steps.deliver():
            return steps.delivered
        if self._state.over or steps.ended:
            raise looks.at_end(self._state)
        return looks.pending(self._state, steps.kind)

    def steps(self, timeout: Timeout = DEFAULT) -> Iterator[Entry]:
        """The steps until the call ends, each asked for when its turn comes (`next`); `timeout` covers each turn.

        A request has one for having been written, then one per chunk, and ends by itself after the last.
        """
        return self._steps(resolve(timeout, self._limit))

    def _steps(self, limit: float | None) -> Iterator[Entry]:
        while True:
            try:
                ready = self._ready_steps(Deadline(limit))
            except Over:
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
        from pyrum_sync.client.field import each  # many scripts do without

        return each(None, self._ready, resolve(timeout, self._limit))

    def field(self, name: str) -> Field:
        """The values of a field, also of one whose name is a member of this class."""
        if not isinstance(name, str):
            raise TypeError(f"a field's name must be a str, not {type(name).__name__}")
        from pyrum_sync.client.field import Field

        return Field(self, name, self._ready, self._limit)

    def __getattr__(self, name: str) -> Field:
        if name.startswith("_"):
            raise AttributeError(f"a Call has no attribute {name!r}; for a field of that name write field({name!r})")
        member = _NO_FIELDS.get(name)
        if member is not None:
            raise AttributeError(f"a Call has no {name!r}: use {member}; for a field of that name, field({name!r})")
        command = self._origin.command
        if command is not None and not command.has_field(name):
            from pyrum_sync.catalogue.help import field_hint

            raise AttributeError(field_hint(command, name))
        return self.field(name)

    def __dir__(self) -> Iterable[str]:
        command = self._origin.command
        fields = command.fields if command is not None else ()
        return [*super().__dir__(), *(name for name in fields if name.isidentifier() and not iskeyword(name))]

    def _ready(self, key: str | None, deadline: Deadline) -> Iterator[Any]:
        """Wait until there are values of a field, or entries; each goes to the thread that takes it first: in a loop,
        see Cursor.ready."""
        state = self._state
        short: Cursor | None = None  # whose loss is to be reported
        lost = 0

        def look() -> Iterator[Any] | Pending:
            nonlocal short, lost
            cursor = state.cursor(key)
            if length_hint(cursor.ready):
                return cursor.ready
            if cursor.lost:
                short, lost, cursor.lost = cursor, cursor.lost, 0
                return cursor.ready
            state.refill(cursor)
            if length_hint(cursor.ready):
                return cursor.ready
            if state.over or (state.steps is not None and state.steps.ended):
                raise looks.at_end(state)
            return looks.pending(state, *(_ENTRY_STEPS if key is None else _FIELD_STEPS))

        try:
            ready = self._wait(_READABLE, look, deadline, f"for {key}" if key else "for an entry")
            if short is None:
                return ready
            error = _lost(key, lost)
            short = None
            try:
                raise error
            finally:
                del error
        finally:
            if short is not None:  # a signal handler raised before it could be reported
                short.lost += lost

    # -- waiting

    def _deadline(self, timeout: Timeout) -> Deadline:
        return Deadline(resolve(timeout, self._limit))

    def _wait(self, bits: int, look: Callable[[], T | Pending], deadline: Deadline, what: str) -> T:
        try:
            return self._session.wait(self._state, bits, look, deadline)
        except TimeUp:
            raise outcome.timeout(self, deadline, what) from None
        except looks.Failed:
            raise self._failure() from None
        except looks.CutShort:
            raise self._session.lost(self._session.cause) from None

    def _failure(self) -> CallError:
        return outcome.failure(self, self._state, self._origin, self._session.mask)


def _lost(key: str | None, count: int) -> DataLost:
    return DataLost(count, "unread entries were" if key is None else f"unread values of {key!r} were")
