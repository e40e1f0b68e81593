"""Two hosts that talk, and several threads that read what is said, each in its own way and often in a hurry.

The model is what came over the wire: each kind of reader of a call must have got all of that, once and in order. And
what one host said, the other must have heard.
"""

from __future__ import annotations

import gc
import itertools
import json
import os
import signal
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from time import monotonic
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyrum_sync import Call, CallEnded, CallError, CallTimeout, ConnectionLost, Rumor, SimulatorConn, SubprocessConn
from tests.conftest import HANG, Background
from tests.model.readers import LEAVES
from tests.model.runs import Tally, runs, wakes_only_when_told
from tests.model.truth import fields
from tests.real.hosts import start

TOPIC = "of the model"
FATES = ("answered", "answered", "refused", "cancelled")
# What the other side logs for a step, before the mark that makes it one.
_STEPS = ("made request", "Received chunk", "Received request, queued it to respond to!")
_REFUSED = 100  # requests from here on are answered with an error

Entry = dict[str, Any]


@dataclass(frozen=True)
class Act:
    """One thing that a thread does to a call."""

    target: int
    key: int
    how: str
    limit: float | None
    count: int


@dataclass(frozen=True)
class Plan:
    fates: list[str]  # of the requests
    messages: int
    threads: list[list[Act]]
    lost: bool  # the connection goes in the middle


_ACTS = st.builds(
    Act,
    target=st.integers(0, 11),
    key=st.integers(0, 2),
    how=st.sampled_from(("one", "one", *LEAVES, "wait", "finished", "cancel")),
    limit=st.sampled_from((0, 0.001, 0.003, 0.01, 0.03)),
    count=st.integers(1, 4),
)
_PATIENT = st.builds(
    Act, st.integers(0, 11), st.integers(0, 2), st.sampled_from(("all", "finished")), st.none(), st.just(0)
)
PLANS = st.builds(
    Plan,
    fates=st.lists(st.sampled_from(FATES), min_size=1, max_size=6),
    messages=st.integers(0, 6),
    threads=st.lists(st.lists(_ACTS, min_size=1, max_size=10) | st.lists(_PATIENT, min_size=1, max_size=2), max_size=5),
    lost=st.sampled_from((False,) * 7 + (True,)),
)


