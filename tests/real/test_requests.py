"""Requests between two hosts: what is answered, and all that is not an answer."""

from __future__ import annotations

import pytest

from pyrum_sync import Call, CallEnded, CallError, Rumor
from tests.real.hosts import Host, eventually, pair
from tests.real.status import status

pytestmark = pytest.mark.rumor

ANSWER = "0a" * 84


@pytest.fixture
def hosts(rumor: Rumor) -> tuple[Host, Host]:
    return pair(rumor)


def ask(alice: Host, bob: Host, *, raw: bool = True) -> Call:
    """Bob asks Alice for her status."""
    return bob.actor.rpc.status.req.raw(alice.peer_id, status(1), raw=raw)


@pytest.mark.parametrize("raw", [True, False])
@pytest.mark.parametrize(("kind", "code"), [("invalid-request", 1), ("server-error", 2)])
def test_error_chunk(hosts: tuple[Host, Host], kind: str, code: int, raw: bool) -> None:
    alice, bob = hosts
    text = "I'd rather not: $HOME «☃»"
    with alice.actor.rpc.status.listen(raw=raw) as listener:
        request = ask(alice, bob, raw=raw)
        alice.actor.rpc.status.resp[kind](listener.next()["req_id"], text)
        steps = iter(request)
        assert next(steps) == {"msg": "made request"}
        with pytest.raises(CallError) as caught:
            next(steps)
    error = caught.value
    assert error.call is request
    assert error.message == text
    assert error.entry is not None
    assert (error.entry["msg"], error.entry["result_code"], error.entry["from"]) == (
        "Received chunk",
        code,
        alice.peer_id,
    )
    if raw:
        assert error.entry["data"] == text.encode().hex()
    else:
        assert error.entry["fields.msg"] == text
    assert list(request) == []  # told once, and there is no more
    assert request.finished()["result_code"] == code
    assert request.done
    with pytest.raises(CallEnded):
        request.next()


def test_error_chunk_without_text(hosts: tuple[Host, Host]) -> None:
    alice, bob = hosts
    with alice.actor.rpc.status.listen(raw=True) as listener:
        request = ask(alice, bob)
        alice.actor.rpc.status.resp.chunk.raw(listener.next()["req_id"], b"", result_code=3)
        request.next()
        with pytest.raises(CallError, match="got 3 reqresp result code") as caught:
            request.next()
        assert caught.value.entry is not None
        assert caught.value.entry["result_code"] == 3


def test_answer_by_its_fields(hosts: tuple[Host, Host]) -> None:
    """Reading a field, or the entries, of a request takes its steps."""
    alice, bob = hosts
    with alice.actor.rpc.status.listen(raw=True) as listener:
        for number in range(3):
            request = ask(alice, bob)
            alice.actor.rpc.status.resp.chunk.raw(listener.next()["req_id"], bytes.fromhex(ANSWER))
            if number == 0:
                assert request.field("data")() == ANSWER
                assert request.chunk_index() == 0
                with pytest.raises(CallEnded, match="chunk_index"):
                    request.field("no_such_field")()
            elif number == 1:
                assert list(request.field("data")) == [ANSWER]
            else:
                messages = [entry["msg"] for entry in request.entries()]
                assert sorted(messages) == ["Completed request", "Received chunk", "made request"]
            assert [step["msg"] for step in request] == ["made request", "Received chunk"]  # they are not lost by it
            assert request.finished()["data"] == ANSWER


def test_decoded_answer(hosts: tuple[Host, Host]) -> None:
    alice, bob = hosts
    with alice.actor.rpc.status.listen() as listener:
        request = ask(alice, bob, raw=False)
        step = listener.next()
        assert step["data"]["head_slot"] == 1
        alice.actor.rpc.status.resp.chunk.raw(step["req_id"], status(2))
        _, answer = request
        assert answer["data"]["head_slot"] == 2
        assert answer["data"]["finalized_root"] == "0x" + "11" * 32


def test_no_answer(hosts: tuple[Host, Host]) -> None:
    """The request is closed without a chunk, or the listener's time runs out: the steps end, without an error."""
    alice, bob = hosts
    with alice.actor.rpc.status.listen(raw=True) as listener:
        request = ask(alice, bob)
        alice.actor.rpc.status.close(listener.next()["req_id"])
        assert [step["msg"] for step in request] == ["made request"]
        assert request.finished()["msg"] == "Completed request"
    with alice.actor.rpc.status.listen(raw=True, timeout="200ms"):
        request = ask(alice, bob)
        assert [step["msg"] for step in request] == ["made request"]


def test_request_that_waits_for_no_answer(hosts: tuple[Host, Host]) -> None:
    alice, bob = hosts
    with alice.actor.rpc.goodbye.listen(raw=True, drop=False) as listener:
        request = bob.actor.rpc.goodbye.req.raw(alice.peer_id, (2).to_bytes(8, "little"), max_chunks=0)
        assert [step["msg"] for step in request] == ["made request"]
        assert listener.next()["data"] == "0200000000000000"
        request.finished()


def test_listener_that_drops_has_no_steps(hosts: tuple[Host, Host]) -> None:
    alice, bob = hosts
    for dropping in (alice.actor.rpc.goodbye.listen(raw=True), alice.actor.rpc.status.listen(raw=True, drop=True)):
        with dropping:
            with pytest.raises(CallError, match=r"entries\(\)"):
                dropping.next()
            method = dropping.command.split(" rpc ")[1].split()[0]
            bob.actor.rpc[method].req.raw(alice.peer_id, bytes(84 if method == "status" else 8), raw=True)
            assert set(dropping.field("data")()) == {"0"}


def test_request_that_is_over_frees_itself(hosts: tuple[Host, Host]) -> None:
    alice, bob = hosts
    with alice.actor.rpc.status.listen(raw=True) as listener:
        request = ask(alice, bob)
        alice.actor.rpc.status.resp.chunk.raw(listener.next()["req_id"], bytes.fromhex(ANSWER))
        sent, answer = request
        assert eventually(lambda: request.id not in bob.actor.calls())
        assert eventually(lambda: request.done)
        assert request.data["data"] == ANSWER
        assert sent == {"msg": "made request"}
        assert answer["data"] == ANSWER


def test_request_that_is_cancelled(hosts: tuple[Host, Host]) -> None:
    alice, bob = hosts
    with alice.actor.rpc.status.listen(raw=True) as listener:
        with ask(alice, bob) as request:
            assert request.next()["msg"] == "made request"
            req_id = listener.next()["req_id"]
        assert request.done
        assert list(request) == []
        with pytest.raises(CallError):
            alice.actor.rpc.status.resp.chunk.raw(req_id + 1, b"")
        second = ask(alice, bob)
        alice.actor.rpc.status.resp.chunk.raw(listener.next()["req_id"], bytes.fromhex(ANSWER))
        assert [step["msg"] for step in second] == ["made request", "Received chunk"]


def test_many_requests_at_once(hosts: tuple[Host, Host]) -> None:
    alice, bob = hosts
    with alice.actor.rpc.status.listen(raw=True) as listener:
        requests = {
            number: bob.actor.nowait.rpc.status.req.raw(alice.peer_id, status(number), raw=True) for number in range(30)
        }
        for _ in requests:
            step = listener.next()
            alice.actor.rpc.status.resp.chunk.raw(step["req_id"], bytes.fromhex(step["data"]))
        for number, request in requests.items():
            _, answer = request
            assert bytes.fromhex(answer["data"]) == status(number).encode_bytes()
