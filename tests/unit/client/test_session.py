"""What is in flight on a connection: greeting, losing, closing, writing when nobody waits."""

from __future__ import annotations

import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from time import monotonic, sleep
from typing import Any

import pytest

from pyrum_sync import (
    Call,
    CallError,
    CallTimeout,
    ConnectionLost,
    HandshakeError,
    Rumor,
    RumorClosed,
    RumorError,
    TCPConn,
)
from pyrum_sync.client import keeper as keeper_module
from pyrum_sync.transports import link as link_module
from tests.conftest import HANG, Background
from tests.support.peers import ScriptedServer

Start = Callable[[Callable[[], object]], Background]


@pytest.fixture
def stranger() -> Iterator[ScriptedServer]:
    """A server that does not greet."""
    with ScriptedServer(greet=False) as server:
        yield server


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper_module, "_STRANGER_TIME", 0.1)
    monkeypatch.setattr(keeper_module, "_GOODBYE_TIME", 0.01)


def until(condition: Callable[[], object]) -> bool:
    """Wait for what tells nobody that it has come."""
    limit = monotonic() + HANG
    while not condition() and monotonic() < limit:
        sleep(0.001)
    return bool(condition())


def greeting(server: ScriptedServer, answer: Callable[[str], object], background: Start, **options: Any) -> Background:
    """A Rumor that is opened on a server which answers the first line so."""
    opening = background(lambda: Rumor(server.conn(connect_timeout=HANG, **options)))
    line = server.line()
    answer(line.split()[0][1:])
    return opening


# -- the handshake


def test_a_rumor_at_trace_level(stranger: ScriptedServer, background: Start) -> None:
    opening = greeting(stranger, stranger.success, background)
    rumor = opening.value()
    assert isinstance(rumor, Rumor)
    assert not rumor.closed
    rumor.close()


def test_a_rumor_below_trace_level(stranger: ScriptedServer, background: Start) -> None:
    opening = greeting(stranger, lambda call_id: stranger.entry(stderr=f"{call_id}\n", level="error"), background)
    error = opening.raised()
    assert isinstance(error, HandshakeError)
    assert "--level=trace" in str(error)


def test_a_silent_server(stranger: ScriptedServer) -> None:
    with pytest.raises(HandshakeError, match=r"did not answer as a Rumor does within 0\.1 s"):
        Rumor(stranger.conn(connect_timeout=0.1))


def test_a_server_that_talks_of_other_things(stranger: ScriptedServer, background: Start) -> None:
    opening = background(lambda: Rumor(stranger.conn(connect_timeout=0.3)))
    stranger.line()
    stranger.send(b"220 welcome to the mail server\n")
    error = opening.raised()
    assert isinstance(error, HandshakeError)
    assert "220 welcome to the mail server" in str(error)


def test_a_server_that_says_other_things_back(stranger: ScriptedServer, background: Start) -> None:
    opening = greeting(stranger, lambda call_id: stranger.send(f"unknown command: _{call_id}\n".encode()), background)
    error = opening.raised()
    assert isinstance(error, HandshakeError)
    assert "is no Rumor: it says 'unknown command: _" in str(error)


def test_a_server_that_hangs_up(stranger: ScriptedServer, background: Start) -> None:
    def answer(_: str) -> None:
        stranger.send(b"bye")
        stranger.hang_up()

    error = greeting(stranger, answer, background).raised()
    assert isinstance(error, HandshakeError)
    assert "ended before it answered: the other side closed it; it said 'bye'" in str(error)
    assert isinstance(error.__cause__, ConnectionLost)


def test_a_server_that_resets(stranger: ScriptedServer, background: Start) -> None:
    error = greeting(stranger, lambda _: stranger.reset(), background).raised()
    assert isinstance(error, HandshakeError)
    assert "ended before it answered: ConnectionResetError" in str(error)


def test_nobody_there() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(HandshakeError, match="cannot reach Rumor at"):
            Rumor(TCPConn("127.0.0.1", unused.getsockname()[1]))


