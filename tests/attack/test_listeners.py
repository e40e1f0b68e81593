"""Entries that belong to no call of the session: several wait for some at once, and none may take another's."""

from __future__ import annotations

import re
from collections.abc import Callable

from pyrum_sync import ShellResult
from tests.conftest import Background
from tests.support.peers import ScriptedServer

Start = Callable[[Callable[[], object]], Background]


def _script_id(peer: ScriptedServer) -> str:
    """The id of the script that comes next; its line has a newline inside."""
    while not (found := re.search(r'echo "(\w+)\."; \}', peer.line())):
        pass
    return found[1]


def test_a_script_beside_somebody_who_asks_for_calls(peer: ScriptedServer, background: Start) -> None:
    with peer.rumor() as rumor:
        asking = background(rumor.actor("alice").calls)
        verb = peer.call()
        running = background(lambda: rumor.shell("echo hello"))
        script = _script_id(peer)
        peer.entry(stdout=f"{script}>{script}:hello\n")
        peer.entry(stdout=f"{script}>{script}:{script}?0\n")
        peer.entry(stdout=f"{script}.\n")
        assert running.value() == ShellResult(stdout="hello\n")
        peer.entry(calls={}, actor="alice")
        peer.success(verb)
        peer.freed(verb)
        assert asking.value() == {}


def test_two_who_ask_for_calls_at_once(peer: ScriptedServer, background: Start) -> None:
    with peer.rumor() as rumor:
        asking = []
        verbs = []
        for _ in range(2):
            asking.append(background(rumor.actor("alice").calls))
            verbs.append(peer.call())
        for _ in verbs:
            peer.entry(calls={"s1_1": {}}, actor="alice")
        for verb in verbs:
            peer.success(verb)
            peer.freed(verb)
        assert [each.value() for each in asking] == [{"s1_1": {}}] * 2
