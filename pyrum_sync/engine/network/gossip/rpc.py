"""Gossipsub's RPCs in protobuf (pubsub's rpc.proto, one topic a message)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pyrum_sync.engine.network.errors import ProtocolError
from pyrum_sync.engine.network.protobuf import BYTES, VARINT, encode_bytes_field, encode_varint_field, fields

MAX_FIELDS = 1 << 16
"""Fields of one RPC, those of its parts included: what a frame may cost to read is bounded by it."""

_MESSAGE_FIELDS = 16
_SIGN_PREFIX = b"libp2p-pubsub:"


@dataclass(slots=True)
class WireMessage:
    """A message as it is sent. None is a field that is not there; `topic` is None unless there is exactly one."""

    topic: bytes | None
    data: bytes = b""
    author: bytes | None = None
    seqno: bytes | None = None
    signature: bytes | None = None
    key: bytes | None = None

    def encode(self) -> bytes:
        """The message in protobuf."""
        return self._encode_unsigned() + _optional(5, self.signature) + _optional(6, self.key)

    def signed_bytes(self) -> bytes:
        """What the author's signature is over."""
        return _SIGN_PREFIX + self._encode_unsigned()

    def _encode_unsigned(self) -> bytes:
        data = encode_bytes_field(2, self.data)
        return b"".join((_optional(1, self.author), data, _optional(3, self.seqno), _optional(4, self.topic)))


@dataclass(slots=True)
class Rpc:
    """One frame's content. Topics and message ids are bytes: whether a topic is UTF-8 is for the reader to see."""

    subscriptions: list[tuple[bool, bytes]] = field(default_factory=list)
    messages: list[WireMessage] = field(default_factory=list)
    ihave: list[tuple[bytes, list[bytes]]] = field(default_factory=list)
    iwant: list[bytes] = field(default_factory=list)
    graft: list[bytes] = field(default_factory=list)
    prune: list[tuple[bytes, int]] = field(default_factory=list)
    """Topics, and for how many seconds not to graft again; 0: the peer did not say."""
    dont_want: list[bytes] = field(default_factory=list)


def decode_rpc(frame: bytes) -> Rpc:
    """Reads an RPC, the bytes of a frame without its length.

    Unknown fields are passed over, as are the peers that a prune recommends.

    Raises:
        ProtocolError: it is not protobuf, a field has the wrong type, or there are more than MAX_FIELDS fields.
    """
    return _Decoder().rpc(frame)


