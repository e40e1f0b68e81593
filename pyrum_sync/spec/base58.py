"""Base58 as Bitcoin and libp2p write it: a number in base 58, a leading `1` for each leading zero byte."""

from __future__ import annotations

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

MAX_TEXT = 256
"""The longest text that is decoded, in characters: decoding takes time that grows with the square of the length."""


def encode(data: bytes, alphabet: str = ALPHABET) -> str:
    """Returns `data` in base 58, or in the base of another alphabet (its first digit stands for zero)."""
    base = len(alphabet)
    number = int.from_bytes(data, "big")
    digits: list[str] = []
    while number:
        number, digit = divmod(number, base)
        digits.append(alphabet[digit])
    zeros = len(data) - len(data.lstrip(b"\0"))
    return alphabet[0] * zeros + "".join(reversed(digits))


def decode(text: str, alphabet: str = ALPHABET) -> bytes:
    """Returns the bytes that `encode` wrote.

    Raises:
        ValueError: a character that is no digit, or more than MAX_TEXT of them.
    """
    if len(text) > MAX_TEXT:
        raise ValueError(f"{len(text)} characters of base{len(alphabet)}, the most is {MAX_TEXT}")
    number = 0
    for char in text:
        digit = alphabet.find(char)
        if digit < 0:
            raise ValueError(f"invalid base{len(alphabet)} digit ({char!r})")
        number = number * len(alphabet) + digit
    zeros = len(text) - len(text.lstrip(alphabet[0]))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")
