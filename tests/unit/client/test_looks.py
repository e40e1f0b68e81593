"""What a waiting thread looks at."""

from __future__ import annotations

import pytest

from pyrum_sync import CallTimeout
from tests.support.peers import ScriptedServer


def test_what_is_sent(peer: ScriptedServer) -> None:
    with peer.rumor() as rumor:
        call = rumor.nowait.rpc.status.req.raw("16Uiu", b"")
        peer.success(peer.call())
        call.wait()
        bounds = []
        for _ in range(2):
            with pytest.raises(CallTimeout):
                call.next(timeout=0)
            line = peer.line()
            bounds.append(line)
            peer.failed(f"_{call.id}", "next", why="step failed: step request stopped")
            peer.data(call.id, level="info", seen=True)
            assert call.field("seen")(timeout=10)
        assert bounds == [f"_{call.id} next 20ms &", f"_{call.id} next 40ms &"]
        peer.freed(call.id)
        call.finished()
