from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyrum_sync.engine.network.errors import ProtocolError
from pyrum_sync.engine.network.gossip.rpc import (
    MAX_FIELDS,
    Rpc,
    WireMessage,
    decode_rpc,
    encode_control,
    encode_dont_want,
    encode_graft,
    encode_ihave,
    encode_iwant,
    encode_message,
    encode_prune,
    encode_subscription,
)
from pyrum_sync.engine.network.protobuf import encode_bytes_field, encode_varint_field

OPTIONAL = st.none() | st.binary(max_size=40)
MESSAGES = st.builds(
    WireMessage, st.binary(max_size=20), st.binary(max_size=60), OPTIONAL, OPTIONAL, OPTIONAL, OPTIONAL
)
TOPICS = st.binary(max_size=20)
IDS = st.lists(st.binary(max_size=30), max_size=5)


def test_the_bytes_that_go_writes() -> None:
    rpc = encode_subscription(b"ab", subscribe=True) + encode_message(WireMessage(b"ab", b"d", b"p", b"s"))
    assert rpc.hex() == "0a06" + "0801" + "12026162" + "120d" + "0a0170" + "120164" + "1a0173" + "22026162"


def test_what_go_wrote() -> None:
    # an RPC with one of everything, marshalled by the pb package of go-libp2p-pubsub 0.3.3
    rpc = bytes.fromhex(
        "0a06080112026162120d0a01701201641a0173220261621a290a0b0a0261621202ff3112013212070a02ff310a0132"
        "1a040a026162220b0a02616212030a0178183c"
    )
    assert decode_rpc(rpc) == Rpc(
        [(True, b"ab")],
        [WireMessage(b"ab", b"d", b"p", b"s")],
        [(b"ab", [b"\xff1", b"2"])],
        [b"\xff1", b"2"],
        [b"ab"],
        [(b"ab", 60)],
    )


@given(
    st.lists(st.tuples(st.booleans(), TOPICS), max_size=4),
    st.lists(MESSAGES, max_size=4),
    st.lists(st.tuples(TOPICS, IDS), max_size=4),
    IDS,
    st.lists(TOPICS, max_size=4),
    st.lists(st.tuples(TOPICS, st.integers(0, 2**64 - 1)), max_size=4),
    IDS,
)
def test_what_was_written_is_read(
    subscriptions: list[tuple[bool, bytes]],
    messages: list[WireMessage],
    ihave: list[tuple[bytes, list[bytes]]],
    iwant: list[bytes],
    graft: list[bytes],
    prune: list[tuple[bytes, int]],
    dont_want: list[bytes],
) -> None:
    parts = [encode_subscription(topic, subscribe=value) for value, topic in subscriptions]
    parts += [encode_message(message) for message in messages]
    parts.append(
        encode_control(
            [
                *(encode_ihave(topic, ids) for topic, ids in ihave),
                encode_iwant(iwant),
                *(encode_graft(topic) for topic in graft),
                *(encode_prune(topic, seconds) for topic, seconds in prune),
                encode_dont_want(dont_want),
            ]
        )
    )
    assert decode_rpc(b"".join(parts)) == Rpc(subscriptions, messages, ihave, iwant, graft, prune, dont_want)


def test_an_empty_field_differs_from_a_missing_one() -> None:
    message = WireMessage(b"t", b"", b"", None, b"", None)
    assert decode_rpc(encode_message(message)).messages == [message]


@pytest.mark.parametrize("topics", [[], [b"a", b"b"], [b"a", b"a"], [b"a", b"b", b"c"]])
def test_a_message_has_one_topic(topics: list[bytes]) -> None:
    rpc = encode_bytes_field(2, b"".join(encode_bytes_field(4, topic) for topic in topics))
    assert decode_rpc(rpc).messages == [WireMessage(None)]


def test_unknown_fields_and_recommended_peers_are_passed_over() -> None:
    prune = encode_bytes_field(1, b"t") + encode_bytes_field(2, encode_bytes_field(1, b"peer")) + b"\x18\x05"
    control = encode_bytes_field(4, prune) + encode_bytes_field(6, b"extensions") + encode_varint_field(9, 1)
    rpc = encode_bytes_field(3, control) + encode_bytes_field(10, b"partial") + encode_varint_field(77, 3)
    rpc += encode_bytes_field(2, encode_bytes_field(4, b"t") + encode_varint_field(9, 1))
    assert decode_rpc(rpc) == Rpc(messages=[WireMessage(b"t")], prune=[(b"t", 5)])


@pytest.mark.parametrize(
    "rpc",
    [
        encode_varint_field(1, 5),
        encode_varint_field(2, 5),
        encode_varint_field(3, 5),
        encode_bytes_field(1, encode_bytes_field(1, b"yes")),
        encode_bytes_field(2, encode_varint_field(2, 1)),
        encode_bytes_field(3, encode_varint_field(1, 1)),
        encode_bytes_field(3, encode_bytes_field(4, encode_bytes_field(3, b"60"))),
        b"\x0a",
        b"\x0a\x05ab",
        encode_bytes_field(2, encode_varint_field(9, 0) * 17),
    ],
)
def test_what_is_no_rpc_is_refused(rpc: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode_rpc(rpc)


def test_fields_are_counted_over_all_parts() -> None:
    message = encode_message(WireMessage(b"t", b"d"))  # 3 fields with its own
    most = MAX_FIELDS // 3
    assert len(decode_rpc(message * most).messages) == most
    with pytest.raises(ProtocolError, match="more than 65536 fields"):
        decode_rpc(message * (most + 1))
    with pytest.raises(ProtocolError, match="more than 65536 fields"):
        decode_rpc(encode_control([encode_iwant([b""] * MAX_FIELDS)]))


def test_what_is_signed() -> None:
    message = WireMessage(b"t", b"d", b"p", b"s", b"signature", b"key")
    assert message.signed_bytes() == b"libp2p-pubsub:" + bytes.fromhex("0a01701201641a0173220174")
