"""Which version a peer is asked in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pyrum_sync import CallError, Rumor, UnknownCommand, eth2
from tests.support.engines import Said, ScriptedEngine
from tests.support.peers import ScriptedServer

V1 = Said(eth2.Status(head_slot=1).encode_bytes())
V2 = Said(eth2.StatusV2(head_slot=2, earliest_available_slot=3).encode_bytes())


@pytest.mark.parametrize("announced", [["status/1", "status/2"], ["status/2"], None, [], ["ping/1"]])
def test_the_newest(engine: ScriptedEngine, rumor: Rumor, announced: list[str] | None) -> None:
    engine.answers, engine.announced = {"status/1": [V1], "status/2": [V2]}, announced
    theirs = eth2.status(rumor, "16Uiu")
    assert engine.infos == 1
    assert theirs == eth2.StatusV2(head_slot=2, earliest_available_slot=3)
    assert engine.requests() == ["status/2"]


def test_what_the_peer_announces(engine: ScriptedEngine, rumor: Rumor) -> None:
    engine.answers, engine.announced = {"status/1": [V1]}, ["status/1"]
    assert eth2.status(rumor, "16Uiu") == eth2.Status(head_slot=1)
    assert engine.requests() == ["status/1"]


def test_an_older_one_while_none_is_announced(engine: ScriptedEngine, rumor: Rumor) -> None:
    engine.answers = {"metadata/1": [Said(eth2.MetaData(seq_number=5).encode_bytes())]}
    assert eth2.metadata(rumor, "16Uiu") == eth2.MetaData(seq_number=5)
    assert engine.requests() == ["metadata/3", "metadata/2", "metadata/1"]


def test_an_announcement_that_is_out_of_date(engine: ScriptedEngine, rumor: Rumor) -> None:
    engine.answers, engine.announced = {"status/2": [V2]}, ["status/1"]
    assert isinstance(eth2.status(rumor, "16Uiu"), eth2.StatusV2)
    assert engine.requests() == ["status/1", "status/2"]


def test_none_that_is_supported(engine: ScriptedEngine, rumor: Rumor) -> None:
    with pytest.raises(eth2.RequestError, match="protocol not supported"):
        eth2.blocks_by_range(rumor, "16Uiu", 0, 1)
    assert engine.requests() == ["blocks-by-range/2", "blocks-by-range/1"]


@pytest.mark.parametrize("text", [b"busy", b"protocol not supported", b""])
def test_other_errors_end_it(engine: ScriptedEngine, rumor: Rumor, text: bytes) -> None:
    """Also a peer's text that looks as if the protocol were refused."""
    engine.answers = {"status/2": [Said(text, code=2)], "status/1": [V1]}
    with pytest.raises(eth2.RequestError) as caught:
        eth2.status(rumor, "16Uiu")
    assert caught.value.entry is not None
    assert engine.requests() == ["status/2"]


def test_no_chunk_ends_it(engine: ScriptedEngine, rumor: Rumor) -> None:
    engine.answers = {"status/2": [], "status/1": [V1]}
    with pytest.raises(eth2.RequestError, match="no chunk"):
        eth2.status(rumor, "16Uiu")
    assert engine.requests() == ["status/2"]


@pytest.mark.parametrize("version", [1, 2])
def test_one_that_is_given(engine: ScriptedEngine, rumor: Rumor, version: int) -> None:
    """The peer's protocols are not looked at."""
    engine.answers, engine.announced = {"status/1": [V1], "status/2": [V2]}, []
    assert eth2.status(rumor, "16Uiu", version=version).head_slot == version
    assert engine.requests() == [f"status/{version}"]
    engine.answers = {}
    with pytest.raises(eth2.RequestError, match="not supported"):
        eth2.status(rumor, "16Uiu", version=version)
    assert engine.requests() == [f"status/{version}"] * 2


def test_a_status_is_converted(engine: ScriptedEngine, rumor: Rumor) -> None:
    engine.answers = {"status/1": [V1], "status/2": [V2]}
    old, new = eth2.Status(head_slot=7, fork_digest=b"abcd"), eth2.StatusV2(head_slot=8, earliest_available_slot=9)
    for ours in (old, new, None):
        for version in (1, 2):
            eth2.status(rumor, "16Uiu", ours, version=version)
    sent = [bytes.fromhex(asked.words[-1]) for asked in engine.asked]
    slots = [(len(data), int.from_bytes(data[76:84], "little"), int.from_bytes(data[84:], "little")) for data in sent]
    assert slots == [
        (84, 7, 0), (92, 7, 0), (84, 8, 0), (92, 8, 9), (84, 0, 0), (92, 0, 0),
    ]  # fmt: skip
    assert sent[0][:4] == b"abcd"


def test_no_such_version(rumor: Rumor) -> None:
    for version in (0, 3, 256):
        with pytest.raises(ValueError, match="status has no version"):
            eth2.status(rumor, "16Uiu", version=version)
    wrong: list[Any] = ["2", 1.0, True]
    for version in wrong:
        with pytest.raises(TypeError, match="version must be an int"):
            eth2.status(rumor, "16Uiu", version=version)
    with pytest.raises(TypeError, match="method must be a str"):
        eth2.request(rumor, 5, "16Uiu")  # type: ignore[call-overload]


# -- a Go Rumor -------------------------------------------------------------------------------------------------------


def test_a_go_rumor_is_not_asked_what_it_does_not_speak(peer: ScriptedServer) -> None:
    with peer.rumor() as rumor:
        refused: list[Callable[[], object]] = [
            lambda: eth2.status(rumor, "16Uiu", version=2),
            lambda: eth2.metadata(rumor, "16Uiu", version=3),
            lambda: eth2.blocks_by_range(rumor, "16Uiu", 0, 1, version=2),
            lambda: eth2.blocks_by_head(rumor, "16Uiu", bytes(32), 1),
            lambda: eth2.request(rumor, "light_client_finality_update", "16Uiu"),
            lambda: eth2.serve(rumor, "status", lambda _: None, version=2),
        ]
        for ask in refused:
            with pytest.raises(UnknownCommand, match="EmbeddedConn") as caught:
                ask()
            assert isinstance(caught.value, CallError)
        assert peer.no_line()


def test_a_go_rumor_is_asked_in_version_1() -> None:
    """And not for the peer's protocols, which can kill it."""
    with ScriptedEngine({"status/1": [V1]}, ["status/2"], greeting=False) as go, go.rumor() as rumor:
        assert eth2.status(rumor, "16Uiu") == eth2.Status(head_slot=1)
        assert eth2.status(rumor, "16Uiu", version=1) == eth2.Status(head_slot=1)
        assert go.requests() == ["status/1"] * 2
        assert not any("version" in asked.flags for asked in go.asked)
        assert not go.infos
