"""Completion and help: what a user sees of the catalogue at the prompt. Nothing is sent for it."""

from __future__ import annotations

import inspect
import io
import pydoc
import rlcompleter
from collections.abc import Iterator
from keyword import iskeyword
from typing import Any

import pytest

from pyrum_sync import Call, Rumor, UnknownCommand
from pyrum_sync.catalogue.help import by_method, describe_command, nearest, root_hint
from pyrum_sync.catalogue.tree import Command, attribute, commands, roots
from tests.support.peers import ScriptedServer


@pytest.fixture
def rumor(peer: ScriptedServer) -> Iterator[Rumor]:
    with peer.rumor() as rumor:
        yield rumor
        assert peer.no_line(), "nothing is sent"


def at(start: Any, words: tuple[str, ...]) -> Any:
    for word in words:
        start = start["my db"] if word.startswith("<") else getattr(start, attribute(word))
    return start


def completed(text: str, **names: object) -> list[str]:
    """What the plain prompt offers on tab."""
    completer = rlcompleter.Completer(names)
    found: list[str] = []
    while (match := completer.complete(text, len(found))) is not None:
        found.append(match)
    return found


# -- completion


def test_dir_at_each_level(rumor: Rumor) -> None:
    alice = rumor.actor("alice")
    for start in (rumor, alice, rumor.nowait, alice.nowait, alice.within(3)):
        assert set(roots()) <= set(dir(start))
        assert dir(start.host) == ["listen", "notify", "start", "stop", "view"]
        assert "blocks_by_range" in dir(start.rpc)
        assert dir(start.rpc.status.resp) == ["chunk", "invalid_request", "server_error"]
        assert "import_" in dir(start.blocks.on["my db"])
        assert dir(start.blocks.on) == [], "any name"
        assert dir(start.host.listen) == []
    assert {"actor", "shell"} <= set(dir(rumor))
    assert {"nowait", "kill"} <= set(dir(alice))
    unknown: Any = alice.host
    assert dir(unknown.a_newer_one) == []


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("alice.ho", ["alice.host"]),  # a group is not called, so no parenthesis stands in the way
        ("alice.host.", ["alice.host.listen(", "alice.host.notify(", "alice.host.start(", "alice.host.stop()",
                         "alice.host.view()"]),
        ("alice.host.li", ["alice.host.listen("]),
        ("alice.nowait.rpc.blocks_by_range.re", ["alice.nowait.rpc.blocks_by_range.req",
                                                 "alice.nowait.rpc.blocks_by_range.resp"]),
        ("rumor.blocks.db.im", ["rumor.blocks.db.import_("]),
        ("rumor.nowait.sl", ["rumor.nowait.sleep("]),
        ("call.add", ["call.addr("]),
    ],
)  # fmt: skip
def test_the_plain_prompt(peer: ScriptedServer, text: str, offered: list[str]) -> None:
    with peer.rumor() as rumor:
        call = rumor.nowait.host.view()
        peer.freed(peer.call())
        found = completed(text, alice=rumor.actor("alice"), rumor=rumor, call=call)
        assert [each.removesuffix(")") for each in found] == [each.removesuffix(")") for each in offered]
        assert peer.no_line()


def test_a_group_is_not_called(rumor: Rumor) -> None:
    group: Any = rumor.host
    assert not callable(group)
    with pytest.raises(TypeError, match=r"'host, a group of commands \(start, .*view.*\)' object is not callable"):
        group()
    assert repr(group) == "<commands 'host' of <Actor: the default one>>"
    assert repr(group.view) == "<command 'host view' of <Actor: the default one>>"


# -- help


def test_help_tells_all(rumor: Rumor) -> None:
    for command in commands():
        tells_all(command, helped(at(rumor.actor("alice"), command.path)))


def helped(thing: object) -> str:
    """What help() shows."""
    shown = io.StringIO()
    pydoc.Helper(output=shown).help(thing)
    return shown.getvalue()


def tells_all(command: Command, text: str) -> None:
    lines = [line.strip() for line in text.splitlines()]
    assert command.summary in lines
    for each in (*command.args, *command.flags):
        [line] = [line for line in lines if line.split("  ")[0] == attribute(each.name) and "  " in line][:1]
        if each.required:
            assert line.endswith("required")
        elif each.default:
            assert line.endswith(f"default {each.default}")
    for name in command.fields:
        assert any(line.split("  ")[0] == name for line in lines)
    for need in command.needs:
        assert need in lines
    if command.kind == "instant":
        assert "Ends by itself." in lines
    if command.note:
        assert command.note in lines


