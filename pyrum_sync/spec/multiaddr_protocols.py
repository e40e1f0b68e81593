"""The parts that a multiaddr is made of: the number of each protocol, and the value that it carries.

Numbers from the multiaddr specification's table (multiformats/multiaddr, protocols.csv).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass

from pyrum_sync.spec import peer_id
from pyrum_sync.spec.enr_keys import ip_text

VARIABLE = -1
"""The size of a value that has its length in front."""

MAX_NAME = 253
"""Characters that the name of a host has at most."""

_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")


@dataclass(frozen=True)
class Part:
    """A protocol: `size` of its value in bytes (0: none), and the value's way from text to bytes and back.

    Both ways raise ValueError for what is no such value.
    """

    code: int
    name: str
    size: int
    encode: Callable[[str], bytes]
    decode: Callable[[bytes], str]


def _encode_ip4(text: str) -> bytes:
    try:
        return ipaddress.IPv4Address(text).packed
    except ValueError:
        raise ValueError(f"{text!r} is not an IPv4 address") from None


def _encode_ip6(text: str) -> bytes:
    if "%" in text:
        raise ValueError(f"{text!r} has a zone, which is not spoken")
    try:
        return ipaddress.IPv6Address(text).packed
    except ValueError:
        raise ValueError(f"{text!r} is not an IPv6 address") from None


def _encode_port(text: str) -> bytes:
    # a leading zero is read as Go reads it
    if not re.fullmatch(r"0{0,16}[0-9]{1,5}", text) or int(text) > 65535:
        raise ValueError(f"{text!r} is not a port, a number from 0 to 65535")
    return int(text).to_bytes(2, "big")


def _encode_host(text: str) -> bytes:
    name = text.removesuffix(".")
    if len(text) > MAX_NAME or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        hint = "" if text.isascii() else "; a name beyond ASCII is written with xn--"
        raise ValueError(f"{text!r} is not the name of a host{hint}")
    return text.encode("ascii")


def _decode_host(data: bytes) -> str:
    text = data.decode("latin-1")
    _encode_host(text)
    return text


def _no_value(text: str) -> bytes:
    if text:
        raise ValueError("this protocol has no value")
    return b""


def _bare(code: int, name: str) -> Part:
    return Part(code, name, 0, _no_value, lambda _: "")


def _port(code: int, name: str) -> Part:
    return Part(code, name, 2, _encode_port, lambda data: str(int.from_bytes(data, "big")))


def _host(code: int, name: str) -> Part:
    return Part(code, name, VARIABLE, _encode_host, _decode_host)


PARTS = (
    Part(4, "ip4", 4, _encode_ip4, ip_text),
    _port(6, "tcp"),
    Part(41, "ip6", 16, _encode_ip6, ip_text),
    _host(53, "dns"),
    _host(54, "dns4"),
    _host(55, "dns6"),
    _port(273, "udp"),
    _bare(290, "p2p-circuit"),
    Part(421, "p2p", VARIABLE, peer_id.to_bytes, peer_id.from_bytes),
    _bare(448, "tls"),
    _bare(460, "quic"),
    _bare(461, "quic-v1"),
    _bare(477, "ws"),
    _bare(478, "wss"),
)
"""Every protocol that is read."""

BY_NAME = {part.name: part for part in PARTS} | {"ipfs": PARTS[8]}
"""Protocols by their names; `ipfs` is the old one of `p2p`."""

BY_CODE = {part.code: part for part in PARTS}
"""Protocols by their numbers."""

FOREIGN = {
    33: "dccp", 42: "ip6zone", 43: "ipcidr", 56: "dnsaddr", 132: "sctp", 275: "p2p-webrtc-star",
    276: "p2p-webrtc-direct", 277: "p2p-stardust", 280: "webrtc-direct", 281: "webrtc", 301: "udt", 302: "utp",
    400: "unix", 406: "thread", 443: "https", 444: "onion", 445: "onion3", 446: "garlic64", 447: "garlic32",
    449: "sni", 454: "noise", 465: "webtransport", 466: "certhash", 479: "p2p-websocket-star", 480: "http",
    481: "http-path", 777: "memory",
}  # fmt: skip
"""Protocols that there are, and that are refused by their names."""
