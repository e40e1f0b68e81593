"""A router's heartbeat: meshes are mended, messages advertised, and what is over time is forgotten."""

from __future__ import annotations

from collections.abc import Callable

from .options import GossipOptions
from .score import Offence
from .state import Peer, State, Topic, expire_backoffs


def heartbeat(state: State, now: float, elapsed: float) -> None:
    """Does all that is due once in a heartbeat, `elapsed` seconds after the one before."""
    state.ticks += 1
    _judge(state, now, elapsed)
    state.expire_seen(now)
    for topic in list(state.topics.values()):
        expire_backoffs(topic, now)
        if topic.subscribed:
            _mend_mesh(state, topic, now)
            _advertise(state, topic, topic.mesh)
        elif topic.published is not None:
            _mend_fanout(state, topic, now)
            _advertise(state, topic, topic.fanout)
        forget_if_unused(state, topic, now)
    state.cache.shift()


def forget_if_unused(state: State, topic: Topic, now: float) -> None:
    """Forgets a topic that is neither joined, nor subscribed, nor lately published to or left."""
    if topic.left is not None and topic.left + state.options.unsubscribe_backoff <= now:
        topic.left = None
    if not (topic.joined or topic.subscribed or topic.backoffs) and topic.published is None and topic.left is None:
        state.topics.pop(topic.wire, None)


def _judge(state: State, now: float, elapsed: float) -> None:
    for peer_id, asked_at in state.asks.broken(now).items():
        peer = state.peers.get(peer_id)
        # a peer whose ids follow another rule sends, under ids that we did not ask for: that is no lie
        if peer is not None and peer.last_message < asked_at:
            state.blame(peer, Offence.BROKEN_PROMISE)
    for peer in list(state.peers.values()):
        peer.standing.heartbeat(elapsed)
        peer.unwanted = {key: until for key, until in peer.unwanted.items() if until > state.ticks}
        state.stats.dropped += peer.outbox.expire(now)
        since = peer.unfinished_since
        if since is not None and since + state.options.frame_seconds <= now:
            state.blame(peer, Offence.UNFINISHED)


def candidates(topic: Topic, want: Callable[[Peer], bool] | None = None) -> list[Peer]:
    """The topic's peers that may be grafted, or be sent what is published without a subscription."""
    return [
        peer
        for peer in topic.peers.values()
        if peer.meshes
        and not peer.standing.graylisted
        and peer.peer_id not in topic.mesh
        and peer.peer_id not in topic.fanout
        and peer.peer_id not in topic.backoffs
        and (want is None or want(peer))
    ]


def pick(state: State, peers: list[Peer], count: int) -> list[Peer]:
    """At most so many of them, at random."""
    return state.rng.sample(peers, min(max(0, count), len(peers)))


def _mend_mesh(state: State, topic: Topic, now: float) -> None:
    options = state.options
    for peer in list(topic.mesh.values()):
        if peer.standing.graylisted:
            state.send_prune(peer, topic, now)
    if len(topic.mesh) < options.degree_low:
        for peer in pick(state, candidates(topic), options.degree - len(topic.mesh)):
            state.send_graft(peer, topic)
    elif len(topic.mesh) > options.degree_high:
        for peer in _surplus(state, topic, options):
            state.send_prune(peer, topic, now)
    if len(topic.mesh) >= options.degree_low:
        missing = options.degree_outbound - sum(peer.outbound for peer in topic.mesh.values())
        for peer in pick(state, candidates(topic, lambda peer: peer.outbound), missing):
            state.send_graft(peer, topic)


def _surplus(state: State, topic: Topic, options: GossipOptions) -> list[Peer]:
    """The peers beyond the degree, at random; those that we dialled last, up to the quota.

    They are harder to come by for somebody that wants to surround us.
    """
    peers = list(topic.mesh.values())
    state.rng.shuffle(peers)
    kept = [peer for peer in peers if peer.outbound][: options.degree_outbound]
    rest = [peer for peer in peers if peer not in kept]
    return rest[options.degree - len(kept) :]


def _mend_fanout(state: State, topic: Topic, now: float) -> None:
    if topic.published is not None and topic.published + state.options.fanout_seconds <= now:
        topic.published = None
        topic.fanout.clear()
        return
    for peer in list(topic.fanout.values()):
        if peer.standing.graylisted:
            del topic.fanout[peer.peer_id]
    for peer in pick(state, candidates(topic), state.options.degree - len(topic.fanout)):
        topic.fanout[peer.peer_id] = peer


def _advertise(state: State, topic: Topic, exclude: dict[bytes, Peer]) -> None:
    options = state.options
    ids = state.cache.gossip_ids(topic.wire)
    if not ids:
        return
    peers = [
        peer
        for peer in topic.peers.values()
        if peer.meshes and not peer.standing.graylisted and peer.peer_id not in exclude
    ]
    for peer in pick(state, peers, max(options.lazy_degree, int(options.lazy_factor * len(peers)))):
        # of too many, each peer hears of others
        peer.outbox.ihave(topic.wire, state.rng.sample(ids, min(len(ids), options.max_ids)))
        state.wake(peer)
