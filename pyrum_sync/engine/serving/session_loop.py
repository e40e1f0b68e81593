"""The loop of one session: lines in, statements run one after the other, entries out."""

from __future__ import annotations

from collections.abc import AsyncIterator

from pyrum_sync.engine import about
from pyrum_sync.engine.session.entries import Log
from pyrum_sync.engine.session.levels import Level
from pyrum_sync.engine.session.processor import Processor
from pyrum_sync.engine.session.session import Session
from pyrum_sync.engine.shell.errors import NotSimulated, ShellSyntaxError
from pyrum_sync.engine.shell.lines import LineReader
from pyrum_sync.engine.shell.shell import FatalError
from pyrum_sync.engine.shell.tree import Statement


def greet(log: Log, processor: Processor) -> None:
    """Writes a session's first entry, whatever its level: what this is."""
    log.announce(*about.greeting(processor.commands.network))


async def run_session(
    session: Session, log: Log, lines: AsyncIterator[bytes], *, served: bool, stop_on_error: bool = False
) -> int:
    """Runs until `exit`, the end of the lines, or text that is no shell language; returns an exit status.

    A served session logs the status of a line that failed; a bare one may stop at it.
    """
    reader = LineReader()
    try:
        async for line in lines:
            statements = _read(reader, line, session)
            status = await _run(statements, session, log, served=served)
            if session.closed.cancelled:
                return 0
            if status and stop_on_error:
                return status
        reader.close()
    except ShellSyntaxError as error:
        log.log(Level.ERROR, "failed to run input", {"error": str(error)})
    return 0


def _read(reader: LineReader, line: bytes, session: Session) -> tuple[Statement, ...]:
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        raise ShellSyntaxError("", 0, f"invalid UTF-8 encoding at byte {error.start}") from None
    try:
        return reader.feed(text)
    except NotSimulated as error:
        session.refuse([text], str(error))
        return ()


async def _run(statements: tuple[Statement, ...], session: Session, log: Log, *, served: bool) -> int:
    """Runs a line; one that fails ends it."""
    for statement in statements:
        try:
            status = await session.run((statement,))
        except FatalError as error:
            if served:
                log.log(Level.ERROR, "error result", {"error": str(error)})
            return 1
        if session.closed.cancelled:
            return 0
        if status:
            if served:
                log.log(Level.ERROR, "non-zero exit", {"code": status})
            return status
    return 0
