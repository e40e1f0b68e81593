"""What is left of a client in a real server, and what its other clients feel of one."""

from __future__ import annotations

import os
import random
import select
import subprocess
import sys
from collections.abc import Callable

import pytest

from pyrum_sync import CallTimeout, Rumor
from tests.conftest import HANG, Background
from tests.real.hosts import eventually
from tests.support.long import LONG
from tests.support.servers import RumorServer

pytestmark = pytest.mark.rumor
Start = Callable[[Callable[[], object]], Background]

WAYS = {
    "tcp": 'TCPConn("127.0.0.1", {0.tcp_port})',
    "unix": 'UnixConn("{0.socket_path}")',
    "ws": 'WebsocketConn("ws://127.0.0.1:{0.http_port}/ws", "{0.KEY}")',
}
TIMES = 100 if LONG else 10  # Ctrl-C for each script

# It opens and closes for ever, and says how often it was interrupted.
SCRIPT = """if True:
    from pyrum_sync import Rumor, TCPConn, UnixConn, WebsocketConn
    number = 0
    while number < {times}:
        try:
            print(number, flush=True)
            while True:
                with Rumor({conn}, timeout=60) as rumor:
                    rumor.sleep("1ns")
                    rumor.nowait.sleep("1ns")
                    {end}
        except {error}:
            number += 1
"""


def descriptors(server: RumorServer) -> int:
    return len(os.listdir(f"/proc/{server.pid}/fd"))


@pytest.mark.parametrize("way", WAYS)
def test_ctrl_c_at_any_moment_leaves_no_session(own_server: RumorServer, way: str) -> None:
    chance = random.Random(way)
    before = descriptors(own_server)
    code = SCRIPT.format(conn=WAYS[way].format(own_server), times=TIMES, end="pass", error="KeyboardInterrupt")
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as script:
        assert script.stdout is not None
        interrupted = 0
        while script.stdout.readline():
            interrupted += 1
            select.select([script.stdout], [], [], chance.random() * 0.03)
            script.send_signal(2)
            while not select.select([script.stdout], [], [], 1)[0]:
                script.send_signal(2)  # Python came to it where nothing can be raised
        script.wait(HANG)
        assert interrupted > TIMES / 2
    assert own_server.wait_for(lambda: own_server.sessions == 0), own_server.sessions
    assert eventually(lambda: descriptors(own_server) == before)
    assert not own_server.report()["calls"]


@pytest.mark.parametrize("way", WAYS)
def test_exceptions_leave_no_session(own_server: RumorServer, way: str) -> None:
    before = descriptors(own_server)
    opened = own_server.count("new user session")
    code = SCRIPT.format(conn=WAYS[way].format(own_server), times=30, end="1 / 0", error="ZeroDivisionError")
    subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, timeout=3 * HANG, check=True)
    assert own_server.wait_for(lambda: own_server.count("new user session") - opened == 30)
    assert own_server.wait_for(lambda: own_server.sessions == 0), own_server.sessions
    assert eventually(lambda: descriptors(own_server) == before)
    assert not own_server.report()["calls"]


@pytest.mark.parametrize("way", WAYS)
def test_a_busy_client_lets_others_work(own_server: RumorServer, background: Start, way: str) -> None:
    with Rumor(own_server.tcp(), timeout=HANG) as busy, Rumor(getattr(own_server, way)(), timeout=HANG) as other:
        flood = busy.nowait.sleep("1h")
        with pytest.raises(CallTimeout):
            flood.finished(timeout=0)
        stop = False

        def work() -> int:
            rounds = 0
            while not stop:
                for call in [busy.nowait.sleep("1ns") for _ in range(50)]:
                    call.finished()
                busy.shell("for i in 1 2 3 4 5; do echo $i; done")
                rounds += 1
            return rounds

        working = background(work)
        try:
            for _ in range(30):
                other.sleep("1ns")
            assert other.shell("echo hello").stdout == "hello\n"
        finally:
            stop = True
        rounds = working.value()
        assert isinstance(rounds, int)
        assert rounds > 0
