"""Serving requests, on the simulator and on the real Rumor."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from pyrum_sync import CallError, ConnectionLost, eth2
from tests.conftest import HANG
from tests.support.crowd import STATUS
from tests.support.peers import ScriptedServer
from tests.unit.eth2.things import Hosts


def test_serving_goes_on(hosts: Hosts, caplog: pytest.LogCaptureFixture) -> None:
    """Rumor's listener stops reading requests behind an invalid one."""
    with eth2.serve(hosts.bob, "status", lambda _: STATUS) as server:
        for content in (b"", b"abc", bytes(85), bytes(83)):
            with pytest.raises(eth2.RequestError) as caught:
                eth2.request(hosts.alice, "status", hosts.bob_id, content)
            assert caught.value.entry is not None
            assert caught.value.entry["result_code"] == 1
            assert eth2.status(hosts.alice, hosts.bob_id) == STATUS
    assert server.answered == 4
    assert "no valid request" in caplog.text


def test_serving_many(hosts: Hosts) -> None:
    """Rumor's listener stops reading requests after some hundred valid ones, too."""
    with eth2.serve(hosts.bob, "ping", lambda theirs: theirs) as server:
        for number in range(300):
            assert eth2.ping(hosts.alice, hosts.bob_id, number).seq_number == number
    assert server.answered == 300


def test_answers(hosts: Hosts, caplog: pytest.LogCaptureFixture) -> None:
    answers: list[object] = [STATUS, [STATUS], (STATUS.encode_bytes(),), None, [], 5, "text"]
    with eth2.serve(hosts.bob, "status", lambda theirs: answers[theirs.head_slot]):
        for number in range(3):
            assert eth2.status(hosts.alice, hosts.bob_id, eth2.Status(head_slot=number)) == STATUS
        for number in range(3, 5):
            with pytest.raises(CallError, match="no chunk"):
                eth2.status(hosts.alice, hosts.bob_id, eth2.Status(head_slot=number))
        for number in range(5, 8):
            with pytest.raises(CallError, match=r"a handler returns|out of range"):
                eth2.status(hosts.alice, hosts.bob_id, eth2.Status(head_slot=number))
    assert "the handler failed" in caplog.text


def test_error_texts(hosts: Hosts) -> None:
    texts = ["", "nul \0 in it", "\ud800", "é" * 200, "-", "help", "--done=false", "two\nlines"]

    def fail(theirs: eth2.Ping) -> object:
        raise ValueError(texts[theirs.seq_number])

    with eth2.serve(hosts.bob, "ping", fail):
        said = []
        for number in range(len(texts)):
            with pytest.raises(eth2.RequestError) as caught:
                eth2.ping(hosts.alice, hosts.bob_id, number)
            said.append(caught.value.message)
    assert said == ["ValueError", "nul  in it", "?", "é" * 128, "-", "help", "--done=false", "two\\nlines"]


def test_several_at_once(hosts: Hosts) -> None:
    with (
        eth2.serve(hosts.bob, "ping", lambda theirs: theirs),
        eth2.serve(hosts.bob, "metadata", lambda _: eth2.MetaData(seq_number=9)),
    ):
        assert eth2.ping(hosts.alice, hosts.bob_id, 8).seq_number == 8
        assert eth2.metadata(hosts.alice, hosts.bob_id).seq_number == 9


def test_leaving_finishes_the_answer(hosts: Hosts, background: Callable[[Callable[[], object]], Any]) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def answer(theirs: eth2.Ping) -> eth2.Ping:
        asked.set()
        assert go_on.wait(HANG)
        return theirs

    with eth2.serve(hosts.bob, "ping", answer) as server:
        asking = background(lambda: eth2.ping(hosts.alice, hosts.bob_id, 4))
        assert asked.wait(HANG)
        threading.Timer(0.1, go_on.set).start()
    assert asking.value() == eth2.Ping(seq_number=4)
    assert server.answered == 1
    with pytest.raises(CallError):
        eth2.ping(hosts.alice, hosts.bob_id)
    with pytest.raises(RuntimeError, match="used before"):
        server.__enter__()


