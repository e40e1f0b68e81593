"""The ways to reach a Rumor."""

from .process import SubprocessConn
from .sockets import TCPConn, UnixConn
from .websocket import WebsocketConn

__all__ = ["SubprocessConn", "TCPConn", "UnixConn", "WebsocketConn"]