@pytest.mark.parametrize("name", ["reader", "keeper"])
def test_a_thread_that_cannot_be_started(peer: ScriptedServer, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    start = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if thread.name == f"pyrum_sync {name}":
            raise MemoryError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse)
    conn = peer.conn()
    with pytest.raises(MemoryError, match="can't start new thread"):
        Rumor(conn)
    with pytest.raises(RumorError, match="was closed"):
        conn.open()


# -- lines that are no entries, and entries for nobody


def test_lines_that_are_no_entries_are_reported_and_the_rest_goes_on(
    peer: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    with peer.rumor() as rumor:
        call = rumor.nowait.host["any"]()
        call_id = peer.call()
        peer.data(call_id, n=1)
        peer.send(b'not JSON\n{"half":\n\xff\xfe\n[]\n\n17\n')
        peer.data(call_id, n=2)
        peer.freed_after_success(call_id)
        assert list(call.n) == [1, 2]
    said = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert said == [
        f"not an entry of Rumor, passed over: {line}" for line in ("not JSON", '{"half":', "\\xff\\xfe", "[]", "17")
    ]
    assert {record.name for record in caplog.records} == {"pyrum_sync"}


def test_secrets_in_such_lines_are_masked(peer: ScriptedServer, caplog: pytest.LogCaptureFixture) -> None:
    with peer.rumor() as rumor:
        call = rumor.nowait.host.start(priv="c0ffee")
        peer.send(b"panic: bad key c0ffee\n")
        peer.freed_after_success(peer.call())
        call.finished()
    assert "bad key ***" in caplog.text
    assert "c0ffee" not in caplog.text


def test_a_long_broken_line_is_shown_in_part(peer: ScriptedServer, caplog: pytest.LogCaptureFixture) -> None:
    with peer.rumor() as rumor:
        call = rumor.nowait.host["any"]()
        peer.send(b"x" * 100_000 + b"\n")
        peer.freed_after_success(peer.call())
        call.finished()
    assert len(caplog.text) < 1000


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


def test_entries_come_in_any_pieces(peer: ScriptedServer) -> None:
    with peer.rumor() as rumor:
        call = rumor.nowait.host["any"]()
        own = peer.call()
        text = "".join(f'{{"call_id":"{own}","n":{n},"text":"é😀"}}\n' for n in range(50)).encode()
        for at in range(0, len(text), 7):
            peer.send(text[at : at + 7])
        peer.freed_after_success(own)
        assert list(call.n) == list(range(50))


def test_an_entry_of_20_mb(peer: ScriptedServer, background: Start) -> None:
    with peer.rumor() as rumor:
        call = rumor.nowait.host["any"]()
        own = peer.call()
        sending = background(lambda: peer.data(own, text="x" * 20_000_000))
        assert len(call.text()) == 20_000_000
        sending.value()


def test_a_line_longer_than_the_limit(peer: ScriptedServer) -> None:
    with peer.rumor(max_line=100_000) as rumor:
        call = rumor.nowait.host["any"]()
        own = peer.call()
        peer.data(own, n=1)
        assert call.n() == 1
        with suppress(OSError):  # this side may see that the other has gone
            peer.data(own, text="x" * 200_000)
        with pytest.raises(ConnectionLost, match="LineTooLong: a line is longer than max_line = 100000 bytes"):
            call.text()


# -- losing the connection

WAITS: dict[str, Callable[[Rumor, Call], object]] = {
    "wait": lambda _, call: call.wait(),
    "finished": lambda _, call: call.finished(),
    "cancel": lambda _, call: call.cancel(),
    "next": lambda _, call: call.next(),
    "field": lambda _, call: call.field("addr")(),
    "values": lambda _, call: list(call.field("addr")),
    "steps": lambda _, call: list(call),
    "entries": lambda _, call: list(call.entries()),
    "call": lambda rumor, _: rumor.host["any"](),
    "shell": lambda rumor, _: rumor.shell("true"),
    "attach": lambda rumor, _: rumor.attach("py_0"),
    "kill": lambda rumor, _: rumor.actor("alice").kill(),
    "me": lambda rumor, _: rumor.actor("alice").me(),
    "calls": lambda rumor, _: rumor.actor("alice").calls(),
}


@pytest.mark.parametrize("set_up", [False, True], ids=["starting", "running"])
@pytest.mark.parametrize("how", ["end", "end in mid-line", "reset", "closed"])
def test_every_waiter_is_told_within_a_second(peer: ScriptedServer, how: str, set_up: bool, background: Start) -> None:
    rumor = peer.rumor(timeout=None)
    call = rumor.nowait.rpc.status.listen()
    peer.call()
    if set_up:
        peer.success(call.id)
        call.wait()
    waits = {name: wait for name, wait in WAITS.items() if not (set_up and name == "wait")}
    waiting = {name: background(lambda wait=wait: wait(rumor, call)) for name, wait in waits.items()}  # type: ignore[misc]
    expected = 6 + (2 if set_up else 0)  # lines: the six commands, and a next and a cancel for what is running
    for _ in range(expected):
        peer.line()
    own = rumor._session.demux.calls
    assert until(lambda: sum(len(record.waiters) for record in own.values()) == len(waits))
    start = monotonic()
    if how == "reset":
        peer.reset()
    elif how == "closed":
        rumor.close()
    else:
        if how == "end in mid-line":
            peer.send(b'{"call_id":"')
        peer.hang_up()
    errors = {name: each.raised() for name, each in waiting.items()}
    assert monotonic() - start < (1 if how != "closed" else link_module.EXIT_TIME)
    for error in errors.values():
        assert type(error) is (RumorClosed if how == "closed" else ConnectionLost)
    assert len({id(error) for error in errors.values()}) == len(errors), "each has an exception of its own"
    if how != "closed":
        causes = {id(error.__cause__) for error in errors.values()}
        assert len(causes) == 1, "all have the first cause"
        cause = next(iter(errors.values())).__cause__
        assert isinstance(cause, ConnectionResetError if how == "reset" else EOFError)
    for name, use in waits.items():
        with pytest.raises(RumorClosed if how == "closed" else ConnectionLost):
            print(name, use(rumor, call))
    rumor.close()
    with pytest.raises(RumorClosed):
        rumor.host["any"]()


def test_half_a_line_at_the_end_is_reported(peer: ScriptedServer, caplog: pytest.LogCaptureFixture) -> None:
    with peer.rumor() as rumor:
        peer.send(b'{"call_id":"1"')
        peer.hang_up()
        assert until(lambda: rumor._session.cause)
    assert '{"call_id":"1"' in caplog.text


def test_what_came_before_the_end_is_kept(peer: ScriptedServer) -> None:
    with peer.rumor() as rumor:
        call = rumor.nowait.host["any"]()
        peer.data(peer.call(), n=1)
        peer.freed_after_success(call.id)
        peer.hang_up()
        assert until(lambda: rumor._session.cause)
        assert list(call.n) == [1]
        assert call.finished()["n"] == 1
        assert rumor.calls == {}


def test_an_unread_end_of_the_connection_closes_it(peer: ScriptedServer) -> None:
    conn = peer.conn()
    with Rumor(conn):
        peer.hang_up()
        assert until(lambda: conn._closed)


# -- a side that does not read

LONG = "x" * 50_000_000


def test_a_call_to_a_side_that_does_not_read(peer: ScriptedServer, background: Start) -> None:
    with peer.rumor() as rumor:
        before = rumor.nowait.host["any"]()
        peer.call()
        peer.reading.clear()
        limited = rumor.actor("alice").within(0.1)
        with pytest.raises(CallTimeout) as caught:
            limited.peer.connect(LONG)
        begun = caught.value.call
        assert begun is not None
        with pytest.raises(CallTimeout) as caught:
            limited.peer.connect("short")
        unsent = caught.value.call
        assert unsent is not None
        with pytest.raises(CallError, match="it was never sent"):
            unsent.wait()
        for use in (unsent.finished, unsent.field("addr")):
            with pytest.raises(CallError, match="it was never sent"):
                use()
        assert unsent.done
        assert unsent.id not in rumor.calls
        peer.data(before.id, n=1)
        assert before.n() == 1, "reading goes on meanwhile"
        peer.reading.set()
        line = peer.line(HANG)
        assert len(line) == len(begun.command)
        assert line == begun.command
        peer.success(begun.id)
        assert peer.line() == f"_{begun.id} cancel &", "held for it"
        peer.freed(begun.id)
        begun.cancel()
        calling = background(lambda: rumor.host["any"]())  # noqa: PLW0108
        peer.freed_after_success(peer.call())
        calling.value()


def test_waiting_for_a_step_from_a_side_that_does_not_read(peer: ScriptedServer, background: Start) -> None:
    with peer.rumor() as rumor:
        listener = rumor.nowait.rpc.status.listen()
        peer.call()
        peer.success(listener.id)
        listener.wait()
        peer.reading.clear()
        with pytest.raises(CallTimeout):
            rumor.within(0.1).peer.connect(LONG)
        gate = threading.Event()
        patient = background(lambda: (gate.wait(HANG), listener.next(timeout=HANG))[1])
        with pytest.raises(CallTimeout):
            listener.next(timeout=0.05)
        gate.set()
        assert until(lambda: listener._state.waiters)
        peer.reading.set()
        assert len(peer.line(HANG)) > len(LONG)
        assert peer.line() == f"_{listener.id} next &", "not asked for by the one, so by the other"
        peer.data(listener.id, msg="Received request, queued it to respond to!", req_id=0)
        peer.step(listener.id)
        step: Any = patient.value()
        assert step["req_id"] == 0


def test_who_waits_for_a_step_asks_for_it_if_another_could_not(peer: ScriptedServer, background: Start) -> None:
    with peer.rumor() as rumor:
        listener = rumor.nowait.rpc.status.listen()
        peer.call()
        peer.success(listener.id)
        listener.wait()
        peer.reading.clear()
        with pytest.raises(CallTimeout):
            rumor.within(0.1).peer.connect(LONG)
        hasty = background(lambda: listener.next(timeout=0.3))
        assert until(lambda: listener._state.waiters)
        patient = background(lambda: listener.next(timeout=HANG))
        assert isinstance(hasty.raised(), CallTimeout)
        peer.reading.set()
        assert len(peer.line(HANG)) > len(LONG)
        assert peer.line() == f"_{listener.id} next &"
        peer.data(listener.id, msg="Received request, queued it to respond to!", req_id=0)
        peer.step(listener.id)
        step: Any = patient.value()
        assert step["req_id"] == 0


def test_closing_to_a_side_that_does_not_read(peer: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_module, "EXIT_TIME", 0.1)
    monkeypatch.setattr(link_module, "BUSY_TIME", 0.1)
    with peer.rumor() as rumor:
        peer.reading.clear()
        with pytest.raises(CallTimeout):
            rumor.within(0.05).peer.connect(LONG)


def test_a_caller_that_blocks_for_ever_ends_when_the_rumor_closes(
    peer: ScriptedServer, monkeypatch: pytest.MonkeyPatch, background: Start
) -> None:
    monkeypatch.setattr(link_module, "EXIT_TIME", 0.1)
    monkeypatch.setattr(link_module, "BUSY_TIME", 0.1)
    rumor = peer.rumor(timeout=None)
    peer.reading.clear()
    calling = background(lambda: rumor.peer.connect(LONG))
    assert until(lambda: rumor._session.link._job[0])  # type: ignore[attr-defined] # it is being written
    rumor.close()
    assert type(calling.raised()) is RumorClosed


# -- writing when nobody waits


def test_a_harmless_line_keeps_an_idle_session_alive(peer: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper_module, "KEEP_ALIVE", 0.05)
    with peer.rumor():
        for _ in range(3):
            assert peer.line() == "true"


def test_no_such_line_is_sent_without_need(peer: ScriptedServer) -> None:
    assert keeper_module.KEEP_ALIVE == 600
    with peer.rumor():
        assert peer.no_line()


def test_an_idle_session_that_has_ended_is_left_alone(peer: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper_module, "KEEP_ALIVE", 0.02)
    with peer.rumor() as rumor:
        peer.hang_up()
        assert until(lambda: rumor._session.cause)


def test_the_data_of_finished_calls_is_cleared_after_so_many(peer: ScriptedServer) -> None:
    with peer.rumor(clear_log_data_every=3) as rumor:
        for count in (2, 3, 3):  # the greeting was a call, too
            for _ in range(count):
                rumor.nowait.host["any"]()
                peer.freed_after_success(peer.call())
                assert until(lambda: not rumor.calls)
            assert peer.line() == "clear_log_data"
        assert peer.no_line()


def test_nothing_is_cleared_unasked(peer: ScriptedServer, background: Start) -> None:
    with peer.rumor() as rumor:
        for _ in range(5):
            calling = background(rumor.host.view)
            peer.freed_after_success(peer.call())
            calling.value()
        assert peer.no_line()


def test_nothing_is_cleared_while_scripts_run(peer: ScriptedServer, background: Start) -> None:
    """They can refer to the calls that they make."""

    def one(rumor: Rumor) -> None:
        rumor.nowait.host["any"]()
        peer.freed_after_success(peer.call())

    with peer.rumor(clear_log_data_every=1) as rumor:
        assert peer.line() == "clear_log_data", "the first call was the greeting's"
        ends = []
        for _ in range(2):
            script = background(lambda: rumor.shell("true"))
            found = re.search(r'echo "(\w+)\."', peer.line() + peer.line())
            assert found
            ends.append((script, found[1]))
        one(rumor)
        one(rumor)
        assert peer.no_line()
        for (script, mark), last in zip(ends, (False, True), strict=True):
            peer.entry(stdout=f"{mark}>{mark}:{mark}?0\n")
            peer.entry(stdout=f"{mark}.\n")
            script.value()
            assert not last or peer.line() == "clear_log_data"
            assert peer.no_line(), "once"
        with pytest.raises(CallTimeout):
            rumor.shell("true", timeout=0)
        peer.line()
        peer.line()
        one(rumor)
        assert peer.line() == "clear_log_data", "a script whose time is over holds nothing up"


def test_a_script_does_not_overtake_what_is_being_cleared(peer: ScriptedServer, background: Start) -> None:
    with peer.rumor() as rumor:
        session = rumor._session
        session.clearing._writing = True  # as while the line is written
        with pytest.raises(CallTimeout):
            rumor.shell("true", timeout=0.01)
        script = background(lambda: rumor.shell("true"))
        assert peer.no_line()
        session.clearing._writing = False
        assert "eval" in peer.line()
        rumor.close()
        assert isinstance(script.raised(), RumorClosed)


# -- debug


def test_debug_shows_both_directions_and_no_secrets(
    peer: ScriptedServer, background: Start, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "pyrum_sync")
    with peer.rumor() as rumor:
        secret = "it's 5ec4e7 ö"
        calling = background(lambda: rumor.actor("alice").host.start(priv=secret, nat=False))
        call_id = peer.call()
        peer.entry(args=[f"_{call_id}", f"--priv={secret}"], msg=f"Started {call_id}")
        peer.data(call_id, priv=secret, other=f"a{secret}b")
        peer.freed_after_success(call_id)
        calling.value()
    shown = [message for message in caplog.messages if call_id in message]
    assert shown[0] == f"> _{call_id} alice: lvl_trace host start --priv=*** --nat=false &"
    assert shown[1].startswith("< {")
    assert any('"other": "a***b"' in message for message in shown)
    assert "> exit" in caplog.messages
    assert not [text for text in caplog.messages if "5ec4e7" in text or "it's" in text or "00f6" in text]


def test_debug_true_shows_it_on_stderr(peer: ScriptedServer, capsys: pytest.CaptureFixture[str]) -> None:
    logger = logging.getLogger("pyrum_sync")
    handlers, level = logger.handlers[:], logger.level
    try:
        with peer.rumor(debug=True):
            pass
    finally:
        logger.handlers[:] = handlers
        logger.setLevel(level)
    said = capsys.readouterr().err
    assert "pyrum_sync > _1_" in said
    assert "pyrum_sync < {" in said


# -- closing


def test_closing_cancels_what_runs_and_says_exit(
    peer: ScriptedServer, monkeypatch: pytest.MonkeyPatch, background: Start
) -> None:
    monkeypatch.setattr(keeper_module, "_GOODBYE_TIME", HANG)
    rumor = peer.rumor()
    running, starting = rumor.nowait.host["any"](), rumor.nowait.host["any"]()
    assert {peer.call(), peer.call()} == {running.id, starting.id}
    peer.success(running.id)
    running.wait()
    closing = background(rumor.close)
    assert peer.line() == f"_{running.id} cancel &"
    peer.freed(running.id)
    assert peer.no_line(), "the other one's set-up is not over"
    peer.success(starting.id)
    assert peer.line() == f"_{starting.id} cancel &"
    peer.freed(starting.id)
    assert peer.line() == "exit"
    closing.value()
    assert rumor.closed


def test_keep_calls_leaves_them(peer: ScriptedServer) -> None:
    with peer.rumor(keep_calls=True) as rumor:
        call = rumor.nowait.host["any"]()
        peer.success(peer.call())
        call.wait()
    assert peer.line() == "exit"


def test_closing_twice_and_from_several_threads(peer: ScriptedServer, background: Start) -> None:
    rumor = peer.rumor()
    closing = [background(rumor.close) for _ in range(4)]
    rumor.close()
    for each in closing:
        each.value()
    assert peer.line() == "exit"
    assert rumor.closed
    assert repr(rumor) == "<Rumor closed>"


def test_closing_takes_a_bounded_time(peer: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_module, "EXIT_TIME", 0.1)
    monkeypatch.setattr(peer, "hang_up", lambda: None)
    start = monotonic()
    with peer.rumor():
        pass
    assert monotonic() - start < HANG
    assert peer.line() == "exit"


def test_closing_from_a_signal_handler(peer: ScriptedServer, background: Start) -> None:
    rumor = peer.rumor(timeout=None)
    before = signal.signal(signal.SIGUSR1, lambda *_: rumor.close())
    main = threading.main_thread().ident
    assert main is not None
    try:

        def press() -> None:
            record = rumor._session.demux.calls[peer.call()]
            assert until(lambda: record.waiters)
            while not rumor.closed:  # Python takes no notice of one that comes just before it begins to wait
                signal.pthread_kill(main, signal.SIGUSR1)
                sleep(0.01)

        pressing = background(press)
        with pytest.raises(RumorClosed):
            rumor.host["any"]()
        pressing.value()
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert rumor.closed
    rumor.close()  # the threads may still be about to end: the handler may have come where it must not wait for them


def test_exit_that_could_not_be_said_is_not_waited_for(
    peer: ScriptedServer, monkeypatch: pytest.MonkeyPatch, background: Start
) -> None:
    monkeypatch.setattr(link_module, "EXIT_TIME", 3 * HANG)
    monkeypatch.setattr(link_module, "BUSY_TIME", 0.05)
    conn = peer.conn()
    rumor = Rumor(conn)
    with conn._wire:  # as if a signal handler had stopped a thread in the middle of a line
        background(rumor.close).value()
    with pytest.raises(AssertionError, match="hung up"):
        peer.line()


def test_whatever_comes_first_on_the_wire_closing_is_called_closing(peer: ScriptedServer) -> None:
    rumor = peer.rumor()
    rumor.nowait.host["any"]()
    peer.line()
    peer.hang_up()
    assert until(lambda: rumor._session.cause)
    with pytest.raises(ConnectionLost) as caught:
        rumor.host["any"]()
    assert not isinstance(caught.value, RumorClosed)
    rumor.close()
    with pytest.raises(RumorClosed, match="this Rumor was closed"):
        rumor.host["any"]()


# -- processes


def script(text: str, server: ScriptedServer) -> subprocess.CompletedProcess[str]:
    """Run a script that uses a server."""
    head = f"""if True:
        import os, signal, sys, threading
        import pyrum_sync.client.session
        from pyrum_sync import *
        pyrum_sync.client.keeper._GOODBYE_TIME = 0.01
        conn = TCPConn("127.0.0.1", {server.port})
    """
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", head + text],
        capture_output=True,
        text=True,
        check=False,
        timeout=HANG,
        cwd=os.path.dirname(os.path.dirname(os.path.dirname(keeper_module.__file__))),
    )


