"""Multibase: text whose first character names the base of the rest. The bases in which peer ids are written."""

from __future__ import annotations

import base64
import re

from pyrum_sync.spec import base58

_BASE32_DIGIT = re.compile(r"[a-z2-7]*")
_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"


def encode_base32(data: bytes) -> str:
    """Returns `data` in base 32 with its prefix `b`: lower case, unpadded, as CIDs of version 1 are written."""
    return "b" + base64.b32encode(data).decode("ascii").rstrip("=").lower()


def decode(text: str) -> bytes:
    """Returns the bytes of a text in base 16 (`f`), 32 (`b`), 36 (`k`) or 58 (`z`).

    Raises:
        ValueError: another base, or a character that the base does not have. The words are go-multibase's.
    """
    prefix, digits = text[:1], text[1:]
    if prefix not in ("f", "b", "k", "z"):
        raise ValueError("selected encoding not supported")
    if len(digits) > base58.MAX_TEXT:
        raise ValueError(f"{len(digits)} characters, the most is {base58.MAX_TEXT}")
    if prefix == "f":
        if len(digits) % 2 or not re.fullmatch(r"[0-9a-fA-F]*", digits):
            raise ValueError("not hex")
        return bytes.fromhex(digits)
    if prefix == "b":
        return _decode_base32(digits)
    return base58.decode(digits, _BASE36 if prefix == "k" else base58.ALPHABET)


def _decode_base32(digits: str) -> bytes:
    found = _BASE32_DIGIT.match(digits)
    end = found.end() if found else 0
    if end < len(digits) or len(digits) % 8 in (1, 3, 6):
        raise ValueError(f"illegal base32 data at input byte {min(end, len(digits) - 1)}")
    data = base64.b32decode(digits.upper() + "=" * (-len(digits) % 8))
    if encode_base32(data)[1:] != digits:  # bits are set that belong to no byte
        raise ValueError(f"illegal base32 data at input byte {len(digits) - 1}")
    return data
