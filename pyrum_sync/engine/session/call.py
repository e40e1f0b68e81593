"""A call: its resources, its steps, and how it is stopped."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from pyrum_sync.engine.session.context import Context
from pyrum_sync.engine.session.levels import Level

Step = Callable[[], "str | None"]
"""What one `next` releases; returns the text of its failure, or None."""


class CallLog(Protocol):
    """Where a call's entries go; call id and actor are added there."""

    def __call__(self, level: Level, message: str, fields: Mapping[str, Any] | None = None) -> None:
        """Writes one entry of the call."""


class StepError(Exception):
    """A `next` that brought no step, or one that failed."""


class Call:
    """One run of a command, from `Started` to `__freed`."""

    def __init__(self, call_id: str, actor: str, words: list[str], log: CallLog, context: Context) -> None:
        self.id = call_id
        self.actor = actor
        self.words = words
        self.log = log
        self.context = context
        self.started_ns = time.time_ns()
        self.spawned = False
        self.cut = False
        """Whether its next entry is to break off and take the connection with it (a fault)."""
        self._on_stop: list[Callable[[], object]] = []
        self._offers: deque[tuple[Step, asyncio.Future[bool]]] = deque()
        self._takers: deque[asyncio.Future[str | None]] = deque()

    def register_stop(self, on_stop: Callable[[], object]) -> None:
        """Says that the call lives on after its own part is over, and how to end it."""
        self._on_stop.append(on_stop)
        self.spawned = True

    def stop(self) -> None:
        """Ends the call: what it registered, then its resources."""
        on_stop, self._on_stop = self._on_stop, []
        for callback in on_stop:
            callback()
        self.context.cancel()

    async def step(self, step: Step) -> bool:
        """Offers a step and waits until a `next` takes it; False if the call ends first."""
        if self.context.cancelled:
            return False
        while self._takers:
            taker = self._takers.popleft()
            if not taker.done():
                taker.set_result(self._run(step))
                return True
        taken: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        def give_up() -> None:
            if not taken.done():
                taken.set_result(False)

        forget = self.context.on_cancel(give_up)
        offer = (step, taken)
        self._offers.append(offer)
        try:
            return await taken
        finally:
            forget()
            if offer in self._offers:
                self._offers.remove(offer)

    async def next(self, context: Context) -> None:
        """Takes one step; StepError with Rumor's words when there is none, or when it failed."""
        if self.context.cancelled:
            raise StepError("no remaining steps")
        failure: str | None
        while self._offers and self._offers[0][1].done():
            self._offers.popleft()  # of a task that was cancelled
        if self._offers:
            step, taken = self._offers.popleft()
            taken.set_result(True)
            failure = self._run(step)
        else:
            failure = await self._wait_for_step(context)
        if failure is not None:
            raise StepError(f"step failed: {failure}")

    async def _wait_for_step(self, context: Context) -> str | None:
        taker: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()

        def give_up(why: str) -> Callable[[], object]:
            def end() -> None:
                if not taker.done():
                    taker.set_exception(StepError(why))

            return end

        forgets = [
            self.context.on_cancel(give_up("no remaining steps")),
            context.on_cancel(give_up("step failed: step request stopped")),
        ]
        self._takers.append(taker)
        try:
            return await taker
        finally:
            for forget in forgets:
                forget()
            if taker in self._takers:
                self._takers.remove(taker)

    def _run(self, step: Step) -> str | None:
        failure = step()
        self.log(Level.TRACE, "Step complete", {"__step": True})
        return failure
