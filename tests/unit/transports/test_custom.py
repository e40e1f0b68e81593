"""A connection that a user wrote."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

import pytest

from pyrum_sync import Call, CallError, CallTimeout, ConnectionLost, HandshakeError, Rumor, RumorClosed
from pyrum_sync.transports.custom import LineConn
from tests.conftest import HANG, Background

Start = Callable[[Callable[[], object]], Background]


class Loop:
    """Answers every call at once, from within `send_line`."""

    def __init__(self) -> None:
        self._said: SimpleQueue[str | bytes | None] = SimpleQueue()
        self.heard: list[str] = []
        self.opened = self.closed = 0
        self._sending, self._receiving = threading.Lock(), threading.Lock()

    def open(self) -> None:
        self.opened += 1

    def send_line(self, line: str) -> None:
        assert self._sending.acquire(blocking=False), "two threads send at once"
        self.heard.append(line)
        self.answer(line)
        self._sending.release()

    def answer(self, line: str) -> None:
        found = re.match(r"_(\w+) ", line)
        if found and "cancel" not in line:
            self.say(f'{{"level":"trace","call_id":"{found[1]}","__success":"true"}}')
            self.say(f'{{"level":"trace","call_id":"{found[1]}","__freed":"true"}}'.encode())
        if line == "exit":
            self.say(None)

    def say(self, line: str | bytes | None) -> None:
        self._said.put(line)

    def recv_line(self) -> str | bytes | None:
        assert self._receiving.acquire(blocking=False), "two threads receive at once"
        line = self._said.get()
        self._receiving.release()
        return line

    def close(self) -> None:
        self.closed += 1
        self.say(None)


def use_up(rumor: Rumor) -> None:
    """Call until that fails."""
    while True:
        rumor.host.view()


def test_what_answers_at_once_is_heard() -> None:
    conn: LineConn = Loop()
    with Rumor(conn, timeout=HANG) as rumor:
        for _ in range(100):
            call = rumor.actor("alice").host.view()
            assert call.finished() == {}
            assert call.done


def test_its_life() -> None:
    conn = Loop()
    with Rumor(conn, timeout=HANG):
        assert (conn.opened, conn.closed) == (1, 0)
    assert (conn.opened, conn.closed) == (1, 1)
    assert conn.heard[-1] == "exit"
    with pytest.raises(ValueError, match="has already served a Rumor"):
        Rumor(conn)


def test_its_threads_use_each_method_one_at_a_time(background: Start) -> None:
    conn = Loop()
    with Rumor(conn, timeout=HANG) as rumor:
        callers = [background(lambda: [rumor.host.view() for _ in range(50)]) for _ in range(4)]
        for caller in callers:
            caller.value()
    assert len([line for line in conn.heard if "host view" in line]) == 200


def test_its_end() -> None:
    conn = Loop()
    with Rumor(conn, timeout=HANG) as rumor:
        conn.say(None)
        with pytest.raises(ConnectionLost, match="the other side closed it"):
            use_up(rumor)
    assert conn.closed == 1


class Broken(Loop):
    """Fails at one of its methods once it is told to."""

    def __init__(self, method: str, error: BaseException) -> None:
        super().__init__()
        self.method, self.error, self.now = method, error, False

    def answer(self, line: str) -> None:
        if self.now and self.method == "send_line":
            self._sending.release()
            raise self.error
        super().answer(line)

    def recv_line(self) -> Any:
        line = super().recv_line()
        if self.now and self.method == "recv_line":
            raise self.error
        return line

    def close(self) -> None:
        super().close()
        if self.method == "close":
            raise self.error


@pytest.mark.parametrize("error", [OSError("broken"), ValueError("broken"), SystemExit("broken")])
@pytest.mark.parametrize("method", ["send_line", "recv_line"])
def test_a_method_that_raises(method: str, error: BaseException) -> None:
    conn = Broken(method, error)
    with Rumor(conn, timeout=HANG) as rumor:
        conn.now = True
        with pytest.raises(ConnectionLost, match="broken") as caught:
            rumor.host.view()
        causes = []
        cause: BaseException | None = caught.value
        while cause is not None:
            causes.append(cause)
            cause = cause.__cause__
        assert error in causes
        with pytest.raises(ConnectionLost):
            rumor.host.view()
    assert conn.closed == 1


def test_closing_that_raises_keeps_nothing_open() -> None:
    conn = Broken("close", ValueError("broken"))
    with Rumor(conn, timeout=HANG) as rumor:
        pass
    with pytest.raises(RumorClosed):
        rumor.host.view()


def test_text_that_has_no_utf8_form_is_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    conn = Loop()
    with Rumor(conn, timeout=HANG) as rumor:
        conn.say("\ud800")
        rumor.host.view()
    assert "not an entry of Rumor" in caplog.text


def test_a_line_longer_than_the_limit_ends_it() -> None:
    conn = Loop()
    with Rumor(conn, timeout=HANG, max_line=1000) as rumor:
        conn.say("x" * 1001)
        with pytest.raises(ConnectionLost, match="max_line = 1000"):
            use_up(rumor)


def test_opening_that_raises() -> None:
    class Closed(Loop):
        def open(self) -> None:
            raise PermissionError("no")

    with pytest.raises(PermissionError):
        Rumor(Closed())


def test_its_own_time_to_answer() -> None:
    class Silent(Loop):
        connect_timeout = 0.1

        def answer(self, line: str) -> None:
            pass

        def __repr__(self) -> str:
            return "<the silent one>"

    conn = Silent()
    with pytest.raises(HandshakeError, match=r"<the silent one> did not answer as a Rumor does within 0\.1 s"):
        Rumor(conn)
    assert conn.closed == 1


class Held(Loop):
    """Blocks in `send_line` until it is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.gate = False, threading.Event()

    def answer(self, line: str) -> None:
        if self.now and not self.gate.wait(HANG):
            raise TimeoutError
        super().answer(line)

    def close(self) -> None:
        self.gate.set()
        super().close()


def test_no_caller_blocks_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pyrum_sync.transports.link.EXIT_TIME", 0.1)
    conn = Held()
    with Rumor(conn) as rumor:
        conn.now = True
        with pytest.raises(CallTimeout) as caught:
            rumor.within(0.1).host.view()
        assert isinstance(caught.value.call, Call)
    assert conn.closed == 1
    with pytest.raises(CallError if caught.value.call.done else RumorClosed):
        caught.value.call.wait()
