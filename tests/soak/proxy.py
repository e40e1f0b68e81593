"""A stream between a client and a server that can be cut, stalled and half closed. One thread for each connection."""

from __future__ import annotations

import select
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from time import monotonic

_CHUNK = 1 << 16
_LINGER = struct.pack("ii", 1, 0)


class Proxy:
    """Listens at `path`, or on a port of 127.0.0.1, for one client; forwards its bytes to what `reach` connects to.

    `lost` is called just before the client is made to see the end of the stream, whichever side began it.
    """

    def __init__(self, reach: Callable[[], socket.socket], lost: Callable[[], None], path: str = "") -> None:
        self._reach = reach
        self._lost = lost
        self.port = 0
        if path:
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(path)
            self._listener.listen()
        else:
            self._listener = socket.create_server(("127.0.0.1", 0))
            self.port = self._listener.getsockname()[1]
        self.upstream = ""  # the address that the server sees
        self._wake, self._woken = socket.socketpair()
        self._wake.setblocking(False)
        self._orders: list[str] = []
        self._silent_until = 0.0
        self._thread = threading.Thread(target=self._run, name="proxy", daemon=True)
        self._thread.start()

    # -- what is done to the stream, from any thread

    def reset(self) -> None:
        """The client's connection is reset, the server's closed."""
        self._order("reset")

    def end(self) -> None:
        """The stream to the client ends; what it writes goes on to the server."""
        self._order("end")

    def tear(self) -> None:
        """The same in the middle of a line, or frame."""
        self._order("tear")

    def deafen(self) -> None:
        """The stream to the server ends; what it writes goes on to the client."""
        self._order("deafen")

    def stall(self, seconds: float) -> None:
        """Nothing is passed on for so long; nothing is lost."""
        self._silent_until = monotonic() + seconds
        self._order("stall")

    def _order(self, what: str) -> None:
        self._orders.append(what)
        self._poke()

    def _poke(self) -> None:
        with suppress(OSError):
            self._wake.send(b"x")

    def close(self) -> None:
        """Pass on what lies here, and end."""
        self._order("close")
        self._thread.join(30)
        for sock in (self._listener, self._wake, self._woken):
            sock.close()

    # -- the thread

    def _run(self) -> None:
        ready = select.select([self._listener, self._woken], [], [])[0]
        while self._listener not in ready:
            self._woken.recv(64)
            if "close" in self._orders:
                return
            ready = select.select([self._listener, self._woken], [], [])[0]
        client = self._listener.accept()[0]
        try:
            server = self._reach()
        except OSError:
            self._lost()
            client.close()
            return
        if server.family == socket.AF_INET:
            host, port = server.getsockname()
            self.upstream = f"{host}:{port}"
        for sock in (client, server):
            if sock.family == socket.AF_INET:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            _Stream(self, client, server).run()
        finally:
            client.close()
            server.close()


class _Stream:
    def __init__(self, proxy: Proxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy = proxy
        self._client, self._server = client, server
        self._waiting = {client: bytearray(), server: bytearray()}  # to be written there
        self._ended: set[socket.socket] = set()  # gave us its last byte
        self._shut: set[socket.socket] = set()  # was given its last byte
        for sock in (client, server):
            sock.setblocking(False)

    def _other(self, sock: socket.socket) -> socket.socket:
        return self._server if sock is self._client else self._client

    def run(self) -> None:
        proxy = self._proxy
        try:
            while not self._over():
                silence = proxy._silent_until - monotonic()
                reading: list[socket.socket] = [sock for sock in self._waiting if sock not in self._ended]
                writing = [sock for sock in self._waiting if self._waiting[sock]] if silence <= 0 else []
                readable, writable, _ = select.select(
                    [*reading, proxy._woken], writing, [], max(0.0, silence) if silence > 0 else 5
                )
                if proxy._woken in readable:
                    proxy._woken.recv(64)
                    if self._obey():
                        return
                for sock in readable:
                    if sock is not proxy._woken:
                        self._read(sock)
                if proxy._silent_until <= monotonic():
                    for sock in writable:
                        self._write(sock)
                    self._pass_ends()
        except OSError:
            self._break(reset=False)

    def _over(self) -> bool:
        return self._ended == set(self._waiting) and not any(self._waiting.values())

    def _read(self, sock: socket.socket) -> None:
        try:
            data = sock.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._ended.add(sock)
        elif self._other(sock) not in self._shut:
            self._waiting[self._other(sock)] += data

    def _write(self, sock: socket.socket) -> None:
        waiting = self._waiting[sock]
        try:
            del waiting[: sock.send(waiting)]
        except BlockingIOError:
            pass
        except OSError:
            waiting.clear()
            self._shut.add(sock)
            self._ended.add(sock)

    def _pass_ends(self) -> None:
        for sock in list(self._ended):
            other = self._other(sock)
            if not self._waiting[other]:
                self._shut_down(other)
        if self._client in self._ended and self._client in self._shut:
            self._ended.add(self._server)  # nobody is left to hear it

    def _shut_down(self, sock: socket.socket) -> None:
        if sock not in self._shut:
            self._shut.add(sock)
            if sock is self._client:
                self._proxy._lost()
            with suppress(OSError):
                sock.shutdown(socket.SHUT_WR)

    def _obey(self) -> bool:
        """Do what was ordered; True if that was the end."""
        orders = self._proxy._orders
        while orders:
            order = orders.pop(0)
            if order == "reset":
                self._break(reset=True)
                return True
            if order == "close":
                self._proxy._silent_until = 0
                for sock, waiting in self._waiting.items():
                    sock.settimeout(5)
                    with suppress(OSError):
                        if sock not in self._shut:
                            sock.sendall(waiting)
                return True
            if order == "tear":
                del self._waiting[self._client][:]
                with suppress(OSError):
                    self._client.send(b'\x81\x7e\x01{"level":')  # a frame, or a line, that is not whole
            if order in ("end", "tear"):
                self._waiting[self._client].clear()
                self._shut_down(self._client)
            if order == "deafen":
                self._shut_down(self._server)
        return False

    def _break(self, *, reset: bool) -> None:
        self._proxy._lost()
        if reset:
            with suppress(OSError):
                self._client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
        self._client.close()
