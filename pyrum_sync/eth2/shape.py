"""What the caller of a request wants its chunks as."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyrum_sync.eth2.decode import decode, is_ssz
from pyrum_sync.eth2.exchange import Chunk
from pyrum_sync.spec.forks import DIGEST_SIZE, as_bytes
from pyrum_sync.spec.methods import Method


class Shape:
    """Makes of chunks what `response=` and `contexts=` of a request ask for.

    Raises:
        TypeError: they are of no type that they can be of.
        ValueError: a key of `response` is no fork digest.
    """

    def __init__(self, response: Any = None, contexts: bool = False) -> None:
        self._kind: Any = None
        self._kinds: dict[bytes, Any] | None = None
        if isinstance(response, Mapping):
            self._kinds = {as_bytes(key, DIGEST_SIZE, "a key of response"): kind for key, kind in response.items()}
        else:
            self._kind = response
        for kind in (self._kind,) if self._kinds is None else self._kinds.values():
            if kind is not None and not is_ssz(kind):
                raise TypeError(
                    f"response must be an SSZ type, a mapping of fork digests to them, or None, not {kind!r}"
                )
        if not isinstance(contexts, bool):
            raise TypeError(f"contexts must be a bool, not {type(contexts).__name__}")
        self._contexts = contexts

    def suits(self, row: Method) -> bool:
        """Returns whether chunks of this protocol can be made so: the context alone says which container to take."""
        return row.context or self._kinds is None

    def of(self, chunk: Chunk) -> Any:
        """Returns a chunk as the caller wants it.

        Raises:
            ValueError: it is no encoding of its container, or there is no container for its context.
        """
        item = self._object(chunk)
        return (chunk.context, item) if self._contexts else item

    def _object(self, chunk: Chunk) -> Any:
        kind = self._kind
        if self._kinds is not None:
            try:
                kind = self._kinds[chunk.context]
            except KeyError:
                raise ValueError(f"response has no container for the fork digest {chunk.context.hex()!r}") from None
        return chunk.data if kind is None else decode(kind, chunk.data)
