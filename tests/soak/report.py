"""The sums of a soak, as Markdown and as JSON."""

from __future__ import annotations

import json
import platform
from collections import Counter
from typing import Any

from tests.soak.supervisor import Soak

_GROWTH = 24 * 1024  # KiB that a process may grow by


def sums(soak: Soak) -> dict[str, Any]:
    """All that was counted, and all that was found."""
    counts, faults = Counter(soak.counts), Counter(soak.faults)
    exceptions: Counter[tuple[str, str]] = Counter()
    longest: dict[str, float] = {}
    violations = list(soak.violations)
    processes = []
    for number, worker in enumerate(soak.workers):
        if worker.sums is None:
            violations.append(f"worker {number} gave no sums")
            continue
        counts.update(worker.sums["counts"])
        faults.update(worker.sums["faults"])
        exceptions.update({(kind, fault): count for kind, fault, count in worker.sums["exceptions"]})
        for fault, seconds in worker.sums["longest"].items():
            longest[fault] = max(longest.get(fault, 0.0), seconds)
        violations += worker.sums["violations"]
        start, warm, end = (worker.sums[key] for key in ("start", "warm", "end"))
        meanwhile = worker.sums["RSS (KiB) meanwhile"]
        processes.append({"start": start, "warm": warm, "end": end, "RSS (KiB) meanwhile": meanwhile})
        for what in ("threads", "descriptors", "children", "sessions"):
            if end[what] > start[what]:
                violations.append(
                    f"worker {number}: {what} left behind: {start[what]} at the start, {end[what]} at the end"
                )
        if end["RSS (KiB)"] > warm["RSS (KiB)"] + _GROWTH:
            violations.append(f"worker {number} grew from {warm['RSS (KiB)']} to {end['RSS (KiB)']} KiB")
    return {
        "seconds": soak.seconds,
        "seed": soak.seed,
        "python": platform.python_version(),
        "counts": dict(sorted(counts.items())),
        "faults": dict(sorted(faults.items())),
        "exceptions": [
            {"class": kind, "fault": fault, "count": count} for (kind, fault), count in sorted(exceptions.items())
        ],
        "longest from fault to exception": {fault: round(seconds, 4) for fault, seconds in sorted(longest.items())},
        "processes": processes,
        "rumors that died by themselves": soak.deaths,
        "violations": violations,
    }


def as_json(found: dict[str, Any]) -> str:
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def markdown(found: dict[str, Any]) -> str:
    """Tables, and what was found wrong."""
    lines = [f"{found['seconds']:g} seconds, seed {found['seed']}, Python {found['python']}.", ""]
    lines += _table(("counted", ""), found["counts"].items())
    lines += _table(("fault", "times"), found["faults"].items())
    rows = [(f"{each['class']}: {each['fault']}", each["count"]) for each in found["exceptions"]]
    lines += _table(("exception: why", "times"), rows)
    longest = found["longest from fault to exception"]
    lines += _table(
        ("fault", "longest until the exception"),
        [(fault, f"{seconds * 1000:.1f} ms") for fault, seconds in longest.items()],
    )
    for number, process in enumerate(found["processes"]):
        rows = [
            (what, f"{process['start'][what]} / {process['warm'][what]} / {process['end'][what]}")
            for what in process["start"]
        ]
        rows.append(("RSS (KiB) meanwhile, at most", max(process["RSS (KiB) meanwhile"], default=0)))
        lines += _table((f"worker {number}", "start / warm / end"), rows)
    lines.append(f"Rumors that died by themselves: {len(found['rumors that died by themselves'])}.")
    lines.append(f"Found wrong: {len(found['violations'])}.")
    lines += [f"- {text}" for text in found["violations"]]
    return "\n".join(lines)


def _table(head: tuple[str, str], rows: Any) -> list[str]:
    return [f"| {head[0]} | {head[1]} |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows), ""]
