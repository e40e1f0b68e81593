"""multistream-select 1.0: how two sides agree on the protocol of a connection or of a stream.

Each message is its length (an unsigned varint that counts the newline), a text and a newline. Both sides begin with the
same header; then the dialler proposes one protocol after the other, and the listener repeats the first that it has.

A rule for the owner of the stream: end its writing (FIN) only once `protocol` is set. js-libp2p never answers a dialler
that ended earlier.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from pyrum_sync.engine.network.errors import ProtocolError
from pyrum_sync.spec import varint

HEADER = b"\x13/multistream/1.0.0\n"
MAX_MESSAGE = 1024
"""Bytes of a message, newline included, as today's go-multistream limits it."""
MAX_PROPOSALS = 64
"""How many messages a listener answers on one stream before the dialler has agreed to anything."""

_NA = b"\x03na\n"
_LS = b"ls"


class ProtocolsRefused(Exception):
    """The listener has none of the protocols.

    Attributes:
        protocols: Those that were proposed.
    """

    def __init__(self, protocols: Sequence[str]) -> None:
        super().__init__(tuple(protocols))
        self.protocols = tuple(protocols)

    def __str__(self) -> str:
        return f"the other side has none of the protocols {', '.join(self.protocols)}"


@lru_cache(maxsize=128)
def encode(text: str) -> bytes:
    """One message; ValueError if it is too long, or holds a newline."""
    data = text.encode()
    if b"\n" in data or len(data) >= MAX_MESSAGE:
        raise ValueError(f"no multistream message: {text[:100]!r} (at most {MAX_MESSAGE - 1} bytes, no newline)")
    return varint.encode(len(data) + 1) + data + b"\n"


class _Reader:
    """Takes messages off the front of what arrives."""

    def __init__(self) -> None:
        self.buffer = bytearray()

    def message(self) -> bytes | None:
        """The next message without its newline; None while it is not complete."""
        try:
            found = varint.decode(self.buffer, max_bytes=2, minimal=True)
        except ValueError as error:
            raise ProtocolError(f"multistream: the length of a message: {error}") from None
        if found is None:
            return None
        size, start = found
        if not 0 < size <= MAX_MESSAGE:
            raise ProtocolError(f"multistream: a message of {size} bytes, 1 to {MAX_MESSAGE} are allowed")
        end = start + size
        if len(self.buffer) < end:
            return None
        message = bytes(self.buffer[start : end - 1])
        if self.buffer[end - 1] != 0x0A:
            raise ProtocolError("multistream: a message without its newline")
        del self.buffer[:end]
        return message

    def expected(self, what: str, *messages: bytes) -> bytes | None:
        """Takes one of these messages; None while it is not complete.

        What cannot become one of them is refused at its first wrong byte: whoever sent it may wait for an answer.
        """
        buffer = self.buffer
        for message in messages:
            if buffer.startswith(message):
                del buffer[: len(message)]
                return message
        right = max(_in_common(buffer, message) for message in messages)
        if right < len(buffer):
            wanted = " or ".join(map(repr, messages))
            raise ProtocolError(f"multistream: {what} begins with {bytes(buffer[: right + 1])!r}, not with {wanted}")
        return None


def _in_common(data: bytearray, message: bytes) -> int:
    """How many bytes at their beginnings are the same."""
    pairs = zip(data, message, strict=False)
    return next((place for place, (one, other) in enumerate(pairs) if one != other), min(len(data), len(message)))


class Dialler:
    """The side that proposes, the preferred protocol first.

    `data_to_send` and `receive_data` go on until `protocol` is set; then `rest` has the bytes that came after it.
    With a single protocol to propose, its own data may be sent right after the first `data_to_send` (once the listener
    refuses, they are lost, and so is the stream).
    """

    def __init__(self, protocols: Sequence[str]) -> None:
        if not protocols:
            raise ValueError("a dialler needs a protocol to propose")
        self._protocols = tuple(protocols)
        self._proposed = 0
        self._reader = _Reader()
        self._greeted = False
        self._output = HEADER + encode(self._protocols[0])
        self.protocol: str | None = None
        self.rest = b""

    def data_to_send(self) -> bytes:
        """Returns what is to be sent now, once."""
        out, self._output = self._output, b""
        return out

    def receive_data(self, data: bytes) -> None:
        """Takes what the listener sent.

        Raises:
            ProtocolError: It is no multistream, or agrees to something that was not proposed.
            ProtocolsRefused: It has none of the protocols.
        """
        self._reader.buffer += data
        if not self._greeted:
            self._greeted = self._reader.expected("it", HEADER) is not None
            if not self._greeted:
                return
        while self.protocol is None:
            proposed = self._protocols[self._proposed]
            answer = self._reader.expected(f"the answer to {proposed}", encode(proposed), _NA)
            if answer is None:
                return
            if answer == _NA:
                self._refused()
            else:
                self.protocol = proposed
        self.rest += self._reader.buffer
        self._reader.buffer.clear()

    def _refused(self) -> None:
        self._proposed += 1
        if self._proposed == len(self._protocols):
            raise ProtocolsRefused(self._protocols)
        self._output += encode(self._protocols[self._proposed])


class Listener:
    """The side that chooses; its use is the dialler's.

    Args:
        supports: Whether a protocol is spoken here.
        protocols: All of them, for `ls`; None: `ls` is refused (as Go does today), like an unknown protocol.
    """

    def __init__(
        self, supports: Callable[[str], bool], *, protocols: Callable[[], Sequence[str]] | None = None
    ) -> None:
        self._supports = supports
        self._all = protocols
        self._reader = _Reader()
        self._greeted = False
        self._proposals = 0
        self._output = b""
        self.protocol: str | None = None
        self.rest = b""
        self.refused = False
        """Whether the last proposal was refused. A dialler that was sure of it has sent the protocol's data after it,
        which are no proposals, and may have ended its side."""

    def data_to_send(self) -> bytes:
        """Returns what is to be sent now, once."""
        out, self._output = self._output, b""
        return out

    def receive_data(self, data: bytes) -> None:
        """Takes what the dialler sent; ProtocolError if it is no multistream, or proposes without end."""
        self._reader.buffer += data
        if not self._greeted:
            if self._reader.expected("it", HEADER) is None:
                return
            self._greeted = True
            self._output += HEADER
        while self.protocol is None:
            message = self._reader.message()
            if message is None:
                return
            self._receive(message)
        self.rest += self._reader.buffer
        self._reader.buffer.clear()

    def _receive(self, message: bytes) -> None:
        self._proposals += 1
        if self._proposals > MAX_PROPOSALS:
            self.refused = False
            raise ProtocolError(f"multistream: more than {MAX_PROPOSALS} proposals")
        if message == _LS and self._all is not None:
            self._output += _listing(self._all())
            return
        try:
            name = message.decode()
        except UnicodeDecodeError:
            name = ""
        if name and self._supports(name):
            self.protocol = name
            self._output += encode(name)
        else:
            self.refused = True
            self._output += _NA


def _listing(protocols: Sequence[str]) -> bytes:
    """The answer to `ls`: one message with a message for each protocol in it; `na` if it would be too long."""
    data = b"".join(map(encode, protocols)) + b"\n"
    return varint.encode(len(data)) + data if len(data) <= MAX_MESSAGE else _NA
