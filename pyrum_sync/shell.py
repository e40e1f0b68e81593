"""A script of Rumor's shell in one line, and its output told apart again. No I/O in here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from types import SimpleNamespace

from .protocol import Entry, quote


class ShellResult(SimpleNamespace):
    """What a script gave: its output (exact but for bytes that are not UTF-8), the entries of the calls that it made
    (those that Rumor logs by default: debug level and above), and its exit status."""

    stdout: str
    stderr: str
    entries: list[Entry]
    status: int

    def __init__(self, stdout: str = "", stderr: str = "", entries: Iterable[Entry] = (), status: int = 0) -> None:
        super().__init__(stdout=stdout, stderr=stderr, entries=list(entries), status=status)


def script_line(call_id: str, script: str) -> str:
    """One line that runs a script in the background, apart from all else.

    Each line of its output comes as an entry of its own, marked with the id: the log would else lose white space.
    The lines of standard output get a mark inside, so that those of standard error can go the same way.
    """
    # `printf` writes a line in one go, where `echo` lets what others write come before its newline.
    # The newline ends a last backslash, which would else kill Rumor; the subshell keeps variables, `cd` and `exit` in.
    run = f'{{ ( eval {quote(script + chr(10))} ); printf "%s\\n" "{call_id}?$?"; }}'
    inner = f'{run} | while IFS= read -r l; do printf "%s\\n" "{call_id}:$l"; done'
    # The end is told behind the last pipe: some errors end all that stands before it (a bare `name:`, say).
    outer = f'while IFS= read -r l; do echo "{call_id}>$l"; done; echo "{call_id}."'
    return f"{{ {{ {inner}; }} 2>&1 | {{ {outer}; }}; }} &"


class Transcript:
    """Puts a script's output together from the entries that it comes in."""

    def __init__(self, call_id: str) -> None:
        self._line_mark = f"{call_id}>"
        self._end_mark = f"{call_id}."
        self._stdout_mark = f"{call_id}:"
        self._status = re.compile(re.escape(call_id) + r"\?(\d+)\Z")
        self.result = ShellResult()
        self.over = False
        self._told = False  # the exit status has come

    def take(self, text: str) -> bool:
        """The text of a ``stdout`` entry; False if it is not the script's."""
        if text.startswith(self._line_mark):
            self._line(text.removeprefix(self._line_mark).removesuffix("\n"))
        elif text.rstrip("\n") == self._end_mark:
            self.over = True
            if not self._told:
                self.result.status = 1
                self.result.stderr += "Rumor gave the script up: a line of it was no command\n"
        else:
            return False
        return True

    def _line(self, line: str) -> None:
        error, mark, out = line.partition(self._stdout_mark)
        if not mark:
            self.result.stderr += line + "\n"
            return
        self.result.stderr += error
        status = self._status.search(out)
        if status is None:
            self.result.stdout += out + "\n"
        else:
            self.result.stdout += out[: status.start()]
            self._told = True
            self.result.status = int(status[1])
