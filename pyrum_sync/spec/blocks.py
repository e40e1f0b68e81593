"""What a probe can read of a SignedBeaconBlock without knowing its fork."""

from __future__ import annotations

from struct import Struct
from typing import Final, NamedTuple

# SignedBeaconBlock: the offset of the message, the signature. BeaconBlock: slot, proposer_index, parent_root,
# state_root, the offset of the body. The same in every fork so far.
_FIXED: Final = Struct("<I96sQQ32s32sI")
_MESSAGE: Final = 100
_BODY: Final = _FIXED.size - _MESSAGE


class BlockSummary(NamedTuple):
    """The header fields of a block."""

    slot: int
    proposer_index: int
    parent_root: bytes
    state_root: bytes
    size: int
    """Bytes of the whole SSZ."""


def block_summary(ssz: bytes | bytearray | memoryview) -> BlockSummary:
    """Returns the header fields of a SignedBeaconBlock of any fork.

    Raises:
        ValueError: `ssz` is not one; the message says what is wrong.
    """
    if len(ssz) < _FIXED.size:
        raise ValueError(f"{len(ssz)} bytes that are not a SignedBeaconBlock: {_FIXED.size} are the least")
    message, _, slot, proposer_index, parent_root, state_root, body = _FIXED.unpack_from(ssz)
    if message != _MESSAGE:
        raise ValueError(f"{len(ssz)} bytes that are not a SignedBeaconBlock: the first offset is {message}, not 100")
    if body != _BODY:
        raise ValueError(f"{len(ssz)} bytes that are not a SignedBeaconBlock: the body's offset is {body}, not {_BODY}")
    return BlockSummary(slot, proposer_index, parent_root, state_root, len(ssz))
