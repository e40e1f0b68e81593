from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyrum_sync.engine.network.errors import ProtocolError
from pyrum_sync.engine.network.libp2p.identify import (
    MAX_ADDRESSES,
    MAX_MESSAGE,
    MAX_MESSAGES,
    MAX_NAME,
    MAX_PROTOCOLS,
    MAX_TOTAL,
    Identify,
    IdentifyReader,
)
from pyrum_sync.engine.network.libp2p.identity import Identity
from pyrum_sync.engine.network.protobuf import encode_bytes_field, encode_varint_field
from pyrum_sync.spec import varint

KEY = Identity.secp256k1(5).public.encoded
FULL = Identify(
    public_key=KEY,
    addresses=(bytes.fromhex("047f000001062328"), bytes.fromhex("047f000001062329")),
    protocols=("/ipfs/id/1.0.0", "/ipfs/ping/1.0.0", "/eth2/beacon_chain/req/status/1/ssz_snappy"),
    observed=bytes.fromhex("047f00000106d431"),
    protocol_version="ipfs/0.1.0",
    agent="an agent",
)


def read(*pieces: bytes) -> Identify:
    reader = IdentifyReader()
    for piece in pieces:
        reader.receive_data(piece)
    return reader.result()


def framed(message: bytes) -> bytes:
    return varint.encode(len(message)) + message


def test_a_full_message() -> None:
    assert read(FULL.encode()) == FULL
    FULL.check(KEY)


def test_split_at_every_byte() -> None:
    wire = FULL.encode()
    for place in range(len(wire) + 1):
        assert read(wire[:place], wire[place:]) == FULL
    assert read(*(wire[place : place + 1] for place in range(len(wire)))) == FULL


def test_a_delta_as_rumor_sends_it() -> None:
    delta = Identify(added=("/a", "/b"), removed=("/c",))
    wire = delta.encode()
    assert wire == framed(bytes.fromhex("3a0c0a022f610a022f6212022f63"))
    assert read(wire) == delta


def test_messages_are_merged() -> None:
    first = Identify(protocols=("/a",), agent="old", observed=b"\x01").encode()
    second = Identify(protocols=("/b",), agent="new", addresses=(b"\x02",)).encode()
    assert read(first + second) == Identify(protocols=("/a", "/b"), agent="new", observed=b"\x01", addresses=(b"\x02",))


def test_unknown_fields_are_passed_over() -> None:
    # 8 is the signed peer record of today.
    message = encode_bytes_field(8, b"record") + encode_varint_field(99, 5) + encode_bytes_field(6, b"agent")
    assert read(framed(message)) == Identify(agent="agent")


def test_an_empty_message_says_nothing() -> None:
    assert read(b"\0") == Identify()


def test_texts_that_are_no_text_are_no_end_of_it() -> None:
    assert read(framed(encode_bytes_field(6, b"a\xff"))).agent == "a\ufffd"


def test_another_key_than_the_connections() -> None:
    with pytest.raises(ProtocolError, match="not the one of the connection"):
        FULL.check(Identity.secp256k1(6).public.encoded)
    Identify(agent="no key at all").check(KEY)


@pytest.mark.parametrize(
    "pieces", [(), (b"",), (b"\x05",), (b"\x80",), (FULL.encode()[:-1],), (FULL.encode(), b"\x01")]
)
def test_the_stream_ended_too_early(pieces: tuple[bytes, ...]) -> None:
    with pytest.raises(ProtocolError, match="ended before its message did"):
        read(*pieces)


def test_what_came_whole_is_counted() -> None:
    reader = IdentifyReader()
    wire = FULL.encode()
    reader.receive_data(wire[:-1])
    assert reader.messages == 0
    reader.receive_data(wire[-1:] + wire)
    assert reader.messages == 2


def test_bounds_are_reached() -> None:
    message = encode_bytes_field(99, bytes(MAX_MESSAGE - 4))
    assert len(message) == MAX_MESSAGE
    read(framed(message))
    read(*[b"\0"] * MAX_MESSAGES)
    read(framed(encode_bytes_field(2, b"") * MAX_ADDRESSES))
    read(framed(encode_bytes_field(3, b"") * MAX_PROTOCOLS))
    read(framed(encode_bytes_field(6, b"x" * MAX_NAME)))


