"""Every request of eth2's networking, as one table: a row per protocol.

From ethereum/consensus-specs of 2026-08-07, `specs/FORK/p2p-interface.md`; the fork that brought a protocol is in its
row. Containers are named here and loaded when asked for, so that this table costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final

from pyrum_sync.spec.encoding import MAX_PAYLOAD_SIZE, SSZ, SSZ_SNAPPY

PREFIX: Final = "/eth2/beacon_chain/req/"

MAX_REQUEST_BLOCKS: Final = 1024
MAX_REQUEST_BLOCKS_DENEB: Final = 128
MAX_REQUEST_BLOB_SIDECARS: Final = MAX_REQUEST_BLOCKS_DENEB * 9  # blobs in a block since Electra
MAX_REQUEST_LIGHT_CLIENT_UPDATES: Final = 128
MAX_REQUEST_PAYLOADS: Final = 128
MAX_REQUEST_INCLUSION_LIST: Final = 16
NUMBER_OF_COLUMNS: Final = 128

Sizes = tuple[int, int]


@dataclass(frozen=True)
class Method:
    """One protocol: a request in one version."""

    name: str
    """As Rumor's commands have it: `blocks-by-range`."""
    wire_name: str
    """As the protocol id has it: `beacon_blocks_by_range`."""
    version: int
    request: str | None
    """The container of the request, by its name in `containers`; None where a request has no content."""
    response: str | None
    """The container of a chunk, likewise; None where it depends on the fork: bytes."""
    request_sizes: Sizes
    """Bytes of SSZ, at least and at most; (0, 0) where a request has no content."""
    response_sizes: Sizes
    """The same for a chunk, over all forks and presets."""
    max_chunks: int
    """How many chunks of success an answer may have."""
    context: bool
    """Whether those have context bytes: the fork digest of the object's epoch."""
    fork: str
    """The fork whose specification brought it."""
    deprecated: bool = False

    def protocol(self, encoding: str = SSZ_SNAPPY) -> str:
        """Returns the protocol id; `encoding` is `ssz_snappy`, or `ssz` for Rumor's `--compression=none`."""
        return f"{PREFIX}{self.wire_name}/{self.version}/{encoding}"

    def request_container(self) -> Any:
        """Returns the remerkleable type of the request, or None."""
        return _container(self.request)

    def response_container(self) -> Any:
        """Returns the remerkleable type of a chunk, or None."""
        return _container(self.response)


def _container(name: str | None) -> Any:
    return None if name is None else getattr(import_module("pyrum_sync.spec.containers"), name)


def _exactly(size: int) -> Sizes:
    return size, size


def _list(most: int, item: int) -> Sizes:
    return 0, most * item


_NOTHING: Final = (0, 0)
_ROOT: Final = 32
_OFFSET: Final = 4
_UINT64: Final = 8

# The fixed part of phase 0's is the smallest of all forks'.
_BLOCK: Final = (404, MAX_PAYLOAD_SIZE)
# The proof of inclusion is shorter in the minimal preset.
_BLOB_SIDECAR: Final = (131_672, 131_928)
# Gloas's is the smallest.
_COLUMN_SIDECAR: Final = (56, MAX_PAYLOAD_SIZE)
# Altair's in the minimal preset, whose sync committees have 32 members, are the smallest.
_BOOTSTRAP: Final = (1856, MAX_PAYLOAD_SIZE)
_UPDATE: Final = (2268, MAX_PAYLOAD_SIZE)
_FINALITY_UPDATE: Final = (524, MAX_PAYLOAD_SIZE)
_OPTIMISTIC_UPDATE: Final = (220, MAX_PAYLOAD_SIZE)
# An offset and a signature, and what their messages have at least.
_ENVELOPE: Final = (100, MAX_PAYLOAD_SIZE)
_INCLUSION_LIST: Final = (152, MAX_PAYLOAD_SIZE)

_COLUMNS: Final = NUMBER_OF_COLUMNS * _UINT64
_RANGE: Final = _exactly(2 * _UINT64)
_RANGE_WITH_STEP: Final = _exactly(3 * _UINT64)
_RANGE_WITH_COLUMNS: Final = (20, 20 + _COLUMNS)
_ROOTS: Final = _list(MAX_REQUEST_BLOCKS_DENEB, _ROOT)

