"""The protocols of requests as the commands speak them: `spec.methods` has them, here is what Rumor adds.

Rumor (p2p/rpc/methods) knows the first version of six methods; of those the defaults and the bounds are its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from pyrum_sync.engine.commands import decoded
from pyrum_sync.spec import methods
from pyrum_sync.spec.codec import SSZ, SSZ_SNAPPY, RequestDecoder, ResponseDecoder, encode_request
from pyrum_sync.spec.encoding import MAX_PAYLOAD_SIZE
from pyrum_sync.spec.snappy import max_compressed

RUMORS: Final = ("goodbye", "status", "ping", "metadata", "blocks-by-range", "blocks-by-root")
"""The methods of Rumor, in the order of its help."""
_RUMORS_CHUNKS: Final = dict(zip(RUMORS, (0, 1, 1, 1, 20, 20), strict=True))
# Specified, but of no network yet: `rpc any` asks for those.
_NOT_SCHEDULED: Final = ("gloas", "heze")


@dataclass(frozen=True)
class Protocol:
    """One protocol: its id, its bounds, and how its messages are shown."""

    id: str
    encoding: str
    """`ssz_snappy`, or `ssz` for `--compression=none`."""
    request_sizes: tuple[int, int]
    """Bytes of SSZ, at least and at most; (0, 0): requests have no content, and nothing is read of them."""
    chunk_limit: int
    """Bytes of SSZ that a chunk has at most."""
    context: bool | None
    """Whether chunks of success have context bytes; None: as a response says itself."""
    decode_request: Callable[[bytes], Any]
    """Returns what an entry shows of a request; DecodeError."""
    decode_response: Callable[[bytes], Any]
    """Returns what an entry shows of a chunk of success; DecodeError."""
    spoils: bool = False
    """Whether it is one of Rumor's own, whose listeners go bad (see `listening`)."""
    silent: bool = False
    """Whether a request without content is no bytes at all."""

    def request(self, data: bytes) -> bytes:
        """Returns a request on the wire."""
        return encode_request(None if self.silent and not data else data, encoding=self.encoding)

    def chunk(self, code: int, data: bytes, context: bytes = b"") -> bytes:
        """Returns a chunk of a response on the wire, whatever it holds."""
        return bytes((code,)) + context + encode_request(data, encoding=self.encoding)

    def request_decoder(self) -> RequestDecoder:
        """Returns a decoder of one request."""
        return RequestDecoder(*self.request_sizes, encoding=self.encoding)

    def response_decoder(self) -> ResponseDecoder:
        """Returns a decoder of one response; how many chunks are read is the caller's affair."""
        return ResponseDecoder(0, self.chunk_limit, context=bool(self.context), encoding=self.encoding)


@dataclass(frozen=True)
class RpcMethod:
    """A method as `rpc METHOD` has it: its versions, the first one first."""

    name: str
    versions: tuple[methods.Method, ...]
    chunks: int
    """How many chunks of an answer are read by default."""

    def protocol(self, version: int, compression: str) -> Protocol:
        """Returns the protocol of a version. ValueError: there is no such version."""
        return of(methods.method(self.name, version), compression)


def encoding_of(compression: str) -> str:
    """Returns the encoding that a value of `--compression` means."""
    return SSZ if compression == "none" else SSZ_SNAPPY


def of(row: methods.Method, compression: str = "snappy") -> Protocol:
    """Returns the protocol of a row of the table, with this `--compression`."""
    encoding = encoding_of(compression)
    rumors = row.version == 1 and row.name in RUMORS
    limit = row.response_sizes[1]
    if rumors and encoding == SSZ_SNAPPY:
        # Rumor compares with the largest compressed size (reqresp/rpc_method.go)
        limit = max_compressed(limit)
    return Protocol(
        id=row.protocol(encoding),
        encoding=encoding,
        request_sizes=row.request_sizes,
        chunk_limit=min(limit, MAX_PAYLOAD_SIZE),
        context=row.context,
        decode_request=decoded.request_decoder(row),
        decode_response=decoded.response_decoder(row),
        spoils=rumors,
        silent=not row.request_sizes[1],
    )


def any_of(protocol_id: str, *, context: bool) -> Protocol:
    """Returns a protocol by its id. All of its messages are shown as hex.

    Args:
        protocol_id: one that ends with ``/ssz`` is not compressed, any other is.
        context: whether its chunks have context bytes, if it is in no specification.
    """
    known = methods.by_protocol(protocol_id)
    if known is not None:
        row, encoding = known
        found = of(row, "none" if encoding == SSZ else "snappy")
        sizes, limit, silent, context = found.request_sizes, found.chunk_limit, found.silent, row.context or context
    else:
        encoding = SSZ if protocol_id.endswith("/ssz") else SSZ_SNAPPY
        sizes, limit, silent = (0, MAX_PAYLOAD_SIZE), MAX_PAYLOAD_SIZE, True
    return Protocol(protocol_id, encoding, sizes, limit, context or None, bytes.hex, bytes.hex, silent=silent)


def _rpc_methods() -> dict[str, RpcMethod]:
    found = {}
    for name in (*RUMORS, *(name for name in methods.NAMES if name not in RUMORS)):
        versions = tuple(reversed(methods.versions(name)))
        if versions[0].fork not in _NOT_SCHEDULED:
            found[name] = RpcMethod(name, versions, _RUMORS_CHUNKS.get(name, versions[0].max_chunks))
    return found


METHODS: Final = _rpc_methods()
"""What `rpc` has a word for, in the order of its help."""


def first(name: str, compression: str) -> Protocol:
    """Returns the first version of a method, which is what the commands below ``peer`` speak."""
    return METHODS[name].protocol(1, compression)
