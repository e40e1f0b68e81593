"""The prefixes of a line: ``_ID``, ``ACTOR:``, ``lvl_X``, in any order, the first of each sort."""

from __future__ import annotations

from dataclasses import dataclass

from pyrum_sync.engine.session.levels import Level, parse_level


@dataclass(frozen=True)
class Line:
    """A line's words after its prefixes, and what those say; "" and None where one is missing."""

    words: list[str]
    call_id: str
    actor: str
    level: Level | None


def read_line(words: list[str]) -> Line:
    """Takes the prefixes off."""
    call_id, actor = "", ""
    level: Level | None = None
    taken = 0
    for word in words:
        if word.endswith(":") and not actor:
            actor = word[:-1]
        elif word.startswith("_") and not call_id:
            call_id = word[1:]
        elif word.startswith("lvl_") and level is None:
            try:
                level = parse_level(word[4:])
            except ValueError:
                break
        else:
            break
        taken += 1
    return Line(words[taken:], call_id, actor, level)
