"""What no Rumor should send: the reader takes it, tells of it once where it is no entry, and goes on."""

from __future__ import annotations

import logging
import re
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import suppress
from time import process_time
from typing import Any

import pytest

from pyrum_sync import Call, CallError, CallTimeout, ConnectionLost, HandshakeError, Rumor
from pyrum_sync.client import keeper as keeper_module
from pyrum_sync.protocol.framing import LineTooLong
from tests.conftest import HANG, Background
from tests.support.peers import FREED, SUCCESS, ChildServer, ScriptedServer, WebsocketServer, data, entry
from tests.unit.client.test_session import WAITS

Start = Callable[[Callable[[], object]], Background]
SHOWN = 700  # characters that a line takes in the log, at most


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper_module, "_STRANGER_TIME", 0.1)


@pytest.fixture
def rumor(peer: ScriptedServer) -> Iterator[Rumor]:
    with peer.rumor() as rumor:
        yield rumor


class Going:
    """Two calls that must go on whatever comes; a thread waits for one of them."""

    def __init__(self, peer: ScriptedServer, rumor: Rumor, background: Start, logged: pytest.LogCaptureFixture) -> None:
        self._peer, self._rumor, self._logged = peer, rumor, logged
        self._reader = rumor._session.reader
        self.call = rumor.nowait.host["any"]()
        self.id = peer.call()
        self._other = rumor.nowait.host["any"]()
        self._other_id = peer.call()
        self._waiting = background(self._other.finished)
        peer.data(self.id, n=1)
        assert self.call.n() == 1

    def after(self, *sent: bytes) -> list[str]:
        """The warnings that these bytes bring, after which all goes on."""
        for piece in sent:
            self._peer.send(piece)
        self._peer.data(self.id, n=2)
        assert self.call.n() == 2
        self._peer.freed_after_success(self._other_id)
        self._waiting.value()
        self._peer.freed_after_success(self.id)
        assert "n" in self.call.finished()
        self._goes_on()
        records = [record for record in self._logged.records if record.levelno > logging.DEBUG]
        assert {(record.name, record.levelno) for record in records} <= {("pyrum_sync", logging.WARNING)}
        messages = [record.getMessage() for record in records]
        assert all(len(message) <= SHOWN and message.isprintable() for message in messages)
        return messages

    def _goes_on(self) -> None:
        later = self._rumor.nowait.host["any"]()
        self._peer.freed_after_success(self._peer.call())
        later.finished()
        assert self._reader.is_alive()


@pytest.fixture
def going(peer: ScriptedServer, rumor: Rumor, background: Start, caplog: pytest.LogCaptureFixture) -> Going:
    return Going(peer, rumor, background, caplog)


def script_id(peer: ScriptedServer) -> str:
    """The id of the script that comes next; its line has a newline inside."""
    while not (found := re.search(r'echo "(\w+)\."; \}', peer.line())):
        pass
    return found[1]


# -- lines that are no entries

NO_ENTRIES: dict[str, bytes] = {
    "no JSON": b"panic: runtime error",
    "no UTF-8": b"\xff\xfe\x80",
    "no UTF-8 in an entry": b'{"msg":"\xc3"}',
    "no UTF-8 behind a backslash": b'{"msg":"\\\xff"}',
    "a surrogate as UTF-8 never has it": b'{"msg":"\xed\xa0\x80"}',
    "UTF-16": '{"msg":1}'.encode("utf-16-le"),
    "NUL": b"\0",
    "NULs": b"\0" * 100_000,
    "NUL in an entry": b'{"msg":"a\0b"}',
    "null": b"null",
    "true": b"true",
    "a number": b"17",
    "a number beyond 64 bits": str(2**70).encode(),
    "no number": b"NaN",
    "text": b'"text"',
    "a list": b"[]",
    "a list of entries": b'[{"msg":"x"}]',
    "a number too long to be read": b'{"n":' + b"9" * 5000 + b"}",
    "half an entry": b'{"msg":"x"',
    "two entries": b'{"msg":"x"}{"msg":"y"}',
    "two entries with a comma": b'{"msg":"x"},{"msg":"y"}',
    "something behind an entry": b'{"msg":"x"} x',
    "a byte order mark": '\ufeff{"msg":"x"}'.encode(),
    "a raw tab in text": b'{"msg":"\t"}',
    "deep lists": b"[" * 100_000,
    "deep lists, closed": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "white space that is none to JSON": "\u2028\x85\x1c".encode(),
    "what a terminal would obey": b"\x1b]0;title\x07\x1b[2J\r\x08\x7f\xc2\x9b2J",
}


