"""Where the real Rumor is, unless the caller says."""

from __future__ import annotations

import os
import shutil


def find_rumor() -> str | None:
    """The program that the variable RUMOR names, or `rumor` on PATH; None if there is neither."""
    return os.environ.get("RUMOR") or shutil.which("rumor")
