"""Bytes to entries."""

from __future__ import annotations

import itertools
import json
import random
from time import monotonic
from typing import NamedTuple

import pytest

from pyrum_sync.protocol import framing
from pyrum_sync.protocol.entries import Entry
from pyrum_sync.protocol.framing import LineBuffer, LineTooLong
from tests.conftest import HANG


class Parsed(NamedTuple):
    entries: list[Entry]
    lines: list[bytes]
    bad: list[str]


def parse(block: bytes) -> Parsed:
    return Parsed(*framing.parse(block))


# -- bytes to lines

SAMPLE = b'{"a":1}\n\n{"b":"\xc3\xa9\xf0\x9f\x98\x80\xc2\x85"}\r\n{"c":3}\n{"d"'


def whole_lines(pieces: list[bytes], max_line: int = 1000) -> tuple[bytes, bytes]:
    """All that the buffer gives for pieces, as one stream again, and the rest."""
    buffer = LineBuffer(max_line)
    given = b""
    for piece in pieces:
        block = buffer.feed(piece)
        if b"\n" in piece:
            given += block + b"\n"
        else:
            assert block == b""
    return given, buffer.rest


@pytest.mark.parametrize("cut", range(len(SAMPLE) + 1))
def test_a_stream_split_at_any_byte_gives_the_same_lines(cut: int) -> None:
    whole, rest = SAMPLE[: SAMPLE.rfind(b"\n") + 1], SAMPLE[SAMPLE.rfind(b"\n") + 1 :]
    assert whole_lines([SAMPLE[:cut], SAMPLE[cut:]]) == (whole, rest)


def test_a_stream_of_single_bytes_gives_the_same_lines() -> None:
    assert whole_lines([bytes([byte]) for byte in SAMPLE]) == whole_lines([SAMPLE])


def test_a_stream_in_random_pieces_gives_the_same_entries() -> None:
    chance = random.Random(7)
    entries = [{"n": n, "text": "é😀\u2028\x85" * chance.randrange(20)} for n in range(300)]
    stream = "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries).encode()
    for _ in range(50):
        buffer, found, at = LineBuffer(10_000), [], 0
        while at < len(stream):
            size = chance.choice((1, 2, 3, 50, 700, 5000))
            if block := buffer.feed(stream[at : at + size]):
                batch = parse(block)
                assert not batch.bad
                found += batch.entries
            at += size
        assert found == entries
        assert buffer.rest == b""


def test_cutting_a_long_line_is_linear() -> None:
    # In pieces this small a buffer that copies what it has at each of them would copy 400 GB.
    piece, count = b"x" * 512, 40_000
    buffer = LineBuffer(1 << 28)
    start = monotonic()
    for _ in range(count):
        assert buffer.feed(piece) == b""
    assert buffer.feed(b"\n") == piece * count
    assert monotonic() - start < HANG
    assert buffer.rest == b""


def test_a_20_mb_line_in_pieces_as_they_are_read() -> None:
    line = b'{"data":"' + b"x" * 20_000_000 + b'"}'
    buffer = LineBuffer(1 << 28)
    blocks = [buffer.feed((line + b"\n")[at : at + 65536]) for at in range(0, len(line) + 1, 65536)]
    assert b"".join(blocks) == line


def test_a_line_as_long_as_the_limit_passes() -> None:
    buffer = LineBuffer(10)
    assert buffer.feed(b"0123456789") == b""
    assert buffer.feed(b"\n01234") == b"0123456789"
    assert buffer.feed(b"56789\n") == b"0123456789"


def test_a_line_longer_than_the_limit() -> None:
    buffer = LineBuffer(10)
    buffer.feed(b"a\n01234")
    with pytest.raises(LineTooLong, match="max_line = 10 bytes"):
        buffer.feed(b"567890")


@pytest.mark.parametrize("pieces", [[b"01234567890\n"], [b"a\n01234567890\nb\n"], [b"0123456789", b"0\n"]])
def test_a_whole_line_longer_than_the_limit(pieces: list[bytes]) -> None:
    buffer = LineBuffer(10)
    for piece in pieces[:-1]:
        buffer.feed(piece)
    with pytest.raises(LineTooLong, match="max_line = 10 bytes"):
        buffer.feed(pieces[-1])


def test_many_lines_longer_than_the_limit_together() -> None:
    assert LineBuffer(10).feed(b"0123456789\n" * 5) == b"\n".join([b"0123456789"] * 5)


# -- lines to entries


def test_entries_of_whole_lines() -> None:
    batch = parse('{"a":1}\n{"b":"é"}'.encode())
    assert batch.entries == [{"a": 1}, {"b": "é"}]
    assert batch.lines == [b'{"a":1}', '{"b":"é"}'.encode()]
    assert batch.bad == []


def test_large_lines() -> None:
    lines = [b'{"a":1}', b'{"b":"%b"}' % (b"x" * (1 << 20)), b'{"c":1}']
    assert parse(b"\n".join(lines)).lines == lines


