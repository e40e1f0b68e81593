"""The servers, as a worker process sees them: where they are now, and what is being done to them."""

from __future__ import annotations

import json
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from tests.soak.client import Client
from tests.soak.leash import Leash


class Target:
    def __init__(self, number: int, tell: Callable[[dict[str, Any]], None]) -> None:
        self.number = number
        self.generation = 0
        self.tcp = self.http = 0
        self.ipc = self.key = ""
        self._tell = tell
        self._up = threading.Event()
        self._lock = threading.Lock()
        self._leashes: dict[Leash, bool] = {}  # and whether nothing stands between
        self._stopped_for = 0.0

    # -- what the supervisor tells

    def up(self, news: dict[str, Any]) -> None:
        self.tcp, self.http, self.ipc, self.key = news["tcp"], news["http"], news["ipc"], news["key"]
        self.generation = news["generation"]
        self._up.set()

    def down(self, fault: str) -> None:
        """It is about to be killed."""
        self._up.clear()
        with self._lock:
            for leash, direct in self._leashes.items():
                leash.tell(fault)
                if direct:
                    leash.lose(fault)

    def stop(self, seconds: float) -> None:
        """It is about to be stopped for so long."""
        with self._lock:
            for leash in self._leashes:
                leash.silence("stop", seconds)

    # -- what the stations ask

    def wait_until_up(self) -> None:
        self._up.wait(60)

    def add(self, leash: Leash, *, direct: bool) -> None:
        with self._lock:
            self._leashes[leash] = direct
        if not self._up.is_set():
            leash.tell("kill")
            leash.lose("kill")

    def remove(self, leash: Leash) -> None:
        with self._lock:
            self._leashes.pop(leash, None)

    def reach(self, way: str) -> socket.socket:
        if way == "unix":
            sock = socket.socket(socket.AF_UNIX)
            with suppress(BaseException):
                sock.connect(self.ipc)
                return sock
            sock.close()
            raise OSError("not there")
        return socket.create_connection(("127.0.0.1", self.tcp if way == "tcp" else self.http), timeout=10)

    def left(self, address: str, client: Client) -> None:
        """A client is gone."""
        self._tell({"left": self.number, "generation": self.generation, "address": address, "clean": client.clean})

    def running(self) -> set[str] | None:
        """The ids of the running calls; None if it does not say."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.http}/report", headers={"X-Api-Key": self.key})
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return set(json.load(answer)["calls"])
        except (OSError, ValueError, urllib.error.URLError):
            return None
