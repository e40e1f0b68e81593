"""Standard output and standard error as they may be: closed, or in an encoding that has few characters."""

from __future__ import annotations

import sys
from typing import Any


def speaks(stream: Any, text: str) -> bool:
    """Returns whether a stream's encoding has all characters of a text."""
    try:
        text.encode(getattr(stream, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def make_safe() -> None:
    """What has no form in the encoding of standard output or standard error is replaced from now on."""
    for stream in (sys.stdout, sys.stderr):
        if getattr(stream, "errors", None) == "strict" and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def complain(text: str) -> None:
    """Say on standard error what is wrong, if there is one."""
    if sys.stderr is not None:
        print(f"pyrum-sync: {text}", file=sys.stderr)
