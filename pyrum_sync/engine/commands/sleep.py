"""``sleep`` (Rumor's control/actor/debug/sleep.go)."""

from __future__ import annotations

from pyrum_sync.engine.about import ENGINE
from pyrum_sync.engine.commands.arguments import required
from pyrum_sync.engine.commands.base import Command, Run
from pyrum_sync.engine.commands.option_types import DURATION
from pyrum_sync.engine.session.commands import CommandError
from pyrum_sync.engine.session.durations import format_duration


async def _sleep(run: Run) -> None:
    nanoseconds = run.args.number("time")
    if nanoseconds < 0:
        raise CommandError(f"a negative sleep is not in {ENGINE} (it kills a Rumor)")
    if nanoseconds == 0:
        run.warn("cannot sleep for 0 duration")
        return
    run.info(f"sleeping {format_duration(nanoseconds)}")
    if await run.context.sleep(nanoseconds / 1e9):
        run.info("done sleeping!")
    else:
        run.info(f"stopped sleep, exit early: {run.context.error}")


SLEEP = Command(
    "Sleep for given amount of time.",
    _sleep,
    (required("time", DURATION, "How long to sleep, e.g. 3s", 10**9),),
)
