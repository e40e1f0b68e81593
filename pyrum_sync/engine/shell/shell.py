"""Runs statements: control flow, background, pipes, builtins; every other command goes to its handler."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Protocol

from pyrum_sync.engine.shell import builtins, expand
from pyrum_sync.engine.shell.errors import LanguageError, NotSimulated
from pyrum_sync.engine.shell.parser import parse
from pyrum_sync.engine.shell.streams import Buffer, Nowhere, Pipe, Sink
from pyrum_sync.engine.shell.tree import AndOr, Block, Command, For, If, Loop, Simple, Statement, Subshell
from pyrum_sync.engine.shell.tree import Pipe as PipeCommand


class FatalError(Exception):
    """A handler's error that ends what is being run, not only the command."""


class Handler(Protocol):
    """The surroundings of a shell: its outer variables, and the commands that are not its own."""

    def lookup(self, name: str) -> expand.Value:
        """A variable the shell has not set."""

    async def run_command(self, words: list[str], shell: Shell) -> int:
        """Runs a command and returns its status; FatalError ends the line."""

    def refuse(self, words: list[str], why: str) -> None:
        """Reports a command that the simulator's shell does not know."""

    def keep(self, task: asyncio.Task[None]) -> None:
        """Holds on to a background task until it is over."""


