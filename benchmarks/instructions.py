"""What the client costs, in machine instructions: ``python -m benchmarks.instructions [--write]``.

Valgrind's callgrind counts them on work that is always the same, so neither the clock nor other programs matter. The
unit is a line of the bare loop, counted in the same run, so the processor and the build of Python hardly do, either.
A figure more than MARGIN above the committed one (of the same Python version) is a failure; --write commits new ones.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.canned import CALLS, ENTRIES

COMMITTED = Path(__file__).with_name("instructions.json")
MARGIN = 0.05
VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"


def main(*arguments: str) -> int:
    if shutil.which("valgrind") is None:
        print("Not checked: valgrind is not installed.")
        return 0
    figures = _measure()
    committed: dict[str, dict[str, float]] = json.loads(COMMITTED.read_text()) if COMMITTED.exists() else {}
    known = committed.get(VERSION, {})
    print(f"Instructions, as lines that a bare loop reads in the same (Python {VERSION}):")
    worse = False
    for name, figure in figures.items():
        allowed = known.get(name, float("inf")) * (1 + MARGIN)
        worse = worse or figure > allowed
        print(
            f"  {name:16} {figure:8.3f}  committed {known.get(name, 'none')}{'  TOO MANY' if figure > allowed else ''}"
        )
    if "--write" in arguments:
        committed[VERSION] = figures
        COMMITTED.write_text(json.dumps(committed, indent=1, sort_keys=True) + "\n")
        return 0
    if not known:
        print(f"No figures are committed for Python {VERSION}: nothing to compare with.")
    return int(worse)


def _measure() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        # Modules are compiled once, before anything is counted.
        environment = os.environ | {"PYTHONHASHSEED": "0", "PYTHONPYCACHEPREFIX": folder}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        works = ("nothing", "loop", "idle", "calls", "flight", "entries", "field")
        for work in works:
            _run([], work, environment)
        counts = {work: _count(work, environment) for work in works}
    line = (counts["loop"] - counts["nothing"]) / ENTRIES
    times = {"calls": CALLS, "flight": CALLS, "entries": ENTRIES, "field": ENTRIES}
    figures = {f"one of {work}": (counts[work] - counts["idle"]) / number / line for work, number in times.items()}
    figures["open and close"] = (counts["idle"] - counts["nothing"]) / line
    return {name: round(figure, 3) for name, figure in figures.items()}


def _count(work: str, environment: dict[str, str]) -> int:
    tool = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    found = re.search(r"Collected : (\d+)", _run(tool, work, environment))
    assert found, "valgrind has not told how many"
    return int(found[1])


def _run(tool: list[str], work: str, environment: dict[str, str]) -> str:
    command = [*tool, sys.executable, "-m", "benchmarks.canned", work]
    return subprocess.run(command, env=environment, stderr=subprocess.PIPE, text=True, check=True).stderr


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
