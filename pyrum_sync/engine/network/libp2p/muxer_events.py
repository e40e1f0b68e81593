"""What a muxer reports to its owner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class StreamOpened:
    """The other side opened a stream."""

    stream: int


@dataclass(frozen=True)
class StreamData:
    """Bytes came on a stream. The owner joins small ones: a peer may send them one by one."""

    stream: int
    data: bytes


@dataclass(frozen=True)
class StreamEnded:
    """The other side ended its writing; this side may go on."""

    stream: int


@dataclass(frozen=True)
class StreamReset:
    """The stream is gone in both directions.

    Attributes:
        code: The reason's number, where the muxer carries one, else 0.
        remote: Whether the other side reset it; else it was this muxer (a bound, or the connection's end).
    """

    stream: int
    code: int = 0
    remote: bool = True


@dataclass(frozen=True)
class Writable:
    """A stream on which `write` took less than it was handed has room again."""

    stream: int


@dataclass(frozen=True)
class PingAnswered:
    """The answer to a `ping` came."""

    value: int


@dataclass(frozen=True)
class GoAway:
    """The other side takes no more streams; those that are open go on.

    Attributes:
        code: 0: it is done; 1: this side broke the protocol; 2: it failed.
    """

    code: int


Event: TypeAlias = StreamOpened | StreamData | StreamEnded | StreamReset | Writable | PingAnswered | GoAway
