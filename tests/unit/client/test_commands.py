"""Commands as attribute chains."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from remerkleable.basic import uint64

from pyrum_sync import (
    Actor,
    Call,
    Rumor,
    UnknownCommand,
)
from tests.support.peers import ScriptedServer


def test_an_actor_is_always_the_same(rumor: Rumor, alice: Actor) -> None:
    assert rumor.actor("alice") is alice
    assert rumor.actor("bob") is not alice
    assert alice.name == "alice"
    assert repr(alice) == "<Actor 'alice'>"


@pytest.mark.parametrize("name", ["", "a b", "a:", "-a", "a\n"])
def test_a_name_that_cannot_be_one(rumor: Rumor, name: str) -> None:
    with pytest.raises(ValueError, match="name of an actor"):
        rumor.actor(name)
    with pytest.raises(TypeError, match="name must be a str"):
        rumor.actor(7)  # type: ignore[arg-type]


def sent(peer: ScriptedServer, call: Call) -> str:
    """The line of a call, without what is the same in all."""
    line = peer.line()
    assert line == call.command
    prefix, suffix = f"_{call.id} ", " &"
    assert line.startswith(prefix)
    assert line.endswith(suffix)
    return line.removeprefix(prefix).removesuffix(suffix)


LINES: list[tuple[Callable[[Any], Call], str]] = [
    (lambda on: on.host.listen(ip="127.0.0.1", tcp=9001), "host listen --ip=127.0.0.1 --tcp=9001"),
    (lambda on: on.host.start(nat=False), "host start --nat=false"),
    (lambda on: on.host.start(nat=None), "host start"),
    (lambda on: on.peer.connect("/ip4/127.0.0.1/tcp/1"), "peer connect /ip4/127.0.0.1/tcp/1"),
    (lambda on: on.peer.connect("it's $HOME"), "peer connect 'it'\"'\"'s $HOME'"),
    (lambda on: on.peer.connect(""), "peer connect ''"),
    (lambda on: on.peer.connect("-x"), "peer connect -- -x"),
    (lambda on: on.peer.connect("help"), "peer connect -- help"),
    (lambda on: on.peer.connect("zoë\n\x80"), "peer connect 'zoë\n'$'\\u0080'''"),
    (lambda on: on.rpc.blocks_by_range.req.raw("p", b"\x01"), "rpc blocks-by-range req raw p 01"),
    (lambda on: on["rpc"]["blocks-by-range"]["req"]["raw"]("p", b"\x01"), "rpc blocks-by-range req raw p 01"),
    (lambda on: on.blocks.on["my db"].list(), "blocks on 'my db' list"),
    (lambda on: on.blocks.import_("x"), "blocks import x"),
    (lambda on: on.rpc.status.req.raw("p", uint64(5), timeout=3), "rpc status req raw --timeout=3s p 5"),
    (lambda on: on.sleep("5s"), "sleep 5s"),
    (lambda on: on.sleep(timedelta(seconds=1.5)), "sleep 1.5s"),
]


@pytest.mark.parametrize(("use", "words"), LINES, ids=[words for _, words in LINES])
def test_what_is_written_is_what_is_sent(
    peer: ScriptedServer, rumor: Rumor, alice: Actor, use: Callable[[Any], Call], words: str
) -> None:
    if "\n" in words:
        call = use(alice.nowait)  # one line to the shell, two to this peer
        assert call.command == f"_{call.id} alice: lvl_trace {words} &"
        return
    assert sent(peer, use(alice.nowait)) == f"alice: lvl_trace {words}"
    assert sent(peer, use(rumor.nowait)) == f"lvl_trace {words}"


@pytest.mark.parametrize("wrong", [object(), {"a": 1}, None, [[1]]])
def test_values_without_a_form_are_refused_and_nothing_is_sent(peer: ScriptedServer, alice: Actor, wrong: Any) -> None:
    with pytest.raises(TypeError, match="argument 1"):
        alice.peer.connect(wrong)
    if wrong is not None:
        with pytest.raises(TypeError, match="flag ip"):
            alice.host.listen(ip=wrong)
    assert peer.no_line()


@pytest.mark.parametrize("wrong", ["a\0", "\ud800"], ids=ascii)
def test_text_that_cannot_travel_is_refused_and_nothing_is_sent(
    peer: ScriptedServer, rumor: Rumor, alice: Actor, wrong: str
) -> None:
    with pytest.raises(ValueError, match="argument 1"):
        alice.peer.connect(wrong)
    with pytest.raises(ValueError, match="flag ip"):
        alice.host.listen(ip=wrong)
    with pytest.raises(ValueError, match="a word of a command"):
        alice.blocks.on[wrong]
    with pytest.raises(ValueError, match="script"):
        rumor.shell(wrong)
    assert peer.no_line()
    assert rumor.calls == {}


def test_words_of_other_types_are_refused(alice: Actor) -> None:
    for where in (alice, alice.nowait, alice.blocks.on):
        with pytest.raises(TypeError, match="a word of a command must be a str, not int"):
            where[7]  # type: ignore[index]


@pytest.mark.parametrize("name", ["hots", "_host", "__wrapped__", "ls", "exit", "_repr_html_", "next"])
def test_unknown_commands_are_no_attributes(peer: ScriptedServer, rumor: Rumor, alice: Actor, name: str) -> None:
    for where in (rumor, alice, rumor.nowait, alice.nowait):
        assert not hasattr(where, name)
        with pytest.raises(UnknownCommand, match=name):
            getattr(where, name)
    assert peer.no_line()


def test_an_unknown_command_names_the_nearest(alice: Actor) -> None:
    with pytest.raises(UnknownCommand, match="host"):
        _ = alice.hots  # type: ignore[attr-defined]
    with pytest.raises(UnknownCommand, match="host"):
        alice["hots"]


def test_completion_shows_the_commands(rumor: Rumor, alice: Actor) -> None:
    for where in (rumor, alice, rumor.nowait, alice.nowait):
        assert {"host", "peer", "rpc", "dv5", "gossip", "blocks", "states", "enr", "tool"} <= set(dir(where))
    assert {"actor", "close", "attach"} <= set(dir(rumor))
    assert {"kill", "me", "within"} <= set(dir(alice))
    assert "listen" in dir(alice.host)


def test_reprs(rumor: Rumor, alice: Actor) -> None:
    assert repr(alice.host.view) == "<command 'host view' of <Actor 'alice'>>"
    assert repr(rumor.within(1)) == "<Actor: the default one>"
    assert repr(alice.nowait) == "<nowait of <Actor 'alice'>>"


def test_what_is_half_made_or_copied_does_not_look_for_itself_for_ever(alice: Actor) -> None:
    for thing in (alice, alice.nowait, alice.host, alice.host.view):
        assert type(copy.copy(thing)) is type(thing)
    with pytest.raises(UnknownCommand, match="_default"):
        _ = Rumor.__new__(Rumor).host


@pytest.mark.parametrize("wrong", ["1", True, [1]])
def test_limits_of_actors_are_checked(rumor: Rumor, alice: Actor, wrong: Any) -> None:
    uses: list[Callable[[Any], object]] = [
        alice.within, rumor.within, alice.kill, alice.me, alice.calls,
        lambda limit: rumor.shell("true", timeout=limit), lambda limit: rumor.attach("py_0", timeout=limit),
    ]  # fmt: skip
    for use in uses:
        with pytest.raises(TypeError, match="a timeout must be a number"):
            use(wrong)
        with pytest.raises(ValueError, match="a timeout must be 0 or more"):
            use(-1)


@pytest.mark.parametrize("path", ["host", "rpc.status", "rpc.status.req", "blocks.db", "blocks.on"])
def test_a_group_that_is_called_names_its_commands(alice: Actor, path: str) -> None:
    group: Any = alice
    for word in path.split("."):
        group = getattr(group, word)
    for arguments in ((), ("x",)):
        with pytest.raises(TypeError) as caught:
            group(*arguments)
        assert f"{path.replace('.', ' ')}, a group of commands (" in str(caught.value)
        assert all(word in str(caught.value) for word in dir(group))


def test_no_word_at_all_is_no_command(alice: Actor) -> None:
    for where in (alice, alice.nowait, alice.host, alice.host["any"], alice.blocks.on):
        with pytest.raises(UnknownCommand, match="Rumor has no command ''"):
            where[""]
