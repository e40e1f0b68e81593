"""What the client knows of Rumor's commands beforehand."""

from __future__ import annotations

import pytest

from pyrum_sync.catalogue import LISTENER, REQUEST, SEARCH, nearest, roots, steps_of


@pytest.mark.parametrize(
    ("command", "flags", "kind"),
    [
        ("rpc status req raw", {}, REQUEST),
        ("rpc blocks-by-range req raw", {"raw": "true"}, REQUEST),
        ("rpc status req with", {}, None),
        ("rpc status req", {}, None),
        ("rpc status listen", {}, LISTENER),
        ("rpc status resp chunk raw", {}, None),
        ("rpc listen", {}, None),
        ("dv5 random", {"stepwise": "true"}, SEARCH),
        ("dv5 random", {"stepwise": "false"}, None),
        ("dv5 random", {}, None),
        ("dv5 run", {"stepwise": "true"}, None),
        ("host listen", {}, None),
    ],
)
def test_which_commands_have_steps(command: str, flags: dict[str, str], kind: str | None) -> None:
    assert steps_of(tuple(command.split()), flags) == kind


@pytest.mark.parametrize(("word", "meant"), [("hots", "host"), ("peers", "peer"), ("rcp", "rpc"), ("block", "blocks")])
def test_the_nearest_command(word: str, meant: str) -> None:
    assert nearest(word, roots(), "commands") == f"did you mean '{meant}'?"


def test_no_command_is_near() -> None:
    hint = nearest("xyzzy", roots(), "commands")
    assert all(root in hint for root in roots())


def test_session_verbs_and_builtins_are_no_commands() -> None:
    assert not set(roots()) & {
        "include",
        "next",
        "cancel",
        "kill",
        "calls",
        "clear_log_data",
        "grab",
        "me",
        "echo",
        "exit",
    }
