"""A session: its interest in calls, and its life as a subscriber."""

from __future__ import annotations

import json
from typing import Any

from pyrum_sync.engine.session.entries import Log
from pyrum_sync.engine.session.session import Session
from pyrum_sync.engine.shell.parser import parse
from tests.support.engine import engine
from tests.support.hosts import in_loop


@in_loop
async def test_another_session_follows_a_call_until_it_is_over_or_leaves() -> None:
    async with engine() as running:
        heard: list[dict[str, Any]] = []
        other = Session(Log(lambda data: heard.append(json.loads(data))), running.processor)
        assert other.id != running.session.id
        await running.line("_l alice: lvl_trace host start --nat=false")
        await running.line("_p alice: rpc ping listen")
        await other.run(parse("_p lvl_trace"))
        heard.clear()
        await running.line("_p cancel")
        assert {e["call_id"] for e in heard} == {"p"}
        assert heard[-1]["msg"] == "Stopped listener"
        await running.line("_q alice: rpc ping listen")
        await other.run(parse("_q lvl_trace"))
        heard.clear()
        other.leave()
        await running.line("_q cancel")
        assert heard == []


@in_loop
async def test_an_interest_ends_with_its_call() -> None:
    async with engine() as running:
        await running.line("_a lvl_trace sleep 1ns")
        running.entries.clear()
        await running.line("_a sleep 1ns")  # debug is the level of a new call
        assert all(e["level"] != "trace" for e in running.entries if "call_id" in e)


@in_loop
async def test_exit_closes_it() -> None:
    async with engine() as running:
        await running.line("exit")
        assert running.session.closed.cancelled
        assert running.entries[-1]["msg"] == "Session finished"
