"""Which protocols a Rumor speaks, and which version of a request a peer is asked in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from pyrum_sync.errors import CallError, UnknownCommand
from pyrum_sync.eth2.arguments import Deadline, text, whole
from pyrum_sync.eth2.errors import RequestError, not_supported
from pyrum_sync.eth2.exchange import FIRST_VERSION
from pyrum_sync.eth2.kinds import T
from pyrum_sync.spec.methods import Method, method, versions

if TYPE_CHECKING:
    from pyrum_sync.eth2.kinds import Asker

METHODS: Final = ("status", "goodbye", "ping", "metadata", "blocks-by-range", "blocks-by-root")
"""The methods that any Rumor speaks, as its commands name them, in version 1."""


def spoken(actor: Asker, name: str, version: int | None) -> tuple[Method, ...]:
    """Returns the versions of a method that this Rumor speaks, the newest first; if `version` is given that alone.

    Raises:
        ValueError: there is no such method, or not in that version.
        UnknownCommand: this is a Go Rumor, which does not speak it.
        TypeError: `name` is no str, or `version` neither int nor None.
    """
    rows = versions(text(name, "method"))
    if version is not None:
        rows = (method(name, whole(version, "version")),)
    if actor.engine is not None:
        return rows
    known = tuple(row for row in rows if row.name in METHODS and row.version == FIRST_VERSION)
    if not known:
        raise UnknownCommand(
            f"a Go Rumor does not speak {rows[0].name}/{rows[0].version}, but only version {FIRST_VERSION} of"
            f" {', '.join(METHODS)}: use the engine, EmbeddedConn"
        )
    return known


def best_first(actor: Asker, peer_id: str, rows: Sequence[Method], deadline: Deadline) -> Sequence[Method]:
    """Returns the versions of a method in the order in which the peer is to be asked.

    Those that it announces come first, the newest of them before the others. What it announces may be out of date, so
    the rest comes after.
    """
    if len(rows) == 1:
        return rows
    announced = _protocols(actor, peer_id, deadline)
    return sorted(rows, key=lambda row: row.protocol() not in announced)  # as they were, otherwise


def _protocols(actor: Asker, peer_id: str, deadline: Deadline) -> frozenset[Any]:
    """The protocols that a peer announces, as far as they are known."""
    try:
        known = actor.within(deadline.left()).peer.info(peer_id).data.get("protocols")
    except CallError:  # nothing is known of it
        return frozenset()
    return frozenset(known) if isinstance(known, list) else frozenset()


def negotiate(rows: Sequence[Method], ask: Callable[[Method], T]) -> T:
    """Ask in one version after the other, while the peer says that it does not support them; returns the answer."""
    for row in rows[:-1]:
        try:
            return ask(row)
        except RequestError as error:
            if not not_supported(error):
                raise
    return ask(rows[-1])
