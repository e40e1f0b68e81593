"""A router's answers to control messages: IHAVE, IWANT, GRAFT, PRUNE, IDONTWANT."""

from __future__ import annotations

from .options import FLOODSUB, MESHSUB_1_0
from .rpc import Rpc
from .score import Offence
from .state import Peer, State

# An honest peer's heartbeat may tick faster than ours, and it may be subscribed to many topics
_IDS_FACTOR = 4
_IDS_A_STRIKE = 500
_MAX_GRAFTS = 2048


def handle_control(state: State, peer: Peer, rpc: Rpc, now: float) -> None:
    """Does what an RPC's control part asks for, within the bounds."""
    if rpc.ihave or rpc.iwant:
        _count_ids(state, peer, rpc)
    if rpc.ihave and not peer.dropped:
        # of a graylisted peer, too: it is found out by the promises that it breaks
        _handle_ihave(state, peer, rpc, now)
    if rpc.iwant and not peer.dropped:
        _handle_iwant(state, peer, rpc, now)
    if (rpc.graft or rpc.prune) and not peer.dropped:
        _handle_grafts(state, peer, rpc, now)
    if rpc.dont_want:
        _handle_dont_want(state, peer, rpc)


def _count_ids(state: State, peer: Peer, rpc: Rpc) -> None:
    standing = peer.standing
    new = len(rpc.iwant) + sum(len(ids) for _, ids in rpc.ihave)
    allowed = max(0, _IDS_FACTOR * state.options.max_ids - standing.ids)
    standing.ids += new
    if new > allowed:
        state.blame(peer, Offence.MANY_IDS, (new - allowed) / _IDS_A_STRIKE)


def _handle_ihave(state: State, peer: Peer, rpc: Rpc, now: float) -> None:
    options, standing = state.options, peer.standing
    standing.ihave_rpcs += 1
    if standing.ihave_rpcs > options.max_ihave_rpcs:
        state.blame(peer, Offence.IHAVE_FLOOD)
        return
    new: dict[bytes, None] = {}
    for wire, ids in rpc.ihave:
        topic = state.topics.get(wire)
        if topic is None or not topic.subscribed:
            continue
        seen = state.seen(topic.rules)
        for message_id in ids:
            if 0 < len(message_id) <= options.max_id_length and not seen.has(message_id, now):
                new[message_id] = None
    wanted = [message_id for message_id in new if state.asks.may_ask(message_id, peer.peer_id)]
    # at random, so that of too many each peer is asked for others
    state.rng.shuffle(wanted)
    for message_id in wanted[: max(0, options.max_ids - standing.asked_of_it)]:
        if state.asks.may_ask(message_id, peer.peer_id):
            state.asks.ask(message_id, peer.peer_id, now)
            peer.outbox.iwant(message_id)
            standing.asked_of_it += 1
    if peer.outbox:
        state.wake(peer)


def _handle_iwant(state: State, peer: Peer, rpc: Rpc, now: float) -> None:
    for message_id in rpc.iwant[: state.options.max_ids]:
        message = state.cache.get(message_id)
        if message is None:
            continue
        asked = message.asked.get(peer.peer_id, 0)
        if asked >= state.options.max_retransmissions:
            state.blame(peer, Offence.ASKED_AGAIN)
            continue
        message.asked[peer.peer_id] = asked + 1
        if not peer.standing.graylisted:
            state.send_message(peer, message_id, message.frame, now)


def _handle_grafts(state: State, peer: Peer, rpc: Rpc, now: float) -> None:
    peer.standing.grafts += len(rpc.graft) + len(rpc.prune)
    if peer.standing.grafts > _MAX_GRAFTS:
        state.blame(peer, Offence.GRAFTS, len(rpc.graft) + len(rpc.prune))
        return
    for wire in rpc.graft:
        _handle_graft(state, peer, wire, now)
    for wire, seconds in rpc.prune:
        _handle_prune(state, peer, wire, seconds, now)


def _handle_graft(state: State, peer: Peer, wire: bytes, now: float) -> None:
    options = state.options
    topic = state.topics.get(wire)
    # unknown topics are passed over: an answer to each would be a way to make us talk
    if topic is None or not topic.subscribed or peer.peer_id in topic.mesh or peer.protocol == FLOODSUB:
        return
    until = topic.backoffs.get(peer.peer_id, now)
    if until > now:
        if peer.protocol == MESHSUB_1_0:
            # nobody said how long to stay away
            state.blame(peer, Offence.GRAFTS)
        else:
            flood = until > now + options.prune_backoff - options.graft_flood_seconds
            state.blame(peer, Offence.EARLY_GRAFT, 2 if flood else 1)
        state.send_prune(peer, topic, now)
    elif peer.standing.graylisted or (len(topic.mesh) >= options.degree_high and not peer.outbound):
        state.send_prune(peer, topic, now)
    else:
        topic.mesh[peer.peer_id] = peer


def _handle_prune(state: State, peer: Peer, wire: bytes, seconds: int, now: float) -> None:
    options = state.options
    topic = state.topics.get(wire)
    if topic is None or not topic.subscribed:
        return
    topic.mesh.pop(peer.peer_id, None)
    backoff = min(float(seconds), options.max_backoff) if seconds else options.prune_backoff
    # a little longer, since the peer's clock began when it sent this
    state.back_off(topic, peer, now + backoff + options.backoff_slack, now)


def _handle_dont_want(state: State, peer: Peer, rpc: Rpc) -> None:
    options, standing = state.options, peer.standing
    room = max(0, options.max_dont_want - standing.dont_want)
    standing.dont_want += len(rpc.dont_want)
    for message_id in rpc.dont_want[:room]:
        if 0 < len(message_id) <= options.max_id_length:
            peer.unwanted[message_id] = state.ticks + options.history_gossip
