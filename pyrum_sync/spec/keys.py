"""Keys and the names made of them: secp256k1, Keccak, base58, peer ids, node ids. Not safe for real secrets."""

from __future__ import annotations

import secrets
from functools import lru_cache

_P = 2**256 - 2**32 - 977
_N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_G = (
    0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
)
_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_DIGITS = {char: value for value, char in enumerate(_ALPHABET)}
# A peer id is a multihash: identity (0x00) over 37 bytes of protobuf: key type 2 (secp256k1), 33 bytes of key.
_PREFIX = bytes((0x00, 0x25, 0x08, 0x02, 0x12, 0x21))
Point = tuple[int, int]


def new_private_key() -> int:
    """A random private key."""
    return secrets.randbelow(_N - 1) + 1


def _add(a: Point | None, b: Point | None) -> Point | None:
    if a is None:
        return b
    if b is None:
        return a
    if a[0] == b[0]:
        if (a[1] + b[1]) % _P == 0:
            return None
        slope = 3 * a[0] * a[0] * pow(2 * a[1], -1, _P)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, _P)
    x = (slope * slope - a[0] - b[0]) % _P
    return x, (slope * (a[0] - x) - a[1]) % _P


def public_key(private: int) -> Point:
    """The point of a private key; ValueError for one that has none."""
    result: Point | None = None
    power: Point | None = _G
    left = private % _N
    while left:
        if left & 1:
            result = _add(result, power)
        power = _add(power, power)
        left >>= 1
    if result is None:
        raise ValueError("invalid private key, not on curve")
    return result


def compress(point: Point) -> bytes:
    """A public key in 33 bytes."""
    return bytes([2 + (point[1] & 1)]) + point[0].to_bytes(32, "big")


def decompress(data: bytes) -> Point:
    """The point of 33 bytes; ValueError if there is none."""
    x = int.from_bytes(data[1:], "big")
    y = pow(x**3 + 7, (_P + 1) // 4, _P)
    if data[0] not in (2, 3) or x >= _P or (y * y - x**3 - 7) % _P:
        raise ValueError("not a secp256k1 public key")
    return x, y if y & 1 == data[0] & 1 else _P - y


def base58(data: bytes) -> str:
    """Bitcoin's base58."""
    number = int.from_bytes(data, "big")
    out = ""
    while number:
        number, digit = divmod(number, 58)
        out = _ALPHABET[digit] + out
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + out


def unbase58(text: str) -> bytes:
    """The bytes of base58; ValueError if it is none."""
    number = 0
    for char in text:
        if char not in _DIGITS:
            raise ValueError(f"invalid base58 digit ('{char}')")
        number = number * 58 + _DIGITS[char]
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def peer_id(point: Point) -> str:
    """libp2p's name for a public key."""
    return base58(_PREFIX + compress(point))


def check_peer_id(text: str) -> str:
    """A peer id as given; ValueError, in libp2p's words, for what is none."""
    if text.startswith(("Qm", "1")):
        try:
            data = unbase58(text)
        except ValueError:
            raise ValueError("failed to parse peer ID: input isn't valid multihash") from None
        if len(data) < 2:
            raise ValueError("failed to parse peer ID: multihash too short. must be >= 2 bytes")
        if len(data) - 2 != data[1]:
            raise ValueError("failed to parse peer ID: length greater than remaining number of bytes in buffer")
        return text
    if len(text) < 2:
        raise ValueError("failed to parse peer ID: cid too short")
    raise ValueError("failed to parse peer ID: selected encoding not supported")


def peer_public_key(identity: str) -> bytes:
    """The 33 bytes of the key inside a peer id; ValueError for an id that holds none."""
    data = unbase58(identity)
    if not data.startswith(_PREFIX) or len(data) != len(_PREFIX) + 33:
        raise ValueError("the peer id holds no secp256k1 key")
    return data[len(_PREFIX) :]


@lru_cache(maxsize=1024)
def node_id(identity: str) -> str:
    """The discovery v4 name of a peer: Keccak-256 of its public key, as hex."""
    x, y = decompress(peer_public_key(identity))
    return keccak256(x.to_bytes(32, "big") + y.to_bytes(32, "big")).hex()


_ROTATIONS = (
    (0, 36, 3, 41, 18),
    (1, 44, 10, 45, 2),
    (62, 6, 43, 15, 61),
    (28, 55, 25, 21, 56),
    (27, 20, 39, 8, 14),
)
_MASK = 2**64 - 1


def _round_constants() -> list[int]:
    constants, register = [], 1
    for _ in range(24):
        value = 0
        for power in range(7):
            if register & 1:
                value |= 1 << ((1 << power) - 1)
            register = (register << 1) ^ (0x171 if register >> 7 else 0)
        constants.append(value)
    return constants


def _rotate(value: int, count: int) -> int:
    return ((value << count) | (value >> (64 - count))) & _MASK if count else value


def _permute(lanes: list[list[int]]) -> list[list[int]]:
    for constant in _round_constants():
        columns = [lanes[x][0] ^ lanes[x][1] ^ lanes[x][2] ^ lanes[x][3] ^ lanes[x][4] for x in range(5)]
        mixed = [columns[(x - 1) % 5] ^ _rotate(columns[(x + 1) % 5], 1) for x in range(5)]
        turned = [[0] * 5 for _ in range(5)]
        for x in range(5):
            for y in range(5):
                turned[y][(2 * x + 3 * y) % 5] = _rotate(lanes[x][y] ^ mixed[x], _ROTATIONS[x][y])
        lanes = [
            [turned[x][y] ^ (~turned[(x + 1) % 5][y] & turned[(x + 2) % 5][y] & _MASK) for y in range(5)]
            for x in range(5)
        ]
        lanes[0][0] ^= constant
    return lanes


def keccak256(data: bytes) -> bytes:
    """Ethereum's hash (Keccak with its first padding, not SHA-3)."""
    rate = 136
    padded = bytearray(data + b"\x01" + b"\0" * (-(len(data) + 1) % rate))
    padded[-1] |= 0x80
    lanes = [[0] * 5 for _ in range(5)]
    for start in range(0, len(padded), rate):
        for lane in range(rate // 8):
            value = int.from_bytes(padded[start + lane * 8 : start + lane * 8 + 8], "little")
            lanes[lane % 5][lane // 5] ^= value
        lanes = _permute(lanes)
    return b"".join(lanes[lane % 5][lane // 5].to_bytes(8, "little") for lane in range(4))
