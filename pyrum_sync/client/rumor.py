"""Rumor and its actors, as attributes to call. Taste, no machinery."""

from __future__ import annotations

import warnings
import weakref
from collections.abc import Callable, Iterable
from functools import cached_property, partial
from types import TracebackType

from pyrum_sync.catalogue import tree
from pyrum_sync.client.call import DEFAULT, Call, Default, Timeout, checked_timeout, deadline_of
from pyrum_sync.client.call_state import ANYTHING, ATTACHING, OVER_NOW, SET_UP, SUCCEEDED, UNSENT, Record
from pyrum_sync.client.debug import wire_log
from pyrum_sync.client.session import NOTHING_YET, Pending, Session, TimeUp, claim
from pyrum_sync.client.steps import Steps
from pyrum_sync.errors import CallEnded, CallError, CallTimeout, ConnectionLost, ShellError, UnknownCommand
from pyrum_sync.protocol import redaction as masking
from pyrum_sync.protocol.entries import Entry, reason
from pyrum_sync.protocol.lines import actor_name, attach_line, call_line, call_name, flag, quote, tool_line, verb_line
from pyrum_sync.protocol.values import checked, to_duration, to_text
from pyrum_sync.transports.base import Link, SendTimeout

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from inspect import Signature
    from typing import Any

    from typing_extensions import Self

    from pyrum_sync.client.stubs import Roots
    from pyrum_sync.protocol.engine_info import EngineInfo
    from pyrum_sync.protocol.script import ShellResult
    from pyrum_sync.transports.custom import LineConn
else:
    Roots = object  # the commands, with types for mypy and editors


