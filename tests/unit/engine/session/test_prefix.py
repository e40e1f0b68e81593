"""The prefixes of a line."""

from __future__ import annotations

import pytest

from pyrum_sync.engine.session.levels import Level
from pyrum_sync.engine.session.prefix import Line, read_line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("host start", Line(["host", "start"], "", "", None)),
        ("_a bob: lvl_warn host", Line(["host"], "a", "bob", Level.WARNING)),
        ("lvl_trace bob: _a host", Line(["host"], "a", "bob", Level.TRACE)),
        ("_a _b", Line(["_b"], "a", "", None)),
        ("bob: ann: x", Line(["ann:", "x"], "", "bob", None)),
        ("lvl_loud x", Line(["lvl_loud", "x"], "", "", None)),
        ("", Line([], "", "", None)),
    ],
)
def test_prefixes(text: str, line: Line) -> None:
    assert read_line(text.split()) == line
