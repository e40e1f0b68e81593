"""Checks of arguments, whose errors name the argument."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from operator import index
from time import monotonic
from typing import Any, Final

from pyrum_sync.client.deadline import checked_timeout
from pyrum_sync.spec.forks import ROOT_SIZE, as_bytes

_MOST: Final = (1 << 64) - 1


def whole(value: Any, name: str, least: int = 0, most: int = _MOST) -> int:
    """Returns `value` as an int.

    Raises:
        TypeError: it is no int.
        ValueError: it is not from `least` to `most`.
    """
    if isinstance(value, bool):
        raise TypeError(f"{name} must be an int, not bool")
    try:
        number = index(value)
    except TypeError:
        raise TypeError(f"{name} must be an int, not {type(value).__name__}") from None
    if number < least:
        raise ValueError(f"{name} must be {least} or more, not {number}")
    if number > most:
        raise ValueError(f"{name} must be at most {most}, not {number}")
    return number


def root(value: Any, name: str) -> bytes:
    """Returns a root, 32 bytes, from bytes or their hex; TypeError and ValueError name the argument."""
    return as_bytes(value, ROOT_SIZE, name)


def text(value: Any, name: str) -> str:
    """Returns `value` if it is a str; TypeError names the argument."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str, not {type(value).__name__}")
    return value


def items(value: Any, name: str) -> list[Any]:
    """Returns what an iterable has as a list. TypeError names the argument, also for text and bytes."""
    if isinstance(value, (str, bytes, bytearray, memoryview)) or not isinstance(value, Iterable):
        raise TypeError(f"{name} must be an iterable, not {type(value).__name__}")
    return list(value)


class Deadline:
    """When a function has to be over: `timeout` seconds from now, or never (None)."""

    def __init__(self, timeout: float | None) -> None:
        limit = checked_timeout(timeout)
        self._at = None if limit is None else monotonic() + limit

    def left(self) -> float | None:
        """Returns the seconds until then, 0 at least; None if there is no limit."""
        return None if self._at is None else max(0.0, self._at - monotonic())

    def flag(self) -> timedelta:
        """Returns the same as a flag of Rumor's, where 0 means no limit."""
        left = self.left()
        return timedelta(0) if left is None else timedelta(seconds=max(left, 0.001))
