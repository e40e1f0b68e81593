"""What may happen to a connection, on which way in, and at which moment of a call's life: three lists, and what comes
of each combination of them."""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final, NamedTuple
from unittest.mock import patch

import pytest

from pyrum_sync import Call, ConnectionLost, HandshakeError, Rumor, RumorClosed, SimulatorConn, eth2
from pyrum_sync.protocol.framing import LineTooLong
from tests.conftest import HANG, Background
from tests.real.hosts import pair
from tests.support.peers import ChildServer, OwnServer, ScriptedServer, UnixServer, WebsocketServer

LIMIT: Final = 1.0  # seconds from the fault to the exception
MAX_LINE: Final = 10_000
HERE: Final = "close, by another thread"
_LONG: Final = "x" * 6_000_000  # more than is on its way to a side that does not read

# -- ways in ----------------------------------------------------------------------------------------------------------

IN_PROCESS: Final = ("tcp", "unix", "ws", "wss", "custom")
SCRIPTED: Final = (*IN_PROCESS, "subprocess")
WAYS: Final = (*SCRIPTED, "simulator")


class Waiter(Background):
    """A thread that waits, since `began`; `at` is when it went on."""

    at = 0.0

    def run(self) -> None:
        self.began = monotonic()
        super().run()
        self.at = monotonic()

    def waits(self) -> bool:
        """Whether it is where the client blocks: for news of a call, to write, and to close."""
        frame = sys._current_frames().get(self.ident or 0)
        return frame is not None and frame.f_code.co_name in ("sleep", "poll")


class Stage:
    """A client and its other side, at the beginning of a trial."""

    rumor: Rumor
    limit: float | None = None  # the Rumor's own, in seconds
    max_line = MAX_LINE
    peer_id = "16Uiu2HAm7Qwe19vz9WzD2Mxn7fXd1vgHHp4iccuyq7TxwRXoAGfc"

    def __init__(self) -> None:
        self.stack = ExitStack()
        self.threads: list[Waiter] = []

    def open(self) -> Rumor:
        """The client; blocks until it is greeted."""
        raise NotImplementedError

    def use(self) -> None:
        """Open the client, to be closed at the end."""
        self.rumor = self.stack.enter_context(self.open())

    def start(self, work: Callable[[], object]) -> Waiter:
        self.threads.append(Waiter(work))
        return self.threads[-1]

    def starting(self) -> Call:
        """A call whose set-up is not over."""
        return self.rumor.nowait.sleep("1h")

    def listener(self) -> Call:
        """A call that has steps, and is set up."""
        return self.rumor.actor("alice").nowait.rpc.status.listen(raw=True)

    def request(self) -> Call:
        """A request that is set up, and gets no answer."""
        return self.rumor.actor("bob").nowait.rpc.status.req.raw(self.peer_id, bytes(84), raw=True)

    def silence(self) -> None:
        """From here on the other side says nothing of its own accord."""

    def deafness(self) -> None:
        """From here on it does not read."""

    def recovery(self) -> None:
        """It reads and speaks again."""
        raise NotImplementedError

    def goes_on(self) -> None:
        """See that the connection works."""
        self.rumor.actor("zoe").within(HANG).sleep("1ns")

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.close()
        for thread in self.threads:
            thread.join(HANG)
            assert not thread.is_alive(), "hangs"


class ScriptedStage(Stage):
    """One with a scripted server, which says nothing unless it is told to."""

    def __init__(self, server: ScriptedServer) -> None:
        super().__init__()
        self.server: Any = self.stack.enter_context(server)

    def open(self) -> Rumor:
        return Rumor(self.server.conn(), max_line=self.max_line, timeout=self.limit)

    def starting(self) -> Call:
        return self._heard(super().starting())

    def listener(self) -> Call:
        return self._set_up(super().listener())

    def request(self) -> Call:
        return self._set_up(super().request())

    def _set_up(self, call: Call) -> Call:
        self._heard(call)
        self.server.success(call.id)
        call.wait()
        return call

    def _heard(self, call: Call) -> Call:
        while self.server.line() != call.command:
            pass
        return call

    def deafness(self) -> None:
        self.server.reading.clear()

    def recovery(self) -> None:
        self.server.reading.set()

    def goes_on(self) -> None:
        calling = self.start(super().goes_on)
        while not (line := self.server.line()).endswith("zoe: lvl_trace sleep 1ns &"):
            pass
        self.server.freed_after_success(line[1:].partition(" ")[0])
        calling.value()


