"""What the contenders work against: a real Rumor that serves, and the feeder."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
import time
from collections import deque
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from benchmarks.wires import KEY, RUMOR


class Servers:
    """Both servers, on this machine only. `addresses` tells by the name of a way where it leads."""

    def __init__(self, folder: Path, *, rumor: bool) -> None:
        feeder = [sys.executable, "-m", "benchmarks.feeder"]
        self._processes = [subprocess.Popen(feeder, stdout=subprocess.PIPE)]
        stdout = self._processes[0].stdout
        assert stdout is not None
        self.addresses = {"feeder": stdout.readline().decode().strip()}
        if rumor:
            self.addresses |= self._serve(folder)

    def _serve(self, folder: Path) -> dict[str, str]:
        tcp, http, ipc = free_port(), free_port(), str(folder / "ipc")
        command = [RUMOR, "serve", f"--tcp=127.0.0.1:{tcp}", f"--ipc={ipc}", f"--http=127.0.0.1:{http}"]
        command += [f"--api-key={KEY}", "--level=error"]
        self._processes.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        wait_until_reachable(tcp)
        wait_until_reachable(http)
        return {"subprocess": "-", "tcp": str(tcp), "unix": ipc, "websocket": f"ws://127.0.0.1:{http}/ws"}

    def __enter__(self) -> Servers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._processes:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


# Tests run in several processes: each has ports of its own, so that none takes one that another was just told is free.
_WORKERS = 64
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _WORKERS
_told: deque[int] = deque(maxlen=100)


def free_port() -> int:
    """A port that is free, and that the system gives to nobody: it chooses from 32768 on, for clients as well."""
    while True:
        port = random.SystemRandom().randrange(15_040 + _WORKER, 32_000, _WORKERS)  # seeded by nobody
        if port in _told:
            continue
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            _told.append(port)
            return port


def wait_until_reachable(port: int) -> None:
    end = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
