"""The built-in simulator as a child process: the engine with a network in memory."""

from __future__ import annotations

from pyrum_sync.transports.embedded import EngineConn, Faults


class SimulatorConn(EngineConn):
    """A simulated Rumor of its own, for scripts and tests where there is no real one. It needs no extra.

    Args:
        faults: what is to go wrong, as for `EmbeddedConn`.
        connect_timeout: seconds until the simulator must have answered.
    """

    def __init__(self, faults: Faults | None = None, *, connect_timeout: float = 30) -> None:
        super().__init__("pyrum_sync.simulator", faults, connect_timeout)
