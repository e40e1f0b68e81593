"""Flags and arguments: what was given, what is a default, and what is refused."""

from __future__ import annotations

import pytest

from pyrum_sync.engine.commands.arguments import flag, optional, parse, required, usage
from pyrum_sync.engine.commands.option_types import BOOL, DURATION, STRING, STRINGS, UINT8
from pyrum_sync.engine.session.commands import CommandError

OPTIONS = (
    flag("yes", BOOL, True, "a flag"),
    flag("wait", DURATION, 10**10, "a time"),
    flag("list", STRINGS, ["a"], "a list"),
    required("name", STRING, "an argument"),
    optional("count", UINT8, 3, "one that may be left out"),
)


def test_what_was_written_is_told_apart_from_defaults() -> None:
    values = parse(OPTIONS, ["--yes=true", "x", "4", "5"])
    assert values.on("yes") is True
    assert [name for name in ("yes", "wait", "list", "name", "count") if values.given(name)] == ["yes", "name", "count"]
    assert (values.text("name"), values.number("count"), values.rest) == ("x", 4, ["5"])


@pytest.mark.parametrize(("text", "seconds"), [("0", None), ("1500ms", 1.5), ("-1s", -1.0)])
def test_a_time_limit_of_nothing_is_none(text: str, seconds: float | None) -> None:
    assert parse(OPTIONS, [f"--wait={text}", "x"]).seconds("wait") == seconds


def test_an_argument_may_be_given_as_a_flag_and_lists_add_up() -> None:
    values = parse(OPTIONS, ["--name=x", "7", "--list=b,c", "--list", "d"])
    assert (values.text("name"), values.number("count"), values.any("list")) == ("x", 7, ["b", "c", "d"])


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ([], "got 0 arguments, but expected 1, missing required arguments: name"),
        (
            ["x", "256"],
            'invalid argument "256" for "--count" flag: strconv.ParseUint: parsing "256": value out of range',
        ),
        (["--no"], "unknown flag: --no"),
        (["-x"], "unknown shorthand flag: 'x' in -x"),
        (["x", "--wait"], "flag needs an argument: --wait"),
        (["--=1"], "bad flag syntax: --=1"),
    ],
)
def test_what_is_refused(words: list[str], error: str) -> None:
    with pytest.raises(CommandError) as caught:
        parse(OPTIONS, words)
    assert str(caught.value) == error


def test_the_help_text_names_all() -> None:
    text = usage("Does it.", OPTIONS, [("sub", "a command")])
    assert text.startswith("(command) <name> [count]\n\nDoes it.\n")
    assert "--wait duration" in text
    assert "(default 10s)" in text
    assert text.endswith("  sub              a command\n")
