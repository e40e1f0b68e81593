"""Who is measured: works of worker processes, and whole processes."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

Addresses = Mapping[str, str]


class Worker:
    """A process that works when told to."""

    def __init__(self, name: str, way: str, address: str) -> None:
        self._name = name
        command = [sys.executable, "-m", "benchmarks.worker", name, "tcp" if way == "feeder" else way, address]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if way != "feeder":
            self.run("host")

    def run(self, *order: object) -> float:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        print(*order, file=stdin, flush=True)
        answer = stdout.readline()
        if not answer:
            raise RuntimeError(f"the worker {self._name} has died at {order}")
        return float(answer)

    def close(self) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process.wait()


class Work(NamedTuple):
    """A contender that does something so many `times`; its figure is for one."""

    who: str  # a contender's name in `worker`
    what: str  # its method
    way: str
    times: int

    def figure(self, workers: dict[tuple[str, ...], Worker], addresses: Addresses) -> float:
        # Who has calls waiting for good must not be asked for other work.
        key = (self.who, self.way, self.what if self.what.startswith(("hold", "memory")) else "")
        if key not in workers:
            workers[key] = Worker(self.who, self.way, addresses[self.way])
        return workers[key].run(self.what, self.times) / self.times


class Script(NamedTuple):
    """A contender that is a whole Python program, measured from its start to its first line of output."""

    source: str

    def figure(self, workers: object, addresses: Addresses) -> float:  # noqa: ARG002
        source = textwrap.dedent(self.source)
        start = time.perf_counter()
        with subprocess.Popen(
            [sys.executable, "-c", source, addresses.get("tcp", "")], stdout=subprocess.PIPE, env=_compiled()
        ) as process:
            assert process.stdout is not None
            line = process.stdout.readline()
            taken = time.perf_counter() - start
            process.stdout.read()
        if not line or process.returncode:
            raise RuntimeError(f"this script failed:\n{source}")
        return taken


@cache
def _compiled() -> dict[str, str]:
    """An environment in which modules are compiled once, as installed ones are; the first round is for that."""
    environment = os.environ | {"PYTHONPYCACHEPREFIX": tempfile.mkdtemp()}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    atexit.register(shutil.rmtree, environment["PYTHONPYCACHEPREFIX"])
    return environment


Contender = Work | Script
