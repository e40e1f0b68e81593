"""Puts a client into a situation, in a process of its own, and looks at what that process does and leaves."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any, NamedTuple

from benchmarks.faults.peer import Peer
from benchmarks.faults.server import Server
from benchmarks.faults.situations import BARE, CTRL_C, KILL, MUTE, SCRIPTED, SERVED_WS, Situation
from benchmarks.faults.stage import Stage

_MARK = "PYRUM_SYNC_FAULTS"  # in the environment of all that belongs to one run
_START = 60.0  # seconds for an interpreter to start on a busy machine
_SETTLE = 3.0  # seconds for what is ending anyhow
_HUNG = "hung"
_PROJECT = Path(__file__).parent.parent.parent


class Facts(NamedTuple):
    """What a process did."""

    end: str  # returned, raised, torn down; died: without a last word; hung: ended by us
    at: str  # what it had come to
    value: object
    error: str  # class and text
    status: int | None  # of the process
    seconds: dict[str, float]  # that it was at each thing it came to
    printed: list[str]  # on stdout, beside what it was to tell
    stderr: str
    left: dict[str, int]  # what is still there


def watch(client: str, situation: Situation, rumor: str) -> Facts:
    """Run the client's script (`client` is a module that has it)."""
    with tempfile.TemporaryDirectory() as folder, _other_side(situation, rumor) as (way, address, key, server):
        stage = Stage(way, address, situation.key if situation.key is not None else key, folder)
        run = _Run(client, situation.work, stage)
        try:
            facts = run.follow(situation, server)
        finally:
            run.end()
        left = dict(facts.left)
        if facts.end != _HUNG:
            left["processes"] = len(_gone(run.processes))
            if server is not None and situation.done != KILL:
                left["sessions"] = _until_none(lambda: server.sessions)
                left["calls"] = _until_none(lambda: server.calls)
        run.kill_rest()
        left["files"] = int(Path(stage.file).exists())
        return facts._replace(left=left)


@contextmanager
def _other_side(situation: Situation, rumor: str) -> Iterator[tuple[str, str, str, Server | None]]:
    if situation.peer in (SCRIPTED, MUTE):
        with Peer(situation.says, mute=situation.peer == MUTE) as peer:
            yield "tcp", str(peer.port), "", None
    elif situation.peer == BARE:
        yield "bare", situation.command.format(rumor=rumor), "", None
    else:
        with Server(rumor) as server:
            if situation.peer == SERVED_WS:
                yield "ws", f"ws://127.0.0.1:{server.http}/ws", server.KEY, server
            else:
                yield "tcp", str(server.tcp), "", server


class _Run:
    def __init__(self, client: str, work: str, stage: Stage) -> None:
        self._mark = f"{_MARK}={uuid.uuid4()}"
        name, value = self._mark.split("=")
        self._process: Any = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.faults.child", client, work, json.dumps(stage._asdict())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ | {name: value},
            cwd=_PROJECT,
            start_new_session=True,
        )
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._stderr: list[str] = []
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._read, self._read_errors)]
        for thread in self._threads:
            thread.start()

    def _read(self) -> None:
        for line in self._process.stdout:
            self._lines.put(line.decode(errors="replace").rstrip("\n"))
        self._lines.put(None)

    def _read_errors(self) -> None:
        self._stderr.append(self._process.stderr.read().decode(errors="replace"))

    def follow(self, situation: Situation, server: Server | None) -> Facts:
        at, since, limit = "starting", monotonic(), _START
        last: dict[str, Any] = {}
        seconds: dict[str, float] = {}
        printed: list[str] = []
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, since + limit - monotonic()))
            except queue.Empty:
                seconds[at] = monotonic() - since
                return Facts(_HUNG, at, None, "", None, seconds, printed, "", {})
            if line is None:
                break
            told = _told(line)
            if told is None:
                printed.append(line[:500])
            elif "end" in told:
                last = told
            else:
                seconds[at] = monotonic() - since
                at, since, limit = told["at"], monotonic(), situation.limit
                if at == "waiting":
                    self._do(situation.done, server)
        status = self._process.wait()
        seconds[at] = monotonic() - since
        self._threads[1].join(5)
        error = f"{last['type']}: {last['text']}" if "type" in last else ""
        end, left, stderr = last.get("end", "died"), last.get("left", {}), "".join(self._stderr)
        return Facts(end, at, last.get("value"), error, status, seconds, printed, stderr, left)

    def _do(self, what: str, server: Server | None) -> None:
        sleep(0.2)  # it says so just before
        if what == CTRL_C:
            os.killpg(self._process.pid, signal.SIGINT)
        elif what == KILL and server is not None:
            server.kill()
        elif what == KILL:
            for pid in self.processes():
                if Path(f"/proc/{pid}/comm").read_text().strip() == "rumor":
                    os.kill(pid, signal.SIGKILL)

    def processes(self) -> list[int]:
        """All that came of it and lives; where there is no /proc, nobody is found."""
        found = []
        for path in Path("/proc").glob("[0-9]*/environ"):
            with suppress(OSError):
                if self._mark.encode() in path.read_bytes().split(b"\0"):
                    found.append(int(path.parent.name))
        return found

    def end(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def kill_rest(self) -> None:
        for pid in self.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for thread in self._threads:
            thread.join(5)
        for pipe in (self._process.stdout, self._process.stderr):
            pipe.close()


def _told(line: str) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) and ("at" in found or "end" in found) else None


def _gone(look: Callable[[], list[int]]) -> list[int]:
    end = monotonic() + _SETTLE
    while (found := look()) and monotonic() < end:
        sleep(0.05)
    return found


def _until_none(count: Callable[[], int]) -> int:
    end = monotonic() + _SETTLE
    while (found := count()) and monotonic() < end:
        sleep(0.05)
    return found
