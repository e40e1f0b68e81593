"""How a host opens streams: not too many at once, not too fast, and each agreed on in time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from pyrum_sync.engine.network import deadlines
from pyrum_sync.engine.network.api import Deadline, DeadlineExceeded
from pyrum_sync.engine.network.peerstore import Peerstore

from .connection import Connection
from .limits import Limits
from .slots import Slots
from .stream import NetworkStream
from .timeouts import Timeouts


class Opening:
    """The negotiations of a host's streams, and its own streams' turns.

    Args:
        limits: The host's.
        peerstore: Tells which protocols a peer is known to serve.
        seconds: For a negotiation, where `limits` have no less, and for the wait for a turn; None: no limit.
    """

    def __init__(self, limits: Limits, peerstore: Peerstore, seconds: float | None) -> None:
        self._loop = asyncio.get_running_loop()
        self._peerstore = peerstore
        self._slots = Slots(limits.streams_per_protocol)
        self._seconds = seconds
        negotiation = limits.negotiation_seconds if seconds is None else min(limits.negotiation_seconds, seconds)
        self._negotiations: Timeouts[NetworkStream] = Timeouts(negotiation, _late)

    async def open(self, connection: Connection, protocols: Sequence[str], deadline: Deadline) -> NetworkStream:
        """Opens a stream on a connection.

        Where the peer is known to serve one of the protocols, that one counts as agreed on: the data go with the
        proposal. If the peer refuses it nonetheless, reading and writing raise ProtocolNotSupported.

        Raises:
            DeadlineExceeded: the deadline passed, or no protocol was agreed on in time.
            ProtocolNotSupported: the peer has none of them.
            NetworkError: the connection is closed, or takes no more streams.
        """
        slot = (connection.peer, protocols[0])
        if not self._slots.take(slot):
            await self._slots.wait(slot, _earlier(deadline, deadlines.after(self._seconds)))
        try:
            pace = connection.muxed.pace
            if pace is not None:
                await deadlines.within(asyncio.sleep(pace.delay(self._loop.time())), deadline)
            served = self._peerstore.find(connection.peer).protocols
            known = next((protocol for protocol in protocols if protocol in served), None)
            stream = connection.muxed.open_stream((known,) if known else protocols, known=known is not None)
        except BaseException:
            self._slots.free(slot)
            raise
        stream.slot = slot
        if known is None:
            await self._agreement(stream, deadline)
        return stream

    async def _agreement(self, stream: NetworkStream, deadline: Deadline) -> None:
        stream.agreement = self._loop.create_future()
        timer = None if deadline is None else self._loop.call_at(deadline, stream.fail, DeadlineExceeded())
        try:
            await stream.agreement
            stream.check()
        except BaseException:
            stream.reset()
            raise
        finally:
            if timer is not None:
                timer.cancel()

    def began(self, stream: NetworkStream) -> None:
        """A stream begins, of either side: its protocol is to be agreed on in time."""
        self._negotiations.start(stream)

    def agreed(self, stream: NetworkStream) -> None:
        """It is."""
        self._negotiations.stop(stream)

    def over(self, stream: NetworkStream) -> None:
        """A stream is over."""
        self._negotiations.stop(stream)
        if stream.slot is not None:
            self._slots.free(stream.slot)
            stream.slot = None

    def close(self) -> None:
        """Ends the timer."""
        self._negotiations.close()


def _late(stream: NetworkStream) -> None:
    stream.fail(DeadlineExceeded())


def _earlier(one: Deadline, other: Deadline) -> Deadline:
    return min((end for end in (one, other) if end is not None), default=None)
