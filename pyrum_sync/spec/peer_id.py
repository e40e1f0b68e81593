"""libp2p's peer ids: a hash of a public key, or a short key itself, as a multihash.

Everywhere in this package a peer id is a `str`: the multihash in base 58 (``16Uiu2…``, ``12D3…``, ``Qm…``). Its other
form, a CID (``bafz…``), is read and turned into that one.
"""

from __future__ import annotations

import hashlib
from enum import IntEnum
from functools import lru_cache

from pyrum_sync.spec import base58, multibase, secp256k1, varint
from pyrum_sync.spec.keccak import keccak256

_IDENTITY, _SHA256 = 0x00, 0x12
_MAX_INLINED = 42
_MAX_TEXT = 128
_CID_VERSION, _LIBP2P_KEY = 0x01, 0x72
_CODECS = {0x55: "raw", 0x70: "protobuf", 0x71: "cbor"}
_MAX_KEY = 4096


class KeyType(IntEnum):
    """The kinds of public key that libp2p knows."""

    RSA = 0
    ED25519 = 1
    SECP256K1 = 2
    ECDSA = 3


_KEY_SIZES = {KeyType.ED25519: 32, KeyType.SECP256K1: 33}


def encode_public_key(key_type: KeyType, key: bytes) -> bytes:
    """Returns libp2p's protobuf message of a public key: what peer ids are made of, and what identify carries.

    Args:
        key_type: the kind of key.
        key: 33 bytes for secp256k1 (compressed), 32 for Ed25519, DER for RSA and ECDSA.
    """
    return b"\x08" + bytes((key_type,)) + b"\x12" + varint.encode(len(key)) + key


def decode_public_key(message: bytes) -> tuple[KeyType, bytes]:
    """Returns the kind and the bytes of a key in libp2p's protobuf message.

    Raises:
        ValueError: not that message in its one form (type, then data), an unknown kind, or a key of the wrong size.
    """
    if len(message) > _MAX_KEY:
        raise ValueError(f"a public key of {len(message)} bytes, the most is {_MAX_KEY}")
    if len(message) < 4 or message[0] != 0x08 or message[2] != 0x12:
        raise ValueError("not a libp2p public key: it has two fields, its type and its data")
    if message[1] not in KeyType.__members__.values():
        raise ValueError(f"a public key of the unknown type {message[1]}")
    key_type = KeyType(message[1])
    size = varint.decode(message, 3, minimal=True)
    if size is None or size[0] != len(message) - size[1]:
        raise ValueError("not a libp2p public key: its length is not that of its data")
    key = message[size[1] :]
    if len(key) != _KEY_SIZES.get(key_type, len(key)):
        raise ValueError(f"a public key of type {key_type.name} has {_KEY_SIZES[key_type]} bytes, not {len(key)}")
    return key_type, key


def from_public_key(message: bytes) -> str:
    """Returns the peer id of a public key, given as libp2p's protobuf message: the bytes as received."""
    if len(message) <= _MAX_INLINED:
        return base58.encode(bytes((_IDENTITY, len(message))) + message)
    return base58.encode(bytes((_SHA256, 32)) + hashlib.sha256(message).digest())


def from_secp256k1(key: bytes | secp256k1.Point) -> str:
    """Returns the peer id of a secp256k1 key: its 33 bytes, or the point."""
    compressed = key if isinstance(key, bytes) else secp256k1.compress(key)
    return from_public_key(encode_public_key(KeyType.SECP256K1, compressed))


