"""Polls: the same request to all connected peers, again and again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from pyrum_sync.engine.commands.base import Run
from pyrum_sync.engine.session.commands import CommandError
from pyrum_sync.engine.session.context import Context


def poll(run: Run, one: Callable[[str], Awaitable[None]]) -> None:
    """Starts rounds of `one` for each connected peer, an interval apart, until the call is stopped."""
    host = run.host
    stopped = Context()
    interval = run.args.number("interval") / 1e9

    async def try_one(peer: str) -> None:
        try:
            await asyncio.wait_for(one(peer), interval)
        except (CommandError, asyncio.TimeoutError) as error:
            run.warn("failed to poll peer", peer=peer, error=str(error) or "context deadline exceeded")

    async def rounds() -> None:
        while not stopped.cancelled:
            start = time.monotonic()
            await asyncio.gather(*(try_one(peer) for peer in host.peers()))
            # an interval of nothing would keep the loop from everything else
            await stopped.sleep(max(interval - (time.monotonic() - start), 0.001))

    def stop() -> None:
        stopped.cancel()
        run.info("Stopped polling")

    run.spawn(rounds())
    run.call.register_stop(stop)
