"""Probes of whole consensus clients, started before the tests: a Lodestar of 2023, a Prysm of today.

The variables LODESTAR and PRYSM have their addresses, in any form, separated by spaces.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from pyrum_sync import EmbeddedConn, PeerReport, Rumor, SubprocessConn, eth2, probe

from .conftest import missing

_LIMIT = 30.0


def _addresses(variable: str) -> list[str]:
    found = os.environ.get(variable, "").split()
    if not found:
        missing(f"no {variable.capitalize()} to probe: the variable {variable} has no address of one that runs")
    return found


@pytest.fixture(scope="module")
def engine() -> Iterator[Rumor]:
    with Rumor(EmbeddedConn(), timeout=_LIMIT) as rumor:
        yield rumor


def _whole(report: PeerReport) -> None:
    assert (report.stage, report.error) == ("done", None)
    assert report.status is not None
    assert report.status.head_slot > 0
    assert report.status.fork_digest != bytes(4)
    assert report.goodbye in (None, 2)


def test_a_prysm_of_today(engine: Rumor) -> None:
    for addr in _addresses("PRYSM"):
        report = probe(engine, addr, timeout=_LIMIT)
        _whole(report)
        assert str(report.agent).startswith("Prysm/")
        assert isinstance(report.status, eth2.StatusV2)
        assert isinstance(report.metadata, eth2.MetaDataV3)
        # Its record, where there is one, has its digest: then there is nothing to hang up over.
        fork = report.enr.eth2 if report.enr is not None else None
        if fork is not None and fork.fork_digest == report.fork_digest:
            assert report.goodbye is None
        else:
            assert report.goodbye == 2


def test_a_lodestar_of_2023(engine: Rumor) -> None:
    """It speaks mplex alone, takes no part in identification, and writes records with a value of a wrong size."""
    for addr in _addresses("LODESTAR"):
        report = probe(engine, addr, timeout=_LIMIT)
        _whole(report)
        assert (report.agent, report.goodbye) == (None, 2)
        assert type(report.status) is eth2.Status
        assert type(report.metadata) is eth2.MetaDataV2


@pytest.mark.rumor
def test_a_go_rumor_asks_a_lodestar_what_it_can(rumor_path: str) -> None:
    """Status is still version 1 there, the metadata are not."""
    with Rumor(SubprocessConn([rumor_path, "bare", "--level=trace"]), timeout=_LIMIT) as rumor:
        for addr in _addresses("LODESTAR"):
            report = probe(rumor, addr, timeout=_LIMIT)
            assert (report.stage, report.error) == ("metadata", "protocol not supported")
            assert type(report.status) is eth2.Status
            assert report.goodbye in (None, 2)
