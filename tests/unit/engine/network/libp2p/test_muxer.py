"""What both muxers promise."""

from __future__ import annotations

import random
from collections import defaultdict
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pyrum_sync.engine.network.errors import ProtocolError
from pyrum_sync.engine.network.libp2p.muxer import (
    CHUNK,
    MAX_CONTROL,
    STREAM_QUEUE,
    TOTAL_QUEUE,
    CannotOpenStream,
    Muxer,
)
from pyrum_sync.engine.network.libp2p.muxer_events import StreamReset
from pyrum_sync.engine.network.libp2p.muxer_state import FAIR_SHARE, MuxerLimits, ReceiveBudget
from pyrum_sync.engine.network.libp2p.yamux import Yamux

from .muxed import MUXERS, Owner, exchange, pair, pieces
from .wiring import bytewise, split_at

both = pytest.mark.parametrize("kind", MUXERS)


@both
def test_a_stream_carries_bytes_both_ways_and_each_side_ends_its_own(kind: type[Muxer]) -> None:
    one, other = pair(kind)
    stream = one.muxer.open_stream()
    assert one.muxer.write(stream, b"request") == 7
    exchange(one, other)
    [theirs] = other.opened
    assert other.data[theirs] == b"request"
    assert other.ended == []
    one.muxer.end(stream)
    exchange(one, other)
    assert other.ended == [theirs]
    other.muxer.write(theirs, b"answer, ")
    exchange(one, other)
    other.muxer.write(theirs, b"in two parts")
    other.muxer.end(theirs)
    exchange(one, other)
    assert one.data[stream] == b"answer, in two parts"
    assert one.ended == [stream]
    assert one.muxer.streams == other.muxer.streams == 0
    assert one.resets == other.resets == []


@both
def test_the_other_side_may_end_first(kind: type[Muxer]) -> None:
    one, other = pair(kind)
    stream = one.muxer.open_stream()
    exchange(one, other)
    other.muxer.end(other.opened[0])
    exchange(one, other)
    assert one.ended == [stream]
    one.muxer.write(stream, b"still here")
    one.muxer.end(stream)
    exchange(one, other)
    assert other.data[other.opened[0]] == b"still here"
    assert one.muxer.streams == other.muxer.streams == 0


@both
def test_both_sides_open_streams_at_once(kind: type[Muxer]) -> None:
    one, other = pair(kind)
    ours = [one.muxer.open_stream() for _ in range(5)]
    theirs = [other.muxer.open_stream() for _ in range(5)]
    for number in range(5):
        one.muxer.write(ours[number], b"from one %d" % number)
        other.muxer.write(theirs[number], b"from other %d" % number)
    exchange(one, other)
    assert [bytes(other.data[stream]) for stream in other.opened] == [b"from one %d" % n for n in range(5)]
    assert [bytes(one.data[stream]) for stream in one.opened] == [b"from other %d" % n for n in range(5)]
    assert not set(ours) & set(one.opened)


def recorded(kind: type[Muxer]) -> bytes:
    one = kind(initiator=True)
    wire = b""
    for number in range(4):
        stream = one.open_stream()
        one.write(stream, b"data of %d" % number)
        wire += one.data_to_send()
        if number == 1:
            one.end(stream)
        elif number == 2:
            one.reset(stream)
        else:
            one.write(stream, b", more")
        wire += one.data_to_send()
    return wire


RECORDED = {kind: recorded(kind) for kind in MUXERS}


def heard(owner: Owner) -> object:
    return owner.opened, dict(owner.data), owner.ended, owner.resets


@both
def test_split_at_every_byte(kind: type[Muxer]) -> None:
    wire = RECORDED[kind]
    whole_owner = Owner(kind, initiator=False)
    whole_owner.receive(wire)
    assert len(whole_owner.opened) == 4
    assert [bytes(data) for data in whole_owner.data.values()] == [
        b"data of 0, more",
        b"data of 1",
        b"data of 2",
        b"data of 3, more",
    ]
    for cut in (bytewise, *map(split_at, range(len(wire)))):
        owner = Owner(kind, initiator=False)
        owner.receive(wire, cut)
        assert heard(owner) == heard(whole_owner)


