"""The threads that probe many peers on one Rumor, and on another one if it dies."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, Final

from pyrum_sync.client.rumor import Rumor
from pyrum_sync.errors import ConnectionLost, RumorError
from pyrum_sync.probing.addresses import Target
from pyrum_sync.probing.options import Options
from pyrum_sync.probing.pace import Pace
from pyrum_sync.probing.report import PeerReport
from pyrum_sync.probing.single import probe_with
from pyrum_sync.probing.text import reason_of
from pyrum_sync.transports.locks import SafeLock
from pyrum_sync.transports.process import SubprocessConn

_CLEAR_EVERY: Final = 2000  # calls after which a Rumor of our own forgets their data, which it would keep for ever
_LEAVE_TIME: Final = 5.0  # seconds in which the threads end
_READ_TIME: Final = 1.0  # seconds in which the reader of the addresses ends, if it can


class _Seat:
    """A Rumor, and the addresses that are being probed on it."""

    def __init__(self, rumor: Rumor) -> None:
        self.rumor = rumor
        self.lost: RumorError | None = None
        self._lock = threading.Lock()  # for the threads of a crew alone
        self._under_way = 0
        self._suspects: list[str] = []

    def enter(self) -> bool:
        """Begin to probe on it. Returns False if it is lost."""
        with self._lock:
            if self.lost is not None:
                return False
            self._under_way += 1
            return True

    def leave(self, addr: str, lost: RumorError | None) -> list[str]:
        """One is probed, or the Rumor was lost before. Returns those that it may have died of, to the last to leave."""
        with self._lock:
            self._under_way -= 1
            if lost is not None:
                self.lost = self.lost or lost
                self._suspects.append(addr)
            return self._suspects if self.lost is not None and not self._under_way else []


class Crew:
    """Probes the addresses that an iterator has; for one run."""

    def __init__(self, addrs: Iterator[str], options: Options) -> None:
        self._addrs = addrs
        self._options = options
        self._jobs: SimpleQueue[str | None] = SimpleQueue()
        self._ready: SimpleQueue[PeerReport | BaseException | int] = SimpleQueue()
        # Items for as many addresses as may still be read. No Semaphore: a signal can leave its lock held.
        self._slots: SimpleQueue[None] = SimpleQueue()
        for _ in range(2 * options.concurrency):
            self._slots.put(None)
        self._pace = Pace(options.concurrency)
        self._closing = False
        self._lock = SafeLock()
        self._seat: _Seat | None = None
        self._others: set[Rumor] = set()
        self._workers: list[threading.Thread] = []

    def reports(self) -> Iterator[PeerReport]:
        """The reports as they are ready."""
        reader = threading.Thread(target=self._read, name="pyrum_sync reading addresses", daemon=True)
        reader.start()
        total: int | None = None
        count = 0
        try:
            while count != total:
                item = self._ready.get()
                if isinstance(item, int):
                    total = item
                elif isinstance(item, BaseException):
                    raise item
                else:
                    count += 1
                    self._slots.put(None)
                    yield item
        finally:
            self._close()
            reader.join(_READ_TIME)

    def _close(self) -> None:
        self._closing = True
        self._slots.put(None)
        self._pace.close()
        rumors, workers = self._lock.run(self._there)
        for _ in workers:
            self._jobs.put(None)
        for rumor in rumors:
            rumor.close()
        for worker in workers:
            worker.join(_LEAVE_TIME)

    def _there(self) -> tuple[set[Rumor], list[threading.Thread]]:
        return {*self._others, *([self._seat.rumor] if self._seat is not None else [])}, list(self._workers)

    # -- the thread that reads addresses

    def _read(self) -> None:
        count = 0
        try:
            while True:
                self._slots.get()
                if self._closing:
                    return
                addr = next(self._addrs, None)
                if addr is None:
                    break
                if not isinstance(addr, str):
                    raise TypeError(f"an address must be a str, not {type(addr).__name__}")
                count += 1
                self._jobs.put(addr)
                if count <= self._options.concurrency:
                    self._hire()
        except BaseException as error:
            self._ready.put(error)
        else:
            self._ready.put(count)

    def _hire(self) -> None:
        worker = threading.Thread(target=self._work, name="pyrum_sync probing", daemon=True)
        with self._lock:
            if self._closing:
                return
            worker.start()  # under the lock, so that closing joins only threads that run
            self._workers.append(worker)

    # -- the threads that probe

    def _work(self) -> None:
        while (addr := self._jobs.get()) is not None and not self._closing:
            try:
                self._probe(addr)
            except BaseException as error:
                self._ready.put(error)
                return

    def _probe(self, addr: str) -> None:
        seat = self._take_seat()
        report, lost = None, None
        try:
            report = self._ask(seat.rumor, addr)
        except ConnectionLost as error:
            lost = error
        finally:
            suspects = seat.leave(addr, lost)
        if report is not None:
            self._ready.put(report)
        if suspects and not self._closing:
            seat.rumor.close()
            self._judge(suspects, seat.lost)

    def _ask(self, rumor: Rumor, addr: str) -> PeerReport:
        ticket = self._pace.ticket()
        return probe_with(ticket, rumor, addr, self._options.timeout, None, self._options.network)

    def _take_seat(self) -> _Seat:
        """Where to probe: on a new Rumor, if the last one was lost."""
        while True:
            with self._lock:
                if self._closing:
                    raise RumorError("closed")
                if self._seat is None or self._seat.lost is not None:
                    self._seat = _Seat(self._open())
                seat = self._seat
            if seat.enter():
                return seat

    def _open(self) -> Rumor:
        conn: Any = self._options.connect()
        # On a server others may still want that data.
        own = isinstance(conn, SubprocessConn)
        return Rumor(conn, clear_log_data_every=_CLEAR_EVERY if own else None)

    # -- a Rumor that died

    def _judge(self, suspects: list[str], why: RumorError | None) -> None:
        """Find out which of these addresses a Rumor dies of, and report them all."""
        if len(suspects) == 1:
            target = Target(suspects[0])
            text = f"Rumor was lost while it probed this peer: {reason_of(str(why))}"
            self._ready.put(PeerReport(suspects[0], target.peer_id, enr=target.enr, stage="connect", error=text))
            return
        middle = len(suspects) // 2
        for group in (suspects[:middle], suspects[middle:]):
            if self._closing:
                return
            lost, error = self._probe_group(group)
            if lost:
                self._judge(lost, error)

    def _probe_group(self, group: list[str]) -> tuple[list[str], RumorError | None]:
        """Probe a group on a Rumor of its own. Returns those that were under way when it was lost, and why it was."""
        lost: list[str] = []
        why: list[RumorError] = []
        rumor = self._open()
        with self._lock:
            self._others.add(rumor)

        def ask(addr: str) -> None:
            try:
                self._ready.put(self._ask(rumor, addr))
            except ConnectionLost as error:
                why.append(error)
                lost.append(addr)

        try:
            with ThreadPoolExecutor(len(group)) as pool:
                for _ in pool.map(ask, group):
                    pass
        finally:
            with self._lock:
                self._others.discard(rumor)
            with suppress(RumorError):
                rumor.close()
        return lost, why[0] if why else None
