"""The ways to reach a Rumor. Each is loaded when it is first asked for: a script needs one of them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .process import SubprocessConn
    from .simulated import SimulatorConn
    from .sockets import TCPConn, UnixConn
    from .websocket import WebsocketConn

__all__ = ["SimulatorConn", "SubprocessConn", "TCPConn", "UnixConn", "WebsocketConn"]

_PLACES = {
    "SimulatorConn": "simulated",
    "SubprocessConn": "process",
    "TCPConn": "sockets",
    "UnixConn": "sockets",
    "WebsocketConn": "websocket",
}


def __getattr__(name: str) -> Any:
    place = _PLACES.get(name)
    if place is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{place}", __name__), name)
