"""RLP, the encoding of Ethereum's execution layer and of its node records: byte strings, and lists of items.

Reading is strict: every length in its shortest form, nothing left over, and bounds on size and depth.
"""

from __future__ import annotations

from collections.abc import Sequence

Item = bytes | list["Item"]
"""What is decoded."""

Encodable = bytes | Sequence["Encodable"]
"""What is encoded."""

MAX_SIZE = 1 << 16
"""Bytes that are decoded at most, unless the caller says otherwise."""

_MAX_DEPTH = 16


def encode(item: Encodable) -> bytes:
    """Returns a byte string or a list (any sequence that is not bytes) in RLP."""
    if isinstance(item, bytes):
        if len(item) == 1 and item[0] < 0x80:
            return item
        return _header(0x80, len(item)) + item
    body = b"".join(encode(part) for part in item)
    return _header(0xC0, len(body)) + body


def encode_int(number: int) -> bytes:
    """Returns a number as the byte string that RLP encodes: big endian, no leading zeros, 0 is empty.

    Raises:
        ValueError: the number is negative.
    """
    if number < 0:
        raise ValueError(f"RLP has no negative numbers: {number}")
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def decode(data: bytes, *, max_size: int = MAX_SIZE, max_depth: int = _MAX_DEPTH) -> Item:
    """Returns the one item that `data` is.

    Args:
        data: the encoded item, whole.
        max_size: how many bytes `data` may have.
        max_depth: how many lists may stand inside each other.

    Raises:
        ValueError: not RLP in its only form, or over a bound.
    """
    if len(data) > max_size:
        raise ValueError(f"{len(data)} bytes of RLP, the most is {max_size}")
    item, end = _item(data, 0, len(data), max_depth)
    if end != len(data):
        raise ValueError(f"{len(data) - end} bytes are left over after the RLP item")
    return item


def _header(base: int, size: int) -> bytes:
    if size < 56:
        return bytes((base + size,))
    length = encode_int(size)
    return bytes((base + 55 + len(length),)) + length


def _item(data: bytes, start: int, end: int, depth: int) -> tuple[Item, int]:
    """The item at `start`, and where the next one begins; nothing is read at `end` or after it."""
    if start >= end:
        raise ValueError(f"the RLP ends where an item should begin, at byte {start}")
    first = data[start]
    if first < 0x80:
        return data[start : start + 1], start + 1
    base = 0xC0 if first >= 0xC0 else 0x80
    size, start = _size(data, start + 1, end, first - base)
    stop = start + size
    if stop > end:
        raise ValueError(f"an RLP item of {size} bytes at byte {start}, where {end - start} are left")
    if base == 0x80:
        if size == 1 and data[start] < 0x80:
            raise ValueError(f"the byte {data[start]:#04x} at byte {start} of the RLP needs no length before it")
        return data[start:stop], stop
    if not depth:
        raise ValueError("lists of RLP inside each other, deeper than allowed")
    items: list[Item] = []
    while start < stop:
        item, start = _item(data, start, stop, depth - 1)
        items.append(item)
    return items, stop


def _size(data: bytes, start: int, end: int, code: int) -> tuple[int, int]:
    """An item's size, and where the item's content begins."""
    if code < 56:
        return code, start
    stop = start + code - 55
    if stop > end:
        raise ValueError(f"the RLP ends within a length, at byte {start}")
    size = int.from_bytes(data[start:stop], "big")
    if size < 56 or data[start] == 0:
        raise ValueError(f"a length of RLP at byte {start} that is longer than it need be")
    return size, stop
