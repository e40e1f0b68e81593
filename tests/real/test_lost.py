"""A connection that is lost: every waiting thread hears of it at once, and so does every later call."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from time import monotonic

import pytest

from pyrum_sync import Call, CallEnded, ConnectionLost, Rumor, RumorClosed, SubprocessConn
from tests.conftest import HANG, Background
from tests.real.hosts import pair
from tests.support.servers import RumorServer

pytestmark = pytest.mark.rumor

Start = Callable[[Callable[[], object]], Background]


class Waiting:
    """A client with all kinds of things in flight, and all ways to wait for them."""

    def __init__(self, client: Rumor) -> None:
        self.client = client
        alice, bob = pair(client)
        self.listener: Call = alice.actor.rpc.status.listen(raw=True)
        self.notes: Call = alice.actor.host.notify("all")
        self.sleep: Call = client.nowait.sleep("1h")
        self.request: Call = bob.actor.rpc.status.req.raw(alice.peer_id, bytes(84), raw=True)
        assert self.request.next()["msg"] == "made request"
        assert self.listener.next()["data"] == "00" * 84
        self.ways: dict[str, Callable[[], object]] = {
            "wait": self.sleep.wait,
            "wait, with a limit": lambda: self.sleep.wait(timeout=3600),
            "finished": self.notes.finished,
            "finished, with a limit": lambda: self.sleep.finished(timeout=3600),
            "next": self.listener.next,
            "the same step": self.listener.next,
            "steps": lambda: list(self.listener),
            "the chunk": self.request.next,
            "the request's end": self.request.finished,
            "the request's entries": lambda: list(self.request.entries()),
            "a field": self.notes.field("peer_of_nobody"),
            "a field of the next step": self.listener.field("req_id_of_nobody"),
            "all values of a field": lambda: list(self.sleep.field("addr")),
            "entries": lambda: list(self.sleep.entries()),
            "cancel": self.sleep.cancel,
            "shell": lambda: client.shell("sleep 1h"),
            "blocking call": lambda: client.actor("dave").sleep("1h"),
            "with": self._in_with,
        }

    def _in_with(self) -> None:
        with self.client.nowait.sleep("1h") as call:
            call.finished()


def seen_by(server: RumorServer, commands: int) -> bool:
    """Whether the server has that many calls of an hour's sleep."""
    sleeping = [call for call in server.report()["calls"].values() if call["args"] == ["sleep", "1h"]]
    return len(sleeping) >= commands


@pytest.mark.parametrize("way", ["tcp", "unix", "ws"])
def test_everybody_is_told(own_server: RumorServer, background: Start, way: str) -> None:
    with Rumor(getattr(own_server, way)()) as client:
        waiting = Waiting(client)
        finished = client.sleep("1ns")
        finished.finished()
        threads = {name: background(way) for name, way in waiting.ways.items()}
        threads["attach"] = background(lambda: client.attach(waiting.sleep.id))
        assert threads.pop("attach").value() is waiting.sleep  # known here: nothing to wait for
        deadline = monotonic() + HANG
        while not seen_by(own_server, 4) and monotonic() < deadline:
            threading.Event().wait(0.01)

        begun = monotonic()
        own_server.kill()
        errors = {}
        for name, thread in threads.items():
            errors[name] = thread.raised()
        assert monotonic() - begun < HANG
        for name, error in errors.items():
            assert type(error) is ConnectionLost, (name, error)
            assert isinstance(error.__cause__, (EOFError, OSError)), (name, error)
        assert len(set(map(id, errors.values()))) == len(errors), "an exception of its own for each"
        assert len({id(error.__cause__) for error in errors.values()}) == 1, "all from the first cause"

        # Whoever comes later is told as well; what had come is still there.
        later: list[Callable[[], object]] = [
            waiting.listener.next,
            waiting.sleep.wait,
            lambda: client.sleep("1ns"),
            lambda: client.nowait.sleep("1ns"),
            lambda: client.shell("true"),
            lambda: client.attach("another"),
            client.actor("alice").kill,
            client.actor("alice").calls,
            client.actor("alice").me,
        ]
        for use in later:
            with pytest.raises(ConnectionLost) as caught:
                use()
            assert type(caught.value) is ConnectionLost
            assert caught.value.__cause__ is not None
        assert waiting.listener.data["data"] == "00" * 84
        assert waiting.notes.field("event")().startswith("stream_")
        assert finished.finished()["msg"] == "done sleeping!"
        finished.cancel()
        with pytest.raises(CallEnded):
            finished.field("addr")()
    with pytest.raises(RumorClosed):
        client.sleep("1ns")


def test_child_that_is_killed(rumor_path: str, background: Start) -> None:
    with SubprocessConn([rumor_path, "bare", "--level=trace"]) as conn, Rumor(conn) as rumor:
        sleep = rumor.nowait.sleep("1h")
        assert sleep.msg() == "sleeping 1h0m0s"
        waiter = background(sleep.wait)
        os.kill(conn.pid, signal.SIGKILL)
        error = waiter.raised()
        assert isinstance(error, ConnectionLost)
        assert error.exit_status == -signal.SIGKILL
        assert "SIGKILL" in str(error)


def test_attach_while_the_server_dies(own_server: RumorServer, background: Start) -> None:
    """The server is stopped, so that nobody answers, and killed then."""
    with Rumor(own_server.tcp()) as client:
        own_server.stop()
        threads = [
            background(lambda: client.attach("some_call")),
            background(client.actor("alice").kill),
            background(client.actor("alice").calls),
            background(client.actor("alice").me),
            background(lambda: client.shell("true")),
            background(client.nowait.sleep("1ns").wait),
            background(client.nowait.sleep("1ns").cancel),
        ]
        own_server.kill()
        for thread in threads:
            assert type(thread.raised()) is ConnectionLost


def test_rumor_that_panics(rumor: Rumor, background: Start) -> None:
    """Its last words are in the exception."""
    sleep = rumor.nowait.sleep("1h")
    waiter = background(sleep.wait)
    with pytest.raises(ConnectionLost):
        rumor.shell("echo $((1/0))")
    error = waiter.raised()
    assert isinstance(error, ConnectionLost)
    assert error.exit_status == 2
    assert "panic: " in error.stderr
    assert "panic: " in str(error)
