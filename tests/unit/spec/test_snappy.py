"""Snappy's two formats, with cramjam and without: both ways, every malformation, every cut."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pyrum_sync.spec import snappy, varint
from pyrum_sync.spec.crc32c import masked
from pyrum_sync.spec.malformed import (
    BadChecksum,
    BadHeader,
    CompressionMissing,
    Corrupt,
    Malformed,
    OverLimit,
    TooLong,
)
from pyrum_sync.spec.snappy import MAX_FRAME, STREAM_IDENTIFIER, FrameDecoder

REPETITIVE = b"the same again, " * 9000  # three frames, which compress well
SAMPLES = [
    b"",
    b"x",
    bytes(60),
    bytes(61),
    bytes(256),
    bytes(range(256)),
    bytes(MAX_FRAME),
    bytes(MAX_FRAME + 1),
    REPETITIVE,
]


def frame(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + len(body).to_bytes(3, "little") + body


def stored(data: bytes) -> bytes:
    return frame(1, masked(data) + data)


def packed(data: bytes, block: bytes) -> bytes:
    return frame(0, masked(data) + block)


def read_all(data: bytes, size: int, *, step: int = 0, limit: int | None = None) -> bytes:
    """What a decoder makes of `data` when `size` bytes of content are wanted, fed `step` bytes at a time."""
    decoder = FrameDecoder(snappy.max_compressed(size) if limit is None else limit)
    buffer, content = bytearray(), b""
    for start in range(0, max(1, len(data)), step or max(1, len(data))):
        buffer += data[start : start + (step or len(data))]
        while len(content) < size and (piece := decoder.read(buffer, size - len(content))) is not None:
            content += piece
    return content


# -- frames


@pytest.mark.parametrize("data", SAMPLES, ids=lambda data: str(len(data)))
def test_frames_are_read_as_they_were_written(data: bytes, library: str) -> None:
    frames = snappy.encode_frames(data)
    assert len(frames) <= snappy.max_compressed(len(data)), library
    assert read_all(frames, len(data)) == data


@pytest.mark.parametrize("data", SAMPLES, ids=lambda data: str(len(data)))
@pytest.mark.usefixtures("cramjam")
def test_what_one_writes_without_cramjam_is_read_with_it(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as context:
        context.setattr(snappy, "_library", lambda: None)
        frames = snappy.encode_frames(data)
    assert read_all(frames, len(data)) == data
    if data:
        assert bytes(snappy._library().snappy.decompress(frames)) == data


@pytest.mark.usefixtures("library")
def test_frames_are_cut_anywhere() -> None:
    frames = snappy.encode_frames(b"abc" * 50)
    for cut in range(len(frames) + 1):
        decoder, buffer = FrameDecoder(1000), bytearray(frames[:cut])
        first = decoder.read(buffer, 150)
        buffer += frames[cut:]
        assert (first or decoder.read(buffer, 150)) == b"abc" * 50
        assert not buffer


@pytest.mark.usefixtures("library")
def test_what_follows_the_frames_is_left_alone() -> None:
    buffer = bytearray(snappy.encode_frames(b"abc") + b"\x00next")
    assert FrameDecoder(100).read(buffer, 3) == b"abc"
    assert buffer == b"\x00next"


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("step", [0, 1, 3])
def test_what_has_no_content_is_passed_over(step: int) -> None:
    data = (
        STREAM_IDENTIFIER
        + frame(0xFE, bytes(9))  # padding
        + frame(0x80, b"skipped")
        + stored(b"ab")
        + frame(0xFD, b"")
        + STREAM_IDENTIFIER  # may be repeated
        + stored(b"")
        + stored(b"c")
    )
    assert read_all(data, 3, step=step, limit=1000) == b"abc"


FAULTS = {
    "no identifier": (stored(b"abc"), BadHeader, "begins with a frame of type 0x01"),
    "padding first": (frame(0xFE, b"") + STREAM_IDENTIFIER, BadHeader, "begins with a frame of type 0xfe"),
    "identifier of another length": (b"\xff\x05\0\0sNaPp", BadHeader, "identifier of 5 bytes"),
    "identifier with another text": (b"\xff\x06\0\0sNaPpX", BadHeader, "sNaPpX"),
    "reserved type": (STREAM_IDENTIFIER + frame(2, b"abcdef"), BadHeader, "reserved type 0x02"),
    "last reserved type": (STREAM_IDENTIFIER + frame(0x7F, b"abcdef"), BadHeader, "reserved type 0x7f"),
    "no room for a checksum": (STREAM_IDENTIFIER + frame(1, b"abc"), BadHeader, "type 0x01 with 3 bytes"),
    "none in a compressed one": (STREAM_IDENTIFIER + frame(0, b"abc"), BadHeader, "type 0x00 with 3 bytes"),
    "stored, too large a frame": (
        STREAM_IDENTIFIER + b"\x01" + (MAX_FRAME + 5).to_bytes(3, "little"),
        BadHeader,
        "with 65541 bytes",
    ),
    "compressed, too large a frame": (STREAM_IDENTIFIER + b"\x00\xff\xff\xff", BadHeader, "with 16777215 bytes"),
    "more than there is room for": (STREAM_IDENTIFIER + stored(b"abcd"), TooLong, "of 4 bytes, where 3"),
    "checksum": (STREAM_IDENTIFIER + frame(1, b"\0\0\0\0abc"), BadChecksum, "checksum"),
    "compressed, more than a frame may have": (
        STREAM_IDENTIFIER + packed(b"", b"\x81\x80\x04"),
        BadHeader,
        "of 65537 bytes",
    ),
    "compressed, more than there is room for": (
        STREAM_IDENTIFIER + packed(b"abcd", b"\x04\x0cabcd"),
        TooLong,
        "of 4 bytes, where 3",
    ),
    "compressed, checksum": (STREAM_IDENTIFIER + frame(0, b"\0\0\0\0\x03\x08abc"), BadChecksum, "checksum"),
    "compressed, no length": (STREAM_IDENTIFIER + frame(0, b"\0\0\0\0"), Corrupt, "valid length"),
    "compressed, too long a length": (
        STREAM_IDENTIFIER + frame(0, b"\0\0\0\0" + b"\xff" * 6),
        Corrupt,
        "valid length",
    ),
    "compressed, ends early": (STREAM_IDENTIFIER + packed(b"abc", b"\x03\x08ab"), Corrupt, "block"),
    "compressed, less than it says": (STREAM_IDENTIFIER + packed(b"ab", b"\x03\x04ab"), Corrupt, "block"),
    "more than the limit": (STREAM_IDENTIFIER + b"\xfe\x00\x00\xff", OverLimit, "too many"),
}


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("step", [0, 1, 2, 7])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_however_it_comes(fault: str, step: int) -> None:
    data, kind, text = FAULTS[fault]
    with pytest.raises(kind, match=text):
        read_all(data, 3, step=step)


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("size", [1, 1000, MAX_FRAME])
def test_a_stream_has_as_many_bytes_as_it_may_and_not_one_more(size: int) -> None:
    limit = snappy.max_compressed(size)
    padding = limit - len(STREAM_IDENTIFIER) - 4 - 4 - 4 - size
    data = STREAM_IDENTIFIER + frame(0xFE, bytes(padding)) + stored(bytes(size))
    assert len(data) == limit
    assert read_all(data, size) == bytes(size)
    longer = STREAM_IDENTIFIER + frame(0xFE, bytes(padding + 1)) + stored(bytes(size))
    with pytest.raises(OverLimit, match=r": 1 too many"):
        read_all(longer, size)


@pytest.mark.usefixtures("pure")
def test_compressed_frames_without_cramjam_say_what_to_install() -> None:
    frames = STREAM_IDENTIFIER + packed(bytes(100), bytes.fromhex("640061fe01008a0100"))
    with pytest.raises(CompressionMissing, match=r'pip install "pyrum-sync\[engine\]"'):
        read_all(frames, 100)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300), st.integers(0, 200), st.integers(1, 9))
@pytest.mark.usefixtures("library")
def test_any_bytes_are_read_or_refused_alike_in_one_piece_and_in_many(data: bytes, size: int, step: int) -> None:
    def outcome(whole: bytes, step: int) -> bytes | type[Exception]:
        try:
            return read_all(whole, size, step=step)
        except (Malformed, CompressionMissing) as error:
            return type(error)

    for beginning in (b"", STREAM_IDENTIFIER, STREAM_IDENTIFIER + b"\x00", STREAM_IDENTIFIER + b"\x01"):
        whole = beginning + data
        assert outcome(whole, 0) == outcome(whole, step)


# -- blocks


@pytest.mark.parametrize("data", SAMPLES, ids=lambda data: str(len(data)))
def test_blocks_are_read_as_they_were_written(data: bytes, library: str) -> None:
    block = snappy.compress_block(data)
    assert len(block) <= snappy.max_compressed(len(data)), library
    assert snappy.block_size(block) == len(data)
    assert snappy.decompress_block(block, len(data)) == data


@pytest.mark.parametrize("data", SAMPLES, ids=lambda data: str(len(data)))
@pytest.mark.usefixtures("cramjam")
def test_blocks_written_without_cramjam_are_read_with_it(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as context:
        context.setattr(snappy, "_library", lambda: None)
        block = snappy.compress_block(data)
    assert snappy.decompress_block(block, len(data)) == data


@pytest.mark.usefixtures("library")
def test_a_block_that_would_be_too_long_is_not_decompressed() -> None:
    bomb = varint.encode((1 << 32) - 1) + b"\xff" * 20
    with pytest.raises(TooLong, match="4294967295 bytes, where 1000"):
        snappy.decompress_block(bomb, 1000)


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    "block", ["", "80", "ffffffffff7f", "8080808010", "03", "0308ab", "040861", "0361", "03f0", "00ff"]
)
def test_a_block_that_is_none(block: str) -> None:
    with pytest.raises((Corrupt, CompressionMissing)):
        snappy.decompress_block(bytes.fromhex(block), 1 << 40)


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(("width", "tag"), [(1, 60), (2, 61), (3, 62), (4, 63)])
def test_literals_of_every_width(width: int, tag: int) -> None:
    data = b"literal"
    block = bytes([len(data), tag << 2]) + (len(data) - 1).to_bytes(width, "little") + data
    assert snappy.decompress_block(block, 100) == data


@pytest.mark.usefixtures("pure")
def test_a_compressed_block_without_cramjam_says_what_to_install() -> None:
    with pytest.raises(CompressionMissing, match=r'pip install "pyrum-sync\[engine\]"'):
        snappy.decompress_block(bytes.fromhex("640061fe01008a0100"), 100)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=100))
@pytest.mark.usefixtures("library")
def test_any_bytes_are_a_block_or_refused(block: bytes) -> None:
    try:
        data = snappy.decompress_block(block, 200)
    except (Malformed, CompressionMissing):
        return
    assert len(data) == snappy.block_size(block) <= 200


def test_the_library_is_loaded_when_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    snappy._library.cache_clear()
    monkeypatch.setitem(sys.modules, "cramjam", None)
    try:
        assert snappy.encode_frames(b"abc") == STREAM_IDENTIFIER + stored(b"abc")
    finally:
        snappy._library.cache_clear()
