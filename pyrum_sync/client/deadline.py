"""Time limits: what users pass as `timeout`, and when a wait has to end."""

from __future__ import annotations

from time import monotonic

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from typing import Final


class Default:
    """The type of DEFAULT."""

    def __repr__(self) -> str:
        return "…"


DEFAULT: Final = Default()
"""Stands for the time limit of the Rumor, where None means none."""

Timeout = float | None | Default


class TimeUp(Exception):
    """The deadline of a wait passed."""


def checked_timeout(timeout: object) -> float | None:
    """Check a time limit that a user passed.

    Returns: `timeout`, in seconds; None for none.
    Raises: TypeError if it is no number, ValueError if it is negative or no number at all (NaN).
    """
    if timeout is None:
        return None
    if isinstance(timeout, bool) or not isinstance(timeout, (int, float)):
        raise TypeError(f"a timeout must be a number of seconds or None, not {type(timeout).__name__}")
    if not timeout >= 0:
        raise ValueError(f"a timeout must be 0 or more seconds, not {timeout!r}")
    return timeout


def resolve(timeout: Timeout, default: float | None) -> float | None:
    """The time limit in seconds: what the user passed, or `default` if nothing was."""
    return default if timeout is DEFAULT else checked_timeout(timeout)


class Deadline:
    """When a wait has to end: `limit` seconds after this was made (None: never)."""

    __slots__ = ("at", "limit")

    def __init__(self, limit: float | None) -> None:
        self.limit = limit
        self.at = None if limit is None else monotonic() + limit
        """The same on the monotonic clock."""

    @property
    def passed(self) -> bool:
        """Whether it has come."""
        return self.at is not None and self.at <= monotonic()

    def left(self, most: float) -> float:
        """The seconds until then: 0 at least, `most` at most."""
        return most if self.at is None else min(most, max(0.0, self.at - monotonic()))


FOREVER: Final = Deadline(None)
"""For what has no time limit."""
