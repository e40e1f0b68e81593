"""``serve``: sessions on tcp, unix and websocket; scripts and reports by HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import Any

from pyrum_sync.engine import about
from pyrum_sync.engine.faults import Faults
from pyrum_sync.engine.serving.build import build
from pyrum_sync.engine.serving.server import Server
from pyrum_sync.engine.serving.server_log import ServerLog
from pyrum_sync.engine.serving.sockets import accept_on, listen_tcp, listen_unix
from pyrum_sync.engine.session.levels import Level, parse_level


@dataclass(frozen=True)
class ServeOptions:
    """The flags of `serve`; an empty address is not served."""

    level: str = "debug"
    network: str = "tcp"
    tcp: str = ""
    ipc: str = ""
    http: str = ""
    api_key: str = ""


_PATIENCE = 1.0  # seconds that ending may take; a write to a client that does not read would take for ever


def run_serve(options: ServeOptions, faults: Faults) -> int:
    """Serves until SIGTERM or SIGINT; returns the exit status."""
    log = ServerLog(sys.stdout)
    try:
        asyncio.run(_serve(options, faults, log))
    except asyncio.CancelledError as stopped:
        _leave(options, log, str(stopped))
    return 0


def _leave(options: ServeOptions, log: ServerLog, why: str) -> None:
    log(Level.INFO, f"Caught signal {why}: shutting down.", {})
    if options.ipc:
        with contextlib.suppress(OSError):
            os.unlink(options.ipc)


def _stop_on_signals(main: asyncio.Task[Any], options: ServeOptions, log: ServerLog) -> None:
    """Cancels `main` at a signal, and ends the process if that does not."""
    loop = asyncio.get_running_loop()

    def end_now(why: str) -> None:
        _leave(options, log, why)
        os._exit(0)

    def stop(number: int, _frame: FrameType | None) -> None:
        for each in signals:
            signal.signal(each, signal.SIG_IGN)
        why = (signal.strsignal(number) or str(number)).lower()
        # Not raised: where the signal strikes, that may be caught, or leave something half done.
        loop.call_soon_threadsafe(main.cancel, why)
        watchdog = threading.Timer(_PATIENCE, end_now, (why,))
        watchdog.daemon = True
        watchdog.start()

    signals = (signal.SIGTERM, signal.SIGINT)
    for number in signals:
        # asyncio's own handler does nothing here, but it makes a signal wake the loop whenever it comes
        loop.add_signal_handler(number, lambda: None)
        signal.signal(number, stop)


async def _serve(options: ServeOptions, faults: Faults, log: ServerLog) -> None:
    main = asyncio.current_task()
    assert main is not None
    _stop_on_signals(main, options, log)
    log(Level.INFO, *about.greeting(options.network))
    try:
        log.level = parse_level(options.level)
    except ValueError as error:
        log(Level.ERROR, str(error), {})
        log.level = Level.PANIC
    server = Server(build(options.network, faults, log), log)
    listeners: list[socket.socket] = []

    def serving(what: str, listen: Callable[[], socket.socket], taken: Callable[[socket.socket], None]) -> None:
        try:
            listener = listen()
        except (OSError, ValueError) as error:
            log(Level.INFO, "cannot start listener", {"error": f"{what} listen error: {error}"})
            return
        listeners.append(listener)
        accept_on(listener, taken)

    if options.ipc:
        serving("IPC", lambda: listen_unix(options.ipc), server.take)
    if options.tcp:
        serving("TCP", lambda: listen_tcp(options.tcp), server.take)
    if options.http:
        from pyrum_sync.engine.serving.web import Web  # loads http.server, only where HTTP is served

        log(Level.INFO, "listening for report requests", {"http": f"http://{options.http}"})
        if options.api_key:
            log(Level.INFO, "Requiring simple auth, use 'X-Api-Key' header", {"api-key": options.api_key})
        serving("HTTP", lambda: listen_tcp(options.http), Web(server, options.api_key).take)
    log(Level.INFO, "Started server", {})
    try:
        await asyncio.get_running_loop().create_future()
    finally:
        for listener in listeners:
            listener.close()
