"""Goodbye's reasons in words."""

from __future__ import annotations

import pytest

from pyrum_sync.spec.goodbye import goodbye_reason


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (1, "shutting down"),
        (2, "irrelevant network"),
        (3, "fault or error"),
        (128, "unable to verify the network"),
        (129, "too many peers"),
        (250, "bad score"),
        (251, "banned"),
        (0, "reason 0, which is reserved"),
        (127, "reason 127, which is reserved"),
        (130, "reason 130, the peer's own"),
        ((1 << 64) - 1, "reason 18446744073709551615, the peer's own"),
    ],
)
def test_a_reason_in_words(reason: int, text: str) -> None:
    assert goodbye_reason(reason) == text
