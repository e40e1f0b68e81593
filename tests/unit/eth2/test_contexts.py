"""Chunks with context bytes, as pairs and by containers of their forks."""

from __future__ import annotations

from typing import Any

import pytest

from pyrum_sync import Rumor, eth2
from tests.support.engines import Said, ScriptedEngine
from tests.unit.eth2.things import Block, Flagged

OLD, NEW = "01eb3100", "b76ba606"
FIRST, SECOND = Block(slot=63), Flagged(number=64, flag=True)
ANSWER = [Said(FIRST.encode_bytes(), OLD), Said(SECOND.encode_bytes(), NEW)]


def test_pairs(engine: ScriptedEngine, rumor: Rumor) -> None:
    engine.answers = {"blocks-by-range/2": ANSWER}
    pairs = eth2.blocks_by_range(rumor, "16Uiu", 63, 2, contexts=True)
    assert pairs == [(bytes.fromhex(OLD), FIRST.encode_bytes()), (bytes.fromhex(NEW), SECOND.encode_bytes())]
    assert eth2.blocks_by_range(rumor, "16Uiu", 63, 2) == [block for _, block in pairs]


@pytest.mark.parametrize("key", [bytes.fromhex, str, "0x{}".format, lambda text: bytearray.fromhex(text).hex()])
def test_containers_by_digest(engine: ScriptedEngine, rumor: Rumor, key: Any) -> None:
    engine.answers = {"blocks-by-range/2": ANSWER}
    containers = {key(OLD): Block, key(NEW): Flagged}
    assert eth2.blocks_by_range(rumor, "16Uiu", 63, 2, response=containers) == [FIRST, SECOND]
    pairs = eth2.blocks_by_range(rumor, "16Uiu", 63, 2, response=containers, contexts=True)
    assert pairs == [(bytes.fromhex(OLD), FIRST), (bytes.fromhex(NEW), SECOND)]


def test_a_digest_without_a_container(engine: ScriptedEngine, rumor: Rumor) -> None:
    engine.answers = {"blocks-by-range/2": ANSWER}
    with pytest.raises(ValueError, match=f"no container for the fork digest '{NEW}'"):
        eth2.blocks_by_range(rumor, "16Uiu", 63, 2, response={OLD: Block})
    engine.answers = {"blocks-by-range/2": [Said(b"x")]}
    with pytest.raises(ValueError, match="no container for the fork digest ''"):
        eth2.blocks_by_range(rumor, "16Uiu", 63, 2, response={OLD: Block})
    assert not rumor.calls


def test_versions_without_contexts_cannot_choose_by_them(engine: ScriptedEngine, rumor: Rumor) -> None:
    """So these are not asked."""
    engine.answers, engine.announced = {"blocks-by-range/1": ANSWER}, ["blocks-by-range/1"]
    with pytest.raises(eth2.RequestError, match="not supported"):
        eth2.blocks_by_range(rumor, "16Uiu", 63, 2, response={OLD: Block})
    assert engine.requests() == ["blocks-by-range/2"]
    with pytest.raises(ValueError, match="status/1 has no context bytes"):
        eth2.request(rumor, "status", "16Uiu", bytes(84), response={OLD: Block})
    with pytest.raises(ValueError, match="blocks-by-root/1 has no context bytes"):
        eth2.blocks_by_root(rumor, "16Uiu", [], version=1, response={OLD: Block})


def test_a_go_rumor_has_no_contexts() -> None:
    go = {"blocks-by-range/1": [Said(FIRST.encode_bytes())]}
    with ScriptedEngine(go, greeting=False) as server, server.rumor() as rumor:
        assert eth2.blocks_by_range(rumor, "16Uiu", 63, 1, contexts=True) == [(b"", FIRST.encode_bytes())]
        with pytest.raises(ValueError, match="blocks-by-range/1 has no context bytes"):
            eth2.blocks_by_range(rumor, "16Uiu", 63, 1, response={OLD: Block})
        assert server.requests() == ["blocks-by-range/1"]


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"response": {b"abc": Block}}, ValueError, "a key of response has 4 bytes"),
        ({"response": {"xyz": Block}}, ValueError, "a key of response is not hex"),
        ({"response": {5: Block}}, TypeError, "a key of response"),
        ({"response": {OLD: 5}}, TypeError, "response"),
        ({"response": Block()}, TypeError, "response"),
        ({"response": int}, TypeError, "response"),
        ({"contexts": 1}, TypeError, "contexts"),
    ],
)
def test_what_cannot_be(rumor: Rumor, options: dict[str, Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        eth2.blocks_by_range(rumor, "16Uiu", 63, 2, **options)