class Rumor(Roots):
    """A Rumor, reached over `conn`, which is opened and, with this object, closed.

    `timeout` (seconds; None: for ever, 0: only what is there) is the default for every blocking method of this object,
    its actors and calls. Unread entries are kept up to `max_unread` for each call and `max_unread_bytes` in all; a line
    longer than `max_line` bytes ends the connection. `keep_calls` leaves running calls alone when closing (on a server
    they live on). `debug` shows both directions on stderr, through the logger ``pyrum_sync``.

    Rumor keeps what calls log for ever, as variables of its shell (1.2 to 1.6 KiB for each small call).
    `clear_log_data_every` tells it after every so many finished calls to forget that of finished calls. No call loses
    anything by it: these variables are for scripts alone, and what is still to come of a call does not go through them.
    But the whole server forgets, so also scripts of other sessions can no longer refer to finished calls; and of a call
    that starts at that very moment the variables may be lost, too. A script run by `shell` can refer to the calls that
    it makes: nothing is forgotten while one runs, unless its time-out has passed.

    Raises HandshakeError if the other side is no Rumor at trace level, RumorNotFound if there is no such program,
    ValueError if `conn` has served another Rumor.

    Commands are attribute chains: ``rumor.host.start(nat=False)`` runs on Rumor's default actor,
    ``rumor.actor("alice").host.start(nat=False)`` on that of the given name.
    """

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
        session = Session(
            conn if isinstance(conn, Link) else _adapted(conn),
            mask=masking.Mask(),
            log=wire_log(debug),
            max_unread=max_unread,
            max_unread_bytes=max_unread_bytes,
            max_line=max_line,
            keep_calls=keep_calls,
            clear_log_data_every=clear_log_data_every,
        )
        self._session = session
        # As long as somebody has them, so that names without end take no memory.
        self._actors: weakref.WeakValueDictionary[str, Actor] = weakref.WeakValueDictionary()
        self._default = Actor(self, "", self._timeout)
        self.nowait = self._default.nowait
        """Commands of the default actor that return their Call at once."""
        session.open()

    # -- actors and commands

    def actor(self, name: str) -> Actor:
        """The Actor of that name, always the same object; ValueError for a name that cannot be one."""
        found = self._actors.get(name) if type(name) is str else None
        if found is None:
            name = actor_name(name)
            with self._session.calls.lock:
                found = self._actors.setdefault(name, Actor(self, name, self._timeout))
        return found

    def within(self, timeout: float | None) -> Actor:
        """The default actor, with a limit of `timeout` seconds on each blocking call."""
        return self._default.within(timeout)

    if not TYPE_CHECKING:  # else any misspelt command would pass

        def __getattr__(self, name: str) -> Words:
            if name.startswith("_"):  # our own, which may be missing yet
                raise _no_command(name)
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
        with self._session.calls.lock:
            owners = [record.owner for record in list(self._session.calls.records.values())]
        return {call.id: call for call in owners if call is not None}

    def attach(self, call_id: str, timeout: Timeout = DEFAULT) -> Call:
        """A Call for one that another session of the same server started (``_ID lvl_trace``): its entries from now on.

        Whether its set-up is over cannot be known, so its `wait` returns at once. Raises CallEnded if the server has no
        such running call, CallTimeout, ConnectionLost; ValueError for what cannot be a call id.
        """
        call_id = call_name(call_id)
        session = self._session
        limit = self._resolve(timeout)
        deadline = deadline_of(limit)
        while True:
            session.check()
            call: Call | None = None
            mine: Record | None = None
            try:
                with session.calls.lock:
                    record = session.calls.records.get(call_id)
                    call = record.owner if record is not None else None
                    if record is None or call is None:  # several threads may ask at once: one sends it, all wait
                        record = mine = Record(call_id, attach_line(call_id), Steps(None), ATTACHING)
                        call = Call(session, mine, self._timeout)
                        session.calls.records[call_id] = mine
                if mine is not None:
                    session.start(mine, deadline)
                session.wait(record, ANYTHING, partial(_attached, record), deadline)
            except BaseException as error:
                if mine is not None:
                    try:
                        session.forget(mine)
                    finally:
                        session.forget(mine)  # again, as a signal may have stopped the first one
                if isinstance(error, (TimeUp, SendTimeout)):
                    raise CallTimeout(f"{call!r}: waited {limit} s to be attached", call=call) from None
                raise
            if record.state == UNSENT:
                continue  # the thread that sent it has given up
            if record.over:
                raise CallEnded(f"the server has no running call {call_id!r}")
            return call

    def shell(self, script: str, timeout: Timeout = DEFAULT, check: bool = True) -> ShellResult:
        """Run text of Rumor's shell: several lines, variables, control flow. Other calls go on meanwhile.

        Each script stands alone: its variables and ``cd`` end with it; a syntax error or ``exit`` in it harms nothing.
        The entries of calls that have no id of ours are the script's: of two scripts at once, each gets both's.

        Raises ShellError for an exit status other than 0 unless `check` is False, CallTimeout (the script goes on),
        ConnectionLost, ValueError for text that cannot be sent.
        """
        from pyrum_sync.protocol.script import Transcript, script_line

        session = self._session
        limit = self._resolve(timeout)
        deadline = deadline_of(limit)
        call_id = session.new_id()
        transcript = Transcript(call_id)
        record = Record(call_id, script_line(call_id, checked(script, "script")))
        session.mask.learn_from(script)
        record.foreign = True  # no call of its own: nothing to cancel

        def listen(entry: Entry, size: int) -> Record | None:  # noqa: ARG001
            if transcript.over:  # what it gave is told, however late this thread looks
                return None
            if "call_id" in entry:
                transcript.result.entries.append(entry)
            elif not isinstance(text := entry.get("stdout"), str) or not transcript.take(text):
                return None
            return record

        def look() -> ShellResult | Pending:
            return transcript.result if transcript.over else NOTHING_YET

        try:
            result = session.exchange(record, listen, ANYTHING, look, deadline, script=True)
            session.calls.count_freed(transcript.calls())
            session.mask.learn_made(result.entries)
            result.mask = session.mask
        except (TimeUp, SendTimeout):
            raise CallTimeout(f"waited {limit} s for a shell script to end; it goes on in Rumor") from None
        if check and result.status != 0:
            said = session.mask(result.stderr.strip() or "it wrote nothing to stderr")
            raise ShellError(f"the script ended with exit status {result.status}: {said}", result=result)
        return result

    # -- life

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._session.closed

    def close(self) -> None:
        """Cancel our running calls (unless `keep_calls`), tell Rumor `exit`, and close the connection.

        Every waiting thread gets RumorClosed. Takes a bounded time, may be called from any thread, from a signal
        handler, and again.
        """
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        session = self.__dict__.get("_session")
        if session is not None and session.abandon():
            warnings.warn("unclosed Rumor: use `with Rumor(…)`, or close()", ResourceWarning, stacklevel=2, source=self)

    @property
    def engine(self) -> EngineInfo | None:
        """Which engine the other side is: its name, version and network. None for a Go Rumor."""
        return self._session.engine

    # -- what actors use

    def _resolve(self, timeout: Timeout) -> float | None:
        return self._timeout if isinstance(timeout, Default) else checked_timeout(timeout)

    def _verb(
        self, actor: Actor, verb: str, limit: float | None, listen: Callable[[Entry], None] | None = None
    ) -> Record:
        """Run a verb of Rumor's sessions, which have no completion entry, and wait until it is done. Gives the record
        of the harmless call behind it, which the default actor runs.
        """
        session = self._session
        call_id = session.new_id()
        record = Record(call_id, verb_line(call_id, actor.name, verb))

        def heard(entry: Entry, size: int) -> Record | None:  # noqa: ARG001
            if listen is not None:
                listen(entry)
            return None  # the end of the harmless call is what is waited for

        def look() -> Pending | None:
            if record.error is not None:
                raise CallError(f"{verb}: {reason(record.error)}", entry=record.error)
            return None if record.over else NOTHING_YET

        try:
            session.exchange(record, heard, OVER_NOW, look, deadline_of(limit))
        except (TimeUp, SendTimeout):
            raise CallTimeout(f"waited {limit} s for {verb!r} of {actor!r}") from None
        return record


