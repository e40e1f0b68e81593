"""The way of a message through a router."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from random import Random

import pytest

from pyrum_sync.engine.network.gossip.events import GossipMessage
from pyrum_sync.engine.network.gossip.options import FLOODSUB, MAX_PAYLOAD_SIZE, MESHSUB_1_2, GossipOptions
from pyrum_sync.engine.network.gossip.rpc import (
    WireMessage,
    encode_control,
    encode_dont_want,
    encode_graft,
    encode_message,
    encode_subscription,
)
from pyrum_sync.spec.snappy import compress_block
from tests.support.gossip_net import Bench

BLOCKS = "/eth2/0a0b0c0d/beacon_block/ssz_snappy"


def message(data: bytes, topic: str = "chat", **fields: bytes) -> bytes:
    if topic == "chat":
        fields = {"author": b"author", "seqno": b"12345678", **fields}
    return encode_message(WireMessage(topic.encode(), data, **fields))


def member(bench: Bench, peer: bytes, topic: str = "chat") -> bytes:
    """A peer in the mesh."""
    bench.connect(peer)
    joined = encode_subscription(topic.encode(), subscribe=True)
    bench.send(peer, joined, encode_control([encode_graft(topic.encode())]))
    bench.read(peer)
    return peer


def test_rumors_way() -> None:
    bench = Bench(first_seqno=41)
    peer = member(bench, b"them")
    bench.router.take()
    message_id = bench.router.publish("chat", b"hello", bench.now)
    assert message_id == urlsafe_b64encode(hashlib.sha256(b"hello").digest())
    assert bench.read(peer).messages == [WireMessage(b"chat", b"hello", b"us", b"\0\0\0\0\0\0\0\x2a")]
    # one's own subscription hears it, too
    assert bench.delivered() == [
        GossipMessage("chat", message_id, b"hello", b"hello", b"us", b"us", b"\0\0\0\0\0\0\0\x2a", None)
    ]
    bench.send(peer, message(b"answer"))
    assert bench.delivered() == [
        GossipMessage(
            "chat",
            urlsafe_b64encode(hashlib.sha256(b"answer").digest()),
            b"answer",
            b"answer",
            b"them",
            b"author",
            b"12345678",
            None,
        )
    ]


def test_eth2s_way() -> None:
    bench = Bench(topic=BLOCKS)
    peer = member(bench, b"them", BLOCKS)
    bench.router.take()
    bench.router.publish(BLOCKS, compress_block(b"block"), bench.now)
    assert bench.read(peer).messages == [WireMessage(BLOCKS.encode(), compress_block(b"block"))]
    bench.delivered()
    bench.send(peer, message(compress_block(b"other"), BLOCKS))
    (delivered,) = bench.delivered()
    assert (delivered.data, delivered.content) == (compress_block(b"other"), b"other")
    assert (delivered.author, delivered.seqno, delivered.signature) == (None, None, None)
    assert len(delivered.message_id) == 20


def test_once_from_whatever_peer_and_on_whatever_topic() -> None:
    bench = Bench()
    bench.router.subscribe("news", bench.now)
    one, other = member(bench, b"one"), member(bench, b"other")
    bench.send(one, message(b"hello"))
    bench.send(other, message(b"hello", author=b"somebody"))
    # Rumor's ids are of the data alone
    bench.send(other, message(b"hello", topic="news"))
    bench.router.publish("chat", b"hello", bench.now)
    assert [item.received_from for item in bench.delivered()] == [one]
    assert bench.router.stats.duplicates == 2
    bench.beat(121)
    bench.send(other, message(b"hello"))
    assert [item.received_from for item in bench.delivered()] == [other]


def test_passed_on_but_not_back() -> None:
    bench = Bench()
    peers = [member(bench, name) for name in (b"one", b"two", b"three", b"author")]
    plain = bench.connect(b"plain", FLOODSUB)
    bench.send(plain, encode_subscription(b"chat", subscribe=True))
    stranger = bench.connect(b"stranger")
    bench.read(plain)
    bench.send(peers[0], message(b"hello"))
    sent = {peer: len(bench.read(peer).messages) for peer in (*peers, plain, stranger)}
    assert sent == {b"one": 0, b"two": 1, b"three": 1, b"author": 0, plain: 1, stranger: 0}
    assert bench.router.stats.delivered == 1


def test_passed_on_as_it_came() -> None:
    bench = Bench(verify=lambda _: True)
    one, other = member(bench, b"one"), member(bench, b"other")
    sent = WireMessage(b"chat", b"hello", b"author", b"1", b"signature", b"key")
    bench.send(one, encode_message(sent))
    assert bench.read(other).messages == [sent]
    assert bench.delivered()[0].signature == b"signature"


@pytest.mark.parametrize("verified", [True, False, None])
def test_signatures_are_checked_where_there_are_any(verified: bool | None) -> None:
    asked: list[WireMessage] = []

    def verify(message: WireMessage) -> bool:
        asked.append(message)
        return bool(verified)

    bench = Bench(verify=None if verified is None else verify)
    one, other = member(bench, b"one"), member(bench, b"other")
    bench.send(one, message(b"unsigned"))
    bench.send(one, message(b"signed", signature=b"s"))
    expected = [b"unsigned", b"signed"] if verified else [b"unsigned"]
    assert [item.data for item in bench.delivered()] == expected
    assert [item.data for item in bench.read(other).messages] == expected
    assert [item.data for item in asked] == ([] if verified is None else [b"signed"])


@pytest.mark.parametrize("field", ["author", "seqno", "signature", "key"])
@pytest.mark.parametrize("value", [b"", b"12345678"])
def test_strict_no_sign(field: str, value: bytes) -> None:
    bench = Bench(topic=BLOCKS, verify=lambda _: True)
    one, other = member(bench, b"one", BLOCKS), member(bench, b"other", BLOCKS)
    bench.send(one, message(compress_block(b"block"), BLOCKS, **{field: value}))
    assert bench.delivered() == []
    # the same without the field is not held to be known
    bench.send(other, message(compress_block(b"block"), BLOCKS))
    assert len(bench.delivered()) == 1
    for number in range(60):
        bench.send(one, message(compress_block(b"%d" % number), BLOCKS, **{field: value}))
    assert bench.dropped() == [
        f"sent messages with an author or a signature where there must be none: {BLOCKS}",
    ]


def test_what_does_not_decompress() -> None:
    bench = Bench(topic=BLOCKS)
    one, other = member(bench, b"one", BLOCKS), member(bench, b"other", BLOCKS)
    for number in range(10):
        bench.send(one, message(b"\xff%d" % number, BLOCKS))
    assert bench.read(other).messages == []
    assert bench.dropped() == [f"sent messages that do not decompress: {BLOCKS}"]
    assert bench.router.stats.delivered == 0


def test_rumor_delivers_what_does_not_decompress() -> None:
    bench = Bench(topic="chat_snappy")
    one, other = member(bench, b"one", "chat_snappy"), member(bench, b"other", "chat_snappy")
    bench.send(one, message(b"plain", "chat_snappy"))
    assert [(item.data, item.content) for item in bench.delivered()] == [(b"plain", None)]
    assert len(bench.read(other).messages) == 1
    bench.send(one, message(compress_block(b"text"), "chat_snappy"))
    assert [(item.data, item.content) for item in bench.delivered()] == [(compress_block(b"text"), b"text")]


def test_messages_of_ones_own_that_come_back() -> None:
    bench = Bench()
    peer = member(bench, b"them")
    bench.send(peer, message(b"forged", author=b"us"))
    assert bench.delivered() == []
    bench.send(peer, message(b"forged", author=b"another"))
    assert len(bench.delivered()) == 1


def test_topics_that_are_not_subscribed_to() -> None:
    bench = Bench()
    bench.router.join("joined")
    peer = member(bench, b"them")
    bench.send(peer, message(b"1", topic="joined"), message(b"2", topic="nothing"), message(b"3", topic=""))
    assert bench.delivered() == []
    assert bench.router.stats.refused == 3
    bench.router.unsubscribe("chat", bench.now)
    for number in range(1000):
        bench.send(peer, message(b"%d" % number))
    # they were on their way
    assert bench.dropped() == []
    bench.beat(11)
    for number in range(1000):
        bench.send(peer, message(b"%d" % number))
    assert bench.dropped() == ["sent messages of topics that were not subscribed to"]


def test_a_message_of_1_mib_on_rumors_topics() -> None:
    bench = Bench()
    one, other = member(bench, b"one"), member(bench, b"other")
    bench.delivered()
    room = 1024 * 1024 - len(message(bytes(1 << 20))) + (1 << 20)
    bench.send(one, message(bytes(room)))
    assert len(bench.delivered()) == len(bench.read(other).messages) == 1
    bench.send(one, message(bytes(room + 1)))
    bench.send(one, message(bytes(2 << 20)))
    assert bench.delivered() == []
    assert bench.read(other).messages == []
    # one's own is delivered here, and sent to nobody: as in Rumor
    bench.router.publish("chat", bytes(3 << 20), bench.now)
    assert len(bench.delivered()) == 1
    assert bench.read(other).messages == []
    assert bench.router.stats.too_long == 1


def test_a_message_of_10_mib_on_eth2s_topics() -> None:
    bench = Bench(topic=BLOCKS)
    one, other = member(bench, b"one", BLOCKS), member(bench, b"other", BLOCKS)
    content = Random(1).randbytes(MAX_PAYLOAD_SIZE)
    assert len(compress_block(content)) > MAX_PAYLOAD_SIZE
    bench.send(one, message(compress_block(content), BLOCKS))
    (delivered,) = bench.delivered()
    assert delivered.content == content
    assert len(bench.read(other).messages) == 1
    bench.send(one, message(compress_block(content + b"1"), BLOCKS))
    assert bench.delivered() == []
    assert bench.read(other).messages == []


def test_own_messages_go_to_all_of_the_topics_peers() -> None:
    for flood_publish, expected in ((True, 20), (False, 6)):
        bench = Bench(GossipOptions(degree=6, degree_low=5, flood_publish=flood_publish))
        for number in range(20):
            peer = bench.connect(b"%d" % number)
            bench.send(peer, encode_subscription(b"chat", subscribe=True))
        bench.beat()
        for number in range(20):
            bench.read(b"%d" % number)
        bench.router.publish("chat", b"hello", bench.now)
        assert sum(len(bench.read(b"%d" % number).messages) for number in range(20)) == expected


@pytest.mark.parametrize("flood_publish", [True, False])
def test_publishing_without_a_subscription(flood_publish: bool) -> None:
    bench = Bench(GossipOptions(flood_publish=flood_publish, fanout_seconds=60), topic=None)
    bench.router.join("chat")
    peers = [b"%d" % number for number in range(20)]
    for peer in peers:
        bench.connect(peer)
        bench.send(peer, encode_subscription(b"chat", subscribe=True))
    bench.router.publish("chat", b"1", bench.now)
    chosen = {peer for peer in peers if bench.read(peer).messages}
    assert len(chosen) == (20 if flood_publish else 8)
    assert bench.delivered() == []
    bench.router.publish("chat", b"2", bench.now)
    assert chosen == {peer for peer in peers if bench.read(peer).messages}
    bench.router.subscribe("chat", bench.now)
    assert {peer for peer in peers if bench.read(peer).graft} <= chosen
    assert len(bench.router.mesh("chat")) == 8


def test_a_peer_that_reads_slowly_loses_messages_and_nobody_else_does() -> None:
    bench = Bench(GossipOptions(max_outbox_bytes=10_000))
    slow, quick = member(bench, b"slow"), member(bench, b"quick")
    got = 0
    for number in range(1000):
        bench.router.publish("chat", b"%04d" % number + bytes(100), bench.now)
        got += len(bench.read(quick).messages)
    assert got == 1000
    assert slow in bench.router.topic_peers("chat")
    held = bench.read(slow).messages
    # the oldest are kept, as go-libp2p-pubsub does it
    assert [item.data[:4] for item in held] == [b"%04d" % number for number in range(len(held))]
    assert 50 < len(held) < 100
    assert bench.router.stats.dropped == 1000 - len(held)


def test_messages_do_not_wait_for_ever_for_a_peer_that_reads_nothing() -> None:
    bench = Bench()
    slow = member(bench, b"slow")
    for number in range(10):
        bench.router.publish("chat", b"%d" % number, bench.now)
    bench.beat(30)
    assert bench.router.stats.dropped == 10
    assert bench.read(slow).messages == []


def test_what_a_peer_does_not_want() -> None:
    bench = Bench()
    one, other = member(bench, b"one"), bench.connect(b"other", MESHSUB_1_2)
    bench.send(other, encode_subscription(b"chat", subscribe=True), encode_control([encode_graft(b"chat")]))
    bench.read(other)
    ids = [urlsafe_b64encode(hashlib.sha256(data).digest()) for data in (b"1", b"2")]
    # before it would be sent, and while it waits
    bench.send(other, encode_control([encode_dont_want(ids[:1])]))
    for data in (b"1", b"2", b"3"):
        bench.send(one, message(data))
    bench.send(other, encode_control([encode_dont_want(ids[1:])]))
    assert [item.data for item in bench.read(other).messages] == [b"3"]
    assert len(bench.router._state.peers[other].unwanted) == 2
    bench.beat(3)
    assert bench.router._state.peers[other].unwanted == {}


def test_what_is_tolerated_of_one_peer_is_passed_on_without_its_number() -> None:
    bench = Bench(topic=BLOCKS, tolerates=lambda peer: peer == b"rumor")
    bench.connect(b"rumor")
    member(bench, b"other", BLOCKS)
    data = compress_block(b"block")
    refused: tuple[tuple[bytes, dict[str, bytes]], ...] = (
        (b"other", {"author": b"other", "seqno": bytes(8)}),
        (b"rumor", {"author": b"rumor", "signature": b"signed"}),
        (b"rumor", {"seqno": bytes(8), "key": b"key"}),
    )
    for peer, fields in refused:
        bench.send(peer, message(data, BLOCKS, **fields))
    assert bench.delivered() == []
    bench.send(b"rumor", message(data, BLOCKS, author=b"rumor", seqno=bytes(8)))
    (got,) = bench.delivered()
    assert (got.content, got.author, got.seqno) == (b"block", b"rumor", bytes(8))
    assert bench.read(b"other").messages == [WireMessage(BLOCKS.encode(), data)]
