"""Runs the servers and the workers, does harm to the servers, and sums up."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from tests.support.servers import RumorServer

_END = 120.0  # seconds for a worker to end
_FRESH = 2.0  # seconds in which a session may still be ending
_SESSION = re.compile(r'msg="(new user session|user session stopped)" addr="?([^"\s]+)')


class Server:
    """A served Rumor that is started anew whenever it was killed."""

    def __init__(self, number: int, program: str, folder: Path, soak: Soak) -> None:
        self._number, self._program, self._folder, self._soak = number, program, folder, soak
        self.generation = 0
        self.left: list[dict[str, Any]] = []  # clients that went, with when
        self._start()

    def _start(self) -> None:
        self.generation += 1
        self.left = []
        folder = self._folder / f"{self._number}.{self.generation}"
        folder.mkdir()
        self.rumor = RumorServer(self._program, folder)
        self.rumor.__enter__()

    def news(self) -> dict[str, Any]:
        rumor = self.rumor
        return {
            "server": self._number,
            "do": "up",
            "generation": self.generation,
            "tcp": rumor.tcp_port,
            "http": rumor.http_port,
            "ipc": rumor.socket_path,
            "key": rumor.KEY,
        }

    @property
    def died(self) -> bool:
        return self.rumor._process.poll() is not None

    def kill(self) -> None:
        self.check_sessions(final=False)
        self._soak.tell_all({"server": self._number, "do": "kill"})
        self.rumor.kill()
        self.rumor.close()
        self._start()
        self._soak.tell_all(self.news())

    def bury(self) -> None:
        """It died by itself."""
        self._soak.tell_all({"server": self._number, "do": "died"})
        self._soak.deaths.append("".join(self.rumor.log[-40:]))
        self.rumor.close()
        self._start()
        self._soak.tell_all(self.news())

    def stop(self, seconds: float) -> None:
        self._soak.tell_all({"server": self._number, "do": "stop", "seconds": seconds})
        self.rumor.stop()
        sleep(seconds)
        os.kill(self.rumor.pid, signal.SIGCONT)

    def check_sessions(self, *, final: bool) -> None:
        """Sessions of clients that said goodbye must have ended; those that were cut off Rumor keeps."""
        now = monotonic()
        live: Counter[str] = Counter()
        for line in list(self.rumor.log):
            found = _SESSION.search(line)
            if found is not None:
                live[found[2].split("/")[0]] += 1 if found[1].startswith("new") else -1
        last = {client["address"]: client for client in self.left if client["address"]}
        for address, count in live.items():
            client = last.get(address)
            self._soak.counts["sessions looked for in the server"] += 1
            if count > 0 and client is not None and client["clean"] and now - client["at"] > _FRESH:
                self._soak.violations.append(f"server {self._number}: the session of {address} was left")
        self._soak.counts["sessions left by Rumor when cut off"] += (
            sum(count for count in live.values() if count > 0) if final else 0
        )
        if final:
            unclean = sum(not client["clean"] and not client["address"] for client in self.left)
            if live["@"] > unclean:
                self._soak.violations.append(
                    f"server {self._number}: {live['@']} sessions over unix are left, {unclean} were cut"
                )

    def check_calls(self) -> None:
        end = monotonic() + 10
        while calls := self.rumor.report()["calls"]:
            if monotonic() > end:
                self._soak.violations.append(f"server {self._number}: calls are left: {calls}")
                return
            sleep(0.1)

    def close(self) -> None:
        self.rumor.close()


class Worker:
    def __init__(self, config: dict[str, Any], soak: Soak) -> None:
        self._soak = soak
        self.sums: dict[str, Any] | None = None
        self._process: Any = subprocess.Popen(
            [sys.executable, "-m", "tests.soak.worker", json.dumps(config)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parent.parent.parent,
        )
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        for line in self._process.stdout:
            news = json.loads(line)
            if "left" in news:
                server = self._soak.servers[news["left"]]
                if server.generation == news["generation"]:
                    server.left.append({**news, "at": monotonic()})
            else:
                self.sums = news

    def tell(self, news: dict[str, Any]) -> None:
        try:
            print(json.dumps(news), file=self._process.stdin, flush=True)
        except BrokenPipeError:
            self._soak.violations.append("a worker has died")

    def end(self) -> None:
        try:
            self._process.wait(_END)
        except subprocess.TimeoutExpired:
            self._soak.violations.append("a worker does not end")
            self._process.kill()
            self._process.wait()
        self._thread.join(5)
        for pipe in (self._process.stdin, self._process.stdout):
            pipe.close()


class Soak:
    def __init__(
        self,
        program: str,
        seconds: float,
        seed: int,
        *,
        workers: int,
        servers: int,
        ways: list[str],
        pace: float,
        rest: float,
    ) -> None:
        self.seconds, self.seed = seconds, seed
        self.counts: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.deaths: list[str] = []
        self.violations: list[str] = []
        self.workers: list[Worker] = []
        self.servers: list[Server] = []
        self._random = random.Random(seed)
        self._pace = pace
        with tempfile.TemporaryDirectory() as folder:
            try:
                for number in range(servers):
                    self.servers.append(Server(number, program, Path(folder), self))
                for number in range(workers):
                    config = {
                        "number": number,
                        "servers": servers,
                        "ways": ways,
                        "seed": self._random.randrange(1 << 30),
                        "seconds": seconds,
                        "program": program,
                        "pace": pace,
                        "rest": rest,
                        "folder": folder,
                    }
                    self.workers.append(Worker(config, self))
                self._run()
            finally:
                for worker in self.workers:
                    worker.end()
                for server in self.servers:
                    server.close()

    def tell_all(self, news: dict[str, Any]) -> None:
        for worker in self.workers:
            worker.tell(news)

    def _run(self) -> None:
        for server in self.servers:
            self.tell_all(server.news())
        end = monotonic() + self.seconds
        deeds = ["kill", "stop"]
        while (left := end - monotonic()) > 0:
            sleep(min(left, self._pace * (0.5 + self._random.random())))
            if monotonic() > end:
                break
            server = self._random.choice(self.servers)
            if server.died:
                server.bury()
                continue
            deed = deeds[sum(self.faults.values()) % 2]
            self.faults[deed] += 1
            if deed == "kill":
                server.kill()
            else:
                server.stop(self._random.random() * min(3.0, self._pace))
        self.tell_all({"stop all": True})
        for worker in self.workers:
            worker.end()
        for server in self.servers:
            if server.died:
                server.bury()
            else:
                server.check_calls()
                server.check_sessions(final=True)
