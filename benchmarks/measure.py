"""Rounds in which all contenders of a row take turns, and the ratios of each round."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from typing import NamedTuple

from benchmarks.contenders import Script, Work, Worker
from benchmarks.rows import Goal, Row


class Ratio(NamedTuple):
    goal: Goal
    median: float
    low: float  # a quarter of the rounds is below this,
    high: float  # and a quarter above this


class Result(NamedTuple):
    row: Row
    figures: dict[str, float]  # of each contender, the median
    ratios: list[Ratio]


def measure(row: Row, addresses: Mapping[str, str], times: float = 1) -> Result | None:
    """The ratios of a row; None if it needs a Rumor, and there is none."""
    needed = {who.way for who in row.contenders.values() if isinstance(who, Work)}
    if any(isinstance(who, Script) and "argv" in who.source for who in row.contenders.values()):
        needed.add("tcp")
    if not needed <= addresses.keys():
        return None
    workers: dict[tuple[str, ...], Worker] = {}
    rounds: list[dict[str, float]] = []
    try:
        names = list(row.contenders)
        for who in row.contenders.values():
            who.figure(workers, addresses)  # warm up
        for number in range(max(1, round(row.rounds * times))):
            turn = number % len(names)  # nobody always comes first
            order = names[turn:] + names[:turn]
            rounds.append({name: row.contenders[name].figure(workers, addresses) for name in order})
    finally:
        for worker in workers.values():
            worker.close()
    figures = {name: statistics.median(figures[name] for figures in rounds) for name in names}
    goals = [goal for goal in row.goals if goal.against in row.contenders or len(row.contenders) == 1]
    return Result(row, figures, [_ratio(goal, rounds) for goal in goals])


def _ratio(goal: Goal, rounds: list[dict[str, float]]) -> Ratio:
    ratios = [goal.ratio(figures) for figures in rounds]
    if len(ratios) == 1:
        return Ratio(goal, *ratios * 3)
    low, median, high = statistics.quantiles(ratios, n=4)
    return Ratio(goal, median, low, high)
