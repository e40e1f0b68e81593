"""The server: sessions of one processor, on connections of any sort."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Mapping
from typing import Any

from pyrum_sync.engine.serving.line_stream import LineStream, when_done
from pyrum_sync.engine.serving.script import run_script
from pyrum_sync.engine.serving.server_log import ServerLog
from pyrum_sync.engine.serving.session_loop import greet, run_session
from pyrum_sync.engine.serving.sockets import Peer
from pyrum_sync.engine.session.entries import Log
from pyrum_sync.engine.session.levels import Level
from pyrum_sync.engine.session.processor import Processor
from pyrum_sync.engine.session.session import Session


class Server:
    """Sessions of one processor."""

    def __init__(self, processor: Processor, log: ServerLog) -> None:
        self.processor = processor
        self.log = log
        self.loop = asyncio.get_running_loop()
        self._sessions: set[asyncio.Task[None]] = set()

    def take(self, connection: socket.socket) -> None:
        """Opens a session on a connection; from any thread."""
        with contextlib.suppress(RuntimeError):  # the server ends
            self.loop.call_soon_threadsafe(self._open, connection)

    def _open(self, connection: socket.socket) -> None:
        peer = Peer(connection)
        where = place(connection)
        task = self.loop.create_task(self.session(peer, LineStream(peer.read, f"simulator {where}"), where))
        self._sessions.add(task)
        task.add_done_callback(self._sessions.discard)

    async def session(self, peer: Peer, lines: LineStream, where: str) -> None:
        """Runs the session of one client until `exit`, or until the client is gone."""
        self.log(Level.INFO, "new user session", {"addr": where})
        log = Log(peer.write, hang_up=peer.close)
        greet(log, self.processor)
        session = Session(log, self.processor)
        peer.on_lost(session.close)
        await run_session(session, log, lines.lines(), served=True)
        if not session.closed.cancelled:
            # like Rumor, stay for the entries of calls still running, but not for a client that is gone
            when_done(peer.wait_for_hang_up, session.close, f"simulator end of {where}")
            await session.closed.done()
        peer.close()
        session.leave()
        self.log(Level.INFO, "user session stopped", {"addr": where})

    async def script(self, text: str, level: Level) -> tuple[int, bytes]:
        """Runs a script in a session of its own: HTTP status and body."""
        return await run_script(self.processor, text, level)

    def report(self) -> Mapping[str, Any]:
        """Actors and calls."""
        return self.processor.report()


def place(connection: socket.socket) -> str:
    """The other side's address, as the server's log writes it."""
    if connection.family == socket.AF_UNIX:
        return "@/unix"
    try:
        host, port, *_ = connection.getpeername()
    except OSError:
        return "gone/tcp"
    return f"{host}:{port}/tcp"
