"""Gossip of a host over TCP: signatures are checked here, where there is a library for it."""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

from pyrum_sync.engine.network.errors import ProtocolError
from pyrum_sync.engine.network.gossip.link import GossipHost
from pyrum_sync.engine.network.gossip.rpc import WireMessage
from pyrum_sync.engine.network.gossip.service import GossipService
from pyrum_sync.engine.network.peerstore import Peerstore
from pyrum_sync.spec import peer_id

from .identity import PublicKey


class GossipingHost(GossipHost, Protocol):
    """What gossip needs of its host."""

    @property
    def peerstore(self) -> Peerstore: ...


def start(host: GossipingHost) -> GossipService:
    """Starts gossip on a host."""
    return GossipService(host, host.peerstore, verify=verify)


def verify(message: WireMessage) -> bool:
    """Whether a message's signature is its author's.

    The author's key is in its peer id, or else in the message (libp2p's pubsub specification, "Message Signing").
    """
    if message.author is None or message.signature is None:
        return False
    key = _key(message.author, message.key)
    return key is not None and key.verify(message.signed_bytes(), message.signature)


@lru_cache(maxsize=128)
def _key(author: bytes, encoded: bytes | None) -> PublicKey | None:
    try:
        name = peer_id.from_bytes(author)
        if encoded is None:
            found = peer_id.public_key(name)
            if found is None:
                return None
            encoded = peer_id.encode_public_key(*found)
        key = PublicKey.decode(encoded)
    except (ProtocolError, ValueError):
        return None
    return key if key.peer_id == name else None
