"""Gossipsub's numbers: protocol ids, the shape of the mesh, and the bound of everything that a peer can make grow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FLOODSUB: Final = "/floodsub/1.0.0"
MESHSUB_1_0: Final = "/meshsub/1.0.0"
MESHSUB_1_1: Final = "/meshsub/1.1.0"
MESHSUB_1_2: Final = "/meshsub/1.2.0"

PROTOCOLS: Final = (MESHSUB_1_1, MESHSUB_1_2, MESHSUB_1_0, FLOODSUB)
"""What a host offers, and proposes in this order."""

MESHSUB: Final = frozenset((MESHSUB_1_0, MESHSUB_1_1, MESHSUB_1_2))
"""The protocols that have a mesh and gossip; floodsub has subscriptions and messages only."""

MAX_PAYLOAD_SIZE: Final = 10 * 1024 * 1024
"""eth2: the most bytes of a message before compression (phase0/p2p-interface.md)."""

MAX_COMPRESSED_SIZE: Final = 32 + MAX_PAYLOAD_SIZE + MAX_PAYLOAD_SIZE // 6
"""eth2: the most bytes of a message as it is sent."""

RUMOR_MAX_FRAME: Final = 1024 * 1024
"""go-libp2p-pubsub's DefaultMaxMessageSize, which Rumor leaves as it is (p2p/gossip/pubsub.go)."""


@dataclass(frozen=True)
class GossipOptions:
    """How a router behaves; seconds and bytes unless said.

    The defaults are eth2's mesh and history with the heartbeat of Rumor, which leaves go-libp2p-pubsub's of 1 s.
    """

    # the mesh of a topic
    degree: int = 8
    degree_low: int = 6
    degree_high: int = 12
    degree_outbound: int = 2
    heartbeat_seconds: float = 1.0
    prune_backoff: float = 60.0
    unsubscribe_backoff: float = 10.0
    backoff_slack: float = 1.0
    max_backoff: float = 3600.0
    max_backoffs: int = 4096
    graft_flood_seconds: float = 10.0
    fanout_seconds: float = 60.0
    flood_publish: bool = True

    # lazy gossip: heartbeats that a message is kept, and advertised
    history_length: int = 6
    history_gossip: int = 3
    lazy_degree: int = 6
    lazy_factor: float = 0.25
    ask_seconds: float = 3.0
    max_retransmissions: int = 3

    # what is kept
    max_frame: int = MAX_COMPRESSED_SIZE + 1024
    max_unread: int = 64 * 1024 * 1024
    frame_seconds: float = 60.0
    max_seen: int = 1 << 17
    max_cached: int = 1 << 16
    max_cached_bytes: int = 64 * 1024 * 1024
    max_outbox_bytes: int = 4 * 1024 * 1024
    max_outbox_messages: int = 8192
    max_waiting_bytes: int = 64 * 1024 * 1024
    outbox_seconds: float = 30.0
    max_asks: int = 20_000

    # what one peer may do: at a time, or in a heartbeat
    max_topics: int = 1024
    max_topic_length: int = 256
    max_id_length: int = 128
    max_subscription_changes: int = 2048
    max_ihave_rpcs: int = 10
    max_ids: int = 5000
    max_dont_want: int = 2000

    def __post_init__(self) -> None:
        if not 0 <= self.degree_low <= self.degree <= self.degree_high:
            raise ValueError("a mesh's degrees must ascend: degree_low, degree, degree_high")
        if not 0 < self.history_gossip <= self.history_length:
            raise ValueError("history_gossip must be at least 1, and at most history_length")


ETH2: Final = GossipOptions(heartbeat_seconds=0.7)
"""The consensus specification's parameters (phase0/p2p-interface.md)."""

RUMOR: Final = GossipOptions(degree=6, degree_low=5, history_length=5, flood_publish=False)
"""What Rumor runs with: the defaults of go-libp2p-pubsub 0.3.3 (its go.mod and p2p/gossip/pubsub.go)."""
