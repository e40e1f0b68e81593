"""The rows of ``rpc``: held to the table of the specification, and to the engine that has the commands."""

from __future__ import annotations

import pytest

from pyrum_sync.catalogue import rows, rows_rpc, tree
from pyrum_sync.engine.commands.base import Command, Group
from pyrum_sync.engine.commands.protocols import METHODS, RUMORS
from pyrum_sync.engine.commands.tree import TREE
from pyrum_sync.spec import methods

RPC = [each for each in tree.commands() if each.path[0] == "rpc"]


def of_engine(path: tuple[str, ...]) -> Command:
    node = TREE
    for word in path:
        below = node.routes[word]
        if isinstance(below, Command):
            return below
        assert isinstance(below, Group)
        node = below
    raise AssertionError(path)


def test_the_methods_are_those_of_the_specification() -> None:
    assert [method.name for method in rows_rpc.METHODS] == list(METHODS)
    for method in rows_rpc.METHODS:
        known = METHODS[method.name].versions
        assert method.versions == ", ".join(str(row.version) for row in known)
        assert method.context == any(row.context for row in known)
        assert method.chunks == METHODS[method.name].chunks
        assert method.engine == (method.name not in RUMORS)


@pytest.mark.parametrize("command", RPC, ids=lambda command: command.name)
def test_a_row_is_the_engines_command(command: tree.Command) -> None:
    theirs = {option.name: option for option in of_engine(command.path).options}
    ours = {each.name: each for each in (*command.args, *command.flags)}
    assert ours.keys() == theirs.keys()
    for name, each in ours.items():
        option = theirs[name]
        kind = option.type.name if option.type.help_name is None else option.type.help_name
        assert rows.TYPES[each.type].rumor == kind
        assert each.required == bool(option.required)
        if not each.required:
            shown = option.type.show(option.default)
            assert (each.default or "") in (shown, "" if shown in option.type.zeros else shown)


def test_what_is_the_engines_is_marked() -> None:
    for command in RPC:
        assert command.engine == (command.path[1] not in RUMORS)
        assert tree.find(command.path[:2]).engine == command.engine  # type: ignore[union-attr]
        if not command.engine:
            assert command.engine_flags <= {"version", "context"}
    several = [name for name in RUMORS if len(methods.versions(name)) > 1]
    versioned = {command.path[1] for command in RPC if "version" in command.engine_flags}
    assert versioned == set(several) == {"status", "metadata", "blocks-by-range", "blocks-by-root"}
    assert not any(each.engine for each in tree.commands() if each.path[0] != "rpc")


def test_what_a_go_rumor_does_not_have() -> None:
    found = tree.command_of(("rpc", "status", "req", "raw"))
    assert found is not None
    assert found.beyond_rumor({}) is None
    assert found.beyond_rumor({"raw": "true", "version": "2"}) == "rpc status req raw with the flag version"
    found = tree.command_of(("rpc", "any", "listen"))
    assert found is not None
    assert found.beyond_rumor({}) == "rpc any listen"


def test_steps() -> None:
    assert tree.steps_of(("rpc", "any", "req", "raw"), {}) == tree.REQUEST
    assert tree.steps_of(("rpc", "blocks-by-head", "listen"), {}) == tree.LISTENER
    assert tree.steps_of(("rpc", "any", "listen"), {"drop": "true"}) is None
