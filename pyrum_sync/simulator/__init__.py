"""The engine on a network in memory, under its old import path: see `pyrum_sync.engine`."""
