"""Steps: none is lost, none comes twice, none holds anything of another; and a cancel that leaves nothing behind."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any

import pytest

from pyrum_sync import Actor, Call, CallEnded, CallError, CallTimeout, Rumor
from tests.conftest import HANG, Background
from tests.real.hosts import Host, eventually, pair, start
from tests.support.servers import RumorServer

pytestmark = pytest.mark.rumor

Start = Callable[[Callable[[], object]], Background]
METHODS = ("status", "ping", "metadata", "goodbye", "blocks-by-range", "blocks-by-root")


def data(number: int) -> bytes:
    return number.to_bytes(84, "little")


def number_of(step: dict[str, Any]) -> int:
    return int.from_bytes(bytes.fromhex(step["data"]), "little")


def ask(alice: Host, bob: Host, number: int) -> Call:
    return bob.actor.nowait.rpc.status.req.raw(alice.peer_id, data(number), raw=True)


def test_next_that_times_out_again_and_again(rumor: Rumor) -> None:
    """Requests come while nobody, or somebody in a hurry, asks for them."""
    alice, bob = pair(rumor)
    seen = []
    with alice.actor.rpc.status.listen(raw=True) as listener:
        for number in range(60):
            ask(alice, bob, number).next()
            while True:
                try:
                    seen.append(number_of(listener.next(timeout=number % 3 * 0.0005)))
                    break
                except CallTimeout:
                    continue
    assert seen == list(range(60))


def test_threads_share_the_steps(rumor: Rumor) -> None:
    """Each request goes to one of them, whether it waits patiently or not."""
    alice, bob = pair(rumor)
    count, threads = 80, 4
    listener = alice.actor.rpc.status.listen(raw=True)
    taken: list[list[int]] = [[] for _ in range(threads)]

    def take(index: int) -> None:
        limit = None if index % 2 else 0.002
        while True:
            try:
                step = listener.next(timeout=limit)
            except CallTimeout:
                continue
            except CallEnded:
                return
            taken[index].append(number_of(step))
            alice.actor.rpc.status.resp.chunk.raw(step["req_id"], bytes.fromhex(step["data"]))

    with ThreadPoolExecutor(threads) as pool:
        jobs = [pool.submit(take, index) for index in range(threads)]
        requests = [ask(alice, bob, number) for number in range(count)]
        answers = [list(request) for request in requests]
        listener.cancel()  # ends them all
        for job in jobs:
            job.result(HANG)
    assert sorted(number for numbers in taken for number in numbers) == list(range(count))
    assert [number_of(answer[1]) for answer in answers] == list(range(count))


def test_loops_over_one_listener(rumor: Rumor) -> None:
    """A loop that is left, or runs out of time, loses nothing: another one goes on."""
    alice, bob = pair(rumor)
    with alice.actor.rpc.status.listen(raw=True) as listener:
        for number in range(6):
            ask(alice, bob, number).next()
        seen = []
        for step in listener:
            seen.append(number_of(step))
            if len(seen) == 2:
                break
        steps = listener.steps(timeout=HANG)
        seen.append(number_of(next(steps)))
        steps.close()  # type: ignore[attr-defined]
        seen.append(number_of(listener.next()))
        with pytest.raises(CallTimeout):
            seen.extend(number_of(step) for step in listener.steps(timeout=0.2))
        ask(alice, bob, 6).next()
        seen.append(number_of(next(iter(listener))))
    assert sorted(seen) == list(range(7))
    assert list(listener) == []


def test_step_holds_nothing_of_an_earlier_one(rumor: Rumor) -> None:
    alice, bob = pair(rumor)
    with alice.actor.rpc.status.listen() as listener:
        good = bob.actor.rpc.status.req.raw(alice.peer_id, data(0))
        step = listener.next()
        assert "data" in step
        assert "input_err" not in step
        first_id = step["req_id"]
        alice.actor.rpc.status.resp.chunk.raw(first_id, data(1))
        good.finished()

        bob.actor.rpc.status.req.raw(alice.peer_id, b"too short")
        step = listener.next()
        assert "input_err" in step
        assert "data" not in step
        assert step["req_id"] != first_id
        assert step["msg"] == "Received request, queued it to respond to!"

        assert {"data", "input_err"} <= listener.data.keys()  # of the whole call, while a step
        assert "Responded!" in [entry["msg"] for entry in entries_now(listener)]  # is not all there is


def entries_now(call: Call) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    try:
        for entry in call.entries(timeout=0):
            found.append(entry)
    except CallTimeout:
        pass
    return found


def test_values_steps_and_entries_are_read_apart(rumor: Rumor) -> None:
    alice, bob = pair(rumor)
    with alice.actor.rpc.status.listen(raw=True) as listener:
        for number in range(3):
            ask(alice, bob, number).next()
            assert number_of(listener.next()) == number
        values = listener.field("data").values()
        assert [int.from_bytes(bytes.fromhex(next(values)), "little") for _ in range(3)] == [0, 1, 2]
        messages = [entry["msg"] for entry in entries_now(listener)]
        assert messages.count("Received request, queued it to respond to!") == 3
        ask(alice, bob, 3).next()
        assert int.from_bytes(bytes.fromhex(next(values)), "little") == 3  # takes a step,
        assert number_of(listener.next()) == 3  # which can still be read


# -- cancel


def test_cancel_wakes_who_waits(rumor: Rumor, background: Start) -> None:
    alice, _ = pair(rumor)
    listener = alice.actor.rpc.status.listen(raw=True)
    with pytest.raises(CallTimeout):
        listener.next(timeout=0.01)  # now a `next` is waiting in Rumor
    nexts = [background(listener.next) for _ in range(3)]
    loop = background(lambda: list(listener))
    field = background(listener.req_id)
    end = background(lambda: listener.finished() and None)
    listener.cancel()
    for each in nexts:
        assert isinstance(each.raised(), CallEnded)
    assert loop.value() == []
    assert isinstance(field.raised(), CallEnded)
    end.value()


def handlers(alice: Host, bob: Host) -> list[str]:
    """The methods that Alice still answers."""
    found = []
    for method in METHODS:
        with bob.actor.rpc[method].req.raw(alice.peer_id, bytes(8), raw=True) as request:
            try:
                request.next()
            except CallError as error:
                if error.message == "protocol not supported":
                    continue
                raise
            found.append(method)
    return found


def test_cancel_right_after_nowait(client: Rumor, server: RumorServer, cast: Callable[[str], Actor]) -> None:
    alice, bob = start(cast("alice")), start(cast("bob"))
    bob.actor.peer.connect(alice.addr)
    for number in range(400):
        listener = alice.actor.nowait.rpc[METHODS[number % len(METHODS)]].listen()
        listener.cancel()
        assert listener.done
    assert eventually(lambda: alice.actor.name not in {call.get("actor") for call in server.report()["calls"].values()})
    assert client.calls == {}
    assert handlers(alice, bob) == []


@pytest.mark.parametrize("how", ["poll", "threads", "with", "within"])
def test_cancel_that_nobody_waits_for(
    client: Rumor, server: RumorServer, cast: Callable[[str], Actor], how: str
) -> None:
    """It is sent all the same, as soon as the set-up is over."""
    alice, bob = start(cast("alice")), start(cast("bob"))
    bob.actor.peer.connect(alice.addr)

    def one(number: int) -> None:
        listen = alice.actor.nowait.rpc[METHODS[number % len(METHODS)]].listen
        if how == "with":
            with listen():
                pass
        elif how == "threads":
            listen().cancel()
        elif how == "within":
            with suppress(CallTimeout):
                alice.actor.within(0).rpc[METHODS[number % len(METHODS)]].listen().cancel(timeout=0)
        else:
            with suppress(CallTimeout):
                listen().cancel(timeout=0)

    if how == "threads":
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(one, range(200)))
    else:
        for number in range(200):
            one(number)
    assert eventually(lambda: not client.calls)
    assert eventually(lambda: alice.actor.name not in {call.get("actor") for call in server.report()["calls"].values()})
    assert handlers(alice, bob) == []


def gone(ids: set[str], server: RumorServer) -> bool:
    return not ids & server.report()["calls"].keys()


def test_closing_while_calls_are_being_cancelled(server: RumorServer, fresh: Callable[[str], str]) -> None:
    """What is left of the requests when their listener goes is cancelled by the library, or by closing: all of it."""
    for _ in range(5):
        with Rumor(server.tcp(), timeout=HANG) as client:
            alice, bob = pair(client, fresh("alice"), fresh("bob"))
            with alice.actor.rpc.status.listen(raw=True):
                requests = [ask(alice, bob, number) for number in range(30)]
                for request in requests:
                    request.next()
        ids = {request.id for request in requests}
        assert eventually(partial(gone, ids, server))
        with Rumor(server.tcp(), timeout=HANG) as client:
            for host in (alice, bob):
                client.actor(host.actor.name).kill()


def test_cancel_of_what_cannot_be_stopped(rumor: Rumor) -> None:
    """It is held until the command's own part is over."""
    sleep = rumor.nowait.sleep("500ms")
    with pytest.raises(CallTimeout, match="cancel"):
        sleep.cancel(timeout=0.05)
    assert sleep.id in rumor.calls
    sleep.cancel()
    assert sleep.finished()["msg"] == "done sleeping!"


def test_cancel_from_many_threads(rumor: Rumor) -> None:
    alice, _ = pair(rumor)
    listener = alice.actor.nowait.rpc.status.listen()
    ready = threading.Barrier(6)

    def cancel(_: int) -> None:
        ready.wait(HANG)
        listener.cancel()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(cancel, range(6)))
    assert listener.done
    assert rumor.calls == {}
