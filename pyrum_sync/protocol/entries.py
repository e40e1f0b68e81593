"""What a log entry of Rumor means.

Pure: no socket, thread or clock.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from typing import Any, Literal

    Mark = Literal["__success", "__freed", "__step", "__error"]
else:
    Any = object

Entry = dict[str, Any]
"""A log entry as Rumor sent it: one JSON object, one line."""

NOT_FIELDS = frozenset(("actor", "call_id", "level", "time"))
"""Where and when an entry was logged: all other keys are fields of its call."""

MARKS: tuple[Mark, ...] = ("__success", "__freed", "__step", "__error")
"""The keys of trace entries that mark a point in a call's life."""


def fields(entry: Entry) -> Entry:
    """The fields of an entry, without where and when it was logged."""
    return {key: value for key, value in entry.items() if key not in NOT_FIELDS}


MOST_NAMES = 10_000
"""How many fields of a call are kept apart. No command has as many: it bounds a server that invents names."""


def newest(fields: Entry) -> Entry:
    """The fields that arrived last, if there are far too many."""
    return fields if len(fields) <= 2 * MOST_NAMES else dict(list(fields.items())[-MOST_NAMES:])


def reason(entry: Entry, key: str = "error") -> str:
    """The reason in a `failed` or `__error` entry, without the exit status that Rumor puts before it."""
    why = entry.get(key, "no reason given")
    if not isinstance(why, str):
        try:
            why = str(why)
        except RecursionError:  # nested lists, deeper in the stack here than when they were read
            why = "a reason that cannot be shown"
    prefix = re.match(r"exit status \d+: (command failed: )?", why)
    return why[prefix.end() :] if prefix else why
