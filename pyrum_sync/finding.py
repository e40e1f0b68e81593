"""Where a Rumor is on this machine."""

from __future__ import annotations

import os
import shutil


def find_rumor() -> str | None:
    """The program that the variable RUMOR names, else `rumor` on PATH; None if there is none."""
    named = os.environ.get("RUMOR")
    return shutil.which(named) if named else shutil.which("rumor")
