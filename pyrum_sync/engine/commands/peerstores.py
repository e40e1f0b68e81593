"""Peerstores by name, which all actors share: the facts about peers that the network and Eth2 have."""

from __future__ import annotations

from pyrum_sync.engine.commands.eth2 import MetaData, Status
from pyrum_sync.engine.network.newest import Newest
from pyrum_sync.engine.network.peerstore import MAX_PEERS, MemoryPeerstore
from pyrum_sync.spec.enr import Record


class ExtendedPeerstore:
    """The network's facts about peers, and Eth2's facts beside them (Rumor's track.ExtendedPeerstore).

    Of each kind of fact those of `MAX_PEERS` peers are kept.
    """

    def __init__(self) -> None:
        self.network = MemoryPeerstore()
        self.statuses: Newest[str, Status] = Newest(MAX_PEERS)
        self.metadata: Newest[str, MetaData] = Newest(MAX_PEERS)
        self.claimed: Newest[str, int] = Newest(MAX_PEERS)
        self.latency_ns: Newest[str, int] = Newest(MAX_PEERS)
        self.records: Newest[str, Record] = Newest(MAX_PEERS)
        self._fetches: Newest[str, int] = Newest(MAX_PEERS)

    def update_record(self, peer: str, record: Record | None) -> bool:
        """Keeps a peer's record, if it is newer than the one known.

        Args:
            peer: the peer.
            record: None stands for what an enode address says, which as in Rumor is never kept.

        Returns:
            Whether there was none, or only an older one.
        """
        known = self.records.get(peer)
        if known is not None and (record is None or known.seq >= record.seq):
            return False
        if record is not None:
            self.records[peer] = record
        return True

    def claim(self, peer: str, seq_number: int) -> None:
        """A peer says its metadata has that number."""
        self.claimed[peer] = max(seq_number, self.claimed.get(peer, 0))

    def count_fetch(self, peer: str) -> int:
        """One more try to get a peer's metadata; returns how many there were."""
        self._fetches[peer] = self._fetches.get(peer, 0) + 1
        return self._fetches[peer]

    def register_metadata(self, peer: str, metadata: MetaData) -> None:
        """Keeps a peer's metadata, if newer than what is known."""
        known = self.metadata.get(peer)
        if known is not None and known.seq_number >= metadata.seq_number:
            return
        if metadata.seq_number >= self.claimed.get(peer, 0):
            self._fetches[peer] = 0
        self.metadata[peer] = metadata
        self.claim(peer, metadata.seq_number)

    def record_latency(self, peer: str, nanoseconds: int) -> None:
        """Takes a round trip into the moving average, as libp2p does."""
        before = self.latency_ns.get(peer)
        self.latency_ns[peer] = nanoseconds if before is None else int(before * 0.9 + nanoseconds * 0.1)


class Peerstores:
    """All peerstores by name."""

    def __init__(self) -> None:
        self._stores: dict[str, ExtendedPeerstore] = {}

    def names(self) -> list[str]:
        """Returns their names."""
        return list(self._stores)

    def find(self, name: str) -> ExtendedPeerstore | None:
        """Returns the one of that name."""
        return self._stores.get(name)

    def create(self, name: str) -> ExtendedPeerstore | None:
        """Makes one; None if the name is taken."""
        if name in self._stores:
            return None
        self._stores[name] = ExtendedPeerstore()
        return self._stores[name]

    def forget(self, store: ExtendedPeerstore) -> None:
        """Lets a store go; one that is not known is fine."""
        for name, known in self._stores.items():
            if known is store:
                del self._stores[name]
                return

    def name_of(self, store: ExtendedPeerstore) -> str:
        """The name of a store."""
        return next(name for name, known in self._stores.items() if known is store)
