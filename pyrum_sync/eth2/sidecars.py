"""Blob sidecars and data column sidecars. The engine alone has their requests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Literal, overload

from pyrum_sync.eth2.arguments import Deadline, root, whole
from pyrum_sync.eth2.batches import MOST_SLOTS, ask_for, column_indices, pairs, ranges, slices, slot_range
from pyrum_sync.eth2.kinds import T
from pyrum_sync.eth2.request import Part
from pyrum_sync.spec.methods import Method

if TYPE_CHECKING:
    from pyrum_sync.eth2.kinds import Asker, Response


@overload
def blob_sidecars_by_range(
    actor: Asker, peer_id: str, start_slot: int, count: int,
    *, response: None = None, contexts: Literal[False] = False, timeout: float | None = 10,
) -> list[bytes]: ...  # fmt: skip
@overload
def blob_sidecars_by_range(
    actor: Asker, peer_id: str, start_slot: int, count: int,
    *, response: Response[T], contexts: Literal[False] = False, timeout: float | None = 10,
) -> list[T]: ...  # fmt: skip
@overload
def blob_sidecars_by_range(
    actor: Asker, peer_id: str, start_slot: int, count: int,
    *, response: None = None, contexts: Literal[True], timeout: float | None = 10,
) -> list[tuple[bytes, bytes]]: ...  # fmt: skip
@overload
def blob_sidecars_by_range(
    actor: Asker, peer_id: str, start_slot: int, count: int,
    *, response: Response[T], contexts: Literal[True], timeout: float | None = 10,
) -> list[tuple[bytes, T]]: ...  # fmt: skip
def blob_sidecars_by_range(
    actor: Asker,
    peer_id: str,
    start_slot: int,
    count: int,
    *,
    response: Any = None,
    contexts: bool = False,
    timeout: float | None = 10,
) -> list[Any]:
    """Ask for the blobs of a range of slots before Fulu (`rpc blob-sidecars-by-range req raw`).

    Args:
        start_slot: the first slot.
        count: how many slots; 128 of them go into one request.
        response, contexts, timeout: as for `request`.

    Returns:
        The sidecars, by slot and index.

    Raises:
        As `request`, save that no chunk at all is no error.
    """
    start, total = slot_range(start_slot, count)

    def parts(row: Method) -> Iterator[Part]:
        from pyrum_sync.spec.containers import BlobSidecarsByRangeRequest

        for first, many in ranges(start, total, MOST_SLOTS):
            yield Part(BlobSidecarsByRangeRequest(start_slot=first, count=many).encode_bytes(), row.max_chunks)

    return ask_for(actor, "blob-sidecars-by-range", peer_id, parts, response, contexts, Deadline(timeout))


@overload
def blob_sidecars_by_root(
    actor: Asker, peer_id: str, identifiers: Iterable[tuple[bytes | str, int]],
    *, response: None = None, contexts: Literal[False] = False, timeout: float | None = 10,
) -> list[bytes]: ...  # fmt: skip
@overload
def blob_sidecars_by_root(
    actor: Asker, peer_id: str, identifiers: Iterable[tuple[bytes | str, int]],
    *, response: Response[T], contexts: Literal[False] = False, timeout: float | None = 10,
) -> list[T]: ...  # fmt: skip
@overload
def blob_sidecars_by_root(
    actor: Asker, peer_id: str, identifiers: Iterable[tuple[bytes | str, int]],
    *, response: None = None, contexts: Literal[True], timeout: float | None = 10,
) -> list[tuple[bytes, bytes]]: ...  # fmt: skip
@overload
def blob_sidecars_by_root(
    actor: Asker, peer_id: str, identifiers: Iterable[tuple[bytes | str, int]],
    *, response: Response[T], contexts: Literal[True], timeout: float | None = 10,
) -> list[tuple[bytes, T]]: ...  # fmt: skip
def blob_sidecars_by_root(
    actor: Asker,
    peer_id: str,
    identifiers: Iterable[tuple[bytes | str, int]],
    *,
    response: Any = None,
    contexts: bool = False,
    timeout: float | None = 10,
) -> list[Any]:
    """Ask for blobs by the roots of their blocks (`rpc blob-sidecars-by-root req raw`).

    Args:
        identifiers: (block root, index of the blob) pairs; a root is 32 bytes, or their hex.
        response, contexts, timeout: as for `request`.

    Returns:
        The sidecars that the peer has.

    Raises:
        As `request`, save that no chunk at all is no error.
    """
    wanted = [(root(block, "a block root"), whole(index, "the index of a blob")) for block, index in pairs(identifiers)]

    def parts(row: Method) -> Iterator[Part]:
        from pyrum_sync.spec.containers import BlobIdentifier, BlobSidecarsByRootRequest

        for some in slices(wanted, row.max_chunks):
            asked = BlobSidecarsByRootRequest(BlobIdentifier(block_root=block, index=index) for block, index in some)
            yield Part(asked.encode_bytes(), len(some))

    return ask_for(actor, "blob-sidecars-by-root", peer_id, parts, response, contexts, Deadline(timeout))


@overload
def data_column_sidecars_by_range(
    actor: Asker, peer_id: str, start_slot: int, count: int, columns: Iterable[int],
    *, response: None = None, contexts: Literal[False] = False, timeout: float | None = 10,
) -> list[bytes]: ...  # fmt: skip
@overload
def data_column_sidecars_by_range(
    actor: Asker, peer_id: str, start_slot: int, count: int, columns: Iterable[int],
    *, response: Response[T], contexts: Literal[False] = False, timeout: float | None = 10,
) -> list[T]: ...  # fmt: skip
@overload
def data_column_sidecars_by_range(
    actor: Asker, peer_id: str, start_slot: int, count: int, columns: Iterable[int],
    *, response: None = None, contexts: Literal[True], timeout: float | None = 10,
) -> list[tuple[bytes, bytes]]: ...  # fmt: skip
@overload
def data_column_sidecars_by_range(
    actor: Asker, peer_id: str, start_slot: int, count: int, columns: Iterable[int],
    *, response: Response[T], contexts: Literal[True], timeout: float | None = 10,
) -> list[tuple[bytes, T]]: ...  # fmt: skip
def data_column_sidecars_by_range(
    actor: Asker,
    peer_id: str,
    start_slot: int,
    count: int,
    columns: Iterable[int],
    *,
    response: Any = None,
    contexts: bool = False,
    timeout: float | None = 10,
) -> list[Any]:
    """Ask for columns of a range of slots (`rpc data-column-sidecars-by-range req raw`).

    Args:
        start_slot: the first slot.
        count: how many slots; 128 of them go into one request.
        columns: the indices of the columns, below 128.
        response, contexts, timeout: as for `request`.

    Returns:
        The sidecars, by slot and column.

    Raises:
        As `request`, save that no chunk at all is no error.
    """
    start, total = slot_range(start_slot, count)
    wanted = column_indices(columns)

    def parts(_: Method) -> Iterator[Part]:
        from pyrum_sync.spec.containers import DataColumnSidecarsByRangeRequest

        for first, many in ranges(start, total, MOST_SLOTS):
            yield Part(
                DataColumnSidecarsByRangeRequest(start_slot=first, count=many, columns=wanted).encode_bytes(),
                many * len(wanted),
            )

    return ask_for(actor, "data-column-sidecars-by-range", peer_id, parts, response, contexts, Deadline(timeout))


@overload
def data_column_sidecars_by_root(
    actor: Asker, peer_id: str, identifiers: Iterable[tuple[bytes | str, Iterable[int]]],
    *, response: None = None, contexts: Literal[False] = False, timeout: float | None = 10,
) -> list[bytes]: ...  # fmt: skip
@overload
def data_column_sidecars_by_root(
    actor: Asker, peer_id: str, identifiers: Iterable[tuple[bytes | str, Iterable[int]]],
    *, response: Response[T], contexts: Literal[False] = False, timeout: float | None = 10,
) -> list[T]: ...  # fmt: skip
@overload
def data_column_sidecars_by_root(
    actor: Asker, peer_id: str, identifiers: Iterable[tuple[bytes | str, Iterable[int]]],
    *, response: None = None, contexts: Literal[True], timeout: float | None = 10,
) -> list[tuple[bytes, bytes]]: ...  # fmt: skip
@overload
def data_column_sidecars_by_root(
    actor: Asker, peer_id: str, identifiers: Iterable[tuple[bytes | str, Iterable[int]]],
    *, response: Response[T], contexts: Literal[True], timeout: float | None = 10,
) -> list[tuple[bytes, T]]: ...  # fmt: skip
def data_column_sidecars_by_root(
    actor: Asker,
    peer_id: str,
    identifiers: Iterable[tuple[bytes | str, Iterable[int]]],
    *,
    response: Any = None,
    contexts: bool = False,
    timeout: float | None = 10,
) -> list[Any]:
    """Ask for columns by the roots of their blocks (`rpc data-column-sidecars-by-root req raw`).

    Args:
        identifiers: (block root, indices of the columns) pairs; a root is 32 bytes, or their hex.
            128 of them go into one request.
        response, contexts, timeout: as for `request`.

    Returns:
        The sidecars that the peer has.

    Raises:
        As `request`, save that no chunk at all is no error.
    """
    wanted = [(root(block, "a block root"), column_indices(columns)) for block, columns in pairs(identifiers)]

    def parts(_: Method) -> Iterator[Part]:
        from pyrum_sync.spec.containers import DataColumnsByRootIdentifier, DataColumnSidecarsByRootRequest

        for some in slices(wanted, MOST_SLOTS):
            asked = DataColumnSidecarsByRootRequest(
                DataColumnsByRootIdentifier(block_root=block, columns=columns) for block, columns in some
            )
            yield Part(asked.encode_bytes(), sum(len(columns) for _, columns in some))

    return ask_for(actor, "data-column-sidecars-by-root", peer_id, parts, response, contexts, Deadline(timeout))
