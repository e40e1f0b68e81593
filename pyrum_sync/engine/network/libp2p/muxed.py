"""The streams of a secured connection: what the muxer reports goes to them, what they send to the muxer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from pyrum_sync.engine.network.api import NetworkError
from pyrum_sync.engine.network.errors import ProtocolError

from . import muxer_events as events
from .congestion import Congestion
from .mplex import Mplex
from .multistream import Dialler, Listener
from .muxer import CannotOpenStream
from .pace import Pace
from .sides import Carrier
from .stream import NetworkStream

if TYPE_CHECKING:
    from .secured import SecuredConnection

_MUCH = 128 * 1024  # bytes that are sent at once, not with the next turn of the loop


class StreamHost(Protocol):
    """What the streams of a connection need of its host."""

    def serves(self, protocol: str) -> bool: ...
    def stream_opened(self, stream: NetworkStream) -> None: ...
    def stream_agreed(self, stream: NetworkStream) -> None: ...
    def stream_closed(self, stream: NetworkStream) -> None: ...


class Muxed:
    """The streams of one connection.

    Args:
        host: Hears of streams that begin, agree on a protocol, and end.
        connection: Its `wake` is called when there is something to send.
        secured: Has the muxer.
        congestion: Looks after its unread data.
    """

    def __init__(
        self, host: StreamHost, connection: Carrier, secured: SecuredConnection, congestion: Congestion
    ) -> None:
        self.connection = connection
        self.peer = secured.peer_id
        self.closed = False
        self.again = False
        """Whether events led to something to send, since this was last set to False."""
        self.awaited_ping: int | None = None
        self.pace: Pace | None = None
        """Set if the peer bears few new streams a second."""
        self._host = host
        self._muxer = secured.muxer
        self._congestion = congestion
        self._streams: dict[int, NetworkStream] = {}
        self._busy = False  # events are being taken, which a flush follows
        self._held: dict[int, NetworkStream] | None = None  # those with something to send, while the socket is full

    def agent_is(self, agent: str) -> None:
        """The peer said what it is."""
        needs_pace = "js-libp2p" in agent.lower() and self._muxer.protocol == Mplex.protocol
        self.pace = (self.pace or Pace()) if needs_pace else None

    # What hosts and streams ask.

    def open_stream(self, protocols: Sequence[str], *, known: bool) -> NetworkStream:
        """Opens a stream, and proposes its protocols.

        Args:
            protocols: The preferred first.
            known: Whether the peer is known to serve the first one: then it counts as agreed on.

        Raises:
            NetworkError: there are too many, or the connection is closed.
        """
        try:
            number = self._muxer.open_stream()
        except CannotOpenStream as error:
            raise NetworkError(str(error)) from None
        selector = Dialler(protocols)
        stream = self._streams[number] = NetworkStream(self, number, "outbound", selector)
        self._host.stream_opened(stream)
        if known:
            stream.protocol = protocols[0]
        stream.send(selector.data_to_send())
        return stream

    def consumed(self, stream: NetworkStream, size: int) -> None:
        """So many bytes of a stream's data were read."""
        if not self.closed:
            self._muxer.consumed(stream.number, size)
            if self._congestion.paused:
                self._congestion.look()
            self._wake()

    def write(self, stream: NetworkStream, data: bytes | memoryview) -> int:
        """Hands a stream's bytes to the muxer; returns how many it took."""
        if self.closed:
            return 0
        if self._held is not None:
            self._held[stream.number] = stream
            return 0
        self._wake()
        return self._muxer.write(stream.number, data)

    def written(self) -> None:
        """A stream's bytes were handed over: where there are many, they are sent at once.

        A writer that is never held up would otherwise fill all queues first.
        """
        if self._muxer.queued > _MUCH and not self._busy and not self.closed:
            self.connection.flush()

    def end(self, stream: NetworkStream) -> None:
        """Ends this side's writing on a stream."""
        if not self.closed:
            self._muxer.end(stream.number)
            self._wake()

    def reset(self, stream: NetworkStream) -> None:
        """Drops a stream."""
        if not self.closed:
            try:
                self._muxer.reset(stream.number)
            except ProtocolError as error:
                self.connection.broke(error)
            if self._congestion.paused:
                self._congestion.look()
            self._wake()

    def agreed(self, stream: NetworkStream) -> None:
        """A stream has its protocol."""
        self._host.stream_agreed(stream)

    def over(self, stream: NetworkStream) -> None:
        """A stream is over on this side."""
        if self._streams.pop(stream.number, None) is not None:
            if self._held is not None:
                self._held.pop(stream.number, None)
            self._host.stream_closed(stream)

    # What the connection asks.

    def hold(self) -> None:
        """Takes no more of what streams send: the peer does not read what it was sent."""
        self._held = {}

    def release(self) -> None:
        """Takes it again."""
        held, self._held = self._held or {}, None
        for stream in held.values():
            stream.writable()

    def ping(self) -> None:
        """Asks the peer for a sign of life: `awaited_ping` is None again once it came, or if the muxer has no pings."""
        self.awaited_ping = self._muxer.ping()

    def go_away(self, code: int) -> None:
        """Takes no more streams; see `Muxer.go_away`."""
        self._muxer.go_away(code)

    def close(self) -> None:
        """The connection is over, and with it all streams."""
        if self.closed:
            return
        self._muxer.close()
        self.take_events()
        self.closed = True
        self._congestion.close()
        for stream in list(self._streams.values()):  # those that the muxer had forgotten
            stream.receive_reset()

    def take_events(self) -> None:
        """Passes on what the muxer reports."""
        taken = self._muxer.events_received()
        if taken:
            self._busy = True
            try:
                for event in taken:
                    _HANDLERS[type(event)](self, event)
            finally:
                self._busy = False
            if not self.closed:
                self._congestion.look()

    def _wake(self) -> None:
        if self._busy:
            self.again = True
        else:
            self.connection.wake()

    def _opened_by_peer(self, event: events.StreamOpened) -> None:
        stream = NetworkStream(self, event.stream, "inbound", Listener(self._host.serves))
        self._streams[event.stream] = stream
        self._host.stream_opened(stream)

    def _data(self, event: events.StreamData) -> None:
        stream = self._streams.get(event.stream)
        if stream is not None:
            stream.receive(event.data)

    def _ended(self, event: events.StreamEnded) -> None:
        stream = self._streams.get(event.stream)
        if stream is not None:
            stream.receive_end()

    def _reset(self, event: events.StreamReset) -> None:
        stream = self._streams.get(event.stream)
        if stream is not None:
            stream.receive_reset()

    def _writable(self, event: events.Writable) -> None:
        stream = self._streams.get(event.stream)
        if stream is not None:
            stream.writable()

    def _ping_answered(self, _event: events.PingAnswered) -> None:
        self.awaited_ping = None

    def _gone_away(self, _event: events.GoAway) -> None:
        """The muxer refuses to open streams from now on; those that are open go on."""


_HANDLERS: dict[type, Callable[[Muxed, Any], None]] = {
    events.StreamOpened: Muxed._opened_by_peer,
    events.StreamData: Muxed._data,
    events.StreamEnded: Muxed._ended,
    events.StreamReset: Muxed._reset,
    events.Writable: Muxed._writable,
    events.PingAnswered: Muxed._ping_answered,
    events.GoAway: Muxed._gone_away,
}