def from_bytes(multihash: bytes) -> str:
    """Returns the peer id that a multihash is.

    Raises:
        ValueError: not the multihash of a peer id, in go-multihash's words.
    """
    if len(multihash) < 2:
        raise ValueError("multihash too short. must be >= 2 bytes")
    code = varint.decode(multihash, minimal=True)
    size = None if code is None else varint.decode(multihash, code[1], minimal=True)
    if code is None or size is None or size[0] > len(multihash) - size[1]:
        raise ValueError("length greater than remaining number of bytes in buffer")
    if size[0] != len(multihash) - size[1]:
        raise ValueError(f"multihash length inconsistent: expected {size[0]}, got {size[0]}")
    if code[0] not in (_IDENTITY, _SHA256):
        raise ValueError("unknown multihash code")
    if code[0] == _SHA256 and size[0] != 32:
        raise ValueError(f"a hash of SHA-256 has 32 bytes, not {size[0]}")
    if size[0] > _MAX_INLINED:
        raise ValueError(f"a key of {size[0]} bytes as it is: past {_MAX_INLINED} bytes a peer id is a hash of the key")
    return base58.encode(multihash)


def parse(text: str) -> str:
    """Returns the peer id in base 58 that a text names, which is a multihash in base 58 or a CID.

    Raises:
        ValueError: in Rumor's words (those of go-libp2p, peer.Decode), where Rumor refuses it.
    """
    if len(text) > _MAX_TEXT:
        raise ValueError(f"failed to parse peer ID: {len(text)} characters, the most is {_MAX_TEXT}")
    is_multihash = text.startswith(("Qm", "1"))
    if is_multihash:
        try:
            multihash = base58.decode(text)
        except ValueError:
            raise ValueError("failed to parse peer ID: input isn't valid multihash") from None
    else:
        multihash = _multihash_of_cid(text)
    try:
        return from_bytes(multihash)
    except ValueError as error:
        raise ValueError(f"failed to parse peer ID: {error}") from None


def _multihash_of_cid(text: str) -> bytes:
    if len(text) < 2:
        raise ValueError("failed to parse peer ID: cid too short")
    try:
        data = multibase.decode(text)
        version = varint.decode(data, minimal=True)
        if version is None:
            raise ValueError("cid too short")
        if version[0] != _CID_VERSION:
            raise ValueError(f"expected 1 as the cid version number, got: {version[0]}")
        codec = varint.decode(data, version[1], minimal=True)
        if codec is None:
            raise ValueError("cid too short")
    except ValueError as error:
        raise ValueError(f"failed to parse peer ID: {error}") from None
    if codec[0] != _LIBP2P_KEY:
        name = _CODECS.get(codec[0], f"{codec[0]:#x}")
        raise ValueError(f"can't convert CID of type {name} to a peer ID")
    return data[codec[1] :]


def to_bytes(peer: str) -> bytes:
    """Returns the multihash of a peer id, in either text form. ValueError: see `parse`."""
    return base58.decode(parse(peer))


def to_cid(peer: str) -> str:
    """Returns a peer id as a CID of version 1 in base 32: ``bafz…``."""
    return multibase.encode_base32(bytes((_CID_VERSION, _LIBP2P_KEY)) + to_bytes(peer))


def public_key(peer: str) -> tuple[KeyType, bytes] | None:
    """Returns the kind and bytes of the key that a peer id holds; None if it holds a hash only.

    Raises:
        ValueError: no peer id, or what it holds is no key.
    """
    multihash = to_bytes(peer)
    return decode_public_key(multihash[2:]) if multihash[0] == _IDENTITY else None


def secp256k1_key(peer: str) -> bytes:
    """Returns the 33 bytes of the secp256k1 key that a peer id holds.

    Raises:
        ValueError: it holds none.
    """
    found = public_key(peer)
    if found is None or found[0] != KeyType.SECP256K1:
        raise ValueError("the peer id holds no secp256k1 key")
    return found[1]


@lru_cache(maxsize=1024)
def node_id(peer: str) -> str:
    """Returns discovery's name for a peer: Keccak-256 of its public key, as hex. ValueError: see `secp256k1_key`."""
    return node_id_of_key(secp256k1.decompress(secp256k1_key(peer)))


def node_id_of_key(key: secp256k1.Point) -> str:
    """Returns discovery's name for a secp256k1 key, as hex."""
    x, y = key
    return keccak256(x.to_bytes(32, "big") + y.to_bytes(32, "big")).hex()
