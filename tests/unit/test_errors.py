"""The tree of errors, and what each carries."""

from __future__ import annotations

import builtins
import copy
import pickle
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import pyrum_sync
from pyrum_sync import errors
from pyrum_sync.errors import (
    CallEnded,
    CallError,
    CallTimeout,
    ConnectionLost,
    DataLost,
    HandshakeError,
    RumorClosed,
    RumorError,
    RumorNotFound,
    ShellError,
    UnknownCommand,
)
from pyrum_sync.protocol.redaction import Mask
from pyrum_sync.protocol.script import ShellResult
from tests.support.peers import ScriptedServer

BASES: dict[type[Exception], tuple[type, ...]] = {
    RumorError: (Exception,),
    ConnectionLost: (RumorError, ConnectionError),
    HandshakeError: (ConnectionLost,),
    RumorClosed: (ConnectionLost,),
    RumorNotFound: (RumorError, FileNotFoundError),
    CallTimeout: (RumorError, TimeoutError),
    CallError: (RumorError,),
    UnknownCommand: (CallError, AttributeError),
    ShellError: (CallError,),
    CallEnded: (RumorError, LookupError),
    DataLost: (RumorError, BufferError),
}


def all_errors() -> set[type[Exception]]:
    return {
        value
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, Exception) and value.__module__ == errors.__name__
    }


def test_the_tree_is_as_drawn() -> None:
    assert all_errors() == set(BASES)
    assert {error: error.__bases__ for error in BASES} == BASES


def test_the_drawing_names_every_error() -> None:
    assert set(re.findall(r"^ *[│├└─ ]*(\w+)", errors.__doc__ or "", re.MULTILINE)) >= {e.__name__ for e in BASES}


def test_every_error_is_public_and_none_hides_a_builtin() -> None:
    for error in BASES:
        assert getattr(pyrum_sync, error.__name__) is error
        assert error.__name__ in pyrum_sync.__all__
        assert not hasattr(builtins, error.__name__)


def test_the_public_names_are_there_and_sorted() -> None:
    assert sorted(pyrum_sync.__all__) == pyrum_sync.__all__
    assert all(hasattr(pyrum_sync, name) for name in pyrum_sync.__all__)
    assert re.fullmatch(r"\d+\.\d+\.\d+", pyrum_sync.__version__)


def test_every_builtin_in_the_tree_catches_its_own() -> None:
    for error, builtin in (
        (ConnectionLost("x"), ConnectionError),
        (RumorNotFound("x"), FileNotFoundError),
        (CallTimeout("x"), TimeoutError),
        (UnknownCommand("x"), AttributeError),
        (CallEnded("x"), LookupError),
        (DataLost(1, "values were"), BufferError),
    ):
        assert isinstance(error, builtin)
        assert isinstance(error, RumorError)


def test_what_a_lost_connection_carries() -> None:
    plain = ConnectionLost("gone")
    assert (str(plain), plain.exit_status, plain.stderr) == ("gone", None, "")
    for kind in (ConnectionLost, HandshakeError, RumorClosed):
        full = kind("gone", exit_status=-9, stderr="panic")
        assert (str(full), full.exit_status, full.stderr) == ("gone", -9, "panic")


def test_what_a_call_error_carries() -> None:
    plain = CallError("no")
    assert (str(plain), plain.message, plain.call, plain.entry) == ("no", "no", None, None)
    call: Any = "<the call>"
    full = CallError("no", call=call, entry={"a": 1})
    assert str(full) == "'<the call>': no"
    assert (full.message, full.call, full.entry) == ("no", call, {"a": 1})


def test_what_the_others_carry() -> None:
    assert CallTimeout("late").call is None
    result = ShellResult(status=3)
    assert ShellError("no", result=result).result is result
    lost = DataLost(7, "unread entries were")
    assert lost.count == 7
    assert str(lost).startswith("7 unread entries were dropped")


@pytest.mark.parametrize("name", ["max_unread", "max_unread_bytes"])
def test_lost_data_says_what_to_do(name: str) -> None:
    assert name in str(DataLost(1, "values were"))


@pytest.fixture
def made(peer: ScriptedServer) -> Iterator[dict[str, RumorError]]:
    """One error of each class, with a live call wherever one belongs."""
    with peer.rumor() as rumor:
        call = rumor.actor("alice").nowait.host.start()
        result = ShellResult("out", "err", [{"msg": "x"}], 3)
        result.mask = Mask()
        result.mask.learn("err")
        errors = [
            RumorError("x"),
            ConnectionLost("gone", exit_status=3, stderr="why"),
            HandshakeError("no Rumor", exit_status=1, stderr="why"),
            RumorClosed("closed"),
            RumorNotFound("not there"),
            CallTimeout("late", call=call),
            CallError("no host", call=call, entry={"msg": "failed"}),
            UnknownCommand("no such command", call=call),
            ShellError("the script failed", result=result),
            CallEnded("over"),
            DataLost(3, "values were"),
        ]
        assert {type(error) for error in errors} == set(BASES)
        yield {type(error).__name__: error for error in errors}


WAYS: dict[str, Callable[[Any], Any]] = {
    "pickle": lambda it: pickle.loads(pickle.dumps(it)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", [error.__name__ for error in BASES])
def test_errors_pass_through_pickle_and_copy(made: dict[str, RumorError], name: str, way: str) -> None:
    error = made[name]
    again = WAYS[way](error)
    assert type(again) is type(error)
    assert str(again) == str(error)
    facts = {key: None if key == "call" else value for key, value in vars(error).items()}
    assert vars(again) == facts


@pytest.mark.parametrize("way", WAYS)
def test_a_copied_result_shows_no_more_than_the_result_itself(made: dict[str, RumorError], way: str) -> None:
    shown = repr(made["ShellError"].result)  # type: ignore[attr-defined]
    assert "***" in shown
    assert repr(WAYS[way](made["ShellError"]).result) == shown


def test_an_error_that_is_pickled_keeps_what_was_added_to_it(made: dict[str, RumorError]) -> None:
    error: Any = made["CallError"]
    error.peer = "16U"
    assert WAYS["pickle"](error).peer == "16U"


NASTY = "a\x1b[2Jb\x9bc\u202ed\udc80e\r"


@pytest.mark.parametrize(
    "error",
    [
        CallError(NASTY, entry={"data": NASTY}),
        ConnectionLost(NASTY, stderr=NASTY),
        CallTimeout(NASTY),
        RumorNotFound(NASTY),
        DataLost(1, NASTY),
        ShellError(NASTY, result=ShellResult("", NASTY)),
    ],
    ids=lambda error: type(error).__name__,
)
def test_nothing_that_a_terminal_would_obey_is_in_an_errors_text(error: RumorError) -> None:
    texts = [str(error), repr(error), *(str(getattr(error, name, "")) for name in ("message", "stderr"))]
    assert [text for text in texts if not text.isprintable()] == []
    assert "a\\x1b[2Jb\\x9bc\\u202ed\\udc80e\\r" in str(error)


def test_newlines_stay_and_the_entry_is_raw() -> None:
    error = CallError("one\n\ttwo", entry={"data": NASTY})
    assert str(error) == error.message == "one\n\ttwo"
    assert error.entry == {"data": NASTY}
