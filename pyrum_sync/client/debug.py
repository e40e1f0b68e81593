"""Showing what goes over the wire."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress

WireLog = Callable[[str, str], None]


def wire_log(debug: bool) -> WireLog | None:
    """Where lines are shown: takes a direction and a line. None if nothing is to be shown, which costs nothing."""
    if not debug and "logging" not in sys.modules:
        return None
    import logging  # only for scripts that use it anyway

    logger = logging.getLogger("pyrum_sync")
    if debug:
        if not any(handler.get_name() == _HANDLER for handler in logger.handlers):
            handler = logging.StreamHandler()
            handler.set_name(_HANDLER)
            handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(message)s"))
            logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
    elif not logger.isEnabledFor(logging.DEBUG) or any(handler.get_name() == _HANDLER for handler in logger.handlers):
        return None  # not asked for, or only for another Rumor

    def show(direction: str, line: str) -> None:
        with suppress(Exception):  # of some handler's: logging must not end the thread that reads
            logger.debug("%s %s", direction, line)

    return show


_HANDLER = "pyrum_sync debug"
