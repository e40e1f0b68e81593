"""Each case on both networks of the engine and on the real Rumor, against what was recorded from the real one."""

from __future__ import annotations

import json

import pytest

from pyrum_sync.engine.table import rumors
from tests.conformance.cases import CASES, Case, run
from tests.conformance.driver import ENGINE, SIMULATOR, real_rumor
from tests.conformance.normal import Record
from tests.conformance.record import RECORDED, path, recorded, run_real

EACH = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def assert_same(got: Record, wanted: Record) -> None:
    """Compare as text: pytest then shows the lines that differ."""
    text = [json.dumps(r, indent=1, ensure_ascii=False, sort_keys=True).splitlines() for r in (got, wanted)]
    assert text[0] == text[1]


@EACH
def test_simulator(case: Case) -> None:
    assert_same(run(case, SIMULATOR), recorded(case))


@pytest.mark.parametrize(
    "case", [c for c in CASES if any("host start" in str(s) for s in c.steps)], ids=lambda c: c.name
)
def test_tcp(case: Case) -> None:
    """What has to do with hosts, on libp2p over TCP."""
    assert_same(run(case, ENGINE), recorded(case))


@pytest.mark.rumor
@EACH
def test_real(case: Case) -> None:
    rumor = real_rumor()
    if rumor is None:
        pytest.skip("no real Rumor on PATH or at $RUMOR")
    wanted = recorded(case)
    assert_same(run_real(case, rumor, wanted), wanted)


def test_each_case_is_recorded_and_nothing_else() -> None:
    assert set(RECORDED.glob("*.json")) == {path(case) for case in CASES}


def test_every_supported_command_has_a_successful_run() -> None:
    """A command counts as tried where the real Rumor succeeded with it, other than with a request for help."""
    tried: set[tuple[str, ...]] = set()
    for case in CASES:
        record = recorded(case)
        for entry in record["session"]:
            words = entry.get("args", [])
            name = entry["msg"].removeprefix("Started ")
            entries = record["calls"].get(name, [])
            if name != entry["msg"] and "--help" not in words and any("__success" in e for e in entries):
                tried.update(command for command in rumors() if tuple(words[: len(command)]) == command)
    assert not set(rumors()) - tried
