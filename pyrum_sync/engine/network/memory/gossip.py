"""Gossip of the memory network: topics, the hosts that hear them, and messages passed from neighbour to neighbour."""

from __future__ import annotations

import hashlib
import time
from collections import deque
from collections.abc import Callable

from pyrum_sync.engine.network.api import Message, NetworkError
from pyrum_sync.engine.network.observers import Observation, Observers

# Libp2p forgets a message after two minutes; until then the same data is not passed on again.
SEEN_SECONDS = 120.0
# A message over libp2p's 1 MiB frame is dropped without a word.
_MOST_BYTES = 1 << 20


class GossipNode:
    """One host's part."""

    def __init__(self, peer_id: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.peer_id = peer_id
        self._linked: dict[str, GossipNode] = {}
        self.topics: dict[str, GossipTopic] = {}
        self._clock = clock
        self._seen: dict[bytes, float] = {}
        self._blacklist: set[str] = set()
        self._sequence = time.time_ns()

    def join(self, topic: str) -> GossipTopic:
        """Joins a topic: its messages come only to a subscription."""
        joined = self.topics[topic] = GossipTopic(self, topic)
        for node in self.neighbours():
            other = node.topics.get(topic)
            if other is not None and other.hears:
                joined.peer_came(node.peer_id)
        return joined

    def blacklist(self, peer: str) -> None:
        """Takes no more messages from a peer."""
        self._blacklist.add(peer)
        self.neighbour_went(peer)

    def neighbours(self) -> list[GossipNode]:
        """The gossiping hosts this one is connected with and listens to."""
        return list(self._linked.values())

    def mesh(self) -> set[str]:
        """The peers that share a topic which this host hears: trimming spares them."""
        return {peer for topic in self.topics.values() if topic.hears for peer in topic.peers()}

    def neighbour_came(self, node: GossipNode) -> None:
        """A gossiping host was connected."""
        if node.peer_id in self._blacklist:
            return
        self._linked[node.peer_id] = node
        for name, topic in node.topics.items():
            if topic.hears and name in self.topics:
                self.topics[name].peer_came(node.peer_id)

    def neighbour_went(self, peer: str) -> None:
        """A host was disconnected."""
        self._linked.pop(peer, None)
        for topic in self.topics.values():
            topic.peer_went(peer)

    def announce(self, name: str, *, hears: bool) -> None:
        """Lets the neighbours know whether this host hears a topic."""
        for node in self.neighbours():
            topic = node.topics.get(name)
            if topic is None or self.peer_id in node._blacklist:
                continue
            if hears:
                topic.peer_came(self.peer_id)
            else:
                topic.peer_went(self.peer_id)

    def publish(self, topic: str, data: bytes) -> None:
        """Sends a message on its way."""
        self._sequence += 1
        seq_no = (self._sequence & (2**64 - 1)).to_bytes(8, "big")
        message = Message(topic, data, self.peer_id, seq_no)
        on_its_way = deque([(self, message)])
        while on_its_way:
            node, arrived = on_its_way.popleft()
            if not node._accept(arrived, own=node is self):
                continue
            if len(data) > _MOST_BYTES:
                continue
            onward = Message(topic, data, node.peer_id, seq_no)
            for neighbour in node.neighbours():
                heard = neighbour.topics.get(topic)
                if heard is not None and heard.hears:
                    on_its_way.append((neighbour, onward))

    def _accept(self, message: Message, *, own: bool) -> bool:
        """Takes a message in; False for one not to be passed on."""
        now = self._clock()
        self._seen = {key: until for key, until in self._seen.items() if until > now}
        key = hashlib.sha256(message.data).digest()
        if key in self._seen or message.received_from in self._blacklist:
            return False
        topic = self.topics.get(message.topic)
        if not own and (topic is None or not topic.hears):
            return False
        self._seen[key] = now + SEEN_SECONDS
        if topic is not None:
            topic.messages.notify(message)
        return True


class GossipTopic:
    """A topic that a host joined."""

    def __init__(self, node: GossipNode, name: str) -> None:
        self.messages: Observers[Message] = Observers()
        self._node = node
        self._name = name
        self._peers: list[str] = []
        self._events: Observers[tuple[str, bool]] = Observers()
        self._event_handlers = 0

    @property
    def hears(self) -> bool:
        """Whether the host takes messages of the topic: only while somebody is subscribed."""
        return len(self.messages) > 0

    def publish(self, data: bytes) -> None:
        """Sends a message to the topic's peers."""
        self._node.publish(self._name, data)

    def subscribe(self, on_message: Callable[[Message], None]) -> _Subscription:
        """Calls back for each of the topic's messages."""
        first = not self.hears
        subscription = _Subscription(self.messages.add(on_message), self._stopped_hearing)
        if first:
            self._node.announce(self._name, hears=True)
        return subscription

    def _stopped_hearing(self) -> None:
        if not self.hears:
            self._node.announce(self._name, hears=False)

    def observe(self, on_event: Callable[[str, bool], None]) -> Observation[tuple[str, bool]]:
        """Calls back for peers that come and go, and first for those already there."""
        self._event_handlers += 1
        for peer in self._peers:
            on_event(peer, True)
        return self._events.add(lambda event: on_event(*event))

    def peers(self) -> list[str]:
        """The connected peers that hear this topic."""
        return list(self._peers)

    def peer_came(self, peer: str) -> None:
        """A neighbour hears the topic."""
        if peer not in self._peers:
            self._peers.append(peer)
            self._events.notify((peer, True))

    def peer_went(self, peer: str) -> None:
        """A neighbour hears it no longer."""
        if peer in self._peers:
            self._peers.remove(peer)
            self._events.notify((peer, False))

    def close(self) -> None:
        """Leaves the topic."""
        # Rumor never frees its event handlers (gossip/events.go), so one observer keeps the topic open for good
        if self.hears or self._event_handlers:
            raise NetworkError("cannot close topic: outstanding event handlers or subscriptions")
        self._node.topics.pop(self._name, None)


class _Subscription:
    """A subscription."""

    def __init__(self, observation: Observation[Message], stopped: Callable[[], None]) -> None:
        self._observation = observation
        self._stopped = stopped

    def end(self) -> None:
        """Ends the subscription."""
        self._observation.end()
        self._stopped()
