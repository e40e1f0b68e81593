"""A real Rumor that serves, and tells what is left in it."""

from __future__ import annotations

import json
import subprocess
import threading
import urllib.request
from types import TracebackType

from benchmarks.servers import free_port, wait_until_reachable


class Server:
    KEY = "faults"

    def __init__(self, program: str) -> None:
        self.tcp, self.http = free_port(), free_port()
        command = [program, "serve", f"--tcp=127.0.0.1:{self.tcp}", f"--http=127.0.0.1:{self.http}"]
        self._process = subprocess.Popen(
            [*command, f"--api-key={self.KEY}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._log: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._log.append(line)

    def _count(self, text: str) -> int:
        return sum(text in line for line in list(self._log))

    @property
    def sessions(self) -> int:
        """Those opened and not stopped."""
        return self._count("new user session") - self._count("user session stopped")

    @property
    def calls(self) -> int:
        """Those it says are running."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.http}/report", headers={"X-Api-Key": self.KEY})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return len(json.load(answer)["calls"])

    def kill(self) -> None:
        self._process.kill()

    def __enter__(self) -> Server:
        try:
            wait_until_reachable(self.http)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join(5)
        if self._process.stdout is not None:
            self._process.stdout.close()
