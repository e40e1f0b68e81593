"""Snappy's two formats: frames, for requests and responses, and blocks, for gossip.

Compression itself is cramjam's (extra `engine`), loaded when first needed. Without it data is written uncompressed in
the same formats, which every peer reads; and only such data can be read, anything else raises CompressionMissing.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any, Final

from pyrum_sync.spec import varint
from pyrum_sync.spec.crc32c import masked
from pyrum_sync.spec.malformed import BadChecksum, BadHeader, CompressionMissing, Corrupt, OverLimit, TooLong

STREAM_IDENTIFIER: Final = b"\xff\x06\x00\x00sNaPpY"
MAX_FRAME: Final = 65536
"""Bytes of content, uncompressed, in one frame."""

_HEADER, _CHECKSUM = 4, 4
_COMPRESSED, _UNCOMPRESSED, _IDENTIFIER = 0x00, 0x01, 0xFF
_FIRST_SKIPPABLE = 0x80  # up to 0xfd; 0xfe is padding, to be skipped as well
_CONTENT = STREAM_IDENTIFIER[_HEADER:]


def max_compressed(size: int) -> int:
    """Returns how many bytes `size` bytes may become at most, as the specification of eth2 counts them."""
    return 32 + size + size // 6


_LARGEST: Final = {
    _COMPRESSED: _CHECKSUM + max_compressed(MAX_FRAME),
    _UNCOMPRESSED: _CHECKSUM + MAX_FRAME,
}


@cache
def _library() -> Any:
    """cramjam, or None."""
    try:
        return import_module("cramjam")
    except ImportError:
        return None


# -- blocks -----------------------------------------------------------------------------------------------------------


def compress_block(data: bytes) -> bytes:
    """Returns `data` in snappy's block format."""
    library = _library()
    if library is not None:
        return bytes(library.snappy.compress_raw(data))
    block = bytearray(varint.encode(len(data)))
    for start in range(0, len(data), MAX_FRAME):
        piece = data[start : start + MAX_FRAME]
        block += _literal(len(piece)) + piece
    return bytes(block)


def _literal(size: int) -> bytes:
    """The tag of a literal, in the shortest form: some decoders demand it."""
    if size <= 60:
        return bytes([size - 1 << 2])
    return bytes([60 << 2, size - 1]) if size <= 256 else b"\xf4" + (size - 1).to_bytes(2, "little")


def block_size(block: bytes) -> int:
    """Returns how many bytes a block says that it holds, without decompressing it.

    Raises:
        Corrupt: it does not begin with a length.
    """
    try:
        head = varint.decode(block, max_bytes=5)
    except ValueError as error:
        raise Corrupt(f"a snappy block without a valid length: {error}") from error
    if head is None or head[0] >= 1 << 32:
        raise Corrupt("a snappy block without a valid length")
    return head[0]


def decompress_block(block: bytes, max_size: int) -> bytes:
    """Returns the content of `block`.

    Args:
        block: data in snappy's block format.
        max_size: bytes that the content may have; compared with what the block says before anything is decompressed.

    Raises:
        TooLong: the content has more than `max_size` bytes.
        Corrupt: `block` is not in that format.
        CompressionMissing: cramjam is needed for it.
    """
    size = block_size(block)
    if size > max_size:
        raise TooLong(f"a snappy block of {size} bytes, where {max_size} are the most")
    library = _library()
    if library is None:
        data = _literals(block)
    else:
        try:
            data = bytes(library.snappy.decompress_raw(block)) if size or len(block) > 1 else b""
        except library.DecompressionError as error:
            raise Corrupt(f"a snappy block that cannot be decompressed: {error}") from error
    if len(data) != size:
        raise Corrupt(f"a snappy block of {len(data)} bytes that says {size}")
    return data


def _literals(block: bytes) -> bytes:
    """The content of a block that has nothing compressed in it."""
    head = varint.decode(block, max_bytes=5)
    position = head[1] if head is not None else 0
    data = bytearray()
    while position < len(block):
        tag = block[position]
        if tag & 3:
            raise CompressionMissing
        size, width = (tag >> 2) + 1, 0
        if size > 60:
            width = size - 60
            size = int.from_bytes(block[position + 1 : position + 1 + width], "little") + 1
        begin = position + 1 + width
        position = begin + size
        if position > len(block):
            raise Corrupt("a snappy block that ends in a literal")
        data += block[begin:position]
    return bytes(data)


# -- frames -----------------------------------------------------------------------------------------------------------