class ProcessStage(Stage):
    """One with a Rumor, real or simulated. It is silenced by stopping its process."""

    def __init__(self, conn: Any) -> None:
        super().__init__()
        self.conn = self.stack.enter_context(conn)

    @property
    def pid(self) -> int:
        pid: int = self.conn.pid
        return pid

    def open(self) -> Rumor:
        return Rumor(self.conn, max_line=self.max_line, timeout=self.limit)

    def use(self) -> None:
        super().use()
        self.peer_id = pair(self.rumor)[0].peer_id
        self.listener()

    def listener(self) -> Call:
        call = super().listener()
        call.wait()
        return call

    def request(self) -> Call:
        call = super().request()
        assert call.next()["msg"] == "made request"
        return call

    def silence(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WNOWAIT)

    def recovery(self) -> None:
        os.kill(self.pid, signal.SIGCONT)


def stage(way: str, fault: str, *, folder: Path, certificate: Path | None, greet: bool = True) -> Stage:
    """The stage for a trial."""
    if way == "simulator":
        return ProcessStage(SimulatorConn(SIMULATED.get(fault)))
    if way == "unix":
        server: ScriptedServer = UnixServer(folder / "socket", greet=greet)
    elif way == "ws":
        server = WebsocketServer(greet=greet)
    elif way == "wss":
        assert certificate is not None
        server = WebsocketServer.secure(certificate, greet=greet)
    else:
        server = {"subprocess": ChildServer, "tcp": ScriptedServer, "custom": OwnServer}[way](greet=greet)
    return ScriptedStage(server)


# -- faults -----------------------------------------------------------------------------------------------------------


class Fault(NamedTuple):
    """Something that goes wrong, and what is told of it."""

    ways: tuple[str, ...]
    strike: Callable[[Any], object]
    cause: tuple[type[BaseException], ...]  # what the first one is one of
    says: str  # a regular expression


WEB: Final = ("ws", "wss")
_CLOSED: Final = "the other side closed it"

# What a simulator is told to do wrong. It does so at a command, so it cannot be silenced before.
SIMULATED: Final[dict[str, list[dict[str, Any]]]] = {
    "an end in mid-line": [{"do": "drop", "command": "peer list"}],
    "exit status 2": [{"do": "die", "command": "peer list", "status": 2}],
}


def _by(method: str) -> Callable[[Any], object]:
    """What the scripted server does; where there is none, the simulator was told what to do."""

    def strike(stage: Any) -> None:
        if isinstance(stage, ScriptedStage):
            getattr(stage.server, method)()
        else:
            stage.rumor.nowait.peer.list()

    return strike


def _kill(stage: Any) -> None:
    pid = stage.server.pid if isinstance(stage, ScriptedStage) else stage.pid
    os.kill(pid, signal.SIGKILL)


def _close(stage: Stage) -> None:
    stage.start(stage.rumor.close)


FAULTS: Final[dict[str, Fault]] = {
    "an end": Fault(IN_PROCESS, _by("hang_up"), (EOFError,), _CLOSED),
    "an end in mid-line": Fault(WAYS, _by("end_in_mid_line"), (EOFError,), f"{_CLOSED}|exit status [01]"),
    "a reset": Fault(IN_PROCESS, _by("reset"), (ConnectionError, EOFError), rf"\[Errno 104\]|{_CLOSED}"),
    "a line that is too long": Fault(
        SCRIPTED,
        lambda stage: stage.server.send(b"x" * (MAX_LINE + 1) + b"\n"),
        (LineTooLong,),
        f"LineTooLong: a line is longer than max_line = {MAX_LINE} bytes",
    ),
    "a close frame": Fault(WEB, _by("close_frame"), (EOFError,), _CLOSED),
    "an end in mid-frame": Fault(WEB, _by("end_in_mid_frame"), (EOFError,), _CLOSED),
    "a frame of no kind": Fault(WEB, _by("garbage_frame"), (ConnectionError,), "not a websocket frame: "),
    "an end without TLS's own goodbye": Fault(("wss",), _by("cut"), (EOFError,), _CLOSED),
    "bytes that are no TLS": Fault(("wss",), _by("garbage_record"), (OSError,), "SSLError: "),
    "exit status 0": Fault(("subprocess",), _by("hang_up"), (EOFError,), "the process ended with exit status 0"),
    "exit status 2": Fault(("subprocess", "simulator"), _by("panic"), (EOFError,), "exit status 2"),
    "SIGKILL": Fault(("subprocess", "simulator"), _kill, (EOFError,), r"signal 9 \(SIGKILL\)"),
    "its output closed": Fault(("subprocess",), _by("close_output"), (EOFError,), "it closed its output"),
    "its own code fails": Fault(("custom",), _by("trouble"), (RuntimeError,), "RuntimeError: trouble of its own"),
    HERE: Fault(WAYS, _close, (), "this Rumor was closed"),
}

