"""The faults that the engine can be asked to have, under their old import path: see `pyrum_sync.engine.faults`."""

from pyrum_sync.engine.faults import *  # noqa: F403
