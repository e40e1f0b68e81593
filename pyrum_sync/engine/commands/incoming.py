"""A request that came in, and the answering of it."""

from __future__ import annotations

from pyrum_sync.engine.commands.eth2 import DecodeError
from pyrum_sync.engine.commands.protocols import Protocol
from pyrum_sync.engine.network.api import Stream


class Incoming:
    """A request that came in: its stream, its protocol, its data or what is wrong with it."""

    def __init__(self, stream: Stream, protocol: Protocol, data: bytes, wrong: str | None) -> None:
        self.stream = stream
        self.protocol = protocol
        self._data = data
        self._wrong = wrong

    @property
    def peer(self) -> str:
        """The peer that asks."""
        return self.stream.peer

    @property
    def size(self) -> int:
        """How many bytes it holds."""
        return len(self._data)

    def data(self) -> bytes:
        """Returns its SSZ. DecodeError: it is no such request."""
        if self._wrong is not None:
            raise DecodeError(self._wrong)
        return self._data

    def respond(self, code: int, data: bytes, context: bytes = b"") -> None:
        """Writes a chunk; NetworkError when the stream is closed."""
        self.stream.write(self.protocol.chunk(code, data, context))
