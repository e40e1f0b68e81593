"""The second reference: the least that a reader thread can be. One thread, one lock, nothing checked, no library."""

from __future__ import annotations

import itertools
import os
import threading
from json import loads
from typing import Any

from benchmarks.bare import SET_UP
from benchmarks.wires import reach

Call = tuple[list[Any], threading.Lock]


class Minimal:
    def __init__(self, way: str, address: str) -> None:
        self._wire = reach(way, address)
        self._numbers = itertools.count()
        self._prefix = f"m{os.getpid()}x"
        self._lock = threading.Lock()
        self._running: dict[str, Call] = {}
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        read, lock, running = self._wire.read, self._lock, self._running
        rest = b""
        while data := read():
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                entry = loads(line)
                call_id = entry.get("call_id")
                if call_id is None:
                    continue
                with lock:
                    call = running.get(call_id)
                if call is None:
                    continue
                if "__success" in entry:
                    call[1].release()
                elif "__freed" in entry:
                    with lock:
                        del running[call_id]
                else:
                    call[0].append(entry)

    def host(self) -> None:
        for command in SET_UP:
            self._call(command)

    def _call(self, command: str) -> None:
        call_id = f"{self._prefix}{next(self._numbers)}"
        call: Call = ([], threading.Lock())
        call[1].acquire()
        with self._lock:
            self._running[call_id] = call
        self._wire.send(f"_{call_id} {self._prefix}: lvl_trace {command} &\n".encode())
        call[1].acquire()

    def calls(self, count: int) -> None:
        """Calls, one after the other."""
        for _ in range(count):
            self._call("host view")