LIVES_ON: Final = ("a line that is too long", "its output closed")  # then closing waits for a child to end

# -- moments ----------------------------------------------------------------------------------------------------------


class Moment(NamedTuple):
    """A thread that waits, and in what."""

    column: str  # of the table
    prepare: Callable[[Any], Callable[[], object]]  # gives what the thread does
    raises: type[ConnectionLost] | None = ConnectionLost
    closed: type[ConnectionLost] | None = RumorClosed  # if this side closes
    answered: bool = False  # a Rumor that can would answer it at once
    alone: bool = False  # not beside others on the same connection
    ready: Callable[[Any], bool] = lambda stage: True  # noqa: ARG005 - whether it waits in the right place


def _with(call: Call) -> None:
    with call:
        pass


def _close_it(stage: Stage) -> Callable[[], object]:
    stage.listener()
    if isinstance(stage, ScriptedStage):
        stage.server.obeys = False
    return stage.rumor.close


def _greeting(stage: Stage) -> bool:
    return not isinstance(stage, ScriptedStage) or bool(stage.server.line())


def _write(stage: Stage) -> Callable[[], object]:
    stage.deafness()
    return lambda: stage.rumor.actor("alice").peer.connect(_LONG)


def _stuck(stage: Stage) -> bool:
    data, sent = getattr(stage.rumor._session.link, "_job", (b"xx", [1]))  # another's own writes are his business
    return bool(sent) and sum(sent) < len(data)  # TLS counts only what is through it as a whole


def _cancelling(stage: Stage) -> bool:
    return stage.rumor._session.demux.watched


def _exiting(stage: Stage) -> bool:
    return stage.rumor._keeper._exit_deadline > 0


MOMENTS: Final[dict[str, Moment]] = {
    "opening": Moment("opening", lambda stage: stage.open, HandshakeError, answered=True, alone=True, ready=_greeting),
    "a blocking call": Moment("start", lambda stage: partial(stage.rumor.sleep, "1h")),
    "wait": Moment("wait", lambda stage: stage.starting().wait),
    "finished": Moment("finished", lambda stage: stage.listener().finished),
    "next": Moment("next", lambda stage: stage.listener().next),
    "steps": Moment("next", lambda stage: partial(list, stage.listener())),
    "a field": Moment("a field", lambda stage: stage.listener().field("nobody")),
    "values of a field": Moment("a field", lambda stage: partial(list, stage.starting().field("nobody"))),
    "entries": Moment("entries", lambda stage: partial(next, islice(stage.starting().entries(), 9, None))),
    "cancel": Moment("cancel", lambda stage: stage.listener().cancel, answered=True),
    "cancel before the set-up is over": Moment("cancel", lambda stage: stage.starting().cancel),
    "leaving a call's block": Moment(
        "`with call:`", lambda stage: partial(_with, stage.listener()), closed=None, answered=True
    ),
    "a request's chunk": Moment("next", lambda stage: stage.request().next),
    "a request's end": Moment("finished", lambda stage: stage.request().finished),
    "eth2.ping": Moment(
        "eth2", lambda stage: partial(eth2.ping, stage.rumor.actor("bob"), stage.peer_id, timeout=None), answered=True
    ),
    "shell": Moment("shell", lambda stage: partial(stage.rumor.shell, "sleep 1h")),
    "attach": Moment("attach, kill, me, calls", lambda stage: partial(stage.rumor.attach, "another"), answered=True),
    "kill": Moment("attach, kill, me, calls", lambda stage: stage.rumor.actor("carol").kill, answered=True),
    "me": Moment("attach, kill, me, calls", lambda stage: stage.rumor.actor("carol").me, answered=True),
    "calls": Moment("attach, kill, me, calls", lambda stage: stage.rumor.actor("carol").calls, answered=True),
    "writing a long line": Moment("start", _write, answered=True, ready=_stuck),
    "close, which cancels": Moment("close", _close_it, None, answered=True, alone=True, ready=_cancelling),
    "close, which says exit": Moment("close", _close_it, None, answered=True, alone=True, ready=_exiting),
}


def moments(way: str, fault: str, *, alone: bool | None = None) -> list[str]:
    """Those at which a fault of a way in means something."""
    return [
        name
        for name, moment in MOMENTS.items()
        if alone in (None, moment.alone)
        and not (moment.alone and fault == HERE)  # it cannot be closed before it is open, nor twice
        and not (moment.answered and way == "simulator" and fault in SIMULATED)
    ]


