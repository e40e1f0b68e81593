"""A signal handler raises at every point of everything that blocks (see interrupts.py): the Rumor goes on, nothing that
had arrived is lost, and nothing is left behind."""

# ruff: noqa: SIM105 - `suppress` would take steps of its own
from __future__ import annotations

import gc
import os
import subprocess
import threading
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from pyrum_sync import Call, CallEnded, CallError, CallTimeout, DataLost, Rumor
from pyrum_sync.client.debug import wire_log
from tests.attack.answering import LONG, VALUES, Answering, AnsweringChild, AnsweringUnix, AnsweringWebsocket, Answers
from tests.attack.interrupts import Interrupt, Strike, Unusual, spared
from tests.conftest import HANG, _children, _descriptors

SHORT = 0.0005  # a time limit that runs out
PATIENCE = 5.0  # seconds for what ends by itself
STRIDE = 1 if os.environ.get("EVERY_POINT") else 61  # steps between two strikes, at least


class Case:
    """Something to do under fire, and what must be so afterwards."""

    def __init__(self, work: Callable[[], object], after: Callable[[bool], None] = lambda _own: None) -> None:
        self.work = work
        self.after = after  # is told whether the caller's own code was struck, where nothing can be done


class World:
    """A client of a server that answers."""

    def __init__(self, server: Answers, **options: Any) -> None:
        self.server = server
        self.rumor = server.rumor(**{"timeout": HANG, **options})
        self.alice = self.rumor.actor("alice")

    def close(self) -> None:
        self.rumor.close()

    def started(self, since: int) -> set[str]:
        """The calls whose lines were heard."""
        return {line.split()[0][1:] for line in self.server.heard[since:] if " alice: lvl_trace " in line}

    def settle(self) -> None:
        """All that is under way ends, and nothing is left."""
        session = self.rumor._session
        link: Any = session.link
        self.alice.sleep("1ns").finished()
        for call in self.rumor.calls.values():
            if f"sleep {LONG}" in call.command:
                call._session.cancel(call._state)
                self.server.end(call.id)
                with suppress(CallError):
                    call.finished(HANG)
            else:
                call.cancel(HANG)
        assert not session.demux.calls, f"left in flight: {session.demux.calls}"
        assert not session.demux.listeners, "a listener is left"
        locks = {"state": session.demux.lock, "wire": link._wire, "life": link._life}
        for name, lock in locks.items():
            assert not (hasattr(lock, "_is_owned") and lock._is_owned()), f"the lock on the {name} is held"
            assert lock.acquire(timeout=HANG), f"the lock on the {name} is held"
            lock.release()


Scenario = Callable[[World], Case]
SCENARIOS: dict[str, Scenario] = {}


def scenario(make: Scenario) -> Scenario:
    SCENARIOS[make.__name__] = make
    return make


def waiters_of(*calls: Call) -> None:
    for call in calls:
        assert not call._state.waiters, "a waiter is left"


# -- calls


@scenario
def a_call(world: World) -> Case:
    return Case(lambda: world.alice.sleep("1ns"))


@scenario
def a_call_that_lives_on(world: World) -> Case:
    return Case(lambda: world.alice.rpc.ping.listen(raw=True))


@scenario
def a_call_that_fails(world: World) -> Case:
    def work() -> None:
        try:
            world.alice.host.view()
        except CallError:
            pass

    return Case(work)


@scenario
def a_call_that_takes_too_long(world: World) -> Case:
    def work() -> None:
        try:
            world.alice.within(SHORT).sleep(LONG)
        except CallTimeout:
            pass

    return Case(work)


@scenario
def a_call_that_is_not_waited_for(world: World) -> Case:
    return Case(lambda: world.alice.nowait.rpc.ping.listen(raw=True))


@scenario
def waiting_for_a_call(world: World) -> Case:
    call = world.alice.nowait.sleep("1ns")

    def work() -> None:
        call.wait()
        call.finished()

    return Case(work, lambda _own: waiters_of(call))


@scenario
def waiting_in_vain(world: World) -> Case:
    call = world.alice.nowait.sleep(LONG)

    def work() -> None:
        for wait in (call.wait, call.finished, call.cancel):
            try:
                wait(SHORT)
            except CallTimeout:
                pass

    return Case(work, lambda _own: waiters_of(call))