def test_a_script_that_ends_without_closing_says_exit(peer: ScriptedServer) -> None:
    done = script("    rumor = Rumor(conn)\n", peer)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert peer.line() == "exit"


def test_a_script_that_fails_without_closing_says_exit(peer: ScriptedServer) -> None:
    done = script("    rumor = Rumor(conn)\n        1 / 0\n", peer)
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr
    assert peer.line() == "exit"


def test_a_connection_that_a_script_forgets_says_exit(peer: ScriptedServer) -> None:
    done = script("    conn.open()\n", peer)
    assert (done.returncode, done.stderr) == (0, "")
    assert peer.line() == "exit"


def test_a_script_that_is_interrupted_says_exit(peer: ScriptedServer) -> None:
    done = script(
        "    rumor = Rumor(conn)\n"
        "        call = rumor.nowait.host['any']()\n"
        "        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
        "        call.wait()\n",
        peer,
    )
    assert done.returncode == -signal.SIGINT
    assert done.stderr.endswith("KeyboardInterrupt\n")
    peer.call()
    assert peer.line() == "exit"


def test_a_forked_child_uses_nothing_of_its_parents(peer: ScriptedServer) -> None:
    text = """
        import warnings
        warnings.simplefilter("ignore")  # of Python, about threads and forks
        with Rumor(conn) as rumor:
            call = rumor.nowait.rpc.status.listen()
            child = os.fork()
            if not child:
                uses = [
                    rumor.host.view, call.wait, call.finished, call.cancel, call.next, call.field("addr"),
                    lambda: rumor.shell("true"), lambda: rumor.attach("py_0"), rumor.actor("alice").kill,
                    rumor.actor("alice").calls, lambda: conn.send_line("x"), conn.recv_line, conn.open,
                    lambda: next(call.entries()),
                ]
                wrong = []
                for number, use in enumerate(uses):
                    try:
                        use()
                        wrong.append(number)
                    except RumorError as error:
                        if isinstance(error, ConnectionLost) or "fork" not in str(error):
                            wrong.append(error)
                with rumor:
                    pass
                conn.__exit__(None, None, None)
                rumor.close()
                conn.close()
                print(wrong, flush=True)
                os._exit(bool(wrong))
            _, status = os.waitpid(child, 0)
            print("child", status, flush=True)
            rumor.host["any"]()
            print("parent", flush=True)
    """
    found: list[subprocess.CompletedProcess[str]] = []
    running = threading.Thread(target=lambda: found.append(script(text, peer)))
    running.start()
    listener = peer.call()
    peer.success(listener)
    call_id = peer.call()
    peer.freed_after_success(call_id)
    assert peer.line() == f"_{listener} cancel &"
    peer.freed(listener)
    assert peer.line() == "exit"
    running.join(HANG)
    assert found[0].stdout == "[]\nchild 0\nparent\n", found[0].stderr


def test_a_rumor_that_nobody_holds_is_closed_with_a_warning(peer: ScriptedServer) -> None:
    import gc

    def forget() -> None:
        peer.rumor().actor("alice")

    forget()
    with pytest.warns(ResourceWarning, match="unclosed Rumor"):
        gc.collect()
    assert peer.line() == "exit"
    assert until(lambda: not [t for t in threading.enumerate() if t.name.startswith("pyrum_sync")])
