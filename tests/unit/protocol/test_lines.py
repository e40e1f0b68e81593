"""The core: words to a line, bytes to entries."""

from __future__ import annotations

import ast
import itertools
import json
import random
import shutil
import subprocess
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

import pytest

import pyrum_sync
from pyrum_sync import protocol
from pyrum_sync.protocol import Entry, LineBuffer, LineTooLong, quote
from tests.conftest import HANG

PACKAGE = Path(pyrum_sync.__file__).parent
SPECIAL = "$`'\"\\ \t\n\r!*?[](){}<>|&;#~=%^,:@+-_./aZ09"
ODD = "\x01\x07\x1b\x7f\x85\xa0é€\u2028\ufeff\ufffd😀\U0010ffff"
SENTINELS = "\x80\x81"


class Parsed(NamedTuple):
    entries: list[Entry]
    sizes: list[int]
    bad: list[str]


def parse(block: bytes) -> Parsed:
    return Parsed(*protocol.parse(block))


def words(count: int, alphabet: str) -> list[str]:
    chance = random.Random(20201020)
    return ["".join(chance.choices(alphabet, k=chance.randrange(12))) for _ in range(count)]


def read_back(shell: str, samples: list[str]) -> list[str]:
    script = "\n".join(f"printf '%s\\0' {quote(word)}" for word in samples)
    done = subprocess.run(
        [shell], input=script.encode(), stdout=subprocess.PIPE, check=True, timeout=HANG, env={"LC_ALL": "C.UTF-8"}
    )
    return done.stdout.decode().split("\0")[:-1]


# -- layers


PURE = (
    "protocol/__init__",
    "protocol/values",
    "client/call_state",
    "client/steps",
    "client/shell",
    "catalogue/__init__",
)


@pytest.mark.parametrize("name", PURE)
def test_the_core_knows_no_threads_clocks_sockets_or_processes(name: str) -> None:
    imported: set[str] = set()
    for node in ast.walk(ast.parse((PACKAGE / f"{name}.py").read_text())):
        if isinstance(node, ast.Import):
            imported.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            imported.update([(node.module or "").split(".")[0], *(alias.name for alias in node.names)])
    forbidden = {
        "socket", "threading", "queue", "time", "subprocess", "select", "selectors", "signal", "asyncio",
        "multiprocessing", "session", "call", "rumor", "transports", "logging",
    }  # fmt: skip
    assert not imported & forbidden


# -- words to a line


@pytest.mark.parametrize("word", ["a", "A-z_0.9", "/ip4/127.0.0.1/tcp/9000", "a@b:c%d+e,f"])
def test_a_plain_word_stays_as_it_is(word: str) -> None:
    assert quote(word) == word


def test_an_empty_word_is_a_word() -> None:
    assert quote("") == "''"


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_a_shell_reads_every_word_back_unharmed(shell: str) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"no {shell}")
    samples = [*SPECIAL, *ODD, *words(4000, SPECIAL + ODD), "''", "'\"'", "$'x'", "a\\\nb", " ", "x" * 10_000]
    assert read_back(program, samples) == samples


def test_a_shell_reads_its_own_sentinels_back_unharmed() -> None:
    program = shutil.which("bash")  # $'…' is no part of a plain sh
    if program is None:
        pytest.skip("no bash")
    samples = [*SENTINELS, *words(2000, SENTINELS * 8 + SPECIAL + ODD)]
    assert any("'\x80" in sample for sample in samples)
    assert read_back(program, samples) == samples


def test_no_sentinel_stands_bare_in_a_quoted_word() -> None:
    for word in words(500, SENTINELS * 4 + SPECIAL):
        assert not set(SENTINELS) & set(quote(word))


def test_a_flag_always_has_its_equals_sign() -> None:
    assert protocol.flag("nat", "false") == "--nat=false"
    assert protocol.flag("name", "") == "--name=''"
    assert protocol.flag("name", "a b") == "--name='a b'"
    assert protocol.flag("a b", "c") == "--'a b'=c"


@pytest.mark.parametrize("name", ["alice", "a", "A.b-c_d", "0", "7up", "zoë"])
def test_actor_names(name: str) -> None:
    assert protocol.actor_name(name) == name


@pytest.mark.parametrize("name", ["", " ", "a b", "a:", "a:b", "a\n", "-a", ".a", "a/b", "a'b", "$a", "a\0", "a&"])
def test_what_cannot_be_an_actor(name: str) -> None:
    with pytest.raises(ValueError, match="name of an actor"):
        protocol.actor_name(name)


