"""The table of commands."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pyrum_sync.catalogue.help import python_default
from pyrum_sync.catalogue.rows import TYPES
from pyrum_sync.catalogue.table import GROUPS
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


def test_running_a_command_reads_the_table_alone() -> None:
    """What helps people is loaded when somebody asks for it: it costs more than the first command."""
    script = """if True:
        import sys

        from pyrum_sync import Rumor, SimulatorConn

        with Rumor(SimulatorConn(), timeout=30) as rumor:
            rumor.actor("alice").host.start(nat=False)
        late = ("pyrum_sync.catalogue.table", "pyrum_sync.catalogue.help", "pyrum_sync.client.stubs", "difflib")
        print([name for name in late if name in sys.modules])
    """
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines() == ["['pyrum_sync.catalogue.table']"]
