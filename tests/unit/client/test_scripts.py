"""Scripts of Rumor's shell."""

from __future__ import annotations

from typing import Any

import pytest

from pyrum_sync import (
    CallTimeout,
    Rumor,
    RumorClosed,
    ShellError,
)
from pyrum_sync.client.deadline import Deadline
from tests.support.peers import ScriptedServer, data, entry
from tests.unit.client.helpers import Start


def output(peer: ScriptedServer, text: str) -> None:
    peer.entry(stdout=text + "\n", level="info")


def test_a_script(peer: ScriptedServer, rumor: Rumor, background: Start) -> None:
    running = background(lambda: rumor.shell("echo hello\nhost view"))
    call_id = await_script(peer)
    output(peer, f"{call_id}>{call_id}:  hello ")
    output(peer, f"{call_id}>oops")
    peer.entry(call_id="s2_1", actor="alice", n=1)
    output(peer, "of somebody else")
    output(peer, f"{call_id}>{call_id}:{call_id}?0")
    assert running.is_alive()
    output(peer, f"{call_id}.")
    result: Any = running.value()
    assert (result.stdout, result.stderr, result.status) == ("  hello \n", "oops\n", 0)
    assert [entry["n"] for entry in result.entries] == [1]
    assert rumor.calls == {}


def test_what_comes_behind_a_script_is_not_its_own(peer: ScriptedServer, rumor: Rumor, background: Start) -> None:
    running = background(lambda: rumor.shell("host view"))
    call_id = await_script(peer)
    peer.send(
        data("s2_1", n=1)
        + entry(stdout=f"{call_id}>{call_id}:{call_id}?0\n")
        + entry(stdout=f"{call_id}.\n")
        + data("s2_2", n=2)
    )
    result: Any = running.value()
    assert [entry["n"] for entry in result.entries] == [1]


def await_script(peer: ScriptedServer) -> str:
    """The id of the script that comes next, once all its lines have come."""
    text = peer.line()
    while not text.endswith("} &"):
        text += "\n" + peer.line()
    found = text.rpartition(".")[0].rpartition('"')[2] or text.rpartition(".")[0].rpartition("'")[2]
    return found.split()[-1]


def test_a_script_that_fails(peer: ScriptedServer, rumor: Rumor, background: Start) -> None:
    for check in (True, False):
        running = background(lambda check=check: rumor.shell("exit 3", check=check))  # type: ignore[misc]
        call_id = await_script(peer)
        output(peer, f"{call_id}>no such thing")
        output(peer, f"{call_id}>{call_id}:{call_id}?3")
        output(peer, f"{call_id}.")
        if check:
            error = running.raised()
            assert isinstance(error, ShellError)
            assert "exit status 3: no such thing" in str(error)
            assert error.result.status == 3
        else:
            result: Any = running.value()
            assert result.status == 3


def test_a_script_that_fails_without_a_word(peer: ScriptedServer, rumor: Rumor, background: Start) -> None:
    running = background(lambda: rumor.shell("false"))
    call_id = await_script(peer)
    output(peer, f"{call_id}>{call_id}:{call_id}?1")
    output(peer, f"{call_id}.")
    assert "it wrote nothing to stderr" in str(running.raised())


@pytest.mark.parametrize("said", ["", "oops"])
def test_rumors_reason_for_a_failure(peer: ScriptedServer, rumor: Rumor, background: Start, said: str) -> None:
    running = background(lambda: rumor.shell("alice: host view"))
    call_id = await_script(peer)
    if said:
        output(peer, f"{call_id}>{said}")
    peer.entry(
        level="warning", msg="failed", args=["_1_deadbeef", "host", "stop"], error="exit status 1: of the script's own"
    )
    peer.failed(f"_{call_id.partition('_')[0]}9_{call_id.partition('_')[2]}", "cancel", why="of a call of ours")
    peer.failed("alice:", "host", "view", why="exit status 1: command failed: no host \x1b")
    output(peer, f"{call_id}>{call_id}:{call_id}?1")
    output(peer, f"{call_id}.")
    error = running.raised()
    assert isinstance(error, ShellError)
    assert str(error) == "the script ended with exit status 1: " + "; ".join(
        [*filter(None, [said]), "_1_deadbeef host stop: of the script's own", "alice: host view: no host \\x1b"]
    )
    assert [entry["args"][-1] for entry in error.result.entries] == ["stop", "view"]


