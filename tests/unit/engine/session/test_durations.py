"""Go's durations: read, refused, written."""

from __future__ import annotations

import pytest

from pyrum_sync.engine.session.durations import DurationError, format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "nanoseconds", "shown"),
    [
        ("0", 0, "0s"),
        ("1ns", 1, "1ns"),
        ("1.5us", 1500, "1.5µs"),
        ("1.5µs", 1500, "1.5µs"),
        ("20ms", 20_000_000, "20ms"),
        ("1.5s", 1_500_000_000, "1.5s"),
        ("90s", 90_000_000_000, "1m30s"),
        ("1h2m3.5s", 3_723_500_000_000, "1h2m3.5s"),
        ("-2h", -7_200_000_000_000, "-2h0m0s"),
        (".5s", 500_000_000, "500ms"),
    ],
)
def test_durations(text: str, nanoseconds: int, shown: str) -> None:
    assert parse_duration(text) == nanoseconds
    assert format_duration(nanoseconds) == shown


@pytest.mark.parametrize("text", ["", "-", "x", "1", "1x", "1h1", ".s", "9999999999999h", "1 s"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(DurationError):
        parse_duration(text)
