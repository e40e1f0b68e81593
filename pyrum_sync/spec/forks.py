"""Fork digests: four bytes that say which chain a host is on, and at which fork.

From ethereum/consensus-specs of 2026-08-07, `specs/phase0/p2p-interface.md` and `specs/fulu/beacon-chain.md`.
"""

from __future__ import annotations

from binascii import Error as _NotHex
from binascii import unhexlify
from hashlib import sha256
from typing import Final, NamedTuple

FAR_FUTURE_EPOCH: Final = (1 << 64) - 1
"""The epoch of a fork that is not scheduled."""

VERSION_SIZE: Final = 4
ROOT_SIZE: Final = 32
DIGEST_SIZE: Final = 4


class Fork(NamedTuple):
    """A fork of a network."""

    name: str
    """In lower case: `phase0`, `altair`, …"""
    version: bytes
    """4 bytes."""
    epoch: int
    """The first one; FAR_FUTURE_EPOCH when it is not scheduled."""


class BlobParameters(NamedTuple):
    """How many blobs a block may have from some epoch on: an entry of BLOB_SCHEDULE."""

    epoch: int
    max_blobs_per_block: int


def as_bytes(value: bytes | bytearray | memoryview | str, size: int, what: str) -> bytes:
    """Returns `value` (bytes, or hex with or without 0x) as bytes.

    Raises:
        ValueError: it is not hex, or not of `size` bytes.
        TypeError: it is neither.
    """
    if isinstance(value, str):
        try:
            raw = unhexlify(value.removeprefix("0x"))
        except (_NotHex, ValueError) as error:
            raise ValueError(f"{what} is not hex: {value!r}") from error
    elif isinstance(value, (bytes, bytearray, memoryview)):
        raw = bytes(value)
    else:
        raise TypeError(f"{what} must be bytes or hex, not {type(value).__name__}")
    if len(raw) != size:
        raise ValueError(f"{what} has {size} bytes, not {len(raw)}")
    return raw


def fork_data_root(version: bytes | str, genesis_validators_root: bytes | str) -> bytes:
    """Returns the hash tree root of ForkData, 32 bytes.

    Args:
        version: the fork's, 4 bytes or their hex.
        genesis_validators_root: the network's, 32 bytes or their hex.

    Raises:
        ValueError: one of them is not of its size, or no hex.
    """
    leaf = as_bytes(version, VERSION_SIZE, "a fork version").ljust(ROOT_SIZE, b"\0")
    return sha256(leaf + as_bytes(genesis_validators_root, ROOT_SIZE, "a genesis validators root")).digest()


def fork_digest(
    version: bytes | str, root: bytes | str, blob_parameters: BlobParameters | tuple[int, int] | None = None
) -> bytes:
    """Returns the fork digest, 4 bytes.

    Args:
        version: the fork's, 4 bytes or their hex.
        root: the genesis validators root, 32 bytes or their hex.
        blob_parameters: None before Fulu. Since Fulu the entry of BLOB_SCHEDULE that is in force: its own epoch, and
            its number of blobs; before the first one the epoch of Electra, and 9.

    Raises:
        ValueError: one of them is not of its size, or no hex.
    """
    base = fork_data_root(version, root)
    if blob_parameters is None:
        return base[:DIGEST_SIZE]
    mask = sha256(b"".join(number.to_bytes(8, "little") for number in blob_parameters)).digest()
    return bytes(left ^ right for left, right in zip(base, mask, strict=True))[:DIGEST_SIZE]
