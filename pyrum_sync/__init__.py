"""A synchronous, blocking client for Rumor, the Eth2 networking shell.

>>> from pyrum_sync import Rumor, SubprocessConn
>>> with SubprocessConn("rumor bare --level=trace") as conn, Rumor(conn) as rumor:  # doctest: +SKIP
...     alice = rumor.actor("alice")
...     alice.host.start(nat=False)
...     alice.host.listen(ip="127.0.0.1", tcp=9000)
...     print(alice.host.view().addr())
"""

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
