"""Any request, on the simulator and on the real Rumor."""

from __future__ import annotations

import threading
from contextlib import suppress
from time import monotonic

import pytest

from pyrum_sync import CallError, CallTimeout, ConnectionLost, eth2
from tests.conftest import HANG
from tests.support.crowd import STATUS
from tests.support.peers import ScriptedServer
from tests.unit.eth2.things import Block, Hosts


@pytest.mark.parametrize("method", ["blocks_by_range", "blocks-by-range"])
def test_names(hosts: Hosts, method: str) -> None:
    asked = eth2.BlocksByRangeRequest(start_slot=1, count=1, step=1)
    with eth2.serve(hosts.bob, method, lambda request: Block(slot=request.start_slot)):
        got = eth2.request(hosts.alice, method, hosts.bob_id, asked, response=Block, max_chunks=1)
    assert got == [Block(slot=1)]


def test_what_cannot_be_asked(hosts: Hosts) -> None:
    with pytest.raises(ValueError, match="status, goodbye, ping"):
        eth2.request(hosts.alice, "statuses", hosts.bob_id, b"")
    with pytest.raises(ValueError, match="status, goodbye, ping"):
        eth2.serve(hosts.alice, "statuses", lambda _: None)
    for content in (None, 5, "00"):
        with pytest.raises(TypeError, match="status request"):
            eth2.request(hosts.alice, "status", hosts.bob_id, content)
    with pytest.raises(ValueError, match="timeout"):
        eth2.metadata(hosts.alice, hosts.bob_id, timeout=-1)
    with pytest.raises(CallError):
        eth2.metadata(hosts.alice, "nobody")
    assert not hosts.alices.calls


def test_an_error_chunk(hosts: Hosts) -> None:
    def fail(_: object) -> object:
        raise KeyError("no such thing")

    with eth2.serve(hosts.bob, "ping", fail), pytest.raises(CallError, match="no such thing") as caught:
        eth2.ping(hosts.alice, hosts.bob_id)
    error = caught.value
    assert isinstance(error, eth2.RequestError)
    assert error.message == "'no such thing'"
    assert error.entry is not None
    assert (error.entry["result_code"], error.partial) == (2, [])


def test_no_chunk(hosts: Hosts) -> None:
    with eth2.serve(hosts.bob, "ping", lambda _: []), pytest.raises(CallError, match="no chunk") as caught:
        eth2.ping(hosts.alice, hosts.bob_id)
    assert isinstance(caught.value, eth2.RequestError)
    assert (caught.value.entry, caught.value.partial) == (None, [])


def test_not_connected(hosts: Hosts) -> None:
    hosts.alice.peer.disconnect(hosts.bob_id)
    with pytest.raises(CallError):
        eth2.ping(hosts.alice, "16Uiu2HAm7Qwe19vz9WzD2Mxn7fXd1vgHHp4iccuyq7TxwRXoAGfc")


@pytest.mark.parametrize("size", [0, 83, 85])
def test_an_answer_of_the_wrong_length(hosts: Hosts, size: int) -> None:
    with eth2.serve(hosts.bob, "status", lambda _: bytes(size)):
        with pytest.raises(ValueError, match="84 bytes"):
            eth2.status(hosts.alice, hosts.bob_id)
        assert eth2.request(hosts.alice, "status", hosts.bob_id, STATUS) == [bytes(size)]


def test_time_out(hosts: Hosts) -> None:
    with hosts.bob.rpc.ping.listen(raw=True, timeout="0s"):  # nobody takes what it hears
        began = monotonic()
        with pytest.raises(CallTimeout) as caught:
            eth2.ping(hosts.alice, hosts.bob_id, timeout=0.3)
        assert 0.3 <= monotonic() - began < 3
        assert caught.value.call is not None
        with suppress(CallError):  # cancelled in mid-request
            caught.value.call.finished()
        with pytest.raises(CallTimeout):
            eth2.ping(hosts.alice, hosts.bob_id, timeout=0)


def test_a_chunk_that_was_cut_off(peer: ScriptedServer) -> None:
    """Rumor does not check how much of a chunk it got."""
    with peer.rumor() as rumor:

        def answer() -> None:
            call_id = peer.call()
            peer.success(call_id)
            assert " next " in peer.line()
            peer.data(call_id, msg="made request")
            peer.step(call_id)
            assert " next " in peer.line()
            peer.data(call_id, msg="Received chunk", chunk_index=0, chunk_size=16, result_code=0, data="00" * 15)
            peer.step(call_id)
            assert " cancel " in peer.line()
            peer.freed(call_id)

        answering = threading.Thread(target=answer)
        answering.start()
        with pytest.raises(eth2.RequestError, match="15 of 16 bytes"):
            eth2.metadata(rumor, "16Uiu")
        answering.join(HANG)


def test_a_lost_connection(peer: ScriptedServer) -> None:
    with peer.rumor() as rumor:

        def vanish() -> None:
            peer.success(peer.call())
            peer.line()
            peer.hang_up()

        vanishing = threading.Thread(target=vanish)
        vanishing.start()
        with pytest.raises(ConnectionLost):
            eth2.metadata(rumor, "16Uiu")
        vanishing.join(HANG)
