"""The engine as a child process: a Rumor in Python, whose hosts speak libp2p over TCP."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pyrum_sync.errors import RumorNotFound
from pyrum_sync.transports.link import End
from pyrum_sync.transports.process import SubprocessConn

Faults = Sequence[Mapping[str, Any]]
_NO_EXTRA: Final = 69  # the engine's exit status where packages are missing


class EngineConn(SubprocessConn):
    """An engine of its own, on a network.

    Args:
        module: the module that is run.
        faults: what is to go wrong; None for nothing.
        connect_timeout: seconds until it must have answered.
    """

    def __init__(self, module: str, faults: Faults | None, connect_timeout: float) -> None:
        super().__init__([sys.executable, "-m", module, "bare", "--level=trace"], connect_timeout=connect_timeout)
        self._faults = "" if faults is None else _checked(faults)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

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


class EmbeddedConn(EngineConn):
    """An engine of its own: Rumor's commands, in Python, on real libp2p over TCP. It needs the extra `[engine]`.

    Experimental, with transport code of its own: for throw-away keys. Without the extra opening a Rumor on it raises
    RumorNotFound, which says what to install.

    Args:
        faults: what is to go wrong, a list of dicts such as ``{"do": "refuse-connect", "command": "peer connect"}``;
            pyrum_sync.engine.faults has the whole form, and ValueError names what is wrong with a given one.
        connect_timeout: seconds until the engine must have answered.
    """

    def __init__(self, faults: Faults | None = None, *, connect_timeout: float = 30) -> None:
        super().__init__("pyrum_sync.engine", faults, connect_timeout)

    def post_mortem(self) -> End:
        end = super().post_mortem()
        if end.exit_status == _NO_EXTRA:
            said = end.stderr.strip() or "packages of the engine are missing"
            end.not_found = RumorNotFound(
                f"{said}; without it there is SimulatorConn(), the same engine with a network in memory"
            )
        return end


def _checked(faults: Faults) -> str:
    from pyrum_sync.engine.faults import parse  # only for those who want faults

    value = [dict(fault) for fault in faults]
    parse(value)
    return json.dumps(value)
