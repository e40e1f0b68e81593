"""Log levels: their names, and words that are none."""

from __future__ import annotations

import pytest

from pyrum_sync.engine.session.levels import Level, parse_level


def test_levels_have_the_names_of_logrus() -> None:
    assert parse_level("warn") is parse_level("warning") is Level.WARNING
    assert [parse_level(level.text) for level in Level] == list(Level)
    assert Level.PANIC < Level.ERROR < Level.TRACE


@pytest.mark.parametrize("text", ["loud", "", "6"])
def test_a_word_that_is_no_level(text: str) -> None:
    with pytest.raises(ValueError, match=f'not a valid logrus Level: "{text}"'):
        parse_level(text)
