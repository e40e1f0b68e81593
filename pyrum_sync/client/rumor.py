"""Rumor: what users hold of a connection."""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from functools import partial
from types import TracebackType

from pyrum_sync.catalogue import tree
from pyrum_sync.client import forks as forks  # noqa: PLC0414 # for what it registers
from pyrum_sync.client.call import Call
from pyrum_sync.client.commands import Actor, Client, Command, no_command
from pyrum_sync.client.deadline import DEFAULT, Deadline, Timeout, checked_timeout, resolve
from pyrum_sync.client.debug import wire_log
from pyrum_sync.client.keeper import Keeper
from pyrum_sync.client.outcome import Origin, elsewhere
from pyrum_sync.client.session import Session
from pyrum_sync.protocol.lines import actor_name
from pyrum_sync.protocol.redaction import Mask
from pyrum_sync.transports.lifecycle import Live, claim
from pyrum_sync.transports.link import Link

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from typing_extensions import Self

    from pyrum_sync.client.call_state import CallState
    from pyrum_sync.client.stubs import Roots
    from pyrum_sync.protocol.engine_info import EngineInfo
    from pyrum_sync.protocol.script import ShellResult
    from pyrum_sync.transports.custom import LineConn
else:
    Roots = object  # the commands, with types for mypy and editors


__all__ = ["Actor", "Rumor"]


