"""Addresses of hosts: multiaddrs such as ``/ip4/127.0.0.1/tcp/9000/p2p/16U…``."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from dataclasses import dataclass, replace

from pyrum_sync.spec import keys

_ENODE = re.compile(r"enode://([0-9a-fA-F]{128})@([^:]+):(\d+)(\?.*)?")


@dataclass(frozen=True)
class Address:
    """An ip and port, and the peer expected there; `port` is None for an address without one."""

    ip: str
    port: int | None
    peer: str | None = None

    @property
    def place(self) -> Address:
        """The address without the peer."""
        return replace(self, peer=None)

    @property
    def scheme(self) -> str:
        """``ip4`` or ``ip6``."""
        return "ip6" if ":" in self.ip else "ip4"

    def __str__(self) -> str:
        port = "" if self.port is None else f"/tcp/{self.port}"
        peer = "" if self.peer is None else f"/p2p/{self.peer}"
        return f"/{self.scheme}/{self.ip}{port}{peer}"

    def binary(self) -> bytes:
        """The multiaddr's binary form, without the peer."""
        code = 0x29 if self.scheme == "ip6" else 0x04
        port = b"" if self.port is None else b"\x06" + self.port.to_bytes(2, "big")
        return bytes([code]) + ipaddress.ip_address(self.ip).packed + port


def parse_flexible(text: str) -> Address:
    """A multiaddr or an enode; ValueError for anything else."""
    try:
        return _parse_multiaddr(text)
    except ValueError:
        return _parse_other(text)


def _parse_multiaddr(text: str) -> Address:
    words = text.rstrip("/").split("/")[1:]
    if not text.startswith("/") or len(words) < 2 or len(words) % 2:
        raise ValueError("not a multiaddr")
    pairs = list(zip(words[::2], words[1::2], strict=True))
    scheme, ip = pairs.pop(0)
    if scheme not in ("ip4", "ip6") or ipaddress.ip_address(ip).version != int(scheme[2]):
        raise ValueError("not an address of the simulator's network")
    address = Address(str(ipaddress.ip_address(ip)), None)
    if pairs and pairs[0][0] == "tcp":
        port = pairs.pop(0)[1]
        if not port.isascii() or not port.isdigit() or int(port) > 65535:
            raise ValueError("not a port")
        address = replace(address, port=int(port))
    if pairs and pairs[0][0] in ("p2p", "ipfs"):
        address = replace(address, peer=keys.check_peer_id(pairs.pop(0)[1]))
    if pairs:
        raise ValueError("not an address of the simulator's network")
    return address


def _parse_other(text: str) -> Address:
    if text.startswith("enode://"):
        match = _ENODE.fullmatch(text)
        if match is None:
            raise ValueError("does not contain node ID")
        point = int(match[1][:64], 16), int(match[1][64:], 16)
        return Address(match[2], int(match[3]), keys.peer_id(point))
    body = text.removeprefix("enr:").removeprefix("//")
    if body == "":
        raise ValueError("EOF")
    wrong = re.search(r"[^A-Za-z0-9_-]", body)
    if wrong is not None or len(body) % 4 == 1:
        raise ValueError(f"illegal base64 data at input byte {wrong.start() if wrong else len(body) - 1}")
    try:
        base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    except binascii.Error:
        raise ValueError("illegal base64 data at input byte 0") from None
    raise ValueError("ENR addresses are not in the simulator, give a multi-addr")
