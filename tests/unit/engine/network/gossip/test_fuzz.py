"""Whatever a peer sends, and whenever: the router does not raise, keeps its bounds, and its books agree."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyrum_sync.engine.network.gossip.frames import encode_frame
from pyrum_sync.engine.network.gossip.options import FLOODSUB, MESHSUB_1_0, MESHSUB_1_1, GossipOptions
from pyrum_sync.engine.network.gossip.router import GossipRouter
from pyrum_sync.engine.network.gossip.rpc import (
    WireMessage,
    encode_control,
    encode_dont_want,
    encode_graft,
    encode_ihave,
    encode_iwant,
    encode_message,
    encode_prune,
    encode_subscription,
)
from pyrum_sync.spec.snappy import compress_block

BLOCKS = "/eth2/0a0b0c0d/beacon_block/ssz_snappy"
OPTIONS = GossipOptions(
    max_unread=2000,
    max_topics=5,
    max_ids=5,
    max_dont_want=5,
    max_seen=20,
    max_cached=10,
    max_cached_bytes=2000,
    max_outbox_bytes=1000,
    max_outbox_messages=10,
    max_asks=10,
    max_backoffs=2,
    max_frame=3000,
    degree=2,
    degree_low=1,
    degree_high=3,
    degree_outbound=1,
)
PEERS = [b"one", b"two", b"three", b"four", b"five"]

peers = st.sampled_from(PEERS)
topics = st.sampled_from([b"chat", BLOCKS.encode(), b"other", b"\xff", b""]) | st.binary(max_size=300)
ids = st.lists(st.binary(max_size=20) | st.sampled_from([b"a", b"b"]), max_size=8)
optional = st.none() | st.sampled_from([b"us", b"one", b""]) | st.binary(max_size=10)
data = st.binary(max_size=200) | st.binary(max_size=50).map(compress_block) | st.builds(bytes, st.integers(0, 2500))
messages = st.builds(WireMessage, st.none() | topics, data, optional, optional, optional, optional)
control = st.one_of(
    st.builds(encode_ihave, topics, ids),
    st.builds(encode_iwant, ids),
    st.builds(encode_graft, topics),
    st.builds(encode_prune, topics, st.integers(0, 2**64 - 1)),
    st.builds(encode_dont_want, ids),
)
rpcs = st.lists(
    st.one_of(
        st.builds(lambda topic, value: encode_subscription(topic, subscribe=value), topics, st.booleans()),
        messages.map(encode_message),
        st.lists(control, max_size=4).map(encode_control),
        st.binary(max_size=20),
    ),
    max_size=5,
).map(b"".join)
streams = st.one_of(
    rpcs.map(encode_frame),
    st.binary(max_size=50),
    st.tuples(rpcs, st.integers(0, 50)).map(lambda cut: encode_frame(cut[0])[: cut[1]]),
)
steps = st.one_of(
    st.tuples(st.just("receive"), peers, streams),
    st.tuples(st.just("receive"), peers, streams),
    st.tuples(st.just("receive"), peers, streams),
    st.tuples(st.just("connect"), peers, st.sampled_from([MESHSUB_1_1, MESHSUB_1_0, FLOODSUB])),
    st.tuples(st.just("disconnect"), peers, st.none()),
    st.tuples(st.just("replace"), peers, st.none()),
    st.tuples(st.just("fetch"), peers, st.integers(1, 2000)),
    st.tuples(st.just("beat"), st.none(), st.floats(0, 200)),
    st.tuples(st.just("publish"), st.sampled_from(["chat", BLOCKS, "fanout"]), data),
    st.tuples(st.just("subscribe"), st.sampled_from(["chat", BLOCKS]), st.none()),
    st.tuples(st.just("unsubscribe"), st.sampled_from(["chat", BLOCKS]), st.none()),
    st.tuples(st.just("blacklist"), st.just(b"five"), st.none()),
)


@pytest.mark.uncovered
@settings(max_examples=300, deadline=None)
@given(st.lists(steps, max_size=60), st.integers(0, 3))
def test_anything_in_any_order(taken: list[tuple[str, object, object]], seed: int) -> None:
    router = GossipRouter(b"us", OPTIONS, Random(seed))
    now = 0.0
    router.join("chat")
    router.subscribe("chat", now)
    router.join(BLOCKS)
    router.subscribe(BLOCKS, now)
    for peer in PEERS:
        router.peer_connected(peer, MESHSUB_1_1, now)
    for step, first, second in taken:
        now += 0.1
        if step == "beat":
            assert isinstance(second, float)
            now += second
            router.heartbeat(now)
        elif step == "replace":
            router.stream_opened(first, now)  # type: ignore[arg-type]
        elif step == "fetch":
            router.outgoing(first, second)  # type: ignore[arg-type]
        elif step == "blacklist":
            router.blacklist(first)  # type: ignore[arg-type]
        elif step == "disconnect":
            router.peer_disconnected(first, now)  # type: ignore[arg-type]
        elif step in ("subscribe", "unsubscribe"):
            getattr(router, step)(first, now)
        else:
            name = {"receive": "receive", "connect": "peer_connected", "publish": "publish"}[step]
            getattr(router, name)(first, second, now)
        check(router)


def check(router: GossipRouter) -> None:
    """Everything within its bounds, and nothing known in one place only."""
    state = router._state
    peers = state.peers
    assert state.unread == sum(peer.reader.unread for peer in peers.values()) <= OPTIONS.max_unread + 3000
    assert len(state.asks) <= OPTIONS.max_asks
    assert len(state.cache) <= OPTIONS.max_cached
    assert all(len(seen) <= OPTIONS.max_seen for seen in state._seen.values())
    for peer in peers.values():
        assert len(peer.topics) <= OPTIONS.max_topics
        assert peer.outbox.size <= 3000
        assert not (peer.dropped and (peer.topics or peer.outbox))
        assert bool(peer.outbox) <= (peer.announced or peer.protocol is None)
    for topic in state.topics.values():
        assert len(topic.backoffs) <= OPTIONS.max_backoffs
        assert topic.subscribed or not topic.mesh
        for group in (topic.peers, topic.mesh, topic.fanout, topic.flooded):
            assert all(peers.get(peer_id) is peer and not peer.dropped for peer_id, peer in group.items())
        assert set(topic.flooded) | set(topic.fanout) <= set(topic.peers)
        assert set(topic.peers) == {
            peer.peer_id for peer in peers.values() if topic.wire in peer.topics and peer.protocol is not None
        }
        assert set(topic.flooded) == {peer.peer_id for peer in topic.peers.values() if not peer.meshes}
        assert all(peer.protocol is None or peer.meshes for peer in topic.mesh.values())
        assert len(topic.mesh) <= len(PEERS)
    router.take()
