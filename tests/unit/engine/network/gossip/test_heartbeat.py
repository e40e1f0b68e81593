"""What a router does by itself: it mends meshes, and advertises."""

from __future__ import annotations

from pyrum_sync.engine.network.gossip.options import FLOODSUB, GossipOptions
from pyrum_sync.engine.network.gossip.rpc import encode_control, encode_graft, encode_subscription
from pyrum_sync.engine.network.gossip.score import Offence
from tests.support.gossip_net import Bench

JOINED = encode_subscription(b"chat", subscribe=True)
GRAFT = encode_control([encode_graft(b"chat")])


def crowd(bench: Bench, count: int, *parts: bytes, outbound: int = 0) -> list[bytes]:
    """So many peers that subscribe; the first ones were dialled."""
    peers = [b"%02d" % number for number in range(count)]
    for number, peer in enumerate(peers):
        bench.connect(peer, outbound=number < outbound)
        bench.send(peer, JOINED, *parts)
        bench.read(peer)
    return peers


def test_a_mesh_grows_to_its_degree() -> None:
    bench = Bench()
    peers = crowd(bench, 30)
    bench.beat()
    mesh = bench.router.mesh("chat")
    assert len(mesh) == 8
    assert [peer for peer in peers if bench.read(peer).graft == [b"chat"]] == sorted(mesh)
    bench.beat(10)
    assert bench.router.mesh("chat") == mesh


def test_a_mesh_is_mended_when_it_is_too_small() -> None:
    bench = Bench()
    crowd(bench, 30)
    bench.beat()
    for peer in bench.router.mesh()[:2]:
        bench.router.peer_disconnected(peer, bench.now)
    bench.beat()
    # within its bounds it is left alone
    assert len(bench.router.mesh()) == 6
    bench.router.peer_disconnected(bench.router.mesh()[0], bench.now)
    bench.beat()
    assert len(bench.router.mesh()) == 8


def test_a_mesh_that_is_too_large_is_cut_and_keeps_some_that_we_dialled() -> None:
    bench = Bench()
    peers = crowd(bench, 12, GRAFT)
    dialled = [b"dialled1", b"dialled2", b"dialled3"]
    for peer in dialled:
        bench.connect(peer, outbound=True)
        bench.send(peer, JOINED, GRAFT)
        bench.read(peer)
    assert len(bench.router.mesh()) == 15
    bench.beat()
    mesh = bench.router.mesh()
    assert len(mesh) == 8
    assert len(set(mesh) & set(dialled)) >= 2
    pruned = [peer for peer in [*peers, *dialled] if bench.read(peer).prune == [(b"chat", 60)]]
    assert sorted([*mesh, *pruned]) == sorted([*peers, *dialled])
    bench.beat(60)
    assert bench.router.mesh() == mesh


def test_a_mesh_of_strangers_takes_in_peers_that_we_dialled() -> None:
    bench = Bench()
    crowd(bench, 8, GRAFT)
    for peer in (b"dialled1", b"dialled2", b"dialled3"):
        bench.connect(peer, outbound=True)
        bench.send(peer, JOINED)
    bench.beat()
    assert len(bench.router.mesh()) == 10


def test_peers_that_misbehave_are_kept_out() -> None:
    bench = Bench()
    peers = crowd(bench, 3, GRAFT)
    state = bench.router._state
    for _ in range(4):
        state.blame(state.peers[peers[0]], Offence.UNDECODABLE)
    bench.beat()
    assert bench.router.mesh() == peers[1:]
    assert bench.read(peers[0]).prune == [(b"chat", 60)]
    # nor are they sent anything
    bench.router.publish("chat", b"hello", bench.now)
    assert bench.read(peers[0]).messages == []
    assert len(bench.read(peers[1]).messages) == 1
    bench.beat(70)
    assert bench.router.mesh() == [*peers[1:], peers[0]]


def test_those_outside_the_mesh_hear_of_messages() -> None:
    bench = Bench(GossipOptions(flood_publish=False))
    peers = crowd(bench, 40)
    plain = bench.connect(b"plain", FLOODSUB)
    bench.send(plain, JOINED)
    bench.beat()
    message_id = bench.router.publish("chat", b"hello", bench.now)
    for peer in peers:
        bench.read(peer)
    told = []
    for _ in range(4):
        bench.beat()
        told.append([peer for peer in peers if bench.read(peer).ihave == [(b"chat", [message_id])]])
    # a quarter of the 32 outside, in three heartbeats
    assert [len(group) for group in told] == [8, 8, 8, 0]
    assert not {*told[0], *told[1], *told[2]} & set(bench.router.mesh())
    assert len({*told[0], *told[1], *told[2]}) > 8
    assert bench.read(plain).ihave == []


def test_of_too_many_messages_each_peer_hears_others() -> None:
    bench = Bench(GossipOptions(max_ids=10, flood_publish=False, degree=0, degree_low=0, degree_outbound=0))
    peers = crowd(bench, 3)
    for number in range(100):
        bench.router.publish("chat", b"%d" % number, bench.now)
    bench.beat()
    told = [bench.read(peer).ihave[0][1] for peer in peers]
    assert [len(ids) for ids in told] == [10, 10, 10]
    assert len({message_id for ids in told for message_id in ids}) > 10


def test_what_was_published_without_a_subscription_is_advertised() -> None:
    bench = Bench(GossipOptions(flood_publish=False, fanout_seconds=5), topic=None)
    bench.router.join("chat")
    crowd(bench, 5)
    bench.router.publish("chat", b"1", bench.now)
    late = bench.connect(b"late")
    bench.send(late, JOINED)
    bench.beat()
    # it took the free place, and hears the next one
    bench.router.publish("chat", b"2", bench.now)
    assert [message.data for message in bench.read(late).messages] == [b"2"]
    bench.beat(6)
    assert bench.router._state.topics[b"chat"].fanout == {}


def test_what_is_published_without_a_subscription_goes_to_peers_of_good_standing() -> None:
    bench = Bench(GossipOptions(flood_publish=False), topic=None)
    bench.router.join("chat")
    peers = crowd(bench, 2)
    bench.router.publish("chat", b"1", bench.now)
    state = bench.router._state
    for _ in range(4):
        state.blame(state.peers[peers[0]], Offence.UNDECODABLE)
    bench.beat()
    bench.read(peers[0])
    bench.router.publish("chat", b"2", bench.now)
    assert bench.read(peers[0]).messages == []
    assert len(bench.read(peers[1]).messages) == 2


def test_a_router_that_was_asleep() -> None:
    bench = Bench()
    peers = crowd(bench, 3, GRAFT)
    bench.router.heartbeat(bench.now)
    bench.now += 10_000
    bench.beat()
    assert bench.router.mesh() == peers
