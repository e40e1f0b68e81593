"""``bare``: lines on stdin, entries on stdout."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import NoReturn

from pyrum_sync.engine import about
from pyrum_sync.engine.faults import Faults
from pyrum_sync.engine.serving.build import build, die
from pyrum_sync.engine.serving.line_stream import LineStream
from pyrum_sync.engine.serving.session_loop import run_session
from pyrum_sync.engine.session.entries import Log
from pyrum_sync.engine.session.levels import Level, parse_level
from pyrum_sync.engine.session.session import Session

_BLOCK = 1 << 16
_MOST_WAITING = 256  # entries


class _Stdout:
    """Blocking writes, as Rumor's: a client that does not read holds everything up.

    What is written in one turn of the loop goes out together: each write may have the system run the client at once.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiting: list[bytes] = []
        self._closed = False

    def write(self, data: bytes) -> None:
        """Writes all of it at the end of this turn; a reader that is gone does not matter."""
        if not self._waiting:
            self._loop.call_soon(self.flush)
        self._waiting.append(data)
        if len(self._waiting) >= _MOST_WAITING:
            self.flush()

    def flush(self) -> None:
        """Writes what waits."""
        view = memoryview(b"".join(self._waiting))
        self._waiting.clear()
        try:
            while view and not self._closed:
                view = view[os.write(1, view) :]
        except OSError:
            self._closed = True

    def close(self) -> None:
        """Writes what waits, and then no more."""
        self.flush()
        self._closed = True

    def hang_up(self) -> None:
        """Ends the process in the middle of an entry."""
        self.flush()
        os._exit(1)

    def die(self, status: int) -> NoReturn:
        """Ends the process at once, as a crash would, but for the entries before."""
        self.flush()
        die(status)


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
    try:
        processor = build(network, faults, log.log, stdout.die)
        session = Session(log, processor)
        stdin = LineStream(lambda: os.read(0, _BLOCK), "engine stdin", descriptor=0)
        status = await run_session(session, log, stdin.lines(), served=False, stop_on_error=stop_on_error)
        session.close()
        await processor.close()
    finally:
        stdout.close()
    return status
