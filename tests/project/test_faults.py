"""`make faults`: that what it finds is there to be found, and that nothing is found where nothing is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.faults import watch as watching
from benchmarks.faults.judge import CRASHES, HANGS, LEAKS, LETS_IN, PRINTS, RIGHT, WRONG, first_line, judge
from benchmarks.faults.report import Result, as_json, document, sums, table
from benchmarks.faults.situations import SCRIPTED, SITUATIONS, Right, Situation
from benchmarks.faults.watch import Facts, watch

VALUE = Situation("a value", SCRIPTED, "good", Right("returns the value", returns="here"), limit=20)
ERROR = Situation("an error", SCRIPTED, "good", Right("raises that it is lost", raises="(?i)lost"))
FACTS = Facts("returned", "leaving", "here", "", 0, {}, [], "", {})


@pytest.mark.parametrize(
    ("situation", "facts", "kinds", "words"),
    [
        (VALUE, FACTS, [RIGHT], "right: returns the value"),
        (VALUE, FACTS._replace(value="there"), [WRONG], "wrong: returns 'there'"),
        (VALUE, FACTS._replace(end="raised", error="KeyError: 'x'"), [WRONG], "wrong: raises KeyError: 'x'"),
        (VALUE, FACTS._replace(end="hung", at="calling"), [HANGS], "hangs"),
        (VALUE, FACTS._replace(end="hung", at="leaving"), [HANGS], "hangs: while it closes"),
        (
            VALUE,
            FACTS._replace(end="died", status=-9, stderr="first\nlast\n"),
            [CRASHES],
            "crashes: exit status -9: last",
        ),
        (
            ERROR,
            FACTS._replace(end="torn down", error="ValueError: lost"),
            [CRASHES],
            "crashes: the whole nursery ends with ValueError: lost",
        ),
        (
            ERROR,
            FACTS._replace(end="raised", error="IOError: Lost it\nlike that"),
            [RIGHT],
            "right: raises that it is lost (IOError)",
        ),
        (ERROR, FACTS._replace(end="raised", error="IOError"), [WRONG], "wrong: raises IOError"),
        (ERROR, FACTS, [WRONG], "wrong: raises nothing"),
        (VALUE, FACTS._replace(printed=["hello"]), [RIGHT, PRINTS], "the right answer, but prints on stdout"),
        (
            VALUE,
            FACTS._replace(left={"threads": 1, "sessions": 2, "calls": 0, "descriptors": -1}),
            [RIGHT, LEAKS],
            "the right answer, but leaks threads and a session in the server",
        ),
        (
            VALUE,
            FACTS._replace(end="hung", at="waiting", left={"files": 1}),
            [HANGS, LETS_IN],
            "hangs; runs it as a program of the operating system",
        ),
    ],
)
def test_judge(situation: Situation, facts: Facts, kinds: list[str], words: str) -> None:
    verdict = judge(situation, facts)
    assert (verdict.kinds, verdict.words) == (kinds, words)
    assert verdict.right == (kinds == [RIGHT])


def test_what_differs_from_run_to_run_is_left_out() -> None:
    assert first_line("CallError: <Call ID '_2_ab sleep' failed>: why\nmore") == "CallError: why"
    assert (
        first_line("TCPConn('127.0.0.1', 4711) and 127.0.0.1:4712") == "TCPConn('127.0.0.1', PORT) and 127.0.0.1:PORT"
    )
    assert first_line("TooSlowError: ") == "TooSlowError"
    assert first_line("ValueError: " + "x" * 1000) == "ValueError:…"
    assert first_line("12345678 " * 20) == "12345678 " * 6 + "12345678…"


@pytest.mark.parametrize(
    ("work", "words"),
    [
        ("good", "right: returns the value"),
        ("hang", "hangs"),
        ("die", "crashes: exit status 3: its last words"),
        ("chatter", "the right answer, but prints on stdout"),
        ("run_program", "the right answer, but runs it as a program of the operating system"),
        ("leave_thread", "the right answer, but leaks threads"),
        ("leave_descriptor", "the right answer, but leaks descriptors"),
        pytest.param(
            "leave_process",
            "the right answer, but leaks processes",
            marks=pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are found in /proc"),
        ),
    ],
)
def test_what_is_done_wrong_is_seen(monkeypatch: pytest.MonkeyPatch, work: str, words: str) -> None:
    monkeypatch.setattr(watching, "_SETTLE", 0.1)
    situation = VALUE._replace(work=work, limit=0.5 if work == "hang" else 20)
    facts = watch("tests.support.fault_scripts", situation, "rumor")
    assert judge(situation, facts).words == words


@pytest.mark.parametrize(
    "title",
    [
        "a line `null`",
        "the server ends the stream (FIN)",
        pytest.param("a flag that Rumor does not know", marks=pytest.mark.rumor),
        pytest.param("Ctrl-C in the middle of a call, served", marks=pytest.mark.rumor),
    ],
)
def test_situation(title: str, request: pytest.FixtureRequest) -> None:
    rumor = request.getfixturevalue("rumor_path") if request.node.get_closest_marker("rumor") else ""
    situation = next(situation for situation in SITUATIONS if situation.title == title)._replace(limit=20)
    facts = watch("benchmarks.faults.ours", situation, rumor)
    verdict = judge(situation, facts)
    assert verdict.right, (verdict, facts)


def test_report() -> None:
    results = [
        Result(
            situation, {"ours": FACTS, "theirs": facts}, {"ours": judge(VALUE, FACTS), "theirs": judge(VALUE, facts)}
        )
        for situation, facts in ((VALUE, FACTS._replace(value="a|b")), (VALUE, FACTS))
    ]
    found = document(results)
    assert table(found).splitlines() == [
        "| situation | ours | theirs |",
        "|---|---|---|",
        r"| a value | right: returns the value | wrong: returns 'a\|b' |",
        "| a value | right: returns the value | right: returns the value |",
    ]
    assert sums(found).splitlines()[1] == "- theirs: right and clean 1 of 2; wrong 1, right 1"
    assert json.loads(as_json(found)) == found


def test_what_was_seen_last(project: Path) -> None:
    """The committed results are those of the situations as they are now, and this client came well out of each."""
    found = json.loads((project / "benchmarks" / "faults.json").read_text())
    assert [(row["situation"], row["right answer"]) for row in found["rows"]] == [
        (situation.title, situation.right.words) for situation in SITUATIONS
    ]
    assert [row["situation"] for row in found["rows"] if row["clients"]["pyrum_sync"]["kinds"] != [RIGHT]] == []
    assert table(found).count("\n") == len(SITUATIONS) + 1