def test_an_actor_name_is_text() -> None:
    with pytest.raises(TypeError, match="an actor's name is a str, not int"):
        protocol.actor_name(1)  # type: ignore[arg-type]


@pytest.mark.parametrize("call_id", ["py_0", "1_abc", "Z"])
def test_call_ids(call_id: str) -> None:
    assert protocol.call_name(call_id) == call_id


@pytest.mark.parametrize("call_id", ["", "_py_0", "a b", "a;b", "a\n", "é", "a-b"])
def test_what_is_no_call_id(call_id: str) -> None:
    with pytest.raises(ValueError, match="is no call id"):
        protocol.call_name(call_id)


def test_a_call_id_is_text() -> None:
    with pytest.raises(TypeError, match="a call id is a str, not NoneType"):
        protocol.call_name(None)  # type: ignore[arg-type]


def test_the_forms_of_lines() -> None:
    assert "1_a".join(protocol.call_line("alice", ["host", "start", "--nat=false"])) == (
        "_1_a alice: lvl_trace host start --nat=false &"
    )
    assert "1_a".join(protocol.call_line("", ["host", "view"])) == "_1_a lvl_trace host view &"
    assert "1_a".join(protocol.tool_line("", ["tool", "x"])) == (
        '{ o="$(_1_a lvl_trace tool x)"; printf %s "1_a=$o"; } &'
    )
    assert protocol.verb_line("1_a", "bob", "kill") == "_1_a bob: kill && _1_a lvl_trace sleep 1ns &"
    assert protocol.verb_line("1_a", "", "calls") == "_1_a calls && _1_a lvl_trace sleep 1ns &"
    assert protocol.hello_line("1_a") == "_1_a lvl_trace sleep 1ns; echo 1_a >&2"
    assert protocol.cancel_line("1_a") == "_1_a cancel &"
    assert protocol.next_line("1_a") == "_1_a next &"
    assert protocol.next_line("1_a", "500ms") == "_1_a next 500ms &"
    assert protocol.attach_line("py_0") == "_py_0 lvl_trace; _py_0 next x &"


def test_the_answer_to_attaching() -> None:
    assert protocol.is_probe(["_py_0", "next", "x"])
    assert not protocol.is_probe(["_py_0", "next"])
    assert not protocol.is_probe(["_py_0", "next", "500ms"])
    assert protocol.probe_found("step timeout could not be parsed: time: invalid duration")
    assert not protocol.probe_found("call not available for stepping")


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
    assert batch.sizes == [7, 9]
    assert batch.bad == []


def test_the_sizes_of_large_lines() -> None:
    lines = ['{"a":1}', f'{{"b":"{"x" * (1 << 20)}"}}', '{"c":1}']
    assert parse("\n".join(lines).encode()).sizes == list(map(len, lines))


def test_objects_in_a_row_within_an_entry() -> None:
    line = '{"a":[{"b":1},{"c":2}]}'
    assert parse(f"{line}\n{line}".encode()) == ([{"a": [{"b": 1}, {"c": 2}]}] * 2, [len(line)] * 2, [])


def test_one_entry() -> None:
    assert parse(b'{"a":1}') == ([{"a": 1}], [7], [])


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
        assert batch.sizes == [len(GOOD)] * lines.count(GOOD)
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
    assert parse(b'\n\r\n {"a":1}\n \n\n{"b":2}\n') == ([{"a": 1}, {"b": 2}], [8, 7], [])
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


# -- what an entry means


def test_fields_leave_out_where_and_when() -> None:
    assert protocol.fields({"actor": "a", "call_id": "b", "level": "info", "time": "now", "msg": "m", "x": 1}) == {
        "msg": "m",
        "x": 1,
    }


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"error": "exit status 1: command failed: no host"}, "no host"),
        ({"error": "exit status 127: unknown"}, "unknown"),
        ({"error": "plain"}, "plain"),
        ({"error": None}, "None"),
        ({"error": ["a"]}, "['a']"),
        ({}, "no reason given"),
    ],
)
def test_reasons(entry: dict[str, Any], expected: str) -> None:
    assert protocol.reason(entry) == expected
    assert protocol.reason({"__error": "why"}, "__error") == "why"


# -- secrets
