from __future__ import annotations

from typing import Any, cast

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from pyrum_sync.engine.network.errors import ProtocolError
from pyrum_sync.engine.network.libp2p.identity import Identity
from pyrum_sync.engine.network.libp2p.noise import (
    MAX_HANDSHAKE_MESSAGE,
    MAX_MUXERS,
    MAX_TEXT,
    Channel,
    NoiseHandshake,
    NoiseKey,
    WrongPeer,
    decode_payload,
    encode_payload,
)
from pyrum_sync.engine.network.libp2p.noise_xx import TAG, Cipher, Handshake
from pyrum_sync.engine.network.protobuf import encode_bytes_field, encode_varint_field
from pyrum_sync.spec.peer_id import KeyType

from .wiring import bytewise, converse, split_at, whole

ALICE, BOB = Identity.secp256k1(11), Identity.secp256k1(22)
KEYS = [X25519PrivateKey.from_private_bytes(bytes((number,)) * 32) for number in range(1, 5)]
SIGNED = b"noise-libp2p-static-key:"


def dialler(muxers: tuple[str, ...] = (), expected: str | None = BOB.peer_id) -> NoiseHandshake:
    key = NoiseKey(ALICE, KEYS[0])
    return NoiseHandshake(initiator=True, key=key, muxers=muxers, expected=expected, ephemeral=KEYS[1])


def listener(muxers: tuple[str, ...] = (), identity: Identity = BOB) -> NoiseHandshake:
    return NoiseHandshake(initiator=False, key=NoiseKey(identity, KEYS[2]), muxers=muxers, ephemeral=KEYS[3])


def channels() -> tuple[Channel, Channel]:
    one, other = dialler(), listener()
    converse(one, other)
    assert one.secured is not None
    assert other.secured is not None
    return one.secured.channel, other.secured.channel


def framed(message: bytes) -> bytes:
    return len(message).to_bytes(2, "big") + message


@pytest.mark.parametrize("kind", [KeyType.SECP256K1, KeyType.ED25519])
@pytest.mark.parametrize("cut", [whole, bytewise])
def test_both_sides_know_each_other(kind: KeyType, cut: Any) -> None:
    bob = Identity.generate(kind)
    one, other = dialler(expected=bob.peer_id), listener(identity=bob)
    converse(one, other, cut)
    assert one.secured is not None
    assert other.secured is not None
    assert one.secured.public_key == bob.public
    assert other.secured.public_key == ALICE.public
    assert one.secured.muxer is other.secured.muxer is None
    sealed = one.secured.channel.encrypt(b"hello")
    assert b"hello" not in sealed
    assert other.secured.channel.receive_data(sealed) == b"hello"
    assert one.secured.channel.receive_data(other.secured.channel.encrypt(b"and you")) == b"and you"


def test_split_at_every_byte() -> None:
    for place in range(300):
        one, other = dialler(), listener()
        converse(one, other, split_at(place))
        assert one.secured is not None
        assert other.secured is not None


def test_what_comes_right_after_the_handshake_is_kept() -> None:
    one, other = dialler(), listener()
    other.receive_data(one.data_to_send())
    one.receive_data(other.data_to_send())
    assert one.secured is not None
    other.receive_data(one.data_to_send() + one.secured.channel.encrypt(b"early") + b"\x00")
    assert other.secured is not None
    assert other.secured.channel.receive_data(b"") == b"early"
    rest = one.secured.channel.encrypt(b"late")
    assert other.secured.channel.receive_data(rest[1:]) == b"late"


@pytest.mark.parametrize(
    ("ours", "theirs", "agreed"),
    [
        (("/yamux/1.0.0", "/mplex/6.7.0"), ("/yamux/1.0.0", "/mplex/6.7.0"), "/yamux/1.0.0"),
        (("/yamux/1.0.0", "/mplex/6.7.0"), ("/mplex/6.7.0", "/yamux/1.0.0"), "/yamux/1.0.0"),
        (("/yamux/1.0.0", "/mplex/6.7.0"), ("/mplex/6.7.0",), "/mplex/6.7.0"),
        (("/mplex/6.7.0",), ("/yamux/1.0.0", "/mplex/6.7.0"), "/mplex/6.7.0"),
        (("/mplex/6.7.0",), ("/yamux/1.0.0",), None),
        (("/yamux/1.0.0",), (), None),
        ((), ("/yamux/1.0.0",), None),
    ],
)
def test_the_first_muxer_of_the_initiator_that_the_responder_has(
    ours: tuple[str, ...], theirs: tuple[str, ...], agreed: str | None
) -> None:
    one, other = dialler(ours), listener(theirs)
    converse(one, other)
    assert one.secured is not None
    assert other.secured is not None
    assert one.secured.muxer == other.secured.muxer == agreed


