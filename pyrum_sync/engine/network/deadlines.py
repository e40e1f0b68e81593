"""Time limits as moments of the running loop's clock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from pyrum_sync.engine.network.api import Deadline, DeadlineExceeded

T = TypeVar("T")


def after(seconds: float | None) -> Deadline:
    """Returns the deadline that is so many seconds away; None for None. Less than 0 is past already."""
    return None if seconds is None else asyncio.get_running_loop().time() + seconds


def check(deadline: Deadline) -> None:
    """Raises DeadlineExceeded if the deadline has passed."""
    if deadline is not None and asyncio.get_running_loop().time() >= deadline:
        raise DeadlineExceeded


async def within(work: Awaitable[T], deadline: Deadline) -> T:
    """Awaits `work`, until the deadline at most; then it is cancelled.

    Raises:
        DeadlineExceeded: the deadline passed first, or was past already (then `work` may not have begun).
    """
    if deadline is None:
        return await work
    try:
        return await asyncio.wait_for(work, max(0.0, deadline - asyncio.get_running_loop().time()))
    except asyncio.TimeoutError:
        raise DeadlineExceeded from None
