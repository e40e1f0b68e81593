"""What a host knows of its peers."""

from __future__ import annotations

from dataclasses import dataclass, field

from pyrum_sync.spec.addresses import Address


@dataclass
class PeerRecord:
    """One peer."""

    addresses: list[Address] = field(default_factory=list)
    protocols: set[str] = field(default_factory=set)
    agent: str = ""
    protocol_version: str = ""

    def add_address(self, address: Address) -> None:
        """Remember a place where the peer may be found."""
        if address.place not in self.addresses:
            self.addresses.append(address.place)


class PeerBook:
    """Records by peer id."""

    def __init__(self) -> None:
        self._records: dict[str, PeerRecord] = {}

    def peers(self) -> list[str]:
        """All known peers."""
        return list(self._records)

    def record(self, peer: str) -> PeerRecord:
        """The record of a peer, made if there is none."""
        return self._records.setdefault(peer, PeerRecord())

    def find(self, peer: str) -> PeerRecord:
        """The record of a peer, an empty one that is not kept if there is none."""
        return self._records.get(peer, PeerRecord())
