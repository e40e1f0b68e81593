"""What a gossip router has to say to its owner."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GossipMessage:
    """A message as a subscriber gets it. Peer ids are the bytes of their multihash."""

    topic: str
    message_id: bytes
    data: bytes
    """As it was sent."""
    content: bytes | None
    """`data`, decompressed if the topic ends in `_snappy`; None if it does not decompress."""
    received_from: bytes
    """The peer that it came from; the router's own id for a message of its own."""
    author: bytes | None
    seqno: bytes | None
    signature: bytes | None


@dataclass(frozen=True, slots=True)
class Deliver:
    """A new message of a subscribed topic, once for each message."""

    message: GossipMessage


@dataclass(frozen=True, slots=True)
class PeerJoined:
    """A connected peer subscribed to a topic that was joined."""

    topic: str
    peer: bytes


@dataclass(frozen=True, slots=True)
class PeerLeft:
    """A peer of a joined topic ended its subscription, or is gone."""

    topic: str
    peer: bytes


@dataclass(frozen=True, slots=True)
class Output:
    """There are bytes for a peer: call `outgoing` until it returns none, waiting in between as its stream demands."""

    peer: bytes


@dataclass(frozen=True, slots=True)
class Disconnect:
    """The peer misbehaved: close the connection to it. Nothing more is taken from it, nor sent to it."""

    peer: bytes
    reason: str


Event = Deliver | PeerJoined | PeerLeft | Output | Disconnect


@dataclass(slots=True)
class GossipStats:
    """What a router counted since it began."""

    delivered: int = 0
    duplicates: int = 0
    refused: int = 0
    """Messages that broke their topic's rules, or whose topic was not subscribed to."""
    dropped: int = 0
    """Messages for peers that read too slowly: their outbox was full, or they waited in it too long."""
    too_long: int = 0
    """Own messages over their topic's limit: delivered here, sent to nobody."""