# -- what comes of it -------------------------------------------------------------------------------------------------


class Outcome(NamedTuple):
    """What a thread got."""

    error: BaseException | None
    seconds: float  # since the fault
    cause: BaseException | None  # the first one
    first: BaseException | None  # what ended the connection


@contextmanager
def limits(fault: str, names: list[str]) -> Iterator[None]:
    """The client's own time limits are no part of what is measured."""
    with ExitStack() as stack:

        def change(name: str, seconds: float) -> None:
            stack.enter_context(patch(f"pyrum_sync.{name}", seconds))

        change("client.call._LEAVE_TIME", HANG)
        if "close, which cancels" not in names:
            change("client.keeper._GOODBYE_TIME", 0.01)
        if fault in (
            HERE,
            "its output closed",
            "a line that is too long",
        ):  # the other side lives on, and is waited for
            for name in ("link.BUSY_TIME", "link.EXIT_TIME", "process._TERM_TIME"):
                change(f"transports.{name}", 0.1)
        yield


def waiting(stage: Stage, work: dict[str, Callable[[], object]]) -> dict[str, Waiter]:
    """Threads that all wait, in the work of these moments."""
    threads = {}
    for name, wait in work.items():
        thread = threads[name] = stage.start(wait)
        limit = monotonic() + HANG
        while not (thread.waits() and MOMENTS[name].ready(stage)):
            assert monotonic() < limit, f"{name}: never waits"
            sleep(0.0002)
    return threads


def trial(stage: Stage, fault: str, names: list[str]) -> dict[str, Outcome]:
    """Let a fault strike at all these moments at once."""
    if "opening" not in names:
        stage.use()
    work = {name: MOMENTS[name].prepare(stage) for name in names}
    if not (isinstance(stage, ProcessStage) and fault in SIMULATED):
        stage.silence()
    threads = waiting(stage, work)
    struck = monotonic()
    FAULTS[fault].strike(stage)
    outcomes = {}
    for name, thread in threads.items():
        thread.join(HANG)
        assert not thread.is_alive(), f"{name}: hangs"
        first = stage.rumor._session.cause if "opening" not in names else None
        outcomes[name] = Outcome(thread.error, thread.at - struck, _cause(thread.error), first)
    return outcomes


def _cause(error: BaseException | None) -> BaseException | None:
    cause = error.__cause__ if error is not None else None
    return _cause(cause) if isinstance(cause, ConnectionLost) else cause


# -- whether it is as it should be -----------------------------------------------------------------------------------


def attempt(place: Stage, fault: str, names: list[str]) -> dict[str, Outcome]:
    """Let a fault strike at some moments, and see that all is as it should be."""
    with limits(fault, names), place:
        outcomes = trial(place, fault, names)
        for name, outcome in outcomes.items():
            check(fault, name, outcome)
        errors = [id(outcome.error) for outcome in outcomes.values() if outcome.error is not None]
        assert len(set(errors)) == len(errors), "each has an exception of its own"
        if "opening" not in names:
            nothing_left(place)
            told_later(place, fault)
    return outcomes


def expected(fault: str, moment: str) -> type[ConnectionLost] | None:
    """What comes of it; None: it goes on as if nothing had been."""
    return MOMENTS[moment].closed if fault == HERE else MOMENTS[moment].raises


def check(fault: str, moment: str, outcome: Outcome) -> None:
    what, error = FAULTS[fault], expected(fault, moment)
    said = f"{moment}: {outcome}"
    assert outcome.seconds < LIMIT, said
    if error is None:
        assert outcome.error is None, said
        return
    assert type(outcome.error) is error, said
    assert re.search(what.says, str(outcome.error)), said
    if fault != HERE:
        assert isinstance(outcome.cause, what.cause), said
        assert outcome.first in (outcome.cause, None), said


def nothing_left(place: Stage) -> None:
    calls = place.rumor._session.demux
    assert not any(record.waiters for record in calls.calls.values())
    assert not calls.listeners
    assert all(call.actor for call in place.rumor.calls.values()), "one that could not be attached to"


def told_later(place: Stage, fault: str) -> None:
    """Whoever comes later is told as well."""
    lost = RumorClosed if fault == HERE or place.rumor.closed else ConnectionLost
    with pytest.raises(ConnectionLost) as caught:
        place.rumor.host.view()
    assert type(caught.value) is lost
    place.rumor.close()
    with pytest.raises(RumorClosed):
        place.rumor.host.view()


def combinations(ways: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(way, fault) for way in ways for fault in FAULTS if way in FAULTS[fault].ways]