def test_another_peer_than_the_dialled_one() -> None:
    one, other = dialler(expected=ALICE.peer_id), listener()
    with pytest.raises(WrongPeer, match=f"dialled the peer {ALICE.peer_id}.*is {BOB.peer_id}") as caught:
        converse(one, other)
    assert (caught.value.expected, caught.value.found) == (ALICE.peer_id, BOB.peer_id)
    assert one.secured is None
    assert one.data_to_send() == b""  # it did not introduce itself


class Attacker:
    """Speaks Noise right, and sends the payload of its choice."""

    def __init__(self, *, initiator: bool, payload: bytes, static: X25519PrivateKey = KEYS[2]) -> None:
        self.handshake = Handshake(initiator=initiator, static=static)
        self.payload = payload
        self.out = framed(self.handshake.write()) if initiator else b""

    def receive_data(self, data: bytes) -> None:
        self.handshake.read(data[2:])
        if not self.handshake.complete:
            self.out = framed(self.handshake.write(self.payload))

    def data_to_send(self) -> bytes:
        out, self.out = self.out, b""
        return out


def proof(identity: Identity, static: X25519PrivateKey, prefix: bytes = SIGNED) -> bytes:
    return identity.sign(prefix + static.public_key().public_bytes_raw())


OTHERS_KEY = encode_payload(BOB.public.encoded, proof(ALICE, KEYS[2]))
REPLAYED = encode_payload(BOB.public.encoded, proof(BOB, KEYS[1]))  # his proof of another connection
NO_PREFIX = encode_payload(BOB.public.encoded, proof(BOB, KEYS[2], b""))
BAD_PAYLOADS = {
    "another's key": (OTHERS_KEY, "not proven"),
    "a proof of another connection": (REPLAYED, "not proven"),
    "a signature without the prefix": (NO_PREFIX, "not proven"),
    "an empty signature": (encode_payload(BOB.public.encoded, b""), "not proven"),
    "no signature": (encode_bytes_field(1, BOB.public.encoded), "needs an identity key and a signature"),
    "no key": (encode_bytes_field(2, bytes(70)), "needs an identity key and a signature"),
    "nothing": (b"", "needs an identity key and a signature"),
    "two keys": (
        encode_bytes_field(1, ALICE.public.encoded) + encode_payload(BOB.public.encoded, proof(BOB, KEYS[2])),
        "field 1 of the payload .* comes twice",
    ),
    "two signatures": (
        encode_payload(BOB.public.encoded, proof(BOB, KEYS[2])) + encode_bytes_field(2, b""),
        "field 2 of the payload .* comes twice",
    ),
    "a key of no kind": (encode_payload(b"\x08\x09\x12\x01\x00", b""), "unknown type 9"),
    "garbage": (b"\xff" * 50, "protobuf"),
    "many fields": (encode_varint_field(9, 1) * 17, "more than 16 fields"),
    "many muxers": (
        encode_payload(BOB.public.encoded, proof(BOB, KEYS[2]), ("/m",) * (MAX_MUXERS + 1)),
        f"{MAX_MUXERS + 1} muxers",
    ),
    "endless extensions": (
        encode_bytes_field(1, b"")
        + encode_bytes_field(2, b"")
        + encode_bytes_field(4, encode_bytes_field(1, b"") * (2 * MAX_MUXERS + 1)),
        "more than 64 fields",
    ),
}


@pytest.mark.parametrize("we_initiate", [True, False])
@pytest.mark.parametrize("case", BAD_PAYLOADS)
def test_an_identity_that_is_not_proven(case: str, we_initiate: bool) -> None:
    payload, words = BAD_PAYLOADS[case]
    attacker = Attacker(initiator=not we_initiate, payload=payload)
    victim = dialler() if we_initiate else listener()
    with pytest.raises(ProtocolError, match=words):
        converse(victim, attacker)
    assert victim.secured is None


def test_as_many_muxers_as_allowed() -> None:
    names = tuple(f"/m/{number}" for number in range(MAX_MUXERS))
    assert decode_payload(encode_payload(b"key", b"signature", names)) == (b"key", b"signature", names)


def test_unknown_fields_are_passed_over() -> None:
    payload = encode_payload(b"key", b"signature", ("/yamux/1.0.0",)) + encode_bytes_field(3, b"old data")
    assert decode_payload(payload) == (b"key", b"signature", ("/yamux/1.0.0",))


