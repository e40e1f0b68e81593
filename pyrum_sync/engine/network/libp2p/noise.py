"""libp2p's noise (`/noise`): Noise XX, in whose payloads each side proves its identity, and the channel after it.

The specification is libp2p's `noise/README.md`. On the wire each message follows its length in two bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from struct import Struct

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from pyrum_sync.engine.network.errors import ProtocolError
from pyrum_sync.engine.network.protobuf import encode_bytes_field, fields

from .identity import Identity, PublicKey
from .noise_xx import TAG, Cipher, Handshake

PROTOCOL = "/noise"
MAX_HANDSHAKE_MESSAGE = 4096
"""Bytes of a handshake message: a key of RSA with its signature, and a list of muxers, need less than half of it."""
MAX_MESSAGE = 65_535
MAX_TEXT = MAX_MESSAGE - TAG
MAX_MUXERS = 32
"""How many muxers the other side may name."""

_SIGNED = b"noise-libp2p-static-key:"
_length = Struct(">H")


class WrongPeer(ProtocolError):
    """The other side proved to be another peer than the one that was dialled.

    Attributes:
        expected: The peer id that was dialled.
        found: The one that answered.
    """

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(expected, found)
        self.expected = expected
        self.found = found

    def __str__(self) -> str:
        return f"noise: dialled the peer {self.expected}, the one that answered is {self.found}"


class Channel:
    """An encrypted connection after its handshake: turns bytes of the wire into text, and back."""

    def __init__(self, sending: Cipher, receiving: Cipher, rest: bytes = b"") -> None:
        self._encrypt = sending.encrypt
        self._decrypt = receiving.decrypt
        self._buffer = bytearray(rest)

    def encrypt(self, text: bytes) -> bytes:
        """Returns what to send for a text of any length."""
        size = len(text)
        if size <= MAX_TEXT:
            if not size:
                return b""
            return _length.pack(size + TAG) + self._encrypt(text)
        parts: list[bytes] = []
        with memoryview(text) as view:
            for start in range(0, size, MAX_TEXT):
                sealed = self._encrypt(view[start : start + MAX_TEXT])
                parts += (_length.pack(len(sealed)), sealed)
        return b"".join(parts)

    def receive_data(self, data: bytes) -> bytes:
        """Returns the text that became complete with these bytes, maybe none.

        Raises:
            ProtocolError: A message was changed on its way, or is too short to be one.
        """
        buffer = self._buffer
        buffer += data
        end = len(buffer)
        start = 0
        parts = []
        with memoryview(buffer) as view:
            while end - start >= 2:
                after = start + 2 + (view[start] << 8 | view[start + 1])
                if after > end:
                    break
                parts.append(self._decrypt(view[start + 2 : after]))
                start = after
        if start:
            del buffer[:start]
        return parts[0] if len(parts) == 1 else b"".join(parts)


@dataclass(frozen=True)
class Secured:
    """What a handshake led to.

    Attributes:
        public_key: The other side's identity key, proven; its `peer_id` is the peer's.
        channel: The encrypted connection. It may hold bytes that came after the handshake: `receive_data(b"")`.
        muxer: The muxer on which both sides agreed in the handshake, or None: then it is negotiated in the channel.
    """

    public_key: PublicKey
    channel: Channel
    muxer: str | None


class NoiseKey:
    """A lasting key of Curve25519 with the identity's proof for it. A host makes one, for all of its connections.

    Args:
        identity: The host's identity, which signs the key.
        static: The key; made anew unless given (tests).
    """

    def __init__(self, identity: Identity, static: X25519PrivateKey | None = None) -> None:
        self.identity = identity
        self.static = static or X25519PrivateKey.generate()
        self.proof = identity.sign(_SIGNED + self.static.public_key().public_bytes_raw())


class NoiseHandshake:
    """One side of the handshake: bytes in by `receive_data`, bytes out by `data_to_send`, until `secured` is set.

    Args:
        initiator: Whether this side sends first: the dialler.
        key: This side's key, with its identity.
        muxers: The muxers to offer for early negotiation, the preferred first; none: the extension is left out.
        expected: The peer id that was dialled; None takes any.
        ephemeral: The key for this handshake alone; made anew unless given (tests).
    """

    def __init__(
        self,
        *,
        initiator: bool,
        key: NoiseKey,
        muxers: Sequence[str] = (),
        expected: str | None = None,
        ephemeral: X25519PrivateKey | None = None,
    ) -> None:
        self._handshake = Handshake(initiator=initiator, static=key.static, ephemeral=ephemeral)
        self._initiator = initiator
        self._expected = expected
        self._muxers = tuple(muxers)
        self._payload = encode_payload(key.identity.public.encoded, key.proof, self._muxers)
        self._buffer = bytearray()
        self._output = bytearray()
        self._public_key: PublicKey | None = None
        self._agreed: str | None = None
        self.secured: Secured | None = None
        if initiator:
            self._send(b"")

    def data_to_send(self) -> bytes:
        """Returns what is to be sent now, once."""
        out = bytes(self._output)
        self._output.clear()
        return out

    def receive_data(self, data: bytes) -> None:
        """Takes bytes of the wire; those after the handshake go to the channel.

        Raises:
            ProtocolError: A message is malformed, too long or forged, or the identity is not proven.
            WrongPeer: It is proven and not the one that was dialled.
        """
        assert self.secured is None
        buffer = self._buffer
        buffer += data
        while self.secured is None and len(buffer) >= 2:
            (size,) = _length.unpack_from(buffer)
            if size > MAX_HANDSHAKE_MESSAGE:
                raise ProtocolError(f"noise: a handshake message of {size} bytes, at most {MAX_HANDSHAKE_MESSAGE}")
            if len(buffer) < 2 + size:
                return
            message = bytes(buffer[2 : 2 + size])
            del buffer[: 2 + size]
            self._receive(message)

    def _receive(self, message: bytes) -> None:
        payload = self._handshake.read(message)
        if self._initiator or self._handshake.complete:
            self._check(payload)
        # else: the first message; nothing in its payload would be proven
        if not self._handshake.complete:
            self._send(self._payload)
        if self._handshake.complete:
            assert self._public_key is not None
            channel = Channel(*self._handshake.split(), bytes(self._buffer))
            self.secured = Secured(self._public_key, channel, self._agreed)

    def _send(self, payload: bytes) -> None:
        message = self._handshake.write(payload)
        self._output += _length.pack(len(message)) + message

    def _check(self, payload: bytes) -> None:
        encoded, signature, theirs = decode_payload(payload)
        key = PublicKey.decode(encoded)
        if not key.verify(_SIGNED + self._handshake.remote_static, signature):
            raise ProtocolError("noise: the identity is not proven: its signature does not fit the connection's key")
        if self._expected not in (None, key.peer_id):
            raise WrongPeer(self._expected or "", key.peer_id)
        self._public_key = key
        first, second = (self._muxers, theirs) if self._initiator else (theirs, self._muxers)
        self._agreed = next((muxer for muxer in first if muxer in second), None)


def encode_payload(key: bytes, signature: bytes, muxers: Sequence[str] = ()) -> bytes:
    """The payload of a handshake message: 1 identity key, 2 signature, 4 extensions (2 muxers)."""
    payload = encode_bytes_field(1, key) + encode_bytes_field(2, signature)
    if muxers:
        payload += encode_bytes_field(4, b"".join(encode_bytes_field(2, muxer.encode()) for muxer in muxers))
    return payload


def decode_payload(payload: bytes) -> tuple[bytes, bytes, tuple[str, ...]]:
    """Reads identity key, signature and muxers of a payload; ProtocolError if it is malformed or lacks one of both."""
    key: bytes | None = None
    signature: bytes | None = None
    extensions: bytes | None = None
    for found in fields(payload, max_fields=16):
        match found:
            case (1, _, bytes(value)) if key is None:
                key = value
            case (2, _, bytes(value)) if signature is None:
                signature = value
            case (4, _, bytes(value)) if extensions is None:
                extensions = value
            case (1 | 2 | 4, _, _):
                raise ProtocolError(f"noise: field {found[0]} of the payload is of the wrong type or comes twice")
    if key is None or signature is None:
        raise ProtocolError("noise: the payload needs an identity key and a signature")
    return key, signature, _muxers(extensions or b"")


def _muxers(extensions: bytes) -> tuple[str, ...]:
    names = []
    for number, _, value in fields(extensions, max_fields=2 * MAX_MUXERS):  # webtransport's hashes may be there, too
        if number == 2 and isinstance(value, bytes):
            names.append(value.decode("utf-8", "replace"))
    if len(names) > MAX_MUXERS:
        raise ProtocolError(f"noise: {len(names)} muxers, at most {MAX_MUXERS}")
    return tuple(names)
