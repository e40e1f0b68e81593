"""Dials that failed are not tried again at once: libp2p's dial back-off."""

from __future__ import annotations

import time
from collections.abc import Callable

from pyrum_sync.spec.multiaddr import Multiaddr

_BASE, _MOST = 5.0, 300.0


class Backoff:
    """Per peer and address: how often it failed, and until when it is left alone."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: dict[tuple[str, Multiaddr], tuple[int, float]] = {}

    def failed(self, peer: str, address: Multiaddr) -> None:
        """A dial failed."""
        tries = self._failures.get((peer, address), (-1, 0.0))[0] + 1
        self._failures[peer, address] = tries, self._clock() + min(_BASE + tries * tries, _MOST)

    def succeeded(self, peer: str) -> None:
        """The peer was reached."""
        self._failures = {key: value for key, value in self._failures.items() if key[0] != peer}

    def waits(self, peer: str, address: Multiaddr) -> bool:
        """Whether the address is left alone now."""
        return self._failures.get((peer, address), (0, 0.0))[1] > self._clock()
