"""Serving any version, as the engine sees it."""

from __future__ import annotations

import pytest

from pyrum_sync import Rumor, eth2
from tests.conftest import HANG
from tests.support.engines import ScriptedEngine

ROW = "blocks-by-range/2"


def test_a_version_with_contexts(engine: ScriptedEngine, rumor: Rumor) -> None:
    asked = eth2.BlocksByRangeRequest(start_slot=1, count=2, step=1)
    engine.incoming[ROW] = [asked.encode_bytes()]
    heard = []

    def answer(request: eth2.BlocksByRangeRequest) -> list[tuple[str, bytes]]:
        heard.append(request)
        return [("01eb3100", b"first"), ("b76ba606", b"second")]

    with eth2.serve(rumor, "blocks_by_range", answer, version=2) as server:
        assert "blocks-by-range/2" in repr(server)
        assert engine.closed_request.wait(HANG)
    listener, first, second = engine.asked
    assert heard == [asked]
    assert (listener.words, listener.flags["version"]) == (("blocks-by-range", "listen"), "2")
    assert first.words == ("blocks-by-range", "resp", "chunk", "raw", "0", b"first".hex())
    assert (first.flags["context"], first.flags["done"]) == ("01eb3100", "false")
    assert (second.flags["context"], second.flags["done"]) == ("b76ba606", "true")
    assert (server.method, server.version) == ("blocks-by-range", 2)


def test_an_object_without_its_context(engine: ScriptedEngine, rumor: Rumor, caplog: pytest.LogCaptureFixture) -> None:
    engine.incoming[ROW] = [bytes(24)]
    with eth2.serve(rumor, "blocks_by_range", lambda _: b"block", version=2):
        assert engine.closed_request.wait(HANG)
    assert engine.asked[1].words[:3] == ("blocks-by-range", "resp", "server-error")
    assert "(context, object) pairs" in engine.asked[1].words[4]
    assert "the handler failed" in caplog.text


def test_a_status_of_version_2(engine: ScriptedEngine, rumor: Rumor) -> None:
    ours = eth2.StatusV2(head_slot=5, earliest_available_slot=6)
    engine.incoming["status/2"] = [ours.encode_bytes()]
    with eth2.serve(rumor, "status", lambda theirs: theirs, version=2):
        assert engine.closed_request.wait(HANG)
    assert engine.asked[1].words[-1] == ours.encode_bytes().hex()
    assert "context" not in engine.asked[1].flags


def test_one_without_a_command_of_its_own(engine: ScriptedEngine, rumor: Rumor) -> None:
    row = "execution_payload_envelopes_by_root/1"
    engine.incoming[row] = [b"\1" * 32]
    with eth2.serve(rumor, "execution_payload_envelopes_by_root", lambda asked: ("01020304", asked[0])):
        assert engine.closed_request.wait(HANG)
    assert engine.asked[0].words == ("any", "listen")
    assert engine.asked[1].words == ("any", "resp", "chunk", "raw", "0", "01" * 32)


def test_what_cannot_be_served(engine: ScriptedEngine, rumor: Rumor) -> None:
    with pytest.raises(ValueError, match="status has no version 3"):
        eth2.serve(rumor, "status", print, version=3)
    with pytest.raises(TypeError, match="handler must be a callable"):
        eth2.serve(rumor, "status", 5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="version must be an int"):
        eth2.serve(rumor, "status", print, version=None)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="timeout"):
        eth2.serve(rumor, "status", print, timeout=-1)
    assert engine.asked == []
