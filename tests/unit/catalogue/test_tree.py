"""What the client knows of Rumor's commands beforehand."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pyrum_sync.catalogue.help import nearest, python_default, root_hint
from pyrum_sync.catalogue.rows import TYPES
from pyrum_sync.catalogue.table import GROUPS
from pyrum_sync.catalogue.tree import (
    LISTENER,
    REQUEST,
    SEARCH,
    Command,
    attribute,
    command_of,
    commands,
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


@pytest.mark.parametrize(("word", "meant"), [("hots", "host"), ("peers", "peer"), ("rcp", "rpc"), ("block", "blocks")])
def test_the_nearest_command(word: str, meant: str) -> None:
    assert root_hint(word) == f"did you mean '{meant}'?"


def test_no_command_is_near() -> None:
    hint = root_hint("xyzzy")
    assert all(root in hint for root in roots())


def test_nothing_to_be_near_to() -> None:
    assert nearest("x", [], "the flags are") == "the flags are none"


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


# -- the table


def test_the_table_is_whole() -> None:
    assert len(commands()) == 157, "156 of Rumor's, and help"
    assert roots() == [
        "host", "enr", "peer", "peerstore", "dv5", "gossip", "rpc", "blocks", "states", "chain", "sleep", "tool",
        "help",
    ]  # fmt: skip
    paths = [command.path for command in commands()]
    assert len(set(paths)) == len(paths)
    groups = {" ".join(node.path) for node in tree().walk() if node.command is None}
    assert groups == set(GROUPS)


@pytest.mark.parametrize("command", commands(), ids=lambda command: command.name)
def test_each_command_is_well_formed(command: Command) -> None:
    assert find(command.path) is not None
    assert command.summary.endswith(".")
    assert command.summary.count(". ") == 0, "one sentence"
    assert command.kind in ("instant", "long-running", "steps")
    names = [each.name for each in (*command.args, *command.flags)]
    assert len(set(names)) == len(names)
    assert {each.type for each in (*command.args, *command.flags)} <= TYPES.keys()
    required = [each.required for each in command.args]
    assert required == sorted(required, reverse=True), "what may be left out comes last"
    assert not any(each.rest for each in command.args[:-1])
    for each in (*command.args, *command.flags):
        assert dashed(attribute(each.name)) == each.name
        assert attribute(each.name).isidentifier()
        value = python_default(each)
        if each.type == "bool" and not each.required:
            assert isinstance(value, bool)
    kinds = {kind for text in command.fields.values() for kind in text.split("|")}
    assert kinds <= {"string", "integer", "boolean", "object", "array", "null", ""}


def test_words_are_names_and_back() -> None:
    for node in tree().walk():
        for word in node.words():
            assert word.isidentifier()
            assert dashed(word) in node.children
    assert attribute("import") == "import_"
    assert attribute("blocks-by-range") == "blocks_by_range"


# -- where words lead


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


# -- fields


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


# -- what it costs


def test_importing_reads_no_table() -> None:
    script = """if True:
        import sys

        import pyrum_sync

        late = ("pyrum_sync.catalogue.table", "pyrum_sync.catalogue.help", "pyrum_sync.client.stubs", "difflib")
        print([name for name in late if name in sys.modules])

        import pyrum_sync.catalogue.tree

        pyrum_sync.catalogue.tree.steps_of(("host", "listen"), {})
        print([name for name in late if name in sys.modules])
    """
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines() == ["[]", "['pyrum_sync.catalogue.table']"]
