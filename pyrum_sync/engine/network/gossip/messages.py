"""The way of a message through a router: taken in, delivered once, passed on."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .cache import CachedMessage
from .events import Deliver, GossipMessage
from .frames import encode_frame
from .heartbeat import candidates, pick
from .rpc import WireMessage, encode_message
from .score import Offence
from .state import Peer, State, Topic

_HEAVY = 64 * 1024

Verify = Callable[[WireMessage], bool]
"""Whether a message's signature is its author's (WireMessage.signed_bytes)."""


def take_in(state: State, peer: Peer, message: WireMessage, verify: Verify | None, now: float) -> None:
    """A peer sent a message."""
    peer.last_message = now
    topic = None if message.topic is None else state.topics.get(message.topic)
    if topic is None or not topic.subscribed:
        state.stats.refused += 1
        # what was on its way when the subscription ended is no fault
        if topic is None or topic.left is None:
            state.blame(peer, Offence.NOT_SUBSCRIBED, _weight(message))
        return
    offence = _offence(state, peer, topic, message, verify)
    if offence is not None:
        _refuse(state, peer, offence, topic)
        return
    if message.author is not None and (message.author in state.blacklist or message.author == state.peer_id):
        state.stats.refused += 1
        return
    message_id, content = topic.rules.identify(message.data)
    if not state.seen(topic.rules).add(message_id, now):
        _duplicate(state, peer, message_id, _weight(message))
        return
    state.asks.came(message_id)
    if content is None and topic.rules.must_decompress:
        _refuse(state, peer, Offence.UNDECODABLE, topic)
        return
    # what was tolerated is not passed on: others need not tolerate it
    encoded = encode_message(WireMessage(topic.wire, message.data) if topic.rules.anonymous else message)
    if len(encoded) > _longest(state, topic):
        # nobody that we passed it on to would take it
        _refuse(state, peer, Offence.TOO_LONG, topic)
        return
    _deliver(state, topic, message, message_id, content, peer.peer_id)
    cached = CachedMessage(message_id, topic.wire, encode_frame(encoded), {peer.peer_id})
    state.cache.put(cached)
    for target in (topic.mesh, topic.flooded) if topic.flooded else (topic.mesh,):
        _send(state, target.values(), cached, message.author, now)


def publish(state: State, topic: Topic, message: WireMessage, now: float) -> bytes:
    """Sends an own message to the topic's peers; returns its id."""
    options = state.options
    message_id, content = topic.rules.identify(message.data)
    if state.peer_id in state.blacklist or not state.seen(topic.rules).add(message_id, now):
        return message_id
    if topic.subscribed:
        _deliver(state, topic, message, message_id, content, state.peer_id)
    encoded = encode_message(message)
    if len(encoded) > _longest(state, topic):
        state.stats.too_long += 1
        return message_id
    cached = CachedMessage(message_id, topic.wire, encode_frame(encoded))
    state.cache.put(cached)
    if not topic.subscribed:
        topic.published = now
    if options.flood_publish:
        targets = [peer for peer in topic.peers.values() if not peer.standing.graylisted]
    elif topic.subscribed:
        targets = list({**topic.mesh, **topic.flooded}.values())
    else:
        if not topic.fanout:
            topic.fanout.update((peer.peer_id, peer) for peer in pick(state, candidates(topic), options.degree))
        targets = list({**topic.fanout, **topic.flooded}.values())
    _send(state, targets, cached, None, now)
    return message_id


def _offence(state: State, peer: Peer, topic: Topic, message: WireMessage, verify: Verify | None) -> Offence | None:
    rules = topic.rules
    if rules.anonymous:
        if not message.signature is message.key is None:
            return Offence.SIGNED
        if not (message.author is message.seqno is None or state.tolerates(peer.peer_id)):
            return Offence.SIGNED
    elif message.signature is not None and (verify is None or not verify(message)):
        return Offence.BAD_SIGNATURE
    return Offence.TOO_LONG if len(message.data) > _longest(state, topic) else None


def _longest(state: State, topic: Topic) -> int:
    return min(topic.rules.max_frame, state.options.max_frame)


def _refuse(state: State, peer: Peer, offence: Offence, topic: Topic) -> None:
    state.stats.refused += 1
    state.blame(peer, offence, detail=topic.name)


def _weight(message: WireMessage) -> float:
    """How much an unwanted message counts: a long one as several."""
    return 1 + len(message.data) / _HEAVY


def _duplicate(state: State, peer: Peer, message_id: bytes, weight: float) -> None:
    state.stats.duplicates += 1
    cached = state.cache.get(message_id)
    if cached is None:
        state.blame(peer, Offence.LATE, weight)
    elif peer.peer_id in cached.senders:
        state.blame(peer, Offence.REPEATED, weight)
    else:
        cached.senders.add(peer.peer_id)


def _deliver(
    state: State, topic: Topic, message: WireMessage, message_id: bytes, content: bytes | None, source: bytes
) -> None:
    state.stats.delivered += 1
    state.events.append(
        Deliver(
            GossipMessage(
                topic.name,
                message_id,
                message.data,
                content,
                source,
                message.author,
                message.seqno,
                message.signature,
            )
        )
    )


def _send(state: State, peers: Iterable[Peer], cached: CachedMessage, author: bytes | None, now: float) -> None:
    for peer in peers:
        if peer.peer_id in cached.senders or peer.peer_id == author or cached.message_id in peer.unwanted:
            continue
        state.send_message(peer, cached.message_id, cached.frame, now)
