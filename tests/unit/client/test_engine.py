"""Whether the other side is the engine, as its first entry says."""

from __future__ import annotations

from pyrum_sync.protocol.engine_info import EngineInfo
from tests.support.engines import ScriptedEngine
from tests.support.peers import ScriptedServer


def test_the_engine() -> None:
    with ScriptedEngine() as engine, engine.rumor() as rumor:
        assert rumor.engine == EngineInfo("scripted", "0", "memory")
        assert rumor.actor("alice").engine == rumor.engine


def test_a_go_rumor(peer: ScriptedServer) -> None:
    with peer.rumor() as rumor:
        assert rumor.engine is None
        assert rumor.actor("alice").engine is None


def test_what_comes_later_says_nothing(peer: ScriptedServer) -> None:
    """A script may log anything."""
    with peer.rumor() as rumor:
        peer.entry(engine="a", version="b", network="c")
        peer.failed("_x", why="done")
        assert rumor.engine is None
