"""The networks by their names; each is loaded when it is asked for, and may need packages beyond the library's own."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Final

from pyrum_sync.engine.network.api import Network

NAMES: Final = ("tcp", "memory")
NO_EXTRA: Final = 69
"""The exit status where the packages of a network are missing; `EmbeddedConn` knows it."""

_PACKAGES: Final = {"tcp": ("cryptography", "cramjam"), "memory": ()}

_PLACES: Final = {"tcp": ("libp2p.network", "LibP2PNetwork"), "memory": ("memory.network", "MemoryNetwork")}


def missing(name: str) -> str | None:
    """Returns what a network lacks, and how to get it; None if it can be made."""
    lacking = [package for package in _PACKAGES[name] if find_spec(package) is None]
    if not lacking:
        return None
    return f'network {name} needs {" and ".join(lacking)}: pip install "pyrum-sync[engine]"'


def new_network(name: str) -> Network:
    """Returns a new network of that name."""
    module, made = _PLACES[name]
    network: Network = getattr(import_module(f"pyrum_sync.engine.network.{module}"), made)()
    return network
