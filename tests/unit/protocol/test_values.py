"""Python values to the text of arguments and flags."""

import csv
import io
import math
import re
from collections import OrderedDict
from datetime import timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, NamedTuple

import pytest
from remerkleable.basic import boolean, uint8, uint64, uint256
from remerkleable.bitfields import Bitlist, Bitvector
from remerkleable.byte_arrays import ByteList, Bytes4, Bytes32
from remerkleable.complex import Container, List, Vector

from pyrum_sync.protocol.values import checked, go_duration, to_duration, to_text


class Colour(Enum):
    RED = "red"
    ONE = 1
    PAIR = ("a", "b")
    NESTED = Path("/x")


class Number(IntEnum):
    TWO = 2


class Word(str, Enum):
    HI = "hi there"


class Text(str):
    __slots__ = ()

    def __str__(self) -> str:
        return "not this"


class Count(int):
    pass


class Pair(NamedTuple):
    a: int
    b: str


class Ping(Container):  # type: ignore[misc] # has no types
    seq: uint64
    flag: boolean


TABLE: list[tuple[Any, str]] = [
    ("text", "text"),
    ("", ""),
    ("-leading", "-leading"),
    (" spaces ", " spaces "),
    ("a,b\n\"'$`", "a,b\n\"'$`"),
    ("zoë 😀\x80\x81\x85", "zoë 😀\x80\x81\x85"),
    (Text("kept"), "kept"),
    (0, "0"),
    (-7, "-7"),
    (2**64 - 1, "18446744073709551615"),
    (Count(5), "5"),
    (1.5, "1.5"),
    (-0.25, "-0.25"),
    (math.inf, "inf"),
    (True, "true"),
    (False, "false"),
    (b"\x00\xff", "00ff"),
    (b"", ""),
    (bytearray(b"\x01"), "01"),
    (memoryview(b"\x01\x02\x03\x04")[::2], "0103"),
    (timedelta(seconds=1.5), "1.5s"),
    (timedelta(0), "0s"),
    (timedelta(seconds=10), "10s"),
    (timedelta(microseconds=1), "0.000001s"),
    (timedelta(days=1, milliseconds=20), "86400.02s"),
    (uint8(7), "7"),
    (uint64(2**64 - 1), "18446744073709551615"),
    (uint256(2**256 - 1), str(2**256 - 1)),
    (boolean(True), "true"),
    (boolean(False), "false"),
    (Ping(seq=1, flag=True), "010000000000000001"),
    (Bytes32(b"\x11" * 32), "11" * 32),
    (Bytes4("0xb5303f2a"), "b5303f2a"),
    (ByteList[10](b"\xaa\xbb"), "aabb"),
    (List[uint8, 4](1, 2), "0102"),
    (Vector[uint8, 2](3, 4), "0304"),
    (Bitlist[8](True, False, True), "0d"),
    (Bitvector[4](True, True, False, False), "03"),
    (Path("/tmp/a b"), "/tmp/a b"),
    (PurePosixPath("x/y"), "x/y"),
    (PureWindowsPath("x/y"), "x\\y"),
    (IPv4Address("127.0.0.1"), "127.0.0.1"),
    (IPv6Address("::1"), "::1"),
    (IPv4Network("10.0.0.0/8"), "10.0.0.0/8"),
    (IPv6Network("fe80::/10"), "fe80::/10"),
    (IPv4Interface("10.0.0.1/8"), "10.0.0.1/8"),
    (IPv6Interface("::1/64"), "::1/64"),
    (Colour.RED, "red"),
    (Colour.ONE, "1"),
    (Colour.PAIR, "a,b"),
    (Colour.NESTED, "/x"),
    (Number.TWO, "2"),
    (Word.HI, "hi there"),
    ([], ""),
    ([""], '""'),
    (["", ""], ","),
    (["a", "b"], "a,b"),
    (("a", 1, True, b"\x01", uint8(2), Number.TWO), "a,1,true,01,2,2"),
    (["a,b", 'say "x"', "line\nbreak", "cr\rhere"], '"a,b","say ""x""","line\nbreak","cr\rhere"'),
    ([" a ", "'b'"], " a ,'b'"),
    (Pair(1, "x"), "1,x"),
    ([timedelta(seconds=2)], "2s"),
]


