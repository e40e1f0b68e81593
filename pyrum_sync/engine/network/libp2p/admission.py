"""Which connections a host lets in, and how long their handshake may take."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from pyrum_sync.engine.network.api import NetworkError

from . import sockets
from .limits import Limits
from .timeouts import Timeouts

if TYPE_CHECKING:
    from .connection import Connection


class Admission:
    """The connections of a host that have a socket, from `began` to `gone`.

    They are counted once their socket is there: asyncio does not close one before.

    Args:
        limits: The host's.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._live: set[Connection] = set()
        self._pending: dict[Connection, None] = {}  # inbound ones in their handshake, the oldest first
        self._origins: dict[str, int] = {}  # inbound ones by where they come from
        self._handshakes: Timeouts[Connection] = Timeouts(limits.handshake_seconds, _late)
        self._shut = False
        self._empty: asyncio.Future[None] | None = None

    @property
    def full(self) -> bool:
        """Whether there are as many connections as there may be."""
        return len(self._live) >= self._limits.connections

    def began(self, connection: Connection) -> bool:
        """A connection has its socket; False if it is one too many."""
        if self._shut:
            return False
        if connection.direction == "inbound":
            origin = sockets.origin(connection.address)
            count = self._origins.get(origin, 0)
            if self.full or count >= self._limits.per_address:
                return False
            if len(self._pending) >= self._limits.pending:
                next(iter(self._pending)).abort(NetworkError("too many connections at once in their handshake"))
            connection.origin = origin
            self._origins[origin] = self._origins.get(origin, 0) + 1
            self._pending[connection] = None
        self._live.add(connection)
        self._handshakes.start(connection)
        return True

    def settled(self, connection: Connection) -> None:
        """A connection's handshake is over, for better or worse."""
        self._handshakes.stop(connection)
        self._pending.pop(connection, None)

    def gone(self, connection: Connection) -> None:
        """A connection's socket is closed."""
        self._live.discard(connection)
        if connection.origin:
            left = self._origins[connection.origin] - 1
            if left:
                self._origins[connection.origin] = left
            else:
                del self._origins[connection.origin]
        if not self._live and self._empty is not None and not self._empty.done():
            self._empty.set_result(None)

    async def close(self) -> None:
        """Closes all, lets none in any more, and waits until their sockets are closed."""
        self._shut = True
        for connection in list(self._live):
            connection.close()
        self._handshakes.close()
        if self._live:
            self._empty = asyncio.get_running_loop().create_future()
            await asyncio.wait({self._empty}, timeout=self._limits.closing_seconds + 1.0)


def _late(connection: Connection) -> None:
    connection.abort(NetworkError("failed to negotiate security protocol: i/o timeout"))