class _Decoder:
    """Reads one RPC, and counts the fields of all its parts."""

    def __init__(self) -> None:
        self._left = MAX_FIELDS

    def rpc(self, frame: bytes) -> Rpc:
        rpc = Rpc()
        for number, wire_type, value in self._fields(frame):
            if number == 1:
                rpc.subscriptions.append(self._subscription(_bytes(wire_type, value)))
            elif number == 2:
                rpc.messages.append(self._message(_bytes(wire_type, value)))
            elif number == 3:
                self._control(_bytes(wire_type, value), rpc)
        return rpc

    def _fields(self, data: bytes, most: int = MAX_FIELDS) -> Iterator[tuple[int, int, int | bytes]]:
        for item in fields(data, max_fields=most):
            self._left -= 1
            if self._left < 0:
                raise ProtocolError(f"gossip: an RPC of more than {MAX_FIELDS} fields")
            yield item

    def _subscription(self, data: bytes) -> tuple[bool, bytes]:
        subscribe, topic = False, b""
        for number, wire_type, value in self._fields(data, _MESSAGE_FIELDS):
            if number == 1:
                subscribe = bool(_number(wire_type, value))
            elif number == 2:
                topic = _bytes(wire_type, value)
        return subscribe, topic

    def _message(self, data: bytes) -> WireMessage:
        message = WireMessage(None)
        topics = 0
        for number, wire_type, value in self._fields(data, _MESSAGE_FIELDS):
            if number > 6:
                continue
            content = _bytes(wire_type, value)
            if number == 1:
                message.author = content
            elif number == 2:
                message.data = content
            elif number == 3:
                message.seqno = content
            elif number == 4:
                topics += 1
                message.topic = content if topics == 1 else None
            elif number == 5:
                message.signature = content
            else:
                message.key = content
        return message

    def _control(self, data: bytes, rpc: Rpc) -> None:
        for number, wire_type, value in self._fields(data):
            if not 1 <= number <= 5:
                continue
            part = _bytes(wire_type, value)
            if number == 1:
                rpc.ihave.append(self._ihave(part))
            elif number == 2:
                rpc.iwant.extend(self._ids(part))
            elif number == 3:
                rpc.graft.append(self._topic_and_backoff(part)[0])
            elif number == 4:
                rpc.prune.append(self._topic_and_backoff(part))
            else:
                rpc.dont_want.extend(self._ids(part))

    def _ihave(self, data: bytes) -> tuple[bytes, list[bytes]]:
        topic, ids = b"", []
        for number, wire_type, value in self._fields(data):
            if number == 1:
                topic = _bytes(wire_type, value)
            elif number == 2:
                ids.append(_bytes(wire_type, value))
        return topic, ids

    def _ids(self, data: bytes) -> Iterator[bytes]:
        for number, wire_type, value in self._fields(data):
            if number == 1:
                yield _bytes(wire_type, value)

    def _topic_and_backoff(self, data: bytes) -> tuple[bytes, int]:
        topic, backoff = b"", 0
        for number, wire_type, value in self._fields(data):
            if number == 1:
                topic = _bytes(wire_type, value)
            elif number == 3:
                backoff = _number(wire_type, value)
        return topic, backoff


def _bytes(wire_type: int, value: int | bytes) -> bytes:
    if wire_type != BYTES or isinstance(value, int):
        raise ProtocolError(f"gossip: a field of bytes has the wire type {wire_type}")
    return value


def _number(wire_type: int, value: int | bytes) -> int:
    if wire_type != VARINT or isinstance(value, bytes):
        raise ProtocolError(f"gossip: a number's field has the wire type {wire_type}")
    return value


def _optional(number: int, value: bytes | None) -> bytes:
    return b"" if value is None else encode_bytes_field(number, value)


# What this side sends: parts of an RPC, which gossip_frames.pack puts into frames.


def encode_subscription(topic: bytes, *, subscribe: bool) -> bytes:
    """The part of an RPC that announces a subscription, or its end."""
    return encode_bytes_field(1, encode_varint_field(1, subscribe) + encode_bytes_field(2, topic))


def encode_message(message: WireMessage) -> bytes:
    """The part of an RPC that carries one message."""
    return encode_bytes_field(2, message.encode())


def encode_ihave(topic: bytes, ids: Iterable[bytes]) -> bytes:
    """The part of a control message that advertises messages."""
    return encode_bytes_field(1, encode_bytes_field(1, topic) + b"".join(encode_bytes_field(2, i) for i in ids))


def encode_iwant(ids: Iterable[bytes]) -> bytes:
    """The part of a control message that asks for messages."""
    return encode_bytes_field(2, b"".join(encode_bytes_field(1, i) for i in ids))


def encode_graft(topic: bytes) -> bytes:
    """The part of a control message that takes the peer into the topic's mesh."""
    return encode_bytes_field(3, encode_bytes_field(1, topic))


def encode_prune(topic: bytes, backoff: int = 0) -> bytes:
    """The part of a control message that takes the peer out of it for `backoff` seconds (0: unsaid, version 1.0)."""
    seconds = encode_varint_field(3, backoff) if backoff else b""
    return encode_bytes_field(4, encode_bytes_field(1, topic) + seconds)


def encode_dont_want(ids: Iterable[bytes]) -> bytes:
    """The part of a control message that says which messages need not be sent (version 1.2)."""
    return encode_bytes_field(5, b"".join(encode_bytes_field(1, i) for i in ids))


def encode_control(parts: Iterable[bytes]) -> bytes:
    """The part of an RPC that carries the parts of a control message."""
    return encode_bytes_field(3, b"".join(parts))
