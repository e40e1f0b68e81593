"""Reading stops while too much is unread, and goes on when it was read, or dropped."""

from __future__ import annotations

import asyncio
from typing import cast

from pyrum_sync.engine.network.libp2p.congestion import Congestion
from pyrum_sync.engine.network.libp2p.muxer import Muxer
from tests.support.hosts import eventually, in_loop


class Scene:
    """A muxer and a transport as far as they are asked."""

    def __init__(self, patience: float) -> None:
        self.congested = False
        self.reading = True
        self.closing = False
        self.shed_count = 0
        self.congestion = Congestion(
            asyncio.get_running_loop(),
            cast("Muxer", self),
            cast("asyncio.Transport", self),
            patience,
            self.shed,
        )

    def shed(self) -> None:
        self.shed_count += 1

    def pause_reading(self) -> None:
        assert self.reading
        self.reading = False

    def resume_reading(self) -> None:
        assert not self.reading
        self.reading = True

    def is_closing(self) -> bool:
        return self.closing


@in_loop
async def test_it_reads_again_when_something_was_read() -> None:
    scene = Scene(patience=10)
    scene.congestion.look()
    assert scene.reading
    scene.congested = True
    scene.congestion.look()
    scene.congestion.look()
    assert (scene.reading, scene.congestion.paused) == (False, True)
    scene.congested = False
    scene.congestion.look()
    assert (scene.reading, scene.congestion.paused) == (True, False)


@in_loop
async def test_it_reads_again_when_another_connection_freed_the_budget() -> None:
    scene = Scene(patience=10)
    scene.congested = True
    scene.congestion.look()
    scene.congested = False  # nobody tells
    await eventually(lambda: scene.reading)
    assert scene.shed_count == 0


@in_loop
async def test_after_a_while_streams_are_dropped_until_it_may_read() -> None:
    scene = Scene(patience=0.05)
    scene.congested = True
    scene.congestion.look()
    await eventually(lambda: scene.shed_count == 3)
    assert not scene.reading
    scene.congested = False
    await eventually(lambda: scene.reading)


@in_loop
async def test_nothing_comes_after_its_end() -> None:
    scene = Scene(patience=0.01)
    scene.congested = True
    scene.congestion.look()
    scene.congestion.close()
    await asyncio.sleep(0.1)
    assert scene.shed_count == 0


@in_loop
async def test_a_transport_that_closes_is_left_alone() -> None:
    scene = Scene(patience=0.01)
    scene.closing = scene.congested = True
    scene.congestion.look()
    assert scene.reading
    assert not scene.congestion.paused
