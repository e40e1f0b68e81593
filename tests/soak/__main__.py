"""Run it: ``python -m tests.soak [--seconds N] [--seed N] [--workers N] [--json FILE]``. Exit status 1 if anything was
lost, hung or left behind."""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path

from pyrum_sync.transports.locate import find_rumor
from tests.soak.report import as_json, markdown, sums
from tests.soak.supervisor import Soak


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description="Mixed load under random faults.")
    parser.add_argument("--seconds", type=float, default=1800, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30), help="of what is random")
    parser.add_argument("--workers", type=int, default=2, help="processes; default: %(default)s")
    parser.add_argument("--servers", type=int, default=2, help="Rumors that serve; default: %(default)s")
    parser.add_argument("--pace", type=float, default=5, help="seconds that a connection lives; default: %(default)s")
    parser.add_argument("--rest", type=float, default=0.5, help="seconds that a thread rests; default: %(default)s")
    parser.add_argument("--json", metavar="FILE", help="write the sums there")
    options = parser.parse_args()
    rumor = find_rumor()
    if rumor is None:
        print("No Rumor on PATH or at $RUMOR.", file=sys.stderr)
        return 2
    soak = Soak(
        rumor,
        options.seconds,
        options.seed,
        workers=options.workers,
        servers=options.servers,
        ways=["bare", "tcp", "unix", "ws"],
        pace=options.pace,
        rest=options.rest,
    )
    found = sums(soak)
    print(markdown(found))
    if options.json:
        Path(options.json).write_text(as_json(found))
    return 1 if found["violations"] else 0


if __name__ == "__main__":
    sys.exit(main())
