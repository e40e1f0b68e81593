"""Deadlines: one for each method, on a clock that nobody sets."""

from __future__ import annotations

import ast
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

import pyrum_sync
from pyrum_sync import Call, CallTimeout, Rumor
from tests.attack.faults import LIMIT, SCRIPTED, ScriptedStage, stage
from tests.conftest import HANG, Background
from tests.support.peers import SUCCESS, ScriptedServer, data, entry

STEP = "Received request, queued it to respond to!"


def listener(peer: ScriptedServer, rumor: Rumor) -> Call:
    call = rumor.nowait.rpc.status.listen()
    peer.success(peer.call())
    call.wait()
    return call


@contextmanager
def trickle(peer: ScriptedServer, stream: bytes) -> Iterator[Callable[[], int]]:
    """The same news again and again, with little time between; gives how often it came so far."""
    enough, sent = threading.Event(), [0]

    def send() -> None:
        while not enough.wait(0.05):
            peer.send(stream)
            sent[0] += 1

    sending = Background(send)
    try:
        yield lambda: sent[0]
    finally:
        enough.set()
        sending.value()


WAITS: dict[str, Callable[[Rumor, Call, float], object]] = {
    "next": lambda _, call, limit: call.next(timeout=limit),
    "steps": lambda _, call, limit: list(call.steps(timeout=limit)),
    "a field": lambda _, call, limit: call.field("nobody")(timeout=limit),
    "values of a field": lambda _, call, limit: list(call.field("nobody").values(timeout=limit)),
    "finished": lambda _, call, limit: call.finished(timeout=limit),
    "cancel": lambda _, call, limit: call.cancel(timeout=limit),
    "shell": lambda rumor, _, limit: rumor.shell("true", timeout=limit),
    "attach": lambda rumor, _, limit: rumor.attach("other", timeout=limit),
    "calls": lambda rumor, _, limit: rumor.actor("alice").calls(timeout=limit),
}


@pytest.mark.parametrize("name", WAITS)
def test_news_that_wake_a_waiter_do_not_move_its_deadline(peer: ScriptedServer, name: str) -> None:
    with peer.rumor() as rumor:
        call = listener(peer, rumor)
        other = rumor.nowait.sleep("1h")
        refused = entry(
            level="warning", msg="failed", error="exit status 1: step failed: step request stopped",
            args=[f"_{call.id}", "next"],
        )  # fmt: skip
        noise = data(call.id, msg="", n=1) + data(call.id, **SUCCESS) + data(other.id, n=1) + entry(stdout="a line")
        with trickle(peer, noise + refused) as times:
            start = monotonic()
            with pytest.raises(CallTimeout):
                WAITS[name](rumor, call, 0.7)
            assert 0.7 <= monotonic() - start < 0.7 + LIMIT
            assert times() > 1
        peer.freed(call.id)
        call.finished(timeout=HANG)


def test_each_turn_of_a_loop_has_the_whole_time(peer: ScriptedServer) -> None:
    """And no more: the news of others do not count."""
    with peer.rumor() as rumor:
        call = rumor.nowait.sleep("1h")
        peer.call()
        turns = call.entries(timeout=0.6)
        start = monotonic()
        for number in range(3):
            peer.data(call.id, n=number)
            assert next(turns)["n"] == number
            time.sleep(0.25)  # what is done between the turns is not the loop's
        assert monotonic() - start > 0.6
        with pytest.raises(CallTimeout):
            next(turns)


@pytest.mark.parametrize("way", SCRIPTED)
def test_polling_never_waits(
    way: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pyrum_sync.client.keeper._GOODBYE_TIME", 0.01)
    certificate: Path | None = request.getfixturevalue("certificate") if way == "wss" else None
    with stage(way, "", folder=tmp_path, certificate=certificate) as there:
        assert isinstance(there, ScriptedStage)
        there.use()
        call: Any = there.listener()
        start = monotonic()
        for wait in WAITS.values():
            with pytest.raises(CallTimeout):
                wait(there.rumor, call, 0)
        with pytest.raises(CallTimeout) as caught:
            there.rumor.within(0).sleep("1h")
        assert caught.value.call is not None
        assert monotonic() - start < LIMIT
        there.server.data(call.id, msg=STEP, n=5)
        there.server.step(call.id)
        there.goes_on()
        assert call.next(timeout=0)["n"] == 5
        assert call.field("n")(timeout=0) == 5
        call.wait(timeout=0)
        there.server.freed(call.id)
        call.finished(timeout=HANG)


def test_ten_thousand_timeouts_in_a_row_lose_no_step(peer: ScriptedServer) -> None:
    with peer.rumor() as rumor:
        call = listener(peer, rumor)
        seen, given, late = [], 0, 0
        while late < 10_000:
            try:
                seen.append(call.next(timeout=(0, 0.00001, 0.0001)[late % 3])["n"])
            except CallTimeout:
                late += 1
                if late % 50 == 0 and given == len(seen):
                    assert peer.line() == f"_{call.id} next &"
                    peer.data(call.id, msg=STEP, n=given)
                    peer.step(call.id)
                    given += 1
        while len(seen) < given:
            seen.append(call.next(timeout=HANG)["n"])
        assert given > 50
        assert seen == list(range(given))
        with pytest.raises(CallTimeout):
            call.next(timeout=0)
        assert peer.line() == f"_{call.id} next &"
        assert peer.no_line(), "one `next` is outstanding at most"


# -- the wall clock


def test_a_wall_clock_that_is_set_back(peer: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """And forward: each look at it says something else."""
    days = [0]

    def changed() -> float:
        days[0] = 1 - days[0]
        return 1_000_000_000.0 + 86_400 * days[0]

    with peer.rumor() as rumor:
        call = listener(peer, rumor)
        for name in ("time", "time_ns"):
            monkeypatch.setattr(time, name, changed)
        for wait in WAITS.values():
            start = monotonic()
            with pytest.raises(CallTimeout):
                wait(rumor, call, 0.05)
            assert 0.05 <= monotonic() - start < 0.05 + LIMIT
        peer.data(call.id, msg=STEP, n=1)
        peer.step(call.id)
        assert call.next(timeout=HANG)["n"] == 1


def test_nothing_asks_the_wall_clock() -> None:
    """Of the client itself: the engine, which is a Rumor, writes the time into its log. Which epoch it is, and when a
    peer was asked, are questions for the wall clock."""
    folder = Path(pyrum_sync.__file__).parent
    asked = {folder / name for name in ("spec/network.py", "probing/asking.py", "cli/probe_table.py")}
    for path in sorted(set(folder.rglob("*.py")) - set(folder.glob("engine/**/*.py")) - asked):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module in ("time", "datetime"):
                names = {alias.name for alias in node.names}
                assert names <= {"monotonic", "sleep", "timedelta"}, path
            elif isinstance(node, ast.Import):
                assert "datetime" not in {alias.name for alias in node.names}, path
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "time":
                assert node.attr in {"monotonic", "sleep"}, path
