"""The engine's gossip with the real Rumor and with go-libp2p-pubsub of today: either way, and over each other."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress

import pytest

from pyrum_sync import Actor, Call, CallTimeout, EmbeddedConn, Rumor, SubprocessConn, wait_for_topic_peers
from pyrum_sync.spec.snappy import compress_block, decompress_block
from tests.conformance.driver import real_rumor
from tests.real.hosts import Host
from tests.real.hosts import start as start_host

from .conftest import Start, missing
from .engine_host import tcp_network
from .peer import Peer, PeerError

SECONDS = 30.0
MESSAGES = 20
ETH2 = "/eth2/b5303f2a/interop/ssz_snappy"
TOPICS = ["interop", "interop_snappy", ETH2]

Rumors = Callable[[str], Rumor]


@pytest.fixture
def rumors() -> Iterator[Rumors]:
    """Starts a Rumor: "engine" or "real"."""
    if tcp_network() is None:
        missing("the engine has no network of sockets here")
    with ExitStack() as started:

        def start(kind: str) -> Rumor:
            conn: EmbeddedConn | SubprocessConn = EmbeddedConn()
            if kind == "real":
                command = real_rumor()
                if command is None:
                    missing("no real Rumor on PATH or at $RUMOR")
                conn = SubprocessConn([command, "bare", "--level=trace"])
            return started.enter_context(Rumor(conn, timeout=SECONDS))

        yield start


def host_on(actor: Actor, topic: str) -> Host:
    host = start_host(actor)
    actor.gossip.start()
    actor.gossip.join(topic)
    return host


def data(number: int) -> bytes:
    """A message; some do not fit into one frame of a muxer, nor of noise."""
    return b"%d " % number + bytes(70_000 if number % 10 == 9 else number)


def publish(actor: Actor, topic: str, first: int) -> set[bytes]:
    sent = {data(number) for number in range(first, first + MESSAGES)}
    for each in sent:
        actor.gossip.publish(topic, each)
    return sent


def heard(log: Call, count: int = MESSAGES) -> set[bytes]:
    """That many messages; none comes twice."""
    got = [bytes.fromhex(log.field("data")()) for _ in range(count)]
    assert len(set(got)) == count
    return set(got)


def nothing_more(log: Call) -> None:
    with pytest.raises(CallTimeout):
        log.field("data")(timeout=1.2)


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("dialler", ["engine", "real"])
def test_with_the_real_rumor(rumors: Rumors, topic: str, dialler: str) -> None:
    hosts = {kind: host_on(rumors(kind).actor("host"), topic) for kind in ("engine", "real")}
    one, other = hosts["engine"], hosts["real"]
    (one if dialler == "engine" else other).actor.peer.connect((other if dialler == "engine" else one).addr)
    with one.actor.gossip.log(topic) as ours, other.actor.gossip.log(topic) as theirs:
        assert wait_for_topic_peers(one.actor, topic, timeout=SECONDS) == [other.peer_id]
        assert wait_for_topic_peers(other.actor, topic, timeout=SECONDS) == [one.peer_id]
        for sender, receiver, first in ((one, other, 0), (other, one, 100)):
            sent = publish(sender.actor, topic, first)
            for host, log in ((one, ours), (other, theirs)):
                assert heard(log) == sent
                assert log.data["from"] == sender.peer_id
                assert log.data["signature"] == ""
                # by the specification nobody numbers messages of eth2's topics; Rumor does
                numbered = topic != ETH2 or sender is other
                assert len(log.data["seq_no"]) == 16 * numbered, host is receiver
        nothing_more(ours)
        nothing_more(theirs)
        assert one.actor.peer.list().data["peers"] == [other.peer_id]


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize(("ends", "middle"), [("real", "engine"), ("engine", "real")])
def test_as_the_only_way_between_two(rumors: Rumors, topic: str, ends: str, middle: str) -> None:
    outer = rumors(ends)
    first, last = (host_on(outer.actor(name), topic) for name in ("first", "last"))
    between = host_on(rumors(middle).actor("between"), topic)
    with ExitStack() as logging:
        logs = [logging.enter_context(host.actor.gossip.log(topic)) for host in (first, between, last)]
        first.actor.peer.connect(between.addr)
        between.actor.peer.connect(last.addr)
        assert set(wait_for_topic_peers(between.actor, topic, 2, timeout=SECONDS)) == {first.peer_id, last.peer_id}
        for end in (first, last):
            wait_for_topic_peers(end.actor, topic, timeout=SECONDS)
        for sender, start in ((first, 0), (last, 100), (between, 200)):
            sent = publish(sender.actor, topic, start)
            for log in logs:
                assert heard(log) == sent
        assert logs[0].data["from"] == between.peer_id
        for log in logs:
            nothing_more(log)


@pytest.mark.parametrize("end", ["leave", "blacklist", "kill"])
def test_the_real_rumor_goes(rumors: Rumors, end: str) -> None:
    one, other = (host_on(rumors(kind).actor("host"), "news") for kind in ("engine", "real"))
    log = other.actor.gossip.log("news")
    events = one.actor.gossip.events("news")
    other.actor.peer.connect(one.addr)
    assert events.peer_id() == other.peer_id
    if end == "leave":
        log.cancel()
    elif end == "blacklist":
        one.actor.gossip.blacklist(other.peer_id)
    else:
        other.actor.kill()
    entries = (entry for entry in events.entries(timeout=SECONDS) if entry["msg"] == "topic left")
    assert next(entries)["peer_id"] == other.peer_id
    assert one.actor.gossip.list_peers("news").data["peers"] is None


# -- go-libp2p-pubsub of today


def altair_id(topic: str, compressed: bytes) -> str:
    """The id of a message since Altair, in this test's own words."""
    content = decompress_block(compressed, 1 << 24)
    length = len(topic).to_bytes(8, "little")
    return hashlib.sha256(b"\x01\x00\x00\x00" + length + topic.encode() + content).digest()[:20].hex()


