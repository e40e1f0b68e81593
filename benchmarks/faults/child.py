"""One script in a process of its own: ``python -m benchmarks.faults.child MODULE WORK STAGE`` (JSON).

Writes lines of JSON to stdout: what it comes to, and last how it ended.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module

from benchmarks.faults.stage import Stage


def main(module: str, work: str, stage: str) -> None:
    import_module(module).main(work, Stage(**json.loads(stage)))


if __name__ == "__main__":
    main(*sys.argv[1:])
