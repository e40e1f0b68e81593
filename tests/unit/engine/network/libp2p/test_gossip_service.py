"""Signatures of gossip messages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pyrum_sync.engine.network.gossip.rpc import WireMessage
from pyrum_sync.engine.network.libp2p.gossip_service import verify
from pyrum_sync.engine.network.libp2p.identity import Identity
from pyrum_sync.spec.peer_id import KeyType, to_bytes

ALICE, BOB = Identity.secp256k1(1), Identity.secp256k1(2)
EDDY = Identity.generate(KeyType.ED25519)


def signed(identity: Identity, **fields: bytes) -> WireMessage:
    message = WireMessage(b"news", b"data", to_bytes(identity.peer_id), bytes(8))
    message.signature = identity.sign(message.signed_bytes())
    return replace(message, **fields)


@pytest.mark.parametrize("identity", [ALICE, EDDY], ids=["secp256k1", "ed25519"])
def test_its_authors(identity: Identity) -> None:
    assert verify(signed(identity))
    assert verify(signed(identity, key=identity.public.encoded))


@pytest.mark.parametrize(
    "fields",
    [
        {"data": b"other"},
        {"topic": b"other"},
        {"seqno": b"other"},
        {"author": to_bytes(BOB.peer_id)},
        {"author": b"nobody"},
        {"author": b""},
        {"signature": b""},
        {"signature": b"\0" * 70},
        {"signature": bytes(100_000)},
        {"key": BOB.public.encoded},
        {"key": b"no key"},
        {"key": b""},
    ],
    ids=str,
)
def test_nobodys(fields: dict[str, bytes]) -> None:
    assert not verify(signed(ALICE, **fields))


def test_an_author_of_whose_key_only_the_hash_is_known() -> None:
    hashed = bytes((0x12, 32)) + bytes(32)
    assert not verify(signed(ALICE, author=hashed))
    assert not verify(signed(ALICE, author=hashed, key=ALICE.public.encoded))


def test_without_author_or_signature() -> None:
    assert not verify(WireMessage(b"news", b"data"))
    assert not verify(WireMessage(b"news", b"data", signature=ALICE.sign(b"")))
    assert not verify(WireMessage(b"news", b"data", to_bytes(ALICE.peer_id)))
