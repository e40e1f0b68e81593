"""What light clients ask for. The engine alone has their requests, and peers may not offer them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal, overload

from pyrum_sync.eth2.arguments import Deadline, root, whole
from pyrum_sync.eth2.batches import ask_for, ranges
from pyrum_sync.eth2.kinds import T
from pyrum_sync.eth2.request import Part
from pyrum_sync.spec.methods import Method

if TYPE_CHECKING:
    from pyrum_sync.eth2.kinds import Asker, Response


@overload
def light_client_bootstrap(
    actor: Asker, peer_id: str, block_root: bytes | str,
    *, response: None = None, contexts: Literal[False] = False, timeout: float | None = 10,
) -> bytes: ...  # fmt: skip
@overload
def light_client_bootstrap(
    actor: Asker, peer_id: str, block_root: bytes | str,
    *, response: Response[T], contexts: Literal[False] = False, timeout: float | None = 10,
) -> T: ...  # fmt: skip
@overload
def light_client_bootstrap(
    actor: Asker, peer_id: str, block_root: bytes | str,
    *, response: None = None, contexts: Literal[True], timeout: float | None = 10,
) -> tuple[bytes, bytes]: ...  # fmt: skip
@overload
def light_client_bootstrap(
    actor: Asker, peer_id: str, block_root: bytes | str,
    *, response: Response[T], contexts: Literal[True], timeout: float | None = 10,
) -> tuple[bytes, T]: ...  # fmt: skip
def light_client_bootstrap(
    actor: Asker,
    peer_id: str,
    block_root: bytes | str,
    *,
    response: Any = None,
    contexts: bool = False,
    timeout: float | None = 10,
) -> Any:
    """Ask for what a light client starts from (`rpc light-client-bootstrap req raw`).

    Args:
        block_root: the root of the block to start at, 32 bytes or their hex.
        response, contexts, timeout: as for `request`.

    Returns:
        The LightClientBootstrap of the block.

    Raises:
        As `request`.
    """
    return _one(actor, "bootstrap", peer_id, root(block_root, "block_root"), response, contexts, timeout)


@overload
def light_client_updates_by_range(
    actor: Asker, peer_id: str, start_period: int, count: int,
    *, response: None = None, contexts: Literal[False] = False, timeout: float | None = 10,
) -> list[bytes]: ...  # fmt: skip
@overload
def light_client_updates_by_range(
    actor: Asker, peer_id: str, start_period: int, count: int,
    *, response: Response[T], contexts: Literal[False] = False, timeout: float | None = 10,
) -> list[T]: ...  # fmt: skip
@overload
def light_client_updates_by_range(
    actor: Asker, peer_id: str, start_period: int, count: int,
    *, response: None = None, contexts: Literal[True], timeout: float | None = 10,
) -> list[tuple[bytes, bytes]]: ...  # fmt: skip
@overload
def light_client_updates_by_range(
    actor: Asker, peer_id: str, start_period: int, count: int,
    *, response: Response[T], contexts: Literal[True], timeout: float | None = 10,
) -> list[tuple[bytes, T]]: ...  # fmt: skip
def light_client_updates_by_range(
    actor: Asker,
    peer_id: str,
    start_period: int,
    count: int,
    *,
    response: Any = None,
    contexts: bool = False,
    timeout: float | None = 10,
) -> list[Any]:
    """Ask for the updates of sync committee periods (`rpc light-client-updates-by-range req raw`).

    Args:
        start_period: the first period.
        count: how many; 128 of them go into one request.
        response, contexts, timeout: as for `request`.

    Returns:
        The LightClientUpdates, in order.

    Raises:
        As `request`, save that no chunk at all is no error.
    """
    start, total = whole(start_period, "start_period"), whole(count, "count")

    def parts(row: Method) -> Iterator[Part]:
        from pyrum_sync.spec.containers import LightClientUpdatesByRangeRequest

        for first, many in ranges(start, total, row.max_chunks):
            yield Part(LightClientUpdatesByRangeRequest(start_period=first, count=many).encode_bytes(), many)

    return ask_for(actor, "light-client-updates-by-range", peer_id, parts, response, contexts, Deadline(timeout))


@overload
def light_client_finality_update(
    actor: Asker, peer_id: str,
    *, response: None = None, contexts: Literal[False] = False, timeout: float | None = 10,
) -> bytes: ...  # fmt: skip
@overload
def light_client_finality_update(
    actor: Asker, peer_id: str,
    *, response: Response[T], contexts: Literal[False] = False, timeout: float | None = 10,
) -> T: ...  # fmt: skip
@overload
def light_client_finality_update(
    actor: Asker, peer_id: str,
    *, response: None = None, contexts: Literal[True], timeout: float | None = 10,
) -> tuple[bytes, bytes]: ...  # fmt: skip
@overload
def light_client_finality_update(
    actor: Asker, peer_id: str,
    *, response: Response[T], contexts: Literal[True], timeout: float | None = 10,
) -> tuple[bytes, T]: ...  # fmt: skip
def light_client_finality_update(
    actor: Asker,
    peer_id: str,
    *,
    response: Any = None,
    contexts: bool = False,
    timeout: float | None = 10,
) -> Any:
    """Ask for the newest finality update (`rpc light-client-finality-update req raw`).

    Args:
        response, contexts, timeout: as for `request`.

    Returns:
        The LightClientFinalityUpdate.

    Raises:
        As `request`.
    """
    return _one(actor, "finality-update", peer_id, b"", response, contexts, timeout)


@overload
def light_client_optimistic_update(
    actor: Asker, peer_id: str,
    *, response: None = None, contexts: Literal[False] = False, timeout: float | None = 10,
) -> bytes: ...  # fmt: skip
@overload
def light_client_optimistic_update(
    actor: Asker, peer_id: str,
    *, response: Response[T], contexts: Literal[False] = False, timeout: float | None = 10,
) -> T: ...  # fmt: skip
@overload
def light_client_optimistic_update(
    actor: Asker, peer_id: str,
    *, response: None = None, contexts: Literal[True], timeout: float | None = 10,
) -> tuple[bytes, bytes]: ...  # fmt: skip
@overload
def light_client_optimistic_update(
    actor: Asker, peer_id: str,
    *, response: Response[T], contexts: Literal[True], timeout: float | None = 10,
) -> tuple[bytes, T]: ...  # fmt: skip
def light_client_optimistic_update(
    actor: Asker,
    peer_id: str,
    *,
    response: Any = None,
    contexts: bool = False,
    timeout: float | None = 10,
) -> Any:
    """Ask for the newest optimistic update (`rpc light-client-optimistic-update req raw`).

    Args:
        response, contexts, timeout: as for `request`.

    Returns:
        The LightClientOptimisticUpdate.

    Raises:
        As `request`.
    """
    return _one(actor, "optimistic-update", peer_id, b"", response, contexts, timeout)


def _one(
    actor: Asker, what: str, peer_id: str, data: bytes, response: Any, contexts: bool, timeout: float | None
) -> Any:
    """Ask for something that is a single chunk."""
    parts = (Part(data, 1),)
    method = f"light-client-{what}"
    return ask_for(actor, method, peer_id, lambda _: parts, response, contexts, Deadline(timeout), needed=True)[0]
