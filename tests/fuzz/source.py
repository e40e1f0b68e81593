"""Choices out of bytes: so that whatever makes bytes (hypothesis, a fuzzer that looks at coverage) can choose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Source:
    """Each choice takes a byte; where there is none left, the first of all that can be chosen is."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        return max(0, len(self._data) - self._at)

    def below(self, limit: int) -> int:
        byte = self._data[self._at] if self.left else 0
        self._at += 1
        return byte % limit

    def pick(self, options: Sequence[T]) -> T:
        return options[self.below(len(options))]

    def rest(self) -> bytes:
        rest, self._at = self._data[self._at :], len(self._data)
        return rest
