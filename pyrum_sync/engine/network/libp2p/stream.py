"""A stream of a connection, as the port has it: what arrived, what is to be sent, and the agreement on its protocol."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Protocol

from pyrum_sync.engine.network.api import Direction, NetworkError, ProtocolNotSupported, StreamReset
from pyrum_sync.engine.network.errors import ProtocolError

from .multistream import Dialler, Listener, ProtocolsRefused
from .sides import Carrier

_KEPT = 64 * 1024  # a request and its end, when the connection's end comes in the same moment

_TURN = 64 * 1024


class Streams(Protocol):
    """What a stream needs of the streams of its connection."""

    @property
    def peer(self) -> str: ...
    @property
    def connection(self) -> Carrier: ...
    def consumed(self, stream: NetworkStream, size: int) -> None: ...
    def write(self, stream: NetworkStream, data: bytes | memoryview) -> int: ...
    def written(self) -> None: ...
    def end(self, stream: NetworkStream) -> None: ...
    def reset(self, stream: NetworkStream) -> None: ...
    def agreed(self, stream: NetworkStream) -> None: ...
    def over(self, stream: NetworkStream) -> None: ...


class NetworkStream:
    """One side of a stream; see the port's `Stream`.

    Args:
        muxed: The streams of its connection.
        number: The muxer's name for it.
        direction: Which side opened it.
        selector: What agrees on the protocol.
    """

    __slots__ = (
        "_arrived",
        "_complete",
        "_drained",
        "_ended",
        "_ending",
        "_error",
        "_muxed",
        "_pending",
        "_reading",
        "_refused",
        "_remote_ended",
        "_selector",
        "_since_turn",
        "agreement",
        "direction",
        "ends_early",
        "number",
        "over",
        "peer",
        "protocol",
        "slot",
    )

    def __init__(self, muxed: Streams, number: int, direction: Direction, selector: Dialler | Listener) -> None:
        self._muxed = muxed
        self.number = number
        self.peer = muxed.peer
        self.direction: Direction = direction
        self.protocol = ""
        self.over = False
        self.slot: tuple[str, str] | None = None
        self.ends_early = False
        """Whether the peer bears this side's end before the protocol is agreed on."""
        self.agreement: asyncio.Future[None] | None = None
        """Set by an opener that waits for the protocol."""
        self._selector: Dialler | Listener | None = selector
        self._arrived = bytearray()
        self._since_turn = 0  # bytes sent since `drain` last gave way to others
        self._pending: deque[bytes | memoryview] = deque()  # what the muxer has no room for
        self._ending = False  # this side's end is wanted
        self._ended = False  # and the muxer knows
        self._remote_ended = False
        self._complete = False  # what came may be read although the stream was reset
        self._refused = False  # this side refused the protocol: what still comes is of no account
        self._error: NetworkError | None = None
        self._reading: asyncio.Future[None] | None = None
        self._drained: list[asyncio.Future[None]] = []

    # The port's side.

    async def read(self) -> bytes:
        """Returns some bytes, empty at the other side's end."""
        while True:
            arrived = self._arrived
            if arrived:
                data = bytes(arrived)
                arrived.clear()
                self._muxed.consumed(self, len(data))
                if self._remote_ended:
                    self._close_if_over()
                return data
            if self._error is not None and not self._complete:
                raise _anew(self._error)
            if self._remote_ended:
                self._close_if_over()
                return b""
            self._reading = asyncio.get_running_loop().create_future()
            try:
                await self._reading
            finally:
                self._reading = None

    def write(self, data: bytes) -> None:
        """Queues bytes."""
        if self._error is not None:
            raise _anew(self._error)
        if self._ending:
            raise NetworkError("stream closed")
        if data:
            self.send(data if type(data) is bytes else bytes(data))

    async def drain(self) -> None:
        """Waits until the muxer has taken all that was written; others have their turn after each 64 KiB."""
        if self._since_turn > _TURN:
            self._since_turn = 0
            await asyncio.sleep(0)
        while self._pending and self._error is None:
            drained = asyncio.get_running_loop().create_future()
            self._drained.append(drained)
            try:
                await drained
            finally:
                if drained in self._drained:
                    self._drained.remove(drained)
        if self._error is not None:
            raise _anew(self._error)

    def close_write(self) -> None:
        """Ends this side's writing, after what is queued."""
        if not self._ending and self._error is None:
            self._ending = True
            self._end_if_sent()

    def reset(self) -> None:
        """Ends the stream both ways."""
        self.fail(StreamReset())

    # The connection's side.

    @property
    def connection(self) -> Carrier:
        """Its connection."""
        return self._muxed.connection

    def send(self, data: bytes) -> None:
        """Hands bytes to the muxer; what it has no room for waits here."""
        self._since_turn += len(data)
        if self._pending:
            self._pending.append(data)
            return
        taken = self._muxed.write(self, data)
        if taken < len(data):
            self._pending.append(memoryview(data)[taken:])
        self._muxed.written()

    def writable(self) -> None:
        """The muxer has room again."""
        pending = self._pending
        while pending:
            data = pending[0]
            taken = self._muxed.write(self, data)
            if taken < len(data):
                pending[0] = memoryview(data)[taken:]
                return
            pending.popleft()
        for drained in self._drained:
            if not drained.done():
                drained.set_result(None)
        self._end_if_sent()

    def receive(self, data: bytes) -> None:
        """The other side sent bytes."""
        if self._refused:
            self._muxed.consumed(self, len(data))
        elif self._selector is not None:
            self._negotiate(self._selector, data)
        else:
            self._arrived += data
            self._wake()

    def receive_end(self) -> None:
        """The other side ended its writing."""
        self._remote_ended = True
        selector = self._selector
        if isinstance(selector, Listener) and selector.refused:
            self._refuse(selector, 0)
        elif selector is not None:
            self.fail(NetworkError("the peer ended the stream before a protocol was agreed on"))
        else:
            self._wake()
            self._close_if_over()

    def receive_reset(self) -> None:
        """The muxer has no such stream any more. What came whole can still be read, if it is little."""
        self._complete = self._remote_ended and len(self._arrived) <= _KEPT
        self._lose(StreamReset())

    def fail(self, error: NetworkError) -> None:
        """Resets the stream; its users get this error."""
        if not self.over:
            self._muxed.reset(self)
            self._lose(error)

    def _negotiate(self, selector: Dialler | Listener, data: bytes) -> None:
        try:
            selector.receive_data(data)
        except ProtocolsRefused:
            self.fail(ProtocolNotSupported())
            return
        except ProtocolError as error:
            if isinstance(selector, Listener) and selector.refused:
                self._refuse(selector, len(data))
            else:
                self.fail(NetworkError(str(error)))
            return
        if out := selector.data_to_send():
            self.send(out)
        rest = selector.rest
        self._muxed.consumed(self, len(data) - len(rest))
        if selector.protocol is None:
            return
        self._selector = None
        self.protocol = selector.protocol
        self._arrived += rest
        if self.agreement is not None and not self.agreement.done():
            self.agreement.set_result(None)
        if rest:
            self._wake()
        self._end_if_sent()
        self._muxed.agreed(self)

    def _refuse(self, selector: Listener, size: int) -> None:
        """Ends this side after the refusal, and takes no notice of what still comes, until the time limit.

        A reset would take the refusal back if it is not sent yet: the dialler would not learn why.

        Args:
            selector: Has the refusal.
            size: How many bytes have just come.
        """
        self._muxed.consumed(self, size)
        if not self._refused:
            self._refused = True
            self._ending = True
            self.send(selector.data_to_send())
            self._end_if_sent()
        self._close_if_over()

    def _end_if_sent(self) -> None:
        # The end waits for the protocol: js-libp2p never answers a dialler that ended earlier.
        agreed = self._selector is None or self.ends_early or self._refused
        if self._ending and not self._ended and not self._pending and agreed:
            self._ended = True
            self._muxed.end(self)
            self._close_if_over()

    def _close_if_over(self) -> None:
        if self._ended and self._remote_ended and not self._arrived and not self.over:
            self.over = True
            self._muxed.over(self)

    def _lose(self, error: NetworkError) -> None:
        if self.over:
            return
        self.over = True
        self._error = error
        if not self._complete:
            self._arrived.clear()
        self._pending.clear()
        if self.agreement is not None and not self.agreement.done():
            self.agreement.set_result(None)
        self._wake()
        for drained in self._drained:
            if not drained.done():
                drained.set_result(None)
        self._muxed.over(self)

    def check(self) -> None:
        """Raises what the stream failed with, if it did."""
        if self._error is not None:
            raise _anew(self._error)

    def _wake(self) -> None:
        reading = self._reading
        if reading is not None and not reading.done():
            reading.set_result(None)


def _anew(error: NetworkError) -> NetworkError:
    """The same error, without the traceback of where it was raised before."""
    return type(error)(*error.args)
