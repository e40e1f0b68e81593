"""Which call an entry belongs to, and how much is kept."""

from __future__ import annotations

from typing import Any

import pytest

from pyrum_sync import (
    CallTimeout,
    DataLost,
)
from tests.support.peers import ScriptedServer
from tests.unit.client.helpers import end, give_step


def test_lost_entries_are_told_once_and_exactly(peer: ScriptedServer) -> None:
    with peer.rumor(max_unread=10) as rumor:
        call = rumor.nowait.host["any"]()
        call_id = peer.call()
        for number in range(25):
            peer.data(call_id, n=number, **({"even": number} if number % 2 == 0 else {}))
        end(peer, call)
        call.finished()
        for reader, lost, rest in (
            (call.n, 15, list(range(15, 25))),
            (call.even, 8, list(range(16, 25, 2))),
        ):
            with pytest.raises(DataLost) as caught:
                reader()
            assert caught.value.count == lost
            assert list(reader) == rest
        with pytest.raises(DataLost, match="15 unread entries"):
            list(call.entries())
        assert [entry["n"] for entry in call.entries()] == list(range(15, 25))
        assert call.data["n"] == 24


def test_the_size_of_what_is_unread_is_bounded_too(peer: ScriptedServer) -> None:
    with peer.rumor(max_unread_bytes=100_000) as rumor:
        big, small = rumor.nowait.host["any"](), rumor.nowait.host["any"]()
        ids = {peer.call(), peer.call()}
        assert ids == {big.id, small.id}
        peer.data(small.id, n=0)
        for number in range(20):
            peer.data(big.id, n=number, text="x" * 10_000)
        for call in (small, big):
            end(peer, call)
            call.finished()
        assert list(small.n) == [0], "the call with most loses"
        with pytest.raises(DataLost) as caught:
            big.n()
        rest = list(big.n)
        assert rest == list(range(20))[-len(rest) :]
        assert caught.value.count + len(rest) == 20
        assert 8 <= len(rest) <= 10


def test_calls_that_are_over_free_their_share(peer: ScriptedServer) -> None:
    with peer.rumor(max_unread_bytes=100_000) as rumor:
        for _ in range(30):
            call = rumor.nowait.host["any"]()
            peer.data(peer.call(), text="x" * 10_000)
            end(peer, call)
            call.finished()
            assert len(call.text()) == 10_000


def test_steps_lose_nothing_by_it(peer: ScriptedServer) -> None:
    with peer.rumor(max_unread=1) as rumor:
        listener = rumor.nowait.rpc.status.listen()
        peer.call()
        peer.success(listener.id)
        for number in range(5):
            give_step(peer, listener, number, after=listener.next)


@pytest.mark.parametrize("call_id", ["someone_elses", "", 7, None, ["x"], {"a": 1}, True])
def test_entries_for_unknown_calls_are_nothing(peer: ScriptedServer, call_id: object) -> None:
    with peer.rumor() as rumor:
        call = rumor.nowait.host["any"]()
        own = peer.call()
        peer.entry(call_id=call_id, n=1)
        peer.entry(call_id=call_id, level="trace", __freed="true")
        peer.failed(f"_{call_id}", "x")
        odd: list[Any] = [None, [], [7], "text", [None], {}]
        for args in odd:
            peer.entry(level="warning", msg="failed", error="x", args=args)
        peer.entry(stdout="x")
        peer.entry(msg=["failed"])
        peer.data(own, n=2)
        peer.freed_after_success(own)
        assert list(call.n) == [2]
        assert call.finished() == {"msg": "", "n": 2}


def test_marks_below_trace_level_are_data(peer: ScriptedServer) -> None:
    with peer.rumor() as rumor:
        call = rumor.nowait.host["any"]()
        own = peer.call()
        peer.data(own, __freed="true")
        peer.data(own, level="trace", n=1)
        peer.freed_after_success(own)
        assert [len(entry) for entry in call.entries()] == [6, 6]


def test_data_before_success(peer: ScriptedServer) -> None:
    with peer.rumor() as rumor:
        call = rumor.nowait.host["any"]()
        peer.data(peer.call(), n=1)
        assert call.n() == 1
        with pytest.raises(CallTimeout):
            call.wait(0)
