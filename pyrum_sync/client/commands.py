"""Rumor's commands as attribute chains: ``actor.host.listen(tcp=9001)``.

A chain begins at an Actor (or its `nowait`), every attribute is one more word, and calling it runs the command.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache, cached_property

from pyrum_sync.catalogue import tree
from pyrum_sync.client.arguments import shell_words
from pyrum_sync.client.call import Call
from pyrum_sync.client.deadline import DEFAULT, Deadline, Timeout, checked_timeout, resolve
from pyrum_sync.client.launch import Form, launch
from pyrum_sync.client.outcome import Origin
from pyrum_sync.client.session import Session
from pyrum_sync.errors import UnknownCommand
from pyrum_sync.protocol import lines
from pyrum_sync.protocol.entries import Entry
from pyrum_sync.protocol.redaction import SECRET_FLAGS, hide
from pyrum_sync.protocol.values import checked
from pyrum_sync.transports.lifecycle import Live

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from inspect import Signature
    from typing import Any

    from typing_extensions import Self

    from pyrum_sync.client.call_state import CallState
    from pyrum_sync.client.stubs import Roots
    from pyrum_sync.protocol.engine_info import EngineInfo
else:
    Roots = object  # the commands, with types for mypy and editors


class Client:
    """What the actors of a Rumor share: its session, and the time limit of its methods."""

    __slots__ = ("keep", "session", "timeout")

    def __init__(self, session: Session, timeout: float | None, keep: object) -> None:
        self.session = session
        self.timeout = timeout
        self.keep = keep  # the Rumor: it must not be collected, and so closed, while one of its actors is held


class Runner:
    """How the commands of a chain are run: on which actor, for how long, and whether anything is waited for."""

    __slots__ = ("actor", "default", "limit", "session", "wait")

    def __init__(self, client: Client, actor: Actor, limit: float | None, *, wait: bool) -> None:
        self.session = client.session
        self.actor = actor
        self.limit = limit
        self.wait = wait
        self.default = client.timeout  # the limit of the methods of a call


class Chain(Live):
    """Has attributes that are made when first asked for; the words of the catalogue are kept, to be asked for again."""

    _INSTEAD = "open a new Rumor there, and take its actors"

    def __copy__(self) -> Self:  # one more object for the same words of the same Rumor
        again = object.__new__(type(self))
        again.__dict__.update(self.__dict__)
        return again

    def _next(self, word: str) -> tuple[Command, bool]:
        """What stands for a further word of Rumor's, and whether it is one of the catalogue's own."""
        raise NotImplementedError

    if not TYPE_CHECKING:  # or any misspelt command would pass

        def __getattr__(self, name: str) -> Words:
            if name.startswith("_"):  # our own, which may be missing yet
                raise no_command(name)
            found, known = self._next(_dashed(name))
            if known:  # otherwise names without end would be kept
                self.__dict__[name] = found
            return found

    def __getitem__(self, word: str) -> Command:
        return self._next(_plain(word))[0]


class _Start(Chain):
    """Where chains begin."""

    @property
    def _runner(self) -> Runner:
        raise NotImplementedError

    def _next(self, word: str) -> tuple[Command, bool]:
        """The first word of a command: any other would be run as a program of the operating system."""
        node = tree.tree().child(word)
        if node is None:
            from pyrum_sync.catalogue.help import root_hint

            raise UnknownCommand(f"Rumor has no command {word!r}: {root_hint(word)}")
        return _words_at(self._runner, (word,), node)


class Actor(_Start, Roots):
    """A libp2p host of Rumor, and the commands that it runs: ``actor.host.listen(ip="127.0.0.1", tcp=9001)``.

    `_` in names becomes `-`, a trailing `_` is dropped, and ``actor["some-word"]`` takes any word as it is. Positional
    arguments are Rumor's arguments, keyword arguments its flags (None leaves one out). A command blocks until its
    set-up has succeeded and returns its Call; it raises CallError if that fails, CallTimeout (the call is cancelled
    then, as soon as Rumor can), TypeError or ValueError for values that have no form in Rumor.
    """

    def __init__(self, client: Client, name: str, limit: float | None) -> None:
        self._client = client
        self._limit = limit
        self.name = name
        """Its name in Rumor; "" for the default actor."""
        self.kills = 0
        """How often it was killed through this object."""
        self.nowait = Nowait(client, self)
        """The same commands, which return their Call at once. Rumor may run calls started so in any order."""

    @cached_property
    def _runner(self) -> Runner:
        return Runner(self._client, self, self._limit, wait=True)

    @property
    def engine(self) -> EngineInfo | None:
        """The engine that it lives in, as `Rumor.engine`."""
        return self._client.session.engine

    def within(self, timeout: float | None) -> Actor:
        """The same actor, with a limit of `timeout` seconds on each blocking call."""
        return Actor(self._client, self.name, checked_timeout(timeout))

    def kill(self, timeout: Timeout = DEFAULT) -> None:
        """Stop everything that it does, and forget it (``kill``). Raises CallTimeout, ConnectionLost."""
        self.kills += 1
        self._run_verb("kill", timeout)

    def me(self, timeout: Timeout = DEFAULT) -> None:
        """Make it Rumor's default actor for this connection (``me``), for all threads. Raises CallTimeout,
        ConnectionLost.
        """
        self._run_verb("me", timeout)

    def calls(self, timeout: Timeout = DEFAULT) -> dict[str, Any]:
        """Its running calls, of all sessions of the server, as Rumor lists them (``calls``).

        Returns: by call id, a dict with ``actor`` and ``args``.
        Raises: CallTimeout, ConnectionLost.
        """
        listed: dict[str, dict[str, Any]] = {}

        def listen(entry: Entry) -> None:
            calls, name = entry.get("calls"), entry.get("actor")
            if isinstance(calls, dict) and isinstance(name, str):
                listed[name] = calls

        call = self._run_verb("calls", timeout, listen)
        return listed.get(self.name or call.actor, {})

    def _run_verb(self, verb: str, timeout: Timeout, listen: Callable[[Entry], None] | None = None) -> CallState:
        from pyrum_sync.client.verbs import run_verb

        deadline = Deadline(resolve(timeout, self._limit))
        return run_verb(self._client.session, self.name, verb, deadline, listen)

    def __dir__(self) -> Iterable[str]:
        return [*super().__dir__(), *tree.roots()]

    def __repr__(self) -> str:
        return f"<Actor {self.name!r}>" if self.name else "<Actor: the default one>"


class Nowait(_Start, Roots):
    """The commands of an actor that return their Call at once."""

    def __init__(self, client: Client, actor: Actor) -> None:
        self._client = client
        self._actor = actor

    @cached_property
    def _runner(self) -> Runner:
        return Runner(self._client, self._actor, None, wait=False)

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


class Words(Chain):
    """Words of a command so far; more are its attributes."""

    def __init__(self, runner: Runner, path: tuple[str, ...], node: tree.Node | None) -> None:
        self._runner = runner
        self._path = path
        self._node = node  # None where the catalogue knows no more

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Command: ...

    def _next(self, word: str) -> tuple[Command, bool]:
        node = self._node.child(word) if self._node is not None else None
        if node is None:
            word = _plain(word)
        return _words_at(self._runner, (*self._path, word), node)

    def __dir__(self) -> Iterable[str]:
        return self._node.words() if self._node is not None else []

    def _help(self) -> str:
        if self._node is None:
            return "Not in the catalogue: only Rumor knows what it does."
        from pyrum_sync.catalogue.help import describe

        return describe(self._node)

    def _shown(self) -> str:
        return f"{hide(' '.join(self._path))!r} of {self._runner.actor!r}"

    __doc__: Any = _Doc(__doc__)


class Group(Words):
    """A group of commands: they are its attributes. To call it would mean nothing."""

    _WHAT = "Group"

    __doc__: Any = _Doc(__doc__)

    def __repr__(self) -> str:
        return f"<commands {self._shown()}>"


def _refuse_beyond_rumor(command: tree.Command, flags: Mapping[str, str]) -> None:
    """Before anything is sent: a Go Rumor would fail in other words, or not at all."""
    what = command.beyond_rumor(flags)
    if what is not None:
        from pyrum_sync.catalogue.help import not_in_rumor

        raise UnknownCommand(not_in_rumor(what))


class Command(Words):
    """A command: calling it runs it. Positional arguments are Rumor's arguments, keyword arguments its flags."""

    __doc__: Any = _Doc(__doc__)

    def __call__(self, *args: Any, **flags: Any) -> Call:
        """Run the command in Rumor with these arguments and flags."""
        runner = self._runner
        form = self._form(args, flags) if args or flags else self._bare
        return launch(runner.session, form, self._origin, runner.wait, runner.limit, runner.default)

    @cached_property
    def _bare(self) -> Form:
        """The form without arguments and flags, put together once."""
        return self._form((), {})

    @cached_property
    def _origin(self) -> Origin:
        """Where its calls come from."""
        command = self._node.command if self._node is not None else tree.command_of(self._path)
        return Origin(self._runner.actor, self._path, command)

    def _form(self, args: tuple[Any, ...], options: dict[str, Any]) -> Form:
        path, command = self._path, self._origin.command
        words, flags = shell_words(path, command, args, options)
        if command is not None and self._runner.session.engine is None:
            _refuse_beyond_rumor(command, flags)
        for name in SECRET_FLAGS & flags.keys():
            self._runner.session.mask.learn(flags[name])
        kind = command.steps(flags) if command is not None else tree.steps_of(path, flags)
        tool = path[0] == "tool"
        line = lines.tool_line if tool else lines.call_line
        return Form(line(self._runner.actor.name, [*map(lines.quote, path), *words]), kind, tool)

    @property
    def __signature__(self) -> Signature:
        if self._node is None or self._node.command is None:
            raise AttributeError("__signature__")
        from pyrum_sync.catalogue.help import signature

        return signature(self._node.command)

    def __repr__(self) -> str:
        return f"<command {self._shown()}>"


