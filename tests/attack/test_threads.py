"""Many threads on one Rumor, the garbage collector anywhere, forks, and the end of the interpreter in any state."""

from __future__ import annotations

import gc
import os
import re
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from functools import partial
from itertools import count
from time import monotonic, sleep
from types import FrameType
from typing import Any

import pytest

import pyrum_sync
from pyrum_sync import CallEnded, Rumor, RumorClosed, RumorError
from tests.attack.answering import LONG, VALUES, Answering
from tests.attack.test_fork import _in_child
from tests.conftest import HANG, Background
from tests.support.peers import FREED, SUCCESS, ScriptedServer, data
from tests.support.servers import RumorServer

Start = Callable[[Callable[[], object]], Background]
CROWD = 64
BOUND = 10.0  # seconds that closing, or the end of a process, may take on a slow machine


class Echoing(Answering):
    """A call gives its own command."""

    def _start(self, call_id: str, command: str) -> None:
        if command.startswith("peer connect"):
            self.commands[call_id] = command
            self.send(
                data(call_id, said=command.rpartition(" ")[2]) + data(call_id, **SUCCESS) + data(call_id, **FREED)
            )
        else:
            super()._start(call_id, command)

    def _script(self, call_id: str) -> None:
        if "sleep" not in self.heard[-1]:
            super()._script(call_id)


@pytest.fixture
def echo(monkeypatch: pytest.MonkeyPatch) -> Iterator[Echoing]:
    monkeypatch.setattr("pyrum_sync.client.keeper._GOODBYE_TIME", 0.01)
    server = Echoing()
    with server:
        yield server


