"""What the network asks of the system's sockets: listeners, options, and the addresses of either end."""

from __future__ import annotations

import ipaddress
import os
import socket
from contextlib import suppress

from pyrum_sync.engine.network.api import NetworkError
from pyrum_sync.spec.multiaddr import Multiaddr

# Where there are no pings (mplex), TCP itself finds out that the other machine is gone.
_KEEP_ALIVE = (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3))
_OPTIONS = tuple((getattr(socket, name), value) for name, value in _KEEP_ALIVE if hasattr(socket, name))
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
        failure = f"listen tcp{'6' if v6 else '4'} {where}: bind: {reason(error)}"
        raise NetworkError(f"failed to listen on any addresses: [{failure}]") from None


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


def prepare(sock: socket.socket) -> None:
    """Has the system send at once what is written, and probe a connection that is silent."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # asyncio overlooks accepted sockets
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in _OPTIONS:
        sock.setsockopt(socket.IPPROTO_TCP, option, value)


def end_of(name: object) -> Multiaddr | None:
    """Returns the multiaddr of a socket's name; None where the system does not know it (any more)."""
    match name:
        case (str(host), int(port), *_):
            return Multiaddr.tcp(host.partition("%")[0], port)
    return None


def reason(error: Exception) -> str:
    """Returns why a socket failed, in the system's words as Go has them."""
    if isinstance(error, OSError) and error.errno is not None:
        return os.strerror(error.errno).lower()
    return str(error)


def origin(address: Multiaddr | None) -> str:
    """Returns what counts as one address when connections are counted: of IPv6 the network of 64 bits."""
    if address is None or address.ip is None:
        return "?"
    if address.scheme == "ip6":
        return str(ipaddress.ip_network((address.ip, 64), strict=False))
    return address.ip


def is_loopback(address: Multiaddr | None) -> bool:
    """Whether an address is of this machine alone."""
    return address is not None and address.ip is not None and ipaddress.ip_address(address.ip).is_loopback
