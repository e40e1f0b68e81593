"""A command, a group of commands, and one run of a command."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pyrum_sync.engine.about import ENGINE
from pyrum_sync.engine.commands.actor import Actor
from pyrum_sync.engine.commands.arguments import Option, Values, parse, usage
from pyrum_sync.engine.network import deadlines
from pyrum_sync.engine.network.api import Deadline, Host
from pyrum_sync.engine.session.call import Call
from pyrum_sync.engine.session.commands import CommandError
from pyrum_sync.engine.session.context import Context
from pyrum_sync.engine.session.levels import Level

UNRECOGNIZED = "command was not recognized"


def _as_it_is(host: Host) -> Host:
    return host


@dataclass
class Run:
    """One run of a command: the actor it works on, its arguments, and where its entries go."""

    actor: Actor
    call: Call
    context: Context
    args: Values
    wrap_host: Callable[[Host], Host] = _as_it_is
    """What the actor's host is for this run: a faulty one, if it was asked for."""

    @property
    def host(self) -> Host:
        """The actor's host; CommandError while it has none."""
        return self.wrap_host(self.actor.host_or_error())

    def deadline(self, name: str) -> Deadline:
        """Returns when the time limit of that name, counted from now, runs out; None where 0 switches it off."""
        return deadlines.after(self.args.seconds(name))

    def info(self, message: str, **fields: Any) -> None:
        """Logs an info entry of the call."""
        self.call.log(Level.INFO, message, fields)

    def debug(self, message: str, **fields: Any) -> None:
        """Logs a debug entry of the call."""
        self.call.log(Level.DEBUG, message, fields)

    def warn(self, message: str, **fields: Any) -> None:
        """Logs a warning of the call."""
        self.call.log(Level.WARNING, message, fields)

    def error(self, message: str, **fields: Any) -> None:
        """Logs an error entry of the call."""
        self.call.log(Level.ERROR, message, fields)

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Lets work go on after the command's own part; it does not outlive the engine."""
        return self.actor.world.spawn(work)


class Node(Protocol):
    """A command or a group of them."""

    def help_line(self, actor: Actor) -> str:
        """The line its group's help shows for it."""

    async def execute(self, run: Run, words: Sequence[str]) -> str | None:
        """Runs it; returns the text if that was a request for help."""


def asks_help(words: Sequence[str]) -> bool:
    """Whether the words are a request for help: only as the first one."""
    return bool(words) and words[0] in ("--help", "-h", "help")


@dataclass(frozen=True)
class Command:
    """A command that runs."""

    help: str
    action: Callable[[Run], Awaitable[None]]
    options: Sequence[Option] = ()

    def help_line(self, actor: Actor) -> str:
        """Its help text."""
        del actor
        return self.help

    def options_for(self, actor: Actor) -> Sequence[Option]:
        """The options, as they are for that actor."""
        del actor
        return self.options

    async def execute(self, run: Run, words: Sequence[str]) -> str | None:
        """Reads the words and runs."""
        options = self.options_for(run.actor)
        if asks_help(words):
            return usage(self.help, options)
        run.args = parse(options, words)
        await self.action(run)
        return None


def _open(_actor: Actor) -> None:
    """The gate of a group that every actor may use."""


@dataclass(frozen=True)
class Group:
    """Commands under one word; `shown` are those its help lists, by default all."""

    help: str
    routes: Mapping[str, Node]
    shown: Sequence[str] | None = None
    gate: Callable[[Actor], None] = _open
    """Raises CommandError while the actor may not use the group's commands."""

    def help_line(self, actor: Actor) -> str:
        """Its help text."""
        del actor
        return self.help

    async def execute(self, run: Run, words: Sequence[str]) -> str | None:
        """Goes on to the command the first word names."""
        if asks_help(words):
            names = list(self.routes) if self.shown is None else self.shown
            return usage(self.help, (), [(name, self._line(name, run.actor)) for name in names])
        if not words:
            raise CommandError(UNRECOGNIZED)
        self.gate(run.actor)
        node = self.routes.get(words[0])
        if node is None:
            raise CommandError(UNRECOGNIZED)
        return await node.execute(run, words[1:])

    def _line(self, name: str, actor: Actor) -> str:
        try:
            self.gate(actor)
        except CommandError as error:
            return str(error)
        node = self.routes.get(name)
        return UNRECOGNIZED if node is None else node.help_line(actor)


@dataclass(frozen=True)
class Missing:
    """A command of a real Rumor that the engine does not have."""

    name: str
    help: str = ""

    @property
    def message(self) -> str:
        """What it answers."""
        return f"{self.name} is not in {ENGINE}, only in a real Rumor"

    def help_line(self, actor: Actor) -> str:
        """The same answer."""
        del actor
        return self.message

    async def execute(self, run: Run, words: Sequence[str]) -> str | None:
        """Refuse."""
        del run, words
        raise CommandError(self.message)
