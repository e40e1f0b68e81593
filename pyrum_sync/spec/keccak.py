"""Keccak-256, Ethereum's hash: Keccak with its first padding, so not the SHA3-256 of hashlib."""

from __future__ import annotations

_RATE = 136
_MASK = 2**64 - 1
_ROTATIONS = (0, 36, 3, 41, 18, 1, 44, 10, 45, 2, 62, 6, 43, 15, 61, 28, 55, 25, 21, 56, 27, 20, 39, 8, 14)
"""By how many bits the lane (x, y) turns, at 5 * x + y."""

# For each lane after rho and pi, at x + 5 * y: the lane that it comes from, its column, and how far it turns.
_MOVES = tuple(
    sorted((y + 5 * ((2 * x + 3 * y) % 5), x + 5 * y, x, _ROTATIONS[5 * x + y]) for x in range(5) for y in range(5))
)
# For each lane: itself and the next two of its row.
_ROWS = tuple((5 * y + x, 5 * y + (x + 1) % 5, 5 * y + (x + 2) % 5) for y in range(5) for x in range(5))


def _round_constants() -> tuple[int, ...]:
    constants, register = [], 1
    for _ in range(24):
        value = 0
        for power in range(7):
            if register & 1:
                value |= 1 << ((1 << power) - 1)
            register = (register << 1) ^ (0x171 if register >> 7 else 0)
        constants.append(value)
    return tuple(constants)


_CONSTANTS = _round_constants()


def _permute(lanes: list[int]) -> list[int]:
    for constant in _CONSTANTS:
        sums = [lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20] for x in range(5)]
        mixed = [sums[x - 1] ^ (sums[(x + 1) % 5] << 1 & _MASK | sums[(x + 1) % 5] >> 63) for x in range(5)]
        turned = []
        for _, source, column, count in _MOVES:
            lane = lanes[source] ^ mixed[column]
            turned.append((lane << count | lane >> 64 - count) & _MASK)
        lanes = [turned[a] ^ (~turned[b] & turned[c]) for a, b, c in _ROWS]
        lanes[0] ^= constant
    return lanes


def keccak256(data: bytes) -> bytes:
    """Returns the 32 bytes of the hash."""
    return sponge(data, 0x01)


def sponge(data: bytes, padding: int) -> bytes:
    """Returns 32 bytes of Keccak with this first byte of padding: 0x01 makes Keccak-256, 0x06 SHA3-256."""
    padded = bytearray(data) + bytes((padding,)) + bytes(-(len(data) + 1) % _RATE)
    padded[-1] |= 0x80
    lanes = [0] * 25
    for start in range(0, len(padded), _RATE):
        for index in range(_RATE // 8):
            lanes[index] ^= int.from_bytes(padded[start + 8 * index : start + 8 * index + 8], "little")
        lanes = _permute(lanes)
    return b"".join(lane.to_bytes(8, "little") for lane in lanes[:4])
