from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyrum_sync.engine.network.errors import ProtocolError
from pyrum_sync.engine.network.protobuf import (
    BYTES,
    VARINT,
    encode_bytes_field,
    encode_varint_field,
    fields,
)

NUMBERS = st.integers(1, 2**29 - 1)
UINT64 = st.integers(0, 2**64 - 1)
FIELDS = st.lists(st.tuples(NUMBERS, UINT64 | st.binary(max_size=300)), max_size=20)


def read(data: bytes | bytearray, max_fields: int = 20) -> list[tuple[int, int, int | bytes]]:
    return list(fields(data, max_fields=max_fields))


def test_the_documentations_examples() -> None:
    assert encode_varint_field(1, 150) == bytes.fromhex("089601")
    assert encode_bytes_field(2, b"testing") == bytes.fromhex("120774657374696e67")
    assert read(bytes.fromhex("089601120774657374696e67")) == [(1, VARINT, 150), (2, BYTES, b"testing")]


@settings(deadline=None)
@given(FIELDS)
def test_what_was_written_is_read(values: list[tuple[int, int | bytes]]) -> None:
    data = b"".join(
        encode_varint_field(number, value) if isinstance(value, int) else encode_bytes_field(number, value)
        for number, value in values
    )
    assert [(number, value) for number, _, value in read(data)] == values


def test_fields_of_fixed_width_are_passed_over_but_counted() -> None:
    data = bytes.fromhex("0d010203041101020304050607080807")
    assert read(data) == [(1, VARINT, 7)]
    with pytest.raises(ProtocolError, match="more than 2 fields"):
        read(data, 2)


def test_bytes_of_a_bytearray_do_not_change_with_it() -> None:
    data = bytearray(encode_bytes_field(1, b"abc"))
    [(_, _, value)] = read(data)
    data[2:] = b"xyz"
    assert value == b"abc"
    assert type(value) is bytes


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("08", "ends within a varint"),
        ("0880", "ends within a varint"),
        ("80", "ends within a varint"),
        ("08ffffffffffffffffff02", "more than 64 bits"),
        ("088080808080808080808000", "more than 10 bytes"),
        ("0001", "field number 0"),
        ("808080801001", "field number 536870912"),
        ("0b", "wire type 3"),
        ("0c", "wire type 4"),
        ("0e", "wire type 6"),
        ("0f", "wire type 7"),
        ("0a0261", "needs 2 bytes, 1 are left"),
        ("0affffffffffffffffff01", "needs 18446744073709551615 bytes, 0 are left"),
        ("0d010203", "needs 4 bytes, 3 are left"),
        ("0901", "needs 8 bytes, 1 are left"),
    ],
)
def test_malformed(data: str, words: str) -> None:
    with pytest.raises(ProtocolError, match=words):
        read(bytes.fromhex(data))


def test_the_longest_varint() -> None:
    assert read(bytes.fromhex("08ffffffffffffffffff01")) == [(1, VARINT, 2**64 - 1)]
    assert read(bytes.fromhex("0880808080808080808000")) == [(1, VARINT, 0)]


def test_as_many_fields_as_allowed_and_no_more() -> None:
    data = encode_varint_field(7, 1) * 5
    assert len(read(data, 5)) == 5
    with pytest.raises(ProtocolError, match="more than 4 fields"):
        read(data, 4)


def test_every_cut_is_an_error_or_an_end_of_a_field() -> None:
    data = encode_varint_field(1, 300) + encode_bytes_field(2, b"abcd") + encode_varint_field(300, 1)
    ends = {0, 3, 9, len(data)}
    for cut in range(len(data) + 1):
        if cut in ends:
            read(data[:cut])
        else:
            with pytest.raises(ProtocolError):
                read(data[:cut])


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        found = read(data, 50)
    except ProtocolError:
        return
    assert sum(len(value) for _, _, value in found if isinstance(value, bytes)) <= len(data)


@pytest.mark.parametrize("value", [-1, 2**64])
def test_what_is_no_uint64_is_not_written(value: int) -> None:
    with pytest.raises(ValueError, match="varint"):
        encode_varint_field(1, value)
