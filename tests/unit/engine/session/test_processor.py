"""The processor: entries go to those who subscribed and are interested, and calls come and go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyrum_sync.engine.session.call import Call
from pyrum_sync.engine.session.commands import CommandError
from pyrum_sync.engine.session.context import Context
from pyrum_sync.engine.session.levels import Level
from pyrum_sync.engine.session.processor import Processor
from tests.support.hosts import in_loop


class Commands:
    """Commands that do what a test wants."""

    network = "memory"

    def __init__(self) -> None:
        self.scope = Context()
        self.closed = False

    def knows(self, word: str) -> bool:
        return word == "x"

    def context(self, actor: str) -> Context:
        del actor
        return self.scope

    async def execute(self, actor: str, call: Call, words: list[str], context: Context) -> str | None:
        del actor, context
        if words == ["fail"]:
            raise CommandError("no")
        if words == ["bug"]:
            raise ZeroDivisionError
        if words == ["stay"]:
            call.register_stop(lambda: call.log(Level.INFO, "stopped"))
        call.log(Level.INFO, "ran", {"field": 1})
        return "help" if words == ["help"] else None

    async def kill(self, actor: str) -> None:
        del actor

    async def close(self) -> None:
        self.closed = True

    def report(self) -> dict[str, Any]:
        return {"alice": {}}


class Subscriber:
    """Takes what it is interested in."""

    def __init__(self, *interests: str) -> None:
        self.interests = interests
        self.taken: list[tuple[str, str]] = []
        self.cuts: list[bool] = []
        self.freed_calls: list[str] = []
        self.closed = False

    def take(self, call_id: str, level: Level, message: str, fields: Mapping[str, Any], *, cut: bool) -> bool:
        del level, fields
        if call_id in self.interests:
            self.taken.append((call_id, message))
            self.cuts.append(cut)
            return True
        return False

    def freed(self, call_id: str) -> None:
        self.freed_calls.append(call_id)

    def close(self) -> None:
        self.closed = True


def processor() -> Processor:
    return Processor(Commands(), lambda *_: None)


@in_loop
async def test_entries_go_to_each_subscriber_that_is_interested() -> None:
    calls = processor()
    one, other, gone = Subscriber("a"), Subscriber("a", "b"), Subscriber("a")
    ids = [calls.subscribe(each) for each in (one, other, gone)]
    assert len(set(ids)) == 3
    calls.unsubscribe(gone)
    calls.unsubscribe(gone)
    await calls.run("alice", "a", ["x"])
    await calls.run("alice", "b", ["x"])
    assert [message for _, message in one.taken] == ["ran", "completed call", "freed call resources"]
    assert {call for call, _ in other.taken} == {"a", "b"}
    assert one.freed_calls == ["a", "b"]
    assert gone.taken == []


@in_loop
async def test_what_calls_logged_is_kept_until_it_is_cleared() -> None:
    calls = processor()
    await calls.run("alice", "a", ["x"])
    assert calls.data("a_field") == (1, True)
    assert calls.data("b_field") == (None, False)
    calls.clear_data()
    assert calls.data("a_field") == (None, False)


@in_loop
async def test_a_call_that_stays_is_listed_until_it_is_stopped() -> None:
    calls = processor()
    session = Subscriber("a")
    calls.subscribe(session)
    call, error = await calls.run("alice", "a", ["stay"])
    assert error is None
    assert calls.call("a") is call
    assert calls.calls_of("alice") == {"a": {"actor": "alice", "args": ["stay"]}}
    assert calls.calls_of("bob") == {}
    assert calls.report()["calls"]["a"]["args"] == ["stay"]
    call.stop()
    assert session.taken[-1] == ("a", "stopped")
    await calls.close()
    assert session.closed


@in_loop
async def test_a_failure_and_a_bug_are_errors_of_the_call() -> None:
    calls = processor()
    assert (await calls.run("alice", "a", ["fail"]))[1] == "no"
    error = (await calls.run("alice", "b", ["bug"]))[1]
    assert error is not None
    assert "ZeroDivisionError" in error


@in_loop
async def test_help_is_an_entry() -> None:
    calls = processor()
    session = Subscriber("a")
    calls.subscribe(session)
    await calls.run("alice", "a", ["help"])
    assert ("a", "help") in session.taken


@in_loop
async def test_closing_stops_calls_then_actors_then_sessions() -> None:
    commands = Commands()
    logged: list[str] = []
    calls = Processor(commands, lambda _level, message, _fields: logged.append(message))
    session = Subscriber("a")
    calls.subscribe(session)
    await calls.run("alice", "a", ["stay"])
    await calls.close()
    assert session.taken[-1] == ("a", "stopped")
    assert commands.closed
    assert session.closed
    closing = [message for message in logged if message.startswith("Clos")]
    assert closing == [
        "Closing remaining calls...",
        "Closing remaining actors...",
        "Closing global context...",
        "Closing remaining sessions...",
        "Closed session processor",
    ]
