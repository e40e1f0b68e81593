"""What the engine says of itself: to clients in a session's first entry, and to peers in the agent of its hosts."""

from __future__ import annotations

from typing import Final

from pyrum_sync.version import __version__

NAME: Final = "pyrum_sync"
ENGINE: Final = f"the {NAME} engine"
"""What errors call it that name what it does not have."""

_GREETINGS: Final = {
    "memory": "This is the pyrum_sync simulator, not a real Rumor: its network is in memory.",
    "tcp": "This is the pyrum_sync engine, not a real Rumor: its hosts speak libp2p over TCP.",
}


def greeting(network: str) -> tuple[str, dict[str, str]]:
    """Returns the text and the fields of the first entry; clients know the engine by the fields."""
    text = _GREETINGS.get(network, "This is the pyrum_sync engine, not a real Rumor.")
    return text, {"engine": NAME, "version": __version__, "network": network}


def agent(name: str, network: str) -> str:
    """Returns the agent of a host that is called `name`: never the real thing's alone."""
    own = f"({NAME} engine {__version__}, {network})"
    return name if own in name else f"{name} {own}".strip()
