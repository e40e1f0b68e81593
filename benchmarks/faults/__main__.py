"""Run the situations: ``python -m benchmarks.faults [--only TEXT] [--client NAME] [--json FILE] [--markdown]``."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from benchmarks.__main__ import runs_pyrum
from benchmarks.faults.judge import judge
from benchmarks.faults.report import Result, as_json, document, sums, table
from benchmarks.faults.situations import MUTE, SCRIPTED, SITUATIONS
from benchmarks.faults.watch import watch
from benchmarks.wires import RUMOR

OURS, THEIRS = "pyrum_sync", "pyrum 0.3.0"
_MODULES = {OURS: "benchmarks.faults.ours", THEIRS: "benchmarks.faults.theirs"}


def main() -> int:
    options = _options()
    clients = [client for client in (OURS, THEIRS) if options.client in client]
    has_rumor = shutil.which(RUMOR) is not None
    if not has_rumor:
        print("No Rumor on PATH or at $RUMOR: what needs a real one is left out.", file=sys.stderr)
    if THEIRS in clients and not runs_pyrum():
        print("pyrum 0.3.0 runs on Python 3.11 and older only, and is not here.", file=sys.stderr)
        clients.remove(THEIRS)
    results = []
    for situation in SITUATIONS:
        if options.only not in situation.title or not (has_rumor or situation.peer in (SCRIPTED, MUTE)):
            continue
        facts = {client: watch(_MODULES[client], situation, RUMOR) for client in clients}
        result = Result(situation, facts, {client: judge(situation, fact) for client, fact in facts.items()})
        results.append(result)
        for client, verdict in result.verdicts.items():
            print(f"{situation.title} | {client} | {verdict.words}", file=sys.stderr, flush=True)
    found = document(results)
    print(table(found))
    if not options.markdown:
        print(f"\n{sums(found)}")
    if options.json:
        Path(options.json).write_text(as_json(found))
    return 0 if all(result.verdicts[OURS].right for result in results if OURS in clients) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description="What clients make of faults.")
    parser.add_argument("--only", default="", metavar="TEXT", help="only the situations whose title has this text")
    parser.add_argument("--client", default="", metavar="NAME", help="only this client")
    parser.add_argument("--json", metavar="FILE", help="write all that was seen there")
    parser.add_argument("--markdown", action="store_true", help="print the table and nothing else")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
