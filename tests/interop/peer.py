"""A peer program that is running: commands, answers and events, as lines of JSON. See peers/README.md."""

from __future__ import annotations

import json
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from time import monotonic
from typing import Any

Line = dict[str, Any]
START_SECONDS = 30.0
STOP_SECONDS = 5.0


class PeerError(Exception):
    """A command failed; the text is the program's, or says that the program has ended."""


class Peer:
    """A program that is running. A context manager: nothing of it is left afterwards."""

    def __init__(self, command: Sequence[str], *options: str) -> None:
        self.name = command[0]
        self._answers: dict[int, Future[Line]] = {}
        self._events: list[Line] = []
        self._news = threading.Condition()
        self._ended = False
        self._number = 0
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by stop()
        self._child = subprocess.Popen(
            [*command, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, bufsize=0
        )
        self._reader = threading.Thread(target=self._read, name=f"reader of {self._child.pid}", daemon=True)
        self._reader.start()
        try:
            hello = self.event("listening", timeout=START_SECONDS)
        except BaseException:
            self.stop()
            raise
        self.peer_id: str = hello["peer_id"]
        self.addr: str = hello["addrs"][0]
        self.versions: dict[str, str] = hello["versions"]

    @property
    def pid(self) -> int:
        return self._child.pid

    def _read(self) -> None:
        assert self._child.stdout is not None
        with self._child.stdout as output:
            rest = b""
            while data := output.read(1 << 16):
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    self._take(json.loads(line))
        with self._news:
            self._ended = True
            waiting, self._answers = self._answers, {}
            self._news.notify_all()
        for answer in waiting.values():
            answer.set_exception(PeerError(f"the program has ended: {self.stderr()}"))

    def _take(self, line: Line) -> None:
        if "event" in line:
            with self._news:
                self._events.append(line)
                self._news.notify_all()
        elif answer := self._answers.pop(line["id"], None):
            if line["ok"]:
                answer.set_result(line)
            else:
                answer.set_exception(PeerError(line["error"]))

    def stderr(self) -> str:
        """The last of what it wrote there."""
        self._errors.seek(0)
        return self._errors.read().decode(errors="replace")[-2000:]

    def begin(self, cmd: str, *, timeout: float = 30.0, **fields: Any) -> Future[Line]:
        """Send a command; what it answers is the future's result, a failure (PeerError) its exception."""
        answer: Future[Line] = Future()
        with self._news:
            if self._ended:
                raise PeerError(f"the program has ended: {self.stderr()}")
            self._number += 1
            number = self._number
            self._answers[number] = answer
        line = json.dumps({"id": number, "cmd": cmd, "timeout_ms": int(timeout * 1000), **fields})
        assert self._child.stdin is not None
        try:
            self._child.stdin.write(line.encode() + b"\n")
        except BrokenPipeError:
            raise PeerError(f"the program has ended: {self.stderr()}") from None
        return answer

    def command(self, cmd: str, *, timeout: float = 30.0, **fields: Any) -> Line:
        """Send a command, and wait for its answer.

        Raises:
            PeerError: it failed, or the program ended.
        """
        return self.begin(cmd, timeout=timeout, **fields).result(timeout + 5)

    def event(self, event: str, *, timeout: float = 20.0, **fields: Any) -> Line:
        """The first event of that kind with these fields; it is taken, so that the next call finds the next one."""
        end = monotonic() + timeout
        with self._news:
            while True:
                for i, line in enumerate(self._events):
                    if line["event"] == event and all(line.get(name) == value for name, value in fields.items()):
                        return self._events.pop(i)
                if self._ended:
                    raise PeerError(f"the program has ended: {self.stderr()}")
                if not self._news.wait(max(0.0, end - monotonic())):
                    seen = [line["event"] for line in self._events]
                    raise PeerError(f"no event {event!r} {fields} within {timeout} s; others: {seen}")

    def stop(self) -> None:
        """End the program: in words, then by force. A second call does nothing."""
        assert self._child.stdin is not None
        if self._child.poll() is None:
            with suppress(BrokenPipeError):
                self._child.stdin.write(b'{"id": 0, "cmd": "close"}\n')
        with suppress(BrokenPipeError):
            self._child.stdin.close()
        try:
            self._child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._reader.join(STOP_SECONDS)
        self._errors.close()

    def kill(self) -> None:
        """End it as kill -9 does, in the middle of whatever it does."""
        self._child.kill()
        self._child.wait()

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()
