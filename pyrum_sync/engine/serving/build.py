"""Builds an engine: a network, the commands on it, the processor of sessions."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import NoReturn

from pyrum_sync.engine.commands.registry import CommandRegistry
from pyrum_sync.engine.faults import Faults
from pyrum_sync.engine.serving.networks import new_network
from pyrum_sync.engine.session.processor import AdminLog, Processor


def die(status: int) -> NoReturn:
    """Ends the process at once, as a crash would."""
    sys.stderr.write("the engine dies, as its faults say\n")
    sys.stderr.flush()
    os._exit(status)


def build(network: str, faults: Faults, admin: AdminLog, end: Callable[[int], NoReturn] = die) -> Processor:
    """Returns the processor of a new engine, inside a running loop.

    Args:
        network: the name of its network.
        faults: what is to go wrong.
        admin: logs what concerns no session.
        end: ends the process with a status, where the faults say so.
    """
    return Processor(CommandRegistry(new_network(network), faults, end), admin)
