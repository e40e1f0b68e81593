"""A synchronous, blocking client for Rumor, the Eth2 networking shell.

>>> from pyrum_sync import Rumor, SubprocessConn
>>> with SubprocessConn("rumor bare --level=trace") as conn, Rumor(conn) as rumor:  # doctest: +SKIP
...     alice = rumor.actor("alice")
...     alice.host.start(nat=False)
...     alice.host.listen(ip="127.0.0.1", tcp=9000)
...     print(alice.host.view().addr())
"""

from __future__ import annotations

from pyrum_sync.client.call import Call
from pyrum_sync.client.commands import Actor
from pyrum_sync.client.rumor import Rumor
from pyrum_sync.errors import (
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

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from typing import Any

    from pyrum_sync.client.field import Field
    from pyrum_sync.gossip import wait_for_topic_peers
    from pyrum_sync.probing import PeerReport, probe, probe_many
    from pyrum_sync.protocol.script import ShellResult
    from pyrum_sync.transports.embedded import EmbeddedConn
    from pyrum_sync.transports.process import SubprocessConn
    from pyrum_sync.transports.simulated import SimulatorConn
    from pyrum_sync.transports.sockets import TCPConn, UnixConn
    from pyrum_sync.transports.websocket import WebsocketConn
    from pyrum_sync.version import __version__ as __version__

__all__ = [
    "Actor",
    "Call",
    "CallEnded",
    "CallError",
    "CallTimeout",
    "ConnectionLost",
    "DataLost",
    "EmbeddedConn",
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
    "probe_many",
    "wait_for_topic_peers",
]

# What many scripts do without is loaded when it is first asked for.
_PLACES = {
    "__version__": "version",
    "EmbeddedConn": "transports.embedded",
    "Field": "client.field",
    "PeerReport": "probing",
    "ShellResult": "protocol.script",
    "SimulatorConn": "transports.simulated",
    "SubprocessConn": "transports.process",
    "TCPConn": "transports.sockets",
    "UnixConn": "transports.sockets",
    "WebsocketConn": "transports.websocket",
    "probe": "probing",
    "probe_many": "probing",
    "wait_for_topic_peers": "gossip",
}


def __getattr__(name: str) -> Any:
    place = _PLACES.get(name)
    if place is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = __import__(f"{__name__}.{place}", fromlist=[name])  # importlib itself is slow to import
    found = globals()[name] = getattr(module, name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
