"""The shell language: what is read, what is refused, what more input may complete."""

from __future__ import annotations

import pytest

from pyrum_sync.engine.shell.errors import Incomplete, NotSimulated, ShellSyntaxError
from pyrum_sync.engine.shell.lines import LineReader
from pyrum_sync.engine.shell.parser import parse
from pyrum_sync.engine.shell.tree import Simple
from tests.conformance.driver import SIMULATOR, Driver

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


def test_a_refused_line_leaves_the_session_alive_and_runs_nothing() -> None:
    with Driver(SIMULATOR) as rumor:
        entries = rumor.do(
            "echo before; foo() { echo never; }", "set -e", "cat /etc/hostname", "read -r x", "echo after"
        )
        failed = [e for e in entries if e["msg"] == "failed"]
        assert "a function declaration is not in the simulator's shell" in failed[0]["error"]
        assert "set is not in the simulator's shell" in failed[1]["error"]
        assert failed[2]["error"] == "exit status 127"
        assert "kills a Rumor" in failed[3]["error"]
        assert [e["stdout"] for e in entries if "stdout" in e] == ["after"]
        assert rumor.end() == 0


def test_what_is_not_simulated_says_so() -> None:
    with Driver(SIMULATOR) as rumor:
        rumor.do("host start --nat=false")
        for group in ("dv5", "enr", "blocks", "states", "chain", "tool", "peer connectall", "peer track"):
            entries = rumor.do(f"_a lvl_trace {group} list")
            error = next(e["__error"] for e in entries if "__error" in e)
            assert error == f"{group} is not in the simulator, only in a real Rumor"
            assert [e["call_id"] for e in entries if "__freed" in e] == ["a"]


def test_a_loop_without_end_does_not_stop_the_rest() -> None:
    with Driver(SIMULATOR) as rumor:
        rumor.send("while true; do true; done &")
        rumor.do("_a lvl_trace sleep 1ms")
        assert rumor.end() == 0
