"""Which peers a host is connected with, by which connections; and which of them a trim closes."""

from __future__ import annotations

from collections.abc import Callable, Collection

from pyrum_sync.engine.network.api import Connected, Disconnected, Event
from pyrum_sync.engine.network.connmgr import ConnectionManager

from .connection import Connection


class Roster:
    """Connections by peer, the peer that came first first.

    Two hosts that dial each other at the same time have two connections; both are kept, as in libp2p, and the newest
    has the new streams. A peer is connected from its first connection to the end of its last.

    Args:
        manager: Decides what a trim closes.
        most: How many connections a peer may have; the oldest goes when another comes.
        notify: Called with Connected and Disconnected.
    """

    def __init__(self, manager: ConnectionManager, most: int, notify: Callable[[Event], None]) -> None:
        self.manager = manager
        self._most = most
        self._notify = notify
        self._peers: dict[str, list[Connection]] = {}

    def peers(self) -> list[str]:
        """Returns the connected peers."""
        return list(self._peers)

    def connections(self) -> list[Connection]:
        """Returns all connections."""
        return [connection for connections in self._peers.values() for connection in connections]

    def connection(self, peer: str) -> Connection | None:
        """Returns the newest connection with a peer; None if there is none."""
        connections = self._peers.get(peer)
        return connections[-1] if connections else None

    def add(self, connection: Connection) -> None:
        """A connection's peer is proven."""
        peer = connection.peer
        connections = self._peers.setdefault(peer, [])
        connections.append(connection)
        if len(connections) == 1:
            self.manager.connected(peer)
            self._notify(Connected(peer, connection.direction, connection.address))
        elif len(connections) > self._most:
            connections[0].close()

    def remove(self, connection: Connection) -> None:
        """A connection is over, maybe before its peer was proven."""
        connections = self._peers.get(connection.peer, [])
        if connection in connections:
            connections.remove(connection)
            if not connections:
                del self._peers[connection.peer]
                self.manager.disconnected(connection.peer)
                self._notify(Disconnected(connection.peer, connection.direction, connection.address))

    def disconnect(self, peer: str) -> None:
        """Closes all connections with a peer."""
        for connection in list(self._peers.get(peer, ())):
            connection.close()

    def trim(self, spared: Collection[str] = ()) -> None:
        """Closes connections down to the low-water mark; `spared` are peers with a reason of their own to stay."""
        for peer in self.manager.to_close(spared):
            self.disconnect(peer)

    def keep_alive(self, seconds: float) -> None:
        """Closes the connections whose peer shows no sign of life; called every `seconds`."""
        for connection in self.connections():
            connection.keep_alive(seconds)
