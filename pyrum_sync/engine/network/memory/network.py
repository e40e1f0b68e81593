"""The network in memory: it makes hosts that reach each other."""

from __future__ import annotations

from pyrum_sync.engine.network.api import HostOptions
from pyrum_sync.engine.network.memory.host import MemoryHost
from pyrum_sync.engine.network.memory.listeners import Listeners
from pyrum_sync.engine.network.peerstore import Peerstore


class MemoryNetwork:
    """Hosts that live in one process and reach only each other: the port's `Network`."""

    name = "memory"

    def __init__(self) -> None:
        self._listeners: Listeners[MemoryHost] = Listeners()
        self._hosts: list[MemoryHost] = []

    async def new_host(self, options: HostOptions, peerstore: Peerstore) -> MemoryHost:
        """Makes a host.

        Raises:
            NetworkError: a key that is none, or of another type than secp256k1.
        """
        self._hosts = [host for host in self._hosts if not host.closed]
        host = MemoryHost(self._listeners, options, peerstore)
        self._hosts.append(host)
        return host

    async def close(self) -> None:
        """Closes all its hosts; again does nothing."""
        for host in self._hosts:
            await host.close()
        self._hosts.clear()
