"""The addresses that `pyrum-sync probe` is given: words, and a list on standard input."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyrum_sync.cli.streams import lines_of_stdin
from pyrum_sync.probing.addresses import read_addresses


def addresses_of(words: Iterable[str]) -> Iterator[str]:
    """Yields the addresses, those of standard input as they come in place of `-`.

    Raises:
        UsageError: standard input is closed, or is no text.
    """
    for word in words:
        if word == "-":
            yield from read_addresses(lines_of_stdin("list"))
        else:
            yield word
