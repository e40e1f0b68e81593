"""The shell in a session: refused lines harm nothing, and endless loops stop nobody else."""

from __future__ import annotations

import asyncio
import gc

from tests.conformance.driver import SIMULATOR, Driver
from tests.support.engine import engine
from tests.support.hosts import in_loop


def test_a_refused_line_leaves_the_session_alive_and_runs_nothing() -> None:
    with Driver(SIMULATOR) as rumor:
        entries = rumor.do(
            "echo before; foo() { echo never; }", "set -e", "cat /etc/hostname", "read -r x", "echo after"
        )
        failed = [e for e in entries if e["msg"] == "failed"]
        assert "a function declaration is not in the simulator's shell" in failed[0]["error"]
        assert "set is not in the simulator's shell" in failed[1]["error"]
        assert failed[2]["error"] == "exit status 127"
        assert "kills a Rumor" in failed[3]["error"]
        assert [e["stdout"] for e in entries if "stdout" in e] == ["after"]
        assert rumor.end() == 0


def test_a_loop_without_end_does_not_stop_the_rest() -> None:
    with Driver(SIMULATOR) as rumor:
        rumor.send("while true; do true; done &")
        rumor.do("_a lvl_trace sleep 1ms")
        assert rumor.end() == 0


@in_loop
async def test_what_ran_in_the_background_is_not_kept() -> None:
    """Nearly every line of a session does, so a long session would keep them all."""
    async with engine() as running:
        for _ in range(5):
            await running.line("sleep 1ns &")
        await running.line("wait")
        for _ in range(5):
            await running.line("sleep 1ns &")
        await running.line("sleep 50ms")
        tasks = {
            getattr(task.get_coro(), "__qualname__", "") for task in gc.get_objects() if isinstance(task, asyncio.Task)
        }
        assert "Shell._in_background" not in {getattr(each, "__qualname__", "") for each in tasks}
