"""One thread that waits for many calls."""

from __future__ import annotations

from pyrum_sync import CallTimeout, Rumor, SimulatorConn
from pyrum_sync.client.inbox import Inbox
from tests.conftest import HANG
from tests.support.peers import ScriptedServer


def test_news_of_many_calls_come_to_one_place(peer: ScriptedServer) -> None:
    inbox: Inbox[int] = Inbox()
    with peer.rumor() as rumor:
        calls = [rumor.nowait.sleep("1s") for _ in range(3)]
        for number, call in enumerate(calls):
            inbox.watch(call, number)
        assert inbox.get(0) is None
        for number in (2, 0):
            peer.data(calls[number].id, msg="news")
            assert inbox.get(HANG) == number
        peer.data(calls[0].id, msg="more")  # it is watched once
        inbox.watch(calls[1], 1)
        peer.freed_after_success(calls[1].id)
        assert [inbox.get(HANG), inbox.get(HANG)] == [1, 1]  # watched twice
        assert inbox.get(0) is None


def test_a_call_that_is_over_has_news(peer: ScriptedServer) -> None:
    inbox: Inbox[str] = Inbox()
    with peer.rumor() as rumor:
        call = rumor.nowait.sleep("1s")
        peer.freed_after_success(call.id)
        call.finished(HANG)
        inbox.watch(call, "over")
        assert inbox.get(HANG) == "over"


def test_so_does_every_call_once_the_connection_is_lost() -> None:
    inbox: Inbox[str] = Inbox()
    with Rumor(SimulatorConn()) as rumor:
        call = rumor.nowait.sleep("1h")
        inbox.watch(call, "lost")
    assert inbox.get(HANG) == "lost"
    inbox.watch(call, "still")
    assert inbox.get(HANG) == "still"


def test_a_step_is_news() -> None:
    inbox: Inbox[str] = Inbox()
    with Rumor(SimulatorConn(), timeout=HANG) as rumor:
        alice, bob = rumor.actor("alice"), rumor.actor("bob")
        for actor in (alice, bob):
            actor.host.start(nat=False)
        alice.host.listen(ip="127.0.0.1", tcp=9000)
        call = alice.rpc.ping.listen(raw=True)
        inbox.watch(call, "asked")
        bob.peer.connect(alice.host.view().addr())
        request = bob.nowait.rpc.ping.req.raw(alice.host.view().peer_id(), b"\1" * 8, raw=True)
        request.next()
        assert inbox.get(HANG) == "asked"
        try:
            call.next(0)
        except CallTimeout:
            inbox.watch(call, "stepped")
            while "req_id" not in call.data:
                assert inbox.get(HANG) == "stepped"
                inbox.watch(call, "stepped")


def test_an_item_of_ones_own() -> None:
    inbox: Inbox[str] = Inbox()
    inbox.put("x")
    assert inbox.get() == "x"
