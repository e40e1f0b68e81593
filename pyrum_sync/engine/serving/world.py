"""Builds a simulator: a network, the commands on it, the processor of sessions."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from pyrum_sync.engine.commands.actor import World
from pyrum_sync.engine.commands.registry import CommandRoom
from pyrum_sync.engine.faults import Faults
from pyrum_sync.engine.network.memory.network import MemoryNetwork
from pyrum_sync.engine.session.processor import AdminLog, Processor


def die(status: int) -> NoReturn:
    """End the process at once, as a crash would."""
    sys.stderr.write("the simulator dies, as its faults say\n")
    sys.stderr.flush()
    os._exit(status)


def build(faults: Faults, admin: AdminLog) -> Processor:
    """A simulator; inside a running loop."""
    return Processor(CommandRoom(World(MemoryNetwork(), faults, die)), admin)
