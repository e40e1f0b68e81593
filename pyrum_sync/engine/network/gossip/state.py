"""What a router knows of its peers and topics, and the few changes that several parts of it make."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from random import Random

from .asks import Asks
from .cache import MessageCache, SeenCache
from .events import Disconnect, Event, GossipStats, Output, PeerJoined, PeerLeft
from .frames import FrameReader
from .ids import TopicRules
from .options import MESHSUB, MESHSUB_1_0, GossipOptions
from .outbox import GRAFT, Outbox, Waiting
from .score import DISCONNECT, Offence, Standing, faded

_MAX_REMEMBERED = 1024

# Wherever an order can be seen, peers and topics are keys of dicts, not members of sets: runs repeat exactly.


@dataclass(slots=True, eq=False)
class Peer:
    """A connected peer."""

    peer_id: bytes
    reader: FrameReader
    outbox: Outbox
    protocol: str | None = None
    """That of our stream to it; None while there is none: then it is only listened to."""
    outbound: bool = False
    """Whether this side dialled."""
    topics: dict[bytes, None] = field(default_factory=dict)
    standing: Standing = field(default_factory=Standing)
    unwanted: dict[bytes, int] = field(default_factory=dict)
    """Messages that it does not want, and the heartbeat until which that holds."""
    unfinished_since: float | None = None
    last_message: float = -inf
    announced: bool = False
    """Whether an Output is under way."""
    dropped: bool = False

    @property
    def meshes(self) -> bool:
        """Whether there can be grafts and gossip with it."""
        return self.protocol in MESHSUB


@dataclass(slots=True, eq=False)
class Topic:
    """A topic that was joined, subscribed or published to."""

    name: str
    wire: bytes
    rules: TopicRules
    joined: bool = False
    subscribed: bool = False
    peers: dict[bytes, Peer] = field(default_factory=dict)
    """The peers that subscribed to it."""
    flooded: dict[bytes, Peer] = field(default_factory=dict)
    """Those that speak floodsub: they get every message."""
    mesh: dict[bytes, Peer] = field(default_factory=dict)
    fanout: dict[bytes, Peer] = field(default_factory=dict)
    published: float | None = None
    """When a message was last published without a subscription."""
    left: float | None = None
    backoffs: dict[bytes, float] = field(default_factory=dict)
    """Peers that must not be grafted, and until when."""


class State:
    """Everything that a router's parts share."""

    def __init__(
        self, peer_id: bytes, options: GossipOptions, rng: Random, tolerates: Callable[[bytes], bool] | None = None
    ) -> None:
        self.peer_id = peer_id
        self.tolerates = tolerates or (lambda _: False)
        self.options = options
        self.rng = rng
        self.peers: dict[bytes, Peer] = {}
        self.topics: dict[bytes, Topic] = {}
        self.events: list[Event] = []
        self.stats = GossipStats()
        self.blacklist: set[bytes] = set()
        self.asks = Asks(options.ask_seconds, options.max_asks)
        self.cache = MessageCache(
            options.history_length,
            options.history_gossip,
            most=options.max_cached,
            most_bytes=options.max_cached_bytes,
        )
        self.unread = 0
        self.waiting = Waiting()
        self.ticks = 0
        self._seen: dict[float, SeenCache] = {}
        self._remembered: dict[bytes, tuple[float, float]] = {}

    def seen(self, rules: TopicRules) -> SeenCache:
        """The ids that were seen in topics of such rules."""
        cache = self._seen.get(rules.seen_seconds)
        if cache is None:
            cache = self._seen[rules.seen_seconds] = SeenCache(rules.seen_seconds, self.options.max_seen)
        return cache

    def expire_seen(self, now: float) -> None:
        """Forgets the ids that are over time."""
        for cache in self._seen.values():
            cache.expire(now)

    # peers

    def peer(self, peer_id: bytes, now: float) -> Peer | None:
        """The peer of that id, made if it is new; None if nothing is to be had to do with it."""
        peer = self.peers.get(peer_id)
        if peer is None:
            if peer_id in self.blacklist:
                return None
            peer = Peer(peer_id, FrameReader(self.options.max_frame), Outbox(self.options, self.waiting))
            blame, when = self._remembered.pop(peer_id, (0.0, now))
            peer.standing.blame = faded(blame, now - when)
            self.peers[peer_id] = peer
            if peer.standing.blame >= DISCONNECT / 2:
                self.drop(peer, "misbehaved a moment ago")
        return None if peer.dropped else peer

    def known(self, peer_id: bytes) -> Peer | None:
        """The peer of that id, if there is one that was not dropped."""
        peer = self.peers.get(peer_id)
        return None if peer is None or peer.dropped else peer

    def remove_peer(self, peer: Peer, now: float) -> None:
        """Forgets a peer, but for a while not its blame."""
        self._leave_all(peer)
        self.unread -= peer.reader.unread
        peer.outbox.clear()
        self.peers.pop(peer.peer_id, None)
        if peer.standing.blame:
            self._remembered[peer.peer_id] = (peer.standing.blame, now)
            if len(self._remembered) > _MAX_REMEMBERED:
                del self._remembered[next(iter(self._remembered))]

    def blame(self, peer: Peer, offence: Offence, times: float = 1.0, detail: str = "") -> None:
        """Holds something against a peer, which may be the last straw."""
        if peer.standing.add(offence, times) and not peer.dropped:
            self.drop(peer, f"{offence.words}: {detail}" if detail else offence.words)

    def drop(self, peer: Peer, reason: str) -> None:
        """Has the peer disconnected."""
        peer.dropped = True
        self._leave_all(peer)
        self.unread -= peer.reader.unread
        peer.reader = FrameReader(0)
        peer.outbox.clear()
        peer.outbox = Outbox(self.options)
        self.events.append(Disconnect(peer.peer_id, reason))

    def _leave_all(self, peer: Peer) -> None:
        for wire in list(peer.topics):
            self.peer_left(peer, wire)
        for topic in self.topics.values():
            topic.mesh.pop(peer.peer_id, None)
            topic.fanout.pop(peer.peer_id, None)

    # what peers subscribe to

    def peer_joined(self, peer: Peer, wire: bytes) -> None:
        """The peer subscribed to a topic that it was not subscribed to."""
        peer.topics[wire] = None
        topic = self.topics.get(wire)
        if topic is not None and peer.protocol is not None:
            self.add_to_topic(topic, peer)

    def add_to_topic(self, topic: Topic, peer: Peer) -> None:
        """A subscribed peer that can be sent to takes part in a topic that is known here."""
        topic.peers[peer.peer_id] = peer
        if not peer.meshes:
            topic.flooded[peer.peer_id] = peer
        if topic.joined:
            self.events.append(PeerJoined(topic.name, peer.peer_id))

    def peer_left(self, peer: Peer, wire: bytes) -> None:
        """The peer ended its subscription."""
        peer.topics.pop(wire, None)
        topic = self.topics.get(wire)
        if topic is not None:
            topic.flooded.pop(peer.peer_id, None)
            topic.mesh.pop(peer.peer_id, None)
            topic.fanout.pop(peer.peer_id, None)
            if topic.peers.pop(peer.peer_id, None) is not None and topic.joined:
                self.events.append(PeerLeft(topic.name, peer.peer_id))

    # what is sent

    def announce(self, topic: Topic, *, subscribe: bool) -> None:
        """Tells every peer of a subscription, or of its end."""
        for peer in self.peers.values():
            if not peer.dropped:
                peer.outbox.subscription(topic.wire, subscribe=subscribe)
                self.wake(peer)

    def wake(self, peer: Peer) -> None:
        """There is something in the peer's outbox."""
        if not peer.announced and peer.protocol is not None and not peer.dropped:
            peer.announced = True
            self.events.append(Output(peer.peer_id))

    def send_message(self, peer: Peer, message_id: bytes, frame: bytes, now: float) -> None:
        """Sends a message, if the peer's outbox takes it."""
        if peer.dropped:
            return
        if not peer.outbox.message(message_id, frame, now):
            self.stats.dropped += 1
            return
        if not peer.announced:
            self.wake(peer)
        while self.waiting.size > self.options.max_waiting_bytes:
            # those that read have nothing old in their outbox, and lose nothing
            slowest = min(self.peers.values(), key=lambda peer: peer.outbox.since)
            self.stats.dropped += slowest.outbox.halve()

    def send_graft(self, peer: Peer, topic: Topic) -> None:
        """Takes the peer into the mesh, and says so."""
        topic.mesh[peer.peer_id] = peer
        peer.outbox.control(topic.wire, GRAFT)
        self.wake(peer)

    def send_prune(self, peer: Peer, topic: Topic, now: float, seconds: float | None = None) -> None:
        """Takes the peer out of the mesh if it is there, says so, and keeps it out for a time."""
        if peer.dropped:
            return
        backoff = self.options.prune_backoff if seconds is None else seconds
        topic.mesh.pop(peer.peer_id, None)
        self.back_off(topic, peer, now + backoff, now)
        # version 1.0 knows no time in a prune
        peer.outbox.control(topic.wire, 0 if peer.protocol == MESHSUB_1_0 else max(1, round(backoff)))
        self.wake(peer)

    def back_off(self, topic: Topic, peer: Peer, until: float, now: float) -> None:
        """Keeps the peer out of the mesh until a time, or longer if that was so."""
        backoffs = topic.backoffs
        until = max(until, backoffs.pop(peer.peer_id, until))
        if len(backoffs) >= self.options.max_backoffs:
            expire_backoffs(topic, now)
            if len(backoffs) >= self.options.max_backoffs:
                del backoffs[next(iter(backoffs))]
        backoffs[peer.peer_id] = until


def expire_backoffs(topic: Topic, now: float) -> None:
    """Forgets the back-offs that are over."""
    for peer_id in [peer_id for peer_id, until in topic.backoffs.items() if until <= now]:
        del topic.backoffs[peer_id]
