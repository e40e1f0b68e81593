"""Deadlines: what is in time, what is late, and that nothing goes on after it."""

from __future__ import annotations

import asyncio

import pytest

from pyrum_sync.engine.network import deadlines
from pyrum_sync.engine.network.api import DeadlineExceeded
from tests.support.hosts import in_loop


async def at_once() -> str:
    return "done"


class Work:
    """Work that waits until it is let go, and knows how it ended."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.end = ""

    async def do(self, *, stubborn: bool = False) -> str:
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.end = "cancelled"
            if not stubborn:
                raise
        return "result"


@in_loop
async def test_a_deadline_is_a_moment_of_the_loop() -> None:
    now = asyncio.get_running_loop().time()
    assert deadlines.after(None) is None
    assert (deadlines.after(5) or 0) - now == pytest.approx(5, abs=1)
    deadlines.check(None)
    deadlines.check(deadlines.after(5))
    for seconds in (0, -1):
        with pytest.raises(DeadlineExceeded, match=r"^context deadline exceeded$"):
            deadlines.check(deadlines.after(seconds))


@pytest.mark.parametrize("seconds", [None, 10, 0, -10])
@in_loop
async def test_work_that_takes_no_time_is_in_time(seconds: float | None) -> None:
    assert await deadlines.within(at_once(), deadlines.after(seconds)) == "done"


@pytest.mark.parametrize("seconds", [0.01, 0, -1])
@in_loop
async def test_late_work_is_cancelled_and_has_ended(seconds: float) -> None:
    work = Work()
    with pytest.raises(DeadlineExceeded):
        await deadlines.within(work.do(), deadlines.after(seconds))
    assert work.end == "cancelled"


@in_loop
async def test_a_result_in_the_moment_of_the_cancellation_is_not_lost() -> None:
    assert await deadlines.within(Work().do(stubborn=True), deadlines.after(0)) == "result"


@in_loop
async def test_the_works_own_error_comes_through() -> None:
    async def fail() -> None:
        await asyncio.sleep(0)
        raise ZeroDivisionError

    for seconds in (None, 10):
        with pytest.raises(ZeroDivisionError):
            await deadlines.within(fail(), deadlines.after(seconds))


@in_loop
async def test_cancelled_from_outside_it_cancels_the_work() -> None:
    work = Work()
    waiting = asyncio.ensure_future(deadlines.within(work.do(), deadlines.after(10)))
    await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert work.end == "cancelled"
