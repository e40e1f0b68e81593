"""What the catalogue refuses before anything is sent, and what it adds to Rumor's own errors."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import timedelta
from enum import Enum
from typing import Any

import pytest
from remerkleable.basic import boolean, uint64

from pyrum_sync import CallError, Rumor
from tests.support.peers import ScriptedServer


class Pause(Enum):
    SHORT = 1.5
    LATE = -3


def words_of(peer: ScriptedServer) -> str:
    """The words of the next call, behind what the client puts before them; it ends at once."""
    found = re.fullmatch(r"_(\w+) lvl_trace (.*) &", peer.line())
    assert found
    peer.success(found[1])
    peer.freed(found[1])
    return found[2]


# -- arguments


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (lambda rumor: rumor.host.listen("x"), "host listen takes no arguments, 1 given"),
        (lambda rumor: rumor.host.listen.more(), "host listen takes no arguments, 1 given"),
        (lambda rumor: rumor.sleep("1s", "2s"), "sleep takes 1 argument (time), 2 given"),
        (lambda rumor: rumor.sleep["1s"]("2s"), "sleep takes 1 argument (time), 2 given"),
        (lambda rumor: rumor.peer.connect(1, 2, 3), "peer connect takes 1 to 2 arguments (addr, tag), 3 given"),
        (lambda rumor: rumor.peer.connect(1, 2, addr=3), "takes 0 to 1 argument (tag) beside those given by name, 2"),
        (lambda rumor: rumor.sleep("1s", time="2s"), "sleep takes no arguments beside those given by name, 1 given"),
        (lambda rumor: rumor.blocks.on["my db"].get(1, 2), "blocks on <name> get takes 1 argument (root), 2 given"),
    ],
)
def test_more_arguments_than_it_takes(peer: ScriptedServer, command: Callable[[Any], object], message: str) -> None:
    """Rumor would ignore them in silence."""
    with peer.rumor() as rumor:
        with pytest.raises(TypeError, match=re.escape(message)):
            command(rumor.nowait)
        assert not rumor.calls
        assert peer.no_line()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (lambda rumor: rumor.host.notify("listen", "stream"), "host notify listen stream"),
        (lambda rumor: rumor.host.notify(), "host notify"),
        (lambda rumor: rumor.peer.connect("x", addr="y"), "peer connect --addr=y x"),
        (lambda rumor: rumor.peer.connect("x", addr=None), "peer connect x"),
        (lambda rumor: rumor.sleep["3s"](), "sleep 3s"),
        (lambda rumor: rumor.host.newer("x", "y", flag=1), "host newer --flag=1 x y"),
        (lambda rumor: rumor.host.listen(newer=1), "host listen --newer=1"),
        (lambda rumor: rumor.host["--help"]("x"), "host --help x"),
        (lambda rumor: rumor.host.listen["--help"](), "host listen --help"),
        (lambda rumor: rumor.blocks.db.import_(input="x"), "blocks db import --input=x"),
        (lambda rumor: rumor.blocks.on["my db"].list(), "blocks on 'my db' list"),
        (lambda rumor: rumor.peer.info(peer_ID="x"), "peer info --peer-ID=x"),
    ],
)
def test_what_is_sent_all_the_same(peer: ScriptedServer, command: Callable[[Any], object], words: str) -> None:
    with peer.rumor() as rumor:
        command(rumor.nowait)
        assert words_of(peer) == words


# -- durations


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3s"),
        (1.5, "1.5s"),
        (0, "0s"),
        (0.0, "0s"),
        (-0.0, "0s"),
        (1e-7, "0.0000001s"),
        (1e-12, "0.000000001s"),
        (123456.789, "123456.789s"),
        (uint64(7), "7s"),
        (Pause.SHORT, "1.5s"),
        (timedelta(minutes=1, milliseconds=5), "60.005s"),
        ("1m30s", "1m30s"),
        ("", "''"),
    ],
)
def test_durations(peer: ScriptedServer, value: Any, text: str) -> None:
    with peer.rumor() as rumor:
        rumor.nowait.sleep(value)
        assert words_of(peer) == f"sleep {text}"
        rumor.nowait.peer.connect("x", timeout=value)
        assert words_of(peer) == f"peer connect --timeout={text} x"
        rumor.nowait.sleep(time=value)
        assert words_of(peer) == f"sleep --time={text}"


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (-1, ValueError),
        (-0.001, ValueError),
        ("-3s", ValueError),
        (timedelta(seconds=-1), ValueError),
        (Pause.LATE, ValueError),
        (math.nan, ValueError),
        (math.inf, ValueError),
        (1e10, ValueError),
        ("1\0s", ValueError),
        (True, TypeError),
        (boolean(1), TypeError),
        (b"\x01", TypeError),
        ([1], TypeError),
        (object(), TypeError),
    ],
)
def test_what_is_no_duration(peer: ScriptedServer, value: Any, error: type[Exception]) -> None:
    """A negative one would kill Rumor."""
    with peer.rumor() as rumor:
        with pytest.raises(error, match="argument 1"):
            rumor.nowait.sleep(value)
        with pytest.raises(error, match="flag timeout"):
            rumor.nowait.rpc.status.listen(timeout=value)
        assert not rumor.calls
        assert peer.no_line()


def test_a_negative_duration_in_brackets(peer: ScriptedServer) -> None:
    with peer.rumor() as rumor:
        word: Any = rumor.nowait.sleep
        with pytest.raises(ValueError, match="cannot be negative"):
            word["-3s"]()
        assert peer.no_line()


def test_numbers_elsewhere_are_numbers(peer: ScriptedServer) -> None:
    with peer.rumor() as rumor:
        rumor.nowait.host.start(lo_peers=-3, hi_peers=3)
        assert words_of(peer) == "host start --lo-peers=-3 --hi-peers=3"


# -- the nearest name


@pytest.mark.parametrize(
    ("command", "why", "hint"),
    [
        (lambda r: r.host.lisen(), "command was not recognized", ": did you mean 'listen'?"),
        (lambda r: r.blocks.db.imprt(), "command was not recognized", ": did you mean 'import_'?"),
        (lambda r: r.blocks.on["x"].lst(), "command was not recognized", ": did you mean 'list'?"),
        (lambda r: r.gossip.listpeers("x"), "command was not recognized", ": did you mean 'list_peers'?"),
        (lambda r: r.rpc.blocks_by_rng.req.raw(), "command was not recognized", ": did you mean 'blocks_by_range'?"),
        (lambda r: r.enr.xyzzy(), "command was not recognized", ": the commands of enr are view, gen_key, make"),
        (lambda r: r.host.view(), "command was not recognized", ""),
        (lambda r: r.host.listen(tpc=1), "unknown flag: --tpc", ": did you mean 'tcp'?"),
        (lambda r: r.peer.add("x", peerid=1), "unknown flag: --peerid", ": did you mean 'peer_id'?"),
        (lambda r: r.sleep(tim=1), "unknown flag: --tim", ": did you mean 'time'?"),
        (lambda r: r.host.listen(q=1), "unknown flag: --q", ": the flags of host listen are ip, tcp"),
        (lambda r: r.host.stop(q=1), "unknown flag: --q", ": the flags of host stop are none"),
        (lambda r: r.host.newer(tpc=1), "unknown flag: --tpc", ""),
        (lambda r: r.host.listen(), "something else", ""),
    ],
)
def test_the_nearest_name_is_added(peer: ScriptedServer, command: Callable[[Any], Any], why: str, hint: str) -> None:
    with peer.rumor() as rumor:
        call = command(rumor.nowait)
        call_id = peer.call()
        peer.error(call_id, why)
        peer.freed(call_id)
        with pytest.raises(CallError) as caught:
            call.wait()
        assert caught.value.message == why + hint


def test_an_attached_call_has_no_hint(peer: ScriptedServer, background: Callable[[Callable[[], Any]], Any]) -> None:
    with peer.rumor() as rumor:
        attaching = background(lambda: rumor.attach("other"))
        peer.line()
        peer.failed("_other", "next", "x", why="exit status 1: step timeout could not be parsed: x")
        call = attaching.value()
        peer.data("other", anything=1)
        assert call.anything() == 1
        assert "anything" not in dir(call)


# -- fields


def fields(rumor: Rumor, peer: ScriptedServer) -> Any:
    call = rumor.nowait.host.view()
    call_id = peer.call()
    peer.data(call_id, addr="here", newer=1)
    peer.freed(call_id)
    return call


def test_a_field_of_another_command(peer: ScriptedServer) -> None:
    with peer.rumor() as rumor:
        call = fields(rumor, peer)
        with pytest.raises(AttributeError, match=r"host view has no field 'adr': did you mean 'addr'.*field\('adr'\)"):
            _ = call.adr
        with pytest.raises(AttributeError, match="its fields are peer_id, addr, enr"):
            _ = call.xyzzy
        assert not hasattr(call, "newer")
        assert call.field("newer")() == 1
        assert call.addr() == "here"
        assert call.msg() == ""
        assert {"addr", "peer_id", "enr", "wait"} <= set(dir(call))
        listen = rumor.nowait.rpc.status.listen()
        peer.freed(peer.call())
        assert "req_id" in dir(listen)
        assert "from" not in dir(listen), "no attribute can have that name"


def test_fields_of_a_command_that_is_not_known(peer: ScriptedServer) -> None:
    with peer.rumor() as rumor:
        unknown: Any = rumor.nowait.host
        call = unknown.newer()
        call_id = peer.call()
        peer.data(call_id, whatever=1)
        peer.freed(call_id)
        assert call.whatever() == 1
