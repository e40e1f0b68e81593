from __future__ import annotations

from math import inf

from pyrum_sync.engine.network.gossip.frames import FrameReader, encode_frame
from pyrum_sync.engine.network.gossip.options import GossipOptions
from pyrum_sync.engine.network.gossip.outbox import GRAFT, Outbox, Waiting
from pyrum_sync.engine.network.gossip.rpc import Rpc, decode_rpc


def box(**options: int) -> Outbox:
    return Outbox(GossipOptions(**options))  # type: ignore[arg-type]


def rpcs(outbox: Outbox, limit: int = 1 << 20) -> list[Rpc]:
    reader = FrameReader(1 << 24)
    return [decode_rpc(frame) for frame in reader.feed(outbox.take(limit, ()))]


def test_empty() -> None:
    outbox = box()
    assert not outbox
    assert outbox.take(1000, ()) == b""


def test_the_newest_of_a_topic_holds() -> None:
    outbox = box()
    outbox.subscription(b"a", subscribe=True)
    outbox.subscription(b"b", subscribe=True)
    outbox.subscription(b"a", subscribe=False)
    outbox.control(b"a", GRAFT)
    outbox.control(b"a", 60)
    outbox.control(b"b", 0)
    outbox.control(b"b", GRAFT)
    outbox.ihave(b"a", [b"1"])
    outbox.ihave(b"a", [b"2"])
    outbox.iwant(b"3")
    outbox.iwant(b"3")
    assert outbox
    assert rpcs(outbox) == [
        Rpc(subscriptions=[(False, b"a"), (True, b"b")]),
        Rpc(prune=[(b"a", 60)], graft=[b"b"], ihave=[(b"a", [b"2"])], iwant=[b"3"]),
    ]
    assert not outbox


def test_what_is_waiting_cannot_grow() -> None:
    outbox = box(max_ids=10)
    for number in range(1000):
        outbox.subscription(b"a", subscribe=number % 2 == 0)
        outbox.control(b"a", GRAFT if number % 2 else 60)
        outbox.ihave(b"a", [b"%d" % number])
        outbox.iwant(b"%d" % number)
        # a reader that takes as little as it can
        outbox.take(1, ())
    sent = [rpc for _ in range(1000) for rpc in rpcs(outbox, 1)]
    assert 1 <= len(sent) <= 4
    assert sum(len(rpc.iwant) for rpc in sent) <= 20
    assert not outbox


def test_messages_in_order_and_after_what_is_urgent() -> None:
    outbox = box()
    frames = [encode_frame(b"m%d" % number) for number in range(3)]
    for number, frame in enumerate(frames):
        assert outbox.message(b"%d" % number, frame, 0.0)
    outbox.control(b"a", GRAFT)
    data = outbox.take(1000, ())
    assert data.endswith(b"".join(frames))
    assert len(data) > 9
    assert outbox.size == 0


def test_as_many_as_fit_and_one_at_least() -> None:
    outbox = box()
    for number in range(5):
        outbox.message(b"%d" % number, bytes(10), 0.0)
    assert [len(outbox.take(limit, ())) for limit in (25, 1, 20, 20)] == [20, 10, 20, 0]


def test_full_in_bytes_or_in_number() -> None:
    outbox = box(max_outbox_bytes=100)
    # the first one may be longer than all
    assert outbox.message(b"1", bytes(1000), 0.0)
    assert not outbox.message(b"2", bytes(1), 0.0)
    outbox.take(1, ())
    assert outbox.message(b"3", bytes(60), 0.0)
    assert not outbox.message(b"4", bytes(60), 0.0)
    assert outbox.message(b"5", bytes(40), 0.0)
    outbox = box(max_outbox_messages=2)
    assert [outbox.message(b"%d" % number, b"x", 0.0) for number in range(4)] == [True, True, False, False]


def test_messages_do_not_wait_for_ever() -> None:
    outbox = box(outbox_seconds=30)
    outbox.message(b"1", bytes(10), 0.0)
    outbox.message(b"2", bytes(10), 5.0)
    assert outbox.expire(29.9) == 0
    assert outbox.expire(30.0) == 1
    assert outbox.size == 10
    assert outbox.expire(100.0) == 1
    assert not outbox


def test_unwanted_ones_are_left_out() -> None:
    outbox = box()
    for number in range(3):
        outbox.message(b"%d" % number, b"%d" % number, 0.0)
    assert outbox.take(1000, {b"0", b"1"}) == b"2"
    outbox.message(b"0", b"0", 0.0)
    assert outbox.take(1000, {b"0"}) == b""
    assert not outbox


def test_all_outboxes_together_are_counted() -> None:
    waiting = Waiting()
    one, other = (Outbox(GossipOptions(), waiting) for _ in range(2))
    for number in range(4):
        one.message(b"%d" % number, bytes(100), 0.0)
    other.message(b"x", bytes(10), 0.0)
    assert (waiting.size, one.since) == (410, 0.0)
    assert (one.halve(), one.size, waiting.size) == (2, 200, 210)
    assert len(one.take(100, ())) == 100
    assert (one.halve(), one.halve(), waiting.size) == (1, 0, 10)
    assert (other.expire(1000.0), waiting.size) == (1, 0)
    other.message(b"x", bytes(10), 0.0)
    other.clear()
    other.clear()
    assert (waiting.size, bool(other), other.since) == (0, False, inf)
