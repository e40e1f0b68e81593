"""Snappy's block format, which gossip's messages have (requests have frames); the length is checked first."""

from __future__ import annotations

import cramjam

from pyrum_sync.spec import varint

from .gossip_options import MAX_PAYLOAD_SIZE

# An element of 3 bytes copies at most 64
_MAX_EXPANSION = 22


def compress(data: bytes) -> bytes:
    """Returns the block of `data`."""
    return bytes(cramjam.snappy.compress_raw(data))


def decompress(block: bytes, limit: int = MAX_PAYLOAD_SIZE) -> bytes:
    """Returns what a block holds.

    Raises:
        ValueError: it is no block, or says that it holds more than `limit` bytes, or more than its own bytes could:
            then nothing is decompressed.
    """
    head = varint.decode(block, max_bytes=5)
    if head is None:
        raise ValueError("a snappy block that ends within its length")
    size = head[0]
    if size > limit:
        raise ValueError(f"a snappy block of {size} bytes; {limit} are allowed")
    if size > len(block) * _MAX_EXPANSION:
        raise ValueError(f"a snappy block of {len(block)} bytes cannot hold {size}")
    try:
        return bytes(cramjam.snappy.decompress_raw(block))
    except cramjam.DecompressionError as error:
        raise ValueError(f"a snappy block that does not decompress: {error}") from None
