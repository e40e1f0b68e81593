from __future__ import annotations

from functools import partial

import pytest

from pyrum_sync.engine.network.errors import ProtocolError
from pyrum_sync.engine.network.libp2p.mplex import MAX_FRAME, Mplex
from pyrum_sync.engine.network.libp2p.muxer import CannotOpenStream
from pyrum_sync.engine.network.libp2p.muxer_events import StreamReset
from pyrum_sync.spec import varint

from .muxed import Owner, exchange, pair, pieces

NEW, FROM_LISTENER, FROM_OPENER, CLOSE_LISTENER, CLOSE_OPENER, RESET_LISTENER, RESET_OPENER = range(7)


def frame(flag: int, stream: int, data: bytes = b"") -> bytes:
    return varint.encode(stream << 3 | flag) + varint.encode(len(data)) + data


def test_the_bytes_on_the_wire() -> None:
    one, other = pair(Mplex)
    stream = one.muxer.open_stream()
    assert one.send() == frame(NEW, 0, b"0")
    one.muxer.write(stream, b"abc")
    assert one.send() == frame(FROM_OPENER, 0, b"abc")
    one.muxer.end(stream)
    assert one.send() == frame(CLOSE_OPENER, 0)
    one.muxer.reset(stream)
    assert one.send() == frame(RESET_OPENER, 0)
    stream = one.muxer.open_stream()
    one.muxer.write(stream, b"x")
    one.muxer.end(stream)
    assert one.send() == frame(NEW, 1, b"1") + frame(FROM_OPENER, 1, b"x") + frame(CLOSE_OPENER, 1)
    other.receive(frame(NEW, 300, b"a name") + frame(FROM_OPENER, 300, b"x"))
    theirs = other.opened[0]
    other.muxer.write(theirs, b"abc")
    assert other.send() == frame(FROM_LISTENER, 300, b"abc")
    other.muxer.end(theirs)
    assert other.send() == frame(CLOSE_LISTENER, 300)
    other.muxer.reset(theirs)
    assert other.send() == frame(RESET_LISTENER, 300)


def test_both_sides_number_from_zero() -> None:
    one, other = pair(Mplex)
    ours = one.muxer.open_stream()
    theirs = other.muxer.open_stream()
    one.muxer.write(ours, b"from one")
    other.muxer.write(theirs, b"from other")
    exchange(one, other)
    assert one.opened[0] != ours
    assert one.data[one.opened[0]] == b"from other"
    one.receive(frame(RESET_LISTENER, 0))
    assert one.resets == [StreamReset(ours)]
    assert one.muxer.streams == 1


def test_a_frame_is_handed_out_as_it_comes() -> None:
    other = Owner(Mplex, initiator=False)
    wire = frame(NEW, 0) + frame(FROM_OPENER, 0, bytes(MAX_FRAME))
    other.receive(wire[: len(wire) // 2])
    assert 0 < len(other.data[other.opened[0]]) < MAX_FRAME
    other.receive(wire[len(wire) // 2 :])
    assert len(other.data[other.opened[0]]) == MAX_FRAME


def test_a_name_means_nothing_however_long_and_cut() -> None:
    other = Owner(Mplex, initiator=False)
    wire = frame(NEW, 0, bytes(5000)) + frame(FROM_OPENER, 0, b"data")
    for start in range(0, len(wire), 100):
        other.receive(wire[start : start + 100])
    assert other.data[other.opened[0]] == b"data"


def test_frames_for_an_unknown_stream_are_dropped() -> None:
    other = Owner(Mplex, initiator=False)
    for flag in range(1, 7):
        other.receive(frame(flag, 9, b"data"))
    other.receive(frame(NEW, 0))
    assert len(other.opened) == 1
    assert other.resets == []
    assert other.send() == b""


def test_a_close_with_data_and_empty_frames() -> None:
    other = Owner(Mplex, initiator=False)
    other.receive(frame(NEW, 0) + frame(FROM_OPENER, 0) + frame(CLOSE_OPENER, 0, b"nobody reads this"))
    assert other.ended == other.opened
    other.receive(frame(CLOSE_OPENER, 0) + frame(FROM_OPENER, 0))
    assert other.ended == other.opened
    assert other.data == {}
    assert other.resets == []


def test_an_endless_sender_makes_the_connection_stop() -> None:
    other = Owner(Mplex, initiator=False, reads=False)
    other.receive(frame(NEW, 0))
    piece = frame(FROM_OPENER, 0, bytes(60_000))
    received = 0
    while not other.muxer.congested:
        other.receive(piece)
        received += 60_000
    assert 4 * 1024 * 1024 <= received <= 4 * 1024 * 1024 + 60_000
    other.muxer.shed()
    assert other.muxer.unread == 0
    other.listen()
    assert other.resets == [StreamReset(other.opened[0], remote=False)]
    assert other.send() == frame(RESET_LISTENER, 0)


@pytest.mark.parametrize(
    ("wire", "words"),
    [
        (frame(7, 0), "unknown flag 7"),
        (frame(NEW, 5) * 2, "stream 5 is opened twice"),
        (b"\x02" + varint.encode(MAX_FRAME + 1), f"a frame of {MAX_FRAME + 1} bytes, at most {MAX_FRAME}"),
        (b"\x02\xff\xff\xff\xff", "header of a frame"),
        (b"\xff" * 10, "header of a frame"),
        (b"\x80\x00", "header of a frame"),
        (b"\x02\x80\x00", "header of a frame"),
    ],
)
def test_malformed(wire: bytes, words: str) -> None:
    for size in (1, len(wire)):
        other = Owner(Mplex, initiator=False)
        with pytest.raises(ProtocolError, match=words):
            other.receive(wire, partial(pieces, size=size))


def test_numbers_are_used_up_one_day() -> None:
    one = Owner(Mplex, initiator=True)
    one.muxer._next_id = 2**60 - 1  # type: ignore[attr-defined]
    stream = one.muxer.open_stream()
    one.muxer.write(stream, b"x")
    other = Owner(Mplex, initiator=False)
    exchange(one, other)
    assert other.data[other.opened[0]] == b"x"
    with pytest.raises(CannotOpenStream, match="used up"):
        one.muxer.open_stream()


def test_there_are_no_pings_and_no_word_for_going_away() -> None:
    one = Owner(Mplex, initiator=True)
    assert one.muxer.ping() is None
    one.muxer.go_away()
    assert one.send() == b""
