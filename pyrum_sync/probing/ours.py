"""What we say of ourselves to a peer that is probed: our Status and our metadata."""

from __future__ import annotations

from pyrum_sync.spec.containers import MetaData, MetaDataV2, MetaDataV3, Ping, Status, StatusV2

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from typing import Any, Final

    from pyrum_sync.eth2.kinds import AnyStatus
    from pyrum_sync.spec.enr import Record
    from pyrum_sync.spec.network import Network

# We keep nothing. Less than the specification's CUSTODY_REQUIREMENT would not be valid, and peers hang up over that.
_CUSTODY_GROUPS: Final = 4


def first_status(record: Record | None, network: Network | None) -> StatusV2:
    """Returns the Status that is sent first: the digest of the record, else of the network now, else zeros."""
    fork = record.eth2 if record is not None else None
    if fork is not None:
        digest = fork.fork_digest
    elif network is not None:
        digest = network.fork_digest()
    else:
        digest = bytes(4)
    return StatusV2(fork_digest=digest)


def like_theirs(theirs: AnyStatus) -> StatusV2:
    """Returns the Status of one who is on the same chain and as far, but has no block before its head."""
    return StatusV2(
        fork_digest=theirs.fork_digest,
        finalized_root=theirs.finalized_root,
        finalized_epoch=theirs.finalized_epoch,
        head_root=theirs.head_root,
        head_slot=theirs.head_slot,
        earliest_available_slot=theirs.head_slot,
    )


def same_chain(ours: AnyStatus, theirs: AnyStatus) -> bool:
    """Returns whether two have the same digest, root and head: nothing to hang up over."""
    return like_theirs(ours) == like_theirs(theirs)


def decode_status(data: bytes) -> AnyStatus | None:
    """Returns a Status of either version; None if it is neither."""
    for kind in (StatusV2, Status):
        if len(data) == kind.type_byte_length():
            found: AnyStatus = kind.decode_bytes(data)
            return found
    return None


def answer(name: str, version: int, status: AnyStatus) -> bytes:
    """Returns what a peer's request is answered with, as SSZ.

    Args:
        name, version: the request: status, metadata or ping.
        status: ours.
    """
    content: Any
    if name == "status":
        kind = Status if version == 1 else StatusV2
        content = kind(**{field: getattr(status, field) for field in kind.fields() if hasattr(status, field)})
    elif name == "metadata":
        content = (MetaData(), MetaDataV2(), MetaDataV3(custody_group_count=_CUSTODY_GROUPS))[version - 1]
    else:
        content = Ping()
    data: bytes = content.encode_bytes()
    return data
