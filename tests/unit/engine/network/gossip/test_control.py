"""IHAVE, IWANT, GRAFT and PRUNE from peers that keep to the rules, and a little beyond."""

from __future__ import annotations

import pytest

from pyrum_sync.engine.network.gossip.ids import RumorRules
from pyrum_sync.engine.network.gossip.options import FLOODSUB, MESHSUB_1_0, MESHSUB_1_1, GossipOptions
from pyrum_sync.engine.network.gossip.rpc import (
    WireMessage,
    encode_control,
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


def ihave(*ids: bytes, topic: bytes = b"chat") -> bytes:
    return encode_control([encode_ihave(topic, ids)])


def iwant(*ids: bytes) -> bytes:
    return encode_control([encode_iwant(ids)])


def prune(seconds: int = 0, topic: bytes = b"chat") -> bytes:
    return encode_control([encode_prune(topic, seconds)])


def chat(data: bytes) -> bytes:
    return encode_message(WireMessage(b"chat", data, b"author", b"1"))


# lazy gossip


def test_what_is_advertised_is_asked_for_unless_it_is_known() -> None:
    bench = Bench()
    peer = bench.connect()
    bench.send(peer, JOINED, chat(b"known"))
    (known,) = bench.delivered()
    bench.send(peer, ihave(b"a", b"b", known.message_id, b"", b"x" * 129), ihave(b"c", topic=b"other"))
    assert sorted(bench.read().iwant) == [b"a", b"b"]
    # not again of the same peer while it has time to answer
    bench.send(peer, ihave(b"a", b"c"))
    assert bench.read().iwant == [b"c"]


def test_another_peer_is_asked_too_but_not_all() -> None:
    bench = Bench()
    asked = []
    for number in range(5):
        peer = bench.connect(b"%d" % number)
        bench.send(peer, ihave(b"a"))
        asked.append(len(bench.read(peer).iwant))
    assert asked == [1, 1, 1, 0, 0]
    bench.beat(4)
    bench.send(b"4", ihave(b"a"))
    assert bench.read(b"4").iwant == [b"a"]


def test_a_peer_gets_what_it_asks_for_a_few_times() -> None:
    bench = Bench()
    message_id = bench.router.publish("chat", b"hello", bench.now)
    peer = bench.connect()
    sent = []
    for _ in range(5):
        bench.send(peer, iwant(message_id, b"unknown", message_id))
        sent.append([message.data for message in bench.read().messages])
    assert sent == [[b"hello", b"hello"], [b"hello"], [], [], []]
    other = bench.connect(b"other")
    bench.send(other, iwant(message_id))
    assert len(bench.read(other).messages) == 1


def test_messages_can_be_asked_for_during_six_heartbeats() -> None:
    bench = Bench()
    message_id = bench.router.publish("chat", b"hello", bench.now)
    peer = bench.connect()
    bench.read()
    bench.beat(5)
    bench.send(peer, iwant(message_id))
    assert len(bench.read().messages) == 1
    bench.beat()
    bench.send(peer, iwant(message_id))
    assert bench.read().messages == []


def test_a_promise_that_is_kept() -> None:
    bench = Bench()
    peer = bench.connect()
    for number in range(100):
        data = b"%d" % number
        bench.send(peer, ihave(b"its own id of " + data))
        bench.send(peer, chat(data))
        bench.beat()
    assert len(bench.delivered()) == 100
    assert bench.router._state.peers[peer].standing.blame == 0
    assert bench.dropped() == []


def test_a_promise_that_another_peer_kept() -> None:
    bench = Bench()
    peer, other = bench.connect(), bench.connect(b"other")
    message_id = RumorRules("chat").identify(b"hello")[0]
    bench.send(peer, ihave(message_id))
    assert bench.read().iwant == [message_id]
    bench.send(other, chat(b"hello"))
    bench.beat(4)
    assert bench.router._state.peers[peer].standing.blame == 0


def test_promises_that_are_broken() -> None:
    bench = Bench()
    peer = bench.connect()
    reasons = []
    for number in range(60):
        bench.send(peer, ihave(b"%d" % number))
        bench.beat()
        reasons += bench.dropped()
    assert reasons == ["advertised messages and did not send them"]


# the mesh


def test_graft_and_prune() -> None:
    bench = Bench()
    peer = bench.connect()
    bench.send(peer, JOINED, GRAFT, GRAFT)
    assert bench.router.mesh("chat") == [peer]
    bench.send(peer, prune())
    assert bench.router.mesh("chat") == []
    # neither side grafts for a minute
    bench.beat(60)
    assert bench.router.mesh() == []
    bench.beat(3)
    assert bench.router.mesh() == [peer]
    assert bench.read().graft == [b"chat"]


@pytest.mark.parametrize(("said", "held"), [(5, 6), (100_000, 3601)])
def test_the_time_that_a_prune_says_is_kept_up_to_an_hour(said: int, held: int) -> None:
    bench = Bench()
    peer = bench.connect()
    bench.send(peer, JOINED, GRAFT, prune(said))
    bench.beat(held - 1)
    assert bench.router.mesh() == []
    bench.beat(2)
    assert bench.router.mesh() == [peer]


def test_grafts_of_topics_that_are_not_subscribed_to() -> None:
    bench = Bench(topic=None)
    bench.router.join("chat")
    peer = bench.connect()
    bench.send(peer, JOINED, GRAFT, prune())
    bench.send(peer, encode_control([encode_graft(b"other"), encode_prune(b"other", 5)]))
    assert bench.router.mesh() == []
    assert bench.read().prune == []


def test_a_graft_too_early_is_refused_and_held_against_the_peer() -> None:
    bench = Bench()
    peer = bench.connect()
    bench.send(peer, JOINED, GRAFT)
    bench.router.unsubscribe("chat", bench.now)
    bench.router.subscribe("chat", bench.now)
    rpc = bench.read()
    assert rpc.prune == [(b"chat", 10)]
    bench.send(peer, GRAFT)
    assert bench.router.mesh() == []
    assert bench.read().prune == [(b"chat", 60)]
    for _ in range(5):
        bench.send(peer, GRAFT)
    assert bench.dropped() == ["grafted while it was told not to"]


def test_version_1_0_knows_no_back_off() -> None:
    bench = Bench()
    peer = bench.connect(protocol=MESHSUB_1_0)
    bench.send(peer, JOINED, GRAFT)
    bench.router.unsubscribe("chat", bench.now)
    bench.router.subscribe("chat", bench.now)
    assert bench.read().prune == [(b"chat", 0)]
    # it tries again at each of its heartbeats
    for _ in range(100):
        bench.beat()
        bench.send(peer, GRAFT)
    assert bench.dropped() == []


def test_a_full_mesh_takes_those_that_we_dialled() -> None:
    bench = Bench(GossipOptions(degree_high=8))
    for number in range(10):
        bench.send(bench.connect(b"%d" % number), JOINED, GRAFT)
    assert bench.router.mesh() == [b"%d" % number for number in range(8)]
    assert bench.read(b"9").prune == [(b"chat", 60)]
    bench.send(bench.connect(b"dialled", outbound=True), JOINED, GRAFT)
    assert b"dialled" in bench.router.mesh()


def test_leaving_prunes_for_a_short_time() -> None:
    bench = Bench()
    peer = bench.connect()
    bench.send(peer, JOINED, GRAFT)
    bench.read()
    bench.router.unsubscribe("chat", bench.now)
    rpc = bench.read()
    assert (rpc.subscriptions, rpc.prune) == ([(False, b"chat")], [(b"chat", 10)])
    bench.router.subscribe("chat", bench.now)
    assert bench.router.mesh() == []
    bench.beat(11)
    assert bench.router.mesh() == [peer]


def test_ending_a_subscription_leaves_the_mesh() -> None:
    bench = Bench()
    peer = bench.connect()
    bench.send(peer, JOINED, GRAFT, encode_subscription(b"chat", subscribe=False))
    assert bench.router.mesh() == [peer]  # subscriptions come first in an RPC
    bench.send(peer, JOINED)
    bench.send(peer, encode_subscription(b"chat", subscribe=False))
    assert bench.router.mesh() == []


@pytest.mark.parametrize("protocol", [MESHSUB_1_1, FLOODSUB])
def test_nothing_but_messages_for_floodsub(protocol: str) -> None:
    bench = Bench()
    peer = bench.connect(protocol=protocol)
    bench.send(peer, JOINED, encode_control([encode_graft(b"chat")] if protocol == FLOODSUB else []))
    bench.router.publish("chat", b"hello", bench.now)
    bench.beat(3)
    rpc = bench.read()
    assert len(rpc.messages) == 1
    assert bool(rpc.graft) == bool(bench.router.mesh()) == (protocol == MESHSUB_1_1)
