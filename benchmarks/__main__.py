"""Run the benchmarks:

``python -m benchmarks [--only TEXT] [--rounds N] [--json FILE] [--picture FILE] [--page FILE]``.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Result, measure
from benchmarks.picture import draw
from benchmarks.report import as_json, line, on_page, outcome, table
from benchmarks.rows import PYRUM, ROWS
from benchmarks.servers import Servers
from benchmarks.wires import RUMOR


def main() -> None:
    options = _options()
    has_rumor = shutil.which(RUMOR) is not None
    has_pyrum = runs_pyrum()
    if not has_rumor:
        print("No Rumor on PATH or at $RUMOR: the rows that need a real one are left out.")
    if not has_pyrum:
        print("pyrum 0.3.0 runs on Python 3.11 and older only, and is not here: its figures are left out.")
    results: list[Result] = []
    with tempfile.TemporaryDirectory() as folder, Servers(Path(folder), rumor=has_rumor) as servers:
        for row in ROWS:
            if options.only not in row.title:
                continue
            contenders = {name: who for name, who in row.contenders.items() if has_pyrum or name != PYRUM}
            result = measure(row._replace(contenders=contenders), servers.addresses, options.rounds)
            if result is not None:
                print(line(result), flush=True)
                results.append(result)
    figures = outcome(results)
    print(table(figures))
    if options.json:
        Path(options.json).write_text(as_json(figures))
    if options.page:
        page = Path(options.page)
        page.write_text(on_page(page.read_text(), table(figures)))
    if options.picture:
        Path(options.picture).write_text(draw(results))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="How fast pyrum_sync is.")
    parser.add_argument("--only", default="", metavar="TEXT", help="only the rows whose title has this text")
    parser.add_argument("--rounds", type=float, default=1, metavar="N", help="so many times the usual number of rounds")
    parser.add_argument("--json", metavar="FILE", help="write the figures there")
    parser.add_argument("--picture", metavar="FILE", help="draw the ratios there, as SVG")
    parser.add_argument("--page", metavar="FILE", help="put the table there, in place of the one that is there")
    return parser.parse_args()


def runs_pyrum() -> bool:
    # In a process of its own: its trio changes this one, or is too old for the interpreter to be imported at all.
    return (
        subprocess.run([sys.executable, "-c", "import pyrum"], stderr=subprocess.DEVNULL, check=False).returncode == 0
    )


if __name__ == "__main__":
    main()
