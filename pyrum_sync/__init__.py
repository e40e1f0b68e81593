"""A synchronous, blocking client for Rumor, the Eth2 networking shell.

>>> from pyrum_sync import Rumor, SubprocessConn
>>> with SubprocessConn("rumor bare --level=trace") as conn, Rumor(conn) as rumor:  # doctest: +SKIP
...     alice = rumor.actor("alice")
...     alice.host.start(nat=False)
...     alice.host.listen(ip="127.0.0.1", tcp=9000)
...     print(alice.host.view().addr())
"""

from typing import TYPE_CHECKING, Any

from . import transports
from .call import Call, Field
from .errors import (
    CallEnded,
    CallError,
    CallTimeout,
    ConnectionLost,
    DataLost,
    HandshakeError,
    RumorClosed,
    RumorError,
    RumorNotFound,
    ShellError,
    UnknownCommand,
)
from .probe import PeerReport, probe
from .rumor import Actor, Rumor
from .shell import ShellResult

if TYPE_CHECKING:
    from .transports import SimulatorConn, SubprocessConn, TCPConn, UnixConn, WebsocketConn

__version__ = "0.1.0"

__all__ = [
    "Actor",
    "Call",
    "CallEnded",
    "CallError",
    "CallTimeout",
    "ConnectionLost",
    "DataLost",
    "Field",
    "HandshakeError",
    "PeerReport",
    "Rumor",
    "RumorClosed",
    "RumorError",
    "RumorNotFound",
    "ShellError",
    "ShellResult",
    "SimulatorConn",
    "SubprocessConn",
    "TCPConn",
    "UnixConn",
    "UnknownCommand",
    "WebsocketConn",
    "probe",
]


def __getattr__(name: str) -> Any:
    if name in transports.__all__:
        return getattr(transports, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
