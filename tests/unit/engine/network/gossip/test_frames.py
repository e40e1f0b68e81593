from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyrum_sync.engine.network.errors import ProtocolError
from pyrum_sync.engine.network.gossip.frames import FrameReader, encode_frame, pack
from pyrum_sync.engine.network.gossip.rpc import decode_rpc, encode_graft, encode_subscription


@given(st.lists(st.binary(max_size=300), max_size=6), st.lists(st.integers(0, 900), max_size=8))
def test_a_stream_may_be_cut_anywhere(frames: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(encode_frame(frame) for frame in frames)
    reader = FrameReader(300)
    read: list[bytes] = []
    ends = sorted({min(cut, len(stream)) for cut in cuts} | {len(stream)})
    for begin, end in zip([0, *ends], ends, strict=False):
        read += reader.feed(stream[begin:end])
    assert read == frames
    assert reader.unread == 0


def test_byte_by_byte() -> None:
    stream = encode_frame(b"a" * 200) + encode_frame(b"") + encode_frame(b"b")
    reader = FrameReader(200)
    assert [frame for byte in stream for frame in reader.feed(bytes((byte,)))] == [b"a" * 200, b"", b"b"]


def test_a_frame_over_the_limit_is_refused_before_it_is_there() -> None:
    reader = FrameReader(1000)
    assert reader.feed(encode_frame(bytes(1000))) == [bytes(1000)]
    with pytest.raises(ProtocolError, match="a frame of 1001 bytes; 1000 are allowed"):
        reader.feed(b"\xe9\x07")


@pytest.mark.parametrize("stream", [b"\xff" * 10, b"\xff" * 9 + b"\x7f"])
def test_a_length_that_is_none(stream: bytes) -> None:
    with pytest.raises(ProtocolError, match="the length of a frame"):
        FrameReader(1000).feed(stream)


def test_an_unfinished_length_is_held() -> None:
    reader = FrameReader(1 << 20)
    assert reader.feed(b"\x80") == []
    assert reader.unread == 1
    assert reader.feed(b"\x01") == []
    assert reader.feed(bytes(128)) == [bytes(128)]


def test_a_long_frame_in_small_pieces_costs_linear_time() -> None:
    size = 10_000_000
    frame = encode_frame(bytes(size))
    began = time.process_time()
    reader = FrameReader(size)
    read = [frame_ for offset in range(0, len(frame), 500) for frame_ in reader.feed(frame[offset : offset + 500])]
    assert [len(item) for item in read] == [size]
    assert time.process_time() - began < 2


def test_anew_has_the_same_limit() -> None:
    reader = FrameReader(5)
    reader.feed(b"\x05ab")
    other = reader.anew()
    assert other.unread == 0
    with pytest.raises(ProtocolError):
        other.feed(b"\x06")


def test_parts_share_frames_up_to_a_limit() -> None:
    subscriptions = [encode_subscription(b"topic%d" % number, subscribe=True) for number in range(10)]
    grafts = [encode_graft(b"topic%d" % number) for number in range(10)]
    frames = list(pack(subscriptions, grafts, 60))
    rpcs = [decode_rpc(frame) for packed in frames for frame in FrameReader(200).feed(packed)]
    assert len(rpcs) == 4
    assert all(len(frame) <= 64 for frame in frames)
    assert [topic for rpc in rpcs for _, topic in rpc.subscriptions] == [b"topic%d" % number for number in range(10)]
    assert [topic for rpc in rpcs for topic in rpc.graft] == [b"topic%d" % number for number in range(10)]


def test_a_frame_has_one_control_message() -> None:
    (packed,) = pack([], [encode_graft(b"a"), encode_graft(b"b")], 1000)
    assert packed[1] == 0x1A
    assert packed[2] == len(packed) - 3


def test_nothing_needs_no_frame() -> None:
    assert list(pack([], [], 1000)) == []
