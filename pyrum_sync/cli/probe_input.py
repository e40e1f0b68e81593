"""The addresses that `pyrum-sync probe` is given: words, and a list on standard input."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Iterable, Iterator

from pyrum_sync.cli.options import UsageError
from pyrum_sync.probing.addresses import read_addresses

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def addresses_of(words: Iterable[str]) -> Iterator[str]:
    """Yields the addresses, those of standard input as they come in place of `-`.

    Raises:
        UsageError: standard input is closed, or is no text.
    """
    for word in words:
        if word == "-":
            yield from read_addresses(_lines())
        else:
            yield word


def _lines() -> Iterator[str]:
    """The lines of standard input: UTF-8 whatever the locale, or what its byte order mark says."""
    if sys.stdin is None:
        raise UsageError("standard input is closed, so there is no list to read")
    source = getattr(sys.stdin, "buffer", None)
    try:
        if source is None:  # replaced by something that has text alone
            yield from sys.stdin
            return
        first = source.readline()
        if first.startswith(_UTF16):
            yield from (first + source.read()).decode("utf-16").splitlines()
            return
        yield first.decode("utf-8-sig")
        for line in source:
            yield line.decode()
    except UnicodeDecodeError as error:
        raise UsageError(f"standard input is no text: {error}") from error
    except OSError as error:
        raise UsageError(f"standard input cannot be read: {error.strerror}") from error