def encode_frames(data: bytes) -> bytes:
    """Returns `data` as a snappy stream of its own, which begins with the stream identifier; of no data, nothing."""
    library = _library()
    if library is not None:
        return bytes(library.snappy.compress(data))
    frames = bytearray(STREAM_IDENTIFIER if data else b"")
    for start in range(0, len(data), MAX_FRAME):
        piece = data[start : start + MAX_FRAME]
        frames.append(_UNCOMPRESSED)
        frames += (_CHECKSUM + len(piece)).to_bytes(3, "little") + masked(piece) + piece
    return bytes(frames)


class FrameDecoder:
    """Reads one snappy stream, frame by frame, from a buffer that its owner fills.

    Args:
        max_bytes: how many bytes the stream may have, headers and all that is skipped included.
    """

    def __init__(self, max_bytes: int) -> None:
        self._left = max_bytes
        self._skip = 0  # bytes of a frame without content that are still to come
        self._begun = False

    def read(self, buffer: bytearray, room: int) -> bytes | None:
        """Takes the next frame from the beginning of `buffer`, and returns its content.

        Args:
            buffer: what has come; what is read is removed.
            room: how many bytes of content there may still be.

        Returns:
            The content, uncompressed; None while the frame has not come whole.

        Raises:
            BadHeader: a frame of an unknown type or a wrong length, or the stream identifier is missing.
            OverLimit: the stream is longer than it may be.
            TooLong: the frame has more content than there is room for.
            BadChecksum, Corrupt: its content is not what was sent.
            CompressionMissing: cramjam is needed for it.
        """
        while True:
            if self._skip:
                skipped = min(self._skip, len(buffer))
                del buffer[:skipped]
                self._skip -= skipped
            if self._skip or len(buffer) < _HEADER:
                return None
            kind, size = buffer[0], int.from_bytes(buffer[1:_HEADER], "little")
            self._check(kind, size, room)
            if kind >= _FIRST_SKIPPABLE and kind != _IDENTIFIER:
                del buffer[:_HEADER]
                self._left -= _HEADER + size
                self._skip = size
                continue
            if len(buffer) < _HEADER + size:
                return None
            frame = bytes(buffer[: _HEADER + size])
            del buffer[: _HEADER + size]
            self._left -= len(frame)
            if kind != _IDENTIFIER:
                return _content(frame, room)
            if frame != STREAM_IDENTIFIER:
                raise BadHeader(f"a snappy stream identifier with {frame[_HEADER:]!r} in it, not {_CONTENT!r}")
            self._begun = True

    def _check(self, kind: int, size: int, room: int) -> None:
        """Judge a frame by its header."""
        if kind == _IDENTIFIER:
            if size != len(_CONTENT):
                raise BadHeader(f"a snappy stream identifier of {size} bytes, not {len(_CONTENT)}")
        elif not self._begun:
            raise BadHeader(f"a snappy stream that begins with a frame of type 0x{kind:02x}, not with its identifier")
        elif kind in _LARGEST:
            if not _CHECKSUM <= size <= _LARGEST[kind]:
                raise BadHeader(f"a snappy frame of type 0x{kind:02x} with {size} bytes")
        elif kind < _FIRST_SKIPPABLE:
            raise BadHeader(f"a snappy frame of the reserved type 0x{kind:02x}, which may not be skipped")
        if _HEADER + size > self._left:
            raise OverLimit(f"more compressed bytes than there may be: {_HEADER + size - self._left} too many")
        if kind == _UNCOMPRESSED and size - _CHECKSUM > room:
            raise TooLong(f"a snappy frame of {size - _CHECKSUM} bytes, where {room} were still to come")


def _content(frame: bytes, room: int) -> bytes:
    """What a whole frame of data holds."""
    checksum, body = frame[_HEADER : _HEADER + _CHECKSUM], frame[_HEADER + _CHECKSUM :]
    compressed = frame[0] == _COMPRESSED
    if compressed:
        size = block_size(body)
        if size > MAX_FRAME:
            raise BadHeader(f"a snappy frame of {size} bytes, where {MAX_FRAME} are the most")
        if size > room:
            raise TooLong(f"a snappy frame of {size} bytes, where {room} were still to come")
    library = _library()
    if library is not None:
        try:
            return bytes(library.snappy.decompress(STREAM_IDENTIFIER + frame))
        except library.DecompressionError:
            pass  # which of its rules was broken is found out below
    data = decompress_block(body, room) if compressed else body
    if masked(data) != checksum:
        raise BadChecksum("a snappy frame whose checksum is not that of its content")
    return data
