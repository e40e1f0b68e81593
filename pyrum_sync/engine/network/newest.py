"""A dict of bounded size, for what is kept under a name that a peer chose: anybody can have ever new peer ids."""

from __future__ import annotations

from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Newest(dict[K, V]):
    """Keeps what was set last: setting a key again counts, reading it does not.

    Only item assignment is bounded: there is no use of `update` and `setdefault` here.

    Args:
        most: How many items are kept; then the one that was set longest ago goes.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def __setitem__(self, key: K, value: V) -> None:
        self.pop(key, None)
        super().__setitem__(key, value)
        if len(self) > self._most:
            del self[next(iter(self))]
