"""The requests that are answered with one object: status, metadata, ping, goodbye."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, overload

from pyrum_sync.eth2.arguments import Deadline, text, whole
from pyrum_sync.eth2.decode import decode
from pyrum_sync.eth2.errors import RequestError
from pyrum_sync.eth2.exchange import Exchange
from pyrum_sync.eth2.request import Part, ask_in, request
from pyrum_sync.eth2.shape import Shape
from pyrum_sync.eth2.versions import best_first, negotiate, spoken

if TYPE_CHECKING:
    from pyrum_sync.eth2.kinds import AnyMetaData, AnyStatus, Asker
    from pyrum_sync.spec.containers import Goodbye, MetaData, MetaDataV2, MetaDataV3, Ping, Status, StatusV2
    from pyrum_sync.spec.methods import Method

_SHUTTING_DOWN: Final = 1


@overload
def status(
    actor: Asker, peer_id: str, ours: AnyStatus | None = None, *, version: Literal[1], timeout: float | None = 10
) -> Status: ...
@overload
def status(
    actor: Asker, peer_id: str, ours: AnyStatus | None = None, *, version: Literal[2], timeout: float | None = 10
) -> StatusV2: ...
@overload
def status(
    actor: Asker, peer_id: str, ours: AnyStatus | None = None, *, version: int | None = None, timeout: float | None = 10
) -> AnyStatus: ...
def status(
    actor: Asker, peer_id: str, ours: AnyStatus | None = None, *, version: int | None = None, timeout: float | None = 10
) -> AnyStatus:
    """Exchange statuses (`rpc status req raw`).

    Args:
        ours: what the peer hears, a Status of any version: it is converted to the one that is spoken, with 0 for the
            earliest available slot that a Status of version 1 does not have. None: all zero.
        version, timeout: as for `request`.

    Returns:
        The peer's, a Status or StatusV2: that has `earliest_available_slot`.

    Raises:
        As `request`.
    """
    from pyrum_sync.spec.containers import Status, StatusV2

    if ours is not None and not isinstance(ours, (Status, StatusV2)):
        raise TypeError(f"ours must be a Status or StatusV2, not {type(ours).__name__}")

    def content(row: Method) -> Any:
        kind = row.request_container()
        return kind(**{name: getattr(ours, name) for name in kind.fields() if hasattr(ours, name)})

    theirs: AnyStatus = _one(actor, "status", peer_id, version, content, timeout)
    return theirs


@overload
def metadata(actor: Asker, peer_id: str, *, version: Literal[1], timeout: float | None = 10) -> MetaData: ...
@overload
def metadata(actor: Asker, peer_id: str, *, version: Literal[2], timeout: float | None = 10) -> MetaDataV2: ...
@overload
def metadata(actor: Asker, peer_id: str, *, version: Literal[3], timeout: float | None = 10) -> MetaDataV3: ...
@overload
def metadata(actor: Asker, peer_id: str, *, version: int | None = None, timeout: float | None = 10) -> AnyMetaData: ...
def metadata(actor: Asker, peer_id: str, *, version: int | None = None, timeout: float | None = 10) -> AnyMetaData:
    """Ask for the peer's metadata (`rpc metadata req raw`).

    Args:
        version, timeout: as for `request`.

    Returns:
        MetaData, MetaDataV2 (it has `syncnets`) or MetaDataV3 (and `custody_group_count`).

    Raises:
        As `request`.
    """
    theirs: AnyMetaData = _one(actor, "metadata", peer_id, version, None, timeout)
    return theirs


def ping(actor: Asker, peer_id: str, seq_number: int = 0, *, timeout: float | None = 10) -> Ping:
    """Exchange the numbers of the metadata in force (`rpc ping req raw`).

    Args:
        seq_number: that of ours.
        timeout: as for `request`.

    Returns:
        The peer's.

    Raises:
        As `request`.
    """
    from pyrum_sync.spec.containers import Ping

    ours = Ping(seq_number=whole(seq_number, "seq_number"))
    return request(actor, "ping", peer_id, ours, response=Ping, timeout=timeout)[0]


def goodbye(actor: Asker, peer_id: str, reason: int = _SHUTTING_DOWN, *, timeout: float | None = 10) -> Goodbye | None:
    """Say goodbye (`rpc goodbye req raw`).

    Args:
        reason: 1 for shutting down, 2 for another network, 3 for a fault; `GOODBYE_REASONS` has more.
        timeout: as for `request`.

    Returns:
        What the peer said to that; None if it just hung up, as many do.

    Raises:
        As `request`.
    """
    from pyrum_sync.spec.containers import Goodbye

    ours = Goodbye(reason=whole(reason, "reason")).encode_bytes()
    (row,) = spoken(actor, "goodbye", 1)
    with Exchange(actor, row, text(peer_id, "peer_id"), ours, 1, Deadline(timeout)) as exchange:
        try:
            for chunk in exchange.chunks([]):
                return decode(Goodbye, chunk.data)
        except RequestError as error:
            if not exchange.written or error.entry is not None:
                raise
    return None


def _one(actor: Asker, name: str, peer_id: str, version: int | None, content: Any, timeout: float | None) -> Any:
    """The object that a peer answers with, in the best version; `content` makes the request for a version."""
    deadline = Deadline(timeout)

    def ask(row: Method) -> Any:
        part = Part(b"" if content is None else content(row).encode_bytes(), 1)
        shape = Shape(row.response_container())
        return ask_in(actor, row, peer_id, (part,), shape, deadline, needed=True)[0]

    rows = spoken(actor, name, version)
    return negotiate(best_first(actor, text(peer_id, "peer_id"), rows, deadline), ask)