OVER = {
    "message": (varint.encode(MAX_MESSAGE + 1), f"a message of {MAX_MESSAGE + 1} bytes"),
    "length": (b"\xff\xff\xff\xff", "the length of a message"),
    "messages": (b"\0" * (MAX_MESSAGES + 1), f"more than {MAX_MESSAGES} messages"),
    "total": (framed(encode_bytes_field(99, bytes(8000))) * 9, f"more than {MAX_TOTAL} bytes"),
    "addresses": (framed(encode_bytes_field(2, b"") * (MAX_ADDRESSES + 1)), f"more than {MAX_ADDRESSES} addresses"),
    "addresses of several messages": (
        framed(encode_bytes_field(2, b"") * MAX_ADDRESSES) + framed(encode_bytes_field(2, b"")),
        f"more than {MAX_ADDRESSES} addresses",
    ),
    "protocols": (framed(encode_bytes_field(3, b"") * (MAX_PROTOCOLS + 1)), f"more than {MAX_PROTOCOLS} protocols"),
    "fields": (framed(encode_varint_field(99, 0) * 2000), "more than 1296 fields"),
    "changes": (
        framed(encode_bytes_field(7, encode_bytes_field(1, b"") * 700)) * 2,
        f"more than {MAX_PROTOCOLS} changes",
    ),
    "fields of a delta": (
        framed(encode_bytes_field(7, encode_bytes_field(9, b"") * (MAX_PROTOCOLS + 1))),
        f"more than {MAX_PROTOCOLS} fields",
    ),
    "a name": (framed(encode_bytes_field(3, b"x" * (MAX_NAME + 1))), f"a text of {MAX_NAME + 1} bytes"),
    "an agent": (framed(encode_bytes_field(6, b"x" * (MAX_NAME + 1))), f"a text of {MAX_NAME + 1} bytes"),
    "a number for a key": (framed(encode_varint_field(1, 5)), "field 1 is a number"),
    "a number for a protocol": (framed(encode_varint_field(3, 5)), "field 3 is a number"),
    "cut": (framed(encode_bytes_field(6, b"agent")[:-1]), "protobuf"),
}


@pytest.mark.parametrize("case", OVER)
def test_over_a_bound_or_malformed(case: str) -> None:
    wire, words = OVER[case]
    with pytest.raises(ProtocolError, match=words):
        read(wire)


def test_what_others_would_not_read_is_not_sent() -> None:
    with pytest.raises(ValueError, match="other hosts read 8192 at most"):
        Identify(protocols=tuple(f"/{number:0100}" for number in range(80))).encode()


TEXTS = st.text(max_size=20)
NAMES = st.lists(TEXTS, max_size=5).map(tuple)
BYTES = st.binary(max_size=30)


@settings(deadline=None)
@given(
    st.builds(
        Identify,
        public_key=st.none() | BYTES,
        addresses=st.lists(BYTES, max_size=5).map(tuple),
        protocols=NAMES,
        observed=st.none() | BYTES,
        protocol_version=st.none() | TEXTS,
        agent=st.none() | TEXTS,
        added=NAMES,
        removed=NAMES,
    )
)
def test_what_was_encoded_is_read(said: Identify) -> None:
    assert read(said.encode()) == said


@settings(deadline=None)
@given(st.binary(max_size=300), st.integers(1, 40))
def test_any_bytes(data: bytes, step: int) -> None:
    with suppress(ProtocolError):
        read(*(data[at : at + step] for at in range(0, len(data), step)))


@settings(deadline=None)
@given(st.integers(0, len(FULL.encode()) - 1), st.integers(1, 255))
def test_recorded_bytes_mutated(place: int, change: int) -> None:
    wire = FULL.encode()
    try:
        found = read(wire[:place] + bytes((wire[place] ^ change,)) + wire[place + 1 :])
    except ProtocolError:
        return
    assert found != FULL
