"""Every fault on every way in at every moment of a call's life, each on a connection of its own: how it ends.

``python -m tests.attack.fault_table`` makes them all happen, which takes some minutes, and prints what came of them as
Markdown; it fails where something came of it that should not. What is on its way, and how long the slowest took, is
shown on stderr.
"""

from __future__ import annotations

import logging
import sys
import tempfile
from pathlib import Path

from pyrum_sync import ConnectionLost
from pyrum_sync.transports import link, process
from tests.attack.faults import FAULTS, HERE, LIVES_ON, MOMENTS, WAYS, attempt, combinations, moments, stage
from tests.conftest import _children, _descriptors
from tests.support.peers import make_certificate

ENDING = link.EXIT_TIME + 2 * process._TERM_TIME  # for a child that does not end by itself, nor when it is told to
Ends = dict[tuple[str, str], set[type[ConnectionLost] | None]]


def play() -> Ends:
    """How each fault ends at each moment."""
    ends: Ends = {}
    before = _children(), len(_descriptors())
    with tempfile.TemporaryDirectory() as folder:
        certificate = make_certificate(Path(folder))
        for way, fault in combinations(WAYS):
            if way == "wss" and certificate is None:
                print("no openssl, so no wss", file=sys.stderr)
                continue
            slowest = 0.0
            for name in moments(way, fault):
                place = stage(way, fault, folder=Path(folder), certificate=certificate, greet=name != "opening")
                for outcome in attempt(place, fault, [name]).values():
                    slowest = max(slowest, outcome.seconds)
                    error = outcome.error
                    assert error is None or isinstance(error, ConnectionLost)
                    ends.setdefault((fault, name), set()).add(None if error is None else type(error))
            print(f"{way}: {fault}: {slowest * 1000:.0f} ms", file=sys.stderr)
            assert (_children(), len(_descriptors())) == before, "something is left behind"
    return ends


def table(ends: Ends) -> str:
    """The moments at which all faults end alike share a column."""
    columns: dict[tuple[str, ...], list[str]] = {}
    for column in dict.fromkeys(moment.column for moment in MOMENTS.values()):
        columns.setdefault(tuple(_cell(fault, column, ends) for fault in FAULTS), []).append(column)
    rows = [["what happens", "on", "first cause", *map(", ".join, columns.values())], ["---"] * (3 + len(columns))]
    for (fault, what), *cells in zip(FAULTS.items(), *columns, strict=True):
        cause = " or ".join(f"`{kind.__name__}`" for kind in what.cause) or "none"
        rows.append([fault, ", ".join(what.ways), cause, *cells])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cell(fault: str, column: str, ends: Ends) -> str:
    names = [name for name, moment in MOMENTS.items() if moment.column == column]
    if all(fault == HERE and MOMENTS[name].alone for name in names):
        return "n/a"
    found = {end for name in names for end in ends.get((fault, name), set())}
    words = sorted("returns" if end is None else f"`{end.__name__}`" for end in found)
    more = f" (a child: {ENDING:.0f} s)" if fault in LIVES_ON and column in ("opening", "close") else ""
    return f"{' or '.join(words) or '?'}{more}"


if __name__ == "__main__":
    logging.disable()
    print(table(play()))
