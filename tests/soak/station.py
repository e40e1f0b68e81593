"""One connection after the other, over one transport; to each something happens, and then the next one goes on."""

from __future__ import annotations

import os
import random
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from pyrum_sync import CallTimeout, ConnectionLost, SubprocessConn, TCPConn, UnixConn, WebsocketConn
from tests.soak.client import Client
from tests.soak.leash import NOTHING, UNKNOWN, Leash, Ledger, Watchdog
from tests.soak.player import Player
from tests.soak.proxy import Proxy
from tests.soak.targets import Target

PLAYERS = 2
_JOIN = 60.0  # seconds for a player to end what it is at
_SOON = 5.0  # seconds for what ends by itself

# What may be done to a connection: by its station, beside what is done to the servers.
MENU = {
    "bare": (NOTHING, "close", "child killed", "child stopped"),
    "direct": (NOTHING, "close"),
    "proxied": (NOTHING, "close", "reset", "end", "tear", "stall", "deafen"),
}


class Station(threading.Thread):
    def __init__(
        self,
        name: str,
        way: str,
        targets: list[Target],
        ledger: Ledger,
        watchdog: Watchdog,
        seed: int,
        program: str,
        folder: Path,
        pace: float,
        rest: float,
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._way, self._targets, self._ledger, self._watchdog = way, targets, ledger, watchdog
        self._random = random.Random(seed)
        self._program = program
        self._folder = folder
        self._pace = pace  # seconds that a connection lives, about
        self._rest_of_players = rest
        self._deck: list[str] = []
        self._lives = 0
        self.stopping = threading.Event()

    def run(self) -> None:
        try:
            while not self.stopping.is_set():
                self._life(self._fault())
            self._life((NOTHING, False))  # what earlier ones left to their actors goes with these
        except BaseException as error:
            self._ledger.violation(f"{self.name} ended with {error!r}")
            raise

    def _fault(self) -> tuple[str, bool]:
        """What is to happen next, and whether there is a proxy."""
        if not self._deck:
            self._deck = (
                [*MENU["bare"]]
                if self._way == "bare"
                else [*MENU["proxied"], *(f"direct {fault}" for fault in MENU["direct"])]
            )
            if self._pace < 2:
                self._deck = [fault for fault in self._deck if fault != "deafen"]  # its goodbye takes 7 s
            self._random.shuffle(self._deck)
        fault = self._deck.pop()
        return fault.removeprefix("direct "), self._way != "bare" and not fault.startswith("direct ")

    # -- one connection

    def _life(self, plan: tuple[str, bool]) -> None:
        fault, proxied = plan
        self._lives += 1
        name = f"{self.name}.{self._lives}"
        leash = Leash(self._ledger, f"{name} ({self._way}{', proxied' if proxied else ''}, {fault})")
        # A station keeps to its server: its actors are there.
        target = self._targets[sum(map(ord, self.name)) % len(self._targets)] if self._way != "bare" else None
        if target is not None:
            target.wait_until_up()
            target.add(leash, direct=not proxied)
        path = str(self._folder / f"{name}.sock") if self._way == "unix" else ""
        proxy = (
            Proxy(partial(target.reach, self._way), lambda: leash.lose(UNKNOWN), path)
            if target is not None and proxied
            else None
        )
        conn = self._conn(target, proxy, path)
        timer = None
        limit = self._random.choice((None, 4.0)) if fault != "deafen" else 1.0
        client = None

        def strike() -> None:
            self._strike(fault, leash, conn, proxy, client)

        try:
            hasty = fault in ("reset", "end", "tear") and self._random.random() < 0.2
            if hasty:
                timer = threading.Timer(self._random.random() * 0.05, strike)
                timer.start()
            try:
                client = Client(
                    conn, leash, self._watchdog, partial(self._gone, target, proxy), timeout=limit, **self._options()
                )
            except ConnectionLost:
                self._ledger.count("openings that failed")
                return
            self._ledger.count(f"connections ({self._way})")
            self._play(client, target, None if hasty else strike)
        finally:
            if timer is not None:
                timer.join()
            if proxy is not None:
                proxy.close()
            if path:
                with suppress(FileNotFoundError):
                    os.unlink(path)
            if target is not None:
                target.remove(leash)

    def _options(self) -> dict[str, Any]:
        return {"clear_log_data_every": 50} if self._random.random() < 0.3 else {}

    def _conn(self, target: Target | None, proxy: Proxy | None, path: str) -> Any:
        if target is None:
            return SubprocessConn([self._program, "bare", "--level=trace"])
        if self._way == "tcp":
            return TCPConn("127.0.0.1", proxy.port if proxy else target.tcp)
        if self._way == "unix":
            return UnixConn(path if proxy else target.ipc)
        return WebsocketConn(f"ws://127.0.0.1:{proxy.port if proxy else target.http}/ws", target.key)

    def _play(self, client: Client, target: Target | None, strike: Callable[[], None] | None) -> None:
        leash, ending = client.leash, threading.Event()
        other = partial(self._other, target) if target is not None else None
        players = [
            Player(client, f"{self.name}-{slot}", self._random.randrange(1 << 30), ending, other, self._rest_of_players)
            for slot in range(PLAYERS)
        ]
        self._rest(self._random.random() * self._pace, leash)
        if strike is not None:
            strike()
        self._rest(self._random.random() * self._pace, leash)
        ending.set()
        for player in players:
            player.thread.join(_JOIN)
            if player.thread.is_alive():
                self._ledger.violation(f"{player.thread.name} of {leash.name} hangs")
        quiet = not leash.dead and not leash.silences
        if quiet and not _soon(lambda: not client.bare.calls or leash.dead):
            self._ledger.violation(f"{leash.name}: calls that are over are still in flight: {client.bare.calls}")
        if quiet:
            with suppress(ConnectionLost, CallTimeout):  # judged
                self._leave_running(client)
        client.close()
        self._ledger.count(f"connections closed {'well' if client.clean else 'when lost or silent'}")
        if client.clean and target is not None:
            self._see_gone(leash, target)

    def _leave_running(self, client: Client) -> None:
        """Closing has calls to cancel then, which would live on in a server."""
        actor = client.rumor.actor(f"{self.name}-left")
        actor.kill()  # there from an earlier connection, perhaps
        actor.host.start(nat=False)
        actor.host.notify("all")
        actor.rpc.ping.listen()
        self._ledger.count("calls left to closing", 2)

    def _rest(self, seconds: float, leash: Leash) -> None:
        end = monotonic() + seconds
        while monotonic() < end and not leash.dead and not self.stopping.is_set():
            sleep(0.02)

    def _strike(self, fault: str, leash: Leash, conn: Any, proxy: Proxy | None, client: Client | None) -> None:
        if leash.dead or fault == NOTHING:
            return
        self._ledger.faults[fault] += 1
        if fault == "close":
            if client is not None:
                client.close()
        elif fault == "child killed":
            leash.lose(fault)
            os.kill(conn.pid, signal.SIGKILL)
        elif fault == "child stopped":
            seconds = self._random.random() * min(3.0, self._pace / 2)
            leash.silence(fault, seconds)
            os.kill(conn.pid, signal.SIGSTOP)
            sleep(seconds)
            os.kill(conn.pid, signal.SIGCONT)
        elif proxy is not None:
            self._strike_stream(fault, leash, proxy)

    def _strike_stream(self, fault: str, leash: Leash, proxy: Proxy) -> None:
        if fault == "stall":
            seconds = self._random.random() * min(8.0, self._pace)
            leash.silence(fault, seconds)
            proxy.stall(seconds)
        elif fault == "deafen":
            leash.silence(fault, 3600)
            leash.tell(fault)  # a server that hears an end may end as well
            proxy.deafen()
        else:
            leash.tell(fault)
            {"reset": proxy.reset, "end": proxy.end, "tear": proxy.tear}[fault]()

    # -- others, and what is left

    def _other(self, target: Target) -> Client:
        """A second client of the same server."""
        leash = Leash(self._ledger, f"{self.name}.{self._lives} (another)")
        target.add(leash, direct=True)
        ways: list[Callable[[], Any]] = [
            lambda: TCPConn("127.0.0.1", target.tcp),
            lambda: UnixConn(target.ipc),
            lambda: WebsocketConn(f"ws://127.0.0.1:{target.http}/ws", target.key),
        ]
        conn = self._random.choice(ways)()

        def gone(client: Client) -> None:
            target.remove(leash)
            self._gone(target, None, client)

        return Client(conn, leash, self._watchdog, gone, timeout=4.0)

    def _gone(self, target: Target | None, proxy: Proxy | None, client: Client) -> None:
        if target is not None:
            target.left(proxy.upstream if proxy is not None else client.address, client)

    def _see_gone(self, leash: Leash, target: Target) -> None:
        """The calls of a connection that was closed well are not in the server any more."""
        generation = target.generation

        def none_left() -> bool:
            running = target.running()
            if running is None or target.generation != generation:
                return True
            return not leash.ids & running

        self._ledger.count("calls looked for in the server", len(leash.ids))
        if not _soon(none_left):
            self._ledger.violation(f"{leash.name}: closed, but its calls live on in the server")


def _soon(condition: Callable[[], bool]) -> bool:
    end = monotonic() + _SOON
    while not condition():
        if monotonic() > end:
            return False
        sleep(0.05)
    return True
