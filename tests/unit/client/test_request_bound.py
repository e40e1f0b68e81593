"""A request's `next` is bounded in Rumor: its end is known when the bound is over, so the first bounds are short."""

from __future__ import annotations

import pytest

from pyrum_sync import CallTimeout
from pyrum_sync.catalogue.tree import REQUEST
from pyrum_sync.client.steps import Steps
from tests.support.peers import ScriptedServer


def test_grows_to_a_limit() -> None:
    steps = Steps(REQUEST)
    assert [steps.bound() for _ in range(7)] == [20, 40, 80, 160, 320, 500, 500]


def test_starts_again_with_each_step() -> None:
    steps = Steps(REQUEST)
    steps.bound(), steps.bound()
    steps.note({"msg": "made request"})
    steps.stepped()
    assert steps.bound() == 20


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