@both
def test_more_than_a_window_arrives_whole(kind: type[Muxer]) -> None:
    one, other = pair(kind)
    stream = one.muxer.open_stream()
    blob = random.Random(1).randbytes(5_000_000)
    sent = 0
    while sent < len(blob):
        taken = one.muxer.write(stream, blob[sent : sent + 700_000])
        sent += taken
        if not taken:
            exchange(one, other)
            assert one.writable
            assert one.muxer.writable(stream) > 0
    one.muxer.end(stream)
    exchange(one, other)
    assert other.data[other.opened[0]] == blob
    assert other.ended == other.opened


@both
def test_what_may_be_written_now(kind: type[Muxer]) -> None:
    one, other = pair(kind)
    stream = one.muxer.open_stream()
    assert one.muxer.writable(stream) == STREAM_QUEUE
    assert one.muxer.write(stream, bytes(1000)) == 1000
    assert one.muxer.writable(stream) == STREAM_QUEUE - 1000
    assert one.muxer.write(stream, bytes(STREAM_QUEUE)) == STREAM_QUEUE - 1000
    assert one.muxer.writable(stream) == 0
    assert one.muxer.write(stream, b"x") == 0
    assert one.writable == []
    exchange(one, other)
    assert one.writable == [stream]
    assert one.muxer.writable(stream) == STREAM_QUEUE
    one.muxer.end(stream)
    assert one.muxer.writable(stream) == 0


@both
def test_nothing_is_lost_of_a_write_that_was_taken_in_part(kind: type[Muxer]) -> None:
    one, other = pair(kind)
    stream = one.muxer.open_stream()
    blob = random.Random(2).randbytes(STREAM_QUEUE + 5)
    assert one.muxer.write(stream, blob) == STREAM_QUEUE
    exchange(one, other)
    assert one.muxer.write(stream, blob[STREAM_QUEUE:]) == 5
    exchange(one, other)
    assert other.data[other.opened[0]] == blob


