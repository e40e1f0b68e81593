"""Time limits as moments of the running loop's clock."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from pyrum_sync.engine.network.api import Deadline, DeadlineExceeded

T = TypeVar("T")


def after(seconds: float | None) -> Deadline:
    """Returns the deadline `seconds` from now; None for None. With less than 0 it has passed."""
    return None if seconds is None else asyncio.get_running_loop().time() + seconds


def check(deadline: Deadline) -> None:
    """Raises DeadlineExceeded if the deadline has passed."""
    if deadline is not None and asyncio.get_running_loop().time() >= deadline:
        raise DeadlineExceeded


async def within(work: Coroutine[Any, Any, T], deadline: Deadline) -> T:
    """Awaits `work`, until the deadline at most; then it is cancelled, and has ended when this returns.

    Work that takes no time comes to its end even when the deadline has passed. Not `asyncio.wait_for`, which may lose
    a result that comes in the moment of the cancellation (before Python 3.12), and does not begin then.

    Raises:
        DeadlineExceeded: the deadline passed first.
    """
    if deadline is None:
        return await work
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait({task}, timeout=max(0.0, deadline - asyncio.get_running_loop().time()))
        late = not task.done()
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
        if not task.cancelled():
            task.exception()  # seen, also where this is cancelled itself
    if late and task.cancelled():
        raise DeadlineExceeded
    return task.result()
