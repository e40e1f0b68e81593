"""A script of Rumor's shell in one line, and its output told apart again. No I/O in here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import SimpleNamespace

from pyrum_sync.protocol import Entry, quote
from pyrum_sync.protocol.redaction import hide


class ShellResult(SimpleNamespace):
    """What a script gave: its output (exact but for bytes that are not UTF-8), the entries of the calls that it made
    (those that Rumor logs by default: debug level and above), and its exit status."""

    __slots__ = ("mask",)  # beside the fields: no part of what is compared or shown

    stdout: str
    stderr: str
    entries: list[Entry]
    status: int

    def __init__(self, stdout: str = "", stderr: str = "", entries: Iterable[Entry] = (), status: int = 0) -> None:
        super().__init__(stdout=stdout, stderr=stderr, entries=list(entries), status=status)
        self.mask: Callable[[str], str] = hide

    def __repr__(self) -> str:
        return self.mask(super().__repr__())


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
        self._status_mark = f"{call_id}?"
        self.result = ShellResult()
        self.over = False
        # Put together at the end: text that grows by a line at a time is copied as often.
        self._stdout: list[str] = []
        self._stderr: list[str] = []
        self._told = False  # the exit status has come

    def calls(self) -> int:
        """How many calls the script has made, of those that logged something."""
        return len({str(entry["call_id"]) for entry in self.result.entries})

    def take(self, text: str) -> bool:
        """The text of a ``stdout`` entry; False if it is not the script's."""
        if text.startswith(self._line_mark):
            self._line(text.removeprefix(self._line_mark).removesuffix("\n"))
        elif text.rstrip("\n") == self._end_mark:
            if not self._told:
                self.result.status = 1
                self._stderr.append("Rumor gave the script up: a line of it was no command\n")
            self.result.stdout, self.result.stderr = "".join(self._stdout), "".join(self._stderr)
            self.over = True
        else:
            return False
        return True

    def _line(self, line: str) -> None:
        error, mark, out = line.partition(self._stdout_mark)
        if not mark:
            self._stderr.append(line + "\n")
            return
        self._stderr.append(error)
        before, mark, status = out.rpartition(self._status_mark)
        if mark and len(status) < 10 and status.isascii() and status.isdecimal():
            self._stdout.append(before)
            self._told = True
            self.result.status = int(status)
        else:
            self._stdout.append(out + "\n")