def _words_at(runner: Runner, path: tuple[str, ...], node: tree.Node | None) -> tuple[Command, bool]:
    """What stands for a path, and whether its last word is one of the catalogue's own."""
    # A group has all of Command that is asked of it, save that it cannot be called.
    kind: Any = _group_class(node) if node is not None and node.command is None else Command
    found: Command = kind(runner, path, node)
    return found, node is not None and node.path[-1] == path[-1]


@cache
def _group_class(node: tree.Node) -> type[Group]:
    """A class of its own for each group: when one is called, Python's error names its class alone. With a `__call__`
    that raises, completion would offer groups as functions."""
    return type(node.title, (Group,), {"__doc__": Group.__dict__["__doc__"]})


def no_command(name: str) -> UnknownCommand:
    """The error for a name that no command has."""
    return UnknownCommand(f"Rumor has no command {name!r}")


def _dashed(name: str) -> str:
    """An attribute as Rumor writes the word."""
    name = str.__str__(name)  # not what a subclass makes of it
    # IPython calls the `getdoc` of whatever it shows.
    if name.startswith("_") or name == "getdoc":
        raise no_command(name)
    return tree.dashed(name)


def _plain(word: str) -> str:
    if not isinstance(word, str):
        raise TypeError(f"a word of a command must be a str, not {type(word).__name__}")
    if not word:
        raise no_command("")
    return checked(str.__str__(word), "a word of a command")