def _label(value: object) -> str:
    """The same in every process: no address."""
    return re.sub(r" at 0x\w+", "", repr(value))


@pytest.mark.parametrize(("value", "text"), TABLE, ids=_label)
def test_the_table(value: Any, text: str) -> None:
    assert to_text(value, "flag x") == text


@pytest.mark.parametrize(
    "cells", [["a", ""], ["", "a"], ['"'], [","], ["\n"], ["\n", "\n"], ['a"b', "c,d", "e\nf", ""], ["\r"], [" "]]
)
def test_a_reader_of_csv_reads_a_list_back(cells: list[str]) -> None:
    assert list(csv.reader(io.StringIO(to_text(cells, "x"), newline=""), strict=True)) == [cells]


@pytest.mark.parametrize(
    "value", [object(), {"a": 1}, {1}, 1j, Decimal("1.5"), iter([]), OrderedDict(), len, Colour, range(3)], ids=_label
)
@pytest.mark.parametrize("name", ["flag peer-id", "argument 2"])
def test_other_types_are_refused_by_name(value: Any, name: str) -> None:
    with pytest.raises(TypeError) as caught:
        to_text(value, name)
    assert str(caught.value).startswith(f"{name}: ")
    assert type(value).__name__ in str(caught.value)


def test_none_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="argument 1: None has no form in Rumor"):
        to_text(None, "argument 1")


@pytest.mark.parametrize(
    ("value", "place"),
    [([1, None], r"x\[1\]"), ((object(),), r"x\[0\]"), ([["a"]], r"x\[0\]: a list in a list"), ([("a",)], r"x\[0\]")],
)
def test_a_list_names_the_place(value: Any, place: str) -> None:
    with pytest.raises(TypeError, match=place):
        to_text(value, "x")


@pytest.mark.parametrize("value", ["a\0b", ["a", "\0"], Path("a\0"), Text("\0")], ids=repr)
def test_a_nul_is_refused_by_name(value: Any) -> None:
    with pytest.raises(ValueError, match=r"flag x.*NUL at position \d"):
        to_text(value, "flag x")


@pytest.mark.parametrize("value", ["a\ud800", ["\udfff"], Path("\udcff")], ids=ascii)
def test_a_lone_surrogate_is_refused_by_name(value: Any) -> None:
    with pytest.raises(ValueError, match=r"flag x.*lone surrogate at position \d"):
        to_text(value, "flag x")


def test_a_line_end_of_windows_in_a_list_is_refused() -> None:
    with pytest.raises(ValueError, match=r"x\[1\]: .*cannot arrive unharmed"):
        to_text(["a", "b\r\nc"], "x")
    assert to_text("b\r\nc", "x") == "b\r\nc"


NEGATIVE = [
    (timedelta(seconds=-1), "-1s"), (timedelta(microseconds=-1), "-0.000001s"), (timedelta(hours=-1), "-3600s"),
    (timedelta(days=-1, seconds=1.5), "-86398.5s"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "text"), NEGATIVE)
def test_a_negative_duration_is_refused_by_name_where_it_would_kill_rumor(value: timedelta, text: str) -> None:
    with pytest.raises(ValueError, match=f"argument 1: a duration cannot be negative, got '{text}'"):
        to_duration(value, "argument 1")


@pytest.mark.parametrize(("value", "text"), NEGATIVE)
def test_elsewhere_a_negative_duration_is_as_written(value: timedelta, text: str) -> None:
    assert to_text(value, "flag x") == text
    assert to_text([value, value], "flag x") == f"{text},{text}"


def test_long_durations_keep_every_microsecond() -> None:
    assert go_duration(timedelta(days=10_000, microseconds=1)) == "864000000.000001s"


def test_an_integer_too_long_to_be_written_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="flag x"):
        to_text(10**5000, "flag x")


def test_checked_gives_the_text_back() -> None:
    assert checked("zoë", "x") == "zoë"
    with pytest.raises(ValueError, match="x: a NUL at position 0"):
        checked("\0é", "x")
