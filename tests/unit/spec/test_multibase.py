"""Multibase."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyrum_sync.spec import multibase

# From multibase's own test data.
_TEXTS = ["f79657320 6d616e692021".replace(" ", ""), "bpfsxgidnmfxgsibb", "k2lcpzo5yikidynfl", "z7paNL19xttacUY"]


@pytest.mark.parametrize("text", _TEXTS)
def test_known_texts(text: str) -> None:
    assert multibase.decode(text) == b"yes mani !"


def test_upper_case_hex() -> None:
    assert multibase.decode("fAB") == b"\xab"


@given(st.binary(max_size=100))
def test_base32_there_and_back(data: bytes) -> None:
    assert multibase.decode(multibase.encode_base32(data)) == data


@given(st.sampled_from("fbkz") | st.text(max_size=1), st.text("abcdefghijk234567zZ!é", max_size=20))
def test_any_text_is_read_or_refused(prefix: str, digits: str) -> None:
    try:
        data = multibase.decode(prefix + digits)
    except ValueError:
        return
    if prefix == "b":
        assert multibase.encode_base32(data) == "b" + digits


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "selected encoding not supported"),
        ("Bpfsxgidnmfxgsibb", "selected encoding not supported"),
        ("b!!", "illegal base32 data at input byte 0"),
        ("bpfs1", "illegal base32 data at input byte 3"),
        ("baaaaaa", "illegal base32 data at input byte 5"),
        ("bp", "illegal base32 data at input byte 0"),
        ("bpfsxgidnmfxgsibbf6", "illegal base32 data"),
        ("bpf======", "illegal base32 data at input byte 2"),
        ("f1", "not hex"),
        ("f1g", "not hex"),
        ("kA", "invalid base36 digit"),
        ("z0", "invalid base58 digit"),
        ("b" + "a" * 300, "300 characters"),
    ],
)
def test_what_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        multibase.decode(text)


def test_bits_past_the_last_byte_are_refused() -> None:
    text = multibase.encode_base32(b"\xff")
    assert base64.b32decode("74======") == base64.b32decode("75======") == b"\xff"
    assert text == "b74"
    with pytest.raises(ValueError, match="illegal base32 data at input byte 1"):
        multibase.decode("b75")
