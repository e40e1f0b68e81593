"""The router as its owner sees it: peers, topics, events, bytes."""

from __future__ import annotations

import pytest

from pyrum_sync.engine.network.gossip.events import Disconnect, Event, Output, PeerJoined, PeerLeft
from pyrum_sync.engine.network.gossip.frames import encode_frame
from pyrum_sync.engine.network.gossip.options import FLOODSUB, PROTOCOLS, GossipOptions
from pyrum_sync.engine.network.gossip.rpc import (
    WireMessage,
    encode_control,
    encode_graft,
    encode_message,
    encode_subscription,
)
from tests.support.gossip_net import Bench

JOINED = encode_subscription(b"chat", subscribe=True)
LEFT = encode_subscription(b"chat", subscribe=False)


def hello(text: str = "hello") -> bytes:
    return encode_message(WireMessage(b"chat", text.encode(), b"author", b"12345678"))


def test_protocols_in_order() -> None:
    assert PROTOCOLS == ("/meshsub/1.1.0", "/meshsub/1.2.0", "/meshsub/1.0.0", "/floodsub/1.0.0")


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_peer_hears_what_is_subscribed_to(protocol: str) -> None:
    bench = Bench()
    bench.router.subscribe("news", bench.now)
    bench.router.join("silent")
    peer = bench.connect(protocol=protocol)
    assert bench.router.take() == [Output(peer)]
    rpc = bench.read()
    assert rpc.subscriptions == [(True, b"chat"), (True, b"news")]
    bench.router.unsubscribe("news", bench.now)
    bench.router.unsubscribe("news", bench.now)
    bench.router.subscribe("late", bench.now)
    assert bench.router.take() == [Output(peer)]
    assert bench.read().subscriptions == [(False, b"news"), (True, b"late")]
    assert bench.router.outgoing(peer) == b""
    assert bench.router.outgoing(b"nobody") == b""


def test_output_is_announced_once_until_all_is_fetched() -> None:
    bench = Bench()
    peer = bench.connect()
    bench.send(peer, JOINED)
    bench.router.take()
    bench.router.publish("chat", b"1", bench.now)
    bench.router.publish("chat", b"2", bench.now)
    assert Output(peer) not in bench.router.take()
    assert bench.router.outgoing(peer, 1)
    bench.router.publish("chat", b"3", bench.now)
    assert Output(peer) not in bench.router.take()
    while bench.router.outgoing(peer, 1):
        pass
    bench.router.publish("chat", b"4", bench.now)
    assert Output(peer) in bench.router.take()


def test_a_peer_that_speaks_before_our_stream_is_open() -> None:
    bench = Bench()
    bench.router.stream_opened(b"them", bench.now)
    bench.send(b"them", JOINED, encode_control([encode_graft(b"chat")]))
    assert bench.peers() == []
    assert bench.router.topic_peers("chat") == []
    bench.router.publish("chat", b"early", bench.now)
    assert bench.router.outgoing(b"them") == b""
    bench.router.take()
    peer = bench.connect()
    assert bench.router.take() == [PeerJoined("chat", peer), Output(peer)]
    assert bench.router.topic_peers("chat") == [peer]
    assert bench.router.mesh("chat") == [peer]
    assert bench.read().subscriptions == [(True, b"chat")]
    bench.router.publish("chat", b"late", bench.now)
    assert [message.data for message in bench.read().messages] == [b"late"]


def test_peers_come_and_go() -> None:
    bench = Bench()
    peer = bench.connect()
    bench.send(peer, JOINED, JOINED, encode_subscription(b"other", subscribe=True))
    assert bench.peers() == [PeerJoined("chat", peer)]
    assert bench.router.topic_peers("chat") == bench.router.topic_peers("other") == [peer]
    assert bench.router.topic_peers("nothing") == []
    bench.send(peer, LEFT, LEFT)
    assert bench.peers() == [PeerLeft("chat", peer)]
    bench.send(peer, JOINED)
    assert bench.peers() == [PeerJoined("chat", peer)]
    bench.router.peer_disconnected(peer, bench.now)
    assert bench.peers() == [PeerLeft("chat", peer)]
    assert bench.router.topic_peers("chat") == []
    bench.router.peer_disconnected(peer, bench.now)
    assert bench.peers() == []


def test_joining_tells_of_those_already_there() -> None:
    bench = Bench(topic=None)
    peer = bench.connect()
    bench.send(peer, JOINED)
    assert bench.peers() == []
    bench.router.join("chat")
    bench.router.join("chat")
    assert bench.peers() == [PeerJoined("chat", peer)]
    bench.router.leave("chat")
    bench.router.leave("nothing")
    bench.send(peer, LEFT)
    assert bench.peers() == []
    bench.router.join("chat")
    bench.send(peer, JOINED)
    assert bench.peers() == [PeerJoined("chat", peer)]


