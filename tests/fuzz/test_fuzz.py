"""A short run of what `make fuzz` does at length, and that it finds what it is there to find."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pyrum_sync.client import call_state as record
from pyrum_sync.client import demux as inflight
from pyrum_sync.client import steps
from pyrum_sync.protocol import framing as parsing
from pyrum_sync.protocol.entries import Entry
from pyrum_sync.protocol.framing import LineBuffer
from tests.fuzz import demux, framing
from tests.fuzz.__main__ import TARGETS, Fuzzer, corpus, main

# The same inputs each time; what fails is found again by itself.
short = settings(
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate, Phase.shrink],
)


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_kept(name: str) -> None:
    inputs = corpus(name)
    assert len(inputs) > 5
    for data in inputs:
        TARGETS[name](data)


@settings(short, max_examples=500)
@given(st.binary(min_size=4, max_size=300))
def test_framing(data: bytes) -> None:
    framing.run(data)


@settings(short, max_examples=200)
@given(st.binary(min_size=50, max_size=400))
def test_demux(data: bytes) -> None:
    demux.run(data)


def test_real_entries_cut_anywhere() -> None:
    stream = b"".join(demux.text_of(entry).encode() + b"\n" for entry in demux.REAL)
    for size in (1, 2, 7, 100, 1000, len(stream)):
        framing.check(stream, [size], 1 << 20)


# -- what it finds


def first_lines_only(self: LineBuffer, chunk: bytes) -> bytes:
    """Takes an earlier newline for the last one."""
    cut = chunk.find(b"\n")
    if cut < 0:
        self._keep(chunk)
        return b""
    whole, self._rest = bytes(self._rest) + chunk[:cut], bytearray(chunk[cut + 1 :])
    return whole


def joined(block: bytes) -> parsing.Batch:
    """Does not see that broken lines join into good ones."""
    lines = block.split(b"\n")
    try:
        entries = json.loads(b"[" + b",".join(lines) + b"]")
    except (ValueError, RecursionError):
        entries = []
    if len(entries) == len(lines) and all(type(entry) is dict for entry in entries):
        return entries, lines, []
    return parsing._one_by_one(lines)


def never_wakes(self: record.CallState, bits: int) -> None:
    self.waiters = [waiter for waiter in self.waiters if waiter.bits != bits]


def no_bound(self: inflight.Demultiplexer) -> None:
    pass


def no_news_for_the_first(self: inflight.Demultiplexer, entries: list[Entry], lines: list[bytes]) -> None:
    for entry, line in zip(entries[1:], lines[1:], strict=True):
        REAL_DISPATCH(self, [entry], [line])


def one_too_many(self: record.CallState, count: int) -> int:
    return REAL_DROP(self, min(len(self.log), count + 1))


def stays_failing(self: steps.Steps, step: steps.Step) -> None:
    REAL_FINISH(self, step)
    self.failing = step.failure is not None


REAL_DISPATCH = inflight.Demultiplexer.dispatch
REAL_DROP = record.CallState.drop
REAL_FINISH = steps.Steps._finish
FAULTS: list[tuple[str, Any, str, Callable[..., Any]]] = [
    ("framing", LineBuffer, "feed", first_lines_only),
    ("framing", LineBuffer, "_check", lambda self, whole: None),  # noqa: ARG005
    ("framing", parsing, "parse", joined),
    ("demux", record.CallState, "wake", never_wakes),
    ("demux", record.CallState, "drop", one_too_many),
    ("demux", inflight.Demultiplexer, "_bound", no_bound),
    ("demux", inflight.Demultiplexer, "dispatch", no_news_for_the_first),
    ("demux", steps.Steps, "_finish", stays_failing),
]


@pytest.mark.parametrize(
    ("name", "owner", "attribute", "broken"), FAULTS, ids=lambda each: getattr(each, "__name__", "")
)
def test_a_fault_is_found(
    monkeypatch: pytest.MonkeyPatch, name: str, owner: Any, attribute: str, broken: Callable[..., Any]
) -> None:
    monkeypatch.setattr(owner, attribute, broken)
    monkeypatch.setattr(Fuzzer, "_shrunk", lambda self, data, where: data)  # noqa: ARG005
    fuzzer = Fuzzer(name, 0, corpus(name))
    while not fuzzer.failures and fuzzer.count < 3000:
        fuzzer.more()
    assert fuzzer.failures


# -- the command


def test_the_command(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["--minutes=0.002", f"--keep={tmp_path}"]) == 0
    said = capsys.readouterr().out
    for name in TARGETS:
        assert f"{name}: " in said
    assert said.count(" inputs, 0 failures") == len(TARGETS)
    assert not list(tmp_path.iterdir())


def test_a_failure_is_shown_and_kept(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def broken(data: bytes) -> None:
        assert b"\n" not in data

    monkeypatch.setitem(TARGETS, "framing", broken)
    assert main(["--minutes=0.01", f"--keep={tmp_path}", "framing"]) == 1
    (kept,) = (tmp_path / "framing").iterdir()
    assert kept.read_bytes() == b"\n", "no more than it takes"
    said = capsys.readouterr()
    assert str(kept) in said.out
    assert "AssertionError at test_fuzz.py" in said.out
    assert "in broken" in said.err
