"""Types of options: how Go and Rumor read each."""

from __future__ import annotations

import pytest

from pyrum_sync.engine.commands.option_types import OptionError, go_integer


@pytest.mark.parametrize(("text", "value"), [("0", 0), ("0x10", 16), ("0o10", 8), ("010", 8), ("0b1", 1), ("1_0", 10)])
def test_integers_as_go_reads_them(text: str, value: int) -> None:
    assert go_integer(text, "ParseUint", 0, 255) == value


@pytest.mark.parametrize("text", ["", "x", "-1", "+1", "256", " 1", "1 ", "0x"])
def test_what_is_no_small_integer(text: str) -> None:
    with pytest.raises(OptionError):
        go_integer(text, "ParseUint", 0, 255)
