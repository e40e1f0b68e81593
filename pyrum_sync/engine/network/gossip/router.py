"""Gossipsub 1.1 without I/O: what peers send goes in, what is to be sent and what happened comes out.

The owner opens a stream to each peer (`peer_connected`, any of PROTOCOLS), feeds what peers write on theirs
(`stream_opened`, `receive`), calls `heartbeat` every `options.heartbeat_seconds`, and after each call does what `take`
returns. Time is handed in, as seconds of one
monotonic clock; so is chance. Peer ids are the bytes of their multihash.

Not there: peer exchange (a prune's recommendations are passed over), explicit peers, opportunistic grafting, signing;
IDONTWANT is obeyed, not sent.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from pyrum_sync.engine.network.errors import ProtocolError

from .control import handle_control
from .events import Event, GossipStats, PeerJoined
from .heartbeat import candidates, forget_if_unused, heartbeat, pick
from .ids import TopicRules, topic_rules
from .messages import Verify, publish, take_in
from .options import GossipOptions
from .rpc import WireMessage, decode_rpc
from .score import Offence
from .state import Peer, State, Topic

_SEQNO_LIMIT = 1 << 64


class GossipRouter:
    """One host's part in gossip.

    Args:
        peer_id: This host's.
        options: See GossipOptions.
        rng: Where chance comes from: the same calls with the same one do the same.
        rules: The rules of a topic; by default those of `topic_rules()`: eth2's since Altair, and Rumor's.
        verify: Checks the signature of a message that has one; without it such messages are refused.
        tolerates: Whether a peer's messages may have an author and a number, without a signature, where the topic
            forbids it; they are passed on without. By default nobody's may.
        first_seqno: Where own messages' numbers begin; go-libp2p-pubsub begins at the time in nanoseconds.
    """

    def __init__(
        self,
        peer_id: bytes,
        options: GossipOptions | None = None,
        rng: Random | None = None,
        *,
        rules: Callable[[str], TopicRules] | None = None,
        verify: Verify | None = None,
        tolerates: Callable[[bytes], bool] | None = None,
        first_seqno: int = 0,
    ) -> None:
        self.peer_id = peer_id
        self.options = options or GossipOptions()
        self._state = State(peer_id, self.options, rng or Random(), tolerates)
        self._rules = rules or topic_rules()
        self._verify = verify
        self._seqno = first_seqno
        self._last_heartbeat: float | None = None

    @property
    def stats(self) -> GossipStats:
        """What was counted so far."""
        return self._state.stats

    def take(self) -> list[Event]:
        """Returns what happened since the last time, in its order."""
        events, self._state.events = self._state.events, []
        return events

    # peers

    def peer_connected(self, peer_id: bytes, protocol: str, now: float, *, outbound: bool = False) -> None:
        """Our stream to a peer is open: it learns what this side subscribed to.

        Called again for the same peer, the stream replaces an earlier one.

        Args:
            protocol: The one that was agreed on for the stream, of PROTOCOLS.
            outbound: Whether this side dialled the connection.
        """
        state = self._state
        peer = state.peer(peer_id, now)
        if peer is None:
            return
        peer.protocol, peer.outbound, peer.announced = protocol, outbound, False
        for wire in peer.topics:
            topic = state.topics.get(wire)
            if topic is not None and peer_id not in topic.peers:
                state.add_to_topic(topic, peer)
        for topic in state.topics.values():
            if topic.subscribed:
                peer.outbox.subscription(topic.wire, subscribe=True)
            if peer.meshes:
                topic.flooded.pop(peer_id, None)
                continue
            topic.mesh.pop(peer_id, None)
            topic.fanout.pop(peer_id, None)
            if peer_id in topic.peers:
                topic.flooded[peer_id] = peer
        if peer.outbox:
            state.wake(peer)

    def peer_disconnected(self, peer_id: bytes, now: float) -> None:
        """The connection to a peer is gone, or it does not speak gossip."""
        peer = self._state.peers.get(peer_id)
        if peer is not None:
            self._state.remove_peer(peer, now)

    def stream_opened(self, peer_id: bytes, now: float) -> None:
        """A peer opened a stream to write on: `receive` takes its bytes from now on, also before ours is open.

        Called again for the same peer, the stream replaces an earlier one: what was unfinished on that is forgotten.
        """
        peer = self._state.peer(peer_id, now)
        if peer is not None:
            self._state.unread -= peer.reader.unread
            peer.reader = peer.reader.anew()
            peer.unfinished_since = None

    def receive(self, peer_id: bytes, data: bytes, now: float) -> None:
        """A peer wrote on its stream; `data` may end anywhere. Never raises for what is in it.

        Passed over if the peer has no stream, or was disconnected.
        """
        state = self._state
        peer = state.known(peer_id)
        if peer is None:
            return
        before = peer.reader.unread
        try:
            frames = peer.reader.feed(data)
        except ProtocolError as error:
            state.unread += peer.reader.unread - before
            state.blame(peer, Offence.NOT_GOSSIP, detail=str(error))
            return
        state.unread += peer.reader.unread - before
        if frames or not before:
            peer.unfinished_since = now if peer.reader.unread else None
        for frame in frames:
            self._receive_rpc(peer, frame, now)
            if peer.dropped:
                return
        if state.unread > self.options.max_unread:
            largest = max(state.peers.values(), key=lambda other: other.reader.unread)
            state.blame(largest, Offence.UNFINISHED, detail="all unfinished frames together are too long")

    def outgoing(self, peer_id: bytes, limit: int = 64 * 1024) -> bytes:
        """Returns bytes to write on our stream to a peer: whole frames, of `limit` bytes together unless one is longer.

        Empty if there are none: an Output event says when there are again. What is not fetched waits here: messages up
        to a bound and for a time, then they are dropped.
        """
        peer = self._state.peers.get(peer_id)
        if peer is None or peer.protocol is None:
            return b""
        taken = peer.outbox.take(limit, peer.unwanted)
        if not peer.outbox:
            peer.announced = False
        return taken

    def blacklist(self, peer_id: bytes) -> None:
        """Has nothing more to do with a peer: neither as sender nor as author. Its streams are the owner's to end."""
        self._state.blacklist.add(peer_id)
        peer = self._state.peers.get(peer_id)
        if peer is not None:
            peer.standing.blame = 0.0  # nothing to be remembered
            self._state.remove_peer(peer, 0.0)

    # topics

    def join(self, name: str) -> None:
        """Tells of the topic's peers from now on, of those already there first (PeerJoined, PeerLeft).

        Raises:
            ValueError: the name is not valid Unicode, or too long.
        """
        topic = self._topic(name)
        if not topic.joined:
            topic.joined = True
            for peer in topic.peers.values():
                self._state.events.append(PeerJoined(name, peer.peer_id))

    def leave(self, name: str) -> None:
        """Tells no more of the topic's peers; a subscription goes on."""
        topic = self._known(name)
        if topic is not None:
            topic.joined = False

    def subscribe(self, name: str, now: float) -> None:
        """Takes the topic's messages from now on, and passes them on; again does nothing. ValueError as for `join`."""
        state = self._state
        topic = self._topic(name)
        if topic.subscribed:
            return
        topic.subscribed, topic.published, topic.left = True, None, None
        state.announce(topic, subscribe=True)
        chosen = {**topic.fanout}
        topic.fanout.clear()
        for peer in pick(state, candidates(topic), self.options.degree - len(chosen)):
            chosen[peer.peer_id] = peer
        for peer in chosen.values():
            if not peer.standing.graylisted and topic.backoffs.get(peer.peer_id, now) <= now:
                state.send_graft(peer, topic)

    def unsubscribe(self, name: str, now: float) -> None:
        """Takes no more of the topic's messages; again does nothing."""
        state = self._state
        topic = self._known(name)
        if topic is None or not topic.subscribed:
            return
        topic.subscribed, topic.left = False, now
        state.announce(topic, subscribe=False)
        for peer in list(topic.mesh.values()):
            state.send_prune(peer, topic, now, self.options.unsubscribe_backoff)

    def publish(self, name: str, data: bytes, now: float) -> bytes:
        """Sends a message to the topic's peers, and delivers it here if the topic is subscribed.

        A message that was seen already is not sent again, as in Rumor; one over the topic's limit is delivered here
        only, without a word, as in Rumor (`stats.too_long`).

        Args:
            data: As it goes on the wire: compressed where the topic ends in `_snappy`.

        Returns:
            The message's id.

        Raises:
            ValueError: as for `join`.
        """
        topic = self._topic(name)
        message = WireMessage(topic.wire, data)
        if not topic.rules.anonymous:
            # go-libp2p-pubsub's topic.go: an author and a number, though nobody signs
            self._seqno = (self._seqno + 1) % _SEQNO_LIMIT
            message.author, message.seqno = self.peer_id, self._seqno.to_bytes(8, "big")
        message_id = publish(self._state, topic, message, now)
        forget_if_unused(self._state, topic, now)
        return message_id

    def topic_peers(self, name: str) -> list[bytes]:
        """The connected peers that subscribed to a topic, whether or not it was joined here."""
        wire = name.encode(errors="replace")
        peers = self._state.peers.values()
        return [peer.peer_id for peer in peers if wire in peer.topics and peer.protocol is not None]

    def mesh(self, name: str | None = None) -> list[bytes]:
        """The peers in a topic's mesh; of all topics together without a name."""
        return list(
            dict.fromkeys(
                peer_id
                for topic in self._state.topics.values()
                if name is None or topic.name == name
                for peer_id in topic.mesh
            )
        )

    # time

    def heartbeat(self, now: float) -> None:
        """To be called every `options.heartbeat_seconds`; some later does no harm."""
        elapsed = self.options.heartbeat_seconds if self._last_heartbeat is None else now - self._last_heartbeat
        self._last_heartbeat = now
        heartbeat(self._state, now, elapsed)

    # inside

    def _topic(self, name: str) -> Topic:
        wire = name.encode()
        topic = self._state.topics.get(wire)
        if topic is None:
            if len(wire) > self.options.max_topic_length:
                raise ValueError(f"a topic of {len(wire)} bytes; {self.options.max_topic_length} are allowed")
            topic = self._state.topics[wire] = Topic(name, wire, self._rules(name))
            for peer in self._state.peers.values():
                if wire in peer.topics and peer.protocol is not None:
                    self._state.add_to_topic(topic, peer)
        return topic

    def _known(self, name: str) -> Topic | None:
        return self._state.topics.get(name.encode())

    def _receive_rpc(self, peer: Peer, frame: bytes, now: float) -> None:
        try:
            rpc = decode_rpc(frame)
        except ProtocolError as error:
            self._state.blame(peer, Offence.NOT_GOSSIP, detail=str(error))
            return
        for subscribe, wire in rpc.subscriptions:
            self._receive_subscription(peer, wire, subscribe=subscribe)
        for message in rpc.messages:
            if peer.dropped:
                return
            take_in(self._state, peer, message, self._verify, now)
        if not peer.dropped:
            handle_control(self._state, peer, rpc, now)

    def _receive_subscription(self, peer: Peer, wire: bytes, *, subscribe: bool) -> None:
        state, options = self._state, self.options
        if peer.dropped or subscribe == (wire in peer.topics):
            return
        peer.standing.subscription_changes += 1
        if peer.standing.subscription_changes > options.max_subscription_changes:
            state.blame(peer, Offence.SUBSCRIPTIONS)
        elif not subscribe:
            state.peer_left(peer, wire)
        elif len(peer.topics) >= options.max_topics or len(wire) > options.max_topic_length:
            state.blame(peer, Offence.SUBSCRIPTIONS)
        else:
            state.peer_joined(peer, wire)
