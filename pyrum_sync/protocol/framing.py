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


Batch = tuple[list[Entry], list[int], list[str]]
"""Entries, the size of each one's line in characters, and the lines that are no JSON object (the beginning only, for
one that is no text)."""

_decoder: Any = json.JSONDecoder()
_decode: Callable[[str], Any] = _decoder.decode
_scan: Callable[[str, int], tuple[Any, int]] = _decoder.scan_once
# What stands between two objects in a row. Compiled when first used, which in most scripts is never.
_BETWEEN = r"\}[ \t\r]*,[ \t\r]*\{"
_BEGINNING = 10_000  # bytes shown of a line that is no text
_BLANK = " \t\r"


def parse(block: bytes) -> Batch:
    """Parse whole lines, joined by newlines; a line that is no JSON object harms no other."""
    try:
        text = block.decode()
    except UnicodeDecodeError:
        # Keep the good lines of the block.
        return _one_by_one(list(map(_text, block.split(b"\n"))))
    lines = text.split("\n")
    try:
        if len(lines) == 1:
            entry, end = _scan(text, 0)
            if end == len(text) and type(entry) is dict:
                return [entry], [end], []
        elif not re.search(_BETWEEN, text):
            # As one list, which is quicker. No line has two objects in a row, so as many objects as lines mean that
            # each line is one: broken lines cannot join into a good one unnoticed.
            entries, end = _scan("[" + ",".join(lines) + "]", 0)
            if end == len(text) + 2 and len(entries) == len(lines) and set(map(type, entries)) == {dict}:
                return entries, list(map(len, lines)), []
    except (ValueError, RecursionError, StopIteration):
        pass
    return _one_by_one(lines)


def _text(line: bytes) -> str | bytes:
    """A line as text; as bytes if it is not UTF-8."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line


def beginning(line: bytes) -> str:
    """What to show of a line that is no text. Not all of it: a megabyte may take half a second to show."""
    return line[:_BEGINNING].decode(errors="backslashreplace")


def _one_by_one(lines: Sequence[str | bytes]) -> Batch:
    """The same one by one, where not every line is an entry and nothing else."""
    entries, sizes, bad = [], [], []
    for line in lines:
        if not isinstance(line, str):
            bad.append(beginning(line))
            continue
        if not line.strip(_BLANK):
            continue
        try:
            entry = _decode(line)
        except (ValueError, RecursionError):
            entry = None
        if type(entry) is dict:
            entries.append(entry)
            sizes.append(len(line))
        else:
            bad.append(line)
    return entries, sizes, bad
