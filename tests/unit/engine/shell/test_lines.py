"""Lines to statements: held back until they are complete."""

from __future__ import annotations

import pytest

from pyrum_sync.engine.shell.errors import ShellSyntaxError
from pyrum_sync.engine.shell.lines import LineReader
from pyrum_sync.engine.shell.tree import Simple


def test_lines_are_held_until_complete() -> None:
    reader = LineReader()
    assert reader.feed("echo 'a") == ()
    (statement,) = reader.feed("b'")
    assert isinstance(statement.command, Simple)
    assert len(statement.command.words) == 2
    assert len(reader.feed("a; b & c")) == 3
    assert reader.feed("") == ()
    reader.close()


def test_the_end_in_mid_statement() -> None:
    reader = LineReader()
    reader.feed("{ echo")
    with pytest.raises(ShellSyntaxError):
        reader.close()


def test_the_sentinel_of_the_real_shell_ends_the_input() -> None:
    with pytest.raises(ShellSyntaxError):
        LineReader().feed("echo \x80")
