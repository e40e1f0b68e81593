"""The requests of Ethereum's consensus layer: their containers, and a blocking function for each.

>>> from pyrum_sync import eth2
>>> theirs = eth2.status(alice, bob_id, eth2.Status(head_slot=1))  # doctest: +SKIP
>>> with eth2.serve(bob, "status", lambda ours: eth2.Status(head_slot=2)):  # doctest: +SKIP
...     ...

An actor asks a peer that it is connected to. Time limits are in seconds (None: for ever); each covers the whole
function. A Go Rumor speaks version 1 of six requests; the engine speaks every request in every version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

# At once, although they are not always needed: later they would take the places of the functions that they are named
# after.
from pyrum_sync.eth2.decode import decode
from pyrum_sync.eth2.request import request
from pyrum_sync.eth2.serve import Server, serve

if TYPE_CHECKING:
    from pyrum_sync.eth2.blocks import blocks_by_head, blocks_by_range, blocks_by_root
    from pyrum_sync.eth2.errors import RequestError
    from pyrum_sync.eth2.light_client import (
        light_client_bootstrap,
        light_client_finality_update,
        light_client_optimistic_update,
        light_client_updates_by_range,
    )
    from pyrum_sync.eth2.payloads import (
        execution_payload_envelopes_by_range,
        execution_payload_envelopes_by_root,
        inclusion_lists_by_indices,
    )
    from pyrum_sync.eth2.sidecars import (
        blob_sidecars_by_range,
        blob_sidecars_by_root,
        data_column_sidecars_by_range,
        data_column_sidecars_by_root,
    )
    from pyrum_sync.eth2.single import goodbye, metadata, ping, status
    from pyrum_sync.eth2.versions import METHODS
    from pyrum_sync.spec.blocks import BlockSummary, block_summary
    from pyrum_sync.spec.containers import (
        BlobIdentifier,
        BlobSidecarsByRangeRequest,
        BlobSidecarsByRootRequest,
        BlocksByHeadRequest,
        BlocksByRangeRequest,
        BlocksByRootRequest,
        DataColumnsByRootIdentifier,
        DataColumnSidecarsByRangeRequest,
        DataColumnSidecarsByRootRequest,
        ExecutionPayloadEnvelopesByRangeRequest,
        ExecutionPayloadEnvelopesByRootRequest,
        Goodbye,
        InclusionListsByIndicesRequest,
        LightClientBootstrapRequest,
        LightClientUpdatesByRangeRequest,
        MetaData,
        MetaDataV2,
        MetaDataV3,
        Ping,
        Status,
        StatusV2,
    )
    from pyrum_sync.spec.forks import BlobParameters, Fork, fork_digest
    from pyrum_sync.spec.goodbye import GOODBYE_REASONS, goodbye_reason
    from pyrum_sync.spec.networks import NETWORKS, Network

__all__ = [
    "GOODBYE_REASONS",
    "METHODS",
    "NETWORKS",
    "BlobIdentifier",
    "BlobParameters",
    "BlobSidecarsByRangeRequest",
    "BlobSidecarsByRootRequest",
    "BlockSummary",
    "BlocksByHeadRequest",
    "BlocksByRangeRequest",
    "BlocksByRootRequest",
    "DataColumnSidecarsByRangeRequest",
    "DataColumnSidecarsByRootRequest",
    "DataColumnsByRootIdentifier",
    "ExecutionPayloadEnvelopesByRangeRequest",
    "ExecutionPayloadEnvelopesByRootRequest",
    "Fork",
    "Goodbye",
    "InclusionListsByIndicesRequest",
    "LightClientBootstrapRequest",
    "LightClientUpdatesByRangeRequest",
    "MetaData",
    "MetaDataV2",
    "MetaDataV3",
    "Network",
    "Ping",
    "RequestError",
    "Server",
    "Status",
    "StatusV2",
    "blob_sidecars_by_range",
    "blob_sidecars_by_root",
    "block_summary",
    "blocks_by_head",
    "blocks_by_range",
    "blocks_by_root",
    "data_column_sidecars_by_range",
    "data_column_sidecars_by_root",
    "decode",
    "execution_payload_envelopes_by_range",
    "execution_payload_envelopes_by_root",
    "fork_digest",
    "goodbye",
    "goodbye_reason",
    "inclusion_lists_by_indices",
    "light_client_bootstrap",
    "light_client_finality_update",
    "light_client_optimistic_update",
    "light_client_updates_by_range",
    "metadata",
    "ping",
    "request",
    "serve",
    "status",
]

# What is loaded when it is first asked for; what is not in here is a container, which loads remerkleable.
_PLACES = {
    "eth2.blocks": ("blocks_by_head", "blocks_by_range", "blocks_by_root"),
    "eth2.errors": ("RequestError",),
    "eth2.light_client": (
        "light_client_bootstrap", "light_client_finality_update", "light_client_optimistic_update",
        "light_client_updates_by_range",
    ),
    "eth2.payloads": (
        "execution_payload_envelopes_by_range", "execution_payload_envelopes_by_root", "inclusion_lists_by_indices",
    ),
    "eth2.sidecars": (
        "blob_sidecars_by_range", "blob_sidecars_by_root", "data_column_sidecars_by_range",
        "data_column_sidecars_by_root",
    ),
    "eth2.single": ("goodbye", "metadata", "ping", "status"),
    "eth2.versions": ("METHODS",),
    "spec.blocks": ("BlockSummary", "block_summary"),
    "spec.forks": ("BlobParameters", "Fork", "fork_digest"),
    "spec.goodbye": ("GOODBYE_REASONS", "goodbye_reason"),
    "spec.networks": ("NETWORKS", "Network"),
}  # fmt: skip
_PLACE_OF = {name: place for place, names in _PLACES.items() for name in names}


if not TYPE_CHECKING:  # else any misspelt name would pass

    def __getattr__(name: str) -> Any:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        found = globals()[name] = getattr(import_module(f"pyrum_sync.{_PLACE_OF.get(name, 'spec.containers')}"), name)
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
