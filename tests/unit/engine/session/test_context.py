"""Scopes: cancelled with their children, by hand or by time."""

from __future__ import annotations

import asyncio

from pyrum_sync.engine.session.context import CANCELED, EXPIRED, Context
from tests.support.hosts import in_loop


@in_loop
async def test_cancelling_reaches_the_children_and_not_the_parent() -> None:
    parent = Context()
    child = Context(parent)
    grandchild = Context(child)
    child.cancel()
    child.cancel("again")
    assert (parent.cancelled, child.error, grandchild.error) == (False, CANCELED, CANCELED)
    assert Context(child).cancelled


@in_loop
async def test_time_runs_out() -> None:
    assert Context(timeout=0).error == EXPIRED
    scope = Context(timeout=0.01)
    child = Context(scope)
    await child.done()
    assert scope.error == child.error == EXPIRED
    await child.done()


@in_loop
async def test_callbacks_are_called_once_and_can_be_taken_back() -> None:
    scope = Context()
    called: list[str] = []
    scope.on_cancel(lambda: called.append("a"))
    scope.on_cancel(lambda: called.append("b"))()
    scope.cancel()
    scope.cancel()
    scope.on_cancel(lambda: called.append("late"))
    assert called == ["a", "late"]


@in_loop
async def test_sleeping_ends_with_the_scope() -> None:
    scope = Context()
    assert await scope.sleep(0.001)
    sleeping = asyncio.ensure_future(scope.sleep(3600))
    await asyncio.sleep(0)
    scope.cancel()
    assert not await sleeping
