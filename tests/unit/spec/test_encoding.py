"""What is written on the wire."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pyrum_sync.spec import snappy
from pyrum_sync.spec.codec import (
    SSZ,
    SSZ_SNAPPY,
    Chunk,
    RequestDecoder,
    ResponseDecoder,
    encode_chunk,
    encode_error,
    encode_request,
)

from .feeding import chunks_of


@pytest.mark.parametrize("encoding", [SSZ_SNAPPY, SSZ])
def test_a_request_without_compression_is_its_length_and_its_ssz(encoding: str) -> None:
    wire = encode_request(b"abc", encoding=encoding)
    assert wire == (b"\x03abc" if encoding == SSZ else b"\x03" + snappy.encode_frames(b"abc"))


def test_the_text_of_an_error_is_any_bytes() -> None:
    assert Chunk(1, b"\xff text").text == "\ufffd text"


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("x" * 256, b"x" * 256),
        ("x" * 257, b"x" * 253 + b"..."),
        (b"\xff" * 300, b"\xff" * 253 + b"..."),
        ("ö" * 200, "ö".encode() * 126 + b"..."),
        ("\ud800", b"?"),
    ],
)
def test_the_text_of_an_error_is_cut_as_rumor_does(text: str | bytes, sent: bytes) -> None:
    assert chunks_of(ResponseDecoder(), encode_error(1, text)) == [Chunk(1, sent)]


@pytest.mark.parametrize("result", [-1, 0, 256])
def test_an_error_has_the_result_of_one(result: int) -> None:
    with pytest.raises(ValueError, match=f"1 to 255, not {result}"):
        encode_error(result)


@pytest.mark.parametrize("context", [b"", b"abc", b"abcde"])
def test_a_context_has_four_bytes(context: bytes) -> None:
    with pytest.raises(ValueError, match=f"{len(context)} bytes, not 4"):
        encode_chunk(b"", context=context)


def test_an_encoding_that_is_none() -> None:
    makers: list[Callable[[], object]] = [
        lambda: encode_request(b"", encoding="ssz_zip"),
        lambda: encode_chunk(b"", encoding="ssz_zip"),
        lambda: encode_error(1, encoding="ssz_zip"),
        lambda: RequestDecoder(encoding="ssz_zip"),
        lambda: ResponseDecoder(encoding="ssz_zip"),
    ]
    for make in makers:
        with pytest.raises(ValueError, match="'ssz_zip' is not an encoding"):
            make()
