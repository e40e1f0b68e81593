"""The results as text and as JSON."""

from __future__ import annotations

import json
import os
import platform

from benchmarks.measure import Ratio, Result


def line(result: Result) -> str:
    """A result in one line, with what each contender took."""
    unit, scale = result.row.unit
    took = ", ".join(f"{name} {figure * scale:,.1f} {unit}" for name, figure in result.figures.items())
    return f"{result.row.title}: {took}"


def table(results: list[Result]) -> str:
    """A table in Markdown: each ratio with the quartiles of its rounds, beside its goal."""
    lines = [
        f"Python {platform.python_version()}, {os.cpu_count()} cores. Ratios: median (quartiles) of the rounds.",
        "",
    ]
    lines += ["| work | against | ratio | goal | |", "|---|---|---|---|---|"]
    for result in results:
        title = result.row.title
        for ratio in result.ratios:
            lines.append(f"| {title} | {ratio.goal.against} | {_spread(ratio)} | {ratio.goal} | {_verdict(ratio)} |")
            title = ""
    return "\n".join(lines)


def _spread(ratio: Ratio) -> str:
    return f"{ratio.median:.2f} ({ratio.low:.2f} to {ratio.high:.2f})"


def _verdict(ratio: Ratio) -> str:
    return "met" if ratio.goal.met(ratio.median) else "missed"


def as_json(results: list[Result]) -> str:
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
    setting = {"python": platform.python_version(), "system": platform.system(), "cores": os.cpu_count()}
    return json.dumps({"setting": setting, "rows": rows}, indent=1, ensure_ascii=False) + "\n"
