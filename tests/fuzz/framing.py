"""The framer: however a stream is cut into pieces, it gives the same entries, those that each line alone would give."""

from __future__ import annotations

import json
from collections.abc import Sequence

from pyrum_sync.protocol import framing as parsing
from pyrum_sync.protocol.entries import Entry
from pyrum_sync.protocol.framing import LineBuffer, LineTooLong
from tests.fuzz.source import Source

LIMITS = (1 << 20, 200, 40, 7, 1)
# What lines are made of: random bytes would hardly ever be one.
TOKENS = (
    b"\n", b"\n", b"\n", b"{", b"}", b"}", b"[", b"]", b",", b":", b'"', b'"call_id"', b'"msg":"x"', b'{"a":1}',
    b"1", b"-", b"0.5e9", b"null", b"true", b"NaN", b"Infinity", b" ", b"\t", b"\r", b"\\", b"\\n", b"\\u0041",
    b"\\ud800", b"\xc3", b"\xa9", b"\xff", b"\0", b"\xef\xbb\xbf", b"\xc2\x85", b"\xe2\x80\xa8", b"},{", b"} , {",
    b'{"msg":"', b'"}', b"9" * 30, b"x" * 50, b'{"x":{"y":[{}]}}\n', b'{"b":[1', b"2]}", b'{"s":"a', b'b"}\n',
    b'{"a":1},{"b":[1\n', b'{"call_id":"1_a","level":"trace","__freed":"true"}\n',
)  # fmt: skip
_DEEP = 300  # brackets in a line from which it is a matter of the stack whether it can be read


def run(data: bytes) -> None:
    """A stream, behind some bytes that say how it is cut."""
    source = Source(data)
    max_line = source.pick(LIMITS)
    sizes = [source.pick((1, 2, 3, 7, 50, 300, 5000)) for _ in range(source.below(6))]
    made = source.below(2)
    rest = source.rest()
    stream = b"".join(TOKENS[byte % len(TOKENS)] for byte in rest) if made else rest
    check(stream, sizes or [1 << 20], max_line)


def check(stream: bytes, sizes: Sequence[int], max_line: int) -> None:
    *lines, rest = stream.split(b"\n")
    long = [number for number, line in enumerate([*lines, rest]) if len(line) > max_line]
    wanted = lines[: long[0]] if long else lines
    blocks, buffer, too_long = read(stream, sizes, max_line)
    assert too_long == bool(long)
    # Empty lines are nothing: before one that is too long they are not told from none.
    assert [line for block in blocks for line in block.split(b"\n") if line] == [line for line in wanted if line]
    if not long:
        assert buffer.rest == rest
    entries: list[Entry] = []
    bad: list[str] = []
    found: list[bytes] = []
    for block in blocks:
        some, their_lines, others = parsing.parse(block)
        found += their_lines
        entries += some
        bad += others
    if any(line.count(b"[") + line.count(b"{") > _DEEP for line in wanted):
        return
    parsed = [alone(line) for line in wanted]
    # As text, since what is no number is not equal to itself.
    assert list(map(repr, entries)) == [repr(entry) for entry in parsed if entry is not None]
    good = [line for line, entry in zip(wanted, parsed, strict=True) if entry is not None]
    assert found == good
    assert len(bad) == sum(
        entry is None and bool(line.strip(b" \t\r")) for line, entry in zip(wanted, parsed, strict=True)
    )


def read(stream: bytes, sizes: Sequence[int], max_line: int) -> tuple[list[bytes], LineBuffer, bool]:
    """What a buffer gives for pieces of these sizes, again and again; and whether it met a line that is too long."""
    buffer = LineBuffer(max_line)
    blocks: list[bytes] = []
    at = number = 0
    while at < len(stream):
        piece = stream[at : at + sizes[number % len(sizes)]]
        at += len(piece)
        number += 1
        try:
            block = buffer.feed(piece)
        except LineTooLong as error:
            return [*blocks, error.before], buffer, True
        if b"\n" in piece:
            blocks.append(block)
        else:
            assert block == b""
    return blocks, buffer, False


def alone(line: bytes) -> Entry | None:
    """The entry that a line is, or None."""
    try:
        value = json.loads(line.decode())
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
