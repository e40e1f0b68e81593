"""The elliptic curve secp256k1 in pure Python: public keys, and ECDSA signatures over a digest.

Not for real secrets: the time that a signature takes depends on the key. It is here for throw-away keys, and to check
what others signed.
"""

from __future__ import annotations

import hmac
import secrets

P = 2**256 - 2**32 - 977
"""The field's prime."""

N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""The order of the curve: private keys and both halves of a signature lie between 0 and N."""

Point = tuple[int, int]
"""A public key: x and y."""

G: Point = (
    0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
)

# Inside, points have Jacobian coordinates (X, Y, Z) with x = X / Z^2 and y = Y / Z^3; Z = 0 is the point at infinity.
_Jacobian = tuple[int, int, int]
_INFINITY: _Jacobian = (1, 1, 0)


def new_private_key() -> int:
    """Returns a random private key."""
    return secrets.randbelow(N - 1) + 1


def public_key(private: int) -> Point:
    """Returns the public key of a private one.

    A key past the curve's order counts modulo that order, as in Rumor.

    Raises:
        ValueError: a multiple of the order, 0 too, which has no public key.
    """
    if private % N == 0:
        raise ValueError("invalid private key, not on curve")
    return _affine(_multiply_add(private % N, 0, G))


def compress(point: Point) -> bytes:
    """Returns a public key in 33 bytes: 2 or 3 for an even or odd y, then x."""
    return bytes((2 + (point[1] & 1),)) + point[0].to_bytes(32, "big")


def decompress(data: bytes) -> Point:
    """Returns the public key of its 33 bytes.

    Raises:
        ValueError: another length or first byte, or an x that no point of the curve has.
    """
    if len(data) != 33:
        raise ValueError(f"not a secp256k1 public key: {len(data)} bytes, not 33")
    if data[0] not in (2, 3):
        raise ValueError(f"not a secp256k1 public key: it begins with {data[0]:#04x}, not 0x02 or 0x03")
    x = int.from_bytes(data[1:], "big")
    square = (x * x * x + 7) % P
    y = pow(square, (P + 1) // 4, P)
    if x >= P or y * y % P != square:
        raise ValueError("not a secp256k1 public key: not on the curve")
    return x, y if y & 1 == data[0] & 1 else P - y


def is_on_curve(point: Point) -> bool:
    """Whether a pair of numbers is a public key."""
    x, y = point
    return 0 <= x < P and 0 <= y < P and (y * y - x * x * x - 7) % P == 0


def sign(private: int, digest: bytes) -> bytes:
    """Returns the ECDSA signature of a digest of 32 bytes: r and s, 32 bytes each.

    The nonce is that of RFC 6979 with SHA-256, so one key and digest have one signature. s is the lower of the two
    that would do.

    Raises:
        ValueError: no private key (1 to N - 1), or a digest of another length.
    """
    if not 0 < private < N:
        raise ValueError("invalid private key: it must lie between 0 and the order of the curve")
    if len(digest) != 32:
        raise ValueError(f"a digest has 32 bytes, not {len(digest)}")
    message = int.from_bytes(digest, "big") % N
    key = private.to_bytes(32, "big") + message.to_bytes(32, "big")
    value, mac = b"\x01" * 32, b"\0" * 32
    for separator in (b"\0", b"\x01"):
        mac = _hmac(mac, value + separator + key)
        value = _hmac(mac, value)
    while True:
        value = _hmac(mac, value)
        nonce = int.from_bytes(value, "big")
        if 0 < nonce < N:
            r = _affine(_multiply_add(nonce, 0, G))[0] % N
            s = pow(nonce, -1, N) * (message + r * private) % N
            if r and s:
                return r.to_bytes(32, "big") + min(s, N - s).to_bytes(32, "big")
        mac = _hmac(mac, value + b"\0")
        value = _hmac(mac, value)


def verify(key: Point, digest: bytes, signature: bytes) -> bool:
    """Whether a signature (r and s, 64 bytes) of a digest (32 bytes) is by this public key.

    Of the two values of s that fit, only the lower one counts, as everywhere in Ethereum.
    """
    if len(signature) != 64 or len(digest) != 32 or not is_on_curve(key):
        return False
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if not 0 < r < N or not 0 < s <= N // 2:
        return False
    inverse = pow(s, -1, N)
    found = _multiply_add(int.from_bytes(digest, "big") * inverse % N, r * inverse % N, key)
    return found[2] != 0 and _affine(found)[0] % N == r


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")


def _multiply_add(a: int, b: int, key: Point) -> _Jacobian:
    """``a * G + b * key``, bit by bit of both numbers at once."""
    both = _add((*G, 1), key)
    sums = (None, G, key, _affine(both) if both[2] else None)
    total = _INFINITY
    for bit in range(max(a.bit_length(), b.bit_length()) - 1, -1, -1):
        total = _add(_double(total), sums[(a >> bit & 1) + 2 * (b >> bit & 1)])
    return total


def _double(point: _Jacobian) -> _Jacobian:
    x, y, z = point
    y2 = y * y % P
    s = 4 * x * y2 % P
    m = 3 * x * x % P
    x3 = (m * m - 2 * s) % P
    return x3, (m * (s - x3) - 8 * y2 * y2) % P, 2 * y * z % P


def _add(point: _Jacobian, other: Point | None) -> _Jacobian:
    """The sum with a point in affine coordinates; None is the point at infinity."""
    if other is None:
        return point
    x, y, z = point
    if z == 0:
        return (*other, 1)
    z2 = z * z % P
    h = (other[0] * z2 - x) % P
    r = (other[1] * z2 * z - y) % P
    if h == 0:
        return _double(point) if r == 0 else _INFINITY
    h2 = h * h % P
    h3 = h * h2 % P
    v = x * h2 % P
    x3 = (r * r - h3 - 2 * v) % P
    return x3, (r * (v - x3) - y * h3) % P, h * z % P


def _affine(point: _Jacobian) -> Point:
    x, y, z = point
    inverse = pow(z, -1, P)
    inverse2 = inverse * inverse % P
    return x * inverse2 % P, y * inverse2 * inverse % P
