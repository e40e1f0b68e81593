"""The networks by their names; one that needs packages beyond the library's own is loaded when it is asked for."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Final

from pyrum_sync.engine.network.api import Network
from pyrum_sync.engine.network.memory.network import MemoryNetwork

NAMES: Final = ("tcp", "memory")
NO_EXTRA: Final = 69
"""The exit status where the packages of a network are missing; `EmbeddedConn` knows it."""

_PACKAGES: Final = {"tcp": ("cryptography", "cramjam"), "memory": ()}


def missing(name: str) -> str | None:
    """Returns what a network lacks, and how to get it; None if it can be made."""
    lacking = [package for package in _PACKAGES[name] if find_spec(package) is None]
    if not lacking:
        return None
    return f'network {name} needs {" and ".join(lacking)}: pip install "pyrum-sync[engine]"'


def new_network(name: str) -> Network:
    """Returns a new network of that name."""
    if name == "memory":
        return MemoryNetwork()
    network: Network = import_module("pyrum_sync.engine.network.libp2p.network").LibP2PNetwork()
    return network
