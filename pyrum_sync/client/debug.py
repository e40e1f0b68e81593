"""Showing what goes over the wire."""

from __future__ import annotations

import sys
from collections.abc import Callable

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from logging import LogRecord

WireLog = Callable[[str, str], None]


def wire_log(debug: bool) -> WireLog | None:
    """Where lines are shown: takes a direction and a line. None if nothing is to be shown, which costs nothing."""
    if not debug and "logging" not in sys.modules:
        return None
    import logging  # only for scripts that use it anyway
    from contextlib import suppress

    logger = logging.getLogger("pyrum_sync")
    if debug:
        if not any(handler.get_name() == _HANDLER for handler in logger.handlers):
            handler = logging.StreamHandler()
            handler.addFilter(_not_shown_elsewhere)
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


def _not_shown_elsewhere(record: LogRecord) -> bool:
    """Whether no other handler shows a record to the user: one of the script's own, as `logging.basicConfig` makes."""
    import logging

    logger: logging.Logger | None = logging.getLogger(record.name)
    streams = (sys.stderr, sys.stdout, sys.__stderr__, sys.__stdout__)
    while logger is not None:
        for handler in logger.handlers:
            if handler.get_name() != _HANDLER and handler.level <= record.levelno:
                # A handler of rich's has a console in place of a stream.
                shows = getattr(handler, "stream", None) in streams or hasattr(handler, "console")
                if shows and not isinstance(handler, logging.FileHandler):
                    return False
        logger = logger.parent if logger.propagate else None
    return True


_HANDLER = "pyrum_sync debug"
