"""What a script loads: a short one begins the sooner the less that is."""

from __future__ import annotations

import subprocess
import sys

from tests.support.peers import ScriptedServer

SCRIPT = """if True:
    import sys
    import _socket, atexit, json, select, threading, weakref
    before = set(sys.modules)
    from pyrum_sync import Rumor, TCPConn
    rumor = Rumor(TCPConn("127.0.0.1", int(sys.argv[1])), timeout=30)
    rumor.actor("alice").nowait.host.start(nat=False)
    print(*sorted(set(sys.modules) - before))
    rumor.close()
"""
NOT_OURS = {"__future__", "_queue", "queue", "heapq", "_heapq", "types", "collections.abc"}


def test_what_a_first_command_loads(peer: ScriptedServer) -> None:
    command = [sys.executable, "-c", SCRIPT, str(peer.port)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    loaded = set(done.stdout.split())
    ours = {name for name in loaded if name.partition(".")[0] == "pyrum_sync"}
    assert loaded - ours <= NOT_OURS, "of the standard library"
    assert len(ours) <= 46
    for late in ("client.field", "client.steps", "client.stubs", "catalogue.help", "catalogue.rows_rpc", "version"):
        assert f"pyrum_sync.{late}" not in ours