class Wiretap:
    """All that came for each call, as it came."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._said: dict[str, list[Entry]] = defaultdict(list)

    def __call__(self, direction: str, line: str) -> None:
        if direction == "<" and line.startswith("{"):
            said = json.loads(line)
            if "call_id" in said:
                with self._changed:
                    self._said[said["call_id"]].append(said)
                    self._changed.notify_all()

    def wait_for(self, condition: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, HANG), "it did not come"

    def all(self, call: Call, key: str) -> list[Any]:
        """What a kind of reader is to be given."""
        # Of a request that is cancelled as it fails, that can be told behind its end; it is over then.
        said = list(itertools.takewhile(lambda each: "__freed" not in each, self._said[call.id]))
        if key == "steps":
            return list(self._steps(said))
        entries = [each for each in said if not any(name.startswith("__") for name in each)]
        return entries if key == "entries" else [each[key] for each in entries if key in each]

    def _steps(self, said: list[Entry]) -> Iterator[Entry]:
        taken: Entry | None = None
        for each in said:
            if each["msg"] in _STEPS:
                taken = each
            elif "__step" in each and taken is not None:  # else it has failed
                yield fields(taken)
                taken = None


def told(value: Any) -> str:
    """As a word that can be counted."""
    return json.dumps(value, sort_keys=True)


def number_of(data: str) -> int:
    return int.from_bytes(bytes.fromhex(data), "little")


def data_of(number: int) -> bytes:
    return number.to_bytes(8, "little")


class World:
    """A Rumor with two hosts in it."""

    def __init__(self, conn: SubprocessConn, monkeypatch: pytest.MonkeyPatch) -> None:
        self.tap = Wiretap()
        self.messages = itertools.count()  # gossip says the same thing only once
        monkeypatch.setattr("pyrum_sync.client.rumor.wire_log", lambda debug: self.tap)  # noqa: ARG005
        self.conn = conn
        self.rumor = Rumor(conn, timeout=HANG)
        try:
            self.alice, self.bob = start(self.rumor.actor("alice")), start(self.rumor.actor("bob"))
            for host in (self.alice, self.bob):
                host.actor.gossip.start()
                host.actor.gossip.join(TOPIC)
            self.subscription = self.bob.actor.gossip.log(TOPIC)  # one is enough for all the others
            with self.alice.actor.gossip.events(TOPIC) as events:
                self.alice.actor.peer.connect(self.bob.addr)
                assert events.peer_id() == self.bob.peer_id
        except BaseException:
            self.rumor.close()
            raise


class Talk:
    """What is said and read in one go."""

    def __init__(self, world: World, plan: Plan, tally: Tally) -> None:
        self.operation = tally.operation
        self.tap, self.rumor, self.plan = world.tap, world.rumor, plan
        self.alice, self.bob, self.conn = world.alice, world.bob, world.conn
        self.subscription = world.subscription
        self.messages = list(itertools.islice(world.messages, plan.messages))
        self.lost = False
        self.got: dict[tuple[Call, str], list[list[Any]]] = defaultdict(list)
        self.answers: dict[int, Call | None] = {}  # by the number of the request
        self.listener = self.alice.actor.rpc.ping.listen(raw=True)
        self.log = self.bob.actor.gossip.log(TOPIC)
        self.requests: dict[int, Call] = {}
        for place, fate in enumerate(plan.fates):
            number = place + _REFUSED * (fate == "refused" and not plan.lost)
            self.requests[number] = self.bob.actor.nowait.rpc.ping.req.raw(
                self.alice.peer_id, data_of(number), raw=True
            )
        self.cancelled = {
            number: call for number, call in self.requests.items() if plan.fates[number % _REFUSED] == "cancelled"
        }
        self.patient = {number: call for number, call in self.requests.items() if number not in self.cancelled}

    def keys(self, call: Call) -> tuple[str, ...]:
        if call is self.listener:
            return ("steps", "entries", "req_id")
        if call is self.log:
            return ("entries", "data")
        return ("steps", "entries", "data")

    # -- what the threads do

    def act(self, act: Act) -> None:
        calls = [self.listener, self.log, *self.requests.values()]
        call = calls[act.target % len(calls)]
        keys = self.keys(call)
        self.operation()
        try:
            if act.how == "wait":
                call.wait(act.limit)
            elif act.how == "finished":
                call.finished(act.limit)
            elif act.how == "cancel":
                if call in self.cancelled.values():
                    call.cancel(act.limit)
            else:
                self.read(call, keys[act.key % len(keys)], act)
        except CallTimeout:
            assert act.limit is not None
        except CallError as error:
            self.check_that_it_failed(call, error)
        except ConnectionLost:
            assert self.lost

    def read(self, call: Call, key: str, act: Act) -> None:
        got: list[Any] = []
        self.got[call, key].append(got)
        while True:
            try:
                if act.how == "one" and key != "entries":
                    value = call.next(act.limit) if key == "steps" else call.field(key)(act.limit)
                    self.given(call, key, got, value)
                else:
                    self.loop(call, key, got, act)
            except CallEnded:
                return
            except CallError as error:
                if self.failed(call, error):
                    return
                if self.told_of_an_answer(call, key, error):
                    got.append(fields(error.entry or {}))
                if act.how == "all":
                    continue
            return

    def failed(self, call: Call, error: CallError) -> bool:
        """Whether the request itself has failed, which happens to those that were cancelled."""
        failed = (error.entry or {}).get("msg") == "failed to make request"
        assert not failed or call in self.cancelled.values(), error
        return failed

    def check_that_it_failed(self, call: Call, error: CallError) -> None:
        assert self.failed(call, error), error

    def told_of_an_answer(self, call: Call, key: str, error: CallError) -> bool:
        """Or else of a step that came to nothing, which happens to those that were cancelled."""
        assert key == "steps", error
        assert error.entry is not None
        if error.message != "no":
            assert call in self.cancelled.values(), error
            return False
        return True

    def loop(self, call: Call, key: str, got: list[Any], act: Act) -> None:
        if key == "steps":
            source = call.steps(act.limit)
        else:
            source = call.entries(act.limit) if key == "entries" else call.field(key).values(act.limit)
        for value in source:
            self.given(call, key, got, value)
            if act.how != "all" and len(got) >= act.count:
                break
        else:
            return
        if act.how == "close":
            source.close()  # type: ignore[attr-defined]
        elif act.how == "drop":
            del source
            gc.collect(0)
        elif act.how == "cycle":
            cycle: list[object] = [source]
            cycle.append(cycle)

    def given(self, call: Call, key: str, got: list[Any], value: Any) -> None:
        got.append(value)
        if call is self.listener and key == "steps":
            number = number_of(value["data"])
            assert number not in self.answers, "taken twice"
            self.answers[number] = None  # if the connection goes meanwhile
            respond = self.alice.actor.nowait.rpc.ping.resp
            if number < _REFUSED:
                self.answers[number] = respond.chunk.raw(value["req_id"], data_of(number + 1), done=True)
            else:
                self.answers[number] = respond.server_error(value["req_id"], "no")

    def publish(self) -> None:
        try:
            for number in self.messages:
                self.alice.actor.gossip.publish(TOPIC, data_of(number))
        except ConnectionLost:
            assert self.lost

    def run(self) -> None:
        def work(acts: list[Act]) -> None:
            for act in acts:
                self.act(act)

        threads = [Background(lambda acts=acts: work(acts)) for acts in self.plan.threads]  # type: ignore[misc]
        threads.append(Background(self.publish))
        try:
            if self.plan.lost:
                self.lost = True
                os.kill(self.conn.pid, signal.SIGKILL)
            else:
                self.finish()
        finally:
            for thread in threads:
                thread.join(HANG)
        for thread in threads:
            thread.value()
        self.read_the_rest()
        self.compare()

    def finish(self) -> None:
        """Let all calls come to their end."""
        for call in self.cancelled.values():
            call.cancel(HANG)
        end = monotonic() + HANG
        while not self.patient.keys() <= self.answers.keys():
            assert monotonic() < end, "a request did not come"
            self.act(Act(0, 0, "one", 0.02, 1))
        for call in self.patient.values():
            self.read(call, "steps", Act(0, 0, "all", HANG, 0))
            with suppress(CallError):
                call.finished(HANG)
            assert call.done
        self.tap.wait_for(lambda: len(self.tap.all(self.log, "data")) >= len(self.messages))
        self.listener.cancel(HANG)
        self.log.cancel(HANG)

    # -- afterwards

    def read_the_rest(self) -> None:
        rest = Act(0, 0, "all", HANG, 0)
        for call in (self.listener, self.log, *self.requests.values()):
            for key in self.keys(call):
                try:
                    self.read(call, key, rest)
                except ConnectionLost:
                    assert self.lost
        for number, answer in self.answers.items():
            if answer is not None and not self.lost:
                try:
                    answer.finished(HANG)
                except CallError:
                    assert number in self.cancelled
                    answer.cancel(HANG)  # it may be failing still

    def compare(self) -> None:
        for call in (self.listener, self.log, *self.requests.values()):
            newest: Entry = {}
            for each in self.tap.all(call, "entries"):
                newest.update(fields(each))
            assert call.data == newest
            assert call._state.waiters == []
            assert call.done or self.lost
            for key in self.keys(call):
                due = [told(each) for each in self.tap.all(call, key)]
                found = [[told(each) for each in got] for got in self.got[call, key]]
                assert Counter(word for got in found for word in got) == Counter(due), (call, key)
                for got in found:
                    words = iter(due)
                    assert all(word in words for word in got), f"out of order: {call} {key}"
        if self.lost:
            return
        assert list(self.rumor.calls.values()) == [self.subscription]
        assert self.patient.keys() <= self.answers.keys() <= self.requests.keys()
        assert [number_of(each) for each in self.tap.all(self.log, "data")] == self.messages
        for number, call in self.patient.items():
            made, chunk = self.tap.all(call, "steps")
            assert made["msg"] == "made request"
            assert bytes.fromhex(chunk["data"]) == (b"no" if number >= _REFUSED else data_of(number + 1))


def talk(connect: Callable[[], SubprocessConn], examples: int, monkeypatch: pytest.MonkeyPatch) -> None:
    wakes_only_when_told(monkeypatch)
    worlds: list[World] = []
    tally = Tally()

    @runs(examples)
    @given(plan=PLANS)
    def talk_once(plan: Plan) -> None:
        if not worlds:
            worlds.append(World(connect(), monkeypatch))
        try:
            Talk(worlds[0], plan, tally).run()
            tally.run()
            if plan.lost:
                worlds.pop().rumor.close()
        except BaseException:
            while worlds:
                worlds.pop().rumor.close()
            raise

    try:
        talk_once()
        tally.tell()
    finally:
        for world in worlds:
            world.rumor.close()


def late() -> list[dict[str, Any]]:
    """Commands that begin late, at random, but the same ones in each run."""
    random = Random(1)
    return [
        {"do": "delay", "command": command, "skip": number, "seconds": random.choice((0.001, 0.004, 0.015))}
        for command in ("rpc ping req", "rpc ping resp", "rpc ping listen", "gossip publish", "gossip log")
        for number in range(300)
        if random.random() < 0.4
    ]


def test_two_hosts_of_a_simulator_that_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    talk(lambda: SimulatorConn(faults=late()), 20, monkeypatch)


@pytest.mark.rumor
def test_two_hosts_of_a_rumor(rumor_path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    talk(lambda: SubprocessConn([rumor_path, "bare", "--level=trace"]), 20, monkeypatch)
