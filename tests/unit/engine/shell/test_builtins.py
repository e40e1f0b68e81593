"""The shell's own commands: echo, printf and test."""

from __future__ import annotations

import pytest

from pyrum_sync.engine.shell import builtins
from pyrum_sync.engine.shell.streams import Buffer


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        ([], "\n"),
        (["a", "b c"], "a b c\n"),
        (["-n", "a"], "a"),
        (["-e", r"a\tb\\"], "a\tb\\\n"),
        (["-E", r"a\tb"], "a\\tb\n"),
        (["-x", "a"], "-x a\n"),
    ],
)
def test_echo(words: list[str], printed: str) -> None:
    out = Buffer()
    assert builtins.echo(words, out) == 0
    assert out.text == printed


@pytest.mark.parametrize(
    ("words", "printed", "status"),
    [
        (["%s-%d\\n", "a", "1"], "a-1\n", 0),
        (["%s ", "a", "b"], "a b ", 0),
        (["%s%d"], "0", 0),
        (["%%"], "%", 0),
        (["plain", "unused"], "plain", 0),
        (["%x", "1"], "", 2),
        ([], "", 2),
    ],
)
def test_printf(words: list[str], printed: str, status: int) -> None:
    out, err = Buffer(), Buffer()
    assert builtins.printf(words, out, err) == status
    assert out.text == printed
    assert bool(err.text) == (status != 0)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("", 1),
        ("a", 0),
        ("! a", 1),
        ("-n a", 0),
        ("-z a", 1),
        ("a = a", 0),
        ("a == b", 1),
        ("a != b", 0),
        ("1 -lt 2", 0),
        ("! 1 -ge 2", 0),
        ("1 -eq x", None),
        ("-f file", None),
        ("a -foo b", None),
        ("a b c d", None),
    ],
)
def test_test(text: str, status: int | None) -> None:
    assert builtins.test(text.split()) == status
