"""Requests and responses as entries show them without `--raw`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pyrum_sync.engine.commands import eth2
from pyrum_sync.engine.commands.eth2 import DecodeError
from pyrum_sync.spec.methods import Method

Decoder = Callable[[bytes], Any]

# The first versions, as Rumor shows them: with the names of its Go fields, and lengths checked as its decoder does it.
_RUMORS_REQUESTS: Final[dict[str, Decoder]] = {
    "goodbye": eth2.decode_uint64,
    "status": eth2.decode_status,
    "ping": eth2.decode_uint64,
    "metadata": eth2.decode_nothing,
    "blocks-by-range": eth2.decode_range,
    "blocks-by-root": eth2.decode_roots,
}
_RUMORS_RESPONSES: Final[dict[str, Decoder]] = {
    "goodbye": eth2.decode_uint64,
    "status": eth2.decode_status,
    "ping": eth2.decode_uint64,
    "metadata": eth2.decode_metadata,
    "blocks-by-range": eth2.decode_block,
    "blocks-by-root": eth2.decode_block,
}


def request_decoder(row: Method) -> Decoder:
    """Returns what turns the SSZ of a request into a value of an entry."""
    if row.version == 1 and row.name in _RUMORS_REQUESTS:
        return _RUMORS_REQUESTS[row.name]
    if row.request is None:
        return eth2.decode_nothing
    return lambda data: _fields(row, row.request_container(), data)


def response_decoder(row: Method) -> Decoder:
    """Returns the same for a chunk of success; one whose container depends on the fork is shown as hex."""
    if row.version == 1 and row.name in _RUMORS_RESPONSES:
        return _RUMORS_RESPONSES[row.name]
    if row.response is None:
        return bytes.hex
    return lambda data: _fields(row, row.response_container(), data)


def _fields(row: Method, container: Any, data: bytes) -> Any:
    try:
        value = container.decode_bytes(data)
        whole = value.encode_bytes() == data
    except Exception as error:  # remerkleable raises whatever goes wrong inside it
        raise DecodeError(f"not a {container.__name__} of {row.name}/{row.version}: {error}") from None
    if not whole:
        raise DecodeError(f"not a {container.__name__} of {row.name}/{row.version}: other bytes than its encoding has")
    return shown(value)


def shown(value: Any) -> Any:
    """Returns an SSZ object as values of JSON: numbers, hex with 0x (bit fields, too), lists, and objects by field."""
    if isinstance(value, int):
        return int(value)
    if isinstance(value, bytes):
        return f"0x{value.hex()}"
    if hasattr(type(value), "fields"):
        return {name: shown(getattr(value, name)) for name in type(value).fields()}
    if _is_bits(value):
        return f"0x{value.encode_bytes().hex()}"
    return [shown(item) for item in value]


def _is_bits(value: Any) -> bool:
    from remerkleable.bitfields import BitsView

    return isinstance(value, BitsView)
