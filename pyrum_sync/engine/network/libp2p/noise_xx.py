"""The handshake Noise_XX_25519_ChaChaPoly_SHA256 and its ciphers, as the Noise specification (revision 34) has them.

Nothing here is libp2p's: prologue and payloads are the caller's. Messages are whole; framing is in `noise`.
"""

from __future__ import annotations

import hmac
from hashlib import sha256
from struct import Struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from pyrum_sync.engine.network.errors import ProtocolError

TAG = 16  # bytes by which a ciphertext is longer than its text
KEY = 32  # bytes of a Curve25519 key
LAST_NONCE = 2**64 - 2  # the one after it is reserved

_NAME = b"Noise_XX_25519_ChaChaPoly_SHA256"
_nonce = Struct("<4xQ").pack  # four zero bytes, then 64 bits little-endian


class Cipher:
    """One direction's key, with the count of messages as nonce (the specification's CipherState)."""

    __slots__ = ("_decrypt", "_encrypt", "nonce")

    def __init__(self, key: bytes) -> None:
        aead = ChaCha20Poly1305(key)
        self._encrypt = aead.encrypt
        self._decrypt = aead.decrypt
        self.nonce = 0

    def encrypt(self, data: bytes | memoryview, associated: bytes | None = None) -> bytes:
        """Returns the ciphertext, TAG bytes longer; ProtocolError when the nonces are used up."""
        return self._encrypt(_nonce(self._next()), data, associated)

    def decrypt(self, data: bytes | memoryview, associated: bytes | None = None) -> bytes:
        """Returns the text; ProtocolError if it was not made with this key for this place, or nonces are used up."""
        if len(data) < TAG:
            raise ProtocolError(f"noise: a ciphertext of {len(data)} bytes, {TAG} are the least")
        try:
            return self._decrypt(_nonce(self._next()), data, associated)
        except InvalidTag:
            raise ProtocolError("noise: a message was changed, or encrypted with another key") from None

    def _next(self) -> int:
        nonce = self.nonce
        if nonce > LAST_NONCE:
            raise ProtocolError("noise: all nonces of this connection are used up")
        self.nonce = nonce + 1
        return nonce


class Handshake:
    """One side of the three messages.

    The initiator calls `write`, `read`, `write`, the responder `read`, `write`, `read`; then `split()` has the ciphers.

    Args:
        initiator: Whether this side sends the first message.
        static: This side's lasting key.
        ephemeral: Its key for this handshake alone; made anew unless given (tests).
        prologue: Bytes on which both sides have to agree.
    """

    def __init__(
        self,
        *,
        initiator: bool,
        static: X25519PrivateKey,
        ephemeral: X25519PrivateKey | None = None,
        prologue: bytes = b"",
    ) -> None:
        self._initiator = initiator
        self._static = static
        self._ephemeral = ephemeral or X25519PrivateKey.generate()
        self._remote_ephemeral: X25519PublicKey | None = None
        self._remote_static: X25519PublicKey | None = None
        self._chaining_key = _NAME  # 32 bytes long: it needs no hashing
        self._hash = sha256(_NAME + prologue).digest()
        self._cipher: Cipher | None = None
        self._messages = 0

    @property
    def remote_static(self) -> bytes:
        """The other side's lasting key, once the message with it was read; whose it is the payload has to prove."""
        assert self._remote_static is not None
        return self._remote_static.public_bytes_raw()

    @property
    def hash(self) -> bytes:
        """The hash of all that was exchanged: both sides have the same."""
        return self._hash

    @property
    def complete(self) -> bool:
        """Whether all three messages were exchanged."""
        return self._messages == 3

    def write(self, payload: bytes = b"") -> bytes:
        """Makes this side's next message."""
        number = self._turn(writing=True)
        if number == 0:
            out = self._write_ephemeral()
        elif number == 1:
            out = self._write_ephemeral()
            self._mix_key(_exchange(self._ephemeral, self._remote_ephemeral))
            out += self._seal(self._static.public_key().public_bytes_raw())
            self._mix_key(_exchange(self._static, self._remote_ephemeral))
        else:
            out = self._seal(self._static.public_key().public_bytes_raw())
            self._mix_key(_exchange(self._static, self._remote_ephemeral))
        return out + self._seal(payload)

    def read(self, message: bytes) -> bytes:
        """Reads the other side's next message; returns its payload.

        Raises:
            ProtocolError: It is too short, was changed on its way, or has a key of low order.
        """
        number = self._turn(writing=False)
        if number == 0:
            rest = self._read_ephemeral(message)
        elif number == 1:
            rest = self._read_ephemeral(message)
            self._mix_key(_exchange(self._ephemeral, self._remote_ephemeral))
            rest = self._read_static(rest)
            self._mix_key(_exchange(self._ephemeral, self._remote_static))
        else:
            rest = self._read_static(message)
            self._mix_key(_exchange(self._ephemeral, self._remote_static))
        return self._open(rest)

    def split(self) -> tuple[Cipher, Cipher]:
        """The ciphers for all that follows: this side's sending one, and its receiving one."""
        assert self.complete
        first, second = _derive(self._chaining_key, b"")
        return (Cipher(first), Cipher(second)) if self._initiator else (Cipher(second), Cipher(first))

    def _turn(self, *, writing: bool) -> int:
        number = self._messages
        assert number < 3, "the handshake is complete"
        assert writing == (self._initiator == (number % 2 == 0)), "it is the other side's turn"
        self._messages = number + 1
        return number

    def _write_ephemeral(self) -> bytes:
        key = self._ephemeral.public_key().public_bytes_raw()
        self._mix_hash(key)
        return key

    def _read_ephemeral(self, message: bytes) -> bytes:
        if len(message) < KEY:
            raise ProtocolError(f"noise: a handshake message of {len(message)} bytes has no room for its key")
        key = message[:KEY]
        self._mix_hash(key)
        self._remote_ephemeral = X25519PublicKey.from_public_bytes(key)
        return message[KEY:]

    def _read_static(self, message: bytes) -> bytes:
        sealed, rest = message[: KEY + TAG], message[KEY + TAG :]
        if len(sealed) < KEY + TAG:
            raise ProtocolError(f"noise: a handshake message of {len(message)} bytes has no room for its key")
        self._remote_static = X25519PublicKey.from_public_bytes(self._open(sealed))
        return rest

    def _mix_hash(self, data: bytes) -> None:
        self._hash = sha256(self._hash + data).digest()

    def _mix_key(self, secret: bytes) -> None:
        self._chaining_key, key = _derive(self._chaining_key, secret)
        self._cipher = Cipher(key)

    def _seal(self, data: bytes) -> bytes:
        sealed = data if self._cipher is None else self._cipher.encrypt(data, self._hash)
        self._mix_hash(sealed)
        return sealed

    def _open(self, data: bytes) -> bytes:
        opened = data if self._cipher is None else self._cipher.decrypt(data, self._hash)
        self._mix_hash(data)
        return opened


def _exchange(private: X25519PrivateKey, public: X25519PublicKey | None) -> bytes:
    assert public is not None
    try:
        return private.exchange(public)
    except ValueError:  # the secret is all zeros, whatever the private key: anybody knows it
        raise ProtocolError("noise: the other side sent a key of low order") from None


def _derive(chaining_key: bytes, material: bytes) -> tuple[bytes, bytes]:
    secret = hmac.digest(chaining_key, material, "sha256")
    first = hmac.digest(secret, b"\x01", "sha256")
    return first, hmac.digest(secret, first + b"\x02", "sha256")
