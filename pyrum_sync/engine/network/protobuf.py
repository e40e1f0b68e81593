"""The part of protobuf's encoding that libp2p's messages need: varints and length-delimited fields.

No schemas: a message's own file says what its numbers mean. Reading is strict: whatever is cut off, too long or of an
unknown kind is a ProtocolError; so is a message of more fields than its reader is ready for.
"""

from __future__ import annotations

from collections.abc import Iterator

from pyrum_sync.engine.network.errors import ProtocolError
from pyrum_sync.spec import varint

VARINT = 0
BYTES = 2

_FIXED_SIZES = {1: 8, 5: 4}  # wire types that are not read
_MAX_FIELD_NUMBER = 2**29 - 1


def fields(data: bytes | bytearray, *, max_fields: int) -> Iterator[tuple[int, int, int | bytes]]:
    """Yields the fields of a message in their order.

    Args:
        data: The encoded message, whole.
        max_fields: How many fields it may have, unknown ones included.

    Returns:
        For each field its number, its wire type (VARINT or BYTES) and its value: an int or bytes. Fields of fixed
        width, which no message of libp2p has, are counted and passed over.

    Raises:
        ProtocolError: At the first byte that is wrong, while iterating.
    """
    offset = 0
    end = len(data)
    count = 0
    while offset < end:
        count += 1
        if count > max_fields:
            raise ProtocolError(f"protobuf: more than {max_fields} fields in a message")
        tag, offset = _read_varint(data, offset)
        number, wire_type = tag >> 3, tag & 7
        if not 0 < number <= _MAX_FIELD_NUMBER:
            raise ProtocolError(f"protobuf: field number {number} is out of range")
        if wire_type == VARINT:
            value, offset = _read_varint(data, offset)
            yield number, wire_type, value
            continue
        if wire_type == BYTES:
            size, offset = _read_varint(data, offset)
        elif wire_type in _FIXED_SIZES:
            size = _FIXED_SIZES[wire_type]
        else:
            raise ProtocolError(f"protobuf: field {number} has the unsupported wire type {wire_type}")
        if size > end - offset:
            raise ProtocolError(f"protobuf: field {number} needs {size} bytes, {end - offset} are left")
        if wire_type == BYTES:
            yield number, wire_type, bytes(data[offset : offset + size])
        offset += size


def _read_varint(data: bytes | bytearray, offset: int) -> tuple[int, int]:
    try:
        found = varint.decode(data, offset)
    except ValueError as error:
        raise ProtocolError(f"protobuf: {error}") from None
    if found is None:
        raise ProtocolError("protobuf: the message ends within a varint")
    return found


def encode_varint_field(number: int, value: int) -> bytes:
    """One field with a number, a bool (0 or 1) or an enumeration as its value."""
    return varint.encode(number << 3 | VARINT) + varint.encode(value)


def encode_bytes_field(number: int, value: bytes) -> bytes:
    """One field of bytes: a byte string, the UTF-8 of a text, or an encoded message."""
    return varint.encode(number << 3 | BYTES) + varint.encode(len(value)) + value
