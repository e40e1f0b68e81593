"""SSZ objects from bytes and back, checked."""

from __future__ import annotations

from binascii import unhexlify
from typing import Any

from pyrum_sync.eth2.kinds import T


def decode(kind: type[T], data: str | bytes | bytearray | memoryview) -> T:
    """Decode an SSZ object.

    Args:
        kind: its remerkleable type.
        data: bytes, or hex with or without 0x.

    Raises:
        ValueError: `data` is anything but exactly one encoding of it: a wrong length, a boolean other than 0 and 1, a
            wrong offset, and whatever else would not come out the same when encoded again.
        TypeError: `kind` is no SSZ type, or `data` neither bytes nor text.
    """
    if not is_ssz(kind):
        raise TypeError(f"kind must be an SSZ type, not {kind!r}")
    raw = _raw(data)
    codec: Any = kind
    try:
        size = codec.type_byte_length() if codec.is_fixed_byte_length() else len(raw)
        view: Any = codec.decode_bytes(raw) if len(raw) == size else None
        again = view.encode_bytes() if view is not None else b""
    except Exception as error:  # remerkleable raises plain ones
        raise ValueError(f"these {len(raw)} bytes are not a {kind.__name__}: {error}") from error
    if len(raw) != size:
        raise ValueError(f"a {kind.__name__} has {size} bytes, not {len(raw)}")
    if again != raw:
        raise ValueError(f"these {len(raw)} bytes are not a {kind.__name__}: encoded again they would differ")
    decoded: T = view
    return decoded


def encoded(value: Any, what: str) -> bytes:
    """Returns the bytes of an SSZ object, or bytes as they are; TypeError for anything else, which names `what`."""
    if is_ssz(type(value)):
        encoding: bytes = value.encode_bytes()
        return encoding
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    raise TypeError(f"{what} must be an SSZ object or bytes, not {type(value).__name__}")


def is_ssz(kind: Any) -> bool:
    """Returns whether `kind` is a remerkleable type."""
    return isinstance(kind, type) and callable(getattr(kind, "encode_bytes", None))


def _raw(data: Any) -> bytes:
    if isinstance(data, str):
        return unhexlify(data.removeprefix("0x"))
    if isinstance(data, (bytes, bytearray, memoryview)):
        return bytes(data)
    raise TypeError(f"data must be bytes or hex, not {type(data).__name__}")
