"""The ways to reach a Rumor."""

from .process import SubprocessConn
from .simulated import SimulatorConn
from .sockets import TCPConn, UnixConn
from .websocket import WebsocketConn

__all__ = ["SimulatorConn", "SubprocessConn", "TCPConn", "UnixConn", "WebsocketConn"]
