"""Sockets that take connections, and the addresses under which they are reached."""

from __future__ import annotations

import os
import socket
from contextlib import suppress

from pyrum_sync.engine.network.api import NetworkError
from pyrum_sync.spec.multiaddr import Multiaddr

_LOOPBACK = {"ip4": "127.0.0.1", "ip6": "::1"}
_ELSEWHERE = {"ip4": "192.0.2.1", "ip6": "2001:db8::1"}  # addresses for documentation; nothing is sent there


def open_listener(address: Multiaddr) -> tuple[socket.socket, Multiaddr]:
    """Opens a socket that listens; as Rumor's, it shares its port with others that do so.

    Returns:
        The socket, and its address with the real port.

    Raises:
        NetworkError: it cannot listen there.
    """
    if address.ip is None or address.place.transport_refusal() is not None:
        raise NetworkError(f"failed to listen on any addresses: [{address}: no IP address and port of TCP]")
    v6 = address.scheme == "ip6"
    sock: socket.socket | None = None
    try:
        sock = socket.socket(socket.AF_INET6 if v6 else socket.AF_INET, socket.SOCK_STREAM)
        sock.setblocking(False)
        if os.name == "posix":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "SO_REUSEPORT"):
            with suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if v6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((address.ip, address.port or 0))
        sock.listen(128)
        return sock, Multiaddr.tcp(address.ip, sock.getsockname()[1])
    except OSError as error:
        if sock is not None:
            sock.close()
        where = f"[{address.ip}]:{address.port}" if v6 else f"{address.ip}:{address.port}"
        reason = f"listen tcp{'6' if v6 else '4'} {where}: bind: {os.strerror(error.errno or 0).lower()}"
        raise NetworkError(f"failed to listen on any addresses: [{reason}]") from None


def reachable(address: Multiaddr) -> list[Multiaddr]:
    """Returns the addresses under which a listener is reached: for all interfaces that of the usual way out, if there
    is one, and the loopback."""
    if address.ip not in ("0.0.0.0", "::"):
        return [address]
    ips = [_way_out(address.scheme), _LOOPBACK[address.scheme]]
    return [address.on(ip) for ip in dict.fromkeys(ips) if ip is not None]


def _way_out(scheme: str) -> str | None:
    """The IP address of the interface that leads to other networks; None without one."""
    family = socket.AF_INET6 if scheme == "ip6" else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.connect((_ELSEWHERE[scheme], 9))  # of a datagram socket: this only looks up the route
            return str(sock.getsockname()[0])
    except OSError:
        return None
