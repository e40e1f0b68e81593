"""Blocks, as bytes or in a container of the caller's: by range, by root, by head."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Literal, overload

from pyrum_sync.eth2.arguments import Deadline, items, root, whole
from pyrum_sync.eth2.batches import ask_for, ranges, slices
from pyrum_sync.eth2.kinds import T
from pyrum_sync.eth2.request import Part, collect
from pyrum_sync.eth2.shape import Shape
from pyrum_sync.eth2.versions import spoken
from pyrum_sync.spec.methods import Method

if TYPE_CHECKING:
    from pyrum_sync.eth2.kinds import Asker, Response

_PARALLEL = 8


@overload
def blocks_by_range(
    actor: Asker, peer_id: str, start_slot: int, count: int, step: int = 1, *, version: int | None = None,
    response: None = None, contexts: Literal[False] = False, timeout: float | None = 10, parallel: int = _PARALLEL,
) -> list[bytes]: ...  # fmt: skip
@overload
def blocks_by_range(
    actor: Asker, peer_id: str, start_slot: int, count: int, step: int = 1, *, version: int | None = None,
    response: Response[T], contexts: Literal[False] = False, timeout: float | None = 10, parallel: int = _PARALLEL,
) -> list[T]: ...  # fmt: skip
@overload
def blocks_by_range(
    actor: Asker, peer_id: str, start_slot: int, count: int, step: int = 1, *, version: int | None = None,
    response: None = None, contexts: Literal[True], timeout: float | None = 10, parallel: int = _PARALLEL,
) -> list[tuple[bytes, bytes]]: ...  # fmt: skip
@overload
def blocks_by_range(
    actor: Asker, peer_id: str, start_slot: int, count: int, step: int = 1, *, version: int | None = None,
    response: Response[T], contexts: Literal[True], timeout: float | None = 10, parallel: int = _PARALLEL,
) -> list[tuple[bytes, T]]: ...  # fmt: skip
def blocks_by_range(
    actor: Asker,
    peer_id: str,
    start_slot: int,
    count: int,
    step: int = 1,
    *,
    version: int | None = None,
    response: Any = None,
    contexts: bool = False,
    timeout: float | None = 10,
    parallel: int = _PARALLEL,
) -> list[Any]:
    """Ask for the blocks of a range of slots (`rpc blocks-by-range req raw`).

    The engine asks once for up to 128 slots. A Go Rumor spoils answers of several chunks, so there each slot is asked
    for by itself, and so it is where `step` is not 1 and the version is 2, which does not know steps.

    Args:
        start_slot: the first slot.
        count: how many slots.
        step: the distance between them.
        version, response, contexts: as for `request`; an answer in version 1 has no contexts.
        timeout: seconds for all of it; None: for ever.
        parallel: how many requests are under way on a Go Rumor. The engine has two at most, as the specification says.

    Returns:
        The blocks, in order; an empty slot has none.

    Raises:
        As `request`, save that no block at all is no error. A RequestError has the blocks before it as `partial`.
    """
    start, total, step = whole(start_slot, "start_slot"), whole(count, "count"), whole(step, "step", 1)
    whole(start + max(total - 1, 0) * step, "the last slot of the range")

    def parts(row: Method) -> Iterator[Part]:
        from pyrum_sync.spec.containers import BlocksByRangeRequest

        single = actor.engine is None or (step != 1 and row.version > 1)
        for first, many in ranges(0, total, 1 if single else row.max_chunks):
            asked = BlocksByRangeRequest(start_slot=start + first * step, count=many, step=step if not single else 1)
            yield Part(asked.encode_bytes(), many)

    rows = spoken(actor, "blocks-by-range", version)
    parallel = whole(parallel, "parallel", 1)
    return collect(actor, rows, peer_id, parts, Shape(response, contexts), Deadline(timeout), parallel)


@overload
def blocks_by_root(
    actor: Asker, peer_id: str, roots: Iterable[bytes | str], *, version: int | None = None,
    response: None = None, contexts: Literal[False] = False, timeout: float | None = 10, parallel: int = _PARALLEL,
) -> list[bytes]: ...  # fmt: skip
@overload
def blocks_by_root(
    actor: Asker, peer_id: str, roots: Iterable[bytes | str], *, version: int | None = None,
    response: Response[T], contexts: Literal[False] = False, timeout: float | None = 10, parallel: int = _PARALLEL,
) -> list[T]: ...  # fmt: skip
@overload
def blocks_by_root(
    actor: Asker, peer_id: str, roots: Iterable[bytes | str], *, version: int | None = None,
    response: None = None, contexts: Literal[True], timeout: float | None = 10, parallel: int = _PARALLEL,
) -> list[tuple[bytes, bytes]]: ...  # fmt: skip
@overload
def blocks_by_root(
    actor: Asker, peer_id: str, roots: Iterable[bytes | str], *, version: int | None = None,
    response: Response[T], contexts: Literal[True], timeout: float | None = 10, parallel: int = _PARALLEL,
) -> list[tuple[bytes, T]]: ...  # fmt: skip
def blocks_by_root(
    actor: Asker,
    peer_id: str,
    roots: Iterable[bytes | str],
    *,
    version: int | None = None,
    response: Any = None,
    contexts: bool = False,
    timeout: float | None = 10,
    parallel: int = _PARALLEL,
) -> list[Any]:
    """Ask for blocks by their roots (`rpc blocks-by-root req raw`), split as `blocks_by_range` does.

    Args:
        roots: 32 bytes each, or their hex.
        version, response, contexts, timeout, parallel: as for `blocks_by_range`.

    Returns:
        The blocks, in order; a root that the peer does not know has none.

    Raises:
        As `blocks_by_range`.
    """
    wanted = [root(each, "a root") for each in items(roots, "roots")]

    def parts(row: Method) -> Iterator[Part]:
        for some in slices(wanted, 1 if actor.engine is None else row.max_chunks):
            yield Part(b"".join(some), len(some))

    rows = spoken(actor, "blocks-by-root", version)
    parallel = whole(parallel, "parallel", 1)
    return collect(actor, rows, peer_id, parts, Shape(response, contexts), Deadline(timeout), parallel)


@overload
def blocks_by_head(
    actor: Asker, peer_id: str, beacon_root: bytes | str, count: int, *, response: None = None,
    contexts: Literal[False] = False, timeout: float | None = 10,
) -> list[bytes]: ...  # fmt: skip
@overload
def blocks_by_head(
    actor: Asker, peer_id: str, beacon_root: bytes | str, count: int, *, response: Response[T],
    contexts: Literal[False] = False, timeout: float | None = 10,
) -> list[T]: ...  # fmt: skip
@overload
def blocks_by_head(
    actor: Asker, peer_id: str, beacon_root: bytes | str, count: int, *, response: None = None,
    contexts: Literal[True], timeout: float | None = 10,
) -> list[tuple[bytes, bytes]]: ...  # fmt: skip
@overload
def blocks_by_head(
    actor: Asker, peer_id: str, beacon_root: bytes | str, count: int, *, response: Response[T],
    contexts: Literal[True], timeout: float | None = 10,
) -> list[tuple[bytes, T]]: ...  # fmt: skip
def blocks_by_head(
    actor: Asker,
    peer_id: str,
    beacon_root: bytes | str,
    count: int,
    *,
    response: Any = None,
    contexts: bool = False,
    timeout: float | None = 10,
) -> list[Any]:
    """Ask for a block and its ancestors (`rpc blocks-by-head req raw`). The engine alone has it.

    Args:
        beacon_root: the root of the newest block, 32 bytes or their hex.
        count: how many blocks, 128 at most.
        response, contexts, timeout: as for `request`.

    Returns:
        The blocks, downwards.

    Raises:
        As `blocks_by_range`.
    """
    from pyrum_sync.eth2.batches import MOST_SLOTS
    from pyrum_sync.spec.containers import BlocksByHeadRequest

    many = whole(count, "count", 1, MOST_SLOTS)
    asked = BlocksByHeadRequest(beacon_root=root(beacon_root, "beacon_root"), count=many).encode_bytes()
    return ask_for(
        actor, "blocks-by-head", peer_id, lambda _: iter((Part(asked, many),)), response, contexts, Deadline(timeout)
    )
