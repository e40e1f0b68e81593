"""``bare``: lines on stdin, entries on stdout."""

from __future__ import annotations

import asyncio
import os
import signal

from pyrum_sync.engine import about
from pyrum_sync.engine.faults import Faults
from pyrum_sync.engine.serving.build import build
from pyrum_sync.engine.serving.line_stream import LineStream
from pyrum_sync.engine.serving.session_loop import run_session
from pyrum_sync.engine.session.entries import Log
from pyrum_sync.engine.session.levels import Level, parse_level
from pyrum_sync.engine.session.session import Session

_BLOCK = 1 << 16


class _Stdout:
    """Blocking writes, as Rumor's: a client that does not read holds everything up."""

    def __init__(self) -> None:
        self._closed = False

    def write(self, data: bytes) -> None:
        """Writes all of it; a reader that is gone does not matter."""
        view = memoryview(data)
        try:
            while view and not self._closed:
                view = view[os.write(1, view) :]
        except OSError:
            self._closed = True

    def close(self) -> None:
        """Writes no more."""
        self._closed = True

    def hang_up(self) -> None:
        """Ends the process in the middle of an entry."""
        os._exit(1)


def run_bare(level: str, network: str, *, stop_on_error: bool, faults: Faults) -> int:
    """Runs one session on stdin and stdout; returns the exit status."""
    # Rumor's bare mode knows no orderly end by signal either
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return asyncio.run(_talk(level, network, stop_on_error, faults))


async def _talk(level: str, network: str, stop_on_error: bool, faults: Faults) -> int:
    stdout = _Stdout()
    log = Log(stdout.write, hang_up=stdout.hang_up)
    log.announce(*about.greeting(network))
    if level:
        try:
            log.level = parse_level(level)
        except ValueError as error:
            log.log(Level.ERROR, str(error))
            log.level = Level.PANIC
    processor = build(network, faults, log.log)
    session = Session(log, processor)
    stdin = LineStream(lambda: os.read(0, _BLOCK), "engine stdin")
    status = await run_session(session, log, stdin.lines(), served=False, stop_on_error=stop_on_error)
    session.close()
    await processor.close()
    stdout.close()
    return status
