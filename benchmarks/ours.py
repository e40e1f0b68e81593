"""The client itself, at the same work."""

from __future__ import annotations

import os
import threading
import tracemalloc
from typing import Any

from benchmarks.wires import BARE, KEY
from pyrum_sync import Call, Rumor, SubprocessConn, TCPConn, UnixConn, WebsocketConn


class Ours:
    def __init__(self, way: str, address: str) -> None:
        self._to = (way, address)
        self._rumor = Rumor(_conn(way, address))
        self._actor: Any = self._rumor.actor(f"o{os.getpid()}")
        self._held: list[Call] = []
        self._patient: Any = None  # an actor of a Rumor that keeps as much unread as there is

    def host(self) -> None:
        self._actor.host.start(nat=False)
        self._actor.host.listen(ip="127.0.0.1", tcp=0)

    def calls(self, count: int) -> None:
        """Calls, one after the other."""
        actor = self._actor
        for _ in range(count):
            actor.host.view()

    def flight(self, count: int) -> None:
        """As many calls at once, until all are freed."""
        actor = self._actor
        for call in [actor.nowait.host.view() for _ in range(count)]:
            call.finished()

    def threads(self, count: int) -> None:
        """Calls from 64 threads at once, each its share."""
        threads = [threading.Thread(target=self.calls, args=(count // 64,)) for _ in range(64)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def entries(self, count: int) -> None:
        """One call that logs as many entries, all of them read."""
        seen = 0
        for _ in self._actor.nowait.peer["feed"](count).entries():
            seen += 1
        assert seen == count

    def unread(self, count: int) -> None:
        """The same, but nobody reads before the last one has arrived."""
        call = self._arrived(count)
        seen = 0
        for _ in call.entries():
            seen += 1
        assert seen == count

    def _arrived(self, count: int) -> Call:
        """A call with so many unread entries."""
        if self._patient is None:
            rumor = Rumor(_conn(*self._to), max_unread=1_000_000, max_unread_bytes=1 << 30)
            self._patient = rumor.actor(f"u{os.getpid()}")
        call: Call = self._patient.nowait.peer["feed"](count)
        call.finished()
        return call

    def memory_unread(self, count: int) -> float:
        """The bytes that so many unread entries take."""
        self._arrived(1000)
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        call = self._arrived(count)
        taken = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        assert len(list(call.entries())) == count
        return taken

    def field(self, count: int) -> None:
        """The same, read through one field."""
        seen = 0
        for _ in self._actor.nowait.peer["feed"](count).field("addr"):
            seen += 1
        assert seen == count

    def steps(self, count: int) -> None:
        """Steps of one call, one after the other."""
        with self._actor.dv5.random(stepwise=True) as call:
            for _ in range(count):
                call.next()

    def hold10(self, count: int) -> None:
        """Calls one after the other, while 10 others wait."""
        self._hold(10)
        self.calls(count)

    def hold20000(self, count: int) -> None:
        """Calls one after the other, while 20,000 others wait."""
        self._hold(20_000)
        self.calls(count)

    def _hold(self, count: int) -> None:
        """Have so many calls waiting that do not end."""
        self._held += [self._actor.nowait.peer["hold"]() for _ in range(count - len(self._held))]

    def memory(self, count: int) -> float:
        """The bytes that one waiting call takes, of so many."""
        self.calls(100)
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        self._hold(len(self._held) + count)
        self.calls(1)
        taken = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        return taken


def _conn(way: str, address: str) -> SubprocessConn | TCPConn | UnixConn | WebsocketConn:
    if way == "subprocess":
        return SubprocessConn(BARE)
    if way == "tcp":
        return TCPConn("127.0.0.1", int(address))
    if way == "unix":
        return UnixConn(address)
    return WebsocketConn(address, KEY)
