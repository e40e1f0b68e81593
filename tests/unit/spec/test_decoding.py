"""Requests and responses off the wire: cut anywhere, and every way to be malformed."""

from __future__ import annotations

import pytest

from pyrum_sync.spec import malformed, snappy, varint
from pyrum_sync.spec.codec import (
    MAX_PAYLOAD_SIZE,
    SSZ,
    SSZ_SNAPPY,
    Chunk,
    RequestDecoder,
    ResponseDecoder,
    encode_chunk,
    encode_error,
    encode_request,
)
from pyrum_sync.spec.malformed import BadHeader, EarlyEnd, LeftOver, Malformed, OverLimit, TooLong, TooShort
from pyrum_sync.spec.methods import METHODS, Method, method

from .feeding import BLOCK, BLOCKS, CONTEXT, PING, chunks_of, feed_all, pieces

ENCODINGS = [SSZ_SNAPPY, SSZ]

# -- requests


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_request_is_read_as_it_was_written_however_it_is_cut(encoding: str) -> None:
    ssz = bytes(range(24))
    wire = encode_request(ssz, encoding=encoding)
    for cut in range(len(wire) + 1):
        decoder = RequestDecoder.of(BLOCKS, encoding=encoding)
        got = [decoder.feed(wire[:cut]), decoder.feed(wire[cut:])]
        assert got == ([ssz, None] if cut == len(wire) else [None, ssz])
        assert decoder.finish() == ssz


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("wire", [b"", b"\0"], ids=["nothing", "rumor"])
def test_a_method_without_a_request(encoding: str, wire: bytes) -> None:
    assert encode_request(None, encoding=encoding) == b""
    decoder = RequestDecoder.of(method("metadata", 3), encoding=encoding)
    assert decoder.feed(wire) == (b"" if wire else None)
    assert decoder.finish() == b""


@pytest.mark.parametrize("wire", [b"\x01", b"\x01a", b"\x00\x00", b"\x00a"])
def test_a_method_without_a_request_takes_none(wire: bytes) -> None:
    decoder = RequestDecoder.of(method("metadata", 3), encoding=SSZ)
    with pytest.raises((TooLong, LeftOver)):
        decoder.feed(wire)


@pytest.mark.parametrize("after", [b"", snappy.STREAM_IDENTIFIER], ids=["nothing", "identifier"])
@pytest.mark.parametrize("step", [1, 20])
def test_an_empty_list_as_some_encoders_write_it(after: bytes, step: int) -> None:
    decoder = RequestDecoder.of(method("blocks-by-root", 2))
    got = [decoder.feed(piece) for piece in pieces(b"\0" + after, step)]
    assert got == [b""] + [None] * (len(got) - 1)
    assert decoder.finish() == b""


def test_half_an_identifier_after_an_empty_list() -> None:
    decoder = RequestDecoder.of(method("blocks-by-root", 2))
    decoder.feed(b"\0" + snappy.STREAM_IDENTIFIER[:5])
    with pytest.raises(EarlyEnd):
        decoder.finish()
    with pytest.raises(LeftOver):
        RequestDecoder.of(method("blocks-by-root", 2)).feed(b"\0" + snappy.STREAM_IDENTIFIER * 2)


REQUEST_FAULTS: dict[str, tuple[bytes, type[Malformed], str]] = {
    "length, 11 bytes": (b"\x88" * 11, BadHeader, "more than 10 bytes"),
    "length, 65 bits": (b"\xff" * 9 + b"\x02", BadHeader, "more than 64 bits"),
    "length, too small": (b"\x07", TooShort, "7 bytes, where 8 are the least"),
    "length, too large": (b"\x09", TooLong, "9 bytes, where 8 are the most"),
    "length, largest": (b"\xff" * 9 + b"\x01", TooLong, "18446744073709551615 bytes"),
    "bytes after the end": (encode_request(bytes(8)) + b"\0", LeftOver, "after the end"),
    "frame after the end": (encode_request(bytes(8)) + b"\xfe\0\0\0", LeftOver, "after the end"),
    "more in the frame": (b"\x08" + snappy.encode_frames(bytes(9)), TooLong, "of 9 bytes, where 8"),
    "no frames": (b"\x08" + bytes(8), BadHeader, "begins with a frame of type 0x00"),
    "padding without end": (b"\x08" + snappy.STREAM_IDENTIFIER + b"\xfe\0\0\0" * 20, OverLimit, "too many"),
}


