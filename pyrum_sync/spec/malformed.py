"""What can be wrong with a request or a response on the wire: one class for each kind of fault."""

from __future__ import annotations

from typing import Any, Final

_MISSING: Final = 'compressed data cannot be read without cramjam: pip install "pyrum-sync[engine]"'


class Malformed(ValueError):
    """Bytes from the network that break the rules of their protocol; the message says which rule, and how."""

    def __init__(self, message: str, *, size: int | None = None, bound: int | None = None) -> None:
        super().__init__(message)
        self.size = size
        """What a length prefix says, where it breaks a bound."""
        self.bound = bound
        """That bound."""
        self.chunks: list[Any] = []
        """The whole chunks that came before the fault in the same bytes, where a response was read."""


class BadHeader(Malformed):
    """A length prefix that is not a varint, or a snappy frame whose header breaks the format."""


class TooShort(Malformed):
    """A payload that is shorter than the smallest of its type."""


class TooLong(Malformed):
    """A payload that is longer than the largest of its type, than 10 MiB, or than its own length prefix."""


class OverLimit(Malformed):
    """More compressed bytes, or more chunks, than there may be."""


class LeftOver(Malformed):
    """Bytes after the end of what was expected."""


class EarlyEnd(Malformed):
    """The stream ended in the middle of something, or before anything came."""


class BadChecksum(Malformed):
    """A snappy frame whose content does not have its checksum."""


class Corrupt(Malformed):
    """Compressed data that cannot be decompressed."""


class CompressionMissing(RuntimeError):
    """Data that only the compression library can read, which is not installed. Not the other side's fault."""

    def __init__(self, message: str = _MISSING) -> None:
        super().__init__(message)
