"""A real Rumor that serves on loopback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

from benchmarks.servers import free_port
from pyrum_sync import TCPConn, UnixConn, WebsocketConn


class RumorServer:
    """``rumor serve`` on free ports of 127.0.0.1, its log kept."""

    KEY = "a secret of the tests"

    def __init__(self, program: str, folder: Path) -> None:
        self.tcp_port, self.http_port = free_port(), free_port()
        self.socket_path = str(folder / "ipc")
        self._process = subprocess.Popen(
            [
                program,
                "serve",
                f"--tcp=127.0.0.1:{self.tcp_port}",
                f"--ipc={self.socket_path}",
                f"--http=127.0.0.1:{self.http_port}",
                f"--api-key={self.KEY}",
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
        )
        self._changed = threading.Condition()
        self.log: list[str] = []
        self._collector = threading.Thread(target=self._collect, daemon=True)
        self._collector.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def _collect(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._changed:
                self.log.append(line)
                self._changed.notify_all()
        with self._changed:
            self.log.append("the server ended")
            self._changed.notify_all()

    def count(self, text: str) -> int:
        """How many lines of the log hold a text."""
        with self._changed:
            return sum(text in line for line in self.log)

    @property
    def sessions(self) -> int:
        """Sessions that were opened and not stopped."""
        return self.count("new user session") - self.count("user session stopped")

    def wait_for(self, condition: Any, seconds: float = 10) -> bool:
        """Whether a condition on this server came true while its log grew."""
        with self._changed:
            return bool(self._changed.wait_for(condition, seconds))

    def tcp(self, **options: Any) -> TCPConn:
        return TCPConn("127.0.0.1", self.tcp_port, **{"retry_for": 10, **options})

    def unix(self, **options: Any) -> UnixConn:
        return UnixConn(self.socket_path, **{"retry_for": 10, **options})

    def ws(self, key: str = KEY, **options: Any) -> WebsocketConn:
        return WebsocketConn(f"ws://127.0.0.1:{self.http_port}/ws", key, **{"retry_for": 10, **options})

    def report(self) -> Any:
        """The actors and calls of the server, as it tells them."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.http_port}/report", headers={"X-Api-Key": self.KEY})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def stop(self) -> None:
        """Stop all its threads, which takes a moment."""
        os.kill(self._process.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WNOWAIT)

    def kill(self) -> None:
        os.kill(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process.wait()
        self._collector.join(5)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def __enter__(self) -> RumorServer:
        # The last listener that Rumor starts; without a log entry once it is there.
        try:
            with self.ws():
                pass
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
