"""One request under way in Rumor."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pyrum_sync.errors import CallEnded, CallError, CallTimeout, ConnectionLost
from pyrum_sync.eth2.errors import RequestError

if TYPE_CHECKING:
    from typing_extensions import Self

    from pyrum_sync.client.call import Call
    from pyrum_sync.eth2.arguments import Deadline
    from pyrum_sync.eth2.kinds import Asker
    from pyrum_sync.protocol.entries import Entry
    from pyrum_sync.spec.methods import Method

FIRST_VERSION: Final = 1  # what Rumor's commands ask for, by default
# These have no command of their own, so the engine is asked by protocol id.
_WITHOUT_COMMAND: Final = frozenset(("gloas", "heze"))


class Chunk(NamedTuple):
    """A chunk of an answer."""

    data: bytes
    context: bytes
    """The fork digest, 4 bytes; empty where the protocol has no context bytes."""


def words_of(row: Method) -> tuple[str, dict[str, Any]]:
    """Returns the word after `rpc` for a protocol, and the flags that its `req` and `listen` need to mean it."""
    if row.fork in _WITHOUT_COMMAND:
        return "any", {"protocol": row.protocol()}
    return row.name, {"raw": True} if row.version == FIRST_VERSION else {"raw": True, "version": row.version}


class Exchange:
    """A request that was sent, `rpc METHOD req raw`. Leaving its block ends the call in Rumor.

    Args:
        row: the protocol.
        data: the SSZ of the request.
        max_chunks: how many chunks are read at most; None: as many as Rumor reads by itself.
        deadline: for all of it.
    """

    def __init__(
        self, actor: Asker, row: Method, peer_id: str, data: bytes, max_chunks: int | None, deadline: Deadline
    ) -> None:
        self.written = False
        """Whether the peer got the request."""
        self._deadline = deadline
        self._max_chunks = max_chunks
        word, flags = words_of(row)
        if word == "any":
            flags["context"] = row.context
        # Rumor's own limit covers opening the stream alone.
        request = actor.within(deadline.left()).nowait.rpc[word].req.raw
        self.call: Call = request(peer_id, data, max_chunks=max_chunks, timeout=deadline.flag(), **flags)

    def chunks(self, partial: list[Any]) -> Iterator[Chunk]:
        """Yields the chunks of the answer as they come.

        Args:
            partial: what a RequestError is to carry; it may grow meanwhile.

        Raises:
            RequestError: the request failed, or a chunk has an error code.
            CallTimeout, ConnectionLost: as everywhere.
        """
        try:
            self.call.next(self._deadline.left())
            self.written = True
            # After the last chunk there is nothing to wait for.
            for _ in count() if self._max_chunks is None else range(self._max_chunks):
                yield self._chunk(self.call.next(self._deadline.left()), partial)
        except CallEnded:
            return
        except RequestError:
            raise
        except CallError as error:
            entry = error.entry if error.entry is not None and "result_code" in error.entry else None
            raise RequestError(error.message, partial=partial, call=error.call, entry=entry) from error

    def _chunk(self, step: Entry, partial: list[Any]) -> Chunk:
        data = bytes.fromhex(step.get("data") or "")
        size = step.get("chunk_size", len(data))
        if len(data) != size:
            raise RequestError(
                f"the chunk was cut off: {len(data)} of {size} bytes came", partial=partial, call=self.call, entry=step
            )
        return Chunk(data, bytes.fromhex(step.get("context") or ""))

    def drop(self) -> None:
        """End the call without waiting for that."""
        with suppress(CallTimeout, CallError, ConnectionLost):
            self.call.cancel(0)

    def __enter__(self) -> Self:
        self.call.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.call.__exit__(kind, error, trace)
