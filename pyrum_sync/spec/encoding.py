"""The encoders of eth2's requests and responses, and the numbers that both directions share.

    request  = varint(length) payload                       nothing at all where a method has no request
    chunk    = result (1 byte) [context (4 bytes)] varint(length) payload
    response = chunk*

The payload is SSZ in snappy frames (encoding `ssz_snappy`), or SSZ as it is (`ssz`, Rumor's `--compression=none`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pyrum_sync.spec import varint
from pyrum_sync.spec.snappy import encode_frames

SSZ_SNAPPY: Final = "ssz_snappy"
SSZ: Final = "ssz"
MAX_PAYLOAD_SIZE: Final = 10 * 1024 * 1024
MAX_ERROR_SIZE: Final = 256
"""Bytes of text in a chunk that reports an error."""
CONTEXT_SIZE: Final = 4

SUCCESS: Final = 0
INVALID_REQUEST: Final = 1
SERVER_ERROR: Final = 2
RESOURCE_UNAVAILABLE: Final = 3


@dataclass(frozen=True)
class Chunk:
    """One chunk of a response."""

    result: int
    """0 for success; 1 invalid request, 2 server error, 3 resource unavailable; from 128 on the peer's own errors."""
    ssz: bytes
    """The object, or with an error its text."""
    context: bytes | None = None
    """The fork digest of the object's epoch, where the method has one."""

    @property
    def text(self) -> str:
        """The text of an error, as far as it is UTF-8."""
        return self.ssz.decode(errors="replace")


def _payload(ssz: bytes, encoding: str) -> bytes:
    return varint.encode(len(ssz)) + (encode_frames(ssz) if is_compressed(encoding) else ssz)


def is_compressed(encoding: str) -> bool:
    """Returns whether an encoding is `ssz_snappy`, not `ssz`.

    Raises:
        ValueError: it is neither.
    """
    if encoding not in (SSZ_SNAPPY, SSZ):
        raise ValueError(f"{encoding!r} is not an encoding of requests; those are {SSZ_SNAPPY} and {SSZ}")
    return encoding == SSZ_SNAPPY


def encode_request(ssz: bytes | None, *, encoding: str = SSZ_SNAPPY) -> bytes:
    """Returns a request on the wire; `ssz` is None for a method without a request (metadata), which is no bytes."""
    return b"" if ssz is None else _payload(ssz, encoding)


def encode_chunk(ssz: bytes, *, context: bytes | None = None, encoding: str = SSZ_SNAPPY) -> bytes:
    """Returns a chunk of success on the wire.

    Raises:
        ValueError: `context` is not of 4 bytes.
    """
    if context is not None and len(context) != CONTEXT_SIZE:
        raise ValueError(f"a context of {len(context)} bytes, not {CONTEXT_SIZE}")
    return bytes([SUCCESS]) + (context or b"") + _payload(ssz, encoding)


def encode_error(result: int, text: str | bytes = "", *, encoding: str = SSZ_SNAPPY) -> bytes:
    """Returns a chunk with an error on the wire, the last of its response.

    A text of more than 256 bytes is cut to 253 and three dots, as in Rumor's `reqresp/rpc_method.go`.

    Raises:
        ValueError: `result` is not 1 to 255.
    """
    if not SUCCESS < result < 256:
        raise ValueError(f"the result of an error must be 1 to 255, not {result}")
    message = text.encode(errors="replace") if isinstance(text, str) else bytes(text)
    if len(message) > MAX_ERROR_SIZE:
        message = message[: MAX_ERROR_SIZE - 3]
        if isinstance(text, str):
            message = message.decode(errors="ignore").encode()  # no half character
        message += b"..."
    return bytes([result]) + _payload(message, encoding)