def test_objects_in_a_row_within_an_entry() -> None:
    line = '{"a":[{"b":1},{"c":2}]}'
    assert parse(f"{line}\n{line}".encode()) == ([{"a": [{"b": 1}, {"c": 2}]}] * 2, [line.encode()] * 2, [])


def test_one_entry() -> None:
    assert parse(b'{"a":1}') == ([{"a": 1}], [b'{"a":1}'], [])


GOOD = '{"good":1}'
BAD = [
    "not JSON",
    '{"a":1',
    '"a":1}',
    '{"a":1}{"b":2}',
    '{"a":1},{"b":2}',
    '{"a":1},"x",{"b":2}',
    '{"a":1} trailing',
    "null",
    "17",
    "true",
    '"text"',
    "[]",
    '[{"a":1}]',
    "{'a':1}",
    '{"a":"\0"}',
    '{"a":1,}',
    "[" * 100_000,
    '{"a":' * 100_000,
    '{"a":' + "9" * 5000 + "}",
    ",",
    "]",
    "],[",
    "\ufeff{}",
    "}{",
]


@pytest.mark.parametrize("line", BAD, ids=range(len(BAD)))
def test_a_line_that_is_no_entry_harms_no_other(line: str) -> None:
    for lines in ([line], [line, GOOD, GOOD], [GOOD, line, GOOD], [GOOD, GOOD, line], [GOOD, line, line, GOOD]):
        batch = parse("\n".join(lines).encode())
        assert batch.entries == [{"good": 1}] * lines.count(GOOD)
        assert batch.lines == [GOOD.encode()] * lines.count(GOOD)
        assert batch.bad == [line] * lines.count(line)


JOINING = [
    ['{"a":[1', "2]}"],
    ['{"a":1', '"b":2}'],
    ['{"a":"x', 'y"}'],
    ['{"a":{"b":1}', '"c":2}'],
    ['{"a":1},{"b":[2', '3]},{"c":4}'],
    ['{"a":[1', "2", "3]}"],
    ['{"a":1},{"b":2}', '{"c":[1', "2]}"],
    ['{"a":1},{"b":2},{"c":3}', '{"d":[1', "2", "3]}"],
    ['{"a":1},0,{"b":[', "]}"],
    ["[", "]"],
    ['{"a":[{"b":1}', '{"c":2}]}', '{"x":1},{"y":2}'],
    ['{"a":[{"b":1}', '{"c":2}]}', '{"x":1} ,\t{"y":2}'],
    ['{"a":"x', 'y"}', '{"x":1},{"y":2}'],
    ['{"a":"\\', '"}'],
]


@pytest.mark.parametrize("lines", JOINING)
def test_broken_lines_never_join_into_an_entry(lines: list[str]) -> None:
    for before, after in itertools.product(range(3), range(3)):
        batch = parse("\n".join([GOOD] * before + lines + [GOOD] * after).encode())
        assert batch.entries == [{"good": 1}] * (before + after)
        assert batch.bad == lines


def test_random_damage_is_what_parsing_line_by_line_finds() -> None:
    chance = random.Random(11)
    pieces = [
        '{"a":1}',
        '{"a":1},{"b":1}',
        '{"b":[',
        "]}",
        ",",
        '"',
        "{}",
        "[1",
        "2]",
        "",
        " ",
        "\\",
        "null",
        '{"c":{}',
        "}",
        ":",
    ]
    for _ in range(3000):
        lines = ["".join(chance.choices(pieces, k=chance.choice((1, 1, 2, 3)))) for _ in range(chance.randrange(1, 6))]
        expected = []
        for line in lines:
            try:
                value = json.loads(line)
            except ValueError:
                continue
            if isinstance(value, dict):
                expected.append(value)
        assert parse("\n".join(lines).encode()).entries == expected, lines


def test_empty_lines_are_nothing() -> None:
    block = b'\n\r\n {"a":1}\n \n\n{"b":2}\n'
    assert parse(block) == ([{"a": 1}, {"b": 2}], [b' {"a":1}', b'{"b":2}'], [])
    assert parse(b"") == ([], [], [])


def test_lines_that_end_like_those_of_windows() -> None:
    assert parse(b'{"a":1}\r\n{"b":2}\r').entries == [{"a": 1}, {"b": 2}]


def test_bytes_that_are_no_utf8_spoil_only_their_line() -> None:
    batch = parse(b'{"a":1}\n{"b":"\xff\xfe"}\n\xc3\n{"c":"\xc3\xa9"}')
    assert batch.entries == [{"a": 1}, {"c": "é"}]
    assert [line.isprintable() for line in batch.bad] == [True, True]
    assert "\\xff" in batch.bad[0]


def test_an_entry_is_cut_at_newlines_only() -> None:
    line = '{"a":"\x85\u2028\u2029\x1c"}'.replace("\x1c", "\\u001c")
    assert parse(f"{line}\n{line}".encode()).entries == [{"a": "\x85\u2028\u2029\x1c"}] * 2


