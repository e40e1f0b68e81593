"""Which connections to close when there are too many, as libp2p's connection manager decides it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

# After a trim the next ones do nothing for that long.
SILENCE_SECONDS = 10.0


class ConnectionManager:
    """Keeps the low-water mark, the tags that protect peers, and since when each is known."""

    def __init__(self, low: int, high: int, grace: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._low = low
        self._high = high
        self._grace = grace
        self._clock = clock
        self._since: dict[str, float] = {}
        self._tags: dict[str, set[str]] = {}
        self._last_trim: float | None = None

    def connected(self, peer: str) -> None:
        """Notes that a peer connected."""
        self._since[peer] = self._clock()

    def disconnected(self, peer: str) -> None:
        """Notes that a peer is no longer connected."""
        self._since.pop(peer, None)

    def protect(self, peer: str, tag: str) -> None:
        """Spares a peer, under a tag."""
        self._tags.setdefault(peer, set()).add(tag)

    def unprotect(self, peer: str, tag: str) -> None:
        """Takes a tag away; a peer without tags is not spared."""
        tags = self._tags.get(peer, set())
        tags.discard(tag)
        if not tags:
            self._tags.pop(peer, None)

    @property
    def crowded(self) -> bool:
        """Whether the high-water mark is reached: then a trim comes by itself once a minute."""
        return len(self._since) >= self._high

    def to_close(self, spared: Collection[str]) -> list[str]:
        """Returns the peers that a trim disconnects now; `spared` are those with another reason to stay than a tag."""
        now = self._clock()
        if self._last_trim is not None and now - self._last_trim < SILENCE_SECONDS:
            return []
        self._last_trim = now
        if self._low == 0 or self._high == 0 or len(self._since) <= self._low:
            return []
        kept = {*self._tags, *spared}
        candidates = [p for p, since in self._since.items() if p not in kept and since <= now - self._grace]
        if len(candidates) < self._low:
            return []
        return candidates[: len(candidates) - self._low]
