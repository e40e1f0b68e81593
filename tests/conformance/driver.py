"""A raw line driver: a real process, lines in, JSON entries out, waits by gate with a deadline."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

Entry = dict[str, Any]
DEADLINE = 10.0
SIMULATOR = [sys.executable, "-m", "pyrum_sync.simulator"]
ENGINE = [sys.executable, "-m", "pyrum_sync.engine"]


def real_rumor() -> str | None:
    """The real Rumor: where $RUMOR points, else on PATH, else None."""
    return os.environ.get("RUMOR") or shutil.which("rumor")


class Driver:
    """One bare process."""

    def __init__(self, command: list[str], *flags: str, level: str = "trace") -> None:
        levels = [f"--level={level}"] if level else []
        self._process = subprocess.Popen(
            [*command, "bare", *levels, *flags],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.entries: list[Entry] = []
        self.tail = b""
        """What came after the last newline."""
        self._stderr: list[bytes] = []
        self._changed = threading.Condition()
        self._ended = False
        self._marks = 0
        self._threads = [threading.Thread(target=self._read), threading.Thread(target=self._read_errors)]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Driver:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._finish()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._changed:
                if line.endswith(b"\n"):
                    self.entries.append(json.loads(line))
                else:
                    self.tail = line
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        self._stderr.extend(self._process.stderr)

    @property
    def stderr(self) -> str:
        """All of it, once the process has ended."""
        return b"".join(self._stderr).decode()

    def send(self, *lines: str) -> None:
        """Write lines, without waiting."""
        assert self._process.stdin is not None
        self._process.stdin.write("".join(f"{line}\n" for line in lines).encode())
        self._process.stdin.flush()

    def wait(self, wanted: Callable[[Entry], bool], *, since: int = 0, deadline: float = DEADLINE) -> Entry:
        """The first such entry, from that position on; waits for it."""
        end = time.monotonic() + deadline
        with self._changed:
            at = since
            while True:
                for entry in self.entries[at:]:
                    if wanted(entry):
                        return entry
                at = len(self.entries)
                left = end - time.monotonic()
                if self._ended or left <= 0 or not self._changed.wait(left):
                    tail = "\n".join(map(str, self.entries[-12:]))
                    raise AssertionError(f"no such entry; ended: {self._ended}; {self.stderr}\n{tail}")

    def do(self, *lines: str) -> list[Entry]:
        """Send lines and wait until the session is done with them; returns the entries since."""
        since = len(self.entries)
        self._marks += 1
        mark = f"mark{self._marks}"
        self.send(*lines, f"_{mark} lvl_trace sleep 1ns")
        self.wait(lambda e: e.get("call_id") == mark and "__freed" in e, since=since)
        return [e for e in self.entries[since:] if not is_mark(e)]

    def call(self, line: str) -> list[Entry]:
        """Run one call in the foreground, to its `__freed` or its failure; returns its entries and failure."""
        name = line.split(maxsplit=1)[0].removeprefix("_")
        return [e for e in self.do(line) if e.get("call_id") == name or e.get("args", [""])[0] == f"_{name}"]

    def end(self, *, by_exit: bool = True) -> int:
        """Say `exit`, or close stdin; returns the exit status."""
        assert self._process.stdin is not None
        if by_exit:
            self.send("exit")
        return self.wait_end()

    def wait_end(self) -> int:
        """Close stdin and wait for the end."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            return self._process.wait(DEADLINE)
        finally:
            self._process.kill()
            self._finish()

    def _finish(self) -> None:
        self._process.wait()
        for thread in self._threads:
            thread.join()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None and not pipe.closed:
                with contextlib.suppress(BrokenPipeError):  # the process may have ended with lines unread
                    pipe.close()


def is_mark(entry: Entry) -> bool:
    """Whether the entry belongs to a gate of the driver itself."""
    call = str(entry.get("call_id", "")) or str(entry.get("msg", "")).removeprefix("Started ")
    return call.startswith("mark")
