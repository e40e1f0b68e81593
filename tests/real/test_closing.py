"""However a script ends, the server is left with no session and no call of it."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from pyrum_sync import Rumor, RumorClosed
from tests.conftest import HANG, Background
from tests.support.servers import RumorServer

pytestmark = pytest.mark.rumor
Start = Callable[[Callable[[], object]], Background]
WAYS = ("tcp", "unix", "ws")


@pytest.fixture
def sessions(server: RumorServer) -> Callable[[], bool]:
    """Whether the server's log comes to say that as many sessions were stopped as were opened."""
    assert server.wait_for(lambda: server.sessions == 0)
    opened = server.count("new user session")

    def none_left(more: int = 1) -> bool:
        assert server.wait_for(lambda: server.count("new user session") == opened + more)
        return server.wait_for(lambda: server.sessions == 0)

    return none_left


@pytest.mark.parametrize("way", WAYS)
def test_with(server: RumorServer, sessions: Callable[[], bool], way: str) -> None:
    with Rumor(getattr(server, way)(), timeout=HANG) as client:
        client.sleep("1ns")
    assert sessions()


@pytest.mark.parametrize("way", WAYS)
def test_an_exception(server: RumorServer, sessions: Callable[[], bool], way: str) -> None:
    with pytest.raises(ZeroDivisionError), Rumor(getattr(server, way)(), timeout=HANG):
        raise ZeroDivisionError
    assert sessions()


@pytest.mark.parametrize("way", WAYS)
def test_another_thread(server: RumorServer, sessions: Callable[[], bool], background: Start, way: str) -> None:
    client = Rumor(getattr(server, way)(), timeout=HANG)
    notes = client.nowait.sleep("1ns")
    notes.finished()
    listener = client.actor(f"closing-{way}").nowait.sleep("200ms")
    waiting = background(listener.wait)
    closing = background(client.close)
    closing.value()
    assert isinstance(waiting.raised(), RumorClosed)
    assert sessions()


SCRIPT = """
import sys
from pyrum_sync import Rumor, TCPConn, UnixConn, WebsocketConn

conn = {conn}
rumor = Rumor(conn, timeout=60)
actor = rumor.actor("{name}")
actor.host.start(nat=False)
listener = actor.rpc.ping.listen()
print(listener.id, flush=True)
{end}
"""
ENDS: dict[str, tuple[str, Any]] = {
    "end of script": ("", None),
    "exception": ("raise SystemExit(3)", None),
    "ctrl-c": ("listener.next()", signal.SIGINT),
    "thread": ("import threading; threading.Thread(target=lambda: rumor.sleep('100ms')).start()", None),
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("way", WAYS)
def test_a_script(
    server: RumorServer, sessions: Callable[[], bool], fresh: Callable[[str], str], way: str, end: str
) -> None:
    conn = {
        "tcp": f'TCPConn("127.0.0.1", {server.tcp_port})',
        "unix": f'UnixConn("{server.socket_path}")',
        "ws": f'WebsocketConn("ws://127.0.0.1:{server.http_port}/ws", "{server.KEY}")',
    }[way]
    code, number = ENDS[end]
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT.format(conn=conn, end=code, name=fresh("closing"))],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as script:
        assert script.stdout is not None
        call_id = script.stdout.readline().strip()
        assert call_id
        if number is not None:
            script.send_signal(number)
        script.communicate(timeout=HANG)
    assert sessions()
    assert call_id not in server.report()["calls"], "its listener is cancelled"


def test_three_hundred_in_a_row(server: RumorServer, sessions: Callable[..., bool]) -> None:
    for number in range(300):
        with Rumor(getattr(server, WAYS[number % 3])(), timeout=HANG) as client:
            client.nowait.sleep("1ns")
    assert sessions(300)
    assert threading.active_count() < 10
