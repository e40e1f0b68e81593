"""The containers of Eth2's requests: bytes (SSZ) to fields and back, in the two forms that Rumor shows them."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any, ClassVar

from pyrum_sync.engine.about import ENGINE


class DecodeError(ValueError):
    """Bytes that are not such a container."""


@dataclass(frozen=True)
class Status:
    """A peer's view of the chain."""

    fork_digest: bytes = bytes(4)
    finalized_root: bytes = bytes(32)
    finalized_epoch: int = 0
    head_root: bytes = bytes(32)
    head_slot: int = 0

    SIZES: ClassVar = (4, 32, 8, 32, 8)

    def encode(self) -> bytes:
        """SSZ."""
        return struct.pack(
            "<4s32sQ32sQ", self.fork_digest, self.finalized_root, self.finalized_epoch, self.head_root, self.head_slot
        )

    @classmethod
    def decode(cls, data: bytes) -> Status:
        """From SSZ."""
        _expect(data, *cls.SIZES)
        return cls(*struct.unpack_from("<4s32sQ32sQ", data))

    def shown(self) -> dict[str, Any]:
        """As fields of an entry: hex without 0x."""
        return {
            "fork_digest": self.fork_digest.hex(),
            "finalized_root": self.finalized_root.hex(),
            "finalized_epoch": self.finalized_epoch,
            "head_root": self.head_root.hex(),
            "head_slot": self.head_slot,
        }

    def json(self) -> dict[str, Any]:
        """As an object in a field: hex with 0x."""
        return {k: f"0x{v}" if isinstance(v, str) else v for k, v in self.shown().items()}


@dataclass(frozen=True)
class MetaData:
    """A peer's sequence number and subnets."""

    seq_number: int = 0
    attnets: bytes = bytes(8)

    SIZES: ClassVar = (8, 8)

    def encode(self) -> bytes:
        """SSZ."""
        return struct.pack("<Q8s", self.seq_number, self.attnets)

    @classmethod
    def decode(cls, data: bytes) -> MetaData:
        """From SSZ."""
        _expect(data, *cls.SIZES)
        return cls(*struct.unpack_from("<Q8s", data))

    def shown(self) -> dict[str, Any]:
        """As fields of an entry."""
        return {"seq_number": self.seq_number, "attnets": self.attnets.hex()}

    def json(self) -> dict[str, Any]:
        """As an object in a field."""
        return {"seq_number": self.seq_number, "attnets": f"0x{self.attnets.hex()}"}


def decode_uint64(data: bytes) -> int:
    """A ping, pong or goodbye."""
    _expect(data, 8)
    return int.from_bytes(data[:8], "little")


def decode_nothing(data: bytes) -> None:
    """The request for metadata, which is empty."""
    del data


def decode_status(data: bytes) -> dict[str, Any]:
    """A status, as shown in a field."""
    return Status.decode(data).json()


def decode_metadata(data: bytes) -> dict[str, Any]:
    """Metadata, as shown in a field."""
    return MetaData.decode(data).json()


def decode_range(data: bytes) -> dict[str, Any]:
    """A request for blocks by range."""
    _expect(data, 8, 8, 8)
    start, count, step = struct.unpack_from("<QQQ", data)
    return {"StartSlot": start, "Count": count, "Step": step}


def decode_roots(data: bytes) -> list[str]:
    """A request for blocks by root."""
    if len(data) % 32:
        raise DecodeError(f"{len(data)} bytes are no list of roots")
    return [f"0x{data[start : start + 32].hex()}" for start in range(0, len(data), 32)]


def decode_block(data: bytes) -> Any:
    """A block: its fields are not known here."""
    del data
    raise DecodeError(f"decoding blocks is not in {ENGINE}, use --raw")


def _expect(data: bytes, *sizes: int) -> None:
    """Checks that the fields of a container are all there, with the words of Rumor's decoder where they are not."""
    left = len(data)
    for position, size in enumerate(sizes):
        if size > left:
            where = "" if len(sizes) == 1 else f"failed to deserialize fixed-length field {position}: "
            raise DecodeError(f"{where}cannot read {size} bytes, {size - left} beyond scope")
        left -= size
