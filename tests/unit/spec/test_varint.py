"""Varints: every length, split at every byte, and each way to be malformed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyrum_sync.spec import varint

MOST = (1 << 64) - 1


@pytest.mark.parametrize(
    ("number", "encoded"),
    [
        (0, "00"),
        (1, "01"),
        (127, "7f"),
        (128, "8001"),
        (300, "ac02"),
        (16384, "808001"),
        (1 << 63, "80808080808080808001"),
        (MOST, "ffffffffffffffffff01"),
    ],
)
def test_a_known_number(number: int, encoded: str) -> None:
    assert varint.encode(number).hex() == encoded
    assert varint.decode(bytes.fromhex(encoded)) == (number, len(encoded) // 2)


@given(st.integers(0, MOST), st.binary(max_size=5), st.binary(max_size=5))
def test_a_number_among_other_bytes_and_cut_anywhere(number: int, before: bytes, after: bytes) -> None:
    encoded = varint.encode(number)
    end = len(before) + len(encoded)
    assert varint.decode(before + encoded + after, len(before), minimal=True) == (number, end)
    for cut in range(len(before), end):
        assert varint.decode((before + encoded)[:cut], len(before)) is None


@pytest.mark.parametrize("number", [-1, MOST + 1])
def test_a_number_that_does_not_fit(number: int) -> None:
    with pytest.raises(ValueError, match=f"0 to 2\\^64 - 1, not {number}"):
        varint.encode(number)


@pytest.mark.parametrize("data", [b"\x80" * 10, b"\x80" * 10 + b"\0", b"\xff" * 40])
def test_more_than_ten_bytes(data: bytes) -> None:
    with pytest.raises(ValueError, match="more than 10 bytes"):
        varint.decode(data)


def test_the_limit_is_the_callers() -> None:
    assert varint.decode(b"\xff\x01", max_bytes=2) == (255, 2)
    assert varint.decode(b"\xff", max_bytes=2) is None
    with pytest.raises(ValueError, match="more than 2 bytes"):
        varint.decode(b"\xff\xff", max_bytes=2)


@pytest.mark.parametrize("last", [2, 0x7F])
def test_more_than_64_bits_in_ten_bytes(last: int) -> None:
    with pytest.raises(ValueError, match="more than 64 bits"):
        varint.decode(b"\xff" * 9 + bytes([last]))


@pytest.mark.parametrize(("data", "value"), [("8000", 0), ("ff00", 127), ("81808000", 1)])
def test_a_longer_form_than_needed_is_refused_where_the_shortest_is_demanded(data: str, value: int) -> None:
    raw = bytes.fromhex(data)
    assert varint.decode(raw) == (value, len(raw))
    with pytest.raises(ValueError, match="longer than its value"):
        varint.decode(raw, minimal=True)


@given(st.binary(max_size=12), st.integers(1, 10))
def test_any_bytes_are_read_the_same_however_they_come(data: bytes, most: int) -> None:
    def read(given: bytes | bytearray | memoryview) -> tuple[int, int] | str | None:
        try:
            return varint.decode(given, max_bytes=most)
        except ValueError as error:
            return str(error)

    whole = read(data)
    assert whole == read(bytearray(data)) == read(memoryview(data))
    for cut in range(len(data) + 1):
        assert read(data[:cut]) in (None, whole)
