"""The handshake held against published vectors and against another implementation of Noise."""

from __future__ import annotations

from typing import Any, cast

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from pyrum_sync.engine.network.errors import ProtocolError
from pyrum_sync.engine.network.libp2p.noise_xx import LAST_NONCE, Cipher, Handshake

from .noise_vectors import CACOPHONY, SNOW, Vector

# Points of small order (RFC 7748 section 6; "May the Fourth" list of libsodium), little-endian.
LOW_ORDER = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]


def private(text: str) -> X25519PrivateKey:
    return X25519PrivateKey.from_private_bytes(bytes.fromhex(text))


def both(vector: Vector) -> tuple[Handshake, Handshake]:
    prologue = bytes.fromhex(vector.prologue)
    return (
        Handshake(
            initiator=True,
            static=private(vector.init_static),
            ephemeral=private(vector.init_ephemeral),
            prologue=prologue,
        ),
        Handshake(
            initiator=False,
            static=private(vector.resp_static),
            ephemeral=private(vector.resp_ephemeral),
            prologue=prologue,
        ),
    )


@pytest.mark.parametrize("vector", [CACOPHONY, SNOW], ids=["cacophony", "snow"])
def test_published_vectors(vector: Vector) -> None:
    initiator, responder = both(vector)
    messages = [(bytes.fromhex(text), bytes.fromhex(sealed)) for text, sealed in vector.messages]
    sender, receiver = initiator, responder
    for text, sealed in messages[:3]:
        assert sender.write(text) == sealed
        assert receiver.read(sealed) == text
        sender, receiver = receiver, sender
    assert initiator.complete
    assert responder.complete
    assert initiator.hash == responder.hash
    if vector.handshake_hash is not None:
        assert initiator.hash.hex() == vector.handshake_hash
    assert initiator.remote_static == private(vector.resp_static).public_key().public_bytes_raw()
    assert responder.remote_static == private(vector.init_static).public_key().public_bytes_raw()
    (i_sends, i_receives), (r_sends, r_receives) = initiator.split(), responder.split()
    for number, (text, sealed) in enumerate(messages[3:]):  # the responder has the word now
        sends, receives = (r_sends, i_receives) if number % 2 == 0 else (i_sends, r_receives)
        assert sends.encrypt(text) == sealed
        assert receives.decrypt(sealed) == text


@pytest.mark.parametrize("we_initiate", [True, False])
def test_against_another_implementation(we_initiate: bool) -> None:
    noise: Any = pytest.importorskip("noise.connection", reason="needs noiseprotocol (pip install noiseprotocol)")
    theirs = noise.NoiseConnection.from_name(b"Noise_XX_25519_ChaChaPoly_SHA256")
    static = X25519PrivateKey.generate()
    theirs.set_keypair_from_private_bytes(noise.Keypair.STATIC, static.private_bytes_raw())
    theirs.set_prologue(b"both know it")
    if we_initiate:
        theirs.set_as_responder()
    else:
        theirs.set_as_initiator()
    theirs.start_handshake()
    ours = Handshake(initiator=we_initiate, static=X25519PrivateKey.generate(), prologue=b"both know it")
    our_turn = we_initiate
    for payload in (b"", b"the responder's", b"x" * 1000):
        if our_turn:
            assert theirs.read_message(ours.write(payload)) == payload
        else:
            assert ours.read(bytes(theirs.write_message(payload))) == payload
        our_turn = not our_turn
    assert ours.complete
    assert theirs.handshake_finished
    assert ours.hash == theirs.get_handshake_hash()
    assert ours.remote_static == static.public_key().public_bytes_raw()
    sends, receives = ours.split()
    for size in (0, 1, 100, 65_000):
        assert theirs.decrypt(sends.encrypt(bytes(size))) == bytes(size)
        assert receives.decrypt(bytes(theirs.encrypt(bytes(size)))) == bytes(size)


def fresh() -> tuple[Handshake, Handshake]:
    return (
        Handshake(initiator=True, static=X25519PrivateKey.generate()),
        Handshake(initiator=False, static=X25519PrivateKey.generate()),
    )


