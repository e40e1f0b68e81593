"""The full example, over every way in: two hosts meet, and one asks the other for its status."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest

from pyrum_sync import Actor, Rumor, SubprocessConn, TCPConn, UnixConn, WebsocketConn
from tests.conftest import HANG
from tests.real.hosts import start
from tests.real.status import Status, status
from tests.support.servers import RumorServer

pytestmark = pytest.mark.rumor

Conn = SubprocessConn | TCPConn | UnixConn | WebsocketConn


@pytest.fixture(params=["shell", "list", "tcp", "unix", "websocket"])
def conn(request: pytest.FixtureRequest, rumor_path: str, server: RumorServer, tmp_path: Path) -> Conn:
    folder = tmp_path / "a folder"
    folder.mkdir()
    (folder / "rumor").symlink_to(rumor_path)
    ways: dict[str, Callable[[], Conn]] = {
        "shell": lambda: SubprocessConn(f"cd {shlex.quote(str(folder))} && ./rumor bare --level=trace"),
        "list": lambda: SubprocessConn([rumor_path, "bare", "--level=trace"]),
        "tcp": server.tcp,
        "unix": server.unix,
        "websocket": server.ws,
    }
    return ways[request.param]()


def test_full_example(conn: Conn, fresh: Callable[[str], str]) -> None:
    with conn, Rumor(conn, timeout=HANG) as rumor:
        alice, bob = rumor.actor(fresh("alice")), rumor.actor(fresh("bob"))
        try:
            play(alice, bob)
        finally:
            alice.kill()
            bob.kill()


def play(alice: Actor, bob: Actor) -> None:
    bob_host = start(bob)
    alice_host = start(alice)

    # Two calls side by side: the one that was started later ends earlier.
    begun = monotonic()
    long_call = alice.nowait.sleep("1s")
    short_call = alice.nowait.sleep("600ms")
    short_call.wait()
    assert not long_call.done
    long_call.wait()
    assert 1.0 <= monotonic() - begun < HANG
    assert (long_call.data["msg"], short_call.data["msg"]) == ("done sleeping!",) * 2

    # Bob's address; connect; all addresses; the peers of each in detail.
    view = bob.host.view()
    bob_addr = view.addr()
    assert bob_addr == bob_host.addr
    alice.peer.connect(bob_addr)
    assert list(bob.host.view().addr) == [bob_addr]
    peers = alice.peer.list(details=True).peers()
    assert list(peers) == [bob_host.peer_id]
    assert peers[bob_host.peer_id]["addrs"] == [bob_addr.partition("/p2p/")[0]]
    assert list(bob.peer.list(details=True).peers()) == [alice_host.peer_id]

    # A request: sent, received, answered, read back.
    hers, his = status(321), status(123)
    with alice.rpc.status.listen(raw=True) as listener:
        bob_call = bob.rpc.status.req.raw(alice_host.peer_id, his, raw=True)
        for request in listener:
            assert request["from"] == bob_host.peer_id
            assert bytes.fromhex(request["data"]) == his.encode_bytes()
            alice.rpc.status.resp.chunk.raw(request["req_id"], hers, done=True)
            break
        sent, answer = bob_call
    assert sent["msg"] == "made request"
    assert answer["result_code"] == 0
    assert bytes.fromhex(answer["data"]) == hers.encode_bytes()
    assert Status.decode_bytes(bytes.fromhex(answer["data"])) == hers
    assert listener.done
    assert bob_call.finished()["data"] == hers.encode_bytes().hex()
    assert bob_call.done
