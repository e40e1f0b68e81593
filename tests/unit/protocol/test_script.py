"""A script in one line, and its output told apart again: run by a real shell."""

from __future__ import annotations

import random
import shutil
import subprocess

import pytest

from pyrum_sync.protocol.script import ShellResult, Transcript, script_line
from tests.conftest import HANG

CALL_ID = "7_0badcafe"


def run(script: str) -> ShellResult:
    """What a script gives in a shell of the operating system, which shows as lines what Rumor shows as entries."""
    program = shutil.which("bash")  # echo and read are the same in it as in Rumor's shell
    if program is None:
        pytest.skip("no bash")
    done = subprocess.run(
        [program],
        input=f"{script_line(CALL_ID, script)}\nwait\n".encode(),
        capture_output=True,
        check=True,
        timeout=HANG,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
    )
    transcript = Transcript(CALL_ID)
    for line in done.stdout.decode().splitlines(keepends=True):
        assert not transcript.over
        assert transcript.take(line)
    assert transcript.over
    return transcript.result


def test_a_script_is_one_line() -> None:
    assert script_line(CALL_ID, "a; b").count("\n") == 1, "the one that ends a last backslash, within quotes"
    assert script_line(CALL_ID, "a; b").endswith(" &")


@pytest.mark.parametrize(
    ("script", "stdout"),
    [
        ("", ""),
        ("echo hello", "hello\n"),
        ("echo a; echo b", "a\nb\n"),
        ("echo a\necho b", "a\nb\n"),
        ("printf 'no newline'", "no newline"),
        ("printf 'a\\n\\n\\nb\\n\\n'", "a\n\n\nb\n\n"),
        ("printf '  spaces \\t \\n'", "  spaces \t \n"),
        ("printf '%s' 'back\\slash \\n \\\\'", "back\\slash \\n \\\\"),
        ("for n in 1 2 3; do echo $n; done", "1\n2\n3\n"),
        ("x='it'\"'\"'s'; echo \"$x\"", "it's\n"),
        ("echo zoë 😀", "zoë 😀\n"),
        ("printf '%s' -n", "-n"),
        ("# nothing but a comment", ""),
        ("echo a \\", "a\n"),
    ],
)
def test_stdout_is_exact(script: str, stdout: str) -> None:
    assert run(script) == ShellResult(stdout=stdout)


def test_stderr_is_told_apart() -> None:
    result = run("echo out; echo err >&2; echo again")
    assert (result.stdout, result.stderr, result.status) == ("out\nagain\n", "err\n", 0)


@pytest.mark.parametrize("status", [0, 1, 7, 127, 255])
def test_the_exit_status(status: int) -> None:
    assert run(f"exit {status}").status == status
    assert run(f"printf x; exit {status}") == ShellResult(stdout="x", status=status)


def test_a_syntax_error_harms_nothing_else() -> None:
    result = run("if then")
    assert result.status != 0
    assert "syntax error" in result.stderr


def test_output_that_looks_like_marks_is_only_output() -> None:
    text = "7_0badcafe\n7_0badcaf?0\n>:.?0\n?7\n"
    assert run(f"printf '%s' '{text}'") == ShellResult(stdout=text)


def test_random_output_is_exact() -> None:
    chance = random.Random(5)
    text = "\n".join("".join(chance.choices(" \tab\\'\"$`?:.>0é", k=chance.randrange(20))) for _ in range(300))
    assert run("printf '%s' '" + text.replace("'", "'\\''") + "'").stdout == text


# -- entries


def lines(*texts: str) -> Transcript:
    transcript = Transcript(CALL_ID)
    for text in texts:
        assert transcript.take(text)
    return transcript


def test_stderr_without_a_newline_runs_into_stdout() -> None:
    found = lines(f"{CALL_ID}>oops{CALL_ID}:out\n", f"{CALL_ID}>{CALL_ID}:{CALL_ID}?3\n", f"{CALL_ID}.\n")
    assert found.result == ShellResult(stdout="out\n", stderr="oops", status=3)
    assert found.over


@pytest.mark.parametrize("text", ["", "something else\n", "7_0badcafe", "8_0badcafe>x\n", f" {CALL_ID}.\n"])
def test_what_others_print_is_not_the_scripts(text: str) -> None:
    transcript = Transcript(CALL_ID)
    assert not transcript.take(text)
    assert transcript.result == ShellResult()
    assert not transcript.over
