"""What reports say, as text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyrum_sync.probing import PeerReport
from pyrum_sync.probing.text import bits, milliseconds, one_line, readable_rtt, reason_of


@given(st.text())
def test_one_line_can_always_be_printed(text: str) -> None:
    assert one_line(text).isprintable()


def test_a_dial_error_of_several_lines_is_one() -> None:
    """Rumor's own: the address that was tried last says it."""
    said = "failed to dial 16U: all dials failed\n  * [/ip4/127.0.0.1/tcp/1] dial tcp4 127.0.0.1:1: connection refused"
    assert reason_of(said) == "dial tcp4 127.0.0.1:1: connection refused"
    assert reason_of("one\n\ntwo") == "one two"
    assert reason_of("a\x1b[2J") == "a\\x1b[2J"
    assert len(reason_of("x" * 10_000)) == 500


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0004, "0.4 ms"), (0.0099, "9.9 ms"), (0.00996, "10 ms"), (0.5, "500 ms"), (0.9999, "1.0 s"), (12.34, "12.3 s")],
)
def test_times(seconds: float, text: str) -> None:
    assert milliseconds(seconds) == text


def test_round_trips() -> None:
    assert readable_rtt(PeerReport("x", rtt={"connect": 0.1, "ping": 2})) == "connect 100 ms, ping 2.0 s"


def test_bits() -> None:
    assert bits([True, False, True]) == "0, 2"
    assert bits([False] * 4) == "none"
    assert bits([True] * 64) == "all 64"