@scenario
def cancelling(world: World) -> Case:
    call = world.alice.rpc.ping.listen(raw=True)

    def after(own: bool) -> None:  # noqa: ARG001
        call.cancel()
        waiters_of(call)

    return Case(call.cancel, after)


@scenario
def leaving_a_block(world: World) -> Case:
    call = world.alice.rpc.ping.listen(raw=True)

    def work() -> None:
        with call:
            pass

    return Case(work, lambda _own: waiters_of(call))


# -- steps


def _reading(read: Callable[[list[int]], object], rest: Callable[[], list[int]], call: Call) -> Case:
    got: list[int] = []

    def after(own: bool) -> None:
        waiters_of(call)
        numbers = [*got, *rest()]
        if own:
            assert numbers == sorted(set(numbers)), f"given twice, or out of order: {numbers}"
            assert len(numbers) >= VALUES - 1, f"more than one was lost: {numbers}"
        else:
            assert numbers == list(range(VALUES)), f"lost or given twice: {numbers}"

    return Case(lambda: read(got), after)


def _steps_of(call: Call) -> Callable[[], list[int]]:
    def rest() -> list[int]:
        found: list[int] = []
        while True:
            try:
                step = call.next(timeout=5)
            except (CallEnded, CallTimeout):
                return found
            found.append(step["v"])
            if step["v"] == VALUES - 1:
                return found

    return rest


@scenario
def a_step(world: World) -> Case:
    call = world.alice.rpc.ping.listen(raw=True)

    def read(got: list[int]) -> None:
        step = call.next()
        got.append(step["v"])
        step = call.next()
        got.append(step["v"])

    return _reading(read, _steps_of(call), call)


@scenario
def steps_in_a_loop(world: World) -> Case:
    call = world.alice.rpc.ping.listen(raw=True)

    def read(got: list[int]) -> None:
        for step in call:
            got.append(step["v"])
            if len(got) == 3:
                break

    return _reading(read, _steps_of(call), call)


@scenario
def a_request(world: World) -> Case:
    call = world.alice.rpc.status.req.raw("peer", b"", raw=True)

    def read(got: list[int]) -> None:
        for step in call:
            got.append(step["v"])

    return _reading(read, _steps_of(call), call)


@scenario
def a_step_that_fails(world: World) -> Case:
    call = world.alice.rpc.goodbye.req.raw("peer", b"", raw=True)
    call.next()
    told: list[int] = []

    def read() -> None:
        try:
            call.next()
        except BaseException as error:
            # In Python 3.10 a handler may run while an exception is under way; what it raises carries that one.
            for each in (error, error.__context__):
                if isinstance(each, CallError) and each.entry is not None:
                    told.append(each.entry["v"])
            if not isinstance(error, CallError):
                raise

    def after(own: bool) -> None:
        waiters_of(call)
        if not told and not own:
            with pytest.raises(CallError) as caught:
                call.next()
            assert caught.value.entry is not None
            assert caught.value.entry["v"] == 1

    return Case(read, after)


@scenario
def a_step_that_does_not_come(world: World) -> Case:
    call = world.alice.rpc.metadata.listen(raw=True)

    def work() -> None:
        try:
            call.next(SHORT)
        except CallTimeout:
            pass

    def after(own: bool) -> None:  # noqa: ARG001
        waiters_of(call)
        asking = len(world.server.heard)
        with pytest.raises(CallTimeout):
            call.next(timeout=0)
        steps = call._state.steps
        assert steps is not None
        assert steps.requested
        world.alice.sleep("1ns")
        nexts = [line for line in world.server.heard if line == f"_{call.id} next &"]
        assert len(nexts) == 1, f"asked for {len(nexts)} times, {asking}"

    return Case(work, after)


# -- values


def _values_of(call: Call) -> Callable[[], list[int]]:
    def rest() -> list[int]:
        found = []
        while True:
            try:
                found.append(call.field("v")(timeout=0))
            except CallTimeout:
                return found

    return rest


def _giving(world: World) -> Call:
    call = world.alice.gossip.log("topic")
    world.alice.sleep("1ns")  # behind its values
    return call


@scenario
def a_value(world: World) -> Case:
    call = _giving(world)

    def read(got: list[int]) -> None:
        value = call.field("v")()
        got.append(value)
        value = call.field("v")()
        got.append(value)

    return _reading(read, _values_of(call), call)


