"""The built-in simulator as a child process."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

from pyrum_sync.transports.process import SubprocessConn


class SimulatorConn(SubprocessConn):
    """A simulated Rumor of its own, for scripts and tests where there is no real one.

    `faults` is what is to go wrong, a list of dicts such as ``{"do": "refuse-connect", "command": "peer connect"}``;
    pyrum_sync.engine.faults has the whole form, and ValueError names what is wrong with a given one.
    """

    def __init__(self, faults: Sequence[Mapping[str, Any]] | None = None, *, connect_timeout: float = 30) -> None:
        super().__init__(
            [sys.executable, "-m", "pyrum_sync.simulator", "bare", "--level=trace"], connect_timeout=connect_timeout
        )
        self._faults = "" if faults is None else _checked(faults)

    def __repr__(self) -> str:
        return "SimulatorConn()"

    def _connect(self, deadline: float) -> None:
        if not self._faults:
            super()._connect(deadline)
            return
        with tempfile.TemporaryFile() as file:  # without a name, so that nothing is left of it
            file.write(self._faults.encode())
            file.seek(0)
            self._cmd = [*self._cmd, f"--faults=/dev/fd/{file.fileno()}"]
            self._inherited = (file.fileno(),)
            super()._connect(deadline)


def _checked(faults: Sequence[Mapping[str, Any]]) -> str:
    from pyrum_sync.engine.faults import parse  # only for those who want faults

    value = [dict(fault) for fault in faults]
    parse(value)
    return json.dumps(value)
