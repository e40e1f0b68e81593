from __future__ import annotations

from functools import partial
from struct import pack

import pytest

from pyrum_sync.engine.network.errors import ProtocolError
from pyrum_sync.engine.network.libp2p.muxer import MAX_CONTROL, CannotOpenStream
from pyrum_sync.engine.network.libp2p.muxer_events import GoAway, PingAnswered, StreamReset
from pyrum_sync.engine.network.libp2p.muxer_state import MuxerLimits, ReceiveBudget
from pyrum_sync.engine.network.libp2p.yamux import FIRST_WINDOW, MAX_UNACKNOWLEDGED, MAX_WINDOW, Yamux

from .muxed import Owner, exchange, pair, pieces

DATA, WINDOW, PING, GO_AWAY = range(4)
SYN, ACK, FIN, RST = 1, 2, 4, 8


def frame(kind: int, flags: int, stream: int, length: int, data: bytes = b"") -> bytes:
    return pack(">BBHII", 0, kind, flags, stream, length) + data


def data(flags: int, stream: int, text: bytes) -> bytes:
    return frame(DATA, flags, stream, len(text), text)


def listener(*, reads: bool = True) -> Owner:
    return Owner(Yamux, initiator=False, reads=reads)


def test_the_bytes_on_the_wire() -> None:
    one, other = pair(Yamux)
    stream = one.muxer.open_stream()
    assert stream == 1
    assert one.send() == frame(WINDOW, SYN, 1, 0)
    one.muxer.write(stream, b"abc")
    assert one.send() == data(0, 1, b"abc")
    one.muxer.end(stream)
    assert one.send() == frame(WINDOW, FIN, 1, 0)
    assert one.muxer.open_stream() == 3
    one.muxer.reset(1, 7)
    one.muxer.write(3, b"x")
    one.muxer.end(3)
    assert one.send() == frame(WINDOW, RST, 1, 7) + data(SYN, 3, b"x") + frame(WINDOW, FIN, 3, 0)
    assert other.muxer.open_stream() == 2
    other.receive(data(SYN, 1, b"x"))
    assert other.send() == frame(WINDOW, SYN, 2, 0) + frame(WINDOW, ACK, 1, 0)


def test_an_answer_in_the_same_turn_carries_the_acknowledgement() -> None:
    other = listener()
    other.receive(data(SYN, 1, b"x"))
    other.muxer.write(1, b"answer")
    other.muxer.end(1)
    # js-libp2p loses the data of a frame that also ends the stream.
    assert other.send() == data(ACK, 1, b"answer") + frame(WINDOW, FIN, 1, 0)


def test_a_stream_that_is_opened_and_ended_at_once_is_one_frame() -> None:
    one = Owner(Yamux, initiator=True)
    one.muxer.end(one.muxer.open_stream())
    assert one.send() == frame(WINDOW, SYN | FIN, 1, 0)


@pytest.mark.parametrize("first", [frame(WINDOW, SYN, 1, 0), data(SYN, 1, b""), data(SYN, 1, b"data")])
def test_a_stream_may_begin_with_either_type(first: bytes) -> None:
    other = listener()
    other.receive(first)
    assert other.opened == [1]


def test_rumor_and_go_raise_the_window_with_syn_or_ack() -> None:
    other = listener()
    other.receive(frame(WINDOW, SYN, 1, 1000))
    other.muxer.write(1, bytes(FIRST_WINDOW))
    other.send_all()
    assert other.muxer.writable(1) == 1000
    one = Owner(Yamux, initiator=True)
    stream = one.muxer.open_stream()
    one.muxer.write(stream, bytes(FIRST_WINDOW))
    one.send_all()
    assert one.muxer.writable(stream) == 0
    one.receive(frame(WINDOW, ACK, stream, 500))
    assert one.muxer.writable(stream) == 500


@pytest.mark.parametrize("flags", [RST, RST | SYN, RST | FIN])
def test_a_reset_carries_a_code(flags: int) -> None:
    other = listener()
    if not flags & SYN:
        other.receive(frame(WINDOW, SYN, 1, 0))
    other.receive(frame(WINDOW, flags, 1, 0x1001))
    assert other.resets == [StreamReset(1, 0x1001)]


def test_the_end_comes_after_the_data_of_its_frame() -> None:
    other = listener()
    wire = data(SYN | FIN, 1, b"request")
    other.receive(wire[:-1])
    assert other.ended == []
    other.receive(wire[-1:])
    assert other.data[1] == b"request"
    assert other.ended == [1]


