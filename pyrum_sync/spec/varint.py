"""Unsigned varints (LEB128), as protobuf, libp2p and the requests of Ethereum's consensus layer use them.

Seven bits a byte, the least significant first; the top bit says that another byte follows.
"""

from __future__ import annotations

from typing import Final

MAX_BYTES: Final = 10
"""Bytes that a value of 64 bits needs at most."""

_LIMIT: Final = 1 << 64
_SHORT: Final = tuple(bytes((number,)) for number in range(0x80))


def encode(number: int) -> bytes:
    """Returns `number` as a varint, in the shortest form.

    Raises:
        ValueError: `number` is negative, or needs more than 64 bits.
    """
    if 0 <= number <= 0x7F:  # most are
        return _SHORT[number]
    if not 0 <= number < _LIMIT:
        raise ValueError(f"a varint holds 0 to 2^64 - 1, not {number}")
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def decode(
    data: bytes | bytearray | memoryview, offset: int = 0, *, max_bytes: int = MAX_BYTES, minimal: bool = False
) -> tuple[int, int] | None:
    """Reads the varint that begins at `offset`.

    Args:
        data: what has come so far.
        offset: where in `data` to begin.
        max_bytes: how many bytes the varint may have, 1 to 10.
        minimal: refuse a form that is longer than needed. Multiformats' unsigned-varint (multistream-select, mplex,
            multiaddr, peer ids) demands the shortest form; protobuf, and with it the requests of eth2, takes any.

    Returns:
        The value and the offset of the byte after it; None while its last byte has not come.

    Raises:
        ValueError: more than `max_bytes` bytes, more than 64 bits, or (with `minimal`) not the shortest form.
    """
    value = 0
    for index, byte in enumerate(data[offset : offset + max_bytes]):
        value |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            if value >= _LIMIT:
                raise ValueError("a varint of more than 64 bits")
            if minimal and index and not byte:
                raise ValueError(f"a varint of {index + 1} bytes that is longer than its value {value} needs")
            return value, offset + index + 1
    if len(data) - offset >= max_bytes:
        raise ValueError(f"a varint of more than {max_bytes} bytes")
    return None
