"""The server: sessions on tcp, unix and websocket, scripts and reports by HTTP, and an orderly end."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks.servers import free_port
from tests.conformance.driver import SIMULATOR

KEY = "secret"
DEADLINE = 20.0


class Client:
    """Lines over a socket."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        connection.settimeout(DEADLINE)
        self._file = connection.makefile("rb")

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self.connection.close()

    def send(self, *lines: str) -> None:
        self.connection.sendall("".join(f"{line}\n" for line in lines).encode())

    def next(self) -> dict[str, Any] | None:
        """The next entry, None at the end."""
        line = self._file.readline()
        entry: dict[str, Any] | None = json.loads(line) if line else None
        return entry

    def until(self, key: str, value: object) -> dict[str, Any]:
        """The next entry with that value."""
        while (entry := self.next()) is not None:
            if entry.get(key) == value:
                return entry
        raise AssertionError(f"the end came before {key}={value}")


class Server:
    """A simulator serving all ways."""

    def __init__(self, folder: pathlib.Path, *flags: str, path: str = "") -> None:
        self.tcp, self.http = free_port(), free_port()
        self.ipc = str(folder / "ipc.sock")
        self.process = subprocess.Popen(
            [
                *SIMULATOR,
                "serve",
                f"--tcp=127.0.0.1:{self.tcp}",
                f"--ipc={self.ipc}",
                f"--http=127.0.0.1:{self.http}",
                f"--api-key={KEY}",
                *flags,
            ],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path} if path else None,
        )
        assert self.process.stdout is not None
        self.log = self.process.stdout
        self.first = self.log.readline().decode()
        self.wait_log("Started server")

    def wait_log(self, text: str) -> str:
        """The next line of the server's log with this text."""
        for line in self.log:
            if text in line.decode():
                return line.decode()
        raise AssertionError(f"the log ended before {text!r}")

    def client(self) -> Client:
        return Client(socket.create_connection(("127.0.0.1", self.tcp)))

    def unix_client(self) -> Client:
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(self.ipc)
        return Client(connection)

    def request(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.http, timeout=DEADLINE)
        try:
            names = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body or None, names)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(DEADLINE)
        finally:
            self.process.kill()
            self.process.wait()
            self.log.close()


@pytest.fixture
def server(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "*")
    started = Server(tmp_path)
    try:
        yield started
    finally:
        with contextlib.suppress(ValueError):
            started.stop()


def test_the_log_and_each_session_say_simulator_first(server: Server) -> None:
    assert "simulator" in server.first
    for client in (server.client(), server.unix_client()):
        with client:
            entry = client.next()
            assert entry is not None
            assert "simulator" in entry["msg"]
            assert entry["level"] == "info"
            assert "call_id" not in entry


def test_exit_ends_the_session_and_the_connection(server: Server) -> None:
    for client in (server.client(), server.unix_client()):
        with client:
            client.send("echo hi", "exit")
            assert client.until("stdout", "hi")["level"] == "info"
            assert client.until("msg", "Session finished")["level"] == "debug"
            assert client.next() is None


def test_failures_are_told(server: Server) -> None:
    with server.client() as client:
        client.send("sleep x", "_a", "false")
        client.until("msg", "failed")
        assert client.next() is not None
        client.until("msg", "error result")
        assert client.until("msg", "non-zero exit")["code"] == 1


def test_actors_and_calls_belong_to_the_server(server: Server) -> None:
    with server.client() as one, server.unix_client() as two:
        one.send("alice: host start --nat=false", "_l alice: lvl_trace rpc ping listen", "exit")
        one.until("__success", "true")
        two.send("_l lvl_trace", "alice: calls", "_l cancel")
        assert two.until("msg", "Changed log level of l to trace")
        assert list(two.until("msg", "list of running calls of actor")["calls"]) == ["l"]
        assert two.until("__freed", "true")["call_id"] == "l"


def test_a_syntax_error_makes_the_session_deaf_but_not_blind(server: Server) -> None:
    with server.client() as client, server.client() as other:
        client.send("_l lvl_trace", "echo )", "echo unheard")
        client.until("msg", "failed to run input")
        other.send("_l lvl_trace sleep 1ms")
        entry = client.next()
        assert entry is not None
        assert entry["msg"] == "sleeping 1ms"


def test_a_session_is_freed_when_its_client_is_gone(server: Server) -> None:
    with server.client() as client:
        client.send("_l lvl_trace", "echo ready")
        client.until("stdout", "ready")
    server.wait_log("new user session")
    with server.client() as other:
        for _ in range(3):  # the first write to a closed socket may still succeed
            other.send("_l lvl_trace sleep 1ms", "echo done")
            other.until("stdout", "done")
        server.wait_log("user session stopped")