def test_data_with_a_reset() -> None:
    other = listener()
    other.receive(frame(WINDOW, SYN, 1, 0) + data(RST, 1, b"last words"))
    assert other.data[1] == b"last words"
    assert other.resets == [StreamReset(1)]


def test_pings_both_ways() -> None:
    one, other = pair(Yamux)
    assert one.muxer.ping() == 0
    assert one.muxer.ping() == 1
    wire = one.send()
    assert wire == frame(PING, SYN, 0, 0) + frame(PING, SYN, 0, 1)
    other.receive(wire)
    one.receive(other.send())
    assert one.others == [PingAnswered(0), PingAnswered(1)]
    one.receive(frame(PING, ACK, 0, 1) + frame(PING, ACK, 0, 99))  # nobody asked for these
    assert len(one.others) == 2


def test_pings_without_end_whose_answers_are_not_read() -> None:
    other = listener()
    allowed = MAX_CONTROL // 12
    other.receive(b"".join(frame(PING, SYN, 0, number) for number in range(allowed)))
    with pytest.raises(ProtocolError, match="reads no answers"):
        other.receive(frame(PING, SYN, 0, 0))
    assert len(other.send()) == allowed * 12


def test_pings_whose_answers_are_read() -> None:
    other = listener()
    for number in range(20_000):
        other.receive(frame(PING, SYN, 0, number))
        assert other.send() == frame(PING, ACK, 0, number)


def test_go_away_both_ways() -> None:
    one, other = pair(Yamux)
    first = one.muxer.open_stream()
    exchange(one, other)
    other.muxer.go_away(2)
    exchange(one, other)
    assert one.others == [GoAway(2)]
    with pytest.raises(CannotOpenStream, match="takes no more streams"):
        one.muxer.open_stream()
    one.muxer.write(first, b"goes on")
    exchange(one, other)
    assert other.data[first] == b"goes on"


def test_go_away_is_said_even_when_nothing_was_read() -> None:
    other = listener()
    with pytest.raises(ProtocolError):
        other.receive(frame(PING, SYN, 0, 0) * 6000)
    other.muxer.go_away(1)
    assert other.send().endswith(frame(GO_AWAY, 0, 0, 1))


# Windows


