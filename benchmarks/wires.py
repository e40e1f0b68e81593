"""The bare ways to Rumor that the reference loops run on: nothing between them and the operating system."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Callable
from typing import Any, NamedTuple

SIZE = 1 << 16
RUMOR = os.environ.get("RUMOR", "rumor")
BARE = [RUMOR, "bare", "--level=trace"]
KEY = "benchmark"


class Wire(NamedTuple):
    """How to write a line (with its newline), to read one, and to read as much as is there."""

    send: Callable[[bytes], object]
    readline: Callable[[], bytes]
    read: Callable[[], bytes]
    fd: int
    """Where to write without blocking; -1 where that cannot be done."""


def reach(way: str, address: str) -> Wire:
    """A way is "subprocess" (no address), "tcp" (a port of this machine), "unix" (a path) or "websocket" (a URL)."""
    if way == "subprocess":
        return _pipe()
    if way == "websocket":
        return _websocket(address)
    return _socket(way, address)


def _pipe() -> Wire:
    pipe = subprocess.PIPE
    # In a session of its own, as the client's child: on a busy machine, Linux gives each session a share of its own.
    child: Any = subprocess.Popen(BARE, stdin=pipe, stdout=pipe, bufsize=SIZE, start_new_session=True)
    to, back = child.stdin.fileno(), child.stdout.fileno()
    return Wire(lambda line: os.write(to, line), child.stdout.readline, lambda: os.read(back, SIZE), to)


def _socket(way: str, address: str) -> Wire:
    if way == "tcp":
        sock = socket.create_connection(("127.0.0.1", int(address)))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    else:
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(address)
    return Wire(sock.sendall, sock.makefile("rb", SIZE).readline, lambda: sock.recv(SIZE), sock.fileno())


def _websocket(url: str) -> Wire:
    import websocket

    client: Any = websocket.WebSocket(skip_utf8_validation=True)
    client.connect(url, header=[f"X-Api-Key: {KEY}"])
    client.sock.settimeout(None)

    def message() -> bytes:
        data: bytes = client.recv_data()[1]  # a message is an entry, in bytes
        return data

    return Wire(client.send, message, message, -1)
