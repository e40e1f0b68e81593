"""Feeding a decoder piece by piece."""

from __future__ import annotations

from pyrum_sync.spec.codec import Chunk, RequestDecoder, ResponseDecoder
from pyrum_sync.spec.methods import method

PING = method("ping", 1)
BLOCKS = method("blocks-by-range", 2)
CONTEXT = bytes.fromhex("8c9f62fe")
BLOCK = bytes(range(256)) * 2


def pieces(data: bytes, step: int) -> list[bytes]:
    """`data` cut into pieces of `step` bytes; 0 for one piece."""
    return [data[start : start + step] for start in range(0, len(data), step)] if step else [data]


def feed_all(decoder: RequestDecoder, data: bytes, step: int = 0) -> bytes:
    """A whole request."""
    for piece in pieces(data, step):
        decoder.feed(piece)
    return decoder.finish()


def chunks_of(decoder: ResponseDecoder, data: bytes, step: int = 0) -> list[Chunk]:
    """The chunks of a whole response."""
    chunks: list[Chunk] = []
    for piece in pieces(data, step):
        chunks += decoder.feed(piece)
    decoder.finish()
    return chunks
