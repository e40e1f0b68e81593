"""Gossipsub's frames on a stream: each RPC after its length as a varint."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyrum_sync.engine.network.errors import ProtocolError
from pyrum_sync.spec import varint

from .rpc import encode_control


def encode_frame(rpc: bytes) -> bytes:
    """An RPC after its length."""
    return varint.encode(len(rpc)) + rpc


def pack(parts: Iterable[bytes], control: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """Yields frames of about `limit` bytes at most; a part over it has a frame of its own.

    A frame has one control message: not every peer merges two of them, as protobuf would have it.
    """
    for group in _groups(parts, limit):
        yield encode_frame(b"".join(group))
    for group in _groups(control, limit):
        yield encode_frame(encode_control(group))


def _groups(parts: Iterable[bytes], limit: int) -> Iterator[list[bytes]]:
    held: list[bytes] = []
    size = 0
    for part in parts:
        if held and size + len(part) > limit:
            yield held
            held, size = [], 0
        held.append(part)
        size += len(part)
    if held:
        yield held


class FrameReader:
    """Cuts one peer's stream into frames, in time linear in its bytes, and holds at most one unfinished frame."""

    def __init__(self, max_frame: int) -> None:
        self._max_frame = max_frame
        self._held = bytearray()
        self._wanted = 0

    @property
    def unread(self) -> int:
        """The bytes held of a frame that is not complete."""
        return len(self._held)

    def anew(self) -> FrameReader:
        """A reader for another stream, with the same limit."""
        return FrameReader(self._max_frame)

    def feed(self, data: bytes) -> list[bytes]:
        """Takes the stream's next bytes; returns the frames that they complete, without their lengths.

        Raises:
            ProtocolError: a length that is no varint, or over the limit: before that frame's bytes are taken.
        """
        taken: bytes | bytearray = data
        if self._held:
            self._held += data
            if len(self._held) < self._wanted:
                return []
            taken = self._held
        frames = []
        offset, end = 0, len(taken)
        self._wanted = 0
        while offset < end:
            try:
                head = varint.decode(taken, offset)
            except ValueError as error:
                raise ProtocolError(f"gossip: the length of a frame is {error}") from None
            if head is None:
                break
            size, start = head
            if size > self._max_frame:
                raise ProtocolError(f"gossip: a frame of {size} bytes; {self._max_frame} are allowed")
            if start + size > end:
                self._wanted = start + size - offset
                break
            frames.append(bytes(taken[start : start + size]))
            offset = start + size
        self._held = bytearray(taken[offset:])
        return frames