@both
def test_the_queue_of_all_streams_is_bounded(kind: type[Muxer]) -> None:
    one, other = pair(kind)
    streams = [one.muxer.open_stream() for _ in range(TOTAL_QUEUE // STREAM_QUEUE + 4)]
    taken = sum(one.muxer.write(stream, bytes(STREAM_QUEUE)) for stream in streams)
    assert taken == TOTAL_QUEUE
    assert one.muxer.writable(streams[-1]) == 0
    exchange(one, other)
    assert set(one.writable) == set(streams[-4:])  # those whose write was cut short
    assert sum(map(len, other.data.values())) == TOTAL_QUEUE


@both
def test_streams_are_sent_in_turn(kind: type[Muxer]) -> None:
    one, other = pair(kind)
    big = one.muxer.open_stream()
    one.muxer.write(big, bytes(STREAM_QUEUE))
    small = one.muxer.open_stream()
    one.muxer.write(small, b"small")
    other.receive(one.muxer.data_to_send(limit=1))
    other.receive(one.muxer.data_to_send(limit=1))
    assert other.data[other.opened[1]] == b"small"
    assert len(other.data[other.opened[0]]) == CHUNK


@both
def test_what_is_sent_at_once_is_limited(kind: type[Muxer]) -> None:
    one, _ = pair(kind)
    stream = one.muxer.open_stream()
    one.muxer.write(stream, bytes(STREAM_QUEUE))
    assert len(one.muxer.data_to_send(limit=1)) < CHUNK + 30
    total = sum(map(len, iter(lambda: one.muxer.data_to_send(limit=1000), b"")))
    assert total > STREAM_QUEUE - CHUNK - 100


@both
def test_many_small_writes_go_out_together(kind: type[Muxer]) -> None:
    one, other = pair(kind)
    stream = one.muxer.open_stream()
    for number in range(1000):
        one.muxer.write(stream, b"%03d" % number)
    wire = one.muxer.data_to_send()
    assert len(wire) < 3000 + 40
    other.receive(wire)
    assert other.data[other.opened[0]] == b"".join(b"%03d" % number for number in range(1000))


@both
@pytest.mark.parametrize("ours", [True, False])
def test_a_reset_reaches_the_other_side_once(kind: type[Muxer], ours: bool) -> None:
    one, other = pair(kind)
    stream = one.muxer.open_stream()
    one.muxer.write(stream, b"data")
    exchange(one, other)
    theirs = other.opened[0]
    if ours:
        one.muxer.reset(stream)
        one.muxer.reset(stream)
        resets = other.resets
    else:
        other.muxer.reset(theirs)
        resets = one.resets
    exchange(one, other)
    assert resets == [StreamReset(theirs if ours else stream)]
    assert one.muxer.streams == other.muxer.streams == 0


@both
def test_whatever_names_a_stream_that_is_gone_does_nothing(kind: type[Muxer]) -> None:
    one, other = pair(kind)
    stream = one.muxer.open_stream()
    one.muxer.write(stream, b"data")
    exchange(one, other)
    other.muxer.reset(other.opened[0])
    one.muxer.receive_data(other.muxer.data_to_send())  # and its owner has not heard of it yet
    for number in (stream, 12345):
        assert one.muxer.write(number, b"more") == 0
        assert one.muxer.writable(number) == 0
        one.muxer.end(number)
        one.muxer.consumed(number, 5)
        one.muxer.reset(number)
    assert one.muxer.data_to_send() == b""
    one.listen()
    assert one.resets == [StreamReset(stream)]


@both
def test_opened_written_and_reset_in_one_segment(kind: type[Muxer]) -> None:
    one, other = pair(kind)
    stream = one.muxer.open_stream()
    one.muxer.write(stream, b"data")
    wire = one.muxer.data_to_send()
    one.muxer.reset(stream)
    other.muxer.receive_data(wire + one.muxer.data_to_send())
    theirs = 2 if kind is Yamux else 0  # not known to the owner yet; and if it were:
    assert other.muxer.write(theirs, b"answer") == 0
    other.reads = False
    other.listen()
    assert other.data[other.opened[0]] == b"data"
    assert other.resets == [StreamReset(other.opened[0])]
    assert other.muxer.unread == 0
    assert other.muxer.data_to_send() == b""


@both
def test_a_stream_that_was_reset_before_anything_was_sent_is_never_mentioned(kind: type[Muxer]) -> None:
    one, _ = pair(kind)
    stream = one.muxer.open_stream()
    one.muxer.write(stream, b"data")
    one.muxer.reset(stream)
    assert one.muxer.data_to_send() == b""
    assert one.muxer.streams == 0


@both
def test_data_on_the_way_to_a_stream_that_was_reset_are_dropped(kind: type[Muxer]) -> None:
    one, other = pair(kind)
    stream = one.muxer.open_stream()
    one.muxer.write(stream, b"data")
    exchange(one, other)
    other.muxer.write(other.opened[0], b"answer")
    other.muxer.end(other.opened[0])
    wire = other.muxer.data_to_send()
    one.muxer.reset(stream)
    for place in range(len(wire)):
        one.receive(wire[place : place + 1])
    assert one.data == {}
    assert one.muxer.unread == 0


@both
def test_a_stream_reset_while_its_data_are_coming(kind: type[Muxer]) -> None:
    one, other = pair(kind)
    stream = one.muxer.open_stream()
    one.muxer.write(stream, bytes(100))
    wire = one.muxer.data_to_send()
    other.receive(wire[:-40])
    other.muxer.reset(other.opened[0])
    other.receive(wire[-40:])
    assert len(other.data[other.opened[0]]) == 60
    next_stream = one.muxer.open_stream()
    one.muxer.write(next_stream, b"next")
    other.receive(one.muxer.data_to_send())
    assert other.data[other.opened[1]] == b"next"


@both
def test_data_after_the_end_reset_the_stream(kind: type[Muxer]) -> None:
    one, other = pair(kind)
    stream = one.muxer.open_stream()
    one.muxer.write(stream, b"data")
    first = one.muxer.data_to_send()
    one.muxer.open_stream()
    wire = one.muxer.data_to_send()
    again, _ = pair(kind)
    again.muxer.open_stream()
    again.muxer.data_to_send()
    again.muxer.write(stream, b"after the end")
    after = again.muxer.data_to_send()
    one.muxer.end(stream)
    other.receive(first + wire + one.muxer.data_to_send())
    assert other.ended == [other.opened[0]]
    other.receive(after)
    assert other.resets == [StreamReset(other.opened[0], remote=False)]
    exchange(one, other)
    assert one.resets == [StreamReset(stream)]
    assert one.muxer.streams == other.muxer.streams == 1


@both
def test_streams_over_the_limit_are_reset(kind: type[Muxer]) -> None:
    one, other = pair(kind)
    streams = [one.muxer.open_stream() for _ in range(200)]
    exchange(one, other)
    streams += [one.muxer.open_stream() for _ in range(60)]
    exchange(one, other)
    assert len(other.opened) == 256
    assert [event.stream for event in one.resets] == streams[256:]
    one.muxer.reset(streams[0])
    one.muxer.open_stream()
    exchange(one, other)
    assert len(other.opened) == 257


@both
def test_this_sides_streams_are_limited(kind: type[Muxer]) -> None:
    one = Owner(kind, initiator=True, limits=MuxerLimits(outbound=3))
    streams = [one.muxer.open_stream() for _ in range(3)]
    with pytest.raises(CannotOpenStream, match="3 streams are open"):
        one.muxer.open_stream()
    one.muxer.reset(streams[0])
    one.muxer.open_stream()


@both
def test_a_stream_is_there_until_it_is_read(kind: type[Muxer]) -> None:
    one, other = pair(kind)
    other.reads = False
    stream = one.muxer.open_stream()
    one.muxer.write(stream, b"request")
    one.muxer.end(stream)
    exchange(one, other)
    theirs = other.opened[0]
    other.muxer.end(theirs)
    exchange(one, other)
    assert one.muxer.streams == 0
    assert other.muxer.streams == 1
    assert other.muxer.unread == 7
    other.muxer.consumed(theirs, 3)
    other.muxer.consumed(theirs, 4)
    assert other.muxer.streams == other.muxer.unread == 0


@both
def test_giving_up_what_is_over_says_nothing(kind: type[Muxer]) -> None:
    one, other = pair(kind)
    other.reads = False
    stream = one.muxer.open_stream()
    one.muxer.write(stream, b"request")
    one.muxer.end(stream)
    exchange(one, other)
    other.muxer.end(other.opened[0])
    exchange(one, other)
    other.muxer.reset(other.opened[0])
    assert other.muxer.data_to_send() == b""
    assert other.muxer.streams == other.muxer.unread == 0


@both
def test_no_more_can_be_read_than_came(kind: type[Muxer]) -> None:
    one, other = pair(kind)
    other.reads = False
    stream = one.muxer.open_stream()
    one.muxer.write(stream, b"request")
    exchange(one, other)
    with pytest.raises(ValueError, match="8 bytes of the stream were read, 7 came"):
        other.muxer.consumed(other.opened[0], 8)


@both
def test_writing_after_the_end_is_a_mistake(kind: type[Muxer]) -> None:
    one, _ = pair(kind)
    stream = one.muxer.open_stream()
    one.muxer.end(stream)
    one.muxer.end(stream)
    with pytest.raises(ValueError, match="was ended by this side"):
        one.muxer.write(stream, b"more")


@both
def test_an_end_follows_what_was_queued(kind: type[Muxer]) -> None:
    one, other = pair(kind)
    stream = one.muxer.open_stream()
    one.muxer.write(stream, bytes(200_000))
    one.muxer.end(stream)
    while not other.ended:
        other.receive(one.muxer.data_to_send(limit=1))
    assert len(other.data[other.opened[0]]) == 200_000


@both
def test_the_end_of_the_connection_reaches_every_stream(kind: type[Muxer]) -> None:
    one, other = pair(kind)
    ours = one.muxer.open_stream()
    other.muxer.open_stream()
    one.muxer.write(ours, b"data")
    exchange(one, other)
    one.muxer.write(ours, bytes(300_000))
    one.muxer.close()
    one.muxer.close()
    one.listen()
    assert one.resets == [StreamReset(ours, remote=False), StreamReset(one.opened[0], remote=False)]
    assert one.muxer.data_to_send() == b""
    one.muxer.receive_data(b"\xff" * 50)
    assert one.muxer.events_received() == []
    with pytest.raises(CannotOpenStream, match="closed"):
        one.muxer.open_stream()


@both
def test_after_go_away_no_stream_is_taken(kind: type[Muxer]) -> None:
    one, other = pair(kind)
    first = one.muxer.open_stream()
    exchange(one, other)
    second = one.muxer.open_stream()
    wire = one.muxer.data_to_send()
    other.muxer.go_away()
    other.receive(wire)
    exchange(one, other)
    assert len(other.opened) == 1
    assert [event.stream for event in one.resets] == [second]
    one.muxer.write(first, b"goes on")
    exchange(one, other)
    assert other.data[other.opened[0]] == b"goes on"


# Bounds against a peer that means harm


@both
def test_a_peer_that_opens_without_end_and_reads_no_answer(kind: type[Muxer]) -> None:
    victim = Owner(kind, initiator=False)
    attacker = kind(initiator=True)
    wire = b""
    for _ in range(35_000):
        stream = attacker.open_stream()
        wire += attacker.data_to_send()
        attacker.reset(stream)
        attacker.data_to_send()  # and this is not sent
    with pytest.raises(ProtocolError, match="reads no answers"):
        victim.receive(wire)
    victim.listen()
    assert len(victim.opened) == 256
    assert len(victim.muxer.data_to_send()) <= MAX_CONTROL + 256 * 12


@both
def test_opening_and_resetting_without_end_keeps_nothing(kind: type[Muxer]) -> None:
    victim = Owner(kind, initiator=False)
    attacker = kind(initiator=True)
    for _ in range(3000):
        stream = attacker.open_stream()
        attacker.write(stream, b"x" * 50)
        wire = attacker.data_to_send()
        attacker.reset(stream)
        victim.receive(wire + attacker.data_to_send())
    assert victim.muxer.streams == victim.muxer.unread == 0
    assert victim.muxer.data_to_send() == b""
    assert len(victim.opened) == 3000


@both
def test_congestion_of_one_connection_and_its_end(kind: type[Muxer]) -> None:
    one = Owner(kind, initiator=True)
    other = Owner(kind, initiator=False, reads=False, limits=MuxerLimits(unread=300_000))
    small, big = one.muxer.open_stream(), one.muxer.open_stream()
    one.muxer.write(small, bytes(50_000))
    one.muxer.write(big, bytes(200_000))
    exchange(one, other)
    congested = [other.muxer.congested]
    one.muxer.write(big, bytes(50_000))
    exchange(one, other)
    congested.append(other.muxer.congested)
    assert other.muxer.shed() == other.opened[1]
    congested.append(other.muxer.congested)
    assert congested == [False, True, False]
    exchange(one, other)
    assert other.resets == [StreamReset(other.opened[1], remote=False)]
    assert one.resets == [StreamReset(big)]
    assert other.muxer.unread == 50_000
    other.muxer.consumed(other.opened[0], 50_000)
    assert other.muxer.shed() is None


@both
def test_reading_ends_congestion(kind: type[Muxer]) -> None:
    one = Owner(kind, initiator=True)
    other = Owner(kind, initiator=False, reads=False, limits=MuxerLimits(unread=1000))
    stream = one.muxer.open_stream()
    one.muxer.write(stream, bytes(1000))
    exchange(one, other)
    congested = [other.muxer.congested]
    other.muxer.consumed(other.opened[0], 1)
    congested.append(other.muxer.congested)
    assert congested == [True, False]


@both
def test_a_hosts_budget_stops_those_that_hold_much_of_it(kind: type[Muxer]) -> None:
    budget = ReceiveBudget(total=FAIR_SHARE + 100_000)
    greedy = Owner(kind, initiator=False, reads=False, budget=budget)
    modest = Owner(kind, initiator=False, reads=False, budget=budget)
    for owner, size in ((greedy, FAIR_SHARE + 1000), (modest, 99_000)):
        one = Owner(kind, initiator=True)
        for start in range(0, size, 100_000):
            one.muxer.write(one.muxer.open_stream(), bytes(min(size - start, 100_000)))
        exchange(one, owner)
    assert budget.unread == FAIR_SHARE + 100_000
    assert greedy.muxer.congested
    assert not modest.muxer.congested
    greedy.muxer.close()
    assert budget.unread == 99_000
    modest.muxer.close()
    assert budget.unread == budget.granted == 0


@both
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_conversation_arrives_as_it_was_sent(kind: type[Muxer], data: st.DataObject) -> None:
    """Random writes, ends, resets and cuts on both sides, against a model of what each stream has carried."""
    sides = pair(kind)
    names: dict[tuple[int, int], tuple[int, int]] = {}  # (side, stream) -> the same of the other side
    sent: defaultdict[tuple[int, int], bytearray] = defaultdict(bytearray)
    ended: set[tuple[int, int]] = set()
    reset: set[tuple[int, int]] = set()
    unpaired: list[list[int]] = [[], []]
    seen = [0, 0]

    def carry(sender: int, size: int) -> None:
        wire = sides[sender].muxer.data_to_send(limit=data.draw(st.sampled_from([1, 1000, 10**6])))
        sides[sender].listen()
        for piece in pieces(wire, size):
            sides[1 - sender].receive(piece)
        receiver = sides[1 - sender]
        for stream in receiver.opened[seen[1 - sender] :]:
            origin = (sender, unpaired[sender].pop(0))
            while origin in reset and len(receiver.opened) - seen[1 - sender] <= len(unpaired[sender]):
                origin = (sender, unpaired[sender].pop(0))
            names[origin] = (1 - sender, stream)
            names[1 - sender, stream] = origin
            seen[1 - sender] += 1

    def known(side: int) -> list[int]:
        return [stream for where, stream in [*names, *((s, n) for s in (0, 1) for n in unpaired[s])] if where == side]

    for _ in range(data.draw(st.integers(1, 40))):
        side = data.draw(st.integers(0, 1))
        muxer = sides[side].muxer
        action = data.draw(st.sampled_from(["open", "write", "write", "write", "end", "carry", "carry"]))
        streams = [stream for stream in known(side) if (side, stream) not in ended]
        if action == "open":
            unpaired[side].append(muxer.open_stream())
        elif action == "carry":
            carry(side, data.draw(st.sampled_from([1, 7, 100_000])) if len(muxer._line) < 5 else 100_000)
        elif streams:
            stream = data.draw(st.sampled_from(streams))
            if action == "write":
                blob = bytes((data.draw(st.integers(0, 255)),)) * data.draw(st.sampled_from([1, 100, 3000]))
                taken = muxer.write(stream, blob)
                sent[side, stream] += blob[:taken]
            else:
                muxer.end(stream)
                ended.add((side, stream))
    for _ in range(50):
        carry(0, 10**6)
        carry(1, 10**6)
    assert not unpaired[0]
    assert not unpaired[1]
    for origin, (side, stream) in names.items():
        assert sides[side].data[stream] == sent[origin]
        assert (stream in sides[side].ended) == (origin in ended)
    assert sides[0].resets == sides[1].resets == []
    alive = [name for name in names if not (name in ended and names[name] in ended)]
    assert sides[0].muxer.streams + sides[1].muxer.streams == len(alive)


@both
@settings(max_examples=200, deadline=None)
@given(st.data())
def test_recorded_bytes_mutated_break_nothing(kind: type[Muxer], data: st.DataObject) -> None:
    wire = bytearray(RECORDED[kind])
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(wire) - 1))
        how = data.draw(st.sampled_from(["set", "drop", "insert"]))
        if how == "set":
            wire[place] = data.draw(st.integers(0, 255))
        elif how == "drop":
            del wire[place]
        else:
            wire.insert(place, data.draw(st.integers(0, 255)))
    budget = ReceiveBudget()
    owner = Owner(kind, initiator=False, reads=data.draw(st.booleans()), budget=budget)
    try:
        for piece in pieces(bytes(wire), data.draw(st.integers(1, 60))):
            owner.receive(piece)
    except ProtocolError:
        pass
    owner.listen()
    assert sum(map(len, owner.data.values())) <= len(wire)
    owner.send_all()
    owner.muxer.close()
    assert owner.muxer.streams == owner.muxer.unread == budget.unread == budget.granted == 0


@both
@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=400))
def test_any_bytes_break_nothing(kind: type[Muxer], data: bytes) -> None:
    owner = Owner(kind, initiator=True)
    owner.muxer.open_stream()
    owner.send_all()
    with suppress(ProtocolError):
        owner.receive(data)
    owner.listen()
    owner.muxer.close()
    assert owner.muxer.streams == owner.muxer.unread == 0
