"""Multiaddrs: where a peer is, and how it is reached, such as ``/ip4/127.0.0.1/tcp/9000/p2p/16Uiu2…``."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from pyrum_sync.spec import multiaddr_protocols as protocols
from pyrum_sync.spec import varint

MAX_SIZE = 1024
"""The longest address: characters of text, or bytes."""

_MAX_PARTS = 16
_HOSTS = ("ip4", "ip6", "dns", "dns4", "dns6")
_IPS = ("ip4", "ip6")


class Component(NamedTuple):
    """A part of an address: a protocol and its value, which is empty for a protocol without one."""

    protocol: str
    value: str = ""

    def __str__(self) -> str:
        return f"/{self.protocol}/{self.value}" if self.value else f"/{self.protocol}"


@dataclass(frozen=True, init=False, repr=False)
class Multiaddr:
    """An address: its components, in their order, each in its usual spelling (so equal addresses are equal).

    Any order of components is an address, also one that leads nowhere; `tcp_refusal` tells whether it can be dialled.

    Args:
        components: pairs of a protocol and its value.

    Raises:
        ValueError: a protocol that is not known here, a value that is not its, no component, or too many.
    """

    components: tuple[Component, ...]

    def __init__(self, components: Iterable[tuple[str, str]]) -> None:
        checked = tuple(_checked(*component) for component in components)
        if not checked:
            raise ValueError("an address without a component")
        if len(checked) > _MAX_PARTS:
            raise ValueError(f"an address of {len(checked)} components, the most is {_MAX_PARTS}")
        object.__setattr__(self, "components", checked)

    @classmethod
    def parse(cls, text: str) -> Multiaddr:
        """Reads an address from its text; slashes at its end are passed over.

        Raises:
            ValueError: what is wrong with it.
        """
        if len(text) > MAX_SIZE:
            raise ValueError(f"an address of {len(text)} characters, the most is {MAX_SIZE}")
        if not text.startswith("/"):
            raise ValueError(f"{_shown(text)} is not a multiaddr, which begins with /; an address looks like {EXAMPLE}")
        words = iter(text.rstrip("/").split("/")[1:])
        components = []
        for name in words:
            part = _part(name)
            value = next(words, None) if part.size else ""
            if value is None:
                raise ValueError(f"/{name} needs a value after it: /{name}/…")
            components.append((name, value))
        return cls(components)

    @classmethod
    def from_bytes(cls, data: bytes) -> Multiaddr:
        """Reads an address from its binary form, as identify carries it.

        Raises:
            ValueError: what is wrong with it.
        """
        if len(data) > MAX_SIZE:
            raise ValueError(f"an address of {len(data)} bytes, the most is {MAX_SIZE}")
        components = []
        offset = 0
        while offset < len(data):
            code, offset = _read_varint(data, offset)
            part = protocols.BY_CODE.get(code)
            if part is None:
                raise ValueError(f"/{protocols.FOREIGN.get(code, f'{code:#x}')} is not known here")
            size = part.size
            if size == protocols.VARIABLE:
                size, offset = _read_varint(data, offset)
            if size > len(data) - offset:
                raise ValueError(f"an address that ends within its /{part.name}")
            components.append((part.name, part.decode(data[offset : offset + size])))
            offset += size
        return cls(components)

    @classmethod
    def tcp(cls, host: str, port: int | None, peer: str | None = None) -> Multiaddr:
        """Makes an address of TCP.

        Args:
            host: an IP address, or a name.
            port: 0 to 65535; None for an address without a port.
            peer: the peer id expected there.

        Raises:
            ValueError: none of these.
        """
        try:
            scheme = f"ip{ipaddress.ip_address(host).version}"
        except ValueError:
            scheme = "dns"
        components = [(scheme, host)]
        if port is not None:
            components.append(("tcp", str(port)))
        if peer is not None:
            components.append(("p2p", peer))
        return cls(components)

    def binary(self) -> bytes:
        """Returns the binary form of all of it; identify carries that of `place`."""
        data = bytearray()
        for name, value in self.components:
            part = protocols.BY_NAME[name]
            encoded = part.encode(value)
            data += varint.encode(part.code)
            if part.size == protocols.VARIABLE:
                data += varint.encode(len(encoded))
            data += encoded
        return bytes(data)

    def __str__(self) -> str:
        return "".join(map(str, self.components))

    def __repr__(self) -> str:
        return f"Multiaddr.parse({str(self)!r})"

    @property
    def scheme(self) -> str:
        """The first component's protocol: ``ip4``, ``dns4``, ``p2p`` and the like."""
        return self.components[0].protocol

    @property
    def host(self) -> str | None:
        """The IP address or name that it begins with; None if it begins with something else."""
        return self.components[0].value if self.scheme in _HOSTS else None

    @property
    def ip(self) -> str | None:
        """The IP address that it begins with; None for a name."""
        return self.components[0].value if self.scheme in _IPS else None

    @property
    def port(self) -> int | None:
        """The port of TCP or UDP after the host; None if there is none."""
        if self.host is not None and len(self.components) > 1 and self.components[1].protocol in ("tcp", "udp"):
            return int(self.components[1].value)
        return None

    @property
    def peer(self) -> str | None:
        """The peer id that it ends with, in base 58; None without one."""
        last = self.components[-1]
        return last.value if last.protocol == "p2p" else None

    @property
    def place(self) -> Multiaddr:
        """The address without the peer at its end. ValueError: it is nothing else (``/p2p/…``)."""
        return self if self.peer is None else Multiaddr(self.components[:-1])

    @property
    def is_tcp(self) -> bool:
        """Whether it leads to a host over plain TCP: what a TCP network can dial."""
        return self.tcp_refusal() is None

    def at(self, peer: str) -> Multiaddr:
        """Returns the place with this peer at its end. ValueError: no peer id."""
        components = self.components if self.peer is None else self.components[:-1]
        return Multiaddr((*components, ("p2p", peer)))

    def on(self, ip: str) -> Multiaddr:
        """Returns the address with another IP address in place of its host. ValueError: no IP address."""
        scheme = "ip6" if ":" in ip else "ip4"
        return Multiaddr(((scheme, ip), *self.components[1:]))

    def transport_refusal(self) -> str | None:
        """Returns which transport is not spoken, and what to do; None for TCP, and for an address without any."""
        names = self._names()
        if not names or (names[0] in _HOSTS and names[1:] in ([], ["tcp"])):
            return None
        shown = "".join(str(part) for part in self.components if part.protocol not in (*_HOSTS, "p2p")) or str(self)
        for protocol, what in _NOT_SPOKEN.items():
            if protocol in names:
                return f"{shown}: {what} not spoken; pass a TCP address, such as {EXAMPLE}"
        return f"{shown}: this does not lead to a host over TCP; pass an address such as {EXAMPLE}"

    def tcp_refusal(self) -> str | None:
        """Returns why it cannot be dialled over plain TCP, and what to do; None if it can."""
        refusal = self.transport_refusal()
        if refusal is not None:
            return refusal
        if not self._names():
            return f"it does not say where the peer is; pass an address such as {EXAMPLE}"
        if not self.port:
            missing = "it has no port" if self.port is None else "port 0 cannot be dialled"
            return f"{missing}; add the port that the peer listens on, such as {EXAMPLE}"
        return None

    def _names(self) -> list[str]:
        names = [name for name, _ in self.components]
        return names[:-1] if names[-1] == "p2p" else names


