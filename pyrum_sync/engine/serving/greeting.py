"""The first entry of a session, and of a server's log: it says which engine this is. Rumor has none of the kind."""

from __future__ import annotations

from importlib import import_module
from typing import Final

GREETING: Final = "This is the pyrum_sync simulator, not a real Rumor: its network is in memory."
ENGINE: Final = "pyrum_sync"
NETWORK: Final = "memory"


def about() -> dict[str, str]:
    """Returns the fields of that entry; a client looks at them for what it may ask."""
    # Not by an import statement, as the package's first module has the client.
    return {"engine": ENGINE, "version": import_module("pyrum_sync").__version__, "network": NETWORK}
