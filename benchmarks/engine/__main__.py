"""How fast the engine is, side by side with others in one run. It is what ``make bench-engine`` runs.

    python -m benchmarks.engine [--rounds N] [--requests N] [--dials N] [--mebibytes N] [--connections N] [--json FILE]
        [--page FILE]

In each round all contenders take turns. Against a go-libp2p peer: requests one by one and 50 at once, dials, memory of
a connection, a large answer. Through the client: `eth2.status` and `peer connect` between two engines and between two
real Rumors. And how long the engine takes to be imported and opened. Ratios are medians of the rounds' ratios.
"""

from __future__ import annotations

import argparse
import os
import statistics
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.engine import clients, peers
from benchmarks.engine.report import COMMAND, table
from benchmarks.report import as_json, on_page, setting
from pyrum_sync import EmbeddedConn, SimulatorConn
from tests.interop.toolchain import Unavailable

ENGINE, PY, GO, RUMOR, SIMULATOR = peers.ENGINE, peers.PY, peers.GO, clients.RUMOR, "simulator"
Measure = Callable[[], float]


class Goal(NamedTuple):
    """What a ratio should be: of times that of the other to ours (faster is more), or ours to that of the other."""

    against: str
    limit: float
    at_most: bool = False

    def ratio(self, figures: dict[str, float]) -> float:
        ours, theirs = figures[ENGINE], figures[self.against]
        return ours / theirs if self.at_most else theirs / ours

    def met(self, ratio: float) -> bool:
        return ratio <= self.limit if self.at_most else ratio >= self.limit

    def __str__(self) -> str:
        return f"{'≤' if self.at_most else '≥'} {self.limit:g}"


class Row(NamedTuple):
    """One kind of work: each contender's figure comes from a call."""

    title: str
    unit: str
    scale: float
    contenders: Mapping[str, Measure]
    goals: Sequence[Goal]
    warm_up: bool = True


def measured(row: Row, rounds: int) -> dict[str, Any]:
    """Takes the figures in turns, and judges."""
    names = list(row.contenders)
    if row.warm_up:
        for measure in row.contenders.values():
            measure()
    found: list[dict[str, float]] = []
    for number in range(rounds):
        turn = number % len(names)
        found.append({name: row.contenders[name]() for name in names[turn:] + names[:turn]})
    figures = {name: statistics.median(each[name] for each in found) * row.scale for name in names}
    ratios = []
    for goal in row.goals:
        if goal.against in row.contenders:
            ratio = statistics.median(goal.ratio(each) for each in found)
            met = goal.met(ratio)
            ratios.append({"against": goal.against, "ratio": round(ratio, 3), "goal": str(goal), "met": met})
    shown = ", ".join(f"{name} {figure:,.2f} {row.unit}" for name, figure in figures.items())
    print(f"{row.title}: {shown}", flush=True)
    for each in ratios:
        verdict = "met" if each["met"] else "missed"
        print(f"    against {each['against']}: {each['ratio']} (goal {each['goal']}): {verdict}", flush=True)
    return {"work": row.title, "unit": row.unit, "figures": figures, "ratios": ratios}


def peer_rows(bench: peers.Bench) -> list[Row]:
    """The rows against the Go peer."""

    def each(measure: Callable[[str], float], *names: str) -> dict[str, Measure]:
        return {name: partial(measure, name) for name in names if name in bench.askers}

    requests = bench.requests
    return [
        Row(
            "requests one by one", "µs", 1e6, each(lambda name: requests(name, 1), ENGINE, PY, GO),
            [Goal(PY, 5), Goal(GO, 0.3)],
        ),
        Row("requests, 50 at once", "µs", 1e6, each(lambda name: requests(name, 50), ENGINE, PY, GO), [Goal(PY, 8)]),
        Row("a large answer", "ms/MiB", 1e3, each(bench.large, ENGINE, GO), [Goal(GO, 0.5)]),
        Row("dial", "ms", 1e3, each(bench.dial, ENGINE, PY, GO), [Goal(PY, 0.5, at_most=True)]),
        Row("memory of a connection", "kB", 1e-3, each(bench.memory, ENGINE, PY), [Goal(PY, 0.3, at_most=True)], False),
    ]  # fmt: skip


def client_rows(pairs: dict[str, clients.Pair], requests: int, dials: int) -> list[Row]:
    """The rows through the whole client."""
    status = {kind: partial(pair.status, max(1, requests // 10)) for kind, pair in pairs.items()}
    connect = {kind: partial(pair.connect, dials) for kind, pair in pairs.items()}
    return [
        Row("eth2.status through the client", "ms", 1e3, status, [Goal(RUMOR, 1)]),
        Row("peer connect through the client", "ms", 1e3, connect, [Goal(RUMOR, 1)]),
    ]


def start_rows() -> list[Row]:
    """The rows about starting."""
    opened = {ENGINE: partial(clients.opening, EmbeddedConn), SIMULATOR: partial(clients.opening, SimulatorConn)}
    imports: dict[str, Measure] = {ENGINE: clients.importing, "150 ms": lambda: 0.15}
    return [
        Row("opening a connection", "ms", 1e3, opened, [Goal(SIMULATOR, 1.5, at_most=True)]),
        Row("importing the engine", "ms of CPU", 1e3, imports, [Goal("150 ms", 1, at_most=True)]),
    ]


def main() -> None:
    options = _options()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # children would compile all that they import
    rows: list[dict[str, Any]] = [measured(row, options.rounds) for row in start_rows()]
    sizes = peers.Sizes(options.requests, options.dials, options.mebibytes, options.connections)
    try:
        with peers.bench(sizes) as bench:
            bench.connect()
            rows += [measured(row, options.rounds) for row in peer_rows(bench)]
    except Unavailable as error:
        print(f"{error}: nothing is compared with other implementations")
    with clients.pairs() as pairs:
        rows += [measured(row, options.rounds) for row in client_rows(pairs, options.requests, options.dials)]
    outcome = {"setting": setting(), "rows": rows}
    if options.json:
        Path(options.json).write_text(as_json(outcome), encoding="utf-8")
    if options.page:
        page = Path(options.page)
        page.write_text(on_page(page.read_text(encoding="utf-8"), table(outcome), COMMAND), encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="how often all take turns")
    parser.add_argument("--requests", type=int, default=2000, metavar="N", help="in a round; py-libp2p makes a tenth")
    parser.add_argument("--dials", type=int, default=30, metavar="N", help="in a round")
    parser.add_argument("--mebibytes", type=int, default=64, metavar="N", help="of a large answer")
    parser.add_argument("--connections", type=int, default=50, metavar="N", help="whose memory is measured")
    parser.add_argument("--json", metavar="FILE", help="write the figures there")
    parser.add_argument("--page", metavar="FILE", help="put the table there, in place of the one that is there")
    return parser.parse_args()


if __name__ == "__main__":
    main()