@scenario
def a_value_that_is_to_come(world: World) -> Case:
    call = world.alice.rpc.ping.listen(raw=True)  # its fields take its steps

    def read(got: list[int]) -> None:
        value = call.field("v")()
        got.append(value)
        value = call.field("v")()
        got.append(value)

    def rest() -> list[int]:
        found: list[int] = []
        while VALUES - 1 not in found:
            found.append(call.field("v")(timeout=1))
        return found

    return _reading(read, rest, call)


@scenario
def values_in_a_loop(world: World) -> Case:
    call = _giving(world)

    def read(got: list[int]) -> None:
        for value in call.field("v"):
            got.append(value)
            if len(got) == 4:
                break

    return _reading(read, _values_of(call), call)


@scenario
def entries_in_a_loop(world: World) -> Case:
    call = _giving(world)

    def read(got: list[int]) -> None:
        for entry in call.entries():
            got.append(entry["v"])
            if len(got) == 4:
                break

    def rest() -> list[int]:
        found = []
        try:
            for entry in call.entries(timeout=0):
                found.append(entry["v"])
        except CallTimeout:
            pass
        return found

    return _reading(read, rest, call)


@scenario
def a_value_that_does_not_come(world: World) -> Case:
    call = world.alice.rpc.metadata.listen(raw=True)

    def work() -> None:
        for read in (call.field("v"), lambda limit: next(call.entries(limit))):
            try:
                read(SHORT)
            except CallTimeout:
                pass

    return Case(work, lambda _own: waiters_of(call))


@scenario
def values_of_which_some_were_dropped(world: World) -> Case:
    call = _giving(world)
    lost = 2
    with world.rumor._session.demux.lock:
        call.field("v")  # no reader yet
        call._state.drop(lost)
    told: list[int] = []

    def read() -> None:
        try:
            call.field("v")()
        except BaseException as error:
            for each in (error, error.__context__):
                if isinstance(each, DataLost):
                    told.append(each.count)
            if not isinstance(error, DataLost):
                raise

    def after(own: bool) -> None:
        waiters_of(call)
        if not told and not own:
            with pytest.raises(DataLost) as caught:
                call.field("v")()
            told.append(caught.value.count)
        if own and not told:  # whether it was is not known
            with suppress(DataLost):
                call.field("v")(timeout=0)
            return
        assert told == [lost]
        assert _values_of(call)() == list(range(lost, VALUES))

    return Case(read, after)


# -- the rest of a Rumor


@scenario
def a_script(world: World) -> Case:
    return Case(lambda: world.rumor.shell("echo hello"))


@scenario
def verbs(world: World) -> Case:
    def work() -> None:
        world.alice.calls()
        world.alice.kill()
        world.alice.me()

    return Case(work)


@scenario
def attaching(world: World) -> Case:
    def work() -> None:
        call = world.rumor.attach("s1_1")
        assert call.id == "s1_1"

    return Case(work, lambda _own: work())


@scenario
def what_is_known(world: World) -> Case:
    call = _giving(world)

    def work() -> None:
        assert call.data["v"] == VALUES - 1
        assert call.id in world.rumor.calls
        repr(call)

    return Case(work, lambda _own: work())


# -- the test


def attack(open_world: Callable[[], World], make: Scenario) -> tuple[int, list[str]]:
    """How many points were struck, and what went wrong where."""
    world = open_world()

    def again() -> None:
        nonlocal world
        world.close()
        world = open_world()

    try:
        Strike(1 << 60, Interrupt()).run(make(world).work)  # what is made when first used
        world.settle()
        return _every_point(lambda strike: _struck(world, make(world), strike), again)
    finally:
        world.close()


def _every_point(try_at: Callable[[Strike], bool], again: Callable[[], None]) -> tuple[int, list[str]]:
    problems: list[str] = []
    points, step = 0, 0
    gc.collect()
    gc.disable()  # what it ends may be struck as well, and Python swallows that
    try:
        while True:
            strike = Strike(step, Interrupt("struck"))
            try:
                try:
                    if not try_at(strike):
                        return points, problems
                except AssertionError:
                    if strike.ours:
                        raise
                    again()
                    if not strike.swallowed:
                        strike = Strike(step, Unusual("struck"))
                        try_at(strike)
            except BaseException as fault:
                said = f"{type(fault).__name__}: {str(fault)[:200]}"
                problems.append(f"step {step}, in {strike.where}: {said}")
                again()
            points += 1
            step = max(step + STRIDE, strike.struck - 1)
    finally:
        gc.enable()


