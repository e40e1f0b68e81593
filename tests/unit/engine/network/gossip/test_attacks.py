"""A hostile peer against each bound: what it costs is bounded, it is disconnected, and others are served as before."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import count

import pytest

from pyrum_sync.engine.network.gossip.events import Disconnect, PeerJoined
from pyrum_sync.engine.network.gossip.frames import encode_frame
from pyrum_sync.engine.network.gossip.options import MAX_COMPRESSED_SIZE, GossipOptions
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
from tests.support.gossip_net import Bench

JOINED = encode_subscription(b"chat", subscribe=True)
GRAFT = encode_control([encode_graft(b"chat")])
ENEMY, FRIEND = b"enemy", b"friend"

pytestmark = pytest.mark.attack


def chat(data: bytes, topic: bytes = b"chat") -> bytes:
    return encode_message(WireMessage(topic, data, b"author", b"1"))


def besieged(options: GossipOptions | None = None, topic: str = "chat") -> Bench:
    bench = Bench(options, topic)
    joined = encode_subscription(topic.encode(), subscribe=True)
    for peer in (ENEMY, FRIEND):
        bench.connect(peer)
        bench.send(peer, joined, encode_control([encode_graft(topic.encode())]))
        bench.read(peer)
    bench.router.take()
    return bench


def attack(bench: Bench, rpcs: Iterator[bytes], *, most: int, a_heartbeat: int | None = None) -> str:
    """Sends until the router has had enough, which must be before `most` RPCs; returns its reason."""
    for number in range(most):
        if a_heartbeat and number % a_heartbeat == a_heartbeat - 1:
            bench.beat()
        bench.send(ENEMY, next(rpcs))
        reasons = [event for event in bench.router.take() if isinstance(event, Disconnect)]
        if reasons:
            assert [event.peer for event in reasons] == [ENEMY]
            unharmed(bench)
            return reasons[0].reason
    raise AssertionError(f"the router bore {most} RPCs")


def unharmed(bench: Bench) -> None:
    """The friend is heard, and told, as if nothing were."""
    assert bench.topic is not None
    bench.read(FRIEND)
    bench.router.take()
    if bench.topic == "chat":
        bench.send(FRIEND, chat(b"are you there?"))
        assert [message.data for message in bench.delivered()] == [b"are you there?"]
        bench.router.publish("chat", b"I am", bench.now)
        assert [message.data for message in bench.read(FRIEND).messages] == [b"I am"]
    assert FRIEND in bench.router.topic_peers(bench.topic)


def test_ihave_flood() -> None:
    bench = besieged()
    reason = attack(bench, (encode_control([encode_ihave(b"chat", [b"%d" % n])]) for n in count()), most=40)
    assert reason == "advertised too often"
    assert len(bench.router._state.asks) <= 10


def test_ihave_of_very_many_messages() -> None:
    bench = besieged()
    ids = [b"%d" % number for number in range(60_000)]
    asked = 0
    for begin in range(0, 20_000, 4000):
        bench.send(ENEMY, encode_control([encode_ihave(b"chat", ids[begin : begin + 4000])]))
        asked += len(bench.read(ENEMY).iwant)
    assert asked == len(bench.router._state.asks) == 5000
    bench.beat()
    assert attack(bench, iter([encode_control([encode_ihave(b"chat", ids)])] * 3), most=3) == "named too many messages"


def test_asks_are_bounded_whoever_advertises() -> None:
    bench = besieged(GossipOptions(max_asks=1000))
    for number in range(50):
        peer = bench.connect(b"enemy%d" % number)
        bench.send(peer, encode_control([encode_ihave(b"chat", [b"%d-%d" % (number, k) for k in range(1000)])]))
        bench.read(peer)
    assert len(bench.router._state.asks) == 1000
    unharmed(bench)


def test_advertising_what_never_comes() -> None:
    bench = besieged()
    rpcs = (encode_control([encode_ihave(b"chat", [b"%d" % number])]) for number in count())
    assert attack(bench, rpcs, most=40, a_heartbeat=2) == "advertised messages and did not send them"


def test_iwant_flood() -> None:
    bench = besieged()
    # of unknown messages: nothing is answered
    rpcs = iter(lambda: encode_control([encode_iwant([b"unknown"] * 5000)]), None)
    assert attack(bench, rpcs, most=20) == "named too many messages"


def test_iwant_for_the_same_messages_again_and_again() -> None:
    bench = besieged()
    ids = [bench.router.publish("chat", b"%d" % number + bytes(50_000), bench.now) for number in range(20)]
    bench.read(ENEMY)
    reason = attack(bench, iter(lambda: encode_control([encode_iwant(ids)]), None), most=100)
    assert reason == "asked for the same message again and again"


def test_iwant_makes_us_send_a_bounded_amount() -> None:
    bench = besieged(GossipOptions(max_outbox_bytes=1_000_000))
    ids = [bench.router.publish("chat", b"%d" % number + bytes(50_000), bench.now) for number in range(100)]
    bench.read(ENEMY)
    for _ in range(3):
        bench.send(ENEMY, encode_control([encode_iwant(ids)]))
    assert bench.router._state.peers[ENEMY].outbox.size <= 1_000_000
    unharmed(bench)


def test_subscriptions_without_end() -> None:
    bench = besieged()
    reason = attack(bench, (encode_subscription(b"%d" % number, subscribe=True) for number in count()), most=2000)
    assert reason == "sent too many subscriptions"


def test_subscriptions_without_end_in_few_rpcs() -> None:
    bench = besieged()
    rpcs = (
        b"".join(encode_subscription(b"%d" % (number * 1000 + k), subscribe=True) for k in range(1000))
        for number in count()
    )
    assert attack(bench, rpcs, most=3) == "sent too many subscriptions"


def test_a_thousand_topics_are_borne() -> None:
    bench = besieged()
    for number in range(1023):
        bench.send(ENEMY, encode_subscription(b"%d" % number, subscribe=True))
    bench.beat()
    bench.send(ENEMY, encode_subscription(b"one more", subscribe=True))
    assert bench.dropped() == []
    assert len(bench.router._state.peers[ENEMY].topics) == 1024
    # nothing is kept of a topic that is not ours but that the peer hears it
    assert list(bench.router._state.topics) == [b"chat"]


def test_coming_and_going_without_end() -> None:
    bench = besieged()
    both = encode_subscription(b"chat", subscribe=False) + JOINED
    joined = 0
    for _ in range(2000):
        bench.send(ENEMY, both)
        events = bench.router.take()
        joined += sum(isinstance(event, PeerJoined) for event in events)
        reasons = [event.reason for event in events if isinstance(event, Disconnect)]
        if reasons:
            break
    assert reasons == ["sent too many subscriptions"]
    assert joined <= 1024
    unharmed(bench)


def test_topics_with_long_names() -> None:
    bench = besieged()
    long = encode_subscription(b"t" * 257, subscribe=True)
    assert attack(bench, iter(lambda: long, None), most=101) == "sent too many subscriptions"


def test_graft_floods() -> None:
    bench = besieged()
    bench.send(ENEMY, encode_control([encode_prune(b"chat", 60)]))
    assert attack(bench, iter(lambda: GRAFT, None), most=10) == "grafted while it was told not to"
    bench = besieged()
    many = encode_control([encode_graft(b"other")] * 1000)
    assert attack(bench, iter(lambda: many, None), most=5) == "sent too many grafts or prunes"
    bench = besieged()
    many = encode_control([encode_prune(b"chat", 2**64 - 1)] * 1000)
    assert attack(bench, iter(lambda: many, None), most=5) == "sent too many grafts or prunes"


def test_grafts_in_the_same_rpc_as_the_last_straw() -> None:
    bench = besieged()
    bench.router.subscribe("other", bench.now)
    bench.send(ENEMY, encode_control([encode_prune(b"chat", 60)]))
    bench.send(ENEMY, encode_control([encode_graft(b"chat")] * 9 + [encode_graft(b"other")]))
    assert bench.dropped() == ["grafted while it was told not to"]
    assert bench.router.mesh() == [FRIEND]
    assert not bench.router._state.peers[ENEMY].outbox
    unharmed(bench)


def test_back_offs_of_peers_without_end() -> None:
    bench = besieged(GossipOptions(max_backoffs=100))
    for number in range(1000):
        peer = bench.connect(b"enemy%d" % number)
        bench.send(peer, JOINED, encode_control([encode_prune(b"chat", 2**64 - 1)]))
        bench.router.peer_disconnected(peer, bench.now)
    assert len(bench.router._state.topics[b"chat"].backoffs) == 100
    bench.beat(3700)
    assert bench.router._state.topics[b"chat"].backoffs == {}
    unharmed(bench)


def test_nothing_is_left_of_peers_without_end() -> None:
    bench = besieged()
    for number in range(3000):
        peer = bench.connect(b"enemy%d" % number)
        bench.send(peer, JOINED, GRAFT, chat(b"a"), encode_control([encode_ihave(b"chat", [peer])]))
        bench.router.receive(peer, b"\x02\xff\xff" if number % 2 else b"\x7fhalf", bench.now)
        bench.router.peer_disconnected(peer, bench.now)
    state = bench.router._state
    assert list(state.peers) == [ENEMY, FRIEND]
    assert list(state.topics[b"chat"].peers) == list(state.topics[b"chat"].mesh) == [ENEMY, FRIEND]
    assert len(state._remembered) <= 1024
    assert state.unread == 0
    unharmed(bench)


def test_idontwant_flood() -> None:
    bench = besieged()
    for number in range(100):
        ids = [b"%d-%d" % (number, k) for k in range(1000)]
        bench.send(ENEMY, encode_control([encode_dont_want(ids)]))
    assert len(bench.router._state.peers[ENEMY].unwanted) == 2000
    bench.beat(5)
    assert bench.router._state.peers[ENEMY].unwanted == {}
    unharmed(bench)


def test_duplicate_storm() -> None:
    bench = besieged()
    assert attack(bench, iter(lambda: chat(b"again"), None), most=250) == "sent the same message again"
    assert bench.router.stats.delivered == 3  # the storm's, the friend's, our own


def test_duplicate_storm_of_old_messages() -> None:
    bench = besieged()
    for number in range(1000):
        bench.send(FRIEND, chat(b"%d" % number))
    bench.beat(10)
    old = (chat(b"%d" % (number % 1000)) for number in count())
    assert attack(bench, old, most=6000) == "sent messages that had long been seen"


def test_large_messages_again_and_again() -> None:
    bench = besieged()
    assert attack(bench, iter(lambda: chat(bytes(1_000_000)), None), most=20) == "sent the same message again"


def test_a_storm_of_copies_costs_little() -> None:
    bench = besieged()
    rpc = encode_frame(chat(b"again" * 20) * 100)
    began = time.process_time()
    bench.router.receive(ENEMY, rpc * 10, bench.now)
    assert time.process_time() - began < 0.5


def test_messages_of_10_mib() -> None:
    bench = besieged(topic="/eth2/0a0b0c0d/beacon_block/ssz_snappy")
    wire = b"/eth2/0a0b0c0d/beacon_block/ssz_snappy"
    # well framed, but nothing that decompresses
    rpcs = (encode_message(WireMessage(wire, b"%02d" % number + bytes(10 << 20))) for number in count())
    assert attack(bench, rpcs, most=11).startswith("sent messages that do not decompress")
    assert len(bench.router._state.cache) == 0


def test_messages_of_10_mib_on_a_topic_of_1() -> None:
    bench = besieged()
    rpcs = (chat(b"%02d" % number + bytes(10 << 20)) for number in count())
    assert attack(bench, rpcs, most=11) == "sent messages over the topic's limit: chat"


def test_messages_of_10_mib_that_nobody_wants() -> None:
    bench = besieged()
    reason = attack(bench, iter(lambda: chat(bytes(10 << 20), b"other"), None), most=3)
    assert reason == "sent messages of topics that were not subscribed to"


def test_large_messages_that_are_valid_fill_the_cache_and_no_more() -> None:
    bench = besieged(GossipOptions(max_cached_bytes=5_000_000, max_outbox_bytes=2_000_000))
    for number in range(50):
        bench.send(ENEMY, chat(b"%02d" % number + bytes(1_000_000)))
        bench.router.take()
    assert bench.router._state.cache.size <= 5_000_000
    # the friend reads nothing
    assert bench.router._state.peers[FRIEND].outbox.size <= 2_000_000
    assert bench.router.stats.dropped > 40
    unharmed(bench)


def test_a_frame_that_is_too_long() -> None:
    bench = besieged()
    bench.router.receive(ENEMY, b"\xff\xff\xff\x7f", bench.now)
    limit = MAX_COMPRESSED_SIZE + 1024
    words = f"sent bytes that are no gossip RPC: gossip: a frame of 268435455 bytes; {limit} are allowed"
    assert bench.dropped() == [words]
    unharmed(bench)


def test_frames_that_are_never_finished() -> None:
    bench = besieged()
    bench.router.receive(ENEMY, b"\xff\xff\x3f" + b"half", bench.now)
    bench.beat(59)
    bench.router.receive(ENEMY, b"more", bench.now)
    assert bench.dropped() == []
    bench.beat(2)
    assert bench.dropped() == ["sent a frame that it did not finish"]
    unharmed(bench)


def test_unfinished_frames_of_many_peers_together() -> None:
    bench = besieged(GossipOptions(max_unread=1_000_000))
    reasons = []
    for number in range(100):
        peer = bench.connect(b"enemy%d" % number)
        bench.router.receive(peer, b"\x80\x80\x80\x05" + bytes(100_000 + number), bench.now)
        reasons += bench.dropped()
        assert bench.router._state.unread <= 1_000_000
    assert len(reasons) == 91
    assert set(reasons) == {"sent a frame that it did not finish: all unfinished frames together are too long"}
    unharmed(bench)


def test_many_peers_that_read_nothing() -> None:
    """Their outboxes are bounded together, and it is theirs that are emptied."""
    bench = besieged(GossipOptions(max_outbox_bytes=256 << 10, max_waiting_bytes=1 << 20))
    for number in range(100):
        bench.connect(b"idle %d" % number)
        bench.send(b"idle %d" % number, JOINED)
    state = bench.router._state
    for number in range(300):
        bench.now += 0.01
        bench.router.publish("chat", number.to_bytes(4, "big") * 2500, bench.now)
        assert sum(peer.outbox.size for peer in state.peers.values()) == state.waiting.size <= 1 << 20
        assert [message.data for message in bench.read(FRIEND).messages] == [number.to_bytes(4, "big") * 2500]
    assert bench.router.stats.dropped > 20_000
    for peer in list(state.peers):
        bench.router.peer_disconnected(peer, bench.now)
    assert state.waiting.size == 0


def test_too_many_seen_to_remember_them_all() -> None:
    bench = besieged(GossipOptions(max_seen=1000, max_cached=500))
    for number in range(5000):
        bench.send(ENEMY, chat(b"%d" % number))
        bench.router.take()
    state = bench.router._state
    seen = state.seen(state.topics[b"chat"].rules)
    assert len(seen) == 1000
    assert len(state.cache) == 500
    bench.beat(120)
    assert len(seen) == 0
    unharmed(bench)


@pytest.mark.parametrize(
    "rpc",
    [
        lambda: b"\x1a\x00" * 30_000,
        lambda: b"\x0a\x00" * 60_000,
        lambda: encode_control([b"\x0a\x00" * 60_000]),
        lambda: encode_control([b"\x12\x00" * 60_000]),
        lambda: encode_control([encode_ihave(b"chat", [b""] * 60_000)]),
        lambda: encode_control([encode_iwant([b""] * 1_000_000)]),
        lambda: encode_message(WireMessage(b"other")) * 20_000,
        lambda: b"\x80" * 1_000_000,
        lambda: b"\x0a\xff\xff\xff\x7f",
    ],
)
def test_no_frame_costs_much(rpc: Callable[[], bytes]) -> None:
    bench = besieged()
    frame = encode_frame(rpc())
    began = time.process_time()
    bench.router.receive(ENEMY, frame, bench.now)
    assert time.process_time() - began < 2
    unharmed(bench)
