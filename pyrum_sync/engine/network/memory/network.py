"""The in-memory network: which host listens where."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import replace

from pyrum_sync.engine.network.api import HostOptions, NetworkError
from pyrum_sync.engine.network.memory.host import MemoryHost
from pyrum_sync.engine.network.peerstore import PeerBook
from pyrum_sync.spec.addresses import Address

_FIRST_PORT, _LAST_PORT = 32768, 60999


class MemoryNetwork:
    """Hosts that live in one process and reach only each other."""

    def __init__(self) -> None:
        self._hosts: dict[Address, list[MemoryHost]] = {}
        self._next_port = _FIRST_PORT

    def new_host(self, options: HostOptions, book: Callable[[], PeerBook]) -> MemoryHost:
        """Make a host."""
        return MemoryHost(self, options, book)

    def open(self, host: MemoryHost, address: Address) -> Address:
        """Let a host listen; returns where it can be reached. Two may share a port, as with a real Rumor."""
        ip = ipaddress.ip_address(address.ip)
        if not (ip.is_loopback or ip.is_unspecified):
            tcp = f"tcp{'6' if ip.version == 6 else '4'}"
            where = f"[{ip}]:{address.port}" if ip.version == 6 else f"{ip}:{address.port}"
            reason = f"listen {tcp} {where}: bind: cannot assign requested address"
            raise NetworkError(f"failed to listen on any addresses: [{reason}]")
        place = Address(str(ip), address.port or self._free_port())
        if ip.is_unspecified:
            # a host on all interfaces shows those there are: here, the loopback
            place = replace(place, ip="::1" if ip.version == 6 else "127.0.0.1")
        hosts = self._hosts.setdefault(place, [])
        if host not in hosts:
            hosts.append(host)
        return place

    def _free_port(self) -> int:
        taken = {place.port for place in self._hosts}
        while True:
            port = self._next_port
            self._next_port = port + 1 if port < _LAST_PORT else _FIRST_PORT
            if port not in taken:
                return port

    def shut(self, host: MemoryHost, place: Address) -> None:
        """A host listens there no longer."""
        hosts = self._hosts.get(place, [])
        if host in hosts:
            hosts.remove(host)
        if not hosts:
            self._hosts.pop(place, None)

    def find(self, place: Address) -> MemoryHost | None:
        """The host that takes a connection there."""
        hosts = self._hosts.get(place)
        return hosts[0] if hosts else None
