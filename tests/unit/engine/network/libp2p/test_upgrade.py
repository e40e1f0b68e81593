from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyrum_sync.engine.network.errors import ProtocolError
from pyrum_sync.engine.network.libp2p.identity import Identity
from pyrum_sync.engine.network.libp2p.mplex import Mplex
from pyrum_sync.engine.network.libp2p.multistream import HEADER, ProtocolsRefused, encode
from pyrum_sync.engine.network.libp2p.muxer_events import StreamData, StreamEnded, StreamOpened
from pyrum_sync.engine.network.libp2p.noise import NoiseKey, WrongPeer
from pyrum_sync.engine.network.libp2p.secured import SecuredConnection
from pyrum_sync.engine.network.libp2p.upgrade import Stage, Upgrade
from pyrum_sync.engine.network.libp2p.yamux import Yamux

from .wiring import bytewise, converse, split_at, whole

ALICE, BOB = Identity.secp256k1(11), Identity.secp256k1(22)
ALICES, BOBS = NoiseKey(ALICE), NoiseKey(BOB)
YAMUX, MPLEX = Yamux.protocol, Mplex.protocol


def sides(
    ours: tuple[str, ...] = (YAMUX, MPLEX),
    theirs: tuple[str, ...] = (YAMUX, MPLEX),
    *,
    early: tuple[bool, bool] = (True, True),
    expected: str | None = BOB.peer_id,
) -> tuple[Upgrade, Upgrade]:
    return (
        Upgrade(initiator=True, key=ALICES, expected=expected, muxers=ours, early_muxer=early[0]),
        Upgrade(initiator=False, key=BOBS, muxers=theirs, early_muxer=early[1]),
    )


def connections(one: Upgrade, other: Upgrade) -> tuple[SecuredConnection, SecuredConnection]:
    assert one.connection is not None
    assert other.connection is not None
    return one.connection, other.connection


def check(one: Upgrade, other: Upgrade) -> None:
    """A stream with an answer."""
    ours, theirs = connections(one, other)
    stream = ours.muxer.open_stream()
    ours.muxer.write(stream, b"request")
    ours.muxer.end(stream)
    theirs.receive_data(ours.data_to_send())
    opened, data, ended = theirs.muxer.events_received()
    assert isinstance(opened, StreamOpened)
    assert data == StreamData(opened.stream, b"request")
    assert ended == StreamEnded(opened.stream)
    theirs.muxer.write(opened.stream, b"answer")
    ours.receive_data(theirs.data_to_send())
    assert ours.muxer.events_received() == [StreamData(stream, b"answer")]


@pytest.mark.parametrize("cut", [whole, bytewise])
@pytest.mark.parametrize("early", [(True, True), (True, False), (False, True), (False, False)])
@pytest.mark.parametrize(
    ("ours", "theirs", "agreed"),
    [
        ((YAMUX, MPLEX), (YAMUX, MPLEX), Yamux),
        ((MPLEX, YAMUX), (YAMUX, MPLEX), Mplex),
        ((YAMUX, MPLEX), (MPLEX,), Mplex),
        ((YAMUX,), (MPLEX, YAMUX), Yamux),
    ],
)
def test_both_sides_meet(
    ours: tuple[str, ...], theirs: tuple[str, ...], agreed: type, early: tuple[bool, bool], cut: Any
) -> None:
    one, other = sides(ours, theirs, early=early)
    converse(one, other, cut)
    here, there = connections(one, other)
    assert type(here.muxer) is type(there.muxer) is agreed
    assert here.peer_id == BOB.peer_id
    assert there.peer_id == ALICE.peer_id
    assert there.public_key == ALICE.public
    assert one.stage is other.stage is Stage.DONE
    check(one, other)


@pytest.mark.parametrize("early", [True, False])
def test_split_at_every_byte(early: bool) -> None:
    for place in range(320):
        one, other = sides(early=(early, early))
        converse(one, other, split_at(place))
        check(one, other)


