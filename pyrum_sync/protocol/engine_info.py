"""What the engine says of itself in the first entry of a session. A Go Rumor says nothing of that kind."""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyrum_sync.protocol.entries import Entry


class EngineInfo(NamedTuple):
    """Which engine is at the other end of a connection."""

    engine: str
    """Its name."""
    version: str
    network: str
    """What its hosts meet on: `tcp` or `memory`."""


def engine_info(entry: Entry) -> EngineInfo | None:
    """Returns what the engine's first entry says of it; None for any other entry."""
    found = entry.get("engine"), entry.get("version"), entry.get("network")
    if "call_id" in entry or not all(isinstance(value, str) for value in found):
        return None
    return EngineInfo(*map(str, found))
