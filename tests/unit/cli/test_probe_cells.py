"""What stands in the table of `pyrum-sync probe`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyrum_sync.cli.probe_cells import COLUMNS, bar, cells, result, summary, unfinished
from pyrum_sync.probing import PeerReport
from pyrum_sync.spec.containers import MetaDataV3, StatusV2
from pyrum_sync.spec.enr import Record
from pyrum_sync.spec.networks import NETWORKS

MAINNET = NETWORKS["mainnet"]
GENESIS = MAINNET.genesis_time or 0
ADDR = "/ip4/192.0.2.7/tcp/9000/p2p/16Uiu2HAm7Qwe19vz9WzD2Mxn7fXd1vgHHp4iccuyq7TxwRXoAGfc"


def row(report: PeerReport, *, ascii_only: bool = False) -> dict[str, str]:
    names = [column.name for column in COLUMNS]
    return dict(zip(names, cells(report, ascii_only=ascii_only), strict=True))


def test_all_of_it() -> None:
    report = PeerReport(
        ADDR, "16Uiu", "Lighthouse/v8.0.0-1234567/x86_64-linux",
        status=StatusV2(fork_digest=MAINNET.fork_digest(419072), head_slot=1000),
        metadata=MetaDataV3(custody_group_count=128),
        rtt={"connect": 0.001, "identify": 0.1, "status": 10, "metadata": 0.1, "ping": 0.0421},
        stage="done", asked_at=GENESIS + 12 * 1002.0,
    )  # fmt: skip
    assert row(report) == {
        "address": "192.0.2.7:9000",
        "client": "Lighthouse/v8.0.0-123…",
        "network": "mainnet fulu+bpo2",
        "head": "1000",
        "age": "2",
        "custody": "128",
        "round trips": "▁▅█▅▄ 42 ms",
        "result": "ok",
    }
    assert row(report, ascii_only=True)["round trips"] == "_+#+= 42 ms"


def test_next_to_nothing() -> None:
    report = PeerReport("x" * 100, stage="connect", error="refused")
    assert row(report) == {
        "address": "x" * 23 + "…", "client": "", "network": "", "head": "", "age": "", "custody": "",
        "round trips": "", "result": "connect: refused",
    }  # fmt: skip


def test_a_record_is_shown_by_where_it_leads() -> None:
    record = Record.make(b"\1" * 32, ip="192.0.2.7", tcp=9000)
    assert row(PeerReport(str(record), enr=record))["address"] == "192.0.2.7:9000"


def test_a_stage_that_is_missing_leaves_its_place() -> None:
    report = PeerReport("x", rtt={"connect": 0.1, "status": 0.1})
    assert row(report)["round trips"] == "▅ ▅  "


def test_a_goodbye_that_a_second_try_came_over() -> None:
    assert result(PeerReport("x", goodbye=2)) == "ok (first it said goodbye: irrelevant network)"


@pytest.mark.parametrize(("seconds", "shown"), [(None, " "), (0, "▁"), (0.001, "▁"), (0.1, "▅"), (10, "█"), (99, "█")])
def test_bars(seconds: float | None, shown: str) -> None:
    assert bar(seconds) == shown


@given(st.text(), st.text(), st.text())
def test_what_peers_say_is_harmless(addr: str, agent: str, error: str) -> None:
    report = PeerReport(addr, "16Uiu", agent, stage="status", error=error, rtt={"connect": 1})
    for cell in (*cells(report), *unfinished(addr)):
        assert cell.isprintable()


def test_a_summary() -> None:
    good, bad = PeerReport("x"), PeerReport("y", error="z")
    assert summary([good, bad], 2) == "1 of 2 answered everything"
    assert summary([good], 3) == "1 of 3 answered everything; 2 not finished"
