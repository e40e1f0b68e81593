"""Any request, and what all of them have in common."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, overload

from pyrum_sync.eth2.arguments import Deadline, text, whole
from pyrum_sync.eth2.decode import encoded
from pyrum_sync.eth2.errors import RequestError
from pyrum_sync.eth2.exchange import Exchange
from pyrum_sync.eth2.kinds import T
from pyrum_sync.eth2.shape import Shape
from pyrum_sync.eth2.versions import best_first, negotiate, spoken
from pyrum_sync.spec.methods import Method

if TYPE_CHECKING:
    from pyrum_sync.eth2.kinds import Asker, Response

_MOST_AT_A_TIME = 2  # requests to one peer by one protocol: MAX_CONCURRENT_REQUESTS


class Part(NamedTuple):
    """One of the requests that an answer is put together from."""

    data: bytes
    """The SSZ."""
    max_chunks: int | None
    """How many chunks are read at most; None: as many as Rumor reads by itself."""


@overload
def request(
    actor: Asker, method: str, peer_id: str, content: Any = None, *, version: int | None = 1, response: None = None,
    contexts: Literal[False] = False, timeout: float | None = 10, max_chunks: int | None = None,
) -> list[bytes]: ...  # fmt: skip
@overload
def request(
    actor: Asker, method: str, peer_id: str, content: Any = None, *, version: int | None = 1, response: Response[T],
    contexts: Literal[False] = False, timeout: float | None = 10, max_chunks: int | None = None,
) -> list[T]: ...  # fmt: skip
@overload
def request(
    actor: Asker, method: str, peer_id: str, content: Any = None, *, version: int | None = 1, response: None = None,
    contexts: Literal[True], timeout: float | None = 10, max_chunks: int | None = None,
) -> list[tuple[bytes, bytes]]: ...  # fmt: skip
@overload
def request(
    actor: Asker, method: str, peer_id: str, content: Any = None, *, version: int | None = 1, response: Response[T],
    contexts: Literal[True], timeout: float | None = 10, max_chunks: int | None = None,
) -> list[tuple[bytes, T]]: ...  # fmt: skip
def request(
    actor: Asker,
    method: str,
    peer_id: str,
    content: Any = None,
    *,
    version: int | None = 1,
    response: Any = None,
    contexts: bool = False,
    timeout: float | None = 10,
    max_chunks: int | None = None,
) -> list[Any]:
    """Ask a peer (`rpc METHOD req raw`).

    Args:
        actor: the one that asks; it is connected to the peer.
        method: as Rumor names it, `_` for `-` allowed: `blocks_by_range`.
        content: an SSZ object or bytes; None where the request has no content, as for metadata. It is sent as it is.
        version: of the protocol. None: the newest that this Rumor speaks and the peer announces; before it has
            announced any the newest, and then older ones while the peer says that it does not support them.
        response: the type of the objects. A mapping of fork digests (4 bytes, or their hex) to types chooses it by the
            context of each chunk. None: bytes.
        contexts: whether to return (context, object) pairs. The context is 4 bytes, or none at all where the protocol
            has no context bytes.
        timeout: seconds for all of it; None: for ever.
        max_chunks: how many chunks are read at most. By default what the specification allows; a Go Rumor reads 20 of
            blocks, but mostly spoils an answer of several: there prefer `blocks_by_range` and `blocks_by_root`.

    Returns:
        The chunks of the answer. The call in Rumor is over in any case.

    Raises:
        RequestError: the request failed, a chunk has an error code, or no chunk came. It is a CallError.
        UnknownCommand: a Go Rumor does not speak this.
        ValueError: a chunk is no `response`; there is no such method or version; a number is out of range.
        TypeError: an argument is of the wrong type.
        CallTimeout: `timeout` ran out.
        ConnectionLost: Rumor is gone.
    """
    rows = spoken(actor, method, version)
    most = None if max_chunks is None else whole(max_chunks, "max_chunks", 1)
    if content is None and rows[0].request is None:
        content = b""
    data = encoded(content, f"the content of a {rows[0].name} request")

    def parts(row: Method) -> list[Part]:
        return [Part(data, most if most is not None else default_chunks(actor, row))]

    return collect(actor, rows, peer_id, parts, Shape(response, contexts), Deadline(timeout), needed=True)


def default_chunks(actor: Asker, row: Method) -> int | None:
    """Returns how many chunks of an answer are read; None: as many as Rumor reads by itself."""
    if row.max_chunks == 1:
        return 1  # of a goodbye Rumor would not wait for any
    return row.max_chunks if actor.engine is not None else None


def collect(
    actor: Asker,
    rows: Iterable[Method],
    peer_id: str,
    parts: Callable[[Method], Iterable[Part]],
    shape: Shape,
    deadline: Deadline,
    parallel: int = _MOST_AT_A_TIME,
    *,
    needed: bool = False,
) -> list[Any]:
    """Ask for all parts in the best of the versions, several at a time; returns all chunks, in the order of the parts.

    Args:
        rows: the versions that may be asked.
        parts: makes the requests for the version that is chosen.
        parallel: how many requests are under way. To the engine no more than the specification allows.
        needed: whether no chunk at all is an error.

    Raises:
        ValueError: no version suits `shape`; a chunk is no encoding of what it should be.
        RequestError, CallTimeout, ConnectionLost: as `request`.
    """
    text(peer_id, "peer_id")
    if actor.engine is not None:
        parallel = min(parallel, _MOST_AT_A_TIME)
    asked = list(rows)
    suited = [row for row in asked if shape.suits(row)]
    if not suited:
        raise ValueError(
            f"{asked[0].name}/{asked[0].version} has no context bytes, so response cannot be chosen by them: give one"
            " container"
        )

    def ask(row: Method) -> list[Any]:
        return ask_in(actor, row, peer_id, parts(row), shape, deadline, parallel, needed=needed)

    return negotiate(best_first(actor, peer_id, suited, deadline), ask)


def ask_in(
    actor: Asker,
    row: Method,
    peer_id: str,
    parts: Iterable[Part],
    shape: Shape,
    deadline: Deadline,
    parallel: int = _MOST_AT_A_TIME,
    *,
    needed: bool = False,
) -> list[Any]:
    """Ask as `collect`, in one version."""
    chunks: list[Any] = []
    under_way: deque[Exchange] = deque()

    def read_first() -> None:
        with under_way[0] as exchange:
            for chunk in exchange.chunks(chunks):
                chunks.append(shape.of(chunk))
        if needed and not chunks:
            raise RequestError("the peer sent no chunk", partial=chunks, call=exchange.call, entry=None)
        under_way.popleft()

    try:
        for part in parts:
            if len(under_way) >= parallel:
                read_first()
            under_way.append(Exchange(actor, row, peer_id, part.data, part.max_chunks, deadline))
        while under_way:
            read_first()
    finally:
        for exchange in under_way:
            exchange.drop()
    return chunks
