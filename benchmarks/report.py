"""The results as text, as JSON, and as the table in docs/performance.md."""

from __future__ import annotations

import json
import os
import platform
from typing import Any

from benchmarks.measure import Result


def line(result: Result) -> str:
    """A result in one line, with what each contender took."""
    unit, scale = result.row.unit
    took = ", ".join(f"{name} {figure * scale:,.1f} {unit}" for name, figure in result.figures.items())
    return f"{result.row.title}: {took}"


def table(outcome: dict[str, Any]) -> str:
    """A table in Markdown: each ratio with the quartiles of its rounds, beside its goal."""
    where = outcome["setting"]
    lines = [
        f"Python {where['python']}, {where['cores']} cores. Ratios: median (quartiles) of the rounds.",
        "",
        "| work | against | ratio | goal | |",
        "|---|---|---|---|---|",
    ]
    for row in outcome["rows"]:
        title = row["work"]
        for ratio in row["ratios"]:
            verdict = "met" if ratio["met"] else "missed"
            lines.append(f"| {title} | {ratio['against']} | {_spread(ratio)} | {ratio['goal']} | {verdict} |")
            title = ""
    return "\n".join(lines)


def _spread(ratio: dict[str, Any]) -> str:
    low, high = ratio["quartiles"]
    return f"{ratio['median']:.2f} ({low:.2f} to {high:.2f})"


def marks(command: str) -> tuple[str, str]:
    """What stands on a page before and after the table that a command makes."""
    return f"<!-- Made by `{command}`: do not edit. -->\n", f"\n<!-- End of what `{command}` makes. -->"


def on_page(page: str, text: str, command: str = "make bench") -> str:
    """A page with another table where that of the command was."""
    begin, end = marks(command)
    before, rest = page.split(begin)
    return f"{before}{begin}{text}{end}{rest.split(end)[1]}"


def outcome(results: list[Result]) -> dict[str, Any]:
    """All figures, for programs."""
    rows = [
        {
            "work": result.row.title,
            "figures": result.figures,
            "ratios": [
                {
                    "against": ratio.goal.against,
                    "median": round(ratio.median, 4),
                    "quartiles": [round(ratio.low, 4), round(ratio.high, 4)],
                    "goal": str(ratio.goal),
                    "met": ratio.goal.met(ratio.median),
                }
                for ratio in result.ratios
            ],
        }
        for result in results
    ]
    return {"setting": setting(), "rows": rows}


def setting() -> dict[str, Any]:
    """Where the figures are from."""
    return {"python": platform.python_version(), "system": platform.system(), "cores": os.cpu_count()}


def as_json(figures: dict[str, Any]) -> str:
    """The same as a file."""
    return json.dumps(figures, indent=1, ensure_ascii=False) + "\n"
