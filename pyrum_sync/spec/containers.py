"""The containers of requests, and of the responses that are the same in every fork, as remerkleable types.

Importing this module loads remerkleable. Each container shows mypy its fields, so that a misspelt one is an error.
"""

# No `from __future__ import annotations` here: remerkleable reads the fields of a container from its annotations.
from typing import TYPE_CHECKING, Final

from pyrum_sync.spec.goodbye import GOODBYE_REASONS, goodbye_reason
from pyrum_sync.spec.methods import (
    MAX_REQUEST_BLOB_SIDECARS,
    MAX_REQUEST_BLOCKS,
    MAX_REQUEST_BLOCKS_DENEB,
    MAX_REQUEST_PAYLOADS,
    NUMBER_OF_COLUMNS,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TypeVar, overload

    from typing_extensions import Self

    _T_co = TypeVar("_T_co", covariant=True)

    # remerkleable has no types. What is used of it, and what a user needs:
    uint64 = int
    Bytes4 = bytes
    Bytes32 = bytes

    class View:
        """Any SSZ object."""

        @classmethod
        def decode_bytes(cls, bytez: bytes) -> Self: ...
        def encode_bytes(self) -> bytes: ...
        def hash_tree_root(self) -> bytes: ...
        def copy(self) -> Self: ...
        @classmethod
        def is_fixed_byte_length(cls) -> bool: ...
        @classmethod
        def type_byte_length(cls) -> int: ...
        @classmethod
        def min_byte_length(cls) -> int: ...
        @classmethod
        def max_byte_length(cls) -> int: ...

    class Container(View):
        """An SSZ container."""

        @classmethod
        def fields(cls) -> dict[str, type]: ...

    class _Items(View, Sequence[_T_co]):
        """An SSZ list or vector of bits: made of the items, one by one or as one iterable."""

        def __init__(self, *items: _T_co | Iterable[_T_co]) -> None: ...
        def __len__(self) -> int: ...
        @overload
        def __getitem__(self, index: int) -> _T_co: ...
        @overload
        def __getitem__(self, index: slice) -> Sequence[_T_co]: ...
        def __getitem__(self, index: int | slice) -> _T_co | Sequence[_T_co]: ...

    class AttestationSubnets(_Items[bool]): ...

    class SyncSubnets(_Items[bool]): ...

    class CommitteeIndices(_Items[bool]): ...

    class ColumnIndices(_Items[int]): ...

    class _Roots(_Items[bytes]): ...

    class _PayloadRoots(_Items[bytes]): ...

else:
    from remerkleable.basic import uint64
    from remerkleable.bitfields import Bitvector
    from remerkleable.byte_arrays import Bytes4, Bytes32
    from remerkleable.complex import Container, List

    AttestationSubnets = Bitvector[64]
    SyncSubnets = Bitvector[4]
    CommitteeIndices = Bitvector[16]
    ColumnIndices = List[uint64, NUMBER_OF_COLUMNS]
    _Roots = List[Bytes32, MAX_REQUEST_BLOCKS]
    _PayloadRoots = List[Bytes32, MAX_REQUEST_PAYLOADS]

__all__ = [
    "GOODBYE_REASONS",
    "BlobIdentifier",
    "BlobSidecarsByRangeRequest",
    "BlobSidecarsByRootRequest",
    "BlocksByHeadRequest",
    "BlocksByRangeRequest",
    "BlocksByRootRequest",
    "ColumnIndices",
    "DataColumnSidecarsByRangeRequest",
    "DataColumnSidecarsByRootRequest",
    "DataColumnsByRootIdentifier",
    "ExecutionPayloadEnvelopesByRangeRequest",
    "ExecutionPayloadEnvelopesByRootRequest",
    "Goodbye",
    "InclusionListsByIndicesRequest",
    "LightClientBootstrapRequest",
    "LightClientUpdatesByRangeRequest",
    "MetaData",
    "MetaDataV2",
    "MetaDataV3",
    "Ping",
    "Status",
    "StatusV2",
    "goodbye_reason",
]

_ZERO: Final = b""  # stands for any default in what only mypy reads


class Status(Container):
    """What two hosts tell each other first: which chain they are on, and how far. Version 1, phase 0."""

    fork_digest: Bytes4
    finalized_root: Bytes32
    finalized_epoch: uint64
    head_root: Bytes32
    head_slot: uint64

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            fork_digest: bytes | str = _ZERO,
            finalized_root: bytes | str = _ZERO,
            finalized_epoch: int = 0,
            head_root: bytes | str = _ZERO,
            head_slot: int = 0,
        ) -> None: ...


class StatusV2(Container):
    """Status with the slot from which on the host has blocks and sidecars. Version 2, Fulu."""

    fork_digest: Bytes4
    finalized_root: Bytes32
    finalized_epoch: uint64
    head_root: Bytes32
    head_slot: uint64
    earliest_available_slot: uint64

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            fork_digest: bytes | str = _ZERO,
            finalized_root: bytes | str = _ZERO,
            finalized_epoch: int = 0,
            head_root: bytes | str = _ZERO,
            head_slot: int = 0,
            earliest_available_slot: int = 0,
        ) -> None: ...


class Goodbye(Container):
    """Why a host hangs up; `goodbye_reason` has the words."""

    reason: uint64

    if TYPE_CHECKING:

        def __init__(self, *, reason: int = 0) -> None: ...