def _raised(strike: Strike, work: Callable[[], object], *, chained: bool = False) -> BaseException | None:
    """What came of it; None if there was nothing to strike. `chained`: it may be the cause of what is raised."""
    raised: BaseException | None = None
    try:
        strike.run(work)
    except BaseException as other:
        raised = other
    if not strike.where:
        assert raised is None, f"raised {raised!r} without being struck"
        return None
    known = raised
    while chained and known is not None and known is not strike.error:
        known = known.__cause__ or known.__context__
    assert known is strike.error, "what the handler raised was swallowed" if raised is None else f"became {raised!r}"
    return raised


def _struck(world: World, case: Case, strike: Strike) -> bool:
    """Whether there was something to strike; raises if it did harm."""
    since, known = len(world.server.heard), set(world.rumor.calls)
    raised = _raised(strike, case.work)
    if raised is None:
        world.settle()
        return False
    own = strike.own
    case.after(own)
    world.alice.sleep("1ns").finished()
    carried = getattr(raised, "call", None)
    if not own:
        for call in world.rumor.calls.values():
            if call.id in world.started(since) - known:
                assert call is carried or call._state.cancel_wanted, f"{call!r} is not carried by the exception"
    if carried is not None and LONG not in carried.command:
        with suppress(CallError):
            carried.finished(HANG)
    world.settle()
    return True


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # as below
@pytest.mark.parametrize("name", SCENARIOS)
def test_every_point(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pyrum_sync.client.keeper._GOODBYE_TIME", 0.01)
    servers: list[Answering] = []

    def open_world() -> World:
        servers.append(Answering())
        return World(servers[-1])

    try:
        points, problems = attack(open_world, SCENARIOS[name])
    finally:
        for server in servers:
            server.close()
    print(f"{name}: {points} points, {len(problems)} problems")
    assert not problems


# -- opening and closing


def _there() -> list[set[object]]:
    return [set(threading.enumerate()), set(_descriptors()), set(_children())]


# Python itself passes over what a handler raises in a callback of a weak reference, such as those of WeakSet.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("way", ["tcp", "unix", "ws", "child"])
def test_every_point_of_a_life(way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever closes a connection, whose opening, use or closing was struck, has nothing of it left."""
    monkeypatch.setattr("pyrum_sync.client.keeper._GOODBYE_TIME", 0.01)
    monkeypatch.setattr("pyrum_sync.transports.process._TERM_TIME", 0.2)
    # Struck at their start, threads hang for ever or are forgotten, and processes leave their pipes; and a KeyError
    # makes `threading` take the main thread for another's.
    monkeypatch.setattr(threading, "current_thread", spared(threading.current_thread))
    monkeypatch.setattr(threading.Thread, "start", spared(threading.Thread.start))
    monkeypatch.setattr(subprocess.Popen, "__init__", spared(subprocess.Popen.__init__))
    # And `logging` keeps a lock of its own for ever.
    monkeypatch.setattr("pyrum_sync.client.rumor.wire_log", spared(wire_log))
    number = 0

    def serve() -> Answers:
        nonlocal number
        number += 1
        if way == "unix":
            return AnsweringUnix(tmp_path / f"{number}.socket")
        return {"tcp": Answering, "ws": AnsweringWebsocket, "child": AnsweringChild}[way]()

    def try_at(strike: Strike) -> bool:
        before = _there()
        with serve() as server:
            conn = server.conn()

            def live() -> None:
                rumor = Rumor(conn, timeout=HANG)
                rumor.actor("alice").nowait.rpc.ping.listen(raw=True)
                rumor.close()

            try:
                raised = _raised(strike, live, chained=True)  # an OSError in opening: HandshakeError
            finally:
                conn.close()
        if raised is not None:
            raised.__traceback__ = strike.error.__traceback__ = None  # they hold what they passed through
        deadline = monotonic() + PATIENCE
        while any(now - old for now, old in zip(_there(), before, strict=True)):
            assert monotonic() < deadline, f"left behind: {_there()}, where there was {before}"
            sleep(0.005)
            gc.collect()
        return raised is not None

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # of what the standard library itself leaves to the collector
        try_at(Strike(1 << 60, Interrupt()))  # what is made when first used
        points, problems = _every_point(try_at, lambda: None)
    print(f"{way}: {points} points, {len(problems)} problems")
    assert not problems
