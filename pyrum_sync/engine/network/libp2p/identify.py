"""libp2p's identify: what a host says of itself.

`/ipfs/id/1.0.0` asks for it, `/ipfs/id/push/1.0.0` sends it unasked, and the old `/p2p/id/delta/1.0.0`, which Rumor
still sends, carries what changed of the protocols. Each is a stream of messages that follow their length, to be merged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from pyrum_sync.engine.network.errors import ProtocolError
from pyrum_sync.engine.network.protobuf import encode_bytes_field, fields
from pyrum_sync.spec import varint

PROTOCOL = "/ipfs/id/1.0.0"
PUSH_PROTOCOL = "/ipfs/id/push/1.0.0"
DELTA_PROTOCOL = "/p2p/id/delta/1.0.0"
PROTOCOL_VERSION = "ipfs/0.1.0"

MAX_MESSAGE = 8 * 1024
"""Bytes of one message, as go-libp2p limits it."""
MAX_MESSAGES = 10
"""Messages that are merged, likewise."""
MAX_TOTAL = 64 * 1024
"""Bytes of all messages of one stream."""
MAX_ADDRESSES = 256
MAX_PROTOCOLS = 1024
MAX_NAME = 512
"""Bytes of a protocol's name, of the agent and of the protocol version."""

_T = TypeVar("_T", str, bytes)
_MAX_FIELDS = MAX_ADDRESSES + MAX_PROTOCOLS + 16


@dataclass(frozen=True)
class Identify:
    """What a host says of itself; a message need not have all of it.

    Attributes:
        public_key: Its identity key, encoded. It has to be the connection's: see `check`.
        addresses: Where it listens, as multiaddrs in their binary form.
        protocols: What it speaks.
        observed: The address under which it sees the other side, likewise binary.
        protocol_version: `ipfs/0.1.0`; says nothing any more.
        agent: What program it is.
        added: From a delta: protocols that it speaks now.
        removed: From a delta: those that it no longer speaks.
    """

    public_key: bytes | None = None
    addresses: tuple[bytes, ...] = ()
    protocols: tuple[str, ...] = ()
    observed: bytes | None = None
    protocol_version: str | None = None
    agent: str | None = None
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def check(self, connection_key: bytes) -> None:
        """Raises ProtocolError if it names another key than the connection's: then nothing in it is to be believed.

        Args:
            connection_key: The key, encoded, that the other side proved to have.
        """
        if self.public_key is not None and self.public_key != connection_key:
            raise ProtocolError("identify: the key is not the one of the connection")

    def encode(self) -> bytes:
        """Returns it as one message with its length; ValueError if it is longer than other hosts read."""
        parts = []
        if self.protocol_version is not None:
            parts.append(encode_bytes_field(5, self.protocol_version.encode()))
        if self.agent is not None:
            parts.append(encode_bytes_field(6, self.agent.encode()))
        if self.public_key is not None:
            parts.append(encode_bytes_field(1, self.public_key))
        parts += (encode_bytes_field(2, address) for address in self.addresses)
        if self.observed is not None:
            parts.append(encode_bytes_field(4, self.observed))
        parts += (encode_bytes_field(3, name.encode()) for name in self.protocols)
        if self.added or self.removed:
            parts.append(encode_bytes_field(7, _names(1, self.added) + _names(2, self.removed)))
        message = b"".join(parts)
        if len(message) > MAX_MESSAGE:
            raise ValueError(f"identify: a message of {len(message)} bytes, other hosts read {MAX_MESSAGE} at most")
        return varint.encode(len(message)) + message


class IdentifyReader:
    """Reads the messages of one stream: `receive_data` as they come, `result` after the stream's end."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._total = 0
        self._messages = 0
        self._merged = _Merged()

    @property
    def messages(self) -> int:
        """How many messages came whole."""
        return self._messages

    def receive_data(self, data: bytes) -> None:
        """Takes bytes of the stream; ProtocolError if they are malformed or go over a bound."""
        self._total += len(data)
        if self._total > MAX_TOTAL:
            raise ProtocolError(f"identify: more than {MAX_TOTAL} bytes")
        buffer = self._buffer
        buffer += data
        while buffer:
            try:
                found = varint.decode(buffer, max_bytes=3)
            except ValueError as error:
                raise ProtocolError(f"identify: the length of a message: {error}") from None
            if found is None:
                return
            size, start = found
            if size > MAX_MESSAGE:
                raise ProtocolError(f"identify: a message of {size} bytes, at most {MAX_MESSAGE}")
            if self._messages == MAX_MESSAGES:
                raise ProtocolError(f"identify: more than {MAX_MESSAGES} messages")
            if len(buffer) < start + size:
                return
            message = bytes(buffer[start : start + size])
            del buffer[: start + size]
            self._messages += 1
            self._merged.add(message)

    def result(self) -> Identify:
        """Returns what the messages said together; ProtocolError if none came, or the last one is not complete."""
        if self._buffer or not self._messages:
            raise ProtocolError("identify: the stream ended before its message did")
        return self._merged.result()


class _Merged:
    """Of single values the last one counts, of lists all."""

    def __init__(self) -> None:
        self._single: dict[int, bytes] = {}
        self._addresses: list[bytes] = []
        self._protocols: list[str] = []
        self._added: list[str] = []
        self._removed: list[str] = []

    def add(self, message: bytes) -> None:
        for number, _, value in fields(message, max_fields=_MAX_FIELDS):
            if not isinstance(value, bytes):
                if number <= 7:
                    raise ProtocolError(f"identify: field {number} is a number")
            elif number == 2:
                _append(self._addresses, value, MAX_ADDRESSES, "addresses")
            elif number == 3:
                _append(self._protocols, _text(value), MAX_PROTOCOLS, "protocols")
            elif number in (1, 4, 5, 6):
                self._single[number] = value
            elif number == 7:
                self._add_delta(value)

    def _add_delta(self, delta: bytes) -> None:
        for number, _, value in fields(delta, max_fields=MAX_PROTOCOLS):
            if number in (1, 2) and isinstance(value, bytes):
                _append(self._added if number == 1 else self._removed, _text(value), MAX_PROTOCOLS, "changes")

    def result(self) -> Identify:
        single = self._single
        return Identify(
            public_key=single.get(1),
            addresses=tuple(self._addresses),
            protocols=tuple(self._protocols),
            observed=single.get(4),
            protocol_version=_text(single[5]) if 5 in single else None,
            agent=_text(single[6]) if 6 in single else None,
            added=tuple(self._added),
            removed=tuple(self._removed),
        )


def _append(values: list[_T], value: _T, limit: int, what: str) -> None:
    if len(values) == limit:
        raise ProtocolError(f"identify: more than {limit} {what}")
    values.append(value)


def _names(number: int, names: Sequence[str]) -> bytes:
    return b"".join(encode_bytes_field(number, name.encode()) for name in names)


def _text(value: bytes) -> str:
    if len(value) > MAX_NAME:
        raise ProtocolError(f"identify: a text of {len(value)} bytes, at most {MAX_NAME}")
    return value.decode("utf-8", "replace")
