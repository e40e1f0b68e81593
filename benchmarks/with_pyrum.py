"""pyrum at the same work. Run by its own `main`: all it does is asynchronous."""

from __future__ import annotations

import os
import sys
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any

import pyrum
import trio

from benchmarks.bare import SET_UP
from benchmarks.wires import BARE, KEY

# pyrum keeps 1,000 values of each field: a call with more, whose fields nobody reads, stands still for ever.
_MOST = 900


class Pyrum:
    def __init__(self, conn: Any, nursery: Any) -> None:
        self._rumor: Any = pyrum.Rumor(conn, nursery)
        self._name = f"p{os.getpid()}"
        self._actor: Any = self._rumor.actor(self._name)
        # Calls of a server are everybody's, and pyrum always counts from 0.
        self._rumor._unique_call_id_counter = int(perf_counter() * 1e6)

    async def host(self) -> None:
        for command in SET_UP:
            await self._rumor.make_call(self._name, command.split())

    async def calls(self, count: int) -> None:
        for _ in range(count):
            await self._actor.host.view()

    async def flight(self, count: int) -> None:
        for call in [self._actor.host.view() for _ in range(count)]:
            await call.finished()

    async def entries(self, count: int) -> None:
        seen = 0
        while seen < count:
            some = min(_MOST, count - seen)
            async for _ in self._actor.peer.feed(some).all:
                seen += 1
        assert seen == count


async def main(way: str, address: str, command: Callable[[], str], answer: Callable[[float], None]) -> None:
    async with _conn(way, address) as conn, trio.open_nursery() as nursery:
        worker = Pyrum(conn, nursery)
        while order := (await trio.to_thread.run_sync(command)).split():
            work: Callable[[int], Awaitable[None]] = getattr(worker, order[0])
            start = perf_counter()
            await (work(int(order[1])) if len(order) > 1 else worker.host())
            answer(perf_counter() - start)
        sys.exit()  # its Rumor is killed, and would be missed


def _conn(way: str, address: str) -> Any:
    if way == "subprocess":
        return pyrum.SubprocessConn(" ".join(BARE))
    if way == "tcp":
        return pyrum.TCPConn("127.0.0.1", int(address))
    if way == "unix":
        return pyrum.UnixConn(address)
    return pyrum.WebsocketConn(address, KEY)