class Rumor(Live, Roots):
    """A Rumor, reached over `conn`, which is opened and, with this object, closed.

    Commands are attribute chains: ``rumor.host.start(nat=False)`` runs on Rumor's default actor,
    ``rumor.actor("alice").host.start(nat=False)`` on that of the given name.

    Rumor keeps what calls log for ever, as variables of its shell (1.2 to 1.6 KiB for each small call).
    `clear_log_data_every` makes it forget that of finished calls. No call loses anything by it: these variables are for
    scripts alone, and what is still to come of a call does not go through them. But the whole server forgets, so
    scripts of other sessions, too, can no longer refer to finished calls; and of a call that starts at that very moment
    the variables may be lost as well. A script run by `shell` can refer to the calls that it makes: nothing is lost
    while one runs, unless its time-out has passed.

    Args:
        conn: the connection: one of this library's, or any object with `open`, `send_line`, `recv_line` and `close`.
        debug: show both directions on stderr, through the logger ``pyrum_sync``.
        timeout: the default for every blocking method of this object, its actors and calls, in seconds (None: for
            ever, 0: only what is there).
        max_unread: how many unread entries of a call are kept.
        max_unread_bytes: how much of them in all calls together, in bytes.
        max_line: a line that is longer ends the connection, in bytes.
        keep_calls: leave running calls alone when closing (on a server they live on).
        clear_log_data_every: after each N finished calls, make Rumor forget the data of finished calls.
    Raises: HandshakeError if the other side is not a Rumor at trace level, RumorNotFound if there is no such program,
        ValueError if `conn` has served another Rumor.
    """

    _INSTEAD = "open a new one there, on a new connection"

    def __init__(
        self,
        conn: Link | LineConn,
        *,
        debug: bool = False,
        timeout: float | None = None,
        max_unread: int = 100_000,
        max_unread_bytes: int = 64 * 1024 * 1024,
        max_line: int = 256 * 1024 * 1024,
        keep_calls: bool = False,
        clear_log_data_every: int | None = None,
    ) -> None:
        self._timeout = checked_timeout(timeout)
        for name, value in (
            ("max_unread", max_unread),
            ("max_unread_bytes", max_unread_bytes),
            ("max_line", max_line),
            ("clear_log_data_every", clear_log_data_every),
        ):
            if value is not None and not value > 0:
                raise ValueError(f"{name} must be more than 0, got {value!r}")
        claim(conn)
        self._session = Session(
            conn if isinstance(conn, Link) else _adapted(conn),
            mask=Mask(),
            log=wire_log(debug),
            max_unread=max_unread,
            max_unread_bytes=max_unread_bytes,
            max_line=max_line,
            clear_log_data_every=clear_log_data_every,
        )
        keeper = Keeper(self._session, keep_calls=keep_calls)
        self._keeper = keeper
        # Only while they are held, so that names without end take no memory.
        self._actors: weakref.WeakValueDictionary[str, Actor] = weakref.WeakValueDictionary()
        self._client = Client(self._session, self._timeout, self)
        self._default = Actor(self._client, "", self._timeout)
        self.nowait = self._default.nowait
        """Commands of the default actor that return their Call at once."""
        keeper.open()

    # -- actors and commands

    def actor(self, name: str) -> Actor:
        """The Actor of that name, always the same object; ValueError for a name that cannot be one."""
        found = self._actors.get(name) if type(name) is str else None
        if found is None:
            name = actor_name(name)
            new = partial(self._actors.setdefault, name, Actor(self._client, name, self._timeout))
            found = self._session.demux.lock.run(new)
        return found

    def within(self, timeout: float | None) -> Actor:
        """The default actor, with a limit of `timeout` seconds on each blocking call."""
        return self._default.within(timeout)

    if not TYPE_CHECKING:  # or any misspelt command would pass

        def __getattr__(self, name: str) -> Command:
            if name.startswith("_"):  # our own, which may be missing yet
                raise no_command(name)
            return getattr(self._default, name)

    def __dir__(self) -> Iterable[str]:
        return [*super().__dir__(), *tree.roots()]

    def __repr__(self) -> str:
        return f"<Rumor {'closed' if self.closed else 'open'}>"

    # -- calls

    @property
    def calls(self) -> dict[str, Call]:
        """The calls that are not freed yet, by id (a snapshot)."""
        self._session.check_process()
        return {state.id: self._handle(state) for state in self._session.demux.users()}

    def _handle(self, state: CallState) -> Call:
        """The Call that stands for a state; a new one, if its user has dropped it."""

        def handle() -> Call:  # one for all threads
            call: Call | None = state.handle() if state.handle is not None else None
            if call is None:
                origin = elsewhere(self)
                if state.seed is not None:
                    name, path, command = state.seed
                    origin = Origin(self.actor(name) if name else self._default, path, command)
                call = Call(self._session, state, self._timeout, origin)
            return call

        return self._session.demux.lock.run(handle)

    def attach(self, call_id: str, timeout: Timeout = DEFAULT) -> Call:
        """Attach to a call that another session of the same server started (``_ID lvl_trace``).

        Whether its set-up is over cannot be known, so its `wait` returns at once.

        Returns: a Call with its entries from now on.
        Raises: CallEnded if the server has no such running call, CallTimeout, ConnectionLost; ValueError for what
            cannot be a call id.
        """
        from pyrum_sync.client.attach import attach

        return attach(self._session, call_id, Deadline(resolve(timeout, self._timeout)), self._handle)

    def shell(self, script: str, timeout: Timeout = DEFAULT, check: bool = True) -> ShellResult:
        """Run text of Rumor's shell: several lines, variables, control flow. Other calls go on meanwhile.

        Each script stands alone: its variables and ``cd`` end with it; a syntax error or ``exit`` in it harms nothing.
        Its entries are those of the calls that it makes, and of its lines that failed. Of two scripts at once, the
        second waits until the first has ended: Rumor does not say which script a call belongs to. (So what a script
        that outlasts its time-out still does can be among the entries of the next.)

        Returns: its output, entries and exit status.
        Raises: ShellError for an exit status other than 0 unless `check` is False, CallTimeout (the script goes on),
            ConnectionLost, ValueError for text that cannot be sent.
        """
        from pyrum_sync.client.scripts import run_script

        return run_script(self._session, script, Deadline(resolve(timeout, self._timeout)), check=check)

    # -- life

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._keeper.closed

    def close(self) -> None:
        """Cancel our running calls (unless `keep_calls`), send `exit` to Rumor, and close the connection.

        Every waiting thread gets RumorClosed. Takes a bounded time, may be called from any thread, from a signal
        handler, and again.
        """
        self._keeper.close()

    @property
    def engine(self) -> EngineInfo | None:
        """Which engine the other side is: its name, version and network. None for a Go Rumor."""
        return self._session.engine

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        keeper = self.__dict__.get("_keeper")
        if keeper is not None and keeper.abandon():
            import warnings  # slow to import

            warnings.warn("unclosed Rumor: use `with Rumor(…)`, or close()", ResourceWarning, stacklevel=2, source=self)


def _adapted(conn: LineConn) -> Link:
    from pyrum_sync.transports.custom import LineLink

    return LineLink(conn)
