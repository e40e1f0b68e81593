"""One user's session: prefixes, verbs, interest, and the shell that runs its lines."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from typing import Any

from pyrum_sync.engine.session.call import Call, StepError
from pyrum_sync.engine.session.context import Context
from pyrum_sync.engine.session.durations import DurationError, parse_duration
from pyrum_sync.engine.session.entries import Log, to_json
from pyrum_sync.engine.session.levels import Level
from pyrum_sync.engine.session.prefix import Line, read_line
from pyrum_sync.engine.session.processor import Processor
from pyrum_sync.engine.shell.errors import LanguageError, NotSimulated
from pyrum_sync.engine.shell.expand import Value
from pyrum_sync.engine.shell.parser import parse
from pyrum_sync.engine.shell.shell import FatalError, Shell
from pyrum_sync.engine.shell.streams import Callback
from pyrum_sync.engine.shell.tree import Statement

DEFAULT_ACTOR = "DEFAULT_ACTOR_ID"
_NO_PROGRAM = 127


class VerbError(Exception):
    """A line that failed with a status; its text, if any, comes after ``exit status N``."""

    def __init__(self, text: str | None, status: int = 1) -> None:
        super().__init__(f"exit status {status}" + (f": {text}" if text is not None else ""))
        self.status = status


class Session:
    """Takes statements, and writes entries: a subscriber of the processor until it is closed and left."""

    def __init__(self, log: Log, processor: Processor) -> None:
        self.id = processor.subscribe(self)
        self.log = log
        self._interests: dict[str, Level] = {}
        self.closed = Context()
        self._processor = processor
        self._last_call: Call | None = None
        self._default_actor = DEFAULT_ACTOR
        self._calls = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._shell = Shell(self, Callback(self._stdout), Callback(self._stderr))
        self._started = False

    async def run(self, statements: tuple[Statement, ...]) -> int:
        """Runs statements; returns the status, raises FatalError. An `exit` among them closes the session."""
        if not self._started:
            self._started = True
            self.lookup("HOME")  # Rumor's shell looks it up as it starts
        status = 0
        error: FatalError | None = None
        try:
            status = await self._shell.run(statements)
        except FatalError as fatal:
            error = fatal
        if self._shell.exited:
            self.log.log(Level.DEBUG, "Session finished")
            self.close()
            return 0
        if error is not None:
            raise error
        return status

    def close(self) -> None:
        """Ends the session; its calls go on."""
        self.closed.cancel()

    def leave(self) -> None:
        """Takes no more entries of calls."""
        self._processor.unsubscribe(self)

    # What the processor calls.

    def take(self, call_id: str, level: Level, message: str, fields: Mapping[str, Any], *, cut: bool) -> bool:
        """Writes an entry of a call, if it was asked for at that level."""
        interest = self._interests.get(call_id)
        if interest is None or level > interest:
            return False
        self.log.log(level, message, fields, cut=cut)
        return True

    def freed(self, call_id: str) -> None:
        """Forgets the interest in a call that is over."""
        self._interests.pop(call_id, None)

    # What the shell stands in.

    def lookup(self, name: str) -> Value:
        """``$_ID_field``, ``$__field`` (of the last call), ``$ACTOR``, or a variable of the environment."""
        self.log.log(Level.TRACE, "lookup!", {"envlookup": name})
        if name.startswith("_"):
            value, known = self._call_data(name)
            if known:
                return _as_variable(value)
        if name == "ACTOR":
            return self._default_actor
        return os.environ.get(name)

    def keep(self, task: asyncio.Task[None]) -> None:
        """Holds on to a background task until it is over."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def refuse(self, words: list[str], why: str) -> None:
        """Reports what only a real Rumor's shell runs."""
        self.log.log(Level.WARNING, "failed", {"args": words, "error": f"exit status 2: {why}"})

    async def run_command(self, words: list[str], shell: Shell) -> int:
        """Runs a verb or a command; reports its failure, as Rumor does."""
        try:
            await self._dispatch(read_line(words), shell)
        except VerbError as failure:
            self.log.log(Level.WARNING, "failed", {"error": str(failure), "args": words})
            return failure.status
        except FatalError as failure:
            self.log.log(Level.WARNING, "failed", {"error": str(failure), "args": words})
            raise
        return 0

    async def _dispatch(self, line: Line, shell: Shell) -> None:
        words = line.words
        verb = words[0] if words else ""
        actor = line.actor or self._default_actor
        if not words:
            self._attach(line)
        elif verb == "include":
            await self._include(words, actor)
        elif verb == "next":
            await self._next(line)
        elif verb == "cancel":
            self._cancel(line)
        elif verb == "grab":
            self._grab(words, shell)
        elif verb in ("kill", "calls", "clear_log_data", "me") and len(words) == 1:
            await self._simple_verb(verb, actor)
        elif self._processor.commands.knows(verb):
            await self._command(line, actor)
        else:
            self.lookup("PATH")
            why = f'"{verb}": executable file not found in $PATH (the simulator runs no programs)\n'
            shell.err.write(why)
            raise VerbError(None, _NO_PROGRAM)

    # Verbs.

    def _attach(self, line: Line) -> None:
        if line.level is None or not line.call_id:
            raise FatalError("no actual command to run")
        self._interests[line.call_id] = line.level
        self.log.log(Level.INFO, f"Changed log level of {line.call_id} to {line.level.text}")

    async def _simple_verb(self, verb: str, actor: str) -> None:
        if verb == "kill":
            self.log.log(Level.INFO, f"Killing rumor p2p actor {actor}")
            await self._processor.commands.kill(actor)
        elif verb == "calls":
            fields = {"calls": self._processor.calls_of(actor), "actor": actor}
            self.log.log(Level.INFO, "list of running calls of actor", fields)
        elif verb == "me":
            self._default_actor = actor
            self.log.log(Level.INFO, f"Changed default actor to {actor}")
        else:
            self._processor.clear_data()

    def _chosen_call(self, line: Line) -> Call | None:
        return self._processor.call(line.call_id) if line.call_id else self._last_call

    async def _next(self, line: Line) -> None:
        if len(line.words) > 2:
            raise FatalError(f"too many arguments, got {len(line.words)}, expected 2")
        call = self._chosen_call(line)
        if call is None:
            raise VerbError("call not available for stepping")
        timeout = _limit(line.words, "step")
        try:
            await call.next(Context(timeout=timeout))
        except StepError as error:
            raise VerbError(str(error)) from None

    def _cancel(self, line: Line) -> None:
        if len(line.words) > 2:
            raise VerbError(f"too many arguments, got {len(line.words)}, expected 2")
        call = self._chosen_call(line)
        _limit(line.words, "cancel")
        if call is None:
            raise VerbError("nothing to cancel")
        call.stop()
        if self._last_call is call:
            self._last_call = None

    def _grab(self, words: list[str], shell: Shell) -> None:
        if len(words) == 1:
            raise VerbError("specify the name of the var to grab")
        if len(words) != 2:
            raise VerbError("too many arguments")
        value, known = self._call_data(words[1])
        if not known:
            raise VerbError("unknown variable")
        shell.out.write(to_json(value) + "\n")

    def _call_data(self, name: str) -> tuple[Any, bool]:
        """What ``__field``, ``_ID_field``, ``ID_field`` or ``field`` (of the last call) stands for."""
        last = self._last_call.id if self._last_call is not None else None
        if name.startswith("__"):
            return self._processor.data(f"{last}{name[1:]}") if last is not None else (None, False)
        if name.startswith("_"):
            return self._processor.data(name[1:])
        value, known = self._processor.data(name)
        if not known and last is not None:
            return self._processor.data(f"{last}_{name}")
        return value, known

    async def _include(self, words: list[str], actor: str) -> None:
        if len(words) != 2:
            text = " ".join(words[1:])
            self.log.log(Level.ERROR, f"Bad 'include' usage. Need a single script path, got [{text}].")
            raise VerbError(None, 2)
        try:
            with open(words[1], encoding="utf-8") as script:
                statements = parse(script.read())
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not text"
            fields = {"include": words[1], "error": f"open {words[1]}: {reason.lower()}"}
            self.log.log(Level.ERROR, "failed to open included rumor script", fields)
            raise VerbError(None) from None
        except NotSimulated as error:
            raise VerbError(str(error), 2) from None
        except LanguageError:
            raise VerbError(None, 2) from None
        self.log.log(Level.INFO, "Running included rumor script", {"include": words[1]})
        before, self._default_actor = self._default_actor, actor
        try:
            status = await self._shell.subshell().run(statements)
        finally:
            self._default_actor = before
        if status:
            raise VerbError(None, status)

    # Commands.

    async def _command(self, line: Line, actor: str) -> None:
        call_id = line.call_id
        if not call_id:
            self._calls += 1
            call_id = f"{self.id}_{self._calls}"
        self._interests[call_id] = Level.DEBUG if line.level is None else line.level
        call, error = await self._processor.run(actor, call_id, line.words)
        self._last_call = call
        if error is not None:
            raise VerbError(f"command failed: {error}")

    def _stdout(self, text: str) -> None:
        if text.strip():
            self.log.log(Level.INFO, "", {"stdout": text})

    def _stderr(self, text: str) -> None:
        if text.strip():
            self.log.log(Level.ERROR, "", {"stderr": text})


def _limit(words: list[str], what: str) -> float | None:
    """The seconds after `next` or `cancel`, None without."""
    if len(words) < 2:
        return None
    try:
        return parse_duration(words[1]) / 1e9
    except DurationError as error:
        raise VerbError(f"{what} timeout could not be parsed: {error}") from None


def _as_variable(value: object) -> Value:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return [str(_as_variable(item)) for item in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)
