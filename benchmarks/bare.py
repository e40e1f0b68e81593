"""The first reference: a bare loop in one thread. Writes a line, reads lines with `json.loads`, knows nothing else."""

from __future__ import annotations

import itertools
import os
from json import loads

from benchmarks.wires import Wire, reach

SET_UP = ("host start --nat=false", "host listen --ip=127.0.0.1 --tcp=0")


class Bare:
    def __init__(self, way: str, address: str) -> None:
        self._wire: Wire = reach(way, address)
        self._numbers = itertools.count()
        self._prefix = f"b{os.getpid()}x"  # calls of a server are everybody's, and so are actors

    def host(self) -> None:
        for command in SET_UP:
            self._call(command)

    def _call(self, command: str) -> None:
        call_id = f"{self._prefix}{next(self._numbers)}"
        self._wire.send(f"_{call_id} {self._prefix}: lvl_trace {command} &\n".encode())
        readline = self._wire.readline
        while True:
            entry = loads(readline())
            if "__success" in entry and entry["call_id"] == call_id:
                return

    def calls(self, count: int) -> None:
        """Calls, one after the other."""
        for _ in range(count):
            self._call("host view")

    def flight(self, count: int) -> None:
        """As many calls at once, until all are freed."""
        ids = [f"{self._prefix}{next(self._numbers)}" for _ in range(count)]
        lines = [f"_{call_id} {self._prefix}: lvl_trace host view &\n".encode() for call_id in ids]
        if self._wire.fd < 0:
            for line in lines:
                self._wire.send(line)
            self._collect(count)
            return
        os.set_blocking(self._wire.fd, False)  # what Rumor does not take at once must wait for it to be read from
        unsent = memoryview(b"".join(lines))
        freed = 0
        while unsent:
            try:
                unsent = unsent[os.write(self._wire.fd, unsent) :]
            except BlockingIOError:
                freed += "__freed" in loads(self._wire.readline())
        os.set_blocking(self._wire.fd, True)
        self._collect(count - freed)

    def _collect(self, freed: int) -> None:
        readline = self._wire.readline
        while freed:
            if "__freed" in loads(readline()):
                freed -= 1

    def entries(self, count: int) -> None:
        """One call that logs as many entries."""
        call_id = f"{self._prefix}{next(self._numbers)}"
        self._wire.send(f"_{call_id} {self._prefix}: lvl_trace peer feed {count} &\n".encode())
        readline = self._wire.readline
        seen = 0
        while True:
            entry = loads(readline())
            if "__freed" in entry:
                break
            seen += "__success" not in entry
        assert seen == count
