"""IWANT: which messages were requested from which peers, and which peers broke the promise of an IHAVE."""

from __future__ import annotations

# Peers that are asked for one message at a time: one that advertises and never sends must not keep it from us
_MOST_PEERS = 3


class Asks:
    """What is being asked for, bounded in number."""

    def __init__(self, seconds: float, most: int) -> None:
        self._seconds = seconds
        self._most = most
        self._asked: dict[bytes, dict[bytes, float]] = {}

    def __len__(self) -> int:
        return len(self._asked)

    def may_ask(self, message_id: bytes, peer: bytes) -> bool:
        """Whether to ask this peer for a message, others being asked already."""
        peers = self._asked.get(message_id)
        if peers is None:
            return len(self._asked) < self._most
        return peer not in peers and len(peers) < _MOST_PEERS

    def ask(self, message_id: bytes, peer: bytes, now: float) -> None:
        """Remembers that a peer was asked."""
        self._asked.setdefault(message_id, {})[peer] = now + self._seconds

    def came(self, message_id: bytes) -> None:
        """The message is here, from whatever peer."""
        self._asked.pop(message_id, None)

    def broken(self, now: float) -> dict[bytes, float]:
        """Forgets what is over time; returns the peers that did not send it, with the time of the newest such ask."""
        peers: dict[bytes, float] = {}
        for message_id, asked in list(self._asked.items()):
            for peer, until in list(asked.items()):
                if until <= now:
                    del asked[peer]
                    peers[peer] = max(peers.get(peer, 0.0), until - self._seconds)
            if not asked:
                del self._asked[message_id]
        return peers