def _attached(record: Record) -> Pending | None:
    return NOTHING_YET if record.state == ATTACHING else None


def _adapted(conn: LineConn) -> Link:
    from pyrum_sync.transports.custom import LineLink

    return LineLink(conn)


class Remembers:
    """Has attributes that are made when first asked for; the words of the catalogue are kept, to be asked for again."""

    def _make(self, word: str) -> Words:
        """What stands for a word of Rumor's."""
        raise NotImplementedError

    if not TYPE_CHECKING:  # else any misspelt command would pass

        def __getattr__(self, name: str) -> Words:
            if name.startswith("_"):  # our own, which may be missing yet
                raise _no_command(name)
            word = _dashed(name)
            found = self._make(word)
            if found._node is not None and found._node.path[-1] == word:  # else names without end would be kept
                self.__dict__[name] = found
            return found


class Actor(Remembers, Roots):
    """A libp2p host of Rumor, and the commands that it runs: ``actor.host.listen(ip="127.0.0.1", tcp=9001)``.

    `_` in names becomes `-`, a trailing `_` is dropped, and ``actor["some-word"]`` takes any word as it is. Positional
    arguments are Rumor's arguments, keyword arguments its flags (None leaves one out). A command blocks until its
    set-up has succeeded and returns its Call; it raises CallError if that fails, CallTimeout (the call is cancelled
    then, as soon as Rumor can), TypeError or ValueError for values that have no form in Rumor.
    """

    def __init__(self, rumor: Rumor, name: str, limit: float | None) -> None:
        self._rumor = rumor
        self._limit = limit
        self.name = name
        """Its name in Rumor; "" for the default actor."""
        self.nowait = Commands(self, wait=False)
        """The same commands, which return their Call at once. Rumor may run calls started so in any order."""

    @property
    def engine(self) -> EngineInfo | None:
        """The engine that it lives in, as `Rumor.engine`."""
        return self._rumor.engine

    def within(self, timeout: float | None) -> Actor:
        """The same actor, with a limit of `timeout` seconds on each blocking call."""
        return Actor(self._rumor, self.name, checked_timeout(timeout))

    def kill(self, timeout: Timeout = DEFAULT) -> None:
        """Stop all it does and forget it (``kill``). Raises CallTimeout, ConnectionLost."""
        self._rumor._verb(self, "kill", self._resolve(timeout))

    def me(self, timeout: Timeout = DEFAULT) -> None:
        """Make it Rumor's default actor for this connection (``me``), for all threads. Raises CallTimeout,
        ConnectionLost.
        """
        self._rumor._verb(self, "me", self._resolve(timeout))

    def calls(self, timeout: Timeout = DEFAULT) -> dict[str, Any]:
        """Its running calls, of all sessions of the server, as Rumor tells them (``calls``): by call id, a dict with
        ``actor`` and ``args``. Raises CallTimeout, ConnectionLost.
        """
        told: dict[str, dict[str, Any]] = {}

        def listen(entry: Entry) -> None:
            calls, name = entry.get("calls"), entry.get("actor")
            if isinstance(calls, dict) and isinstance(name, str):
                told[name] = calls

        record = self._rumor._verb(self, "calls", self._resolve(timeout), listen)
        return told.get(self.name or record.actor, {})

    def _resolve(self, timeout: Timeout) -> float | None:
        return self._limit if isinstance(timeout, Default) else checked_timeout(timeout)

    def _make(self, word: str) -> Command:
        found: Command = _first(self, word, True)
        return found

    def __getitem__(self, word: str) -> Command:
        return self._make(_plain(word))

    def __dir__(self) -> Iterable[str]:
        return [*super().__dir__(), *tree.roots()]

    def __repr__(self) -> str:
        return f"<Actor {self.name!r}>" if self.name else "<Actor: the default one>"