@pytest.mark.parametrize("we_initiate", [True, False])
def test_a_handshake_message_over_the_limit_is_refused_by_its_length_alone(we_initiate: bool) -> None:
    side = dialler() if we_initiate else listener()
    with pytest.raises(ProtocolError, match=f"of {MAX_HANDSHAKE_MESSAGE + 1} bytes, at most {MAX_HANDSHAKE_MESSAGE}"):
        side.receive_data((MAX_HANDSHAKE_MESSAGE + 1).to_bytes(2, "big"))


def test_a_handshake_message_of_the_limit_is_read() -> None:
    payload = encode_payload(BOB.public.encoded, proof(BOB, KEYS[2]))
    padding = MAX_HANDSHAKE_MESSAGE - 32 - 48 - 16 - len(payload) - 4
    attacker = Attacker(initiator=False, payload=payload + encode_bytes_field(100, bytes(padding))[:-1] + b"\0")
    one = dialler()
    attacker.receive_data(one.data_to_send())
    message = attacker.data_to_send()
    assert len(message) == 2 + MAX_HANDSHAKE_MESSAGE
    one.receive_data(message)
    assert one.secured is not None


def test_the_other_sides_own_message_sent_back() -> None:
    one = dialler()
    first = one.data_to_send()
    with pytest.raises(ProtocolError, match="noise"):
        one.receive_data(first)


def test_a_recorded_handshake_is_of_no_use() -> None:
    one, other = dialler(), listener()
    first = one.data_to_send()
    other.receive_data(first)
    one.receive_data(other.data_to_send())
    third = one.data_to_send()
    fresh = NoiseHandshake(initiator=False, key=NoiseKey(BOB, KEYS[2]))
    fresh.receive_data(first)
    with pytest.raises(ProtocolError, match="changed, or encrypted with another key"):
        fresh.receive_data(third)


