"""How an Ethereum node record is written: text, RLP, order of the keys, signature. What the values mean is in `enr`."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import NamedTuple

from pyrum_sync.spec import rlp, secp256k1
from pyrum_sync.spec.keccak import keccak256

MAX_SIZE = 300
"""Bytes that a record has at most."""

SCHEME = b"v4"
"""The one identity scheme there is: secp256k1 and Keccak."""


class Content(NamedTuple):
    """What a record consists of; `signed` is the hash that the signature is made over."""

    signature: bytes
    signed: bytes
    seq: int
    pairs: dict[str, rlp.Item]


def decode_text(text: str) -> bytes:
    """Returns the bytes of a record's text. ValueError: not base64url, or over MAX_SIZE bytes."""
    body = text.removeprefix("enr:").removeprefix("//")
    if not body:
        raise ValueError("the record is empty: a record is enr: and base64url")
    if len(body) > MAX_SIZE * 4 // 3:
        raise ValueError(f"the record has over {MAX_SIZE} bytes ({len(body)} characters of base64url)")
    wrong = re.search(r"[^A-Za-z0-9_-]", body)
    if wrong:
        raise ValueError(
            f"the record is not base64url: {wrong[0]!r} at character {len(text) - len(body) + wrong.start()}"
        )
    if len(body) % 4 == 1:
        raise ValueError(
            f"the record is not base64url: {len(body)} characters, which no number of bytes has (cut off?)"
        )
    data = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    if base64.urlsafe_b64encode(data).decode("ascii").rstrip("=") != body:
        raise ValueError("the record is not base64url: its last character has bits that belong to no byte (cut off?)")
    return data


def encode_text(data: bytes) -> str:
    """Returns a record's bytes as text: ``enr:…``."""
    return "enr:" + base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def decode(data: bytes) -> Content:
    """Takes a record apart, and checks all but the values of its keys and the signature.

    Raises:
        ValueError: not RLP, over MAX_SIZE bytes, keys unsorted or twice, an unknown identity scheme.
    """
    if len(data) > MAX_SIZE:
        raise ValueError(f"the record has over {MAX_SIZE} bytes: {len(data)}")
    try:
        items = rlp.decode(data, max_size=MAX_SIZE)
    except ValueError as error:
        raise ValueError(f"the record is not RLP: {error}") from None
    if not isinstance(items, list) or len(items) < 2 or len(items) % 2:
        raise ValueError("the record is not RLP of a signature, a number, and keys and values in turn")
    signature, content = items[0], items[1:]
    if not isinstance(signature, bytes) or len(signature) != 64:
        size = "a list" if isinstance(signature, list) else f"{len(signature)} bytes"
        raise ValueError(f"the record's signature is {size}, not 64 bytes")
    pairs = _pairs(content[1:])
    _check_scheme(pairs)
    return Content(signature, keccak256(rlp.encode(content)), _sequence(content[0]), pairs)


def _sequence(item: rlp.Item) -> int:
    if not isinstance(item, bytes) or len(item) > 8 or item[:1] == b"\0":
        raise ValueError("the record's number (seq) is no integer of 64 bits without leading zeros")
    return int.from_bytes(item, "big")


def _pairs(items: list[rlp.Item]) -> dict[str, rlp.Item]:
    pairs: dict[str, rlp.Item] = {}
    last = None
    for key, value in zip(items[::2], items[1::2], strict=True):
        if not isinstance(key, bytes):
            raise ValueError("the record has a list where a key should be")
        name = key.decode("latin-1")
        if last is not None and key <= last:
            wrong = "twice" if key == last else "in the wrong order: keys are sorted"
            raise ValueError(f"the record has the key {name!r} {wrong}")
        pairs[name] = value
        last = key
    return pairs


def _check_scheme(pairs: dict[str, rlp.Item]) -> None:
    scheme = pairs.get("id")
    if scheme is None:
        raise ValueError("the record has no id, so its identity scheme is unknown")
    if scheme != SCHEME:
        shown = "a list" if isinstance(scheme, list) else repr(scheme.decode("latin-1"))
        raise ValueError(f"the record's identity scheme is unknown: id is {shown}, not 'v4'")
    if "secp256k1" not in pairs:
        raise ValueError("the record has no secp256k1, the public key of its identity scheme v4")


def encode(private: int, seq: int, pairs: Mapping[str, bytes]) -> bytes:
    """Returns a record of these pairs, sorted and signed.

    Raises:
        ValueError: a number outside 64 bits, or a key that `decode` cannot have made.
    """
    if not 0 <= seq < 2**64:
        raise ValueError(f"seq must be 0 to 2^64 - 1, not {seq}")
    try:
        keys = sorted((name.encode("latin-1"), value) for name, value in pairs.items())
    except UnicodeEncodeError as error:
        raise ValueError(f"the key {error.object!r} is not ASCII") from None
    content: list[rlp.Encodable] = [rlp.encode_int(seq)]
    for key, value in keys:
        content += [key, value]
    signature = secp256k1.sign(private, keccak256(rlp.encode(content)))
    return rlp.encode([signature, *content])