class Commands(Remembers, Roots):
    """The commands of an actor that return their Call at once."""

    def __init__(self, actor: Actor, *, wait: bool) -> None:
        self._actor = actor
        self._wait = wait

    def _make(self, word: str) -> Command:
        found: Command = _first(self._actor, word, self._wait)
        return found

    def __getitem__(self, word: str) -> Command:
        return self._make(_plain(word))

    def __dir__(self) -> Iterable[str]:
        return tree.roots()

    def __repr__(self) -> str:
        return f"<nowait of {self._actor!r}>"


class _Doc:
    """The text of a class, and another one for each of its instances."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __get__(self, words: Words | None, owner: type) -> str:
        return self._text if words is None else words._help()


class Words(Remembers):
    """Words of a command so far; more are its attributes."""

    def __init__(self, actor: Actor, path: tuple[str, ...], node: tree.Node | None, wait: bool) -> None:
        self._actor = actor
        self._path = path
        self._node = node  # None where the catalogue knows no more
        self._wait = wait

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Command: ...

    def __getitem__(self, word: str) -> Command:
        return self._make(_plain(word))

    def _make(self, word: str) -> Command:
        node = self._node.child(word) if self._node is not None else None
        if node is None:
            word = _plain(word)
        # A group has all of Command that is asked of it, save that it cannot be called.
        found: Any = _words_at(self._actor, (*self._path, word), node, self._wait)
        command: Command = found
        return command

    def __dir__(self) -> Iterable[str]:
        return self._node.words() if self._node is not None else []

    def _help(self) -> str:
        if self._node is None:
            return "Not in the catalogue: what it does, Rumor knows."
        from pyrum_sync.catalogue.help import describe

        return describe(self._node)

    __doc__: Any = _Doc(__doc__)


class Group(Words):
    """A group of commands: they are its attributes. To call it would mean nothing."""

    __doc__: Any = _Doc(__doc__)

    def __repr__(self) -> str:
        return f"<commands {masking.hide(' '.join(self._path))!r} of {self._actor!r}>"


class Command(Words):
    """A command: calling it runs it. Positional arguments are Rumor's arguments, keyword arguments its flags."""

    __doc__: Any = _Doc(__doc__)

    def __call__(self, *args: Any, **flags: Any) -> Call:
        """Run the command in Rumor with these arguments and flags."""
        line, kind = self._line(args, flags) if args or flags else self._bare
        rumor, limit = self._actor._rumor, self._actor._limit
        session = rumor._session
        call_id = session.new_id()
        record = Record(call_id, call_id.join(line), Steps(kind) if kind is not None else None)
        if len(line) > 2:
            record.held = []  # a tool's: its output comes behind its end
        call = Call(session, record, rumor._timeout, self)
        try:
            try:
                deadline = deadline_of(limit)
                if not self._wait:
                    session.start(record, deadline)
                    return call
                session.call(record, SET_UP, deadline)
                if record.state not in SUCCEEDED:
                    session.wait(record, SET_UP, call._set_up, deadline)
                return call
            except (TimeUp, SendTimeout):
                session.cancel(record)
                raise CallTimeout(f"{call!r}: waited {limit} s to be set up", call=call) from None
        except (CallError, CallTimeout, ConnectionLost):
            raise
        except BaseException as error:  # Ctrl-C, or what a signal handler raises
            session.give_up(record)
            error.call = call  # type: ignore[attr-defined]
            raise

    @cached_property
    def _bare(self) -> tuple[tuple[str, ...], str | None]:
        """The line without arguments and flags, put together once."""
        return self._line((), {})

    @cached_property
    def _command(self) -> tree.Command | None:
        """What the catalogue knows of it."""
        return self._node.command if self._node is not None else tree.command_of(self._path)

    def _line(self, args: tuple[Any, ...], options: dict[str, Any]) -> tuple[tuple[str, ...], str | None]:
        """The line, as what stands around the call id, and the kind of steps that the call will have."""
        path, command = self._path, self._command
        words, flags = _more_words(path, command, args, options)
        for name in masking.SECRET_FLAGS & flags.keys():
            self._actor._rumor._session.mask.learn(flags[name])
        kind = command.steps(flags) if command is not None else tree.steps_of(path, flags)
        form = tool_line if path[0] == "tool" else call_line
        return form(self._actor.name, [*map(quote, path), *words]), kind

    @property
    def __signature__(self) -> Signature:
        if self._node is None or self._node.command is None:
            raise AttributeError("__signature__")
        from pyrum_sync.catalogue.help import signature

        return signature(self._node.command)

    def __repr__(self) -> str:
        return f"<command {masking.hide(' '.join(self._path))!r} of {self._actor!r}>"


