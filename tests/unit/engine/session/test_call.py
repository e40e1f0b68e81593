"""Calls: their steps, and how they are stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from pyrum_sync.engine.session.call import Call, StepError
from pyrum_sync.engine.session.context import Context
from pyrum_sync.engine.session.levels import Level
from tests.support.hosts import in_loop


def call() -> Call:
    def log(level: Level, message: str, fields: Mapping[str, Any] | None = None) -> None:
        del level, message, fields

    return Call("a", "alice", ["x"], log, Context())


@in_loop
async def test_a_step_waits_for_a_next_and_a_next_for_a_step() -> None:
    one = call()
    done: list[int] = []
    offering = asyncio.ensure_future(one.step(lambda: done.append(1)))
    await asyncio.sleep(0)
    assert done == []
    await one.next(Context())
    assert await offering
    taking = asyncio.ensure_future(one.next(Context()))
    await asyncio.sleep(0)
    assert await one.step(lambda: done.append(2))
    await taking
    assert done == [1, 2]


@in_loop
async def test_a_step_that_fails_fails_its_next() -> None:
    one = call()
    offering = asyncio.ensure_future(one.step(lambda: "reason"))
    await asyncio.sleep(0)
    with pytest.raises(StepError, match=r"^step failed: reason$"):
        await one.next(Context())
    assert await offering


@in_loop
async def test_stopping_ends_steps_and_nexts() -> None:
    for stop_first in (True, False):
        one = call()
        stopped: list[bool] = []
        one.register_stop(lambda stopped=stopped: stopped.append(True))  # type: ignore[misc]
        if stop_first:
            one.stop()
        taking = asyncio.ensure_future(one.next(Context()))
        await asyncio.sleep(0)
        one.stop()
        one.stop()
        with pytest.raises(StepError, match=r"^no remaining steps$"):
            await taking
        assert not await one.step(lambda: None)
        assert stopped == [True]


@in_loop
async def test_a_next_with_a_limit_leaves_the_step_to_the_next_one() -> None:
    one = call()
    with pytest.raises(StepError, match="step request stopped"):
        await one.next(Context(timeout=0.01))
    offering = asyncio.ensure_future(one.step(lambda: None))
    await asyncio.sleep(0)
    await one.next(Context())
    assert await offering


@in_loop
async def test_a_step_of_a_task_that_was_cancelled_is_passed_over() -> None:
    one = call()
    done: list[int] = []
    gone, offering = (asyncio.ensure_future(one.step(lambda n=n: done.append(n))) for n in (1, 2))  # type: ignore[misc]
    await asyncio.sleep(0)
    gone.cancel()
    await one.next(Context())
    assert await offering
    assert done == [2]
