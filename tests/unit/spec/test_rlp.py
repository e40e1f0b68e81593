"""RLP."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyrum_sync.spec import rlp

_LOREM = b"Lorem ipsum dolor sit amet, consectetur adipisicing elit"

_ITEMS = st.recursive(st.binary(max_size=80), lambda items: st.lists(items, max_size=6), max_leaves=12)


# From Ethereum's own test data.
@pytest.mark.parametrize(
    ("item", "encoded"),
    [
        (b"", "80"),
        (b"\0", "00"),
        (b"\x7f", "7f"),
        (b"\x80", "8180"),
        (b"dog", "83646f67"),
        (_LOREM[:-1], "b7" + _LOREM[:-1].hex()),
        (_LOREM, "b838" + _LOREM.hex()),
        (bytes(1024), "b90400" + "00" * 1024),
        ([], "c0"),
        ([b"cat", b"dog"], "c88363617483646f67"),
        ([[], [[]], [[], [[]]]], "c7c0c1c0c3c0c1c0"),
        ([b"\0" * 2] * 20, "f83c" + "820000" * 20),
    ],
)
def test_known_items(item: rlp.Item, encoded: str) -> None:
    assert rlp.encode(item).hex() == encoded
    assert rlp.decode(bytes.fromhex(encoded)) == item


@pytest.mark.parametrize(("number", "encoded"), [(0, ""), (1, "01"), (255, "ff"), (256, "0100"), (2**64 - 1, "ff" * 8)])
def test_numbers(number: int, encoded: str) -> None:
    assert rlp.encode_int(number).hex() == encoded


def test_a_negative_number() -> None:
    with pytest.raises(ValueError, match="no negative numbers: -1"):
        rlp.encode_int(-1)


@pytest.mark.parametrize(
    ("encoded", "message"),
    [
        ("", "ends where an item should begin, at byte 0"),
        ("8100", "the byte 0x00 at byte 1 of the RLP needs no length"),
        ("817f", "the byte 0x7f at byte 1 of the RLP needs no length"),
        ("81", "an RLP item of 1 bytes at byte 1, where 0 are left"),
        ("83646f", "an RLP item of 3 bytes at byte 1, where 2 are left"),
        ("83646f6767", "1 bytes are left over"),
        ("c0c0", "1 bytes are left over"),
        ("c3836363", "an RLP item of 3 bytes at byte 2, where 2 are left"),
        ("b8", "ends within a length, at byte 1"),
        ("b90400"[:4], "ends within a length, at byte 1"),
        ("b837" + "00" * 55, "longer than it need be"),
        ("b90038" + "00" * 56, "longer than it need be"),
        ("f837" + "00" * 55, "longer than it need be"),
        ("bfffffffffffffffff", "an RLP item of 18446744073709551615 bytes"),
        ("ffffffffffffffffff", "an RLP item of 18446744073709551615 bytes"),
        ("c6c28361626380", "an RLP item of 3 bytes at byte 3, where 1 are left"),
        ("c281", "an RLP item of 2 bytes at byte 1, where 1 are left"),
    ],
)
def test_what_is_refused(encoded: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        rlp.decode(bytes.fromhex(encoded))


def test_lists_inside_each_other_are_bounded() -> None:
    def nested(depth: int) -> bytes:
        item: rlp.Item = []
        for _ in range(depth - 1):
            item = [item]
        return rlp.encode(item)

    rlp.decode(nested(16))
    with pytest.raises(ValueError, match="deeper than allowed"):
        rlp.decode(nested(17))
    with pytest.raises(ValueError, match="deeper than allowed"):
        rlp.decode(nested(2), max_depth=1)
    with pytest.raises(ValueError, match="deeper than allowed"):
        rlp.decode(b"\xc0", max_depth=0)
    with pytest.raises(ValueError, match=r"deeper than allowed|are left"):
        rlp.decode(b"\xc1" * 60_000)


def test_the_size_is_bounded() -> None:
    encoded = rlp.encode(bytes(300))
    rlp.decode(encoded, max_size=len(encoded))
    with pytest.raises(ValueError, match="303 bytes of RLP, the most is 302"):
        rlp.decode(encoded, max_size=len(encoded) - 1)
    with pytest.raises(ValueError, match="the most is 65536"):
        rlp.decode(rlp.encode(bytes(rlp.MAX_SIZE)))


@given(_ITEMS)
def test_there_and_back(item: rlp.Item) -> None:
    assert rlp.decode(rlp.encode(item)) == item


@given(_ITEMS)
def test_cut_off_at_each_byte(item: rlp.Item) -> None:
    encoded = rlp.encode(item)
    for end in range(len(encoded)):
        with pytest.raises(ValueError, match=r"RLP|left over"):
            rlp.decode(encoded[:end])


@given(
    st.binary(max_size=60)
    | st.lists(st.sampled_from(b"\0\x7f\x80\x81\xb8\xbf\xc0\xc1\xf8\xff\1"), max_size=30).map(bytes)
)
def test_what_is_read_has_one_form(data: bytes) -> None:
    try:
        item = rlp.decode(data)
    except ValueError:
        return
    assert rlp.encode(item) == data
