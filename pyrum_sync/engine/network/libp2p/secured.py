"""A connection whose handshakes are over: the encrypted channel and the muxer in it, as one layer."""

from __future__ import annotations

from .identity import PublicKey
from .muxer import CHUNK, Muxer
from .noise import Channel


class SecuredConnection:
    """Bytes of the wire in and out; the streams are the muxer's.

    Attributes:
        public_key: The other side's identity key, proven.
        peer_id: The peer id made of it.
        muxer: Its events tell what came; see `muxer` for what its owner has to do.
    """

    def __init__(self, public_key: PublicKey, channel: Channel, muxer: Muxer, text: bytes = b"") -> None:
        self.public_key = public_key
        self.peer_id = public_key.peer_id
        self.muxer = muxer
        self._channel = channel
        muxer.receive_data(text)

    def receive_data(self, data: bytes) -> None:
        """Takes bytes of the wire; ProtocolError if they were changed on their way, or break the muxer's rules."""
        text = self._channel.receive_data(data)
        if text:
            self.muxer.receive_data(text)

    def data_to_send(self, limit: int = 4 * CHUNK) -> bytes:
        """Returns the bytes to send next, empty if none; see `Muxer.data_to_send`."""
        return self._channel.encrypt(self.muxer.data_to_send(limit))
