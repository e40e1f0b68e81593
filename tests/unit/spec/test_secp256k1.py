"""secp256k1."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyrum_sync.spec import secp256k1
from pyrum_sync.spec.secp256k1 import G, N, P

_PRIVATE = st.integers(1, N - 1)
# Not zero: with it both signs of a key fit.
_DIGEST = st.binary(min_size=32, max_size=32).filter(any)


# Multiples of the generator, from the curve's published test points.
@pytest.mark.parametrize(
    ("private", "x", "y"),
    [
        (1, G[0], G[1]),
        (
            2,
            0xC6047F9441ED7D6D3045406E95C07CD85C778E4B8CEF3CA7ABAC09B95C709EE5,
            0x1AE168FEA63DC339A3C58419466CEAEEF7F632653266D0E1236431A950CFE52A,
        ),
        (
            3,
            0xF9308A019258C31049344F85F89D5229B531C845836F99B08601F113BCE036F9,
            0x388F7B0F632DE8140FE337E62A37F3566500A99934C2231B6CB9FD7584B8E672,
        ),
        (N - 1, G[0], P - G[1]),
        (N + 1, G[0], G[1]),
    ],
)
def test_public_keys(private: int, x: int, y: int) -> None:
    assert secp256k1.public_key(private) == (x, y)


@pytest.mark.parametrize("private", [0, N, 2 * N])
def test_a_private_key_without_a_public_one(private: int) -> None:
    with pytest.raises(ValueError, match="invalid private key, not on curve"):
        secp256k1.public_key(private)


# Made by trezor-crypto; Bitcoin's libraries use the same ones for RFC 6979 on this curve.
@pytest.mark.parametrize(
    ("private", "message", "signature"),
    [
        (
            1,
            b"Satoshi Nakamoto",
            "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8"
            "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5",
        ),
        (
            1,
            b"All those moments will be lost in time, like tears in rain. Time to die...",
            "8600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6b"
            "547fe64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21",
        ),
        (
            N - 1,
            b"Satoshi Nakamoto",
            "fd567d121db66e382991534ada77a6bd3106f0a1098c231e47993447cd6af2d0"
            "6b39cd0eb1bc8603e159ef5c20a5c8ad685a45b06ce9bebed3f153d10d93bed5",
        ),
        (
            0xF8B8AF8CE3C7CCA5E300D33939540C10D45CE001B8F252BFBC57BA0342904181,
            b"Alan Turing",
            "7063ae83e7f62bbb171798131b4a0564b956930092b33b07b395615d9ec7e15c"
            "58dfcc1e00a35e1572f366ffe34ba0fc47db1e7189759b9fb233c5b05ab388ea",
        ),
    ],
)
def test_known_signatures(private: int, message: bytes, signature: str) -> None:
    digest = hashlib.sha256(message).digest()
    assert secp256k1.sign(private, digest).hex() == signature
    assert secp256k1.verify(secp256k1.public_key(private), digest, bytes.fromhex(signature))


@settings(max_examples=30, deadline=None)
@given(_PRIVATE, _DIGEST, st.integers(0, 511))
def test_a_signature_holds_for_its_digest_and_key_alone(private: int, digest: bytes, bit: int) -> None:
    key = secp256k1.public_key(private)
    signature = secp256k1.sign(private, digest)
    assert secp256k1.verify(key, digest, signature)
    assert int.from_bytes(signature[32:], "big") <= N // 2
    flipped = (int.from_bytes(signature, "big") ^ 1 << bit).to_bytes(64, "big")
    assert not secp256k1.verify(key, digest, flipped)
    other = (int.from_bytes(digest, "big") ^ 1 << bit % 256).to_bytes(32, "big")
    assert not secp256k1.verify(key, other, signature)
    assert not secp256k1.verify((key[0], P - key[1]), digest, signature)


def test_a_high_s_does_not_count() -> None:
    key, digest = secp256k1.public_key(5), bytes(32)
    signature = secp256k1.sign(5, digest)
    high = N - int.from_bytes(signature[32:], "big")
    assert not secp256k1.verify(key, digest, signature[:32] + high.to_bytes(32, "big"))


@pytest.mark.parametrize("r", [0, N, 2**256 - 1])
@pytest.mark.parametrize("s", [0, 1, N, 2**256 - 1])
def test_numbers_that_no_signature_has(r: int, s: int) -> None:
    signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    assert not secp256k1.verify(G, bytes(32), signature)


def test_what_is_no_signature() -> None:
    signature = secp256k1.sign(1, bytes(32))
    assert secp256k1.verify(G, bytes(32), signature)
    assert not secp256k1.verify(G, bytes(32), signature[:-1])
    assert not secp256k1.verify(G, bytes(32), signature + b"\0")
    assert not secp256k1.verify(G, bytes(31), signature)
    assert not secp256k1.verify((1, 1), bytes(32), signature)
    assert not secp256k1.verify((G[0], G[1] + P), bytes(32), signature)


def test_the_negative_of_the_generator_as_a_key() -> None:
    minus_g = (G[0], P - G[1])
    digest = hashlib.sha256(b"x").digest()
    assert secp256k1.verify(minus_g, digest, secp256k1.sign(N - 1, digest))


def test_a_sum_at_infinity() -> None:
    # with r = -digest mod N and the key G, the point that r is compared with is at infinity
    digest = (5).to_bytes(32, "big")
    signature = (N - 5).to_bytes(32, "big") + (1).to_bytes(32, "big")
    assert not secp256k1.verify(G, digest, signature)


def test_a_nonce_out_of_range_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    # four to begin with; a nonce of zero and what follows it; then one that does
    answers = [b"k", b"v", b"k", b"v", bytes(32), b"k", b"v", b"\xff" * 32, b"k", b"v", (7).to_bytes(32, "big")]
    monkeypatch.setattr(secp256k1, "_hmac", lambda _key, _message: answers.pop(0))
    signature = secp256k1.sign(5, bytes(32))
    assert not answers
    assert int.from_bytes(signature[:32], "big") == secp256k1.public_key(7)[0] % N
    assert secp256k1.verify(secp256k1.public_key(5), bytes(32), signature)


@pytest.mark.parametrize("private", [0, -1, N])
def test_no_private_key(private: int) -> None:
    with pytest.raises(ValueError, match="invalid private key"):
        secp256k1.sign(private, bytes(32))


def test_a_digest_of_the_wrong_length() -> None:
    with pytest.raises(ValueError, match="a digest has 32 bytes, not 31"):
        secp256k1.sign(1, bytes(31))


@settings(max_examples=30, deadline=None)
@given(_PRIVATE)
def test_compressed_and_back(private: int) -> None:
    key = secp256k1.public_key(private)
    assert secp256k1.is_on_curve(key)
    assert secp256k1.decompress(secp256k1.compress(key)) == key


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "0 bytes, not 33"),
        (b"\x02" * 32, "32 bytes, not 33"),
        (b"\x02" * 34, "34 bytes, not 33"),
        (b"\x04" + bytes(32), "begins with 0x04"),
        (b"\x00" + bytes(32), "begins with 0x00"),
        (b"\x02" + bytes(32), "not on the curve"),
        (b"\x02" + (5).to_bytes(32, "big"), "not on the curve"),
        (b"\x02" + b"\xff" * 32, "not on the curve"),
        (b"\x02" + (P + 1).to_bytes(32, "big"), "not on the curve"),
    ],
)
def test_what_is_no_public_key(data: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=f"not a secp256k1 public key: .*{message}"):
        secp256k1.decompress(data)


def test_new_keys_differ() -> None:
    keys = {secp256k1.new_private_key() for _ in range(20)}
    assert len(keys) == 20
    assert all(0 < key < N for key in keys)
