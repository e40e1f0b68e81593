"""The dial back-off of libp2p: an address that could not be dialled is left alone for a while."""

from __future__ import annotations

import time
from collections.abc import Callable

from pyrum_sync.spec.multiaddr import Multiaddr

_BASE, _MOST = 5.0, 300.0


class Backoff:
    """How often dials failed, by peer and address, and until when each is left alone."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: dict[tuple[str, Multiaddr], tuple[int, float]] = {}

    def failed(self, peer: str, address: Multiaddr) -> None:
        """Notes that a dial failed."""
        tries = self._failures.get((peer, address), (-1, 0.0))[0] + 1
        self._failures[peer, address] = tries, self._clock() + min(_BASE + tries * tries, _MOST)

    def succeeded(self, peer: str) -> None:
        """Notes that the peer was reached: its addresses are all fit again."""
        self._failures = {key: value for key, value in self._failures.items() if key[0] != peer}

    def waits(self, peer: str, address: Multiaddr) -> bool:
        """Whether the address is left alone now."""
        return self._failures.get((peer, address), (0, 0.0))[1] > self._clock()
