"""What hosts know of peers: where they may be found, and what they said of themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from pyrum_sync.spec.multiaddr import Multiaddr

from .newest import Newest

MAX_ADDRESSES = 32
"""The most addresses that are kept of a peer; then the oldest goes."""
MAX_PEERS = 4096
"""The most peers that are remembered; then the one that connected longest ago goes: anybody can have ever new ids."""


@dataclass
class PeerRecord:
    """What is known of one peer."""

    addresses: list[Multiaddr] = field(default_factory=list)
    """Where it may be found, without its peer id."""
    protocols: set[str] = field(default_factory=set)
    """What it serves, as it said when it identified itself."""
    agent: str = ""
    protocol_version: str = ""

    def add_address(self, address: Multiaddr) -> None:
        """Remembers a place where the peer may be found."""
        if address.place not in self.addresses:
            self.addresses.append(address.place)
            del self.addresses[:-MAX_ADDRESSES]


class Peerstore(Protocol):
    """Records of peers, by peer id. The network writes into the one that it was handed; nothing asks it back."""

    def peers(self) -> list[str]:
        """Returns all known peers."""

    def record(self, peer: str) -> PeerRecord:
        """Returns the record of a peer, made if there is none."""

    def find(self, peer: str) -> PeerRecord:
        """Returns the record of a peer; if there is none an empty one, which is not kept."""


class MemoryPeerstore:
    """A peerstore that lasts as long as the process."""

    def __init__(self) -> None:
        self._records: Newest[str, PeerRecord] = Newest(MAX_PEERS)

    def peers(self) -> list[str]:
        """Returns all known peers."""
        return list(self._records)

    def record(self, peer: str) -> PeerRecord:
        """Returns the record of a peer, made if there is none."""
        record = self._records[peer] = self._records.get(peer) or PeerRecord()
        return record

    def find(self, peer: str) -> PeerRecord:
        """Returns the record of a peer; if there is none an empty one, which is not kept."""
        return self._records.get(peer, PeerRecord())


class CurrentPeerstore:
    """Stands for another peerstore, which may be changed under a running host (``peerstore switch``)."""

    def __init__(self, current: Peerstore) -> None:
        self.current = current

    def peers(self) -> list[str]:
        """Returns all peers that the current peerstore knows."""
        return self.current.peers()

    def record(self, peer: str) -> PeerRecord:
        """Returns the current peerstore's record of a peer, made if there is none."""
        return self.current.record(peer)

    def find(self, peer: str) -> PeerRecord:
        """Returns the current peerstore's record of a peer; if there is none an empty one, which is not kept."""
        return self.current.find(peer)
