"""Which host of the memory network listens where."""

from __future__ import annotations

import ipaddress
from typing import Generic, TypeVar

from pyrum_sync.engine.network.api import NetworkError
from pyrum_sync.spec.multiaddr import Multiaddr

_FIRST_PORT, _LAST_PORT = 32768, 60999
_LOOPBACK = ("127.0.0.1", "::1")
_ANY = ("0.0.0.0", "::")
_LOCALHOST = {"dns4": _LOOPBACK[:1], "dns6": _LOOPBACK[1:]}

H = TypeVar("H")


class Listeners(Generic[H]):
    """Hosts by the address they listen at. Two may share a port, as with a real Rumor: the first takes connections."""

    def __init__(self) -> None:
        self._hosts: dict[Multiaddr, list[H]] = {}
        self._next_port = _FIRST_PORT

    def open(self, host: H, address: Multiaddr) -> Multiaddr:
        """Lets a host listen.

        Returns:
            Where it can be reached: on the loopback for all interfaces, with a port of its own for port 0.

        Raises:
            NetworkError: an address that this machine would not have.
        """
        if address.ip is None:
            raise NetworkError(f"failed to listen on any addresses: [{address} has no IP address]")
        ip = ipaddress.ip_address(address.ip)
        if not (ip.is_loopback or ip.is_unspecified):
            tcp = f"tcp{'6' if ip.version == 6 else '4'}"
            where = f"[{ip}]:{address.port}" if ip.version == 6 else f"{ip}:{address.port}"
            reason = f"listen {tcp} {where}: bind: cannot assign requested address"
            raise NetworkError(f"failed to listen on any addresses: [{reason}]")
        place = Multiaddr.tcp(str(ip), address.port or self._free_port())
        if ip.is_unspecified:
            # a host on all interfaces shows those there are: here, the loopback
            place = place.on(_LOOPBACK[ip.version == 6])
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

    def close(self, host: H, place: Multiaddr) -> None:
        """Ends a host's listening there."""
        hosts = self._hosts.get(place, [])
        if host in hosts:
            hosts.remove(host)
        if not hosts:
            self._hosts.pop(place, None)

    def find(self, place: Multiaddr) -> H | None:
        """Returns the host that takes a connection there, None if there is none. `localhost` is the loopback, and so
        are the addresses that stand for all interfaces, as when the operating system dials them.
        """
        for each in _meant(place):
            hosts = self._hosts.get(each)
            if hosts:
                return hosts[0]
        return None


def is_elsewhere(place: Multiaddr) -> bool:
    """Whether it is a name that this network does not have."""
    return not _meant(place)


def _meant(place: Multiaddr) -> list[Multiaddr]:
    host = place.host
    if host is not None and place.ip is None:
        if host.lower().rstrip(".") != "localhost":
            return []
        return [place.on(ip) for ip in _LOCALHOST.get(place.scheme, _LOOPBACK)]
    return [place.on(_LOOPBACK[_ANY.index(host)])] if host in _ANY else [place]
