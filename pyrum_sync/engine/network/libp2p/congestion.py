"""What a connection does while more was received than is read: it stops reading, and after a while drops a stream."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from .muxer import Muxer

_AGAIN = 0.1  # seconds to the next look while a connection is not read


class Congestion:
    """Watches a muxer's unread data.

    Args:
        loop: The running loop.
        muxer: The connection's.
        transport: The connection's.
        patience: Seconds after which the stream with the most unread data is reset.
        shed: Has the muxer reset that stream, and takes its events.
    """

    __slots__ = ("_loop", "_muxer", "_patience", "_shed", "_since", "_timer", "_transport")

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        muxer: Muxer,
        transport: asyncio.Transport,
        patience: float,
        shed: Callable[[], None],
    ) -> None:
        self._loop = loop
        self._muxer = muxer
        self._transport = transport
        self._patience = patience
        self._shed = shed
        self._since = 0.0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def paused(self) -> bool:
        """Whether the connection is not read."""
        return self._timer is not None

    def look(self) -> None:
        """Stops reading, or goes on, as the muxer demands; called when data came, and when some were read."""
        if self._timer is None:
            if self._muxer.congested and not self._transport.is_closing():
                self._transport.pause_reading()
                self._since = self._loop.time()
                self._timer = self._loop.call_later(min(_AGAIN, self._patience), self._look_again)
        elif not self._muxer.congested:
            self.close()
            if not self._transport.is_closing():
                self._transport.resume_reading()

    def close(self) -> None:
        """Ends its timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look_again(self) -> None:
        # Reading on another connection may have ended it, and nothing reports that.
        self._timer = self._loop.call_later(_AGAIN, self._look_again)
        if self._muxer.congested and self._loop.time() - self._since >= self._patience:
            self._shed()
        if self._timer is not None:
            self.look()
