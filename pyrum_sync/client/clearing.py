"""Making Rumor forget the data of finished calls, but never while a script of ours runs: it may refer to its calls."""

from __future__ import annotations

from collections.abc import Callable
from time import sleep

from pyrum_sync.client.deadline import Deadline, TimeUp
from pyrum_sync.protocol.lines import CLEAR_LINE

_MOMENT = 0.001  # seconds between two looks at whether the line was written


class Clearing:
    """When the line that makes Rumor forget is sent.

    `later` has a function called by the keeper; `write` writes a line, however long the wire is busy.
    """

    def __init__(self, later: Callable[[Callable[[], object]], object], write: Callable[[str], object]) -> None:
        self._later = later
        self._write = write
        self._scripts: dict[object, None] = {}  # those of ours that run, as far as is known
        self._due = False  # as soon as the last of them has ended
        self._writing = False

    def want(self) -> None:
        """Rumor is to forget. Waits for nothing."""
        self._due = True
        self._later(self._send)

    def script_begins(self, script: object, deadline: Deadline) -> None:
        """A script is about to be sent; a line that makes Rumor forget must not overtake it.

        Raises: TimeUp at the deadline.
        """
        self._scripts[script] = None
        while self._writing:  # for as long as it takes to write a line
            if deadline.passed:
                raise TimeUp
            sleep(_MOMENT)

    def script_ended(self, script: object) -> None:
        """A script has ended, or nobody waits for it any more. A second time is harmless."""
        self._scripts.pop(script, None)
        if self._due and not self._scripts:
            self._later(self._send)

    def _send(self) -> None:
        self._writing = True
        try:
            if self._due and not self._scripts:
                self._due = False
                self._write(CLEAR_LINE)
        finally:
            self._writing = False