def test_websocket(server: Server) -> None:
    client = pytest.importorskip("websockets.sync.client")
    exceptions = pytest.importorskip("websockets.exceptions")
    url = f"ws://127.0.0.1:{server.http}/ws"
    with pytest.raises(exceptions.InvalidStatus) as caught, client.connect(url):
        pass
    assert caught.value.response.status_code == 403
    with client.connect(url, additional_headers={"X-Api-Key": KEY}) as connection:
        assert "simulator" in connection.recv(DEADLINE)
        connection.send("echo a\necho b; _q lvl_trace sleep 1ms")
        heard = [json.loads(connection.recv(DEADLINE)) for _ in range(7)]
        assert [e["stdout"] for e in heard if "stdout" in e] == ["a", "b"]
        assert [e for e in heard if "__freed" in e]
        connection.send("exit")
        assert "Session finished" in connection.recv(DEADLINE)
        with pytest.raises(exceptions.ConnectionClosed) as closed:
            connection.recv(DEADLINE)
        assert closed.value.rcvd is None  # like Rumor: no close frame


def test_websocket_closed_by_the_client(server: Server) -> None:
    client = pytest.importorskip("websockets.sync.client")
    url = f"ws://127.0.0.1:{server.http}/ws"
    with client.connect(url, additional_headers={"X-Api-Key": KEY}) as connection:
        connection.recv(DEADLINE)
    server.wait_log("user session stopped")


SCRIPTS = [
    ("sleep 1ms", 200, "done sleeping!"),
    ("false", 500, ""),
    ("sleep x", 500, "invalid duration"),
    ("( exit 2 )", 400, ""),
    ("( exit 7 )", 418, ""),
    ("exit 7", 200, "Session finished"),
    ("_x", 500, "error result"),
    ("echo )", 400, "1:6: "),
    ("false; echo on", 200, '"stdout":"on"'),
]


@pytest.mark.parametrize(("script", "status", "text"), SCRIPTS)
def test_script(server: Server, script: str, status: int, text: str) -> None:
    got, body = server.request("POST", "/script", script, X_Api_Key=KEY)
    assert got == status
    assert text in body.decode()


def test_script_at_a_level(server: Server) -> None:
    _, body = server.request("POST", "/script", "_a lvl_trace sleep 1ms", X_Api_Key=KEY, X_Log_Level="trace")
    assert b"__freed" in body


def test_report(server: Server) -> None:
    script = "alice: host start --nat=false; _l alice: rpc ping listen"
    server.request("POST", "/script", script, X_Api_Key=KEY)
    status, body = server.request("GET", "/report", X_Api_Key=KEY)
    report = json.loads(body)
    assert status == 200
    assert report["actors"]["alice"]["peer_id"].startswith("16Uiu2")
    assert report["calls"]["l"]["actor"] == "alice"
    assert report["calls"]["l"]["args"] == ["rpc", "ping", "listen"]
    assert abs(report["calls"]["l"]["start_time"] / 1e6 - time.time()) < 60


def test_wrong_key_and_wrong_path(server: Server) -> None:
    for path in ("/report", "/script", "/ws"):
        assert server.request("GET", path)[0] == 403
        assert server.request("GET", path, X_Api_Key="wrong")[0] == 403
    assert server.request("GET", "/ws", X_Api_Key=KEY)[0] == 400
    assert server.request("GET", "/other")[0] == 404


def test_sigterm_ends_it_with_clients_connected(server: Server) -> None:
    with server.client() as client, server.unix_client() as other:
        client.next()
        other.next()
        assert server.stop() == 0
        with contextlib.suppress(ConnectionError):
            while client.next() is not None:
                pass
    assert not pathlib.Path(server.ipc).exists()


def test_a_fault_drops_a_served_connection_in_mid_line(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "faults.json"
    path.write_text('[{"do": "drop", "command": "sleep"}]', encoding="utf-8")
    server = Server(tmp_path, f"--faults={path}")
    try:
        with server.client() as client:
            client.send("_a lvl_trace sleep 1ms")
            data = b""
            while part := client.connection.recv(1 << 16):
                data += part
            assert not data.endswith(b"\n")
            assert b'{"actor"' in data
        with server.client() as client:
            client.send("_a lvl_trace sleep 1ms")
            client.until("__freed", "true")
    finally:
        assert server.stop() == 0


def test_without_the_extra_the_websocket_says_what_to_install(tmp_path: pathlib.Path) -> None:
    (tmp_path / "websockets.py").write_text("raise ImportError('not installed')", encoding="utf-8")
    server = Server(tmp_path, path=str(tmp_path))
    try:
        upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "X_Api_Key": KEY}
        status, body = server.request("GET", "/ws", **upgrade)
        assert status == 501
        assert b"pip install 'pyrum-sync[engine]'" in body
        assert server.request("GET", "/report", X_Api_Key=KEY)[0] == 200
    finally:
        assert server.stop() == 0
