"""The HTTP side of `serve`: ``/ws``, ``/script``, ``/report``, each only with the key."""

from __future__ import annotations

import asyncio
import concurrent.futures
import http.server
import json
import socket
import threading
from typing import Any

from pyrum_sync.engine.serving.server import Server
from pyrum_sync.engine.session.levels import Level, parse_level

_HEAD_SECONDS = 15.0
_HEAD_BYTES = 1 << 16
MISSING_EXTRA = "websockets need the extra: pip install 'pyrum-sync[engine]'"


class Web:
    """Looks at the head of each connection, and hands it to the websocket side or to plain HTTP."""

    def __init__(self, server: Server, api_key: str) -> None:
        self._server = server
        self._api_key = api_key

    def take(self, connection: socket.socket) -> None:
        """Serves one connection, in a thread of its own."""
        threading.Thread(target=self._serve, args=(connection,), name="simulator http", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            head = _peek_head(connection)
            path, headers = _parse_head(head)
            allowed = self._api_key in ("", headers.get("x-api-key", ""))
            if path == "/ws" and allowed and "upgrade" in headers.get("connection", "").lower():
                self._websocket(connection)
            else:
                _Plain(connection, self._server, self._api_key)
        except (OSError, concurrent.futures.CancelledError):
            pass  # the client went away, or the server ends
        finally:
            connection.close()

    def _websocket(self, connection: socket.socket) -> None:
        try:
            from pyrum_sync.engine.serving.websocket import serve_websocket
        except ImportError:
            self._server.log(Level.ERROR, MISSING_EXTRA, {})
            connection.recv(_HEAD_BYTES)
            body = MISSING_EXTRA.encode()
            head = f"HTTP/1.1 501 Not Implemented\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            connection.sendall(head.encode() + body)
            return
        serve_websocket(connection, self._server)


def _peek_head(connection: socket.socket) -> bytes:
    """The request's head, left unread."""
    connection.settimeout(_HEAD_SECONDS)
    size = 0
    while True:
        head = connection.recv(_HEAD_BYTES, socket.MSG_PEEK)
        if b"\r\n\r\n" in head or not head or len(head) == _HEAD_BYTES:
            connection.settimeout(None)
            return head
        if len(head) == size:
            # more is to come: wait for it without reading what is there
            connection.settimeout(_HEAD_SECONDS)
            threading.Event().wait(0.005)
        size = len(head)


def _parse_head(head: bytes) -> tuple[str, dict[str, str]]:
    first, *rest = head.decode("latin-1").split("\r\n")
    words = first.split(" ")
    pairs = (line.partition(":") for line in rest)
    headers = {name.strip().lower(): value.strip() for name, colon, value in pairs if colon}
    return (words[1].partition("?")[0] if len(words) > 1 else ""), headers


class _Plain(http.server.BaseHTTPRequestHandler):
    """One request, with Rumor's answers and status codes."""

    protocol_version = "HTTP/1.1"
    server_version = "pyrum_sync-engine"
    sys_version = ""

    def __init__(self, connection: socket.socket, server: Server, api_key: str) -> None:
        self._rumor = server
        self._api_key = api_key
        super().__init__(connection, connection.getsockname(), _NO_SERVER)

    def log_message(self, *_: object) -> None:
        """Rumor does not log requests."""

    def do_GET(self) -> None:
        """Answer; Rumor looks at the path alone."""
        self.close_connection = True
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.partition("?")[0]
        if path not in ("/script", "/report", "/ws"):
            self._answer(404, b"404 page not found\n")
        elif self._api_key not in ("", self.headers.get("X-Api-Key", "")):
            self._answer(403, b"")
        elif path == "/ws":
            self._answer(400, b"Bad Request\n")
        elif path == "/report":
            self._answer(200, self._in_loop(self._report()), "application/json; charset=UTF-8")
        else:
            status, answer = self._in_loop(self._rumor.script(body.decode("utf-8", "replace"), self._level()))
            self._answer(status, answer)

    do_POST = do_PUT = do_DELETE = do_HEAD = do_GET

    async def _report(self) -> bytes:
        return json.dumps(self._rumor.report(), separators=(",", ":")).encode() + b"\n"

    def _level(self) -> Level:
        try:
            return parse_level(self.headers.get("X-Log-Level", ""))
        except ValueError:
            return Level.DEBUG

    def _in_loop(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._rumor.loop).result()

    def _answer(self, status: int, body: bytes, kind: str = "text/plain; charset=utf-8") -> None:
        self.send_response(status)
        if body:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)


_NO_SERVER: Any = None
"""The handler asks nothing of its server."""
