"""The verdicts as Markdown and as JSON."""

from __future__ import annotations

import json
import platform
from collections import Counter
from typing import Any, NamedTuple

from benchmarks.faults.judge import RIGHT, Verdict
from benchmarks.faults.situations import Situation
from benchmarks.faults.watch import Facts


class Result(NamedTuple):
    situation: Situation
    facts: dict[str, Facts]  # of each client
    verdicts: dict[str, Verdict]


def document(results: list[Result]) -> dict[str, Any]:
    """All that was seen."""
    rows = [
        {
            "situation": result.situation.title,
            "other side": result.situation.peer,
            "right answer": result.situation.right.words,
            "clients": {
                client: {
                    "kinds": verdict.kinds,
                    "verdict": verdict.words,
                    "end": result.facts[client].end,
                    "at": result.facts[client].at,
                    "error": result.facts[client].error[:500],
                    "exit status": result.facts[client].status,
                    "seconds": {at: round(taken, 2) for at, taken in result.facts[client].seconds.items()},
                    "left": result.facts[client].left,
                }
                for client, verdict in result.verdicts.items()
            },
        }
        for result in results
    ]
    setting = {"python": platform.python_version(), "system": platform.system()}
    return {"setting": setting, "rows": rows}


def table(found: dict[str, Any]) -> str:
    """A table in Markdown of what `document` gave: a row for each situation, a column for each client."""
    clients = _clients(found)
    lines = [f"| situation | {' | '.join(clients)} |", "|---" * (1 + len(clients)) + "|"]
    for row in found["rows"]:
        verdicts = [_cell(row["clients"][client]["verdict"]) for client in clients]
        lines.append(f"| {_cell(row['situation'])} | {' | '.join(verdicts)} |")
    return "\n".join(lines)


def _clients(found: dict[str, Any]) -> list[str]:
    return list(found["rows"][0]["clients"]) if found["rows"] else []


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def sums(found: dict[str, Any]) -> str:
    """One line for each client."""
    lines = []
    for client in _clients(found):
        kinds = [row["clients"][client]["kinds"] for row in found["rows"]]
        counts = Counter(kind for each in kinds for kind in each)
        lines.append(
            f"- {client}: right and clean {kinds.count([RIGHT])} of {len(kinds)}; "
            + ", ".join(f"{kind} {count}" for kind, count in counts.most_common())
        )
    return "\n".join(lines)


def as_json(found: dict[str, Any]) -> str:
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"