def _words_at(actor: Actor, path: tuple[str, ...], node: tree.Node | None, wait: bool) -> Words:
    if node is not None and node.command is None:
        return Group(actor, path, node, wait)
    return Command(actor, path, node, wait)


def _first(actor: Actor, word: str, wait: bool) -> Any:
    """The first word of a command: any other would be run as a program of the operating system."""
    node = tree.tree().children.get(word)
    if node is None:
        from pyrum_sync.catalogue.help import root_hint

        raise UnknownCommand(f"Rumor has no command {word!r}: {root_hint(word)}")
    return _words_at(actor, (word,), node, wait)


def _no_command(name: str) -> UnknownCommand:
    return UnknownCommand(f"Rumor has no command {name!r}")


def _dashed(name: str) -> str:
    """An attribute as Rumor writes the word."""
    name = str.__str__(name)  # not what a class of its own makes of it
    # IPython calls the `getdoc` of whatever it shows.
    if name.startswith("_") or name == "getdoc":
        raise _no_command(name)
    return tree.dashed(name)


def _plain(word: str) -> str:
    if not isinstance(word, str):
        raise TypeError(f"a word of a command is a str, not {type(word).__name__}")
    if not word:
        raise ValueError("a word of a command cannot be empty")
    return checked(str.__str__(word), "a word of a command")


def _more_words(
    path: tuple[str, ...], command: tree.Command | None, args: tuple[Any, ...], options: dict[str, Any]
) -> tuple[list[str], dict[str, str]]:
    """The shell words of a command behind its path, and its flags by their names in Rumor, as text."""
    given = {}
    for key, value in options.items():
        name = str.__str__(key)  # not what a class of its own makes of it
        if not name.isidentifier():
            checked(name, "the name of a flag")
            if "=" in name:
                raise ValueError(f"the name of a flag: Rumor would take what follows the '=' in {name!r} for its value")
        if value is not None:
            given[tree.dashed(name)] = value
    if command is None:
        flags = {name: to_text(value, f"flag {name}") for name, value in given.items()}
        texts = [to_text(value, f"argument {number}") for number, value in enumerate(args, 1)]
    else:
        durations = command.durations
        flags = {
            name: (to_duration if name in durations else to_text)(value, f"flag {name}")
            for name, value in given.items()
        }
        behind = path[len(command.path) :]  # to Rumor these are arguments, too
        free = command.free(given)
        for word, argument in zip(behind, free, strict=False):
            if argument.name in durations:
                to_duration(word, f"argument {argument.name}")
        names = [argument.name for argument in free[len(behind) :]] if durations else ()
        texts = [
            (to_duration if number <= len(names) and names[number - 1] in durations else to_text)(
                value, f"argument {number}"
            )
            for number, value in enumerate(args, 1)
        ]
        if len(behind) + len(args) > len(free) and not (free and free[-1].rest):
            from pyrum_sync.catalogue.help import too_many

            raise TypeError(too_many(command, free, len(behind) + len(args)))
    words = [flag(name, text) for name, text in flags.items()]
    # Else Rumor takes a first `help` as a wish, and what begins with a dash as a flag.
    if texts and (texts[0] == "help" or any(text.startswith("-") for text in texts)):
        words.append("--")
    words += [quote(text) for text in texts]
    return words, flags