class Shell:
    """The state of one shell; a subshell is a copy."""

    def __init__(self, handler: Handler, out: Sink, err: Sink, source: Pipe | None = None) -> None:
        self.handler = handler
        self.out = out
        self.err = err
        self.source = source
        self.variables: dict[str, str] = {"IFS": " \t\n"}
        self.status = 0
        self.last_status = 0
        self.exited = False
        self.fatal: FatalError | None = None
        self._broken = 0
        self._continued = False
        self._background: dict[asyncio.Task[None], None] = {}  # what is under way, in the order of its start

    def subshell(self) -> Shell:
        """A copy whose changes stay its own."""
        copy = Shell(self.handler, self.out, self.err, self.source)
        copy.variables = dict(self.variables)
        copy.status, copy.last_status = self.status, self.last_status
        return copy

    async def run(self, statements: tuple[Statement, ...]) -> int:
        """Runs statements from the top; returns the status, raises FatalError."""
        self.fatal = None
        self.exited = False
        await self._statements(statements)
        if self.fatal is not None:
            raise self.fatal
        return self.status

    # What words need to know.

    def get(self, name: str) -> expand.Value:
        """The value of a variable."""
        if name == "?":
            return str(self.last_status)
        if name in self.variables:
            return self.variables[name]
        return self.handler.lookup(name)

    def set(self, name: str, value: str) -> None:
        """Sets a variable; a new one is looked up first, as Rumor's shell does."""
        if name not in self.variables:
            self.handler.lookup(name)
        self.variables[name] = value

    async def capture(self, statements: tuple[Statement, ...]) -> str:
        """What the statements print, run in a subshell."""
        shell = self.subshell()
        buffer = Buffer()
        shell.out = buffer
        await shell._statements(statements)
        self.fatal = self.fatal or shell.fatal
        return buffer.text

    # Running.

    @property
    def _stopped(self) -> bool:
        return self.fatal is not None or self.exited or self._broken > 0 or self._continued

    async def _statements(self, statements: tuple[Statement, ...]) -> None:
        for statement in statements:
            await self._statement(statement)

    async def _statement(self, statement: Statement) -> None:
        if self._stopped:
            return
        self.status = 0
        if statement.background:
            shell = self.subshell()
            task = asyncio.get_running_loop().create_task(shell._in_background(statement))
            self._background[task] = None
            task.add_done_callback(self._over)
            self.handler.keep(task)
        else:
            await self._foreground(statement)
        self.last_status = self.status

    def _over(self, task: asyncio.Task[None]) -> None:
        # A session runs nearly every line in the background: kept until a `wait`, they would be kept for ever.
        self._background.pop(task, None)

    async def _in_background(self, statement: Statement) -> None:
        await self._foreground(statement)

    async def _foreground(self, statement: Statement) -> None:
        before = self.out, self.err
        for redirect in statement.redirects:
            target = Nowhere() if redirect.target is None else (self.out if redirect.target == 1 else self.err)
            if redirect.source == 1:
                self.out = target
            elif redirect.source == 2:
                self.err = target
        await self._command(statement.command)
        if statement.negated:
            self.status = 0 if self.status else 1
        self.out, self.err = before

    async def _command(self, command: Command) -> None:
        if isinstance(command, Simple):
            await self._simple(command)
        elif isinstance(command, Block):
            await self._statements(command.body)
        elif isinstance(command, Subshell):
            shell = self.subshell()
            await shell._statements(command.body)
            self._take_result(shell)
        elif isinstance(command, AndOr):
            await self._statement(command.left)
            if (self.status == 0) == command.wants_success:
                await self._statement(command.right)
        elif isinstance(command, PipeCommand):
            await self._pipe(command)
        elif isinstance(command, If):
            await self._if(command)
        elif isinstance(command, Loop):
            await self._loop(command)
        else:
            await self._for(command)

    def _take_result(self, shell: Shell) -> None:
        self.status = shell.status
        self.fatal = self.fatal or shell.fatal

    async def _pipe(self, command: PipeCommand) -> None:
        pipe = Pipe()
        left = self.subshell()
        left.out = pipe
        if command.both:
            left.err = pipe

        async def feed() -> None:
            await left._statement(command.left)
            pipe.close()

        feeding = asyncio.get_running_loop().create_task(feed())
        before, self.source = self.source, pipe
        try:
            await self._statement(command.right)
            await feeding
        finally:
            self.source = before
            feeding.cancel()
        self.fatal = self.fatal or left.fatal

    async def _if(self, command: If) -> None:
        for condition, body in command.branches:
            await self._statements(condition)
            if self._stopped:
                return
            if self.status == 0:
                await self._statements(body)
                return
        self.status = 0
        await self._statements(command.otherwise)

    async def _loop(self, command: Loop) -> None:
        status = 0
        while not self._stopped:
            await self._statements(command.condition)
            if self._stopped or (self.status == 0) == command.until:
                break
            await self._statements(command.body)
            status = self.status
            if not self._goes_on():
                break
            await asyncio.sleep(0)  # a loop without an end must not stop the rest
        if not self.exited:
            self.status = status

    async def _for(self, command: For) -> None:
        for value in await expand.fields(command.words, self):
            self.set(command.name, value)
            await self._statements(command.body)
            if not self._goes_on():
                return

    def _goes_on(self) -> bool:
        """After one turn of a loop: whether there may be another."""
        self._continued = False
        if self._broken:
            self._broken -= 1
            return False
        return not self._stopped

    async def _simple(self, command: Simple) -> None:
        words = await expand.fields(command.words, self)
        if self._stopped:
            return
        if not words:
            for name, word in command.assignments:
                self.set(name, await expand.text(word, self))
            return
        kept = dict(self.variables)
        for name, word in command.assignments:
            self.set(name, await expand.text(word, self))
        await self._call(words)
        if command.assignments and words[0] != "read":
            self.variables = kept
        elif command.assignments:
            for name, _ in command.assignments:
                self._restore(name, kept)

    def _restore(self, name: str, kept: dict[str, str]) -> None:
        if name in kept:
            self.variables[name] = kept[name]
        else:
            self.variables.pop(name, None)

    async def _call(self, words: list[str]) -> None:
        name = words[0]
        builtin = _BUILTINS.get(name)
        try:
            if builtin is not None:
                self.status = await builtin(self, words[1:])
            elif name in builtins.REFUSED:
                self.handler.refuse(words, f"{name} is not in the simulator's shell")
                self.status = 2
            else:
                self.status = await self.handler.run_command(words, self)
        except FatalError as error:
            self.fatal = self.fatal or error

    # Builtins that change the shell.

    async def _exit(self, words: list[str]) -> int:
        self.exited = True
        if not words:
            return self.last_status
        try:
            return int(words[0]) & 0xFF
        except ValueError:
            self.err.write(f"exit: invalid number: {words[0]}\n")
            return 2

    async def _read(self, words: list[str]) -> int:
        raw = bool(words) and words[0] == "-r"
        names = words[1:] if raw else words
        if not raw or any(name.startswith("-") for name in names) or len(names) > 1:
            self.handler.refuse(["read", *words], "read in a form other than `read -r NAME` is not in the simulator")
            return 2
        if self.source is None:
            self.handler.refuse(["read", *words], "read without a pipe is not in the simulator (it kills a Rumor)")
            return 1
        line, ended = await self.source.line()
        separators = self.variables["IFS"]
        self.set(names[0] if names else "REPLY", line.strip(separators) if separators else line)
        return 0 if ended else 1

    async def _eval(self, words: list[str]) -> int:
        try:
            statements = parse(" ".join(words))
        except NotSimulated as error:
            self.handler.refuse(["eval", *words], str(error))
            return 2
        except LanguageError as error:
            self.err.write(f"eval: {error}\n")
            return 1
        await self._statements(statements)
        return self.status

    async def _wait(self, words: list[str]) -> int:
        if words:
            self.handler.refuse(["wait", *words], "wait with arguments is not in the simulator's shell")
            return 2
        await asyncio.gather(*self._background)
        self._background.clear()
        return 0

    async def _test(self, words: list[str]) -> int:
        result = builtins.test(words)
        if result is None:
            self.handler.refuse(["test", *words], "this test is not in the simulator's shell")
            return 2
        return result

    async def _bracket(self, words: list[str]) -> int:
        if not words or words[-1] != "]":
            self.err.write("[: missing matching ]\n")
            return 2
        return await self._test(words[:-1])

    async def _break(self, words: list[str]) -> int:
        self._broken = int(words[0]) if words and words[0].isdigit() else 1
        return 0

    async def _continue(self, _words: list[str]) -> int:
        self._continued = True
        return 0


def _plain(function: Callable[[list[str], Shell], int]) -> Callable[[Shell, list[str]], Awaitable[int]]:
    async def run(shell: Shell, words: list[str]) -> int:
        return function(words, shell)

    return run


_BUILTINS: dict[str, Callable[[Shell, list[str]], Awaitable[int] | Coroutine[object, object, int]]] = {
    "true": _plain(lambda *_: 0),
    ":": _plain(lambda *_: 0),
    "false": _plain(lambda *_: 1),
    "echo": _plain(lambda words, shell: builtins.echo(words, shell.out)),
    "printf": _plain(lambda words, shell: builtins.printf(words, shell.out, shell.err)),
    "exit": Shell._exit,
    "read": Shell._read,
    "eval": Shell._eval,
    "wait": Shell._wait,
    "test": Shell._test,
    "[": Shell._bracket,
    "break": Shell._break,
    "continue": Shell._continue,
}
