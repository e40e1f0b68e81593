"""One time limit for many things, on one timer."""

from __future__ import annotations

import asyncio

from pyrum_sync.engine.network.libp2p.timeouts import Timeouts
from tests.support.hosts import eventually, in_loop


@in_loop
async def test_what_is_not_stopped_expires_in_its_order() -> None:
    late: list[str] = []
    timeouts: Timeouts[str] = Timeouts(0.05, late.append)
    for name in "abc":
        timeouts.start(name)
    timeouts.stop("b")
    timeouts.stop("b")
    assert len(timeouts) == 2
    await eventually(lambda: late == ["a", "c"])
    assert len(timeouts) == 0
    timeouts.close()


@in_loop
async def test_each_has_its_whole_time() -> None:
    loop = asyncio.get_running_loop()
    late: dict[str, float] = {}
    timeouts: Timeouts[str] = Timeouts(0.1, lambda name: late.update({name: loop.time()}))
    began = {}
    for name in "ab":
        began[name] = loop.time()
        timeouts.start(name)
        await asyncio.sleep(0.05)
    await eventually(lambda: len(late) == 2)
    assert all(late[name] - began[name] >= 0.1 for name in "ab")
    timeouts.start("again")
    await eventually(lambda: "again" in late)
    timeouts.close()


@in_loop
async def test_one_that_expires_may_stop_others() -> None:
    late: list[str] = []

    def expired(name: str) -> None:
        late.append(name)
        timeouts.stop("b")

    timeouts: Timeouts[str] = Timeouts(0.02, expired)
    timeouts.start("a")
    timeouts.start("b")
    await eventually(lambda: late)
    assert late == ["a"]
    timeouts.close()


@in_loop
async def test_no_limit() -> None:
    timeouts: Timeouts[str] = Timeouts(None, lambda _: None)
    timeouts.start("a")
    timeouts.stop("a")
    timeouts.close()


@in_loop
async def test_nothing_expires_after_the_end() -> None:
    late: list[str] = []
    timeouts: Timeouts[str] = Timeouts(0.01, late.append)
    timeouts.start("a")
    timeouts.close()
    await asyncio.sleep(0.05)
    assert late == []