# fmt: off
METHODS: Final = (
    Method("status", "status", 1, "Status", "Status", _exactly(84), _exactly(84), 1, False, "phase0"),
    Method("status", "status", 2, "StatusV2", "StatusV2", _exactly(92), _exactly(92), 1, False, "fulu"),
    Method("goodbye", "goodbye", 1, "Goodbye", "Goodbye", _exactly(8), _exactly(8), 1, False, "phase0"),
    Method("ping", "ping", 1, "Ping", "Ping", _exactly(8), _exactly(8), 1, False, "phase0"),
    Method("metadata", "metadata", 1, None, "MetaData", _NOTHING, _exactly(16), 1, False, "phase0"),
    Method("metadata", "metadata", 2, None, "MetaDataV2", _NOTHING, _exactly(17), 1, False, "altair"),
    Method("metadata", "metadata", 3, None, "MetaDataV3", _NOTHING, _exactly(25), 1, False, "fulu"),
    Method("blocks-by-range", "beacon_blocks_by_range", 1, "BlocksByRangeRequest", None,
           _RANGE_WITH_STEP, _BLOCK, MAX_REQUEST_BLOCKS, False, "phase0", deprecated=True),
    Method("blocks-by-range", "beacon_blocks_by_range", 2, "BlocksByRangeRequest", None,
           _RANGE_WITH_STEP, _BLOCK, MAX_REQUEST_BLOCKS_DENEB, True, "altair"),
    Method("blocks-by-root", "beacon_blocks_by_root", 1, "BlocksByRootRequest", None,
           _list(MAX_REQUEST_BLOCKS, _ROOT), _BLOCK, MAX_REQUEST_BLOCKS, False, "phase0", deprecated=True),
    Method("blocks-by-root", "beacon_blocks_by_root", 2, "BlocksByRootRequest", None,
           _ROOTS, _BLOCK, MAX_REQUEST_BLOCKS_DENEB, True, "altair"),
    Method("blocks-by-head", "beacon_blocks_by_head", 1, "BlocksByHeadRequest", None,
           _exactly(_ROOT + _UINT64), _BLOCK, MAX_REQUEST_BLOCKS_DENEB, True, "fulu"),
    Method("blob-sidecars-by-range", "blob_sidecars_by_range", 1, "BlobSidecarsByRangeRequest", None,
           _RANGE, _BLOB_SIDECAR, MAX_REQUEST_BLOB_SIDECARS, True, "deneb", deprecated=True),
    Method("blob-sidecars-by-root", "blob_sidecars_by_root", 1, "BlobSidecarsByRootRequest", None,
           _list(MAX_REQUEST_BLOB_SIDECARS, _ROOT + _UINT64), _BLOB_SIDECAR, MAX_REQUEST_BLOB_SIDECARS, True, "deneb",
           deprecated=True),
    Method("data-column-sidecars-by-range", "data_column_sidecars_by_range", 1, "DataColumnSidecarsByRangeRequest",
           None, _RANGE_WITH_COLUMNS, _COLUMN_SIDECAR, MAX_REQUEST_BLOCKS_DENEB * NUMBER_OF_COLUMNS, True, "fulu"),
    Method("data-column-sidecars-by-root", "data_column_sidecars_by_root", 1, "DataColumnSidecarsByRootRequest", None,
           _list(MAX_REQUEST_BLOCKS_DENEB, _OFFSET + _ROOT + _OFFSET + _COLUMNS), _COLUMN_SIDECAR,
           MAX_REQUEST_BLOCKS_DENEB * NUMBER_OF_COLUMNS, True, "fulu"),
    Method("light-client-bootstrap", "light_client_bootstrap", 1, "LightClientBootstrapRequest", None,
           _exactly(_ROOT), _BOOTSTRAP, 1, True, "altair"),
    Method("light-client-updates-by-range", "light_client_updates_by_range", 1, "LightClientUpdatesByRangeRequest",
           None, _RANGE, _UPDATE, MAX_REQUEST_LIGHT_CLIENT_UPDATES, True, "altair"),
    Method("light-client-finality-update", "light_client_finality_update", 1, None, None,
           _NOTHING, _FINALITY_UPDATE, 1, True, "altair"),
    Method("light-client-optimistic-update", "light_client_optimistic_update", 1, None, None,
           _NOTHING, _OPTIMISTIC_UPDATE, 1, True, "altair"),
    Method("execution-payload-envelopes-by-range", "execution_payload_envelopes_by_range", 1,
           "ExecutionPayloadEnvelopesByRangeRequest", None, _RANGE, _ENVELOPE, MAX_REQUEST_BLOCKS_DENEB, True, "gloas"),
    Method("execution-payload-envelopes-by-root", "execution_payload_envelopes_by_root", 1,
           "ExecutionPayloadEnvelopesByRootRequest", None, _list(MAX_REQUEST_PAYLOADS, _ROOT), _ENVELOPE,
           MAX_REQUEST_PAYLOADS, True, "gloas"),
    Method("inclusion-lists-by-indices", "inclusion_lists_by_indices", 1, "InclusionListsByIndicesRequest", None,
           _exactly(_UINT64 + _ROOT + 2), _INCLUSION_LIST, MAX_REQUEST_INCLUSION_LIST, True, "heze"),
)
# fmt: on

NAMES: Final = tuple(dict.fromkeys(row.name for row in METHODS))
"""The methods as Rumor's commands name them, each once."""

_VERSIONS: Final = MappingProxyType(
    {name: tuple(row for row in reversed(METHODS) if row.name == name) for name in NAMES}
)
_PROTOCOLS: Final = MappingProxyType(
    {row.protocol(encoding): (row, encoding) for row in METHODS for encoding in (SSZ_SNAPPY, SSZ)}
)


def versions(name: str) -> tuple[Method, ...]:
    """Returns the versions of a method, the newest first; `_` for `-` in its name is allowed.

    Raises:
        ValueError: there is no method of that name.
    """
    try:
        return _VERSIONS[name.replace("_", "-")]
    except KeyError:
        raise ValueError(f"{name!r} is not a method; those are {', '.join(NAMES)}") from None


def method(name: str, version: int) -> Method:
    """Returns a method in one version.

    Raises:
        ValueError: there is no method of that name, or not in that version.
    """
    rows = versions(name)
    for row in rows:
        if row.version == version:
            return row
    known = ", ".join(str(row.version) for row in reversed(rows))
    raise ValueError(f"{rows[0].name} has no version {version}; there is {known}")


def by_protocol(protocol: str) -> tuple[Method, str] | None:
    """Returns the method of a protocol id, and the encoding (`ssz_snappy` or `ssz`); None for any other protocol."""
    return _PROTOCOLS.get(protocol)
