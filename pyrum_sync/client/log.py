"""The log of one call: what it logged and some reader may still ask for, bounded by the demultiplexer.

Only the newest entries are kept as such. All others are kept as the lines that they arrived in, and parsed when a
reader comes to them: an entry takes five times the memory of its line, and in a stream that nobody reads yet, or whose
readers are behind, none is parsed before its turn.

Pure: no socket, thread or clock. The lock of the demultiplexer guards it.
"""

from __future__ import annotations

from itertools import accumulate
from operator import attrgetter

from pyrum_sync.protocol import framing
from pyrum_sync.protocol.entries import Entry

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_FRESH = 64  # entries that are kept parsed, at most
_FRESH_SIZE = 1 << 14  # bytes of their lines, without the newest
# How many entries are parsed for a reader in one go, and how many bytes: what it holds beyond the log stays small.
_SLICE = 1024
_SLICE_SIZE = 1 << 18

_first = attrgetter("first")


class Block:
    """Lines of one call, joined by newlines."""

    __slots__ = ("_at", "_text", "count", "first")

    def __init__(self, text: bytes, count: int, first: int) -> None:
        self._text = text
        self._at = 0  # where the lines begin that were not dropped
        self.count = count  # of these
        self.first = first  # the number of the first of these

    @property
    def size(self) -> int:
        """Bytes of the lines, without the newlines."""
        return len(self._text) - self._at - (self.count - 1)

    def _end(self, count: int, at: int) -> int:
        """Where so many lines end that begin at `at`."""
        find, end = self._text.find, at - 1
        for _ in range(count):
            end = find(b"\n", end + 1)
        return end

    def lines(self, number: int, most: int) -> tuple[bytes, int]:
        """At most so many lines from this number on, and how many they are."""
        at = self._end(number - self.first, self._at) + 1 if number > self.first else self._at
        left = self.first + self.count - number
        if most < left:
            return self._text[at : self._end(most, at)], most
        return self._text[at:] if at else self._text, left

    def drop(self, count: int) -> None:
        """Forget so many lines, fewer than there are."""
        self._at = self._end(count, self._at) + 1
        self.count -= count
        self.first += count
        if self._at > len(self._text) >> 1:
            self._text = self._text[self._at :]
            self._at = 0

    def oldest(self, size: int) -> int:
        """How many of the oldest lines have this many bytes together."""
        sizes = accumulate(map(len, self._text[self._at :].split(b"\n")))
        return next((count for count, sum_ in enumerate(sizes, 1) if sum_ >= size), self.count)

    def last(self) -> bytes:
        """The last line."""
        return self._text[max(self._at, self._text.rfind(b"\n") + 1) :]


class Log:
    """Entries, numbered from 0 on; the oldest may be dropped."""

    start = 0  # the number of the first entry
    size = 0  # of all lines, in bytes
    _packed = 0  # the number of the first fresh entry
    _packed_size = 0
    _blocks: Sequence[Block] = ()  # most calls have none
    report: Callable[[list[str]], object] | None = None  # takes lines that turn out to be no entries

    def __init__(self) -> None:
        self.fresh: list[Entry] = []
        self._lines: list[bytes] = []

    def __len__(self) -> int:
        return self._packed - self.start + len(self.fresh)

    @property
    def end(self) -> int:
        """The number of the next entry."""
        return self._packed + len(self.fresh)

    @property
    def first_fresh(self) -> int:
        """The number of the first fresh entry."""
        return self._packed

    @property
    def full(self) -> bool:
        """Whether the fresh entries are to be packed before another one is added."""
        return self.size - self._packed_size > _FRESH_SIZE or len(self.fresh) >= _FRESH

    def add(self, entry: Entry, line: bytes) -> None:
        """An entry, and the line that it is."""
        self.fresh.append(entry)
        self._lines.append(line)
        self.size += len(line)

    def pack(self) -> None:
        """Keep the fresh entries as text only."""
        lines = self._lines
        if lines:
            self._keep(Block(b"\n".join(lines), len(lines), self._packed))
            self.fresh, self._lines = [], []

    def add_block(self, text: bytes, count: int) -> int:
        """So many lines, joined by newlines, that nobody has parsed. Returns their size."""
        self.pack()
        block = Block(text, count, self._packed)
        self.size += block.size
        self._keep(block)
        return block.size

    def _keep(self, block: Block) -> None:
        blocks = self._blocks if isinstance(self._blocks, list) else []
        blocks.append(block)
        self._blocks = blocks
        self._packed += block.count
        self._packed_size = self.size

    def some(self, number: int, most: int = _SLICE) -> tuple[list[Entry], int]:
        """A few entries from this number on, `most` at most.

        Returns: the entries, and how many lines they were: lines that turn out to be none count, too.
        """
        offset = number - self._packed
        if offset >= 0:
            entries = self.fresh[offset : offset + most]
            sizes = list(accumulate(map(len, self._lines[offset : offset + most])))
            if sizes and sizes[-1] > _SLICE_SIZE:
                from bisect import bisect_right

                del entries[max(1, bisect_right(sizes, _SLICE_SIZE)) :]
            return entries, len(entries)
        text, count = self._block(number).lines(number, most)
        entries, bad = framing.parse_kept(text, count)
        if bad and self.report is not None:
            self.report(bad)
        return entries, count

    def newest(self, number: int) -> tuple[list[Entry], int]:
        """As `some`; only the last entry, if no other one has a key that it lacks."""
        if number < self._packed:
            text, count = self._block(number).lines(number, self._packed)
            entry = framing.last_with_all(text, count)
            if entry is not None:
                return [entry], count
        return self.some(number)

    def _block(self, number: int) -> Block:
        """The block that this number is in."""
        from bisect import bisect_right  # few scripts need it

        return self._blocks[bisect_right(self._blocks, number, key=_first) - 1]

    def last(self) -> Entry | None:
        """The newest entry."""
        if self.fresh:
            return self.fresh[-1]
        for block in self._blocks[-1:]:
            for entry in framing.parse(block.last())[0]:
                return entry
        return None

    def last_size(self) -> int:
        """The size of its line."""
        return len(self._lines[-1] if self._lines else self._blocks[-1].last()) if self else 0

    def oldest(self, size: int) -> int:
        """How many of the oldest entries have this many bytes together; all, if they have less."""
        count = 0
        for block in self._blocks:
            if block.size >= size:
                return count + block.oldest(size)
            count += block.count
            size -= block.size
        sizes = accumulate(map(len, self._lines))
        return next((count + some for some, sum_ in enumerate(sizes, 1) if sum_ >= size), len(self))

    def drop(self, count: int) -> int:
        """Forget the oldest entries. Returns the size that became free."""
        before = self.size
        self.start += count
        whole = 0
        for block in self._blocks:
            if block.first + block.count > self.start:
                break
            self.size -= block.size
            whole += 1
        if whole:
            self._blocks = self._blocks[whole:]
        if self.start > self._packed:
            gone = self.start - self._packed
            self.size -= sum(map(len, self._lines[:gone]))
            del self.fresh[:gone], self._lines[:gone]
            self._packed = self.start
        elif self._blocks and self._blocks[0].first < self.start:
            block = self._blocks[0]
            self.size -= block.size
            block.drop(self.start - block.first)
            self.size += block.size
        freed = before - self.size
        self._packed_size = max(0, self._packed_size - freed)
        return freed