@pytest.mark.parametrize("early", [True, False])
def test_what_comes_in_the_same_segment_as_the_last_message_is_in_the_connection(early: bool) -> None:
    one, other = sides(early=(early, early))
    while one.connection is None:
        other.receive_data(one.data_to_send())
        one.receive_data(other.data_to_send())
    stream = one.connection.muxer.open_stream()
    one.connection.muxer.write(stream, b"early")
    wire = one.data_to_send() + one.connection.data_to_send()
    if other.connection is None:
        other.receive_data(wire)
    else:
        other.connection.receive_data(wire)
    assert other.connection is not None
    assert StreamData(stream, b"early") in other.connection.muxer.events_received()


def test_the_other_sides_last_message_and_first_data_in_one_segment() -> None:
    one, other = sides(early=(False, False))
    while other.connection is None:
        other.receive_data(one.data_to_send())
        if other.connection is None:
            one.receive_data(other.data_to_send())
    stream = other.connection.muxer.open_stream()
    other.connection.muxer.write(stream, b"early")
    one.receive_data(other.data_to_send() + other.connection.data_to_send())
    assert one.connection is not None
    assert StreamData(stream, b"early") in one.connection.muxer.events_received()


def test_bytes_for_the_connection_may_go_through_the_upgrade() -> None:
    one, other = sides()
    converse(one, other)
    here, there = connections(one, other)
    stream = here.muxer.open_stream()
    here.muxer.write(stream, b"data")
    other.receive_data(here.data_to_send())
    assert StreamData(stream, b"data") in there.muxer.events_received()


def test_no_muxer_in_common() -> None:
    one, other = sides((YAMUX,), (MPLEX,))
    with pytest.raises(ProtocolsRefused, match="none of the protocols /yamux"):
        converse(one, other)
    assert one.stage is Stage.NEGOTIATING_MUXER


def test_a_side_without_noise() -> None:
    one, _ = sides()
    with pytest.raises(ProtocolsRefused, match="none of the protocols /noise"):
        one.receive_data(HEADER + b"\x03na\n")
    assert one.stage is Stage.NEGOTIATING_SECURITY


def test_plaintext_is_refused() -> None:
    _, other = sides()
    other.receive_data(HEADER + encode("/plaintext/2.0.0"))
    assert other.data_to_send() == HEADER + b"\x03na\n"


def test_the_wrong_peer() -> None:
    one, other = sides(expected=ALICE.peer_id)
    with pytest.raises(WrongPeer):
        converse(one, other)
    assert one.stage is Stage.HANDSHAKE
    assert one.connection is None
    assert other.connection is None


@pytest.mark.parametrize("muxers", [(), ("/yamux/2.0.0",)])
def test_muxers_that_are_not_there(muxers: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="muxers are some of /yamux"):
        Upgrade(initiator=True, key=ALICES, muxers=muxers)


def test_changed_bytes_end_the_connection() -> None:
    one, other = sides()
    converse(one, other)
    here, there = connections(one, other)
    here.muxer.open_stream()
    wire = bytearray(here.data_to_send())
    wire[-1] ^= 1
    with pytest.raises(ProtocolError, match="changed"):
        there.receive_data(bytes(wire))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_recorded_bytes_mutated_never_make_a_wrong_peer(data: st.DataObject) -> None:
    one, other = sides(early=(data.draw(st.booleans()), data.draw(st.booleans())))
    target = data.draw(st.integers(0, 400))
    change = data.draw(st.integers(1, 255))
    carried = 0

    def spoil(wire: bytes) -> bytes:
        nonlocal carried
        place = target - carried
        carried += len(wire)
        if 0 <= place < len(wire):
            return wire[:place] + bytes((wire[place] ^ change,)) + wire[place + 1 :]
        return wire

    try:
        for _ in range(12):
            if wire := spoil(one.data_to_send()):
                other.receive_data(wire)
            if wire := spoil(other.data_to_send()):
                one.receive_data(wire)
    except (ProtocolError, ProtocolsRefused):
        pass
    for side, peer in ((one, BOB), (other, ALICE)):
        assert side.connection is None or side.connection.peer_id == peer.peer_id
    if carried > target:  # a byte was changed: at most one side believes that all is well
        assert one.connection is None or other.connection is None


@settings(deadline=None)
@given(st.binary(max_size=400), st.booleans())
def test_any_bytes(data: bytes, initiator: bool) -> None:
    side = Upgrade(initiator=initiator, key=ALICES)
    with suppress(ProtocolError, ProtocolsRefused):
        side.receive_data(data)
    assert side.connection is None
