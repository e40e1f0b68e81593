"""Bytes to entries: the stream cut into whole lines, and the lines parsed.

Pure: no socket, thread or clock.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence

from pyrum_sync.protocol.entries import Entry

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from typing import Any


class LineTooLong(Exception):
    """A line grew past the limit; `before` has the whole lines that arrived with it, before it."""

    def __init__(self, max_line: int, before: bytes = b"") -> None:
        super().__init__(f"a line is longer than max_line = {max_line} bytes")
        self.before = before


class LineBuffer:
    """Cuts a stream into whole lines, at the byte ``\\n`` only; linear in the input however it is split."""

    def __init__(self, max_line: int) -> None:
        self._max_line = max_line
        self._rest = bytearray()  # not a list of pieces: a byte in a piece of its own takes forty

    def feed(self, chunk: bytes) -> bytes:
        """Take a piece of the stream.

        Returns: the whole lines that it completes, joined by newlines, without the last newline.
        Raises: LineTooLong.
        """
        if not self._rest and chunk.endswith(b"\n") and len(chunk) <= self._max_line:
            return chunk[:-1]
        cut = chunk.rfind(b"\n")
        if cut < 0:
            self._keep(chunk)
            return b""
        whole = chunk[:cut]
        if self._rest:
            whole = b"".join((self._rest, whole))
            self._rest.clear()
        if len(whole) > self._max_line:
            self._check(whole)
        if cut + 1 < len(chunk):
            self._keep(chunk[cut + 1 :], whole)
        return whole

    def _check(self, whole: bytes) -> None:
        lines = whole.split(b"\n")
        for number, line in enumerate(lines):
            if len(line) > self._max_line:
                raise LineTooLong(self._max_line, b"\n".join(lines[:number]))

    def _keep(self, piece: bytes, before: bytes = b"") -> None:
        self._rest += piece
        if len(self._rest) > self._max_line:
            raise LineTooLong(self._max_line, before)

    @property
    def rest(self) -> bytes:
        """The beginning of a line that is not whole yet."""
        return bytes(self._rest)


Batch = tuple[list[Entry], list[bytes], list[str]]
"""Entries, the line that each is, and the lines that are no JSON object (the beginning only, for one that is no
text)."""

_decoder: Any = json.JSONDecoder()
_decode: Callable[[str], Any] = _decoder.decode
_scan: Callable[[str, int], tuple[Any, int]] = _decoder.scan_once
# What stands between two objects in a row. Compiled when first used, which in most scripts is never.
_BETWEEN = rb"\}[ \t\r]*,[ \t\r]*\{"
_CALL_ID = rb'("call_id":"(\w+)")(,"level":"(?!trace")\w+")?'
_NEWLINE, _COMMA, _QUOTE = b"\n", b",", b'"'
_PIECE = 1 << 15  # bytes that are parsed in one go
_RUNS = 8  # pieces that lines have in common, of which so many are looked for
_FEW = 8  # lines that are parsed at once in any case
_BEGINNING = 10_000  # bytes shown of a line that is no text
_BLANK = " \t\r"


def one_call(block: bytes) -> tuple[str, int] | None:
    """A look that costs little, by which most blocks of a long stream need not be parsed before somebody reads them.

    Returns: the id of the call and the number of lines, if all lines are data of one call (none of trace level, which a
        mark is); None if this cannot be seen at a glance. A line may still turn out to be no entry.
    """
    count = block.count(_NEWLINE) + 1
    if count < _FEW or b"\\" in block:  # without a backslash, no text has a key in it
        return None
    found = re.search(_CALL_ID, block)
    if found is None:
        return None
    # In most entries the level follows the id: then one look shows both, and what is longer is found quicker.
    if (found[3] and block.count(found[0]) == count) or (b'"trace"' not in block and block.count(found[1]) == count):
        return found[2].decode(), count
    return None


def parse_kept(block: bytes, count: int) -> tuple[list[Entry], list[str]]:
    """Parse so many lines that were parsed before, or looked at by `one_call`.

    Returns: the entries, and the lines that are none.
    """
    try:
        entries: list[Entry] = []
        at = 0
        while at >= 0:  # in pieces that stay in the processor's cache
            end = block.find(_NEWLINE, at + _PIECE)
            entries += _as_list(block[at:] if end < 0 else block[at:end])
            at = end + 1 if end >= 0 else -1
        if len(entries) == count:
            return entries, []
    except (ValueError, RecursionError, StopIteration):
        pass
    entries, _, bad = parse(block)
    return entries, bad


def last_with_all(block: bytes, count: int) -> Entry | None:
    """The last entry of so many lines, if none of them has a key that it lacks: then it has the newest value of each.

    None if that is not so, or cannot be seen at a glance, without parsing all of them.
    """
    last = block[block.rfind(_NEWLINE) + 1 :]
    entries = parse(last)[0]
    if not entries:
        return None
    if _alike(block, count, last):
        return entries[0]
    # A quote in a text has a backslash before it. So these are the keys, or more, where a text begins with a colon.
    keys = block.count(b'":')
    known = sum(block.count(b'"%b":' % key.encode(errors="replace")) for key in entries[0])
    return entries[0] if keys == known else None


def _alike(block: bytes, count: int, last: bytes) -> bool:
    """Whether all lines are like the last one, but for their values, as those of a long stream mostly are."""
    if b"\\" in block:
        return False
    # Between two quotes each, there is a text, or what stands between two texts.
    ours, first = last.split(_QUOTE), block[: block.find(_NEWLINE)].split(_QUOTE)
    if len(ours) != len(first):
        return False
    same = b"\\".join(part if part == theirs else b"" for part, theirs in zip(ours, first, strict=True))
    runs = [run.replace(b"\\", _QUOTE) for run in re.split(rb"(?<=\\)(?=\\)", same)]
    # If each line has all that the first and the last one have in common, and no further quote, it has no further key.
    # The end has one quote, which no line can be without.
    return (
        len(runs) <= _RUNS
        and block.count(_QUOTE) == count * (len(ours) - 1)
        and all(block.count(run) == count for run in runs if run != _QUOTE + b"}")
    )


def _as_list(block: bytes) -> list[Entry]:
    """Lines parsed as one list. Raises ValueError, RecursionError or StopIteration if that cannot be, or not all are
    objects."""
    text = f"[{block.replace(_NEWLINE, _COMMA).decode()}]"
    entries: list[Entry]
    entries, end = _scan(text, 0)
    if end != len(text) or set(map(type, entries)) != {dict}:
        raise ValueError
    return entries


def parse(block: bytes) -> Batch:
    """Parse whole lines, joined by newlines; a line that is no JSON object harms no other."""
    try:
        if block.find(b"\n") < 0:  # `in` costs far more: it makes and drops an error first
            text = block.decode()
            entry, end = _scan(text, 0)
            if end == len(text) and type(entry) is dict:
                return [entry], [block], []
        elif not re.search(_BETWEEN, block):
            # As one list, which is quicker. No line has two objects in a row, so as many objects as lines mean that
            # each line is one: broken lines cannot join into a good one unnoticed.
            lines = block.split(b"\n")
            entries = _as_list(block)
            if len(entries) == len(lines):
                return entries, lines, []
    except (ValueError, RecursionError, StopIteration):
        pass
    return _one_by_one(block.split(b"\n"))


def beginning(line: bytes) -> str:
    """What to show of a line that is no text. Not all of it: a megabyte may take half a second to show."""
    return line[:_BEGINNING].decode(errors="backslashreplace")


def _one_by_one(lines: Sequence[bytes]) -> Batch:
    """The same one by one, where not every line is an entry and nothing else."""
    entries, good, bad = [], [], []
    for line in lines:
        try:
            text = line.decode()
        except UnicodeDecodeError:
            bad.append(beginning(line))
            continue
        if not text.strip(_BLANK):
            continue
        try:
            entry = _decode(text)
        except (ValueError, RecursionError):
            entry = None
        if type(entry) is dict:
            entries.append(entry)
            good.append(line)
        else:
            bad.append(text)
    return entries, good, bad