@pytest.fixture
def restless() -> Iterator[None]:
    """Threads change all the time."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def _crowd(background: Start, work: Callable[[int], object], size: int = CROWD) -> list[Background]:
    """All of them begin at once."""
    barrier = threading.Barrier(size)

    def run(number: int) -> object:
        barrier.wait(HANG)
        return work(number)

    return [background(partial(run, number)) for number in range(size)]


# -- each its own answers


@pytest.mark.usefixtures("restless")
def test_each_of_many_threads_gets_its_own_answers(echo: Echoing, background: Start) -> None:
    with echo.rumor() as rumor:

        def work(number: int) -> None:
            actor = rumor.actor(f"actor{number % 3}" if number % 4 else "alice")
            alice = rumor.actor("alice")
            assert alice is rumor.actor("alice")
            assert actor is rumor.actor(actor.name)
            for turn in range(3):
                mine = f"{number}.{turn}"
                assert alice.peer.connect(mine).data["said"] == mine
                call = alice.nowait.peer.connect(mine)
                assert call.field("said")() == mine
                with pytest.raises(CallEnded):
                    call.field("said")()
                call.finished()
            assert rumor.shell("echo hello").stdout == "hello\n"

        for thread in _crowd(background, work):
            thread.value()
        assert rumor.calls == {}


@pytest.mark.usefixtures("restless")
def test_threads_that_share_a_call_share_its_values_and_steps(echo: Echoing, background: Start) -> None:
    with echo.rumor(timeout=5) as rumor:
        alice = rumor.actor("alice")
        for _ in range(5):
            values, listener = alice.gossip.log("topic"), alice.rpc.ping.listen(raw=True)
            got: list[tuple[str, int]] = []

            def work(number: int) -> None:
                if number % 2:
                    got.append(("value", values.field("v")()))  # noqa: B023
                else:
                    got.append(("step", listener.next()["v"]))  # noqa: B023

            for thread in _crowd(background, work, 2 * VALUES):
                thread.value()
            assert sorted(got) == [(what, number) for what in ("step", "value") for number in range(VALUES)]


@pytest.mark.rumor
@pytest.mark.usefixtures("restless")
def test_each_of_many_threads_gets_its_own_answers_of_a_real_rumor(server: RumorServer, background: Start) -> None:
    made: set[str] = set()
    with server.unix() as conn, Rumor(conn, timeout=HANG) as rumor:

        def work(number: int) -> None:
            actor = rumor.actor(f"thread{number}")
            key = f"{number + 1:064x}"
            enr = actor.enr.make(priv=key, ip="127.0.0.1", tcp=1000 + number).enr()
            assert actor.enr.view(enr).data
            made.add(enr)
            assert rumor.shell(f"echo {number}; echo").stdout == f"{number}\n\n"
            actor.nowait.sleep("1ms").finished()

        for thread in _crowd(background, work):
            thread.value()
        assert rumor.calls == {}
    assert len(made) == CROWD


# -- closing against everything

Blocks = Callable[[Rumor], object]


def _listener(rumor: Rumor) -> Any:
    return rumor.actor("alice").rpc.metadata.listen(raw=True)  # gives no steps


BLOCKERS: dict[str, Blocks] = {
    "call": lambda rumor: rumor.actor("alice").peer.connect("x"),
    "long call": lambda rumor: rumor.actor("alice").sleep(LONG),
    "wait": lambda rumor: rumor.actor("alice").nowait.sleep(LONG).wait(),
    "finished": lambda rumor: _listener(rumor).finished(),
    "cancel": lambda rumor: rumor.actor("alice").nowait.sleep(LONG).cancel(),
    "next": lambda rumor: _listener(rumor).next(),
    "steps": lambda rumor: list(_listener(rumor)),
    "field": lambda rumor: _listener(rumor).field("v")(),
    "values": lambda rumor: list(rumor.actor("alice").gossip.log("topic").field("v")),
    "entries": lambda rumor: list(_listener(rumor).entries()),
    "shell": lambda rumor: rumor.shell("sleep 1h"),
    "short shell": lambda rumor: rumor.shell("echo hello"),
    "verb": lambda rumor: rumor.actor("alice").calls(),
    "attach": lambda rumor: rumor.attach("s1_1"),
    "block": lambda rumor: _listener(rumor).__enter__().__exit__(None, None, None),
}


FOR_EVER = re.compile(f"{LONG}|metadata|gossip|sleep 1h")  # what no more lines come behind


def _until_closed(work: Callable[[], object], turns: list[int]) -> None:
    try:
        while True:
            work()
            turns.append(1)
    except RumorClosed:
        pass


@pytest.mark.usefixtures("restless")
@pytest.mark.parametrize("closers", [1, 3])
def test_closing_against_all_that_blocks(closers: int, background: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pyrum_sync.client.keeper._GOODBYE_TIME", 0.01)
    for turn in range(10):
        with Echoing() as server:
            rumor = server.rumor(timeout=None)
            barrier = threading.Barrier(len(BLOCKERS) + closers)
            turns: list[int] = []
            enough = threading.Event()

            def block(work: Blocks) -> None:
                barrier.wait(HANG)  # noqa: B023
                _until_closed(lambda: work(rumor), turns)  # noqa: B023
                for use in (partial(work, rumor), partial(rumor.shell, "true")):  # noqa: B023
                    with pytest.raises(RumorClosed):
                        use()

            def close() -> float:
                barrier.wait(HANG)  # noqa: B023
                for _ in range(turn * 200):  # noqa: B023
                    enough.is_set()  # noqa: B023
                start = monotonic()
                rumor.close()  # noqa: B023
                return monotonic() - start

            blocked = [background(partial(block, work)) for work in BLOCKERS.values()]
            closing = [background(close) for _ in range(closers)]
            for thread in closing:
                took = thread.value()
                assert isinstance(took, float)
                assert took < BOUND
            for thread in blocked:
                thread.value()
            assert not rumor._session.demux.listeners


@pytest.mark.parametrize("name", BLOCKERS)
def test_a_signal_handler_closes_against_all_that_blocks(
    name: str, background: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pyrum_sync.client.keeper._GOODBYE_TIME", 0.01)
    main = threading.main_thread().ident
    assert main is not None
    for turn in range(4):
        server = Echoing()
        with server:
            rumor = server.rumor(timeout=None)
            before = signal.signal(signal.SIGUSR1, lambda *_: rumor.close())  # noqa: B023
            try:
                turned: list[int] = []

                def press() -> None:
                    while len(turned) < turn and not any(map(FOR_EVER.search, server.heard)):  # noqa: B023
                        sleep(0.001)
                    signal.pthread_kill(main, signal.SIGUSR1)

                pressing = background(press)
                _until_closed(lambda: BLOCKERS[name](rumor), turned)  # noqa: B023
                pressing.value()
                rumor.close()
            finally:
                signal.signal(signal.SIGUSR1, before)


# -- the garbage collector


class Cycle:
    """Only the collector can free it."""

    def __init__(self, *held: object) -> None:
        self.held = held
        self.me = self


def _close_all(servers: Sequence[ScriptedServer]) -> None:
    """Collect the Rumors of these servers, and wait until they are closed."""
    for server in servers:
        deadline = monotonic() + HANG
        while True:
            gc.collect()  # again: this does nothing while another thread collects
            try:
                while server.line(HANG / 100) != "exit":
                    pass
                break
            except AssertionError:
                assert monotonic() < deadline, "a Rumor was not closed"


def _wait_for_the_last_keeper() -> None:
    """It goes on for a moment after it has said `exit`."""
    deadline = monotonic() + HANG
    while any(thread.name == "pyrum_sync keeper" for thread in threading.enumerate()):
        assert monotonic() < deadline, "a keeper is left"
        sleep(0.001)


@pytest.mark.usefixtures("restless")
def test_rumors_and_calls_that_are_collected_anywhere(echo: Echoing, background: Start) -> None:
    with ExitStack() as stack, warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        others = [stack.enter_context(Echoing()) for _ in range(6)]
        rumor = stack.enter_context(echo.rumor())
        alice = rumor.actor("alice")
        gc.collect()
        thresholds = gc.get_threshold()
        gc.set_threshold(1, 1, 1)
        try:

            def work(number: int) -> None:
                mine = others[number : number + 1]
                for turn in range(6):
                    Cycle(alice.gossip.log(f"topic {turn}"), alice.nowait.peer.connect("x"))
                    assert alice.peer.connect(f"{number}").field("said")() == f"{number}"
                    if turn == 2 and mine:
                        other = mine[0].rumor()
                        Cycle(other, other.actor("alice").peer.connect("x"))
                        del other
                        with suppress(OSError):  # gone already
                            for _ in range(20):  # keeps its reader at work, which may be the one to collect it
                                mine[0].entry(msg="news")

            for thread in _crowd(background, work, 8):
                thread.value()
        finally:
            gc.set_threshold(*thresholds)
        _close_all(others)
    _wait_for_the_last_keeper()


def test_forgotten_rumors_are_collected_at_lines_of_the_client(echo: Echoing) -> None:
    with ExitStack() as stack, warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        others = [stack.enter_context(Echoing()) for _ in range(12)]
        forgotten = [other.rumor() for other in others]
        rumor = stack.enter_context(echo.rumor())
        alice = rumor.actor("alice")
        lines = count(1)

        def trace(frame: FrameType, event: str, value: object) -> Any:  # noqa: ARG001
            client = event == "line" and "/pyrum_sync/" in frame.f_code.co_filename
            if client and next(lines) % 29 == 0 and forgotten:
                Cycle(forgotten.pop())
                gc.collect()
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            while forgotten:
                assert alice.peer.connect("x").field("said")() == "x"
                assert rumor.shell("echo hello").stdout == "hello\n"
        finally:
            sys.settrace(before)
        _close_all(others)
    _wait_for_the_last_keeper()


# -- forks


# `_in_child` ignores it, but two threads at once may undo that for each other.
@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_forks_from_threads_amid_calls(echo: Echoing, background: Start) -> None:
    """The child is refused all use of it, and has a Rumor of its own; nobody else notices."""
    with echo.rumor() as rumor:
        alice = rumor.actor("alice")
        over = threading.Event()

        def call() -> int:
            for turn in count():
                assert alice.peer.connect(str(turn)).field("said")() == str(turn)
                if over.is_set():
                    return turn
            raise AssertionError

        def fork() -> int:
            with Answering() as fresh:

                def child() -> None:
                    start = monotonic()
                    for use in (alice.host.view, partial(rumor.shell, "true"), alice.calls):
                        with pytest.raises(RumorError, match="parent"):
                            use()
                    rumor.close()
                    with fresh.rumor() as own:
                        own.actor("alice").sleep("1ns").finished()
                    rumor.close()
                    gc.collect()
                    assert monotonic() - start < BOUND

                return _in_child(child)

        calling = [background(call) for _ in range(4)]
        forking = [background(lambda: [fork() for _ in range(4)]) for _ in range(2)]
        try:
            for thread in forking:
                assert thread.value() == [0] * 4
        finally:
            over.set()
        for thread in calling:
            assert thread.value()


# -- a pool


def test_ctrl_c_with_a_pool(echo: Echoing, background: Start) -> None:
    """Leaving the Rumor ends what the pool's threads wait for, and so the pool."""
    main = threading.main_thread().ident
    assert main is not None
    waiting: list[Future[object]] = []
    over = threading.Event()

    def press() -> None:
        while sum(LONG in line for line in echo.heard) < 8:
            pass
        while not over.wait(0.01):  # Python takes no notice of one that comes just before a wait begins
            signal.pthread_kill(main, signal.SIGINT)
            if any(each.done() for each in waiting):
                return

    def interrupted(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        if not over.is_set():
            over.set()
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        pressing = background(press)
        start = monotonic()
        with (  # noqa: PT012
            pytest.raises(KeyboardInterrupt),
            ThreadPoolExecutor(8) as pool,
            echo.rumor(timeout=None) as rumor,
        ):
            waiting += [pool.submit(rumor.actor("alice").sleep, LONG) for _ in range(8)]
            waiting[0].result()
        assert monotonic() - start < BOUND
        pressing.value()
    finally:
        signal.signal(signal.SIGINT, before)
    assert {type(each.exception()) for each in waiting} == {RumorClosed}


# -- the end of the interpreter

ENDS: dict[str, tuple[str, int]] = {
    "idle": ("", 0),
    "a call waits in a daemon thread": ("later(lambda: alice.sleep(LONG)); heard('sleep')", 0),
    "a call waits in a thread": ("later(lambda: alice.within(0.2).sleep(LONG), daemon=False)", 0),
    "calls in daemon threads": ("[later(forever) for _ in range(4)]; alice.sleep('1ns')", 0),
    "a loop left in the middle": ("loop = iter(alice.gossip.log('topic').field('v')); next(loop)", 0),
    "a loop in a generator that is left": ("loop = iter(alice.rpc.ping.listen(raw=True)); next(loop)", 0),
    "a script runs": ("later(lambda: rumor.shell('sleep 1h')); heard('eval')", 0),
    "within close": ("alice.nowait.sleep(LONG); later(rumor.close); heard_closing()", 0),
    "closed": ("rumor.close()", 0),
    "sys.exit in a thread": ("t = later(lambda: sys.exit(5), daemon=False); t.join()", 0),
    "sys.exit": ("later(lambda: alice.sleep(LONG)); heard('sleep'); sys.exit(3)", 3),
    "an exception": ("later(lambda: alice.sleep(LONG)); heard('sleep'); 1 / 0", 1),
    "an exception in a block": ("with rumor, alice.rpc.ping.listen(raw=True): 1 / 0", 1),
    "a call at exit": ("atexit.register(lambda: alice.sleep('1ns').finished())", 0),
    "a pool": ("pool = concurrent.futures.ThreadPoolExecutor(); pool.submit(alice.sleep, '1ns')", 0),
    "a fork that ends": ("p = os.fork(); p and (os.waitpid(p, 0), alice.sleep('1ns'))", 0),
    "in a cycle": ("import gc; gc.disable(); c = [rumor]; c.append(c); del rumor, alice, c", 0),
}
_HEAD = """if True:
    import atexit, concurrent.futures, os, sys, threading, warnings
    warnings.simplefilter("ignore", DeprecationWarning)  # of forks and threads
    import pyrum_sync.client.session
    from pyrum_sync import *
    pyrum_sync.client.keeper._GOODBYE_TIME = 0.01
    LONG = "9h"
    rumor = Rumor(TCPConn("127.0.0.1", int(sys.argv[1])))
    alice = rumor.actor("alice")
    send = rumor._session.link.send
    lines, more = [], threading.Condition()
    def noted(line, *rest):
        send(line, *rest)
        with more:
            lines.append(line)
            more.notify_all()
    rumor._session.link.send = noted
    def heard(text):
        with more:
            more.wait_for(lambda: any(text in line for line in lines))
    def heard_closing():
        while not rumor.closed: pass
    def later(work, daemon=True):
        def run():
            try: work()
            except RumorError: pass
        thread = threading.Thread(target=run, daemon=daemon)
        thread.start()
        return thread
    def forever():
        while True: alice.sleep("1ns")
"""


@pytest.mark.parametrize("name", ENDS)
def test_the_interpreter_ends(name: str, echo: Echoing) -> None:
    text, status = ENDS[name]
    start = monotonic()
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"{_HEAD}    {text}\n", str(echo.port)],
        capture_output=True,
        text=True,
        check=False,
        timeout=2 * BOUND,
        cwd=os.path.dirname(os.path.dirname(pyrum_sync.__file__)),
    )
    assert done.returncode == status, done.stderr
    assert monotonic() - start < BOUND
    if status == 1:
        assert re.fullmatch(r"Traceback .*\nZeroDivisionError: .*\n", done.stderr, re.DOTALL)
    else:
        assert (done.stdout, done.stderr) == ("", "")
    while (line := echo.line()) != "exit":
        assert "true" not in line
