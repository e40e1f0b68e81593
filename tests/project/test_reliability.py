"""docs/reliability.md: its tables are those that the attacks give, and what it names is there."""

from __future__ import annotations

import json
import re
from pathlib import Path

from benchmarks.faults import report
from tests.attack import fault_table
from tests.attack.faults import FAULTS, LIMIT, WAYS, combinations, expected, moments

PROJECT = Path(__file__).parents[2]
PAGE = (PROJECT / "docs" / "reliability.md").read_text()


def between(note: str) -> str:
    found = re.search(rf"<!-- {re.escape(note)} -->\n(.*?)\n<!-- end -->", PAGE, re.DOTALL)
    assert found, f"the page has no part {note!r}"
    return found[1]


def test_the_table_of_faults() -> None:
    """What test_faults holds every end to, so what playing them all prints, too."""
    ends: fault_table.Ends = {
        (fault, moment): {expected(fault, moment)}
        for way, fault in combinations(WAYS)
        for moment in moments(way, fault)
    }
    assert between("printed by: make fault-table") == fault_table.table(ends)
    assert f"within {LIMIT:.0f} s" in PAGE
    assert all(f"| {fault} |" in PAGE for fault in FAULTS)


def test_the_table_beside_pyrum() -> None:
    found = json.loads((PROJECT / "benchmarks" / "faults.json").read_text())
    assert between("drawn from: benchmarks/faults.json") == f"{report.table(found)}\n\n{report.sums(found)}"


def test_each_command_is_there() -> None:
    makefile = (PROJECT / "Makefile").read_text()
    commands = set(re.findall(r"`make ([\w-]+)`", PAGE))
    assert commands
    for command in commands:
        assert re.search(rf"^{command}:", makefile, re.MULTILINE), f"make {command}"