@pytest.mark.parametrize("size", [0, 1, MAX_TEXT - 1, MAX_TEXT, MAX_TEXT + 1, 3 * MAX_TEXT + 7])
def test_texts_of_every_size(size: int) -> None:
    one, other = channels()
    text = bytes(range(256)) * (size // 256 + 1)
    text = text[:size]
    sealed = one.encrypt(text)
    count = -(-size // MAX_TEXT)
    assert len(sealed) == size + count * (2 + TAG)
    assert other.receive_data(sealed) == text
    assert other.receive_data(one.encrypt(b"on")) == b"on"


def test_messages_split_at_every_byte_and_byte_by_byte() -> None:
    one, other = channels()
    for _ in range(3):
        sealed = one.encrypt(b"first message") + one.encrypt(b"") + one.encrypt(b"second")
        assert b"".join(other.receive_data(piece) for piece in bytewise(sealed)) == b"first messagesecond"
    for place in range(len(sealed)):
        sealed = one.encrypt(b"first message") + one.encrypt(b"second")
        assert other.receive_data(sealed[:place]) + other.receive_data(sealed[place:]) == b"first messagesecond"


def test_many_messages_at_once() -> None:
    one, other = channels()
    sealed = b"".join(one.encrypt(bytes((number,))) for number in range(256))
    assert other.receive_data(sealed) == bytes(range(256))


def test_a_message_without_text_is_nothing() -> None:
    one, _ = channels()
    sending, receiving = Cipher(bytes(32)), Cipher(bytes(32))
    channel = Channel(sending, receiving)
    assert channel.receive_data(framed(Cipher(bytes(32)).encrypt(b""))) == b""
    assert one.encrypt(b"") == b""


@pytest.mark.parametrize("size", [0, 15])
def test_a_message_too_short_for_its_tag(size: int) -> None:
    one, _ = channels()
    with pytest.raises(ProtocolError, match=f"ciphertext of {size} bytes"):
        one.receive_data(framed(bytes(size)))


def test_replayed_reordered_and_changed_messages_are_refused() -> None:
    for spoil in ("replay", "reorder", "change", "reflect"):
        one, other = channels()
        first, second = one.encrypt(b"first"), one.encrypt(b"second")
        forged = {
            "replay": first + first,
            "reorder": second + first,
            "change": first[:-1] + bytes((first[-1] ^ 1,)),
            "reflect": other.encrypt(b"mine"),
        }[spoil]
        with pytest.raises(ProtocolError, match="changed, or encrypted with another key"):
            other.receive_data(forged)


def record() -> tuple[bytes, bytes, bytes]:
    one, other = dialler(("/yamux/1.0.0",)), listener(("/yamux/1.0.0",))
    first = one.data_to_send()
    other.receive_data(first)
    second = other.data_to_send()
    one.receive_data(second)
    return first, second, one.data_to_send()


RECORDED = record()


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_recorded_bytes_mutated_never_pass(data: st.DataObject) -> None:
    first, second, third = RECORDED
    we_initiate = data.draw(st.booleans())
    stream = second if we_initiate else first + third
    place = data.draw(st.integers(0, len(stream) - 1))
    kind = data.draw(st.sampled_from(["flip", "cut", "insert", "drop"]))
    byte = data.draw(st.integers(1, 255))
    changed = {
        "flip": stream[:place] + bytes((stream[place] ^ byte,)) + stream[place + 1 :],
        "cut": stream[:place],
        "insert": stream[:place] + bytes((byte,)) + stream[place:],
        "drop": stream[:place] + stream[place + 1 :],
    }[kind]
    side = dialler(("/yamux/1.0.0",)) if we_initiate else listener(("/yamux/1.0.0",))
    try:
        for piece in bytewise(changed) if data.draw(st.booleans()) else whole(changed):
            side.receive_data(piece)
    except ProtocolError:
        pass
    # An inserted byte that equals its neighbour changes nothing but the end, where the channel begins.
    assert side.secured is None or changed.startswith(stream)


@settings(deadline=None)
@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_no_handshake(data: bytes, we_initiate: bool) -> None:
    side = dialler() if we_initiate else listener()
    try:
        side.receive_data(data)
    except ProtocolError:
        return
    assert side.secured is None


@settings(deadline=None)
@given(st.lists(st.binary(max_size=200), max_size=20), st.integers(1, 50))
def test_texts_arrive_whole_however_they_are_cut(texts: list[bytes], step: int) -> None:
    sending, receiving = Cipher(bytes(32)), Cipher(bytes(32))
    one, other = Channel(sending, Cipher(bytes(32))), Channel(Cipher(bytes(32)), receiving)
    sealed = b"".join(map(one.encrypt, texts))
    assert b"".join(other.receive_data(sealed[at : at + step]) for at in range(0, len(sealed), step)) == b"".join(texts)


def test_against_another_implementation_of_noise() -> None:
    noise: Any = pytest.importorskip("noise.connection", reason="needs noiseprotocol (pip install noiseprotocol)")
    theirs = noise.NoiseConnection.from_name(b"Noise_XX_25519_ChaChaPoly_SHA256")
    theirs.set_keypair_from_private_bytes(noise.Keypair.STATIC, KEYS[2].private_bytes_raw())
    theirs.set_as_responder()
    theirs.start_handshake()
    one = dialler(("/yamux/1.0.0",))
    assert theirs.read_message(one.data_to_send()[2:]) == b""
    payload = encode_payload(BOB.public.encoded, proof(BOB, KEYS[2]), ("/yamux/1.0.0",))
    one.receive_data(framed(bytes(theirs.write_message(payload))))
    key, signature, muxers = decode_payload(bytes(theirs.read_message(one.data_to_send()[2:])))
    assert key == ALICE.public.encoded
    assert ALICE.public.verify(SIGNED + KEYS[0].public_key().public_bytes_raw(), signature)
    assert muxers == ("/yamux/1.0.0",)
    assert one.secured is not None
    assert one.secured.muxer == "/yamux/1.0.0"
    assert bytes(theirs.decrypt(one.secured.channel.encrypt(b"to them")[2:])) == b"to them"
    assert one.secured.channel.receive_data(framed(bytes(theirs.encrypt(b"to us")))) == b"to us"


def test_one_key_serves_many_connections_and_each_has_ciphers_of_its_own() -> None:
    key = NoiseKey(ALICE)
    sealed = []
    for _ in range(2):
        one, other = NoiseHandshake(initiator=True, key=key), listener()
        converse(one, other)
        assert one.secured is not None
        assert other.secured is not None
        assert other.secured.public_key == ALICE.public
        sealed.append(one.secured.channel.encrypt(b"text"))
    assert sealed[0] != sealed[1]
    assert key.static.private_bytes_raw() != NoiseKey(ALICE).static.private_bytes_raw()


def test_a_key_of_low_order_ends_the_handshake_at_once() -> None:
    other = listener()
    with pytest.raises(ProtocolError, match="low order"):
        other.receive_data(framed(bytes(32)))
    assert other.data_to_send() == b""


def test_wrong_peer_is_a_protocol_error_with_both_ids() -> None:
    error = cast(ProtocolError, WrongPeer("a", "b"))
    assert str(error) == "noise: dialled the peer a, the one that answered is b"
