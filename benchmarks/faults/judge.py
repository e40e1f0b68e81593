"""What the facts amount to, by the same rules for every client."""

from __future__ import annotations

import re
from typing import NamedTuple

from benchmarks.faults.situations import Right, Situation
from benchmarks.faults.watch import Facts

RIGHT, HANGS, CRASHES, WRONG = "right", "hangs", "crashes", "wrong"
LEAKS, PRINTS, LETS_IN = "leaks", "prints", "lets in"

_LEFT = {
    "threads": "threads",
    "descriptors": "descriptors",
    "processes": "processes",
    "sessions": "a session",
    "calls": "calls",
}

_WHERE = {"opening": "while it opens", "leaving": "while it closes"}
_LONG = 70  # characters of an error


class Verdict(NamedTuple):
    kinds: list[str]  # the first tells of the answer, the others of what came with it
    words: str

    @property
    def right(self) -> bool:
        return self.kinds == [RIGHT]


def judge(situation: Situation, facts: Facts) -> Verdict:
    kind, words = _answer(situation.right, facts)
    kinds, also = [kind], []
    if facts.left.get("files"):
        kinds.append(LETS_IN)
        also.append("runs it as a program of the operating system")
    if facts.printed:
        kinds.append(PRINTS)
        also.append("prints on stdout")
    left = [words for what, words in _LEFT.items() if facts.left.get(what, 0) > 0]
    if left:
        kinds.append(LEAKS)
        where = " in the server" if facts.left.get("sessions", 0) > 0 or facts.left.get("calls", 0) > 0 else ""
        also.append(f"leaks {' and '.join(left)}{where}")
    text = f"{kind}: {words}" if words else kind
    if also and kind == RIGHT:
        text = f"the right answer, but {' and '.join(also)}"
    elif also:
        text += f"; {' and '.join(also)}"
    return Verdict(kinds, text)


def _answer(right: Right, facts: Facts) -> tuple[str, str]:
    error = first_line(facts.error)
    name = facts.error.partition(":")[0]
    if facts.end == "hung":
        return HANGS, _WHERE.get(facts.at, "")
    if facts.end == "died":
        last = facts.stderr.strip().splitlines()[-1:]
        return CRASHES, f"exit status {facts.status}: {first_line(' '.join(last))}"
    if facts.end == "torn down":
        return CRASHES, f"the whole nursery ends with {error}"
    if right.raises is None:
        if facts.end == "raised":
            return WRONG, f"raises {error}"
        return (RIGHT, right.words) if facts.value == right.returns else (WRONG, f"returns {facts.value!r}")
    if facts.end == "returned":
        return WRONG, "raises nothing"
    if re.search(right.raises, facts.error):
        return RIGHT, f"{right.words} ({name})"
    return WRONG, f"raises {error}"


def first_line(text: str) -> str:
    """The beginning of a text, without what differs from run to run."""
    line = text.strip().split("\n")[0].removesuffix(":")
    line = re.sub(r"<Call .*?>: ", "", line)
    line = re.sub(r"(?<=127\.0\.0\.1:)\d+", "PORT", line)
    line = re.sub(r"(?<='127\.0\.0\.1', )\d+", "PORT", line)
    return line if len(line) <= _LONG else f"{line[:_LONG].rsplit(' ', 1)[0]}…"
