"""For tests that read anything at all: what is read, or the words it is refused with."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

_A = TypeVar("_A")
_T = TypeVar("_T")


def tried(read: Callable[[_A], _T], value: _A) -> tuple[_T | None, str]:
    """Returns what was read and "", or None and the text of the ValueError; no other exception is let by."""
    try:
        return read(value), ""
    except ValueError as error:
        return None, str(error)
