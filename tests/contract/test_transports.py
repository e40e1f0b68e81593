"""What every connection does, whatever carries it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from typing import Any

import pytest

from pyrum_sync import Rumor, RumorError
from pyrum_sync.transports import link as link_module
from pyrum_sync.transports.link import SendTimeout
from tests.conftest import HANG, Background
from tests.support.peers import ScriptedServer

Start = Callable[[Callable[[], object]], Background]


def lines_of(conn: Any, count: int) -> list[bytes]:
    return [conn.recv_line() for _ in range(count)]


def fail(other: ScriptedServer) -> None:
    other.connected()
    raise ZeroDivisionError


def fill(conn: Any) -> None:
    """Write until the other side takes no more."""
    while True:
        conn.send("y" * 100_000, monotonic() + 0.05)


# -- life


def test_lines_go_both_ways(other: ScriptedServer) -> None:
    with other.conn() as conn:
        for line in ("plain", "", "zoë 😀\u2028\x85", " spaces ", "x" * 100_000):
            conn.send_line(line)
            assert other.line() == line
            other.send(line.encode() + b"\n")
            assert conn.recv_line() == line.encode()


def test_opening_twice_connects_once(other: ScriptedServer) -> None:
    conn = other.conn()
    with conn:
        conn.open()
        conn.open()
        conn.send_line("one")
        assert other.line() == "one"


def test_closing_twice_says_exit_once(other: ScriptedServer) -> None:
    conn = other.conn()
    conn.open()
    other.connected()
    conn.close()
    conn.close()
    assert other.line() == "exit"
    with pytest.raises(AssertionError, match="hung up"):
        other.line()


def test_a_closed_connection_is_not_opened_again(other: ScriptedServer) -> None:
    conn = other.conn()
    with conn:
        other.connected()
    with pytest.raises(RumorError, match="cannot be opened again"):
        conn.open()
    with pytest.raises(RumorError, match="cannot be opened again"), conn:
        pass


def test_closing_before_opening(other: ScriptedServer) -> None:
    conn = other.conn()
    conn.close()
    conn.close()
    with pytest.raises(RumorError, match="cannot be opened again"):
        conn.open()


def test_a_connection_that_is_not_open(other: ScriptedServer) -> None:
    conn = other.conn()
    for use in (conn.recv_line, lambda: conn.send_line("x")):
        with pytest.raises(RumorError, match="is not open"):
            use()


def test_a_closed_connection_takes_no_lines(other: ScriptedServer) -> None:
    with other.conn() as conn:
        other.connected()
    with pytest.raises(OSError, match="closed"):
        conn.send_line("x")


def test_an_exception_closes_too(other: ScriptedServer) -> None:
    with pytest.raises(ZeroDivisionError), other.conn():
        fail(other)
    assert other.line() == "exit"


def test_nothing_is_left_when_a_script_forgets_to_close(other: ScriptedServer) -> None:
    conn = other.conn()
    conn.open()
    other.connected()
    conn.hang_up()
    conn.close()
    assert conn._closed


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
def test_a_time_to_connect_is_positive(other: ScriptedServer, seconds: float) -> None:
    with pytest.raises(ValueError, match="connect_timeout must be more than 0"):
        other.conn(connect_timeout=seconds)


def test_its_name_shows_where_it_goes(other: ScriptedServer, way: str) -> None:
    conn = other.conn()
    words = {
        "subprocess": ("SubprocessConn(", str(other.port) if hasattr(other, "port") else ""),
        "tcp": ("TCPConn('127.0.0.1', ", ""),
        "unix": ("UnixConn(", "socket"),
        "ws": ("WebsocketConn('ws://localhost:", "/ws"),
        "wss": ("WebsocketConn('wss://localhost:", "/ws"),
    }[way]
    assert all(word in repr(conn) for word in words)


# -- the stream


def test_a_line_in_many_pieces_and_many_lines_in_one(other: ScriptedServer) -> None:
    with other.conn() as conn:
        for piece in (b"a", b"b\nc", b"d\n\n", b"e\nf\ng", b"\n"):
            other.send(piece)
        assert lines_of(conn, 6) == [b"ab", b"cd", b"", b"e", b"f", b"g"]


def test_an_end_in_mid_line(other: ScriptedServer) -> None:
    with other.conn() as conn:
        other.send(b"whole\nhal")
        other.hang_up()
        assert lines_of(conn, 4) == [b"whole", b"hal", None, None]


def test_an_end_at_once(other: ScriptedServer) -> None:
    with other.conn() as conn:
        other.hang_up()
        assert conn.recv_line() is None


def test_a_line_of_20_mb_each_way(other: ScriptedServer, background: Start) -> None:
    line = "x" * 20_000_000
    with other.conn() as conn:
        sending = background(lambda: conn.send_line(line))
        assert len(other.line(HANG)) == len(line)
        sending.value()
        sending = background(lambda: other.send(line.encode() + b"\n"))
        assert len(conn.recv_line()) == len(line)
        sending.value()


def test_lines_of_several_threads_stay_whole(other: ScriptedServer, background: Start) -> None:
    with other.conn() as conn:

        def send(letter: str) -> None:
            for size in range(200):
                conn.send_line(letter * size * 20)

        senders = [background(lambda letter=letter: send(letter)) for letter in "abcd"]  # type: ignore[misc]
        found = [other.line(HANG) for _ in range(800)]
        for sender in senders:
            sender.value()
    for letter in "abcd":
        assert [line for line in found if line.startswith(letter)] == [letter * size * 20 for size in range(1, 200)]


def test_reading_and_writing_at_the_same_time(other: ScriptedServer, background: Start) -> None:
    line = "y" * 50_000
    with other.conn() as conn:
        sending = background(lambda: [conn.send_line(line) for _ in range(40)])
        answering = background(lambda: other.send((line.encode() + b"\n") * 40))
        assert lines_of(conn, 40) == [line.encode()] * 40
        assert [other.line() for _ in range(40)] == [line] * 40
        sending.value()
        answering.value()


# -- closing


def test_closing_ends_a_waiting_reader(other: ScriptedServer, background: Start) -> None:
    conn = other.conn()
    conn.open()
    other.send(b"first\n")
    assert conn.recv_line() == b"first"
    reading = threading.Event()
    receive = conn.read

    def read() -> object:
        reading.set()
        return receive()

    conn.read = read
    waiting = background(conn.recv_line)
    assert reading.wait(HANG)
    conn.close()
    assert waiting.value() is None


def test_hanging_up_ends_a_waiting_reader(other: ScriptedServer, background: Start) -> None:
    with other.conn() as conn:
        other.send(b"first\n")
        assert conn.recv_line() == b"first"
        waiting = background(conn.read)
        conn.hang_up()
        waiting.join(HANG)
        assert not waiting.is_alive()
        assert waiting.error is None or isinstance(waiting.error, OSError)


def test_closing_ends_a_writer_that_the_other_side_keeps_waiting(
    other: ScriptedServer, background: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_module, "EXIT_TIME", 0.1)
    monkeypatch.setattr(link_module, "BUSY_TIME", 0.1)
    other.reading.clear()
    conn = other.conn()
    conn.open()
    other.connected()
    sending = background(lambda: conn.send_line("x" * 50_000_000))
    with pytest.raises(SendTimeout):
        fill(conn)
    conn.close()
    assert isinstance(sending.raised(), OSError)


def test_what_is_unread_does_not_keep_exit_from_arriving(other: ScriptedServer) -> None:
    conn = other.conn()
    conn.open()
    other.send(b"unread\n" * 10_000)
    conn.close()
    assert other.line() == "exit"


def test_closing_from_several_threads(other: ScriptedServer, background: Start) -> None:
    conn = other.conn()
    conn.open()
    other.connected()
    gate = threading.Barrier(4)

    def close() -> None:
        gate.wait(HANG)
        conn.close()

    for each in [background(close) for _ in range(4)]:
        each.value()
    assert other.line() == "exit"


# -- a side that does not read


def test_a_line_that_cannot_be_written_in_time_is_finished_later(other: ScriptedServer) -> None:
    other.reading.clear()
    long = "x" * 50_000_000
    with other.conn() as conn:
        other.connected()
        with pytest.raises(SendTimeout) as caught:
            conn.send(long, monotonic() + 0.1)
        assert caught.value.begun
        assert conn.pending
        with pytest.raises(SendTimeout) as caught:
            conn.send("never", monotonic())
        assert not caught.value.begun
        with pytest.raises(SendTimeout):
            conn.flush(monotonic() + 0.1)
        other.reading.set()
        conn.flush(monotonic() + HANG)
        assert not conn.pending
        conn.send_line("next")
        assert other.line(3 * HANG) == long  # it unmasks in Python
        assert other.line() == "next"


def test_the_next_sender_finishes_what_another_left(other: ScriptedServer, background: Start) -> None:
    other.reading.clear()
    long = "x" * 50_000_000
    with other.conn() as conn:
        other.connected()
        with pytest.raises(SendTimeout):
            conn.send(long, monotonic() + 0.1)
        sending = background(lambda: conn.send_line("next"))
        other.reading.set()
        sending.value()
        assert [other.line(), other.line()] == [long, "next"]


def test_short_lines_to_a_side_that_does_not_read_are_never_torn(other: ScriptedServer) -> None:
    other.reading.clear()
    with other.conn() as conn:
        other.connected()
        sent, number = [], 0
        while True:
            line = f"{number} " + "z" * 3000
            try:
                conn.send(line, monotonic() + 0.02)
            except SendTimeout as timeout:
                if timeout.begun:
                    sent.append(line)
                break
            sent.append(line)
            number += 1
        other.reading.set()
        conn.send("short", monotonic() + HANG)
        conn.send("a last one, which is longer than the one that was given up" * 100, monotonic() + HANG)
        assert [other.line() for _ in sent] == sent
        assert other.line() == "short"
        assert other.line().startswith("a last one")


def test_a_wire_that_another_thread_holds_is_waited_for_until_the_deadline(
    other: ScriptedServer, background: Start
) -> None:
    held, gate = threading.Event(), threading.Event()

    with other.conn() as conn:

        def hold() -> None:
            with conn._wire:
                held.set()
                gate.wait(HANG)

        holder = background(hold)
        assert held.wait(HANG)
        with pytest.raises(SendTimeout) as caught:
            conn.send("x", monotonic() + 0.01)
        assert not caught.value.begun
        with pytest.raises(SendTimeout) as caught:
            conn.flush(monotonic() + 0.01)
        assert not caught.value.begun
        gate.set()
        holder.value()


# -- with a Rumor


def test_a_session_over_it(serve: Callable[..., ScriptedServer], way: str, background: Start) -> None:
    server = serve(way, greet=True)
    with server.conn() as conn, Rumor(conn, timeout=HANG) as rumor:
        calling = background(lambda: rumor.actor("alice").host.view().finished()["addr"])
        call_id = server.call()
        server.data(call_id, addr="/ip4/127.0.0.1")
        server.success(call_id)
        server.freed(call_id)
        assert calling.value() == "/ip4/127.0.0.1"
    assert server.line() == "exit"
