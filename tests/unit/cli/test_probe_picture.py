"""A run of probes as a picture."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyrum_sync.cli.options import UsageError
from pyrum_sync.cli.probe_lines import JsonLines
from pyrum_sync.cli.probe_picture import Picture, WithPicture
from pyrum_sync.probing import PeerReport
from pyrum_sync.spec.containers import Status
from pyrum_sync.spec.networks import NETWORKS

MAINNET = NETWORKS["mainnet"]
GENESIS = MAINNET.genesis_time or 0


def report(agent: str | None, ping: float, *, age: int = 0, digest: bytes = MAINNET.fork_digest(419072)) -> PeerReport:
    return PeerReport(
        "x", "16Uiu", agent, status=Status(fork_digest=digest, head_slot=5000),
        rtt={"ping": ping}, stage="done", asked_at=GENESIS + 12 * (5000 + age),
    )  # fmt: skip


def draw(*reports: PeerReport) -> str:
    picture = Picture()
    for each in reports:
        picture.add(each)
    drawn = picture.draw()
    ElementTree.fromstring(drawn)
    return drawn


def test_nothing() -> None:
    assert "0 of 0 answered everything" in draw()


def test_clients_and_forks() -> None:
    drawn = draw(
        report("Lighthouse/v8", 0.010), report("Lighthouse/v7", 0.030), report("Prysm/v7", 1.5, age=40),
        report(None, 0.1, digest=b"\1\2\3\4"), PeerReport("y", error="refused"),
    )  # fmt: skip
    for text in ("Lighthouse (2)", "Prysm (1)", "not known (1)", "mainnet fulu+bpo2", "0x01020304", "20 ms", "1.5 s"):
        assert text in drawn
    assert drawn.index("Lighthouse (2)") < drawn.index("Prysm (1)")
    assert "4 of 5 peers answered everything" in drawn
    assert len(re.findall("<circle", drawn)) == 4


def test_the_smaller_ones_are_drawn_as_one() -> None:
    reports = [report(f"Client{number:02}/v1", 0.1, digest=bytes((number,)) * 4) for number in range(20)]
    drawn = draw(*reports)
    assert drawn.count("others") == 2
    assert "others (8)" in drawn


@pytest.mark.uncovered
def test_its_size_is_bounded() -> None:
    assert len(draw(*[report("Lighthouse/v8", 0.01 + number / 1e5) for number in range(5000)])) < 100_000


@given(st.text(), st.floats(0, 1e6))
def test_whatever_a_peer_says_it_is_well_formed(agent: str, ping: float) -> None:
    draw(report(agent, ping))


def test_it_is_drawn_after_each_round(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "run.svg"
    out = WithPicture(JsonLines(), file)
    for count in (1, 2):
        for _ in range(count):
            out.take(report("Lighthouse/v8", 0.1))
        out.end_of_round()
        assert f"Lighthouse ({count})" in file.read_text()
    out.take(report("Prysm/v7", 0.1))
    out.close()  # in the middle of a round
    assert "Lighthouse" not in file.read_text()
    assert len(capsys.readouterr().out.splitlines()) == 4


def test_a_file_that_cannot_be_written_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the picture cannot be written"):
        WithPicture(JsonLines(), tmp_path)
