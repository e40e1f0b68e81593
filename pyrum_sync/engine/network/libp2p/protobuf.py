"""The part of protobuf's encoding that libp2p's messages need: varints and length-delimited fields.

No schemas: a message's own file says what its numbers mean. Reading is strict: whatever is cut off, too long or of an
unknown kind is a ProtocolError; so is a message of more fields than its reader is ready for.
"""

from __future__ import annotations

from collections.abc import Iterator

from .errors import ProtocolError

VARINT = 0
FIXED64 = 1
BYTES = 2
FIXED32 = 5

_FIXED_SIZES = {FIXED64: 8, FIXED32: 4}
_MAX_FIELD_NUMBER = 2**29 - 1


def fields(data: bytes | bytearray, *, max_fields: int) -> Iterator[tuple[int, int, int | bytes]]:
    """Yields the fields of a message in their order.

    Args:
        data: The encoded message, whole.
        max_fields: How many fields it may have, unknown ones included.

    Returns:
        For each field its number, its wire type and its value: an int where the wire type is VARINT, else bytes
        (FIXED32 and FIXED64 are there to be passed over: 4 or 8 bytes as they came).

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
        tag, offset = read_varint(data, offset)
        number, wire_type = tag >> 3, tag & 7
        if not 0 < number <= _MAX_FIELD_NUMBER:
            raise ProtocolError(f"protobuf: field number {number} is out of range")
        if wire_type == VARINT:
            value, offset = read_varint(data, offset)
            yield number, wire_type, value
            continue
        if wire_type == BYTES:
            size, offset = read_varint(data, offset)
        elif wire_type in _FIXED_SIZES:
            size = _FIXED_SIZES[wire_type]
        else:
            raise ProtocolError(f"protobuf: field {number} has the unsupported wire type {wire_type}")
        if size > end - offset:
            raise ProtocolError(f"protobuf: field {number} needs {size} bytes, {end - offset} are left")
        yield number, wire_type, bytes(data[offset : offset + size])
        offset += size


def read_varint(data: bytes | bytearray, offset: int) -> tuple[int, int]:
    """Reads one unsigned varint of at most 64 bits; returns it and the offset after it.

    Protobuf, unlike multiformats, allows encodings longer than need be, up to 10 bytes.
    """
    value = 0
    for shift in range(0, 70, 7):
        try:
            byte = data[offset]
        except IndexError:
            raise ProtocolError("protobuf: the message ends within a varint") from None
        offset += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            if value >> 64:
                break
            return value, offset
    raise ProtocolError("protobuf: a varint has more than 64 bits")


def encode_varint(value: int) -> bytes:
    """The unsigned varint of a number; ValueError unless it fits into 64 bits."""
    if value >> 64:  # a negative number, too
        raise ValueError(f"{value} does not fit into 64 bits, unsigned")
    if value < 0x80:
        return bytes((value,))
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def encode_varint_field(number: int, value: int) -> bytes:
    """One field with a number, a bool (0 or 1) or an enumeration as its value."""
    return encode_varint(number << 3 | VARINT) + encode_varint(value)


def encode_bytes_field(number: int, value: bytes) -> bytes:
    """One field of bytes: a byte string, the UTF-8 of a text, or an encoded message."""
    return encode_varint(number << 3 | BYTES) + encode_varint(len(value)) + value
