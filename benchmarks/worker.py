"""One contender in a process of its own: ``python -m benchmarks.worker NAME WAY ADDRESS``.

Takes orders on stdin (``WORK COUNT``) and answers each with a number on stdout: the seconds that the work took, or what
it measured itself.
"""

from __future__ import annotations

import os
import sys
from time import perf_counter
from typing import Any


def answer(figure: float) -> None:
    print(figure, flush=True)


def main(name: str, way: str, address: str) -> None:
    if name == "pyrum":
        import trio

        from benchmarks import with_pyrum

        trio.run(with_pyrum.main, way, address, sys.stdin.readline, answer)
        return
    worker = _contender(name, way, address)
    while order := sys.stdin.readline().split():
        start = perf_counter()
        measured = getattr(worker, order[0])(*map(int, order[1:]))
        answer(measured if measured is not None else perf_counter() - start)


def _contender(name: str, way: str, address: str) -> Any:
    if name == "bare":
        from benchmarks.bare import Bare

        return Bare(way, address)
    if name == "minimal":
        from benchmarks.minimal import Minimal

        return Minimal(way, address)
    from benchmarks.ours import Ours

    return Ours(way, address)


if __name__ == "__main__":
    main(*sys.argv[1:])
    sys.stdout.flush()
    os._exit(0)  # the servers are the benchmark's, and nothing has to be put away