@pytest.mark.parametrize("step", [1, 3, 1000])
@pytest.mark.parametrize("fault", REQUEST_FAULTS)
@pytest.mark.usefixtures("library")
def test_a_malformed_request_is_refused_with_its_fault_however_it_comes(fault: str, step: int) -> None:
    wire, kind, text = REQUEST_FAULTS[fault]
    decoder = RequestDecoder.of(PING)
    with pytest.raises(kind, match=text):
        feed_all(decoder, wire, step)
    for _ in range(2):
        with pytest.raises(kind, match=text):
            decoder.feed(encode_request(bytes(8)))
    with pytest.raises(kind, match=text):
        decoder.finish()


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_request_that_ends_early_is_refused_wherever_that_is(encoding: str) -> None:
    wire = encode_request(bytes(8), encoding=encoding)
    for cut in range(len(wire)):
        decoder = RequestDecoder.of(PING, encoding=encoding)
        assert decoder.feed(wire[:cut]) is None
        for _ in range(2):
            with pytest.raises(EarlyEnd, match="before the end"):
                decoder.finish()


def test_a_longer_form_of_the_length_is_read() -> None:
    assert RequestDecoder.of(PING, encoding=SSZ).feed(b"\x88\x00" + bytes(8)) == bytes(8)


def test_no_payload_is_larger_than_10_mib_whatever_its_type() -> None:
    for decoder in (RequestDecoder(0, 1 << 40), ResponseDecoder(0, 1 << 40)):
        with pytest.raises(TooLong, match="where 10485760 are the most"):
            decoder.feed(bytes(isinstance(decoder, ResponseDecoder)) + varint.encode(MAX_PAYLOAD_SIZE + 1))


# -- responses

RESPONSE = [
    Chunk(0, BLOCK, bytes.fromhex("01eb3100")),
    Chunk(0, BLOCK * 300, bytes.fromhex("b76ba606")),  # three frames
    Chunk(3, b"not here"),
]


def response(encoding: str = SSZ_SNAPPY) -> bytes:
    return b"".join(
        encode_error(chunk.result, chunk.ssz, encoding=encoding)
        if chunk.result
        else encode_chunk(chunk.ssz, context=chunk.context, encoding=encoding)
        for chunk in RESPONSE
    )


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("step", [0, 1, 2, 10, 65536])
def test_a_response_is_read_as_it_was_written(encoding: str, step: int) -> None:
    decoder = ResponseDecoder.of(BLOCKS, encoding=encoding)
    assert chunks_of(decoder, response(encoding), step) == RESPONSE
    assert decoder.done


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.usefixtures("library")
def test_a_response_cut_at_every_byte(encoding: str) -> None:
    chunks = [Chunk(0, BLOCK, CONTEXT), Chunk(0, BLOCK[::-1], CONTEXT), Chunk(2, b"no more")]
    wire = b"".join(encode_chunk(chunk.ssz, context=CONTEXT, encoding=encoding) for chunk in chunks[:2])
    wire += encode_error(2, "no more", encoding=encoding)
    for cut in range(len(wire) + 1):
        decoder = ResponseDecoder.of(BLOCKS, encoding=encoding)
        assert decoder.feed(wire[:cut]) + decoder.feed(wire[cut:]) == chunks
        decoder.finish()


def test_no_chunk_at_all() -> None:
    decoder = ResponseDecoder.of(BLOCKS)
    assert decoder.feed(b"") == []
    assert not decoder.done
    decoder.finish()


def test_the_response_is_over_when_its_last_chunk_has_come() -> None:
    decoder = ResponseDecoder.of(PING)
    assert not decoder.done
    decoder.feed(encode_chunk(bytes(8)))
    assert decoder.done


@pytest.mark.parametrize(("count", "most"), [(2, 2), (None, 128), (500, 128)])
def test_no_more_chunks_come_than_were_asked_for_nor_than_the_method_allows(count: int | None, most: int) -> None:
    wire = encode_chunk(BLOCK, context=CONTEXT)
    decoder = ResponseDecoder.of(BLOCKS, max_chunks=count)
    assert len(decoder.feed(wire * most)) == most
    assert decoder.done
    with pytest.raises(OverLimit, match=f"more than {most} chunks"):
        decoder.feed(wire)


def test_an_error_may_follow_the_last_chunk() -> None:
    decoder = ResponseDecoder.of(PING)
    wire = encode_chunk(bytes(8)) + encode_error(1, "rate limited")
    assert [chunk.text for chunk in chunks_of(decoder, wire)][1] == "rate limited"


