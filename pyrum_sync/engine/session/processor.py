"""What all sessions share: the running calls, and the data that calls logged.

Sessions subscribe to it: it knows of them only that they take entries. Behaves as Rumor's control/session_processor.go.
"""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from pyrum_sync.engine.about import ENGINE
from pyrum_sync.engine.session.call import Call
from pyrum_sync.engine.session.commands import CommandError, Commands
from pyrum_sync.engine.session.context import Context
from pyrum_sync.engine.session.levels import Level

AdminLog = Callable[[Level, str, Mapping[str, Any]], None]


class Subscriber(Protocol):
    """What hears of calls: a session."""

    def take(self, call_id: str, level: Level, message: str, fields: Mapping[str, Any], *, cut: bool) -> bool:
        """Takes an entry of a call, if it is interested; returns whether it is. `cut`: see `Log.log`."""

    def freed(self, call_id: str) -> None:
        """A call is over and its id free."""

    def close(self) -> None:
        """The engine ends."""


class Processor:
    """Runs calls, and passes their entries to those who subscribed."""

    def __init__(self, commands: Commands, admin: AdminLog) -> None:
        self.commands = commands
        self._admin = admin
        self._calls: dict[str, Call] = {}
        self._data: dict[str, Any] = {}
        self._subscribers: dict[Subscriber, None] = {}  # ordered
        self._count = 0

    def subscribe(self, subscriber: Subscriber) -> str:
        """Lets a session hear of calls from now on; returns an id for it."""
        self._count += 1
        self._subscribers[subscriber] = None
        return f"s{self._count}"

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Lets it hear no more; again does nothing."""
        self._subscribers.pop(subscriber, None)

    def call(self, call_id: str) -> Call | None:
        """Returns the running call of that id."""
        return self._calls.get(call_id)

    def data(self, key: str) -> tuple[Any, bool]:
        """Returns what a call logged under ``ID_field``, and whether it did."""
        return self._data.get(key), key in self._data

    def clear_data(self) -> None:
        """Forgets the data of calls that are over."""
        running = tuple(self._calls)
        self._data = {key: value for key, value in self._data.items() if key.startswith(running)}

    def calls_of(self, actor: str) -> dict[str, Any]:
        """Returns the running calls of an actor, as the verb `calls` shows them."""
        return {c.id: {"actor": c.actor, "args": c.words} for c in self._calls.values() if c.actor == actor}

    def report(self) -> dict[str, Any]:
        """Returns actors and calls, as ``GET /report`` shows them."""
        calls = {
            c.id: {"actor": c.actor, "args": c.words, "start_time": c.started_ns // 1000} for c in self._calls.values()
        }
        return {"actors": self.commands.report(), "calls": calls}

    async def run(self, actor: str, call_id: str, words: list[str]) -> tuple[Call, str | None]:
        """Runs a command to the end of its own part; returns its call and the error, if any."""
        identity = {"actor": actor, "call_id": call_id}

        def log(level: Level, message: str, fields: Mapping[str, Any] | None = None) -> None:
            self._log_call(call, level, message, {**identity, **(fields or {})})

        call = Call(call_id, actor, words, log, Context(self.commands.context(actor)))
        self._admin(Level.TRACE, f"Started {call_id}", {"args": words})
        self._calls[call_id] = call
        error: str | None = None
        try:
            help_text = await self.commands.execute(actor, call, words, Context())
            if help_text is not None:
                log(Level.INFO, help_text)
            log(Level.TRACE, "completed call", {"__success": "true"})
        except CommandError as failure:
            error = str(failure)
        except Exception as bug:
            traceback.print_exc(file=sys.stderr)
            error = f"internal error of {ENGINE}: {bug!r}"
        if error is not None:
            log(Level.TRACE, "call failed with error", {"__error": error})
        self._free_when_over(call, at_once=error is None)
        return call, error

    def _free_when_over(self, call: Call, *, at_once: bool) -> None:
        """Frees the call now, after its failure was reported, or when what it spawned is stopped."""

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
        for subscriber in self._subscribers:
            subscriber.freed(call.id)
        self._calls.pop(call.id, None)

    def _log_call(self, call: Call, level: Level, message: str, fields: dict[str, Any]) -> None:
        for key, value in fields.items():
            if key != "call_id":
                self._data[f"{call.id}_{key}"] = value
        cut, shown = call.cut, False
        for subscriber in tuple(self._subscribers):
            shown = subscriber.take(call.id, level, message, fields, cut=cut) or shown
        call.cut = cut and not shown

    async def close(self) -> None:
        """Stops all calls, actors, sessions, in this order."""
        self._admin(Level.TRACE, "Closing remaining calls...", {})
        for call in tuple(self._calls.values()):
            if call.context.cancelled:
                continue  # it is over, only not yet freed
            call.log(Level.DEBUG, "Closing job with 5 second timeout...")
            call.stop()
        self._admin(Level.TRACE, "Closing remaining actors...", {})
        await self.commands.close()
        self._admin(Level.TRACE, "Closing global context...", {})
        self._admin(Level.TRACE, "Closing remaining sessions...", {})
        for subscriber in tuple(self._subscribers):
            subscriber.close()
        self._admin(Level.TRACE, "Closed session processor", {})