def test_a_stream_that_replaces_another() -> None:
    bench = Bench()
    peer = bench.connect()
    bench.send(peer, JOINED)
    bench.read()
    bench.router.receive(peer, b"\x7fhalf a frame", bench.now)
    bench.router.stream_opened(peer, bench.now)
    assert bench.router._state.unread == 0
    bench.send(peer, hello())
    assert [message.data for message in bench.delivered()] == [b"hello"]
    # ours: all subscriptions again
    bench.connect(peer)
    assert bench.read().subscriptions == [(True, b"chat")]


def test_a_stream_that_turns_out_to_be_floodsub() -> None:
    bench = Bench()
    peer = bench.connect()
    bench.send(peer, JOINED, encode_control([encode_graft(b"chat")]))
    assert bench.router.mesh() == [peer]
    bench.connect(peer, FLOODSUB)
    assert bench.router.mesh() == []
    bench.beat()
    other = bench.connect(b"other")
    bench.send(other, hello())
    assert [message.data for message in bench.read(peer).messages] == [b"hello"]
    bench.connect(peer)
    bench.read(peer)
    bench.send(other, hello("again"))
    assert bench.read(peer).messages == []


def test_a_blacklisted_peer() -> None:
    bench = Bench()
    peer, other = bench.connect(), bench.connect(b"other")
    bench.send(peer, JOINED)
    bench.router.take()
    bench.router.blacklist(peer)
    bench.router.blacklist(b"author")
    assert bench.router.take() == [PeerLeft("chat", peer)]
    bench.connect(peer)
    bench.send(peer, JOINED, hello())
    assert bench.router.topic_peers("chat") == []
    assert bench.router.outgoing(peer) == b""
    # nor what it wrote and somebody else brings
    bench.send(other, hello())
    assert bench.delivered() == []
    assert bench.dropped() == []


def test_blacklisting_oneself_silences() -> None:
    bench = Bench()
    bench.router.blacklist(b"us")
    bench.router.publish("chat", b"hello", bench.now)
    assert bench.delivered() == []


def test_names_of_topics() -> None:
    bench = Bench()
    bench.router.join("t" * 256)
    with pytest.raises(ValueError, match="a topic of 257 bytes; 256 are allowed"):
        bench.router.subscribe("t" * 257, bench.now)
    with pytest.raises(ValueError, match="surrogates not allowed"):
        bench.router.publish("\ud800", b"", bench.now)
    assert bench.router.topic_peers("\ud800") == []


def test_a_misbehaving_peer_is_disconnected_once_and_kept_out_for_a_while() -> None:
    bench = Bench()
    peer = bench.connect()
    bench.send(peer, JOINED)
    bench.router.take()
    bench.router.receive(peer, b"\x02\xff\xff", bench.now)
    events: list[Event] = bench.router.take()
    assert events[0] == PeerLeft("chat", peer)
    assert isinstance(events[1], Disconnect)
    assert events[1].reason == "sent bytes that are no gossip RPC: protobuf: the message ends within a varint"
    bench.router.receive(peer, b"\x02\xff\xff", bench.now)
    bench.send(peer, JOINED, hello())
    bench.router.publish("chat", b"more", bench.now)
    assert len(bench.delivered()) == 1
    assert bench.router.outgoing(peer) == b""
    bench.router.peer_disconnected(peer, bench.now)
    bench.connect(peer)
    assert bench.dropped() == ["misbehaved a moment ago"]
    bench.router.peer_disconnected(peer, bench.now)
    bench.now += 20
    bench.connect(peer)
    assert bench.dropped() == []
    assert bench.read().subscriptions == [(True, b"chat")]


def test_topics_are_forgotten_that_nobody_needs() -> None:
    bench = Bench(GossipOptions(fanout_seconds=5, unsubscribe_backoff=10))
    topics = bench.router._state.topics
    bench.router.publish("once", b"", bench.now)
    bench.router.join("joined")
    bench.router.unsubscribe("chat", bench.now)
    bench.router.leave("chat")
    assert list(topics) == [b"chat", b"once", b"joined"]
    bench.beat(4)
    assert list(topics) == [b"chat", b"once", b"joined"]
    bench.beat(10)
    assert list(topics) == [b"joined"]


def test_bytes_in_any_pieces() -> None:
    bench = Bench()
    peer = bench.connect()
    for byte in encode_frame(JOINED + hello()):
        bench.router.receive(peer, bytes((byte,)), bench.now)
    assert [message.data for message in bench.delivered()] == [b"hello"]
    assert bench.router._state.unread == 0


def test_what_comes_late_leaves_nothing() -> None:
    bench = Bench()
    bench.send(b"stranger", JOINED, hello())
    peer = bench.connect()
    bench.router.peer_disconnected(peer, bench.now)
    bench.send(peer, JOINED, hello())
    assert bench.delivered() == []
    assert bench.router._state.peers == {}