class Ping(Container):
    """Whether the other side is there; carries the number of the metadata in force."""

    seq_number: uint64

    if TYPE_CHECKING:

        def __init__(self, *, seq_number: int = 0) -> None: ...


class MetaData(Container):
    """What a host offers: the attestation subnets that it stays on. `seq_number` grows with each change. Version 1."""

    seq_number: uint64
    attnets: AttestationSubnets

    if TYPE_CHECKING:

        def __init__(self, *, seq_number: int = 0, attnets: Iterable[bool] = ()) -> None: ...


class MetaDataV2(Container):
    """MetaData with the subnets of sync committees. Version 2, Altair."""

    seq_number: uint64
    attnets: AttestationSubnets
    syncnets: SyncSubnets

    if TYPE_CHECKING:

        def __init__(
            self, *, seq_number: int = 0, attnets: Iterable[bool] = (), syncnets: Iterable[bool] = ()
        ) -> None: ...


class MetaDataV3(Container):
    """MetaData with the number of custody groups. Version 3, Fulu."""

    seq_number: uint64
    attnets: AttestationSubnets
    syncnets: SyncSubnets
    custody_group_count: uint64

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            seq_number: int = 0,
            attnets: Iterable[bool] = (),
            syncnets: Iterable[bool] = (),
            custody_group_count: int = 0,
        ) -> None: ...


class BlocksByRangeRequest(Container):
    """`count` blocks, from `start_slot` on, every `step` slots; version 2 demands a step of 1."""

    start_slot: uint64
    count: uint64
    step: uint64

    if TYPE_CHECKING:

        def __init__(self, *, start_slot: int = 0, count: int = 0, step: int = 0) -> None: ...


class BlocksByRootRequest(_Roots):
    """Blocks by their roots: 1024 in version 1, 128 in version 2."""


class BlocksByHeadRequest(Container):
    """`count` blocks, from that of `beacon_root` downwards. Fulu."""

    beacon_root: Bytes32
    count: uint64

    if TYPE_CHECKING:

        def __init__(self, *, beacon_root: bytes | str = _ZERO, count: int = 0) -> None: ...


class BlobSidecarsByRangeRequest(Container):
    """The blobs of `count` slots, from `start_slot` on. Deneb; for slots before Fulu."""

    start_slot: uint64
    count: uint64

    if TYPE_CHECKING:

        def __init__(self, *, start_slot: int = 0, count: int = 0) -> None: ...


class BlobIdentifier(Container):
    """One blob of a block."""

    block_root: Bytes32
    index: uint64

    if TYPE_CHECKING:

        def __init__(self, *, block_root: bytes | str = _ZERO, index: int = 0) -> None: ...


class DataColumnSidecarsByRangeRequest(Container):
    """These `columns` of `count` slots, from `start_slot` on. Fulu."""

    start_slot: uint64
    count: uint64
    columns: ColumnIndices

    if TYPE_CHECKING:

        def __init__(self, *, start_slot: int = 0, count: int = 0, columns: Iterable[int] = ()) -> None: ...


class DataColumnsByRootIdentifier(Container):
    """Some columns of a block."""

    block_root: Bytes32
    columns: ColumnIndices

    if TYPE_CHECKING:

        def __init__(self, *, block_root: bytes | str = _ZERO, columns: Iterable[int] = ()) -> None: ...


if TYPE_CHECKING:

    class _BlobIdentifiers(_Items[BlobIdentifier]): ...

    class _ColumnIdentifiers(_Items[DataColumnsByRootIdentifier]): ...

else:
    _BlobIdentifiers = List[BlobIdentifier, MAX_REQUEST_BLOB_SIDECARS]
    _ColumnIdentifiers = List[DataColumnsByRootIdentifier, MAX_REQUEST_BLOCKS_DENEB]


class BlobSidecarsByRootRequest(_BlobIdentifiers):
    """Blobs by the roots of their blocks and their indices in them. Deneb."""


class DataColumnSidecarsByRootRequest(_ColumnIdentifiers):
    """Columns by the roots of their blocks. Fulu."""


class LightClientBootstrapRequest(Container):
    """The bootstrap of a light client at a block. Altair."""

    block_root: Bytes32

    if TYPE_CHECKING:

        def __init__(self, *, block_root: bytes | str = _ZERO) -> None: ...


class LightClientUpdatesByRangeRequest(Container):
    """The updates of `count` sync committee periods, from `start_period` on. Altair."""

    start_period: uint64
    count: uint64

    if TYPE_CHECKING:

        def __init__(self, *, start_period: int = 0, count: int = 0) -> None: ...


class ExecutionPayloadEnvelopesByRangeRequest(Container):
    """The payload envelopes of `count` slots, from `start_slot` on. Gloas."""

    start_slot: uint64
    count: uint64

    if TYPE_CHECKING:

        def __init__(self, *, start_slot: int = 0, count: int = 0) -> None: ...


class ExecutionPayloadEnvelopesByRootRequest(_PayloadRoots):
    """Payload envelopes by the roots of their blocks. Gloas."""


class InclusionListsByIndicesRequest(Container):
    """The inclusion lists of some members of a slot's committee. Heze."""

    slot: uint64
    dependent_root: Bytes32
    indices: CommitteeIndices

    if TYPE_CHECKING:

        def __init__(
            self, *, slot: int = 0, dependent_root: bytes | str = _ZERO, indices: Iterable[bool] = ()
        ) -> None: ...