@pytest.mark.parametrize("line", NO_ENTRIES.values(), ids=NO_ENTRIES.keys())
def test_a_line_that_is_no_entry(going: Going, line: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    said = going.after(line + b"\n")
    assert len(said) == 1
    assert said[0].startswith("not an entry of Rumor, passed over: ")
    assert capfd.readouterr() == ("", "")


def test_all_of_them_among_entries_in_one_piece(
    going: Going, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pyrum_sync.client.reader._FEW", len(NO_ENTRIES))
    own = data(going.id, text="é")
    said = going.after(b"".join(own + line + b"\n" for line in NO_ENTRIES.values()))
    assert len(said) == len(NO_ENTRIES)
    assert list(going.call.field("text")) == ["é"] * len(NO_ENTRIES)
    assert capfd.readouterr() == ("", "")


def test_broken_lines_that_join_into_an_entry(going: Going, peer: ScriptedServer) -> None:
    own = f'{{"call_id":"{going.id}","x":'
    joining = [
        (f"{own}[1", "2]}"),
        (f'{own}"a', 'b"}'),
        (f"{own}1", '"y":2}'),
        (f'{own}{{"z":1}}', '"y":2}'),
        (f'{own}1}},{{"call_id":"{going.id}","x":[1', "2]}"),
    ]
    for lines in joining:  # each read by itself: together they would not join
        peer.send("\n".join([*lines, ""]).encode() + data(going.id, read=True))
        assert going.call.field("read")()
    assert len(going.after()) == 2 * len(joining)
    assert "x" not in going.call.data


def test_lines_of_nothing(going: Going) -> None:
    assert going.after(b"\n \n\r\n\t\n", b"\n" * 10_000) == []


def test_a_long_line_that_is_no_entry_is_shown_in_part(going: Going) -> None:
    (said,) = going.after(b"x" * 3_000_000 + b"\n")
    assert len(said) < SHOWN


def test_a_secret_where_the_shown_part_ends(
    peer: ScriptedServer, rumor: Rumor, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pyrum_sync.client.reader._FEW", 500)
    secret = "0123456789abcdef" * 4
    rumor.nowait.host.start(priv=secret)
    call_id = peer.call()
    for before in range(500 - len(secret) - 3, 503):
        peer.send(b"x" * before + secret.encode() + b"\n")
    peer.data(call_id, n=1)
    assert rumor.calls[call_id].field("n")() == 1
    assert len(caplog.records) == len(secret) + 6
    assert "0123" not in caplog.text


@pytest.mark.parametrize("line", [b"\xff" * 500, b"priv"], ids=["no text", "text"])
def test_whoever_looks_at_the_log_cannot_end_the_reader(peer: ScriptedServer, rumor: Rumor, line: bytes) -> None:
    heard = []

    class Broken(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(record.getMessage())
            raise RuntimeError("broken handler")

    call = rumor.nowait.host["any"]()
    handler = Broken()
    logger = logging.getLogger("pyrum_sync")
    logger.addHandler(handler)
    try:
        peer.send(line + b"\n")
        peer.data(peer.call(), n=1)
        assert call.n() == 1
    finally:
        logger.removeHandler(handler)
    assert len(heard) == 1


def test_whoever_looks_at_the_wire_cannot_end_the_reader(
    peer: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(logging.Filter):
        def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002
            raise RuntimeError("broken filter")

    caplog.set_level(logging.DEBUG, "pyrum_sync")
    with peer.rumor() as rumor:
        broken = Broken()
        logger = logging.getLogger("pyrum_sync")
        logger.addFilter(broken)
        try:
            call = rumor.nowait.host["any"]()
            peer.data(peer.call(), n=1)
            assert call.n() == 1
        finally:
            logger.removeFilter(broken)


# -- entries that are odd

ODD: list[Any] = [
    None,
    "",
    "x",
    7,
    -1,
    2**64,
    2**200,
    1.5,
    1e300,
    True,
    [],
    ["x"],
    [[]],
    {},
    {"a": {"b": []}},
    "\0",
    "\ud800",
]


def oddities(own: str) -> list[bytes]:
    """Entries of one call and of none, with anything where text stands in a Rumor's."""
    lines = [b"{}\n", entry(), b'{"msg":"failed"}\n', b'{"call_id":"%s"}\n' % own.encode()]
    for odd in ODD:
        lines += [entry(call_id=odd, n=1), entry(call_id=own, actor=odd), data(own, time=odd)]
        for key in ("level", "msg", "error", "stdout", "stderr", "args", "calls", "result_code", "fields.msg"):
            lines += [entry(**{key: odd}), data(own, **{key: odd}), entry(call_id=odd, **{key: odd})]
        for mark in ("__success", "__error", "__step", "__freed"):
            lines += [data(own, **{"level": "trace", mark: odd})] if mark == "__step" else []
            lines += [data(own, **{mark: odd}), data(own, **{"level": odd, mark: odd})]
            lines += [entry(call_id=odd, **{"level": "trace", mark: odd}), entry(**{"level": "trace", mark: odd})]
        for args in (odd, [odd], [f"_{own}", "next", odd], [odd, "next"], [f"_{odd}", "cancel"], [[f"_{own}"]]):
            lines += [entry(level="warning", msg="failed", error=odd, args=args)]
    return lines


def test_entries_with_anything_in_them(going: Going, capfd: pytest.CaptureFixture[str]) -> None:
    lines = oddities(going.id)
    assert going.after(*lines, b"".join(lines), *(line + data(going.id) * 10 for line in lines)) == []
    assert capfd.readouterr() == ("", "")


def test_while_somebody_listens_for_what_belongs_to_no_call(
    going: Going, peer: ScriptedServer, rumor: Rumor, background: Start
) -> None:
    asking = background(rumor.actor("alice").calls)
    verb = peer.call()
    running = background(lambda: rumor.shell("true"))
    script = script_id(peer)
    lines = oddities(going.id)
    assert going.after(*lines) == []
    peer.entry(stdout=f"{script}>{script}:{script}?{'9' * 5000}\n")
    peer.entry(stdout=f"{script}>{script}:{script}?0\n")
    peer.entry(stdout=f"{script}.\n")
    assert running.value().status == 0  # type: ignore[attr-defined]
    peer.entry(calls={"1_a": {}}, actor="alice")
    peer.freed_after_success(verb)
    assert asking.value() == {"1_a": {}}


def test_without_a_level_all_is_data(peer: ScriptedServer, rumor: Rumor) -> None:
    call = rumor.nowait.host["any"]()
    own = peer.call()
    peer.send(b'{"call_id":"%s","n":1}\n' % own.encode())
    for mark in ("__success", "__error", "__step", "__freed"):
        peer.send(b'{"call_id":"%s","%s":"true"}\n' % (own.encode(), mark.encode()))
    assert call.n() == 1
    assert [call.field(mark)() for mark in ("__success", "__error", "__step", "__freed")] == ["true"] * 4
    with pytest.raises(CallTimeout):
        call.wait(timeout=0)
    peer.freed_after_success(own)
    call.finished()
    assert len(list(call.entries())) == 5


def test_numbers_arrive_whatever_their_size(going: Going) -> None:
    numbers: list[Any] = [2**64 - 1, 2**64, -(2**64), 2**4000, 0, -0.0, 1e308, float("inf")]
    assert going.after(*(data(going.id, big=number) for number in numbers)) == []
    assert list(going.call.field("big")) == numbers


def test_the_last_of_two_fields_of_one_name_counts(going: Going) -> None:
    assert going.after(b'{"call_id":"x","call_id":"%s","x":1,"x":2}\n' % going.id.encode()) == []
    assert list(going.call.field("x")) == [2]


def test_lists_as_deep_as_can_be_read(peer: ScriptedServer, rumor: Rumor, background: Start) -> None:
    """What can be read can be too deep to be shown, or compared, with more on the stack."""
    asking = background(lambda: rumor.actor("alice").calls(timeout=None))
    verb = peer.call()
    running = background(lambda: rumor.shell("true", timeout=None))
    script = script_id(peer)
    limit = sys.getrecursionlimit()
    deep = [b"[" * depth + b"]" * depth for depth in range(limit - 120, limit + 5)]
    deep += [b'{"a":' * depth + b"1" + b"}" * depth for depth in range(limit - 120, limit + 5, 10)]
    calls: list[Call] = []
    for each in deep:
        calls.append(rumor.nowait.rpc.status.listen())
        own = peer.call()
        lines = [
            b'{"msg":"failed","args":["_OWN","next"],"error":DEEP}',
            b'{"stdout":DEEP,"stderr":DEEP,"calls":{},"actor":DEEP}',
            b'{"call_id":DEEP,"level":DEEP,"msg":DEEP}',
            b'{"msg":"failed","args":[DEEP,DEEP,DEEP],"error":DEEP}',
            b'{"call_id":"OWN","level":DEEP,"msg":DEEP,"result_code":DEEP}',
            b'{"call_id":"OWN","level":"trace","__step":DEEP}',
            b'{"call_id":"OWN","level":"trace","__error":DEEP}',
        ]
        peer.send(b"\n".join([*lines, b""]).replace(b"OWN", own.encode()).replace(b"DEEP", each))
        peer.data(own, level="trace", __error="too late, unless the first could not be read")
        peer.freed(own)
    for call in calls:
        with pytest.raises(CallError):
            call.finished()
        with pytest.raises(CallError):
            call.next()
    peer.entry(stdout=f"{script}>{script}:{script}?0\n")
    peer.entry(stdout=f"{script}.\n")
    running.value()
    peer.freed_after_success(verb)
    assert asking.value() == {}


def test_what_deep_lists_say_before_the_greeting(background: Start) -> None:
    with ScriptedServer(greet=False) as server:
        opening = background(lambda: Rumor(server.conn(connect_timeout=HANG)))
        call_id = server.line().split()[0][1:]
        for depth in range(sys.getrecursionlimit() - 120, sys.getrecursionlimit() + 5):
            server.send(b'{"stderr":' + b"[" * depth + b"]" * depth + b"}\n")
        server.freed_after_success(call_id)
        rumor = opening.value()
        assert isinstance(rumor, Rumor)
        rumor.close()


def test_a_stranger_that_repeats_itself_gets_a_clear_error(background: Start) -> None:
    with ScriptedServer(greet=False) as server:
        opening = background(lambda: Rumor(server.conn(connect_timeout=HANG)))
        server.line()
        server.send(b'"priv":"c0ffee"\x1b[2J\n' * 100)
        server.hang_up()
        error = opening.raised()
    assert isinstance(error, HandshakeError)
    assert "c0ffee" not in str(error)
    assert len(str(error)) < SHOWN


# -- life-cycle marks out of order


def test_success_twice(peer: ScriptedServer, rumor: Rumor, background: Start) -> None:
    call = rumor.nowait.host["any"]()
    own = peer.call()
    ending = background(call.finished)
    peer.success(own)
    call.wait()
    peer.success(own)
    peer.data(own, n=1)
    assert call.n() == 1
    assert not call.done
    peer.freed(own)
    assert ending.value() == {"msg": "", "n": 1}


def test_everything_after_the_end(peer: ScriptedServer, rumor: Rumor) -> None:
    call = rumor.nowait.host["any"]()
    own = peer.call()
    peer.data(own, n=1)
    peer.freed_after_success(own)
    call.finished()
    for line in (data(own, n=2), data(own, **SUCCESS), data(own, **FREED), data(own, level="trace", __error="late")):
        peer.send(line)
    peer.step(own)
    peer.failed(f"_{own}", "next")
    peer.failed(f"_{own}", "host")
    later = rumor.nowait.host["any"]()
    peer.freed_after_success(peer.call())
    later.finished()
    assert call.finished()["n"] == 1
    assert list(call.n) == [1]
    assert rumor.calls == {}
    assert rumor._session.demux._unread == 0


@pytest.mark.parametrize("again", [True, False])
def test_success_after_an_error(peer: ScriptedServer, rumor: Rumor, background: Start, again: bool) -> None:
    call = rumor.nowait.host["any"]()
    own = peer.call()
    waiting = [background(call.wait), background(call.finished), background(lambda: list(call.entries()))]
    peer.error(own, "why")
    peer.success(own)
    peer.data(own, n=1)
    assert call.n() == 1
    with pytest.raises(CallError, match="why"):
        call.wait()
    if again:
        peer.error(own, "another")
    peer.freed(own)
    with pytest.raises(CallError, match="why"):
        call.n()
    assert call.done
    for wait in (call.wait, call.finished):
        with pytest.raises(CallError, match="why"):
            wait()
    for each in waiting:
        error = each.raised()
        assert isinstance(error, CallError)
        assert error.message == "why"


def test_freed_without_success(peer: ScriptedServer, rumor: Rumor) -> None:
    call = rumor.nowait.host["any"]()
    own = peer.call()
    peer.freed(own)
    peer.success(own)
    with pytest.raises(CallError, match="freed it without saying that it succeeded"):
        call.wait()


def test_steps_nobody_asked_for(peer: ScriptedServer, rumor: Rumor) -> None:
    call = rumor.nowait.rpc.status.listen()
    own = peer.call()
    peer.step(own)
    peer.success(own)
    peer.step(own)
    peer.failed(f"_{own}", "next", why="exit status 1: step failed: x")
    peer.data(own, n=1)
    assert next(call.entries())["n"] == 1
    with pytest.raises(CallError, match="x"):
        call.next()
    with pytest.raises(CallTimeout):
        call.next(timeout=0)


def test_a_line_that_failed_and_has_our_id_without_the_prefix(peer: ScriptedServer, rumor: Rumor) -> None:
    call = rumor.nowait.host["any"]()
    own = peer.call()
    peer.failed(f"x{own}", "host")
    peer.failed(own, "host")
    peer.freed_after_success(own)
    call.finished()


def test_the_calls_of_the_default_actor_when_nothing_is_said_of_it(
    peer: ScriptedServer, rumor: Rumor, background: Start
) -> None:
    asking = background(rumor.within(None).calls)
    verb = peer.call()
    peer.entry(calls={"1_a": {}}, actor="alice")
    peer.freed_after_success(verb)
    assert asking.value() == {}


# -- large lines

MB = 1_000_000


def send_long(peer: ScriptedServer, before: bytes, size: int, after: bytes, filling: bytes = b"x") -> None:
    piece = filling * MB
    peer.send(before)
    for _ in range(size // MB):
        peer.send(piece)
    peer.send(after)


def test_a_line_of_200_mb(peer: ScriptedServer, background: Start) -> None:
    """Memory and time are bounded, and grow as the line does."""
    with peer.rumor(max_unread_bytes=400 * MB) as rumor:
        read_long_lines(peer, rumor, background)


def read_long_lines(peer: ScriptedServer, rumor: Rumor, background: Start) -> None:
    call = rumor.nowait.host["any"]()
    own = peer.call()
    head = data(own, text="").removesuffix(b'"}\n')
    costs = []
    for size in (25 * MB, 200 * MB):
        tracemalloc.start()
        start = process_time()
        try:
            sending = background(lambda size=size: send_long(peer, head, size, b'"}\n'))  # type: ignore[misc]
            assert len(call.text(timeout=HANG * 3)) == size
            sending.value()
            costs.append((process_time() - start, tracemalloc.get_traced_memory()[1]))
        finally:
            tracemalloc.stop()
    (small_time, small_memory), (large_time, large_memory) = costs
    assert small_memory < 25 * MB * 4
    assert large_memory < 200 * MB * 4
    assert large_time < 8 * 5 * max(small_time, 0.05)


@pytest.mark.parametrize(
    ("filling", "size"),
    [(b"x", 20 * MB), (b"\xff", 20 * MB), (b"\n", 5 * MB)],
    ids=["no JSON", "no UTF-8", "empty lines"],
)
def test_megabytes_of_what_is_no_entry(
    going: Going, peer: ScriptedServer, filling: bytes, size: int, background: Start, capfd: pytest.CaptureFixture[str]
) -> None:
    start = process_time()
    background(lambda: send_long(peer, b"", size, b"\n", filling)).value()
    said = going.after()
    assert process_time() - start < 4
    assert len(said) == (filling != b"\n")
    assert capfd.readouterr() == ("", "")


# -- lines over max_line


@pytest.mark.parametrize("server", [ScriptedServer, WebsocketServer, ChildServer])
@pytest.mark.parametrize("ended", [True, False], ids=["whole", "without an end"])
def test_a_line_over_max_line(
    server: type[ScriptedServer], ended: bool, background: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All who wait are told why, those of the calls whose entries came with that line too; and what came before it is
    kept."""
    monkeypatch.setattr(keeper_module, "_GOODBYE_TIME", 0.01)
    with server() as peer, peer.rumor(max_line=10_000, timeout=None) as rumor:
        reading = rumor.nowait.host["any"]()
        own = peer.call()
        call = rumor.nowait.rpc.status.listen()
        peer.call()
        waiting = {name: background(lambda wait=wait: wait(rumor, call)) for name, wait in WAITS.items()}  # type: ignore[misc]
        for _ in range(6):  # of the commands; the script has two lines
            peer.line()
        before = data(own, n=1, text="x" * 9_000) + data(own, n=2)
        with suppress(OSError):  # it may see that this side has gone
            peer.send(before + data(own, text="x" * 20_000).removesuffix(b"" if ended else b"\n"))
        errors = [each.raised() for each in waiting.values()]
        for error in errors:
            assert type(error) is ConnectionLost
            assert "a line is longer than max_line = 10000 bytes" in str(error)
            assert isinstance(error.__cause__, LineTooLong)
            assert "max_line = 10000 " in str(error.__cause__)
        assert len(set(map(id, errors))) == len(errors), "each has an exception of its own"
        assert reading.n() == 1
        assert reading.n() == 2
        with pytest.raises(ConnectionLost, match="max_line = 10000"):
            reading.n()
        with pytest.raises(ConnectionLost, match="max_line = 10000"):
            rumor.host["any"]()


def test_a_line_as_long_as_max_line(peer: ScriptedServer) -> None:
    with peer.rumor(max_line=10_000) as rumor:
        call = rumor.nowait.host["any"]()
        own = peer.call()
        room = 10_000 - len(data(own, text="")) + 1
        peer.send(data(own, text="x" * room) * 5)
        assert [call.text() for _ in range(5)] == ["x" * room] * 5
        peer.send(data(own, text="x" * (room + 1)))
        with pytest.raises(ConnectionLost, match="max_line = 10000"):
            call.text()


# -- a transport of somebody else's


class Lenient:
    """Gives text, with what is no UTF-8 as lone surrogates."""

    def __init__(self, conn: Any) -> None:
        self._conn = conn
        self.open, self.send_line, self.close = conn.open, conn.send_line, conn.close

    def recv_line(self) -> str | None:
        line: bytes | None = self._conn.recv_line()
        return None if line is None else line.decode(errors="surrogateescape")


def test_text_that_has_no_bytes(peer: ScriptedServer, background: Start, caplog: pytest.LogCaptureFixture) -> None:
    with Rumor(Lenient(peer.conn()), timeout=HANG) as rumor:
        going = Going(peer, rumor, background, caplog)
        assert len(going.after(b'{"msg":"\xff"}\n')) == 1
