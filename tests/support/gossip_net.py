"""Gossip routers that meet in memory, on a clock of their own: every run is the same."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from random import Random

from pyrum_sync.engine.network.gossip.events import (
    Deliver,
    Disconnect,
    Event,
    GossipMessage,
    Output,
    PeerJoined,
    PeerLeft,
)
from pyrum_sync.engine.network.gossip.frames import FrameReader, encode_frame
from pyrum_sync.engine.network.gossip.options import MESHSUB_1_1, GossipOptions
from pyrum_sync.engine.network.gossip.router import GossipRouter
from pyrum_sync.engine.network.gossip.rpc import Rpc, decode_rpc


def peer_id(number: int) -> bytes:
    """An id for tests."""
    return b"peer%03d" % number


class Network:
    """Routers and the links between them. Bytes take `delay` seconds; what is written arrives in order."""

    def __init__(
        self, count: int, options: GossipOptions | None = None, *, seed: int = 1, protocol: str = MESHSUB_1_1
    ) -> None:
        self.now = 1000.0
        self.delay = 0.01
        self.options = options or GossipOptions()
        self.protocol = protocol
        self.ids = [peer_id(number) for number in range(count)]
        self.routers = {
            name: GossipRouter(name, self.options, Random(seed * 1000 + number)) for number, name in enumerate(self.ids)
        }
        self.links: set[tuple[bytes, bytes]] = set()
        self.messages: dict[bytes, list[GossipMessage]] = {name: [] for name in self.ids}
        self.events: dict[bytes, list[Event]] = {name: [] for name in self.ids}
        self._wire: deque[tuple[float, bytes, bytes, bytes]] = deque()
        self._next_heartbeat = self.now + 0.1

    def __getitem__(self, number: int) -> GossipRouter:
        return self.routers[self.ids[number]]

    def connect(self, one: int, other: int) -> None:
        """Links two routers; the first dialled."""
        a, b = self.ids[one], self.ids[other]
        self.links |= {(a, b), (b, a)}
        self.routers[a].peer_connected(b, self.protocol, self.now, outbound=True)
        self.routers[b].peer_connected(a, self.protocol, self.now)
        self._collect(a, b)

    def disconnect(self, a: bytes, b: bytes) -> None:
        """Cuts a link; what is under way on it is lost."""
        self.links -= {(a, b), (b, a)}
        self._wire = deque(item for item in self._wire if {item[1], item[2]} != {a, b})
        self.routers[a].peer_disconnected(b, self.now)
        self.routers[b].peer_disconnected(a, self.now)
        self._collect(a, b)

    def subscribe(self, topic: str, numbers: Iterable[int] | None = None) -> None:
        """All, or these, join and subscribe."""
        for number in range(len(self.ids)) if numbers is None else numbers:
            self[number].join(topic)
            self[number].subscribe(topic, self.now)
        self._collect()

    def unsubscribe(self, topic: str, number: int) -> None:
        """One router ends its subscription."""
        self[number].unsubscribe(topic, self.now)
        self._collect(self.ids[number])

    def publish(self, number: int, topic: str, data: bytes) -> bytes:
        """One router publishes."""
        message_id = self[number].publish(topic, data, self.now)
        self._collect(self.ids[number])
        return message_id

    def run(self, seconds: float) -> None:
        """Lets time go by."""
        end = self.now + seconds
        while True:
            arrival = self._wire[0][0] if self._wire else end + 1
            if min(arrival, self._next_heartbeat) > end:
                break
            if arrival <= self._next_heartbeat:
                when, source, target, data = self._wire.popleft()
                self.now = max(self.now, when)
                self.routers[target].receive(source, data, self.now)
                self._collect(target)
            else:
                self.now = self._next_heartbeat
                self._next_heartbeat += self.options.heartbeat_seconds
                for router in self.routers.values():
                    router.heartbeat(self.now)
                self._collect()
        self.now = end

    def counts(self, topic: str) -> dict[bytes, Counter[bytes]]:
        """What each router got, and how often."""
        return {
            name: Counter(message.data for message in messages if message.topic == topic)
            for name, messages in self.messages.items()
        }

    def _collect(self, *names: bytes) -> None:
        for name in names or self.ids:
            router = self.routers[name]
            for event in router.take():
                if isinstance(event, Deliver):
                    self.messages[name].append(event.message)
                elif isinstance(event, Output):
                    while data := router.outgoing(event.peer):
                        if (name, event.peer) in self.links:
                            self._wire.append((self.now + self.delay, name, event.peer, data))
                else:
                    self.events[name].append(event)
                    if isinstance(event, Disconnect):
                        raise AssertionError(f"{name!r} drops {event.peer!r}: {event.reason}")


class Bench:
    """One router, and peers that are written by hand."""

    def __init__(self, options: GossipOptions | None = None, topic: str | None = "chat", **arguments: object) -> None:
        self.router = GossipRouter(b"us", options or GossipOptions(), Random(1), **arguments)  # type: ignore[arg-type]
        self.now = 1000.0
        self.readers: dict[bytes, FrameReader] = {}
        self.topic = topic
        if topic is not None:
            self.router.join(topic)
            self.router.subscribe(topic, self.now)

    def connect(self, peer: bytes = b"them", protocol: str = MESHSUB_1_1, *, outbound: bool = False) -> bytes:
        """A peer connects; the topic's subscriptions are read from it as from any."""
        self.router.peer_connected(peer, protocol, self.now, outbound=outbound)
        self.readers[peer] = FrameReader(1 << 25)
        return peer

    def send(self, peer: bytes, *parts: bytes) -> None:
        """The peer sends one RPC of these parts."""
        self.router.receive(peer, encode_frame(b"".join(parts)), self.now)

    def read(self, peer: bytes = b"them") -> Rpc:
        """All that the router has to say to the peer, in one."""
        together = Rpc()
        while data := self.router.outgoing(peer):
            for frame in self.readers[peer].feed(data):
                rpc = decode_rpc(frame)
                together.subscriptions += rpc.subscriptions
                together.messages += rpc.messages
                together.ihave += rpc.ihave
                together.iwant += rpc.iwant
                together.graft += rpc.graft
                together.prune += rpc.prune
                together.dont_want += rpc.dont_want
        return together

    def beat(self, count: int = 1) -> None:
        """So many heartbeats go by."""
        for _ in range(count):
            self.now += self.router.options.heartbeat_seconds
            self.router.heartbeat(self.now)

    def delivered(self) -> list[GossipMessage]:
        """The messages since the last time; other events are lost."""
        return [event.message for event in self.router.take() if isinstance(event, Deliver)]

    def dropped(self) -> list[str]:
        """Why peers were disconnected since the last time."""
        return [event.reason for event in self.router.take() if isinstance(event, Disconnect)]

    def peers(self) -> list[PeerJoined | PeerLeft]:
        """Who came and went since the last time."""
        return [event for event in self.router.take() if isinstance(event, PeerJoined | PeerLeft)]
