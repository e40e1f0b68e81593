"""The keys of an Ethereum node record whose values a specification fixes: how each value is read and written.

EIP-778 has the addresses, the consensus layer's p2p specification `eth2`, `attnets`, `syncnets`, `cgc` and `nfd`.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pyrum_sync.spec import rlp

FAR_FUTURE_EPOCH = 2**64 - 1
"""The epoch of a fork that is not scheduled."""


@dataclass(frozen=True)
class ForkId:
    """The value of a record's key `eth2`: the fork that a node is on, and the next one (phase 0's ENRForkID).

    Args:
        fork_digest: 4 bytes, the digest of the current fork.
        next_fork_version: 4 bytes; the current version if no fork is planned, or only blob parameters change.
        next_fork_epoch: when the next fork is; FAR_FUTURE_EPOCH if none is planned.

    Raises:
        ValueError: a length other than 4 bytes, or an epoch outside 64 bits.
    """

    fork_digest: bytes
    next_fork_version: bytes
    next_fork_epoch: int

    def __post_init__(self) -> None:
        for name in ("fork_digest", "next_fork_version"):
            value = getattr(self, name)
            if not isinstance(value, (bytes, bytearray, memoryview)):
                raise TypeError(f"{name} must be bytes, not {type(value).__name__}")
            if len(bytes(value)) != 4:
                raise ValueError(f"{name} has 4 bytes, not {len(bytes(value))}")
            object.__setattr__(self, name, bytes(value))
        if isinstance(self.next_fork_epoch, bool) or not isinstance(self.next_fork_epoch, int):
            raise TypeError(f"next_fork_epoch must be an int, not {type(self.next_fork_epoch).__name__}")
        if not 0 <= self.next_fork_epoch < 2**64:
            raise ValueError(f"next_fork_epoch must be 0 to 2^64 - 1, not {self.next_fork_epoch}")

    def encode(self) -> bytes:
        """Returns its SSZ, 16 bytes."""
        return self.fork_digest + self.next_fork_version + self.next_fork_epoch.to_bytes(8, "little")

    @classmethod
    def decode(cls, data: bytes) -> ForkId:
        """Reads the SSZ. ValueError: not 16 bytes."""
        if len(data) != 16:
            raise ValueError(f"{len(data)} bytes, not 16")
        return cls(data[:4], data[4:8], int.from_bytes(data[8:], "little"))


@dataclass(frozen=True)
class Key:
    """A key of a record: `attribute` is its name in Python; both ways raise ValueError, or TypeError when writing."""

    name: str
    attribute: str
    decode: Callable[[bytes], Any]
    encode: Callable[[Any], bytes]


def _sized(*sizes: int) -> Callable[[bytes], bytes]:
    def decode(data: bytes) -> bytes:
        if len(data) not in sizes:
            raise ValueError(f"{len(data)} bytes, not {sizes[0]}")
        return data

    return decode


def to_bytes(value: object) -> bytes:
    """Returns bytes-like values as bytes. TypeError: anything else."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    raise TypeError(f"bytes are needed, not {type(value).__name__}")


def _ip(version: int) -> Key:
    name, size = ("ip", 4) if version == 4 else ("ip6", 16)

    def decode(data: bytes) -> str:
        if len(data) != size:
            raise ValueError(f"{len(data)} bytes, an IPv{version} address has {size}")
        return ip_text(data)

    def encode(value: object) -> bytes:
        address = ipaddress.ip_address(value) if isinstance(value, str) else value
        if not isinstance(address, (ipaddress.IPv4Address, ipaddress.IPv6Address)):
            raise TypeError(f"an IP address as text is needed, not {type(value).__name__}")
        if address.version != version or "%" in str(address):
            raise ValueError(f"{str(value)!r} is not an IPv{version} address")
        return address.packed

    return Key(name, name, decode, encode)


def ip_text(packed: bytes) -> str:
    """Returns an IP address of 4 or 16 bytes as text, the same in every version of Python."""
    if len(packed) == 16 and packed[:12] == bytes(10) + b"\xff\xff":
        return f"::ffff:{ipaddress.IPv4Address(packed[12:])}"
    return str(ipaddress.ip_address(packed))


def _unsigned(value: object, size: int) -> bytes:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"an int is needed, not {type(value).__name__}")
    if not 0 <= value < 256**size:
        raise ValueError(f"{value} is not between 0 and {256**size - 1}")
    return rlp.encode_int(int(value))


def _port(name: str) -> Key:
    def decode(data: bytes) -> int:
        # some write two bytes whatever the port; the number is clear
        if len(data) > 2:
            raise ValueError(f"{len(data)} bytes, a port has 2 at most")
        return int.from_bytes(data, "big")

    return Key(name, name, decode, lambda value: _unsigned(value, 2))


def _decode_count(data: bytes) -> int:
    if len(data) > 8:
        raise ValueError(f"{len(data)} bytes, a count has 8 at most")
    if data[:1] == b"\0":
        raise ValueError("a leading zero byte, which a count does not have")
    return int.from_bytes(data, "big")


def _encode_count(value: object) -> bytes:
    return _unsigned(value, 8) if isinstance(value, int) else to_bytes(value)


def _encode_fork_id(value: object) -> bytes:
    return value.encode() if isinstance(value, ForkId) else to_bytes(value)


def _bits(name: str, attribute: str, size: int) -> Key:
    return Key(name, attribute, _sized(size), to_bytes)


KEYS = {
    key.name: key
    for key in (
        _ip(4),
        _port("tcp"),
        _port("udp"),
        _port("quic"),
        _ip(6),
        _port("tcp6"),
        _port("udp6"),
        _port("quic6"),
        Key("eth2", "eth2", ForkId.decode, _encode_fork_id),
        _bits("attnets", "attnets", 8),
        _bits("syncnets", "syncnets", 1),
        Key("cgc", "custody_group_count", _decode_count, _encode_count),
        _bits("nfd", "next_fork_digest", 4),
    )
}
"""Every key whose value is read; `id` and `secp256k1` belong to the record's scheme."""

NAMES = {key.attribute: key.name for key in KEYS.values()}
"""The key of each attribute."""
