"""How fast streams are opened to js-libp2p over mplex.

At the sixth new stream in a second its @libp2p/mplex 12 resets all streams of the connection: `disconnectThreshold`.
"""

from __future__ import annotations

from collections import deque

_STREAMS = 5
_SECONDS = 1.05


class Pace:
    """So many streams a second."""

    def __init__(self) -> None:
        self._opened: deque[float] = deque(maxlen=_STREAMS)

    def delay(self, now: float) -> float:
        """Returns how many seconds to wait before the next stream is opened; that moment is taken then."""
        opened = self._opened
        moment = max(now, opened[0] + _SECONDS) if len(opened) == _STREAMS else now
        opened.append(moment)
        return moment - now
