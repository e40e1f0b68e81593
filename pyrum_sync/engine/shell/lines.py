"""Lines to statements: holds a line back until its statement is complete."""

from __future__ import annotations

from pyrum_sync.engine.shell.errors import Incomplete, ShellSyntaxError
from pyrum_sync.engine.shell.parser import parse
from pyrum_sync.engine.shell.tree import Statement

# The own end mark of the shell inside Rumor: text that holds it ends the session there.
_SENTINEL = "\x80"


class LineReader:
    """Takes lines, and returns the statements that they complete."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, line: str) -> tuple[Statement, ...]:
        """The statements that this line completes; none while more must follow."""
        text = f"{self._held}{line}\n"
        self._held = ""
        if _SENTINEL in line:
            raise ShellSyntaxError(text, text.index(_SENTINEL), "U+0080 ends the input")
        try:
            return parse(text)
        except Incomplete:
            self._held = text
            return ()

    def close(self) -> None:
        """No more lines; ShellSyntaxError if one was held back."""
        if self._held:
            parse(self._held)
