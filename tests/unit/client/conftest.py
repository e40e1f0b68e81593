"""What the tests of the client share."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator

import pytest

from pyrum_sync import (
    Actor,
    Call,
    Rumor,
)
from pyrum_sync.client import keeper as keeper_module
from tests.support.peers import ScriptedServer
from tests.unit.client.helpers import Interrupted


@pytest.fixture
def rumor(peer: ScriptedServer) -> Iterator[Rumor]:
    """A client of the scripted Rumor."""
    with peer.rumor() as rumor:
        yield rumor


@pytest.fixture
def call(peer: ScriptedServer, rumor: Rumor) -> Call:
    """A call that was sent; nothing was heard of it."""
    call = rumor.actor("alice").nowait.host["any"]()
    assert peer.call() == call.id
    return call


@pytest.fixture
def listener(peer: ScriptedServer, rumor: Rumor) -> Call:
    """A call that has steps and is set up."""
    call = rumor.actor("alice").nowait.rpc.status.listen(raw=True)
    peer.call()
    peer.success(call.id)
    call.wait()
    return call


@pytest.fixture
def starting(peer: ScriptedServer, rumor: Rumor) -> Call:
    """A call that could have steps, without any entry yet."""
    call = rumor.actor("alice").nowait.rpc.status.listen()
    assert peer.call() == call.id
    return call


@pytest.fixture
def interrupt() -> Iterator[Callable[[], None]]:
    """A signal to the main thread, whose handler raises: again and again until it did, for Python itself takes no
    notice of one that comes just before it begins to wait."""
    raised = threading.Event()
    main = threading.main_thread().ident or 0

    def handler(*_: object) -> None:
        if not raised.is_set():
            raised.set()
            raise Interrupted

    def press() -> None:
        while not raised.is_set():
            signal.pthread_kill(main, signal.SIGUSR1)
            raised.wait(0.05)

    before = signal.signal(signal.SIGUSR1, handler)
    yield press
    signal.signal(signal.SIGUSR1, before)


@pytest.fixture
def alice(rumor: Rumor) -> Actor:
    """One of its actors."""
    return rumor.actor("alice")


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper_module, "_STRANGER_TIME", 0.1)
    monkeypatch.setattr(keeper_module, "_GOODBYE_TIME", 0.01)
