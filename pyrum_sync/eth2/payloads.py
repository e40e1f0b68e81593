"""What Gloas and Heze bring: payload envelopes and inclusion lists. Not scheduled; the engine alone has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Literal, overload

from pyrum_sync.eth2.arguments import Deadline, items, root, whole
from pyrum_sync.eth2.batches import MOST_SLOTS, ask_for, ranges, slices, slot_range
from pyrum_sync.eth2.kinds import T
from pyrum_sync.eth2.request import Part
from pyrum_sync.spec.methods import Method

if TYPE_CHECKING:
    from pyrum_sync.eth2.kinds import Asker, Response


@overload
def execution_payload_envelopes_by_range(
    actor: Asker, peer_id: str, start_slot: int, count: int,
    *, response: None = None, contexts: Literal[False] = False, timeout: float | None = 10,
) -> list[bytes]: ...  # fmt: skip
@overload
def execution_payload_envelopes_by_range(
    actor: Asker, peer_id: str, start_slot: int, count: int,
    *, response: Response[T], contexts: Literal[False] = False, timeout: float | None = 10,
) -> list[T]: ...  # fmt: skip
@overload
def execution_payload_envelopes_by_range(
    actor: Asker, peer_id: str, start_slot: int, count: int,
    *, response: None = None, contexts: Literal[True], timeout: float | None = 10,
) -> list[tuple[bytes, bytes]]: ...  # fmt: skip
@overload
def execution_payload_envelopes_by_range(
    actor: Asker, peer_id: str, start_slot: int, count: int,
    *, response: Response[T], contexts: Literal[True], timeout: float | None = 10,
) -> list[tuple[bytes, T]]: ...  # fmt: skip
def execution_payload_envelopes_by_range(
    actor: Asker,
    peer_id: str,
    start_slot: int,
    count: int,
    *,
    response: Any = None,
    contexts: bool = False,
    timeout: float | None = 10,
) -> list[Any]:
    """Ask for the payload envelopes of a range of slots (`rpc any req raw`).

    Args:
        start_slot: the first slot.
        count: how many slots; 128 of them go into one request.
        response, contexts, timeout: as for `request`.

    Returns:
        The SignedExecutionPayloadEnvelopes, in order.

    Raises:
        As `request`, save that no chunk at all is no error.
    """
    start, total = slot_range(start_slot, count)

    def parts(_: Method) -> Iterator[Part]:
        from pyrum_sync.spec.containers import ExecutionPayloadEnvelopesByRangeRequest

        for first, many in ranges(start, total, MOST_SLOTS):
            yield Part(ExecutionPayloadEnvelopesByRangeRequest(start_slot=first, count=many).encode_bytes(), many)

    return ask_for(actor, "execution-payload-envelopes-by-range", peer_id, parts, response, contexts, Deadline(timeout))


@overload
def execution_payload_envelopes_by_root(
    actor: Asker, peer_id: str, roots: Iterable[bytes | str],
    *, response: None = None, contexts: Literal[False] = False, timeout: float | None = 10,
) -> list[bytes]: ...  # fmt: skip
@overload
def execution_payload_envelopes_by_root(
    actor: Asker, peer_id: str, roots: Iterable[bytes | str],
    *, response: Response[T], contexts: Literal[False] = False, timeout: float | None = 10,
) -> list[T]: ...  # fmt: skip
@overload
def execution_payload_envelopes_by_root(
    actor: Asker, peer_id: str, roots: Iterable[bytes | str],
    *, response: None = None, contexts: Literal[True], timeout: float | None = 10,
) -> list[tuple[bytes, bytes]]: ...  # fmt: skip
@overload
def execution_payload_envelopes_by_root(
    actor: Asker, peer_id: str, roots: Iterable[bytes | str],
    *, response: Response[T], contexts: Literal[True], timeout: float | None = 10,
) -> list[tuple[bytes, T]]: ...  # fmt: skip
def execution_payload_envelopes_by_root(
    actor: Asker,
    peer_id: str,
    roots: Iterable[bytes | str],
    *,
    response: Any = None,
    contexts: bool = False,
    timeout: float | None = 10,
) -> list[Any]:
    """Ask for payload envelopes by the roots of their blocks (`rpc any req raw`).

    Args:
        roots: 32 bytes each, or their hex.
        response, contexts, timeout: as for `request`.

    Returns:
        The envelopes that the peer has.

    Raises:
        As `request`, save that no chunk at all is no error.
    """
    wanted = [root(each, "a root") for each in items(roots, "roots")]

    def parts(row: Method) -> Iterator[Part]:
        for some in slices(wanted, row.max_chunks):
            yield Part(b"".join(some), len(some))

    return ask_for(actor, "execution-payload-envelopes-by-root", peer_id, parts, response, contexts, Deadline(timeout))


@overload
def inclusion_lists_by_indices(
    actor: Asker, peer_id: str, slot: int, dependent_root: bytes | str, indices: Iterable[bool],
    *, response: None = None, contexts: Literal[False] = False, timeout: float | None = 10,
) -> list[bytes]: ...  # fmt: skip
@overload
def inclusion_lists_by_indices(
    actor: Asker, peer_id: str, slot: int, dependent_root: bytes | str, indices: Iterable[bool],
    *, response: Response[T], contexts: Literal[False] = False, timeout: float | None = 10,
) -> list[T]: ...  # fmt: skip
@overload
def inclusion_lists_by_indices(
    actor: Asker, peer_id: str, slot: int, dependent_root: bytes | str, indices: Iterable[bool],
    *, response: None = None, contexts: Literal[True], timeout: float | None = 10,
) -> list[tuple[bytes, bytes]]: ...  # fmt: skip
@overload
def inclusion_lists_by_indices(
    actor: Asker, peer_id: str, slot: int, dependent_root: bytes | str, indices: Iterable[bool],
    *, response: Response[T], contexts: Literal[True], timeout: float | None = 10,
) -> list[tuple[bytes, T]]: ...  # fmt: skip
def inclusion_lists_by_indices(
    actor: Asker,
    peer_id: str,
    slot: int,
    dependent_root: bytes | str,
    indices: Iterable[bool],
    *,
    response: Any = None,
    contexts: bool = False,
    timeout: float | None = 10,
) -> list[Any]:
    """Ask for the inclusion lists of some members of a slot's committee (`rpc any req raw`).

    Args:
        slot: the slot.
        dependent_root: 32 bytes or their hex.
        indices: for each of the 16 members whether its list is wanted.
        response, contexts, timeout: as for `request`.

    Returns:
        The SignedInclusionLists that the peer has.

    Raises:
        As `request`, save that no chunk at all is no error.
    """
    from pyrum_sync.spec.containers import InclusionListsByIndicesRequest

    asked = InclusionListsByIndicesRequest(
        slot=whole(slot, "slot"),
        dependent_root=root(dependent_root, "dependent_root"),
        indices=items(indices, "indices"),
    ).encode_bytes()

    def parts(row: Method) -> Iterator[Part]:
        yield Part(asked, row.max_chunks)

    return ask_for(actor, "inclusion-lists-by-indices", peer_id, parts, response, contexts, Deadline(timeout))
