"""Errors of requests: what they say, and that they pass through copies and pickles."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from remerkleable.basic import uint64
from remerkleable.complex import List

from pyrum_sync import CallError, Rumor, eth2
from tests.real.hosts import eventually
from tests.support.engines import Said, ScriptedEngine
from tests.unit.eth2.things import Block

COPIES = [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))]
HOSTILE = "\x1b[2J\x07 two\nlines \u202e \x9b ☃ \\"
ESCAPED = "\\x1b[2J\\x07 two\\nlines \\u202e \\x9b ☃ \\"


def failed(engine: ScriptedEngine, rumor: Rumor, text: bytes = b"no more", **options: Any) -> eth2.RequestError:
    """What an answer raises that ends in an error."""
    blocks = [Said(Block(slot=slot, body=[slot]).encode_bytes(), "01020304") for slot in (1, 2)]
    engine.answers = {"blocks-by-range/2": [*blocks, Said(text, code=1)]}
    with pytest.raises(eth2.RequestError) as caught:
        eth2.blocks_by_range(rumor, "16Uiu", 1, 3, **options)
    return caught.value


def test_what_it_carries(engine: ScriptedEngine, rumor: Rumor) -> None:
    error = failed(engine, rumor, response=Block)
    assert isinstance(error, CallError)
    assert error.message == "no more"
    assert "no more" in str(error)
    assert error.partial == [Block(slot=1, body=[1]), Block(slot=2, body=[2])]
    assert error.call is not None
    assert error.entry is not None
    assert error.entry["result_code"] == 1
    assert not rumor.calls


def test_nothing_is_left_under_way() -> None:
    """The requests behind the one that failed are cancelled."""
    with ScriptedEngine({"blocks-by-range/1": [Said(b"no", code=2)]}, greeting=False) as go, go.rumor() as rumor:
        with pytest.raises(eth2.RequestError, match="no"):
            eth2.blocks_by_range(rumor, "16Uiu", 0, 20)
        assert len(go.asked) == 8
        assert eventually(lambda: not rumor.calls)


def test_control_characters(engine: ScriptedEngine, rumor: Rumor) -> None:
    """They must not reach a terminal; the bytes are in the entry."""
    error = failed(engine, rumor, HOSTILE.encode())
    assert error.message == ESCAPED
    for shown in (str(error), repr(error), str(error.args)):
        assert shown.isprintable()
    assert error.entry is not None
    assert bytes.fromhex(error.entry["data"]).decode() == HOSTILE


@pytest.mark.parametrize("clone", COPIES)
@pytest.mark.parametrize(
    "options", [{}, {"response": Block}, {"response": Block, "contexts": True}, {"contexts": True}]
)
def test_copies(
    engine: ScriptedEngine, rumor: Rumor, clone: Callable[[eth2.RequestError], eth2.RequestError], options: Any
) -> None:
    error = failed(engine, rumor, HOSTILE.encode(), **options)
    other = clone(error)
    assert type(other) is eth2.RequestError
    assert (str(other), repr(other), other.message) == (str(error), repr(error), error.message)
    assert (other.partial, other.entry) == (error.partial, error.entry)
    assert other.call is None
    assert str(clone(other)) == str(error)


def test_types_that_do_not_pickle(engine: ScriptedEngine, rumor: Rumor) -> None:
    """Their objects pass as bytes."""
    error = eth2.RequestError("text", partial=[List[uint64, 4](1, 2), b"x", 5], call=None, entry=None)
    assert pickle.loads(pickle.dumps(error)).partial == [List[uint64, 4](1, 2).encode_bytes(), b"x", 5]
    assert copy.copy(error).partial == error.partial
    assert copy.deepcopy(error).partial == error.partial
    assert failed(engine, rumor).call is not None


def test_not_written(engine: ScriptedEngine, rumor: Rumor) -> None:
    """A goodbye that was refused is no goodbye."""
    engine.answers = {}
    with pytest.raises(eth2.RequestError, match="protocol not supported") as caught:
        eth2.goodbye(rumor, "16Uiu")
    assert caught.value.entry is None
    engine.answers = {"goodbye/1": []}
    assert eth2.goodbye(rumor, "16Uiu") is None
    engine.answers = {"goodbye/1": [Said(bytes(8))]}
    assert eth2.goodbye(rumor, "16Uiu") == eth2.Goodbye()
