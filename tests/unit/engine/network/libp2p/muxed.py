"""Two muxers wired in memory, each with an owner that writes down what it hears."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pyrum_sync.engine.network.libp2p.mplex import Mplex
from pyrum_sync.engine.network.libp2p.muxer import Muxer
from pyrum_sync.engine.network.libp2p.muxer_events import (
    Event,
    GoAway,
    PingAnswered,
    StreamData,
    StreamEnded,
    StreamOpened,
    StreamReset,
    Writable,
)
from pyrum_sync.engine.network.libp2p.muxer_state import MuxerLimits, ReceiveBudget
from pyrum_sync.engine.network.libp2p.yamux import Yamux

from .wiring import Cut, whole

MUXERS: list[type[Muxer]] = [Yamux, Mplex]


class Owner:
    """Owns one side: by default it reads all that comes at once."""

    def __init__(
        self,
        kind: type[Muxer],
        *,
        initiator: bool,
        reads: bool = True,
        budget: ReceiveBudget | None = None,
        limits: MuxerLimits | None = None,
    ) -> None:
        self.muxer = kind(initiator=initiator, budget=budget, limits=limits)
        self.reads = reads
        self.data: defaultdict[int, bytearray] = defaultdict(bytearray)
        self.opened: list[int] = []
        self.ended: list[int] = []
        self.resets: list[StreamReset] = []
        self.writable: list[int] = []
        self.others: list[Event] = []

    def listen(self) -> None:
        """Takes the events."""
        for event in self.muxer.events_received():
            match event:
                case StreamOpened(stream):
                    self.opened.append(stream)
                case StreamData(stream, data):
                    assert data
                    assert stream not in self.ended
                    self.data[stream] += data
                    if self.reads:
                        self.muxer.consumed(stream, len(data))
                case StreamEnded(stream):
                    self.ended.append(stream)
                case StreamReset():
                    self.resets.append(event)
                case Writable(stream):
                    self.writable.append(stream)
                case PingAnswered() | GoAway():
                    self.others.append(event)

    def receive(self, data: bytes, cut: Cut = whole) -> None:
        for piece in cut(data):
            self.muxer.receive_data(piece)
            self.listen()

    def send(self) -> bytes:
        data = self.muxer.data_to_send()
        self.listen()
        return data

    def send_all(self) -> bytes:
        return b"".join(iter(self.send, b""))


def pair(kind: type[Muxer]) -> tuple[Owner, Owner]:
    return Owner(kind, initiator=True), Owner(kind, initiator=False)


def exchange(one: Owner, other: Owner, cut: Cut = whole) -> None:
    """Carries bytes to and fro until both are silent."""
    for _ in range(10_000):
        forth, back = one.send(), other.send()
        other.receive(forth, cut)
        one.receive(back, cut)
        if not forth and not back:
            return
    raise AssertionError("they never stop")


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]
