"""What an entry means."""

from __future__ import annotations

from typing import Any

import pytest

from pyrum_sync.protocol.entries import fields, reason


def test_fields_leave_out_where_and_when() -> None:
    assert fields({"actor": "a", "call_id": "b", "level": "info", "time": "now", "msg": "m", "x": 1}) == {
        "msg": "m",
        "x": 1,
    }


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"error": "exit status 1: command failed: no host"}, "no host"),
        ({"error": "exit status 127: unknown"}, "unknown"),
        ({"error": "plain"}, "plain"),
        ({"error": None}, "None"),
        ({"error": ["a"]}, "['a']"),
        ({}, "no reason given"),
    ],
)
def test_reasons(entry: dict[str, Any], expected: str) -> None:
    assert reason(entry) == expected
    assert reason({"__error": "why"}, "__error") == "why"


# -- secrets
