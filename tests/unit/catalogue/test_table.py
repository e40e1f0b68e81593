"""The table of commands."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pyrum_sync.catalogue import rows_chain, rows_network, rows_rpc, rows_tools
from pyrum_sync.catalogue.help import python_default
from pyrum_sync.catalogue.rows import TYPES
from pyrum_sync.catalogue.tree import (
    Command,
    attribute,
    commands,
    dashed,
    find,
    roots,
    tree,
)


def test_the_table_is_whole() -> None:
    assert sum(not each.engine for each in commands()) == 157, "156 of Rumor's, and help"
    assert roots() == [
        "host", "enr", "peer", "peerstore", "dv5", "gossip", "rpc", "blocks", "states", "chain", "sleep", "tool",
        "help",
    ]  # fmt: skip
    paths = [command.path for command in commands()]
    assert len(set(paths)) == len(paths)
    groups = {" ".join(node.path) for node in tree().walk() if node.command is None}
    sections = (rows_network, rows_rpc, rows_chain, rows_tools)
    assert groups == {name for rows in sections for name in rows.GROUPS}
    assert [word for rows in sections for word in rows.ROWS] == roots()
    assert all(row.usage.split()[0] == word for rows in sections for word, all_ in rows.ROWS.items() for row in all_)


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


_LATE = """if True:
    import sys

    def late():
        known = ("catalogue.help", "client.stubs")
        names = [name.removeprefix("pyrum_sync.") for name in sys.modules if name.startswith("pyrum_sync.")]
        print(*sorted(name for name in names if name in known or name.startswith("catalogue.rows_")), end=";")
        print("difflib" in sys.modules)
"""


def _run(script: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", _LATE + script], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.splitlines()


def test_the_rows_of_a_word_are_read_when_it_is_asked_for() -> None:
    said = _run("""
    import pyrum_sync
    late()
    import pyrum_sync.catalogue.tree as tree
    tree.steps_of(("host", "listen"), {})
    late()
    tree.find(["chain", "list"])
    tree.roots()
    late()
    tree.find(["hots"])
    tree.commands()
    late()
    """)
    assert said == [
        ";False",
        "catalogue.rows_network;False",
        "catalogue.rows_chain catalogue.rows_network;False",
        "catalogue.rows_chain catalogue.rows_network catalogue.rows_rpc catalogue.rows_tools;False",
    ]


def test_running_a_command_reads_its_rows_alone() -> None:
    """What helps people is loaded when somebody asks for it: it costs more than the first command."""
    said = _run("""
    from pyrum_sync import Rumor, SimulatorConn
    with Rumor(SimulatorConn(), timeout=30) as rumor:
        rumor.actor("alice").host.start(nat=False)
    late()
    """)
    assert said == ["catalogue.rows_network;False"]


def test_a_first_word_is_always_the_same_node() -> None:
    assert tree().child("host") is tree().child("host") is tree().children["host"]
    assert list(tree().children) == tree().words() == roots()
