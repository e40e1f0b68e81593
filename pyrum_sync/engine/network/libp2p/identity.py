"""Identity keys: a host's own pair, and the public keys by which other hosts prove who they are.

Own pairs are secp256k1 or Ed25519; of others RSA and ECDSA are accepted, too (libp2p's specification `peer-ids`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from pyrum_sync.engine.network.errors import ProtocolError
from pyrum_sync.spec import peer_id
from pyrum_sync.spec.peer_id import KeyType

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import rsa

_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141  # of secp256k1
_ECDSA = ec.ECDSA(SHA256())
_CURVES = ("secp256r1", "secp384r1", "secp521r1")
_RSA_BITS = range(2048, 8192 + 1)  # as go-libp2p takes them
_MAX_KEY = 2048  # bytes; the longest that is right is RSA of 8192 bits: 1,062
_MAX_SIGNATURE = 1024  # bytes; RSA of 8192 bits


if TYPE_CHECKING:
    _Key: TypeAlias = ec.EllipticCurvePublicKey | Ed25519PublicKey | rsa.RSAPublicKey


@dataclass(frozen=True)
class PublicKey:
    """The identity key of a host.

    Attributes:
        type: Its kind.
        encoded: The protobuf, byte for byte as it was received: the peer id is made of these.
    """

    type: KeyType
    encoded: bytes
    _key: _Key = field(repr=False, compare=False)

    @classmethod
    def decode(cls, encoded: bytes) -> PublicKey:
        """Reads a key's protobuf.

        Raises:
            ProtocolError: It is malformed, of a kind or size that is not accepted, or no point on its curve.
        """
        if len(encoded) > _MAX_KEY:
            raise ProtocolError(f"identity key: {len(encoded)} bytes, at most {_MAX_KEY} are accepted")
        try:
            kind, data = peer_id.decode_public_key(encoded)
        except ValueError as error:
            raise ProtocolError(f"identity key: {error}") from None
        return cls(kind, encoded, _load(kind, data))

    @cached_property
    def peer_id(self) -> str:
        """The peer id of this key, as text (base58)."""
        return peer_id.from_public_key(self.encoded)

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether this key's owner signed the message."""
        if len(signature) > _MAX_SIGNATURE:
            return False
        key = self._key
        try:
            if isinstance(key, Ed25519PublicKey):
                key.verify(signature, message)
            elif isinstance(key, ec.EllipticCurvePublicKey):
                key.verify(signature, message, _ECDSA)
            else:
                from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

                key.verify(signature, message, PKCS1v15(), SHA256())
        except (InvalidSignature, ValueError):
            return False
        return True


class Identity:
    """A host's own key pair: `Identity.generate()`, or one of a given secret."""

    def __init__(self, private: ec.EllipticCurvePrivateKey | Ed25519PrivateKey) -> None:
        self._private = private
        if isinstance(private, Ed25519PrivateKey):
            self.public = _public(KeyType.ED25519, private.public_key().public_bytes_raw())
        else:
            self.public = _public(KeyType.SECP256K1, _compressed(private.public_key()))

    @classmethod
    def generate(cls, kind: KeyType = KeyType.SECP256K1) -> Identity:
        """Makes a new pair, secp256k1 or Ed25519; ValueError for another kind."""
        if kind is KeyType.SECP256K1:
            return cls(ec.generate_private_key(ec.SECP256K1()))
        if kind is KeyType.ED25519:
            return cls(Ed25519PrivateKey.generate())
        raise ValueError(f"an own identity is of the kind SECP256K1 or ED25519, not {kind.name}")

    @classmethod
    def secp256k1(cls, secret: int | bytes) -> Identity:
        """The pair of a secret number (bytes: big-endian); ValueError unless it is from 1 to the order - 1."""
        number = int.from_bytes(secret, "big") if isinstance(secret, bytes) else secret
        if not 0 < number < _ORDER:
            raise ValueError("a secp256k1 secret is a number from 1 to the curve's order - 1")
        return cls(ec.derive_private_key(number, ec.SECP256K1()))

    @classmethod
    def ed25519(cls, seed: bytes) -> Identity:
        """The pair of a seed of 32 bytes; ValueError for another length."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def peer_id(self) -> str:
        """The peer id, as text (base58)."""
        return self.public.peer_id

    def sign(self, message: bytes) -> bytes:
        """Signs; with secp256k1 in DER, over SHA-256, with the lower of the two s: libsecp256k1 refuses the higher."""
        if isinstance(self._private, Ed25519PrivateKey):
            return self._private.sign(message)
        r, s = decode_dss_signature(self._private.sign(message, _ECDSA))
        return encode_dss_signature(r, min(s, _ORDER - s))

    def __repr__(self) -> str:
        return f"<Identity {self.public.type.name} {self.peer_id}>"


def _public(kind: KeyType, data: bytes) -> PublicKey:
    return PublicKey(kind, peer_id.encode_public_key(kind, data), _load(kind, data))


def _compressed(key: ec.EllipticCurvePublicKey) -> bytes:
    point = key.public_numbers()
    return bytes((2 + (point.y & 1),)) + point.x.to_bytes(32, "big")


def _load(kind: KeyType, data: bytes) -> _Key:
    try:
        if kind is KeyType.SECP256K1:
            return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256K1(), data)
        if kind is KeyType.ED25519:
            return Ed25519PublicKey.from_public_bytes(data)
        return _load_der(kind, data)
    except ProtocolError:  # which is a ValueError, too
        raise
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ProtocolError(f"identity key: not a key of {kind.name}: {error}") from None


def _load_der(kind: KeyType, data: bytes) -> _Key:
    # Slow to import, and no host of today has such a key unless it was configured.
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    key = load_der_public_key(data)
    if kind is KeyType.RSA and isinstance(key, rsa.RSAPublicKey):
        if key.key_size not in _RSA_BITS:
            raise ProtocolError(f"identity key: RSA of {key.key_size} bits, 2048 to 8192 are accepted")
        return key
    if kind is KeyType.ECDSA and isinstance(key, ec.EllipticCurvePublicKey):
        if key.curve.name not in _CURVES:
            raise ProtocolError(f"identity key: the curve {key.curve.name} is not accepted ({', '.join(_CURVES)} are)")
        return key
    raise ProtocolError(f"identity key: it says {kind.name} and is another kind of key")