def test_the_window_is_raised_by_what_was_read_once_it_is_half_of_it() -> None:
    other = listener(reads=False)
    other.receive(data(SYN, 1, bytes(FIRST_WINDOW // 2)))
    other.send()
    other.muxer.consumed(1, FIRST_WINDOW // 2 - 1)
    assert other.send() == b""
    other.muxer.consumed(1, 1)
    assert other.send() == frame(WINDOW, 0, 1, FIRST_WINDOW // 2 + FIRST_WINDOW)  # and it grows


def test_the_window_grows_to_its_most_while_the_reader_keeps_up() -> None:
    one, other = pair(Yamux)
    stream = one.muxer.open_stream()
    for _ in range(40):
        one.muxer.write(stream, bytes(FIRST_WINDOW))
        exchange(one, other)
    one.muxer.write(stream, b"x")
    state = one.muxer._streams[stream]
    assert MAX_WINDOW // 2 <= state.window <= MAX_WINDOW


def test_the_window_of_a_slow_reader_does_not_grow() -> None:
    other = listener(reads=False)
    other.receive(data(SYN, 1, bytes(FIRST_WINDOW)))
    other.send()
    for _ in range(20):
        other.muxer.consumed(1, FIRST_WINDOW // 2)
        assert other.send() == frame(WINDOW, 0, 1, FIRST_WINDOW // 2)
        other.receive(data(0, 1, bytes(FIRST_WINDOW // 2)))


def test_windows_grow_within_the_budget_and_return_what_they_took() -> None:
    budget = ReceiveBudget(total=FIRST_WINDOW * 3)
    other = Owner(Yamux, initiator=False, budget=budget)
    for stream in (1, 3):
        other.receive(frame(WINDOW, SYN, stream, 0))
        for _ in range(3):
            other.receive(data(0, stream, bytes(FIRST_WINDOW)))
    assert budget.granted == FIRST_WINDOW * 3
    assert [other.muxer._streams[stream].receive_size for stream in (1, 3)] == [MAX_WINDOW, FIRST_WINDOW]
    other.receive(frame(WINDOW, RST, 1, 0))
    assert budget.granted == 0
    other.receive(data(0, 3, bytes(FIRST_WINDOW)))
    assert budget.granted == FIRST_WINDOW
    other.muxer.close()
    assert budget.granted == budget.unread == 0


def test_a_frame_over_the_window_is_an_error_before_its_data_come() -> None:
    other = listener(reads=False)
    other.receive(data(SYN, 1, bytes(FIRST_WINDOW)))
    with pytest.raises(ProtocolError, match="1 bytes on stream 1, whose window has room for 0"):
        other.receive(frame(DATA, 0, 1, 1))
    other = listener(reads=False)
    with pytest.raises(ProtocolError, match=f"{FIRST_WINDOW + 1} bytes on stream 1"):
        other.receive(frame(DATA, SYN, 1, FIRST_WINDOW + 1))


def test_a_frame_longer_than_any_window_is_an_error_even_for_an_unknown_stream() -> None:
    other = listener()
    with pytest.raises(ProtocolError, match=f"a frame of {MAX_WINDOW + 1} bytes"):
        other.receive(frame(DATA, 0, 99, MAX_WINDOW + 1))


def test_data_for_an_unknown_stream_are_dropped() -> None:
    other = listener()
    other.receive(data(0, 99, bytes(1000)) + data(FIN, 2, b"x") + frame(WINDOW, 0, 98, 5) + frame(WINDOW, RST, 97, 5))
    other.receive(data(SYN, 1, b"x"))
    assert other.opened == [1]
    assert other.resets == []


def test_a_windows_updates_without_end_cost_nothing() -> None:
    one = Owner(Yamux, initiator=True)
    stream = one.muxer.open_stream()
    one.receive(frame(WINDOW, ACK, stream, 2**32 - 1) * 5000)
    assert one.muxer.write(stream, bytes(10**6)) < 10**6


def test_a_writer_wakes_for_room_that_is_worth_it() -> None:
    one = Owner(Yamux, initiator=True)
    stream = one.muxer.open_stream()
    one.muxer.write(stream, bytes(FIRST_WINDOW + 1))
    one.receive(frame(WINDOW, 0, stream, 5))
    assert one.writable == []  # the queue is full
    one.send_all()
    assert one.writable == [stream]


# Streams


def test_streams_that_are_not_acknowledged_are_limited() -> None:
    one = Owner(Yamux, initiator=True, limits=MuxerLimits(outbound=1000))
    streams = [one.muxer.open_stream() for _ in range(MAX_UNACKNOWLEDGED)]
    with pytest.raises(CannotOpenStream, match="not yet acknowledged 256"):
        one.muxer.open_stream()
    one.receive(frame(WINDOW, ACK, streams[0], 0))
    one.muxer.open_stream()
    one.receive(data(ACK, streams[1], b"x"))
    one.muxer.open_stream()
    one.receive(frame(WINDOW, RST, streams[2], 0))
    one.muxer.open_stream()
    with pytest.raises(CannotOpenStream):
        one.muxer.open_stream()


def test_numbers_are_used_up_one_day() -> None:
    one = Yamux(initiator=True)
    one._next_id = 2**32 - 1
    assert one.open_stream() == 2**32 - 1
    with pytest.raises(CannotOpenStream, match="used up"):
        one.open_stream()


@pytest.mark.parametrize(
    ("wire", "words"),
    [
        (pack(">BBHII", 1, 0, 0, 1, 0), "version 1"),
        (frame(4, 0, 1, 0), "type 4"),
        (frame(DATA, 16, 1, 0), "unknown flags 0x0010"),
        (frame(DATA, 0, 0, 0), "for stream 0"),
        (frame(WINDOW, 0, 0, 0), "for stream 0"),
        (frame(WINDOW, SYN, 0, 0), "opens stream 0"),
        (frame(WINDOW, SYN, 2, 0), "opens stream 2, whose number is not one of its own"),
        (frame(WINDOW, SYN, 1, 0) * 2, "stream 1 is opened twice"),
        (b"GET / HTTP/1.1\r\n", "version 71"),
    ],
)
def test_malformed(wire: bytes, words: str) -> None:
    for size in (1, len(wire)):
        other = listener()
        with pytest.raises(ProtocolError, match=words):
            other.receive(wire, partial(pieces, size=size))


def test_the_dialler_refuses_its_own_numbers() -> None:
    one = Owner(Yamux, initiator=True)
    with pytest.raises(ProtocolError, match="opens stream 3"):
        one.receive(frame(WINDOW, SYN, 3, 0))
    one = Owner(Yamux, initiator=True)
    one.receive(frame(WINDOW, SYN, 2, 0))
    assert one.opened == [2]
