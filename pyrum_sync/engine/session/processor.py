"""What all sessions share: actors, running calls, the data they logged."""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from pyrum_sync.engine.session.call import Call
from pyrum_sync.engine.session.context import Context
from pyrum_sync.engine.session.entries import Log
from pyrum_sync.engine.session.levels import Level
from pyrum_sync.engine.session.session import Session
from pyrum_sync.engine.shell.streams import Sink

AdminLog = Callable[[Level, str, Mapping[str, Any]], None]


class CommandError(Exception):
    """A command that failed, in Rumor's words."""


class Actor(Protocol):
    """One who runs commands and owns what they open."""

    context: Context

    async def execute(self, call: Call, words: list[str], context: Context, out: Sink) -> str | None:
        """Run a command; returns the text if it was a request for help. Raises CommandError."""

    async def close(self) -> None:
        """End it, and all that it opened."""

    def report(self) -> dict[str, Any]:
        """What ``GET /report`` tells of it."""


class Commands(Protocol):
    """The command room, as the session sees it."""

    def knows(self, word: str) -> bool:
        """Whether a line with this first word is a command."""

    def new_actor(self, name: str) -> Actor:
        """Make an actor."""


class Processor:
    """Runs calls for its sessions."""

    def __init__(self, commands: Commands, admin: AdminLog) -> None:
        self.commands = commands
        self._admin = admin
        self._actors: dict[str, Actor] = {}
        self._calls: dict[str, Call] = {}
        self._data: dict[str, Any] = {}
        self._sessions: set[Session] = set()
        self._count = 0

    def new_session(self, log: Log) -> Session:
        """Open a session that writes to this log."""
        self._count += 1
        session = Session(f"s{self._count}", log, self)
        self._sessions.add(session)
        return session

    def call(self, call_id: str) -> Call | None:
        """The running call of that id."""
        return self._calls.get(call_id)

    def data(self, key: str) -> tuple[Any, bool]:
        """What a call logged under ``ID_field``, and whether it did."""
        return self._data.get(key), key in self._data

    def clear_data(self) -> None:
        """Forget the data of calls that are over."""
        running = tuple(self._calls)
        self._data = {key: value for key, value in self._data.items() if key.startswith(running)}

    def calls_of(self, actor: str) -> dict[str, Any]:
        """The running calls of an actor, as the verb `calls` shows them."""
        return {c.id: {"actor": c.actor, "args": c.words} for c in self._calls.values() if c.actor == actor}

    async def kill(self, name: str) -> None:
        """End an actor and all it owns."""
        actor = self._actors.pop(name, None)
        if actor is not None:
            await actor.close()

    def report(self) -> dict[str, Any]:
        """Actors and calls, as ``GET /report`` shows them."""
        calls = {
            c.id: {"actor": c.actor, "args": c.words, "start_time": c.started_ns // 1000} for c in self._calls.values()
        }
        return {"actors": {name: actor.report() for name, actor in self._actors.items()}, "calls": calls}

    async def run(self, actor_name: str, call_id: str, words: list[str], out: Sink) -> tuple[Call, str | None]:
        """Run a command to the end of its own part; returns its call and the error, if any."""
        if actor_name not in self._actors:
            self._actors[actor_name] = self.commands.new_actor(actor_name)
        actor = self._actors[actor_name]
        identity = {"actor": actor_name, "call_id": call_id}

        def log(level: Level, message: str, fields: Mapping[str, Any] | None = None) -> None:
            self._log_call(call, level, message, {**identity, **(fields or {})})

        call = Call(call_id, actor_name, words, log, Context(actor.context))
        self._admin(Level.TRACE, f"Started {call_id}", {"args": words})
        self._calls[call_id] = call
        error: str | None = None
        try:
            help_text = await actor.execute(call, words, Context(), out)
            if help_text is not None:
                log(Level.INFO, help_text)
            log(Level.TRACE, "completed call", {"__success": "true"})
        except CommandError as failure:
            error = str(failure)
        except Exception as bug:
            traceback.print_exc(file=sys.stderr)
            error = f"internal error of the simulator: {bug!r}"
        if error is not None:
            log(Level.TRACE, "call failed with error", {"__error": error})
        self._free_when_over(call, at_once=error is None)
        return call, error

    def _free_when_over(self, call: Call, *, at_once: bool) -> None:
        """Free the call now, after its failure was reported, or when what it spawned is stopped."""

        def soon() -> None:
            asyncio.get_running_loop().call_soon(self._free, call)

        if call.spawned:
            call.context.on_cancel(soon)
            return
        call.context.cancel()
        if at_once:
            self._free(call)
        else:
            soon()

    def _free(self, call: Call) -> None:
        call.log(Level.TRACE, "freed call resources", {"__freed": "true"})
        for session in self._sessions:
            session.interests.pop(call.id, None)
        self._calls.pop(call.id, None)

    def _log_call(self, call: Call, level: Level, message: str, fields: dict[str, Any]) -> None:
        for key, value in fields.items():
            if key != "call_id":
                self._data[f"{call.id}_{key}"] = value
        cut, shown = call.cut, False
        for session in tuple(self._sessions):
            interest = session.interests.get(call.id)
            if interest is not None and level <= interest:
                session.log.log(level, message, fields, cut=cut)
                shown = True
        call.cut = cut and not shown

    def forget(self, session: Session) -> None:
        """A session that will take no more entries."""
        self._sessions.discard(session)

    async def close(self) -> None:
        """Stop all calls, actors, sessions, in this order."""
        self._admin(Level.TRACE, "Closing remaining calls...", {})
        for call in tuple(self._calls.values()):
            if call.context.cancelled:
                continue  # it is over, only not yet freed
            call.log(Level.DEBUG, "Closing job with 5 second timeout...")
            call.stop()
        self._admin(Level.TRACE, "Closing remaining actors...", {})
        for actor in tuple(self._actors.values()):
            await actor.close()
        self._admin(Level.TRACE, "Closing global context...", {})
        self._admin(Level.TRACE, "Closing remaining sessions...", {})
        for session in tuple(self._sessions):
            session.close()
        self._admin(Level.TRACE, "Closed session processor", {})
