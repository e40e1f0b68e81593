"""Dials: the addresses of a peer one after the other, each attempt shared by those that want the same peer."""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Sequence
from typing import Protocol

from pyrum_sync.engine.network.api import Deadline, DeadlineExceeded, NetworkError
from pyrum_sync.engine.network.backoff import Backoff
from pyrum_sync.engine.network.peerstore import Peerstore
from pyrum_sync.spec.multiaddr import Multiaddr

from .connection import Connection
from .limits import Limits
from .roster import Roster
from .sockets import reason

_MAX_PLACES = 64  # of a peer that are dialled in one attempt
_MAX_RESOLVED = 8  # addresses of a name that are tried
_SHOWN = 16  # failures in one message, as in libp2p
_FAMILIES = {"dns4": socket.AF_INET, "dns6": socket.AF_INET6, "dns": socket.AF_UNSPEC}


class DialHost(Protocol):
    """What dials need of their host."""

    @property
    def loop(self) -> asyncio.AbstractEventLoop: ...
    @property
    def closed(self) -> bool: ...
    @property
    def limits(self) -> Limits: ...
    @property
    def peerstore(self) -> Peerstore: ...
    @property
    def roster(self) -> Roster: ...
    def listens_at(self, place: Multiaddr) -> bool: ...
    def outbound(self, peer: str) -> Connection: ...


class _Attempt:
    def __init__(self, task: asyncio.Task[Connection]) -> None:
        self.task = task
        self.waiting = 0


class Dialler:
    """The dials of one host."""

    def __init__(self, host: DialHost) -> None:
        self._host = host
        self._backoff = Backoff()
        self._attempts: dict[str, _Attempt] = {}

    async def dial(self, peer: str, deadline: Deadline, first: Multiaddr | None = None) -> Connection:
        """Connects to a peer of the peerstore, at one of its addresses: `first` is tried before the others.

        Raises:
            DeadlineExceeded: the deadline passed; if nobody else waits for the peer, nothing is left half open.
            NetworkError: it cannot be reached.
        """
        attempt = self._attempts.get(peer)
        if attempt is None:
            places = self._places(peer, first)
            attempt = _Attempt(self._host.loop.create_task(self._reach(peer, places)))
            self._attempts[peer] = attempt
            attempt.task.add_done_callback(lambda _: self._attempts.pop(peer, None))
        task = attempt.task
        attempt.waiting += 1
        try:
            limit = None if deadline is None else max(0.0, deadline - self._host.loop.time())
            await asyncio.wait({task}, timeout=limit)
        finally:
            attempt.waiting -= 1
            if not attempt.waiting and not task.done():
                task.cancel()
                await asyncio.wait({task})
        return self._result(peer, task)

    def _result(self, peer: str, task: asyncio.Task[Connection]) -> Connection:
        if not task.done() or task.cancelled():
            if self._host.closed:
                raise NetworkError("the host is closed")
            raise DeadlineExceeded
        error = task.exception()
        if error is None:
            return task.result()
        came = self._host.roster.connection(peer)  # while the dial failed, the peer itself may have come
        if came is not None:
            return came
        if isinstance(error, NetworkError):
            raise NetworkError(str(error))  # anew: several may wait
        raise error

    async def close(self) -> None:
        """Ends all attempts."""
        await _end([attempt.task for attempt in self._attempts.values()])

    def _places(self, peer: str, first: Multiaddr | None) -> list[Multiaddr]:
        """Where to dial a peer, in the peerstore's order, but `first` before the others."""
        known = self._host.peerstore.find(peer).addresses
        if not known:
            raise NetworkError(f"failed to dial {peer}: no addresses")
        places = [place for place in known if place.is_tcp and not self._host.listens_at(place)]
        if not places:
            raise NetworkError(f"failed to dial {peer}: no good addresses")
        fit = [place for place in places if not self._backoff.waits(peer, place)]
        if not fit:
            raise NetworkError("dial backoff")
        fit.sort(key=lambda place: place != first)
        return fit[:_MAX_PLACES]

    async def _reach(self, peer: str, places: Sequence[Multiaddr]) -> Connection:
        """Dials one place after the other; the next one as soon as one failed, or did not answer for a moment."""
        failures: list[str] = []
        line = deque(places)
        running: dict[asyncio.Task[Connection], Multiaddr] = {}
        try:
            while line or running:
                if line:
                    place = line.popleft()
                    running[self._host.loop.create_task(self._dial(peer, place))] = place
                stagger = self._host.limits.stagger_seconds if line else None
                done, _ = await asyncio.wait(running, timeout=stagger, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    place = running.pop(task)
                    error = task.exception()
                    if error is None:
                        self._backoff.succeeded(peer)
                        return task.result()
                    if not isinstance(error, NetworkError):
                        raise error
                    self._backoff.failed(peer, place)
                    failures.append(f"\n  * [{place}] {error}")
        finally:
            await _end(list(running))
        skipped = f"\n    ... skipping {len(failures) - _SHOWN} errors ..." if len(failures) > _SHOWN else ""
        raise NetworkError(f"failed to dial {peer}: all dials failed{''.join(failures[:_SHOWN])}{skipped}")

    async def _dial(self, peer: str, place: Multiaddr) -> Connection:
        """Dials one place: for a name each of its addresses in turn."""
        failure: NetworkError | None = None
        for ip in await self._resolve(place):
            try:
                return await self._connect(peer, ip, place.port or 0)
            except NetworkError as error:
                failure = error
        assert failure is not None
        raise failure

    async def _resolve(self, place: Multiaddr) -> list[str]:
        if place.ip is not None:
            return [place.ip]
        name = place.host or ""
        looking = self._host.loop.getaddrinfo(name, place.port, family=_FAMILIES[place.scheme], type=socket.SOCK_STREAM)
        try:
            found = await asyncio.wait_for(looking, self._host.limits.resolve_seconds)
        except asyncio.TimeoutError:
            raise NetworkError(f"lookup {name}: i/o timeout") from None
        except (OSError, UnicodeError):
            raise NetworkError(f"lookup {name}: no such host") from None
        return list(dict.fromkeys(str(info[4][0]) for info in found))[:_MAX_RESOLVED]

    async def _connect(self, peer: str, ip: str, port: int) -> Connection:
        """Connects to one IP address, and shakes hands."""
        connection = self._host.outbound(peer)
        version = "6" if ":" in ip else "4"
        where = f"dial tcp{version} {f'[{ip}]' if version == '6' else ip}:{port}"
        connecting = self._host.loop.create_connection(lambda: connection, ip, port)
        try:
            try:
                await asyncio.wait_for(connecting, self._host.limits.connect_seconds)
            except asyncio.TimeoutError:
                raise NetworkError(f"{where}: i/o timeout") from None
            except OSError as error:
                raise NetworkError(f"{where}: connect: {reason(error)}") from None
            assert connection.ready is not None
            await connection.ready
        except BaseException:
            connection.abort()  # also where it was made and the waiting was cancelled
            raise
        return connection


async def _end(tasks: Sequence[asyncio.Task[Connection]]) -> None:
    """Cancels tasks, and waits until they have ended."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
    for task in tasks:
        task.cancelled() or task.exception()  # seen
