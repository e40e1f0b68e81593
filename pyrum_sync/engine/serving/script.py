"""``POST /script``: a whole script in a session of its own."""

from __future__ import annotations

from pyrum_sync.engine.serving.session_loop import greet
from pyrum_sync.engine.session.entries import Log
from pyrum_sync.engine.session.levels import Level
from pyrum_sync.engine.session.processor import Processor
from pyrum_sync.engine.session.session import Session
from pyrum_sync.engine.shell.errors import LanguageError
from pyrum_sync.engine.shell.parser import parse
from pyrum_sync.engine.shell.shell import FatalError

_STATUS = {0: 200, 1: 500, 2: 400}
_TEAPOT = 418


async def run_script(processor: Processor, text: str, level: Level) -> tuple[int, bytes]:
    """Runs it; returns the HTTP status for its exit status, and its entries."""
    try:
        statements = parse(text)
    except LanguageError as error:
        return 400, str(error).encode()
    entries: list[bytes] = []
    log = Log(entries.append, level)
    greet(log, processor)
    session = Session(log, processor)
    try:
        status = _STATUS.get(await session.run(statements), _TEAPOT)
    except FatalError as error:
        log.log(Level.ERROR, "error result", {"error": str(error)})
        status = 500
    finally:
        session.close()
        session.leave()
    return status, b"".join(entries)