def test_numbers_keep_their_value() -> None:
    assert parse(b'{"a":18446744073709551615,"b":-1,"c":1.5}').entries == [{"a": 2**64 - 1, "b": -1, "c": 1.5}]


# -- a look that costs little

LINES = [b'{"actor":"a","call_id":"1_a","level":"info","n":%d}' % number for number in range(10)]


def test_lines_of_one_call_are_seen_at_a_glance() -> None:
    assert framing.one_call(b"\n".join(LINES)) == ("1_a", 10)
    assert framing.parse_kept(b"\n".join(LINES), 10) == (parse(b"\n".join(LINES)).entries, [])


@pytest.mark.parametrize(
    "odd",
    [
        LINES[0].replace(b"1_a", b"2_a"),
        LINES[0].replace(b"info", b"trace"),
        b'{"text":"\\"call_id\\":\\"1_a\\""}',
        b'{"level":"info"}',
        b"no entry",
        b"",
    ],
)
def test_other_lines_have_to_be_parsed(odd: bytes) -> None:
    for lines in ([odd, *LINES], [*LINES, odd], [*LINES[:5], odd, *LINES[5:]]):
        assert framing.one_call(b"\n".join(lines)) is None
    assert framing.one_call(b"\n".join(LINES[:3])) is None, "few are parsed at once"


def test_lines_that_turn_out_to_be_no_entries() -> None:
    broken = LINES[0].replace(b'"n":', b'"n"')
    block = b"\n".join([*LINES, broken])
    assert framing.one_call(block) == ("1_a", 11)
    assert framing.parse_kept(block, 11) == (parse(b"\n".join(LINES)).entries, [broken.decode()])


def test_kept_lines_are_parsed_in_pieces() -> None:
    lines = [b'{"call_id":"1_a","level":"info","n":%d,"text":"%s"}' % (n, b"x" * (n % 900)) for n in range(1000)]
    block = b"\n".join(lines)
    assert len(block) > 10 * framing._PIECE
    assert framing.parse_kept(block, 1000) == (parse(block).entries, [])
    assert framing.parse_kept(block + b"\n", 1001) == (parse(block).entries, [])
    long = b'{"text":"%s"}' % (b"x" * 3 * framing._PIECE)
    assert (
        framing.parse_kept(b"\n".join([long, *lines, long]), 1002)[0] == parse(b"\n".join([long, *lines, long])).entries
    )


def test_the_last_entry_that_has_all_keys() -> None:
    block = b"\n".join(LINES)
    assert framing.last_with_all(block, 10) == parse(LINES[-1]).entries[0]
    assert framing.last_with_all(b'{"x":":"}\n' + block, 11) is None
    assert framing.last_with_all(b'{"level":"info"}\n' + block, 11) == parse(LINES[-1]).entries[0]
    assert framing.last_with_all(block + b'\n{"level":"info"}', 11) is None
    assert framing.last_with_all(block + b"\nno entry", 11) is None


@pytest.mark.parametrize(
    ("line", "alike"),
    [
        (b'{"actor":"a","addr":"/ip4/%d","call_id":"1_a","level":"info","msg":"m","time":"%d"}', True),
        (b'{"call_id":"1_a","data":"%d","n":%d,"time":"2020"}', True),
        (b'{"n":%d,"call_id":"1_a","o":{"a":[%d,null]}}', True),
        (b'{"list":["%d","%d"]}', True),
        (b'{"list":["%d","a","b","%d",{"a":1}]}', True),
        (b'{"text":"a \\" and %d","n":%d}', False),
    ],
)
def test_lines_that_are_alike_are_seen_at_a_glance(line: bytes, alike: bool) -> None:
    lines = [line % (n * 7, n) for n in range(100)]
    block = b"\n".join(lines)
    assert framing._alike(block, 100, lines[-1]) is alike
    assert framing.last_with_all(block, 100) == parse(lines[-1]).entries[0]


def test_lines_that_are_not_alike() -> None:
    """With whatever key one of them has more, or another: that is never passed over."""
    chance = random.Random(3)
    names = ("actor", "addr", "a", "n", "call_id", "level", "msg", "time", "x")
    values = ('"some"', '"a"', "5", '""', '"other text"', "null", '["p","q"]', '{"actor":"a"}', '","', '":"')
    seen = 0
    for _ in range(3000):
        keys = chance.sample(names, chance.randrange(2, 7))
        usual = {key: chance.choice(values) for key in keys}
        entries = [usual | {key: chance.choice(values) for key in keys if chance.random() < 0.1} for _ in range(12)]
        odd = entries[chance.randrange(11)]
        if chance.random() < 0.7:
            odd[chance.choice(names)] = chance.choice(values)
            if chance.random() < 0.5:
                odd.pop(chance.choice(list(odd)))
        lines = [",".join(f'"{key}":{value}' for key, value in entry.items()).join("{}") for entry in entries]
        found = framing.last_with_all("\n".join(lines).encode(), 12)
        if all(entry.keys() <= entries[-1].keys() for entry in entries):
            seen += found is not None
        else:
            assert found is None, lines
    assert seen > 500, "what never sees anything is of no use"
