"""The data that all programs make by one rule, so that megabytes need not go over the control line."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

BLOCK = 1024
_PIECE = 64  # blocks
_PATTERN = bytes(i % 251 for i in range(8, BLOCK))


def generated(size: int, seed: int = 0) -> Iterator[bytes]:
    """Blocks of 1024 bytes, the last one cut: the seed and the block's number (4 bytes each, big-endian), a pattern."""
    number = 0
    while size > 0:
        piece = b"".join(struct.pack(">II", seed, i) + _PATTERN for i in range(number, number + _PIECE))[:size]
        number += _PIECE
        size -= len(piece)
        yield piece


@dataclass(frozen=True)
class Digest:
    """SHA-256, in hex, and size of some data."""

    sha256: str
    size: int

    @classmethod
    def of(cls, pieces: Iterable[bytes]) -> Digest:
        hashed, size = hashlib.sha256(), 0
        for piece in pieces:
            hashed.update(piece)
            size += len(piece)
        return cls(hashed.hexdigest(), size)

    @classmethod
    def of_generated(cls, size: int, seed: int = 0) -> Digest:
        return cls.of(generated(size, seed))
