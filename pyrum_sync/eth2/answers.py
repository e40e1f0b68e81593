"""What a handler returns, as the chunks of an answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from pyrum_sync.eth2.decode import encoded
from pyrum_sync.eth2.exchange import Chunk
from pyrum_sync.spec.encoding import MAX_ERROR_SIZE
from pyrum_sync.spec.forks import DIGEST_SIZE, as_bytes

if TYPE_CHECKING:
    from pyrum_sync.spec.methods import Method

_WHAT: Final = "what a handler returns"


def answer(handler: Callable[[Any], Any], request: Any, row: Method) -> list[Chunk]:
    """Have a request answered; returns the chunks. Raises what the handler raises, TypeError, ValueError."""
    returned = handler(request)
    if returned is None:
        return []
    if isinstance(returned, list) or (isinstance(returned, tuple) and not (row.context and _is_pair(returned))):
        return [_chunk(each, row) for each in returned]
    return [_chunk(returned, row)]


def error_text(text: str) -> str:
    """Returns `text` as it can stand in an error chunk."""
    return text.replace("\0", "").encode(errors="replace")[:MAX_ERROR_SIZE].decode(errors="ignore")


def _chunk(item: Any, row: Method) -> Chunk:
    if not row.context:
        return Chunk(encoded(item, _WHAT), b"")
    if not isinstance(item, tuple) or not _is_pair(item):
        raise TypeError(
            f"{_WHAT} for {row.name}/{row.version} is (context, object) pairs, where the context is the fork digest of"
            f" the object, 4 bytes or their hex; not {type(item).__name__}"
        )
    context, content = item
    return Chunk(encoded(content, _WHAT), as_bytes(context, DIGEST_SIZE, "the context"))


def _is_pair(item: tuple[Any, ...]) -> bool:
    """Whether a tuple is a context and an object, and not two objects. No object is as short as a context."""
    return len(item) == 2 and (isinstance(item[0], str) or (isinstance(item[0], bytes) and len(item[0]) == DIGEST_SIZE))