@pytest.mark.parametrize("result", [1, 2, 3, 4, 127, 128, 255])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_an_error_has_a_text_and_no_context(result: int, encoding: str) -> None:
    wire = encode_error(result, "schön\n", encoding=encoding)
    assert chunks_of(ResponseDecoder.of(BLOCKS, encoding=encoding), wire) == [Chunk(result, "schön\n".encode())]


def test_an_error_without_a_text() -> None:
    for wire in (b"\x02\x00", b"\x02\x00" + snappy.STREAM_IDENTIFIER):
        for step in (0, 1):
            assert chunks_of(ResponseDecoder.of(BLOCKS), wire, step) == [Chunk(2, b"")]


RESPONSE_FAULTS: dict[str, tuple[bytes, type[Malformed], str]] = {
    "length": (b"\0" + CONTEXT + b"\x80" * 10, BadHeader, "more than 10 bytes"),
    "too short": (b"\0" + CONTEXT + b"\x93\x03", TooShort, "403 bytes, where 404"),
    "too long": (b"\0" + CONTEXT + varint.encode(MAX_PAYLOAD_SIZE + 1), TooLong, "10485761 bytes"),
    "too long a text": (b"\x01\x81\x02", TooLong, "257 bytes, where 256"),
    "no context": (encode_chunk(bytes(404), encoding=SSZ), TooShort, "0 bytes, where 404"),
    "after an error": (encode_error(1) + b"\0", LeftOver, "after a chunk with an error"),
    "an error after an error": (encode_error(1, "x") * 2, LeftOver, "after a chunk with an error"),
    "checksum": (
        b"\0" + CONTEXT + b"\x94\x03" + snappy.STREAM_IDENTIFIER + b"\x01\x98\x01\0" + bytes(4) + bytes(404),
        malformed.BadChecksum,
        "checksum",
    ),
    "block": (
        b"\0" + CONTEXT + b"\x94\x03" + snappy.STREAM_IDENTIFIER + b"\0\x07\0\0" + bytes(4) + b"\x94\x03\x00",
        malformed.Corrupt,
        "block",
    ),
}


@pytest.mark.parametrize("step", [1, 3, 1000])
@pytest.mark.parametrize("fault", RESPONSE_FAULTS)
@pytest.mark.usefixtures("library")
def test_a_malformed_response_is_refused_with_its_fault_however_it_comes(fault: str, step: int) -> None:
    wire, kind, text = RESPONSE_FAULTS[fault]
    decoder = ResponseDecoder.of(BLOCKS)
    with pytest.raises(kind, match=text):
        chunks_of(decoder, wire, step)
    for _ in range(2):
        with pytest.raises(kind, match=text):
            decoder.feed(encode_chunk(BLOCK, context=CONTEXT))
    with pytest.raises(kind, match=text):
        decoder.finish()


def test_the_whole_chunks_before_a_fault_come_with_it() -> None:
    good, bad = encode_chunk(BLOCK, context=CONTEXT), b"\0" + CONTEXT + b"\x01"
    with pytest.raises(TooShort) as caught:
        ResponseDecoder.of(BLOCKS).feed(good * 2 + bad)
    assert caught.value.chunks == [Chunk(0, BLOCK, CONTEXT)] * 2


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.usefixtures("library")
def test_a_response_that_ends_early_is_refused_wherever_that_is(encoding: str) -> None:
    wire = encode_chunk(BLOCK, context=CONTEXT, encoding=encoding)
    for cut in range(1, len(wire)):
        decoder = ResponseDecoder.of(BLOCKS, encoding=encoding)
        assert len(decoder.feed(wire + wire[:cut])) == 1
        for _ in range(2):
            with pytest.raises(EarlyEnd, match="in the middle of chunk 1"):
                decoder.finish()


# -- of every method


@pytest.mark.parametrize("row", METHODS, ids=lambda row: row.protocol())
def test_the_bounds_of_a_method_hold_in_both_directions(row: Method) -> None:
    for sizes, make in (
        (row.request_sizes, lambda size: (RequestDecoder.of(row, encoding=SSZ), varint.encode(size))),
        (
            row.response_sizes,
            lambda size: (
                ResponseDecoder.of(row, encoding=SSZ),
                b"\0" + (CONTEXT if row.context else b"") + varint.encode(size),
            ),
        ),
    ):
        smallest, largest = sizes
        for size in (smallest, largest):
            decoder, wire = make(size)
            decoder.feed(wire)
        decoder, wire = make(largest + 1)
        with pytest.raises(TooLong):
            decoder.feed(wire)
        if smallest:
            decoder, wire = make(smallest - 1)
            with pytest.raises(TooShort):
                decoder.feed(wire)
