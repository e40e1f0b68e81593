"""The Status request of Eth2, as an SSZ container."""

from remerkleable.basic import uint64
from remerkleable.byte_arrays import Bytes32, ByteVector
from remerkleable.complex import Container


class Status(Container):  # type: ignore[misc]
    fork_digest: ByteVector[4]
    finalized_root: Bytes32
    finalized_epoch: uint64
    head_root: Bytes32
    head_slot: uint64


def status(slot: int) -> Status:
    return Status(
        fork_digest=bytes.fromhex("f00dcafe"),
        finalized_root=b"\x11" * 32,
        finalized_epoch=slot // 32,
        head_root=b"\x22" * 32,
        head_slot=slot,
    )
