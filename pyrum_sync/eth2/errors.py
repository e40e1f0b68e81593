"""What a request raises when it fails."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from typing import Any

from pyrum_sync.client.call import Call
from pyrum_sync.errors import CallError
from pyrum_sync.eth2.decode import is_ssz
from pyrum_sync.protocol.entries import Entry
from pyrum_sync.protocol.redaction import printable

NOT_SUPPORTED = "protocol not supported"  # as go-libp2p says it of a stream that the peer refused


class RequestError(CallError):
    """A request failed: the peer could not be asked, refused, or sent nothing or nothing whole.

    `entry` is the chunk with the error code, as it came, where there is one; `message` the peer's text, with control
    characters escaped; `partial` the objects that had come before. A copy, and one that was pickled, lacks the call.
    """

    def __init__(self, message: str, *, partial: list[Any], call: Call | None, entry: Entry | None) -> None:
        super().__init__(printable(message), call=call, entry=entry)
        self.partial = partial

    def __reduce__(self) -> tuple[Callable[..., RequestError], tuple[Any, ...]]:
        return _restored, (type(self), str(self), self.message, self.entry, [_packed(each) for each in self.partial])


def not_supported(error: RequestError) -> bool:
    """Returns whether the peer refused the protocol, as opposed to the request."""
    return error.entry is None and not error.partial and NOT_SUPPORTED in error.message


# Containers with lists in them do not pickle, their SSZ does; so does their type, where it has a name.


def _packed(item: Any) -> Any:
    if isinstance(item, tuple):
        return tuple(map(_packed, item))
    return _Packed(type(item), item.encode_bytes()) if is_ssz(type(item)) else item


class _Packed:
    """An SSZ object on its way through pickle."""

    def __init__(self, kind: Any, ssz: bytes) -> None:
        self._kind = kind
        self._ssz = ssz

    def __reduce__(self) -> tuple[Any, ...]:
        try:
            pickle.dumps(self._kind)
        except Exception:  # a type without a name: its bytes are better than no error at all
            return bytes, (self._ssz,)
        return _unpacked, (self._kind, self._ssz)

    def __deepcopy__(self, memo: Mapping[int, Any]) -> _Packed:
        return self

    def unpacked(self) -> Any:
        return self._kind.decode_bytes(self._ssz)


def _unpacked(kind: Any, ssz: bytes) -> Any:
    return kind.decode_bytes(ssz)


def _restored(
    kind: type[RequestError], text: str, message: str, entry: Entry | None, partial: list[Any]
) -> RequestError:
    error = kind(message, partial=[_there(each) for each in partial], call=None, entry=entry)
    error.args = (text,)
    return error


def _there(item: Any) -> Any:
    if isinstance(item, tuple):
        return tuple(map(_there, item))
    return item.unpacked() if isinstance(item, _Packed) else item  # copied, not pickled
