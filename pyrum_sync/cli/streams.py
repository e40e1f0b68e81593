"""The standard streams as they may be: closed, full, or in an encoding that has few characters."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

from pyrum_sync.cli.options import UsageError

_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def speaks(stream: Any, text: str) -> bool:
    """Returns whether a stream's encoding has all characters of a text."""
    try:
        text.encode(getattr(stream, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def make_safe() -> None:
    """Prepare the standard streams, so that no later write can go wrong by what they are.

    What has no form in the encoding of standard output or standard error is replaced. Where standard error is closed,
    what would go there is dropped: `print` and argparse would write it to standard output.
    """
    for number in (0, 1, 2):  # or the next file or socket would take the number of a stream that is closed
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - for as long as the process lives
    for stream in (sys.stdout, sys.stderr):
        if getattr(stream, "errors", None) == "strict" and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def complain(text: str) -> None:
    """Say on standard error what is wrong, if somebody can hear it."""
    if sys.stderr is not None:
        with suppress(OSError):
            print(f"pyrum-sync: {text}", file=sys.stderr)


def lines_of_stdin(what: str) -> Iterator[str]:
    """The lines of standard input: UTF-8 whatever the locale, or what its byte order mark says.

    Args:
        what: what is wanted there, for the error.
    Raises: UsageError if standard input is closed, or is no text.
    """
    if sys.stdin is None:
        raise UsageError(f"standard input is closed, so there is no {what} to read")
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
        raise UsageError(f"standard input is not text: {error}") from error
    except OSError as error:
        raise UsageError(f"standard input cannot be read: {error.strerror}") from error