def test_of_many_lines_that_failed_the_last_are_shown(peer: ScriptedServer, rumor: Rumor, background: Start) -> None:
    running = background(lambda: rumor.shell("many"))
    call_id = await_script(peer)
    for number in range(50):
        peer.failed("alice:", str(number), why="no")
    output(peer, f"{call_id}>{call_id}:{call_id}?1")
    output(peer, f"{call_id}.")
    said = str(running.raised())
    assert said.endswith("(47 more); alice: 47: no; alice: 48: no; alice: 49: no")


def test_two_scripts_at_once_have_their_own_entries_each(peer: ScriptedServer, rumor: Rumor, background: Start) -> None:
    first = background(lambda: rumor.shell("alice: host view"))
    first_id = await_script(peer)
    second = background(lambda: rumor.shell("bob: host view"))
    assert peer.no_line(), "it waits for its turn"
    with pytest.raises(CallTimeout):
        rumor.shell("carol: host view", timeout=0.01)
    peer.entry(call_id="s2_1", n=1)
    output(peer, f"{first_id}>{first_id}:{first_id}?0")
    output(peer, f"{first_id}.")
    result: Any = first.value()
    assert [entry["n"] for entry in result.entries] == [1]
    second_id = await_script(peer)
    peer.entry(call_id="s2_1", n=2)  # the first has left it running
    peer.entry(call_id="s2_2", n=3)
    peer.entry(call_id="mine", n=4)
    output(peer, f"{second_id}>{second_id}:{second_id}?0")
    output(peer, f"{second_id}.")
    result = second.value()
    assert [entry["n"] for entry in result.entries] == [3, 4]


def test_a_script_that_waits_for_its_turn_ends_with_the_rumor(
    peer: ScriptedServer, rumor: Rumor, background: Start
) -> None:
    first = background(lambda: rumor.shell("true"))
    await_script(peer)
    second = background(lambda: rumor.shell("true"))
    assert peer.no_line()
    rumor.close()
    for each in (first, second):
        assert isinstance(each.raised(), RumorClosed)


def test_a_script_in_a_signal_handler_does_not_wait_for_the_one_that_it_interrupts(
    peer: ScriptedServer, rumor: Rumor
) -> None:
    session = rumor._session
    session.turns.take("a script of this thread", Deadline(1), session.check)
    with pytest.raises(CallTimeout):
        rumor.shell("true", timeout=0)
    await_script(peer)


def test_other_calls_go_on_during_a_script(peer: ScriptedServer, rumor: Rumor, background: Start) -> None:
    running = background(lambda: rumor.shell("sleep 5s"))
    call_id = await_script(peer)
    call = rumor.nowait.host.view()
    peer.data(peer.call(), n=1)
    peer.freed_after_success(call.id)
    assert call.finished()["n"] == 1
    assert running.is_alive()
    output(peer, f"{call_id}>{call_id}:{call_id}?0")
    output(peer, f"{call_id}.")
    result: Any = running.value()
    assert result.entries == []


def test_a_script_that_takes_too_long(peer: ScriptedServer, rumor: Rumor, background: Start) -> None:
    with pytest.raises(CallTimeout, match=r"waited 0\.01 s for a shell script to end"):
        rumor.shell("sleep 5s", timeout=0.01)
    call_id = await_script(peer)
    output(peer, f"{call_id}.")
    calling = background(lambda: rumor.host.view())  # noqa: PLW0108
    peer.freed_after_success(peer.call())
    calling.value()
