"""A connection that fails, in every way and at every moment: each waiting thread learns why within a second, and
nothing is left over.

`python -m tests.attack.fault_table` goes through all combinations, one at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.attack.fault_table import table
from tests.attack.faults import IN_PROCESS, MOMENTS, WAYS, attempt, combinations, expected, moments, stage
from tests.support.long import LONG

# Each moment of the others, and so each combination, is in the table.
ALONE = IN_PROCESS if LONG else ("tcp",)

Try = Callable[[str, str, list[str]], None]


@pytest.fixture
def strike(request: pytest.FixtureRequest) -> Try:
    """Let a fault strike at some moments."""

    def strike(way: str, fault: str, names: list[str]) -> None:
        certificate: Path | None = request.getfixturevalue("certificate") if way == "wss" else None
        folder: Path = request.getfixturevalue("tmp_path")
        attempt(stage(way, fault, folder=folder, certificate=certificate, greet="opening" not in names), fault, names)

    return strike


@pytest.mark.parametrize(("way", "fault"), combinations(ALONE))
def test_each_moment_on_a_connection_of_its_own(strike: Try, way: str, fault: str) -> None:
    for name in moments(way, fault):
        strike(way, fault, [name])


@pytest.mark.parametrize(("way", "fault"), combinations(WAYS))
def test_all_moments_at_once(strike: Try, way: str, fault: str) -> None:
    strike(way, fault, moments(way, fault, alone=False))
    if way not in ALONE:
        for name in moments(way, fault, alone=True):
            strike(way, fault, [name])


def test_the_table_has_a_cell_for_each_fault_and_moment() -> None:
    lines = table({(fault, name): {expected(fault, name)} for _, fault in combinations(WAYS) for name in MOMENTS})
    assert len({line.count("|") for line in lines.splitlines()}) == 1
    assert "?" not in lines
