from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from pyrum_sync.engine.network.errors import ProtocolError
from pyrum_sync.engine.network.libp2p.identity import Identity, PublicKey
from pyrum_sync.engine.network.protobuf import encode_bytes_field, encode_varint_field
from pyrum_sync.spec.peer_id import KeyType

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
MESSAGE = b"noise-libp2p-static-key:" + bytes(range(32))


def encoded(kind: int, data: bytes) -> bytes:
    return encode_varint_field(1, kind) + encode_bytes_field(2, data)


def der(key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.mark.parametrize("kind", [KeyType.SECP256K1, KeyType.ED25519])
def test_an_own_identity_proves_itself(kind: KeyType) -> None:
    identity = Identity.generate(kind)
    signature = identity.sign(MESSAGE)
    key = PublicKey.decode(identity.public.encoded)
    assert key == identity.public
    assert key.type is kind
    assert key.peer_id == identity.peer_id
    assert key.verify(MESSAGE, signature)
    assert not key.verify(MESSAGE + b"x", signature)
    assert not key.verify(MESSAGE, signature[:-1])
    assert not key.verify(MESSAGE, b"")
    assert not Identity.generate(kind).public.verify(MESSAGE, signature)


@pytest.mark.parametrize("kind", [KeyType.RSA, KeyType.ECDSA])
def test_no_own_identity_of_other_kinds(kind: KeyType) -> None:
    with pytest.raises(ValueError, match=f"not {kind.name}"):
        Identity.generate(kind)


def test_a_given_secret_makes_the_known_public_key() -> None:
    # The generator itself, and the test vector 1 of RFC 8032.
    assert Identity.secp256k1(1).public.encoded == bytes.fromhex(
        "080212210279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
    )
    assert Identity.secp256k1((1).to_bytes(32, "big")).peer_id == Identity.secp256k1(1).peer_id
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    assert Identity.ed25519(seed).public.encoded == bytes.fromhex(
        "08011220d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    )
    assert Identity.ed25519(seed).sign(b"").hex().startswith("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974")


@pytest.mark.parametrize("secret", [0, -1, ORDER, 2**256])
def test_a_secret_out_of_range_is_refused(secret: int) -> None:
    with pytest.raises(ValueError, match="secp256k1 secret"):
        Identity.secp256k1(secret)


def test_signatures_have_the_lower_s() -> None:
    # OpenSSL makes the higher one half the time.
    identity = Identity.secp256k1(7)
    for number in range(24):
        _, s = utils.decode_dss_signature(identity.sign(bytes((number,))))
        assert s <= ORDER // 2


def test_a_signature_with_the_higher_s_is_accepted() -> None:
    # Go's libraries of 2020 made some.
    identity = Identity.secp256k1(7)
    r, s = utils.decode_dss_signature(identity.sign(MESSAGE))
    assert identity.public.verify(MESSAGE, utils.encode_dss_signature(r, ORDER - s))


def test_rsa(rsa_key: rsa.RSAPrivateKey) -> None:
    key = PublicKey.decode(encoded(0, der(rsa_key.public_key())))
    signature = rsa_key.sign(MESSAGE, padding.PKCS1v15(), SHA256())
    assert key.type is KeyType.RSA
    assert key.verify(MESSAGE, signature)
    assert not key.verify(MESSAGE, signature[:-1] + bytes((signature[-1] ^ 1,)))
    assert not key.verify(MESSAGE, bytes(1025))
    assert key.peer_id.startswith("Qm")
    assert len(key.peer_id) == 46


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()])
def test_ecdsa(curve: ec.EllipticCurve) -> None:
    private = ec.generate_private_key(curve)
    key = PublicKey.decode(encoded(3, der(private.public_key())))
    assert key.type is KeyType.ECDSA
    assert key.verify(MESSAGE, private.sign(MESSAGE, ec.ECDSA(SHA256())))
    assert not key.verify(MESSAGE[:-1], private.sign(MESSAGE, ec.ECDSA(SHA256())))


def test_the_secret_is_not_shown() -> None:
    identity = Identity.secp256k1(0x1234567890)
    assert "1234567890" not in repr(identity)
    assert identity.peer_id in repr(identity)


MALFORMED = {
    "no key": (encode_varint_field(1, 2), "two fields"),
    "no type": (encode_bytes_field(2, bytes(33)), "two fields"),
    "nothing": (b"", "two fields"),
    "type unknown": (encoded(4, bytes(33)), "unknown type 4"),
    "key twice": (encoded(2, bytes(33)) + encode_bytes_field(2, bytes(33)), "its length is not that of its data"),
    "cut": (encoded(2, bytes(33))[:-1], "its length is not that of its data"),
    "secp256k1 uncompressed": (encoded(2, b"\x04" + bytes(64)), "SECP256K1 has 33 bytes, not 65"),
    "secp256k1 of no point": (encoded(2, b"\x02" + b"\xff" * 32), "not a key of SECP256K1"),
    "secp256k1 at infinity": (encoded(2, bytes(33)), "not a key of SECP256K1"),
    "ed25519 too long": (encoded(1, bytes(64)), "ED25519 has 32 bytes, not 64"),
    "rsa of garbage": (encoded(0, b"garbage"), "not a key of RSA"),
    "ecdsa of garbage": (encoded(3, b"\x30\x03\x01\x01\x01"), "not a key of ECDSA"),
    "too long": (encoded(0, bytes(2048)), "at most 2048"),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed_keys(case: str) -> None:
    data, words = MALFORMED[case]
    with pytest.raises(ProtocolError, match=words):
        PublicKey.decode(data)


def test_der_of_another_kind_than_it_says(rsa_key: rsa.RSAPrivateKey) -> None:
    with pytest.raises(ProtocolError, match="says ECDSA and is another kind"):
        PublicKey.decode(encoded(3, der(rsa_key.public_key())))
    with pytest.raises(ProtocolError, match="says RSA and is another kind"):
        PublicKey.decode(encoded(0, der(ed25519.Ed25519PrivateKey.generate().public_key())))


def test_weak_keys_are_refused() -> None:
    # Made by hand: today's libraries make no such keys any more.
    weak = rsa.RSAPublicNumbers(65537, 2**1024 - 105).public_key()
    with pytest.raises(ProtocolError, match=r"RSA of 1024 bits|not a key of RSA"):
        PublicKey.decode(encoded(0, der(weak)))
    with pytest.raises(ProtocolError, match="curve secp256k1 is not accepted"):
        PublicKey.decode(encoded(3, der(ec.derive_private_key(5, ec.SECP256K1()).public_key())))


@settings(deadline=None)
@given(st.binary(max_size=120) | st.builds(encoded, st.integers(0, 5), st.binary(max_size=120)))
def test_any_bytes_are_a_key_or_refused(data: bytes) -> None:
    try:
        key = PublicKey.decode(data)
    except ProtocolError:
        return
    assert not key.verify(MESSAGE, bytes(64))


@settings(deadline=None)
@given(st.binary(max_size=90))
def test_any_signature_is_false(signature: bytes) -> None:
    assert not Identity.secp256k1(3).public.verify(MESSAGE, signature)
