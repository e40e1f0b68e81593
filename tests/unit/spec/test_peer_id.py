"""Peer ids."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyrum_sync.spec import base58, multibase, peer_id, secp256k1
from pyrum_sync.spec.peer_id import KeyType
from tests.unit.spec.reading import tried

_ED25519 = bytes.fromhex("1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e")
_SECP256K1 = bytes.fromhex("037777e994e452c21604f91de093ce415f5432f701dd8cd1a7a6fea0e630bfca99")
_HASHED = "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N"
_ALICE = peer_id.from_secp256k1(secp256k1.public_key(1))


def test_the_public_keys_of_the_specification() -> None:
    # libp2p/specs, peer-ids: test vectors
    assert peer_id.encode_public_key(KeyType.ED25519, _ED25519) == bytes.fromhex("08011220") + _ED25519
    assert peer_id.encode_public_key(KeyType.SECP256K1, _SECP256K1) == bytes.fromhex("08021221") + _SECP256K1
    for key_type, key in ((KeyType.ED25519, _ED25519), (KeyType.SECP256K1, _SECP256K1), (KeyType.ECDSA, b"x" * 91)):
        assert peer_id.decode_public_key(peer_id.encode_public_key(key_type, key)) == (key_type, key)


def test_short_keys_are_inside_and_long_ones_hashed() -> None:
    inside = peer_id.from_public_key(peer_id.encode_public_key(KeyType.ED25519, _ED25519))
    assert inside.startswith("12D3KooW")
    assert peer_id.public_key(inside) == (KeyType.ED25519, _ED25519)
    rsa = peer_id.from_public_key(peer_id.encode_public_key(KeyType.RSA, b"\x30\x82" + bytes(292)))
    assert rsa.startswith("Qm")
    assert peer_id.to_bytes(rsa)[:2] == b"\x12\x20"
    assert peer_id.public_key(rsa) is None


@pytest.mark.parametrize(("size", "code"), [(42, 0x00), (43, 0x12)])
def test_from_which_length_on_a_key_is_hashed(size: int, code: int) -> None:
    message = peer_id.encode_public_key(KeyType.ECDSA, bytes(size - 4))
    assert len(message) == size
    assert peer_id.to_bytes(peer_id.from_public_key(message))[0] == code


def test_of_a_secp256k1_key() -> None:
    assert _ALICE == "16Uiu2HAm3cuhhRL2msUuLF62KRSfneFDx94RsuouyW25Ho42cFMq"
    assert peer_id.from_secp256k1(secp256k1.compress(secp256k1.G)) == _ALICE
    assert peer_id.secp256k1_key(_ALICE) == secp256k1.compress(secp256k1.G)


def test_node_id() -> None:
    # EIP-778's example
    key = secp256k1.public_key(0xB71C71A67E1177AD4E901695E1B4B9EE17AE16C6668D313EAC2F96DBCDA3F291)
    node = "a448f24c6d18e575453db13171562b71999873db5b286df957af199ec94617f7"
    assert peer_id.node_id_of_key(key) == peer_id.node_id(peer_id.from_secp256k1(key)) == node


@pytest.mark.parametrize(
    "peer", [_HASHED, peer_id.from_public_key(peer_id.encode_public_key(KeyType.ED25519, _ED25519))]
)
def test_an_id_without_a_secp256k1_key(peer: str) -> None:
    with pytest.raises(ValueError, match="holds no secp256k1 key"):
        peer_id.secp256k1_key(peer)
    with pytest.raises(ValueError, match="holds no secp256k1 key"):
        peer_id.node_id(peer)


def test_a_node_id_of_what_is_no_point() -> None:
    peer = peer_id.from_secp256k1(b"\x02" + bytes(32))
    with pytest.raises(ValueError, match="not on the curve"):
        peer_id.node_id(peer)


# Each as a real Rumor reads it.
@pytest.mark.parametrize(
    ("text", "peer"),
    [
        (_ALICE, _ALICE),
        (_HASHED, _HASHED),
        ("11", "11"),
        ("176", "176"),
        ("bafzbeie5745rpv2m6tjyuugywy4d5ewrqgqqhfnf445he3omzpjbx5xqxe", _HASHED),
        (
            "k51qzi5uqu5dj16qyiq0tajolkojyl9qdkr254920wxv7ghtuwcz593tp69z9m",
            "12D3KooWHWixTFPxeJntamjHHZ5t4exgTTzjSdUHZQiRbv1PPwAR",
        ),
        (
            "zKPJ7QRXxW7mHFSCTm7HpjH5i2YtnkBGr8E2yVy2Yep1Xu1cqHqYVb8x",
            "16Uiu2HAm8kegYGp6XeybmZAuNcnLosyjsRwZ44yLgfEuqLqYL9zt",
        ),
        (
            "f017200250802122102c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5",
            "16Uiu2HAm8kegYGp6XeybmZAuNcnLosyjsRwZ44yLgfEuqLqYL9zt",
        ),
    ],
)
def test_both_forms(text: str, peer: str) -> None:
    assert peer_id.parse(text) == peer


# In a real Rumor's words.
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "cid too short"),
        ("x", "cid too short"),
        ("1", r"multihash too short\. must be >= 2 bytes"),
        ("111", "multihash length inconsistent: expected 0, got 0"),
        ("Qm", "length greater than remaining number of bytes in buffer"),
        (_HASHED[:-1], "multihash length inconsistent: expected 2, got 2"),
        (_ALICE + "1", "multihash length inconsistent: expected 8, got 8"),
        (_ALICE[:-1], "length greater than remaining number of bytes in buffer"),
        (_ALICE + "l", "input isn't valid multihash"),
        ("1é", "input isn't valid multihash"),
        ("zzzz", "expected 1 as the cid version number, got: 2"),
        ("baa", "expected 1 as the cid version number, got: 0"),
        ("b!!", "illegal base32 data at input byte 0"),
        ("hello", "selected encoding not supported"),
        (multibase.encode_base32(b"\x01\x72\x00\x25\x08"), "length greater than remaining"),
    ],
)
def test_rumors_words(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^failed to parse peer ID: {message}"):
        peer_id.parse(text)


def test_a_cid_of_something_else() -> None:
    digits = peer_id.to_bytes(_ALICE).hex()
    with pytest.raises(ValueError, match=r"^can't convert CID of type protobuf to a peer ID$"):
        peer_id.parse("f0170" + digits)
    with pytest.raises(ValueError, match=r"^can't convert CID of type 0x1 to a peer ID$"):
        peer_id.parse("f0101" + digits)


@pytest.mark.parametrize("text", ["f80", "f01", "f0180", "f0172", "f017200", "f8100"])
def test_a_cid_cut_off(text: str) -> None:
    with pytest.raises(ValueError, match="failed to parse peer ID: "):
        peer_id.parse(text)


@pytest.mark.parametrize(
    ("multihash", "message"),
    [
        (bytes((0x11, 20)) + bytes(20), "unknown multihash code"),
        (bytes((0x12, 31)) + bytes(31), "has 32 bytes, not 31"),
        (bytes((0x00, 43)) + bytes(43), "past 42 bytes a peer id is a hash"),
        (b"\x80\x00" + b"\x00", "longer than its value"),
        (b"\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "length greater than remaining"),
        (b"\xff" * 20, "varint of more than"),
    ],
)
def test_hashes_that_no_peer_has(multihash: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        peer_id.from_bytes(multihash)


def test_a_text_that_is_too_long() -> None:
    with pytest.raises(ValueError, match="129 characters, the most is 128"):
        peer_id.parse("1" * 129)


@pytest.mark.parametrize("peer", [_ALICE, _HASHED, "11"])
def test_as_a_cid_and_back(peer: str) -> None:
    cid = peer_id.to_cid(peer)
    assert cid.startswith("baf")
    assert peer_id.parse(cid) == peer
    assert peer_id.to_bytes(cid) == peer_id.to_bytes(peer)
    assert peer_id.to_cid(cid) == cid


def test_the_cid_of_a_secp256k1_key() -> None:
    assert peer_id.to_cid(_ALICE).startswith("bafzaajiiaijcc")


@pytest.mark.parametrize(
    ("message", "wrong"),
    [
        (b"", "two fields"),
        (b"\x08\x02\x12", "two fields"),
        (b"\x12\x02\x08\x01", "two fields"),
        (b"\x08\x04\x12\x00", "unknown type 4"),
        (b"\x08\xff\x12\x00", "unknown type 255"),
        (b"\x08\x00\x12\x01", "length is not that of its data"),
        (b"\x08\x00\x12\x01ab", "length is not that of its data"),
        (b"\x08\x00\x12\x81", "length is not that of its data"),
        (b"\x08\x00\x12\x81\x00a", "longer than its value"),
        (b"\x08\x02\x12\x20" + bytes(32), "SECP256K1 has 33 bytes, not 32"),
        (b"\x08\x01\x12\x21" + bytes(33), "ED25519 has 32 bytes, not 33"),
        (bytes(4097), "4097 bytes, the most is 4096"),
    ],
)
def test_what_is_no_public_key(message: bytes, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        peer_id.decode_public_key(message)


def test_an_id_that_holds_no_key() -> None:
    with pytest.raises(ValueError, match="not a libp2p public key"):
        peer_id.public_key("11")


@given(st.binary(max_size=50) | st.binary(max_size=40).map(lambda data: bytes((0, len(data))) + data))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        peer = peer_id.from_bytes(data)
    except ValueError:
        return
    assert peer_id.to_bytes(peer) == data
    assert base58.decode(peer) == data
    try:
        found = peer_id.public_key(peer)
    except ValueError:
        return
    if found is not None:
        assert peer_id.from_public_key(peer_id.encode_public_key(*found)) == peer


@given(
    st.text(max_size=30)
    | st.tuples(st.sampled_from(["1", "Qm", "b", "z", "k", "f", "f0172"]), st.text(max_size=60)).map("".join)
)
def test_any_text_is_read_or_refused(text: str) -> None:
    peer, refusal = tried(peer_id.parse, text)
    if peer is None:
        assert refusal.startswith(("failed to parse peer ID: ", "can't convert CID"))
        return
    assert peer_id.parse(peer) == peer


@given(st.binary(max_size=60))
def test_any_cid_is_read_or_refused(data: bytes) -> None:
    try:
        peer = peer_id.parse(multibase.encode_base32(b"\x01\x72" + data))
    except ValueError:
        return
    assert peer_id.to_bytes(peer) == data