EXAMPLE = "/ip4/127.0.0.1/tcp/9000/p2p/16Uiu2…"
"""What an address looks like, for messages."""

_NOT_SPOKEN = {
    "p2p-circuit": "relays (p2p-circuit) are",
    "quic-v1": "QUIC is",
    "quic": "QUIC is",
    "wss": "libp2p over websockets is",
    "ws": "libp2p over websockets is",
    "tls": "TLS is",
    "udp": "UDP is",
}


def _part(name: str) -> protocols.Part:
    part = protocols.BY_NAME.get(name)
    if part is None:
        if name in protocols.FOREIGN.values():
            raise ValueError(f"/{name} is not spoken; pass a TCP address, such as {EXAMPLE}")
        raise ValueError(f"there is no protocol {_shown(name)} of multiaddrs; an address looks like {EXAMPLE}")
    return part


def _checked(name: str, value: str) -> Component:
    part = _part(name)
    try:
        return Component(part.name, part.decode(part.encode(value)))
    except ValueError as error:
        raise ValueError(f"/{name}/{_shown(value)[1:-1]}: {error}") from None


def _shown(text: str) -> str:
    return repr(text if len(text) <= 64 else text[:63] + "…")


def _read_varint(data: bytes, offset: int) -> tuple[int, int]:
    found = varint.decode(data, offset, minimal=True)
    if found is None:
        raise ValueError("an address that ends within a number")
    return found
