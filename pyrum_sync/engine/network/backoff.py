"""The dial back-off of libp2p: an address that could not be dialled is left alone for a while."""

from __future__ import annotations

import time
from collections.abc import Callable

from pyrum_sync.spec.multiaddr import Multiaddr

from .newest import Newest

MAX_FAILURES = 4096
"""The most addresses that are remembered: a peer can name ever new ones."""

_BASE, _MOST = 5.0, 300.0


class Backoff:
    """How often dials failed, by peer and address, and until when each is left alone."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: Newest[tuple[str, Multiaddr], tuple[int, float]] = Newest(MAX_FAILURES)

    def failed(self, peer: str, address: Multiaddr) -> None:
        """Notes that a dial failed."""
        tries = self._failures.get((peer, address), (-1, 0.0))[0] + 1
        self._failures[peer, address] = tries, self._clock() + min(_BASE + tries * tries, _MOST)

    def succeeded(self, peer: str) -> None:
        """Notes that the peer was reached: its addresses are all fit again."""
        for key in [key for key in self._failures if key[0] == peer]:
            del self._failures[key]

    def waits(self, peer: str, address: Multiaddr) -> bool:
        """Whether the address is left alone now."""
        return self._failures.get((peer, address), (0, 0.0))[1] > self._clock()
