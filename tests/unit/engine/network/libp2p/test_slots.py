"""So many at once, and the others in their turn."""

from __future__ import annotations

import asyncio

import pytest

from pyrum_sync.engine.network import deadlines
from pyrum_sync.engine.network.api import DeadlineExceeded
from pyrum_sync.engine.network.libp2p.slots import Slots
from tests.support.hosts import in_loop

KEY, OTHER = ("peer", "/a"), ("peer", "/b")


@in_loop
async def test_the_first_that_waits_is_the_first_that_has_one() -> None:
    slots = Slots(2)
    assert slots.take(KEY)
    assert slots.take(KEY)
    assert not slots.take(KEY)
    assert slots.take(OTHER)
    order: list[int] = []

    async def wait(number: int) -> None:
        await slots.wait(KEY, None)
        order.append(number)

    waiting = [asyncio.ensure_future(wait(number)) for number in range(3)]
    await asyncio.sleep(0)
    for _ in range(3):
        slots.free(KEY)
    await asyncio.gather(*waiting)
    assert order == [0, 1, 2]
    assert not slots.take(KEY)  # two are taken again
    slots.free(KEY)
    slots.free(KEY)
    assert slots.take(KEY)


@in_loop
async def test_one_that_gave_up_takes_none() -> None:
    slots = Slots(1)
    assert slots.take(KEY)
    with pytest.raises(DeadlineExceeded):
        await slots.wait(KEY, deadlines.after(0.01))
    cancelled = asyncio.ensure_future(slots.wait(KEY, None))
    await asyncio.sleep(0)
    cancelled.cancel()
    await asyncio.wait({cancelled})
    slots.free(KEY)
    assert slots.take(KEY)


@in_loop
async def test_one_that_is_cancelled_when_it_has_its_turn_frees_it() -> None:
    slots = Slots(1)
    assert slots.take(KEY)
    first = asyncio.ensure_future(slots.wait(KEY, None))
    second = asyncio.ensure_future(slots.wait(KEY, None))
    await asyncio.sleep(0)
    slots.free(KEY)
    first.cancel()
    await asyncio.wait({first})
    await second
    slots.free(KEY)
    assert slots.take(KEY)


@in_loop
async def test_one_that_is_free_need_not_be_waited_for() -> None:
    slots = Slots(1)
    await slots.wait(KEY, deadlines.after(-1))
    assert not slots.take(KEY)