def go_hears(peer: Peer, topic: str, sender: str, number: int) -> None:
    line = peer.event("message", topic=topic, received_from=sender)
    compressed = bytes.fromhex(line["data_hex"])
    assert decompress_block(compressed, 1 << 24) == data(number)
    assert line["message_id"] == altair_id(topic, compressed)
    assert (line["signed"], line["seqno"]) == (False, "")


@pytest.mark.parametrize("dialler", ["we", "they"])
def test_with_go_on_a_topic_of_eth2(rumors: Rumors, start: Start, dialler: str) -> None:
    peer, host = start("go", "--sign", "none"), host_on(rumors("engine").actor("host"), ETH2)
    peer.command("subscribe", topic=ETH2)
    if dialler == "we":
        host.actor.peer.connect(peer.addr)
    else:
        peer.command("dial", addr=host.addr)
    with host.actor.gossip.log(ETH2) as log:
        assert wait_for_topic_peers(host.actor, ETH2, timeout=SECONDS) == [peer.peer_id]
        for number in range(MESSAGES):
            host.actor.gossip.publish(ETH2, data(number))
            go_hears(peer, ETH2, host.peer_id, number)
            assert bytes.fromhex(log.field("data")()) == data(number)
        for number in range(100, 100 + MESSAGES):
            peer.command("publish", topic=ETH2, data_hex=compress_block(data(number)).hex())
            assert bytes.fromhex(log.field("data")()) == data(number)
            assert (log.data["from"], log.data["signature"], log.data["seq_no"]) == (peer.peer_id, "", "")
            go_hears(peer, ETH2, peer.peer_id, number)
        nothing_more(log)
        with suppress(PeerError):
            pytest.fail(str(peer.event("message", timeout=0.1)))


def test_go_gets_a_message_that_two_of_us_have_once(rumors: Rumors, start: Start) -> None:
    """Both sides take the same id for a message: in a triangle each gets it twice, and delivers it once."""
    engine, peer = rumors("engine"), start("go", "--sign", "none")
    one, other = (host_on(engine.actor(name), ETH2) for name in ("one", "other"))
    peer.command("subscribe", topic=ETH2)
    with one.actor.gossip.log(ETH2) as log, other.actor.gossip.log(ETH2) as other_log:
        one.actor.peer.connect(peer.addr)
        other.actor.peer.connect(peer.addr)
        one.actor.peer.connect(other.addr)
        for host in (one, other):
            wait_for_topic_peers(host.actor, ETH2, 2, timeout=SECONDS)
        sent = publish(one.actor, ETH2, 0)
        assert heard(log) == heard(other_log) == sent
        got = [bytes.fromhex(peer.event("message")["data_hex"]) for _ in sent]
        assert {decompress_block(each, 1 << 24) for each in got} == sent
        with suppress(PeerError):
            pytest.fail(str(peer.event("message", timeout=1.2)))
        nothing_more(other_log)


def test_we_pass_on_what_go_says_and_go_what_we_say(rumors: Rumors, start: Start) -> None:
    engine, peers = rumors("engine"), [start("go", "--sign", "none") for _ in range(2)]
    host = host_on(engine.actor("between"), ETH2)
    for peer in peers:
        peer.command("subscribe", topic=ETH2)
        peer.command("dial", addr=host.addr)
    with host.actor.gossip.log(ETH2) as log:
        wait_for_topic_peers(host.actor, ETH2, 2, timeout=SECONDS)
        for number in range(MESSAGES):
            sender, receiver = peers[number % 2], peers[1 - number % 2]
            sender.command("publish", topic=ETH2, data_hex=compress_block(data(number)).hex())
            go_hears(receiver, ETH2, host.peer_id, number)
        heard(log)


def test_signed_messages_are_checked_and_ours_are_not_signed(rumors: Rumors, start: Start) -> None:
    for key in ("secp256k1", "ed25519", "rsa"):
        peer, host = start("go", "--sign", "strict", "--key", key), host_on(rumors("engine").actor("host"), "news")
        peer.command("subscribe", topic="news")
        host.actor.peer.connect(peer.addr)
        with host.actor.gossip.log("news") as log:
            wait_for_topic_peers(host.actor, "news", timeout=SECONDS)
            peer.command("publish", topic="news", data_hex=b"signed".hex())
            assert bytes.fromhex(log.field("data")()) == b"signed"
            assert len(log.data["signature"]) >= 128
            host.actor.gossip.publish("news", b"not signed")
            assert bytes.fromhex(log.field("data")()) == b"not signed"
            peer.event("message", data_hex=b"signed".hex())
            with suppress(PeerError):
                pytest.fail(str(peer.event("message", timeout=0.5)))
