"""Builds an engine: a network, the commands on it, the processor of sessions."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from pyrum_sync.engine.commands.registry import CommandRegistry
from pyrum_sync.engine.faults import Faults
from pyrum_sync.engine.network.memory.network import MemoryNetwork
from pyrum_sync.engine.session.processor import AdminLog, Processor


def die(status: int) -> NoReturn:
    """Ends the process at once, as a crash would."""
    sys.stderr.write("the simulator dies, as its faults say\n")
    sys.stderr.flush()
    os._exit(status)


def build(faults: Faults, admin: AdminLog) -> Processor:
    """Returns the processor of a new engine, inside a running loop; `admin` logs what concerns no session."""
    return Processor(CommandRegistry(MemoryNetwork(), faults, die), admin)
