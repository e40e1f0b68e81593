"""The tree of words."""

from __future__ import annotations

import pytest

from pyrum_sync.catalogue.tree import (
    LISTENER,
    REQUEST,
    SEARCH,
    attribute,
    command_of,
    dashed,
    find,
    roots,
    steps_of,
    tree,
)


@pytest.mark.parametrize(
    ("command", "flags", "kind"),
    [
        ("rpc status req raw", {}, REQUEST),
        ("rpc blocks-by-range req raw", {"raw": "true"}, REQUEST),
        ("rpc status req with", {}, None),
        ("rpc status req", {}, None),
        ("rpc status req raw more", {}, REQUEST),
        ("rpc status listen", {}, LISTENER),
        ("rpc status resp chunk raw", {}, None),
        ("rpc listen", {}, None),
        ("dv5 random", {"stepwise": "true"}, SEARCH),
        ("dv5 random", {"stepwise": "false"}, None),
        ("dv5 random", {}, None),
        ("dv5 run", {"stepwise": "true"}, None),
        ("host listen", {}, None),
        ("rpc goodbye listen", {}, None),
        ("rpc goodbye listen", {"drop": "false"}, LISTENER),
        ("rpc status listen", {"drop": "1"}, None),
        ("rpc a-newer-one req raw", {}, REQUEST),
        ("rpc a-newer-one listen", {}, LISTENER),
    ],
)
def test_which_commands_have_steps(command: str, flags: dict[str, str], kind: str | None) -> None:
    assert steps_of(tuple(command.split()), flags) == kind


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


def test_words_are_names_and_back() -> None:
    for node in tree().walk():
        for word in node.words():
            assert word.isidentifier()
            assert dashed(word) in node.children
    assert attribute("import") == "import_"
    assert attribute("blocks-by-range") == "blocks_by_range"


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["host", "listen"], "host listen"),
        (["blocks", "on", "my db", "list"], "blocks on <name> list"),
        (["chain", "on", "x", "head", "get"], "chain on <name> head get"),
        (["sleep", "3s"], "sleep"),
        (["host", "listen", "more"], "host listen"),
        (["host", "listen", "--help"], None),
        (["host", "listen", "help"], None),
        (["blocks", "on", "help"], None),
        (["host"], None),
        (["host", "lisen"], None),
        (["hots", "listen"], None),
        ([], None),
    ],
)
def test_the_command_that_words_run(words: list[str], name: str | None) -> None:
    command = command_of(words)
    assert (command.name if command is not None else None) == name


@pytest.mark.parametrize(
    ("words", "found"),
    [(["blocks", "on"], True), (["blocks", "on", "x"], True), (["blocks", "x"], False), (["blocks", "x", "y"], False)],
)
def test_where_words_lead(words: list[str], found: bool) -> None:
    assert (find(words) is not None) is found


@pytest.mark.parametrize(
    ("words", "field", "given"),
    [
        ("host view", "addr", True),
        ("host view", "adr", False),
        ("host view", "msg", True),
        ("host view", "error", True),
        ("sleep", "addr", False),
        ("enr view", "enr_fail_eth2", True),
        ("enr view", "enr_other", False),
        ("dv5 run", "whatever", True),
        ("tool enr-value", "stdout", True),
    ],
)
def test_fields(words: str, field: str, given: bool) -> None:
    command = command_of(words.split())
    assert command is not None
    assert command.has_field(field) is given