def test_help_tells_which_fields_are_no_attributes() -> None:
    names = {name for command in commands() for name in command.fields if "<" not in name and name != "…"}
    assert {name for name in names if by_method(name)} == {
        name for name in names if not name.isidentifier() or iskeyword(name) or hasattr(Call, name)
    }
    [listen] = [command for command in commands() if command.name == "rpc status listen"]
    assert "    from       string; read it with field('from')\n" in describe_command(listen)


def test_help_as_it_looks(rumor: Rumor) -> None:
    listen: Any = rumor.host.listen
    assert listen.__doc__ == (
        "Listen for connections on a TCP address.\n"
        "\n"
        "Flags:\n"
        "    ip   an IP address\n"
        "    tcp  an integer of 16 bits, not negative; default 9000\n"
        "\n"
        "Fields:\n"
        "    addr  string\n"
        "\n"
        "Needs:\n"
        "    a started host: host.start()\n"
        "\n"
        "Ends by itself.\n"
        "\n"
        "Without ip on all interfaces. With tcp=0 the port is free to choose, and host.view() shows it."
    )
    assert rumor.blocks.on.__doc__ == "Any blocks DB, by its name.\n\n    [name]  The blocks DB of that name."
    assert "\n    listen  Listen for connections on a TCP address.\n" in str(rumor.host.__doc__)


@pytest.mark.parametrize(
    ("words", "life"),
    [
        ("rpc status req raw", "Has steps: each is asked for with next(), or by iterating the call; ends by itself"),
        ("rpc status listen", "Has steps: each is asked for with next(), or by iterating the call; goes on until"),
        ("gossip log", "Long-running: goes on after its set-up, until it is cancelled."),
        ("dv5 random", "With stepwise=True it has steps"),
    ],
)
def test_help_tells_how_it_ends(words: str, life: str) -> None:
    [command] = [command for command in commands() if command.name == words]
    assert life in describe_command(command)


@pytest.mark.parametrize(
    ("words", "signature"),
    [
        ("host listen", "(*, ip: 'ip' = None, tcp: 'uint16' = 9000) -> 'Call'"),
        ("peer connect", "(addr: 'address', tag: 'string' = '', *, timeout: 'duration' = '10s') -> 'Call'"),
        ("host notify", "(*event_types: 'string') -> 'Call'"),
        ("peer status follow", "(following: 'bool' = True) -> 'Call'"),
        ("host stop", "() -> 'Call'"),
    ],
)
def test_signature(rumor: Rumor, words: str, signature: str) -> None:
    assert str(inspect.signature(at(rumor, tuple(words.split())))) == signature


def test_every_signature_can_be_shown(rumor: Rumor) -> None:
    for command in commands():
        parameters = inspect.signature(at(rumor, command.path)).parameters
        assert [*parameters] == [attribute(each.name) for each in (*command.args, *command.flags)]


def test_what_the_catalogue_does_not_know(rumor: Rumor) -> None:
    unknown: Any = rumor.host["a-newer-one"]
    assert unknown.__doc__ == "Not in the catalogue: only Rumor knows what it does."
    assert str(inspect.signature(unknown)) == "(*args: 'Any', **flags: 'Any') -> 'Call'"
    assert "<command 'host a-newer-one'" in helped(unknown)


def test_the_classes_have_help_of_their_own(rumor: Rumor) -> None:
    assert str(type(rumor.host).__doc__).startswith("A group of commands")
    assert str(type(rumor.host.view).__doc__).startswith("A command")


@pytest.mark.parametrize("name", ["getdoc", "_repr_html_", "__wrapped__", "_ipython_display_"])
def test_what_a_prompt_asks_of_any_object(rumor: Rumor, name: str) -> None:
    """IPython would call what it finds, and so send it."""
    for words in (rumor, rumor.nowait, rumor.host, rumor.host.view, rumor.host["a-newer-one"]):
        assert not hasattr(words, name)
        with pytest.raises(UnknownCommand):
            getattr(words, name)


@pytest.mark.parametrize(("word", "meant"), [("hots", "host"), ("peers", "peer"), ("rcp", "rpc"), ("block", "blocks")])
def test_the_nearest_command(word: str, meant: str) -> None:
    assert root_hint(word) == f"did you mean '{meant}'?"


def test_no_command_is_near() -> None:
    hint = root_hint("xyzzy")
    assert all(root in hint for root in roots())


def test_nothing_to_be_near_to() -> None:
    assert nearest("x", [], "the flags are") == "the flags are none"
