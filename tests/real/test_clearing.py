"""A real Rumor that is told to forget what calls logged, all the time: nothing that is in flight loses by it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pyrum_sync import Rumor, SubprocessConn, eth2
from pyrum_sync.eth2 import Status
from pyrum_sync.protocol import lines
from tests.conftest import HANG
from tests.real.hosts import eventually, pair

pytestmark = pytest.mark.rumor


@contextmanager
def forgetting(rumor: Rumor, how_often: int) -> Iterator[None]:
    """Tell it again and again, meanwhile; each time, wait until it has."""
    over = threading.Event()
    times = 0

    def tell() -> None:
        nonlocal times
        while not over.is_set():
            rumor._session.send(lines.CLEAR_LINE, None)
            rumor.actor("other").sleep("1ns")
            times += 1

    teller = threading.Thread(target=tell)
    teller.start()
    try:
        yield
        assert eventually(lambda: times > how_often or not teller.is_alive())
    finally:
        over.set()
        teller.join(HANG)
    assert times > how_often


def test_calls_listeners_and_steps_lose_nothing(rumor: Rumor) -> None:
    alice, bob = pair(rumor)
    asked = []

    def answer(request: Status) -> Status:
        asked.append(int(request.head_slot))
        return Status(head_slot=request.head_slot + 1)

    with forgetting(rumor, 100):
        views = [alice.actor.nowait.host.view() for _ in range(100)]
        sleeps = [bob.actor.nowait.sleep("50ms") for _ in range(100)]
        with eth2.serve(alice.actor, "status", answer):
            for slot in range(20):
                assert eth2.status(bob.actor, alice.peer_id, Status(head_slot=slot)).head_slot == slot + 1
        with bob.actor.rpc.status.listen(raw=True) as listener:
            for slot in range(10):
                status = Status(head_slot=slot)
                request = alice.actor.rpc.status.req.raw(bob.peer_id, status, raw=True)
                assert request.next()
                step = listener.next()
                assert bytes.fromhex(step["data"]) == status.encode_bytes()
                bob.actor.rpc.status.resp.chunk.raw(step["req_id"], status, done=True)
                assert bytes.fromhex(request.next()["data"]) == status.encode_bytes()
                request.finished()
        for view in views:
            assert view.finished()["peer_id"] == alice.peer_id
            assert list(view.field("peer_id")) == [alice.peer_id]
        for call in sleeps:
            call.finished()
    assert asked == list(range(20))


def test_scripts_lose_nothing(rumor_path: str) -> None:
    """Each refers to calls that it made; the others' are forgotten as soon as none runs."""
    conn = SubprocessConn([rumor_path, "bare", "--level=trace"])
    with conn, Rumor(conn, timeout=HANG, clear_log_data_every=1) as rumor:
        alice = rumor.actor("alice")
        alice.host.start(nat=False)
        expected = alice.host.view().peer_id()
        over = threading.Event()

        def calls() -> None:
            while not over.is_set():
                alice.host.view()

        others = [threading.Thread(target=calls) for _ in range(2)]
        for other in others:
            other.start()
        try:
            for number in range(20):
                names = [f"x{number}n{view}" for view in range(10)]
                made = "\n".join(f"_{name} alice: host view" for name in names)
                shown = " ".join(f"[$_{name}_peer_id]" for name in names)
                result = rumor.shell(f"{made}\n_x{number}s alice: sleep 5ms\necho {shown}")
                assert result.stdout.split() == [f"[{expected}]"] * 10
        finally:
            over.set()
            for other in others:
                other.join(HANG)
        name = "x0n0"
        assert eventually(lambda: rumor.shell(f"echo [$_{name}_peer_id]").stdout == "[]\n")
