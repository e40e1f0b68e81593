"""A script of Rumor's shell as one line, and its output put together again.

Pure: no socket, thread or clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import SimpleNamespace

from pyrum_sync.protocol.entries import Entry
from pyrum_sync.protocol.lines import quote
from pyrum_sync.protocol.redaction import hide

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from typing import Any


class ShellResult(SimpleNamespace):
    """The result of a script.

    `stdout` and `stderr` are exact but for bytes that are not UTF-8; `entries` has those of the calls that it made (as
    far as Rumor logs them by default: debug level and above); `status` is its exit status.
    """

    __slots__ = ("mask",)  # apart from the fields: it is neither compared nor shown

    stdout: str
    stderr: str
    entries: list[Entry]
    status: int

    def __init__(self, stdout: str = "", stderr: str = "", entries: Iterable[Entry] = (), status: int = 0) -> None:
        super().__init__(stdout=stdout, stderr=stderr, entries=list(entries), status=status)
        self.mask: Callable[[str], str] = hide

    def __repr__(self) -> str:
        return self.mask(super().__repr__())

    def __reduce__(self) -> tuple[Any, ...]:
        # Of a slot beside the fields SimpleNamespace knows nothing, and a copy must not show more than this does.
        return type(self), (self.stdout, self.stderr, self.entries, self.status), (None, {"mask": self.mask})


def script_line(call_id: str, script: str) -> str:
    """One line that runs a script in the background, isolated from everything else.

    Each line of its output arrives as an entry of its own, marked with the id: or the log would lose white space.
    The lines of standard output get a mark inside, so that those of standard error can go the same way.
    """
    # `printf` writes a line in one go; with `echo`, another writer's output may come before its newline.
    # The newline ends a last backslash, which would kill Rumor; the subshell keeps variables, `cd` and `exit` in.
    run = f'{{ ( eval {quote(script + chr(10))} ); printf "%s\\n" "{call_id}?$?"; }}'
    inner = f'{run} | while IFS= read -r l; do printf "%s\\n" "{call_id}:$l"; done'
    # The end is marked after the last pipe: some errors end everything before it (a bare `name:`, for example).
    outer = f'while IFS= read -r l; do echo "{call_id}>$l"; done; echo "{call_id}."'
    return f"{{ {{ {inner}; }} 2>&1 | {{ {outer}; }}; }} &"


class Transcript:
    """Puts a script's output together from the entries that carry it."""

    def __init__(self, call_id: str) -> None:
        self._line_mark = f"{call_id}>"
        self._end_mark = f"{call_id}."
        self._stdout_mark = f"{call_id}:"
        self._status_mark = f"{call_id}?"
        self.result = ShellResult()
        self.over = False
        # Joined at the end: text that grows line by line is copied with every line.
        self._stdout: list[str] = []
        self._stderr: list[str] = []
        self._has_status = False  # the exit status has arrived

    def calls(self) -> int:
        """How many calls the script made that logged something."""
        return len({str(entry["call_id"]) for entry in self.result.entries})

    def take(self, text: str) -> bool:
        """Take the text of a ``stdout`` entry. Returns False if it is not the script's."""
        if text.startswith(self._line_mark):
            self._line(text.removeprefix(self._line_mark).removesuffix("\n"))
        elif text.rstrip("\n") == self._end_mark:
            if not self._has_status:
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
            self._has_status = True
            self.result.status = int(status)
        else:
            self._stdout.append(out + "\n")