def test_sides_with_different_prologues_do_not_meet() -> None:
    initiator = Handshake(initiator=True, static=X25519PrivateKey.generate(), prologue=b"a")
    responder = Handshake(initiator=False, static=X25519PrivateKey.generate(), prologue=b"b")
    responder.read(initiator.write())
    with pytest.raises(ProtocolError, match="changed, or encrypted with another key"):
        initiator.read(responder.write())


@pytest.mark.parametrize("which", [1, 2])
def test_every_byte_of_a_sealed_message_is_guarded(which: int) -> None:
    def message() -> tuple[Handshake, bytes]:
        initiator, responder = both(CACOPHONY)
        responder.read(initiator.write())
        second = responder.write(b"payload")
        if which == 1:
            return initiator, second
        initiator.read(second)
        return responder, initiator.write(b"payload")

    _, sealed = message()
    for place in range(len(sealed)):
        reader, good = message()
        with pytest.raises(ProtocolError, match="noise"):
            reader.read(good[:place] + bytes((good[place] ^ 0x40,)) + good[place + 1 :])
    for cut in range(len(sealed)):
        reader, good = message()
        with pytest.raises(ProtocolError, match="noise"):
            reader.read(good[:cut])


@pytest.mark.parametrize("point", LOW_ORDER)
def test_keys_of_low_order_are_refused(point: str) -> None:
    _, responder = fresh()
    responder.read(bytes.fromhex(point))
    with pytest.raises(ProtocolError, match="low order"):
        responder.write()
    initiator, _ = fresh()
    initiator.write()
    with pytest.raises(ProtocolError, match="low order"):
        initiator.read(bytes.fromhex(point) + bytes(80))


@pytest.mark.parametrize("point", LOW_ORDER)
def test_a_lasting_key_of_low_order_is_refused(point: str) -> None:
    class Forged:
        """A key pair that shows another public key than its own."""

        def public_key(self) -> Forged:
            return self

        def public_bytes_raw(self) -> bytes:
            return bytes.fromhex(point)

        def exchange(self, public: X25519PublicKey) -> bytes:
            return X25519PrivateKey.generate().exchange(public)

    initiator = Handshake(initiator=True, static=X25519PrivateKey.generate())
    responder = Handshake(initiator=False, static=cast(X25519PrivateKey, Forged()))
    responder.read(initiator.write())
    with pytest.raises(ProtocolError, match="low order"):
        initiator.read(responder.write())


def test_an_old_message_is_refused_a_second_time() -> None:
    sends, receives = Cipher(bytes(32)), Cipher(bytes(32))
    first, second = sends.encrypt(b"first"), sends.encrypt(b"second")
    assert receives.decrypt(first) == b"first"
    with pytest.raises(ProtocolError, match="changed"):
        receives.decrypt(first)
    skipping = Cipher(bytes(32))
    with pytest.raises(ProtocolError, match="changed"):
        skipping.decrypt(second)


def test_the_last_nonce_is_the_end() -> None:
    sends, receives = Cipher(bytes(32)), Cipher(bytes(32))
    sends.nonce = receives.nonce = LAST_NONCE
    assert receives.decrypt(sends.encrypt(b"last")) == b"last"
    with pytest.raises(ProtocolError, match="nonces of this connection are used up"):
        sends.encrypt(b"one more")
    with pytest.raises(ProtocolError, match="nonces of this connection are used up"):
        receives.decrypt(bytes(20))


@pytest.mark.parametrize("size", [0, 15])
def test_a_ciphertext_too_short_for_its_tag(size: int) -> None:
    with pytest.raises(ProtocolError, match=f"ciphertext of {size} bytes"):
        Cipher(bytes(32)).decrypt(bytes(size))


@settings(deadline=None)
@given(st.binary(max_size=150))
def test_any_bytes_as_first_and_as_second_message(data: bytes) -> None:
    initiator, responder = both(CACOPHONY)
    initiator.write()
    with pytest.raises(ProtocolError):
        initiator.read(data)
    try:
        responder.read(data)
    except ProtocolError:
        assert len(data) < 32