def test_a_requester_that_has_gone(hosts: Hosts, caplog: pytest.LogCaptureFixture) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def answer(theirs: eth2.Ping) -> eth2.Ping:
        asked.set()
        assert go_on.wait(HANG)
        return theirs

    with eth2.serve(hosts.bob, "ping", answer) as server:
        hosts.alice.rpc.ping.req.raw(hosts.bob_id, eth2.Ping(), raw=True)
        assert asked.wait(HANG)
        with hosts.bob.host.notify("connection_close") as notes:
            hosts.alice.peer.disconnect(hosts.bob_id)
            assert notes.event() == "connection_close"
        go_on.set()
        hosts.alice.peer.connect(hosts.bob.host.view().addr())
        assert eth2.ping(hosts.alice, hosts.bob_id, 2).seq_number == 2
    assert server.answered == 1
    assert "it has gone" in caplog.text
    for call in hosts.alices.calls.values():
        call.cancel()


def test_a_burst(hosts: Hosts) -> None:
    """More requests at once than a listener of Rumor can take: each is told so, and those that follow are answered."""
    asked, go_on = threading.Event(), threading.Event()

    def answer(theirs: eth2.Ping) -> eth2.Ping:
        asked.set()
        assert go_on.wait(HANG)
        return theirs

    with eth2.serve(hosts.bob, "ping", answer, timeout=HANG) as server, hosts.bob.host.notify("stream_open") as notes:
        calls = [
            hosts.alice.nowait.rpc.ping.req.raw(hosts.bob_id, eth2.Ping(seq_number=7), raw=True) for _ in range(200)
        ]
        for _ in calls:
            assert notes.event() == "stream_open"
        go_on.set()
        answered, refusals = 0, set()
        for call in calls:
            call.next()
            try:
                answered += call.next()["data"] == eth2.Ping(seq_number=7).encode_bytes().hex()
            except CallError as error:
                refusals.add(error.message)
        assert refusals <= {"the request could not be read, please ask again"}
        assert answered >= 50
        for number in range(50):
            assert eth2.ping(hosts.alice, hosts.bob_id, number).seq_number == number
    assert server.answered == answered + 50


def test_stopped_by_somebody_else(hosts: Hosts, caplog: pytest.LogCaptureFixture) -> None:
    with eth2.serve(hosts.bob, "ping", lambda theirs: theirs) as server:
        (call,) = (call for call in hosts.bobs.calls.values() if "rpc ping listen" in call.command)
        call.cancel()
        server._threads[0].join(HANG)
    assert "stopped by somebody else" in caplog.text


def test_an_actor_that_is_killed(hosts: Hosts, caplog: pytest.LogCaptureFixture) -> None:
    """That stops its listeners, and surprises nobody."""
    with (
        eth2.serve(hosts.bob, "ping", lambda theirs: theirs) as pings,
        eth2.serve(hosts.bob, "status", lambda _: STATUS) as statuses,
    ):
        hosts.bob.kill()
        for server in (pings, statuses):
            server._threads[0].join(HANG)
            assert not server._threads[0].is_alive()
    assert not caplog.records
    hosts.bob.host.start(nat=False)
    with eth2.serve(hosts.bob, "ping", lambda theirs: theirs) as server:  # the next surprise is one
        (call,) = (call for call in hosts.bobs.calls.values() if "rpc ping listen" in call.command)
        call.cancel()
        server._threads[0].join(HANG)
    assert "stopped by somebody else" in caplog.text


def test_listening_that_fails(hosts: Hosts) -> None:
    with pytest.raises(CallError), eth2.serve(hosts.bobs.actor("nobody"), "ping", lambda theirs: theirs):
        pass


def test_a_rumor_that_is_closed_meanwhile(own_hosts: Hosts, caplog: pytest.LogCaptureFixture) -> None:
    with eth2.serve(own_hosts.bob, "ping", lambda theirs: theirs) as server:
        own_hosts.bobs.close()
    assert not any(thread.is_alive() for thread in server._threads)
    assert not caplog.records


def test_a_rumor_that_is_lost_meanwhile(peer: ScriptedServer, caplog: pytest.LogCaptureFixture) -> None:
    with peer.rumor() as rumor:

        def vanish() -> None:
            peer.success(peer.call())
            assert " next " in peer.line()
            peer.hang_up()

        vanishing = threading.Thread(target=vanish)
        vanishing.start()
        with pytest.raises(ConnectionLost), eth2.serve(rumor, "ping", lambda theirs: theirs) as server:
            server._threads[0].join(HANG)
        vanishing.join(HANG)
    assert "lost" in caplog.text
