"""What came of it, as a table."""

from __future__ import annotations

from typing import Any

COMMAND = "make bench-engine"


def table(outcome: dict[str, Any]) -> str:
    """A table in Markdown: the figures of each kind of work, and their ratios beside the goals."""
    setting = outcome["setting"]
    lines = [
        f"Python {setting['python']}, {setting['cores']} cores. Medians of the rounds.",
        "",
        "| work | figures | against | ratio | goal | |",
        "|---|---|---|---|---|---|",
    ]
    for row in outcome["rows"]:
        shown = ", ".join(f"{name} {figure:,.1f}" for name, figure in row["figures"].items())
        title, figures = row["work"], f"{shown} {row['unit']}"
        for ratio in row["ratios"]:
            verdict = "met" if ratio["met"] else "missed"
            lines.append(
                f"| {title} | {figures} | {ratio['against']} | {ratio['ratio']:.2f} | {ratio['goal']} | {verdict} |"
            )
            title = figures = ""
    return "\n".join(lines)
