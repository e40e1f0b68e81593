"""What several tests of the client use."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from time import monotonic, sleep
from typing import Any

import pytest

from pyrum_sync import (
    Call,
)
from pyrum_sync.client import keeper as keeper_module
from tests.conftest import HANG, Background
from tests.support.peers import ScriptedServer

Start = Callable[[Callable[[], object]], Background]


def until(condition: Callable[[], object]) -> bool:
    """Wait for what tells nobody that it has come."""
    limit = monotonic() + HANG
    while not condition() and monotonic() < limit:
        sleep(0.001)
    return bool(condition())


def end(peer: ScriptedServer, call: Call) -> None:
    """A call's life ends well."""
    peer.success(call.id)
    peer.freed(call.id)


def fail(peer: ScriptedServer, call: Call, why: str = "no host") -> None:
    """A call fails, as Rumor tells it."""
    peer.error(call.id, why)
    peer.failed(f"_{call.id}", "host", "view", why=f"exit status 1: command failed: {why}")
    peer.freed(call.id)


WAITING: dict[str, Callable[[Call, Any], object]] = {
    "wait": lambda call, limit: call.wait(limit),
    "wait=": lambda call, limit: call.wait(timeout=limit),
    "finished": lambda call, limit: call.finished(timeout=limit),
    "cancel": lambda call, limit: call.cancel(timeout=limit),
    "next": lambda call, limit: call.next(timeout=limit),
    "field": lambda call, limit: call.field("addr")(timeout=limit),
    "values": lambda call, limit: next(call.field("addr").values(timeout=limit)),
    "steps": lambda call, limit: next(call.steps(timeout=limit)),
    "entries": lambda call, limit: next(call.entries(timeout=limit)),
}


ways_to_wait = pytest.mark.parametrize("method", WAITING)


def give_step(peer: ScriptedServer, call: Call, number: int, after: Callable[[], object]) -> None:
    """One step of a listener, asked for and given."""
    taking = threading.Thread(target=lambda: found.append(after()), daemon=True)
    found: list[Any] = []
    taking.start()
    assert peer.line() == f"_{call.id} next &"
    message = "Received request, queued it to respond to!"
    peer.data(call.id, msg=message, req_id=number)
    peer.step(call.id)
    taking.join(HANG)
    assert found == [{"msg": message, "req_id": number}]


class Interrupted(Exception):
    """What the signal handler of these tests raises."""


LONG = "x" * 50_000_000


def script(text: str, server: ScriptedServer) -> subprocess.CompletedProcess[str]:
    """Run a script that uses a server."""
    head = f"""if True:
        import os, signal, sys, threading
        import pyrum_sync.client.session
        from pyrum_sync import *
        pyrum_sync.client.keeper._GOODBYE_TIME = 0.01
        conn = TCPConn("127.0.0.1", {server.port})
    """
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", head + text],
        capture_output=True,
        text=True,
        check=False,
        timeout=HANG,
        cwd=os.path.dirname(os.path.dirname(os.path.dirname(keeper_module.__file__))),
    )
