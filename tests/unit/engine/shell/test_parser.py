"""Shell text: what is refused, what is none, what more lines may complete."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyrum_sync.engine.shell import parser
from pyrum_sync.engine.shell.errors import Incomplete, NotSimulated, ShellSyntaxError
from pyrum_sync.engine.shell.parser import parse

REFUSED = [
    "case x in x) echo a;; esac",
    "foo() { echo a; }",
    "function foo { echo a; }",
    "[[ a == a ]]",
    "(( 1 ))",
    "echo $((1 + 2))",
    "echo `date`",
    "echo ~",
    "echo {a,b}",
    "echo a > file",
    "cat < file",
    "cat <<END",
    "cat <(echo a)",
    "echo $1",
    "echo ${x#y}",
    "x=(a b)",
    "declare x",
    "for ((i=0;;)); do echo; done",
]


@pytest.mark.parametrize("text", REFUSED)
def test_what_only_a_real_rumor_runs_is_refused(text: str) -> None:
    with pytest.raises(NotSimulated, match="is not in the simulator"):
        parse(text)


WRONG = [
    ")",
    "echo )",
    "}",
    "done",
    "; echo",
    "echo a;; echo",
    "if true; fi",
    "while; do echo; done",
    "a && && b",
    "( )",
]


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_shell_language(text: str) -> None:
    with pytest.raises(ShellSyntaxError) as caught:
        parse(text)
    assert not isinstance(caught.value, Incomplete)


OPEN = [
    "'a",
    '"a',
    "$'a",
    "a \\\n",
    "{ a",
    "( a",
    "a &&",
    "a |\n",
    "if a; then",
    "while a; do b",
    "echo $(a",
    "echo ${a",
]


@pytest.mark.parametrize("text", OPEN)
def test_what_more_lines_may_complete(text: str) -> None:
    with pytest.raises(Incomplete):
        parse(text)


_PIECES = st.sampled_from(
    [
        *(
            "a",
            "--b=c",
            "x=1",
            "if",
            "done",
            "}",
            "'it is'",
            "''",
            "'",
            '"q"',
            " ",
            "  ",
            "\t",
            "\n",
            "&",
            "&&",
            ";",
            "|",
        ),
        *("#", "$x", "\\", "~", "*", "!", ">", "2>&1", "(", ")", "\u3000", "\x85", "é", "[", "{", "in", "_1", "alice:"),
    ]
)


def _outcome(read: Callable[[str], object], text: str) -> object:
    try:
        return read(text)
    except (ShellSyntaxError, NotSimulated) as error:
        return type(error), str(error)


@pytest.mark.uncovered
@settings(max_examples=1000)
@given(st.lists(_PIECES, max_size=12).map("".join))
def test_the_short_way_for_plain_commands_leads_to_the_same(text: str) -> None:
    assert _outcome(parse, text) == _outcome(parser._parse, text)


@pytest.mark.parametrize(
    "text", ["_1 alice: lvl_trace host start --nat=false 'a b' &\n", "a", "a &", "'a' 'b'\n", "a=b"]
)
def test_which_commands_are_plain(text: str) -> None:
    assert bool(parser._plain_command(text)) == (text != "a=b")
