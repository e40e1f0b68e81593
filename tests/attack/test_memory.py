"""What is over takes no memory, and what never ends takes a bounded one."""

from __future__ import annotations

import gc
import io
import logging
import re
import sys
import threading
import tracemalloc
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from operator import length_hint

import pytest

from pyrum_sync import Call, CallTimeout, ConnectionLost, DataLost, Rumor, SubprocessConn
from pyrum_sync.catalogue.tree import LISTENER
from pyrum_sync.client import call_state, steps
from pyrum_sync.client.call_state import CallState
from pyrum_sync.protocol import entries
from pyrum_sync.protocol.framing import LineBuffer
from pyrum_sync.transports.process import _collect
from tests.conftest import HANG
from tests.soak.memory import some
from tests.support.peers import FREED, PING, SUCCESS, ChildServer, ScriptedServer, WebsocketServer, data, entry, frame
from tests.unit.client.states import line_of

BOUND = 1 << 18  # max_unread_bytes
LINE = 230  # characters in an entry of `endless_data`, roughly
BLOCKS = 20  # pieces of memory that such an entry takes at most
FEW = 2000  # of what must not grow at all


class Pieces:
    """How many more pieces of memory Python has handed out. To count them costs nothing, unlike tracemalloc: each entry
    takes about a dozen."""

    def __init__(self) -> None:
        self._before = self._now()
        self.most = 0

    def _now(self) -> int:
        gc.collect()
        re.purge()
        return sys.getallocatedblocks()

    def look(self) -> None:
        """Remember it if there are more than ever."""
        self.most = max(self.most, sys.getallocatedblocks() - self._before)

    def more(self) -> int:
        return self._now() - self._before


@contextmanager
def traced() -> Iterator[Callable[[], int]]:
    """Gives a function for the most bytes that Python had at a time, since then, more than at the beginning."""
    gc.collect()
    tracemalloc.start()
    try:
        yield lambda: tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def start(peer: ScriptedServer, rumor: Rumor) -> Call:
    """A call that runs until the test ends it."""
    call = rumor.actor("alice").nowait.gossip.log("topic")
    assert peer.call() == call.id
    return call


def heard(peer: ScriptedServer, rumor: Rumor) -> None:
    """Wait until the client has taken all that was sent, and has let go of it."""
    for _ in range(2):
        mark = rumor.actor("mark").nowait.sleep("1ns")
        while peer.call() != mark.id:
            pass
        peer.freed_after_success(mark.id)
        mark.finished()


# -- what is over


def test_a_call_that_is_over_goes_without_the_garbage_collector(peer: ScriptedServer) -> None:
    with peer.rumor() as rumor:
        gc.collect()
        gc.disable()
        try:
            call = rumor.actor("alice").nowait.sleep("1s")
            call_id = peer.call()
            peer.success(call_id)
            peer.freed(call_id)
            call.finished()
            gone = weakref.ref(call)
            del call
            assert gone() is None
        finally:
            gc.enable()


def test_calls_that_fail_or_are_given_up_leave_nothing(peer: ScriptedServer) -> None:
    with peer.rumor() as rumor:
        alice = rumor.actor("alice")

        def some(count: int) -> None:
            for _ in range(count):
                call = alice.nowait.sleep("1s")
                peer.data(call.id, text="some")
                for give_up in (
                    call.field("none"),
                    call.wait,
                    call.finished,
                    call.cancel,
                    partial(rumor.shell, "echo"),
                    partial(rumor.attach, "s1_1"),
                    alice.calls,
                ):
                    with pytest.raises(CallTimeout):
                        give_up(timeout=0)
                peer.error(call.id, "no")
                peer.freed(call.id)
                while not (verb := re.match(r"_(\w+) .* calls ", peer.line())):
                    pass
                peer.freed_after_success(verb[1])
            heard(peer, rumor)

        some(20)
        pieces = Pieces()
        some(100)
        assert pieces.more() < 100, "less than one for each"
        assert rumor.calls == {}


@pytest.mark.rumor
@pytest.mark.parametrize("every", [None, 100])
def test_many_short_calls_leave_nothing(rumor_path: str, every: int | None) -> None:
    """``make memory`` does very many more."""
    conn = SubprocessConn([rumor_path, "bare", "--level=trace"])
    with conn, Rumor(conn, timeout=HANG, clear_log_data_every=every) as rumor:
        rumor.actor("alice").host.start(nat=False)

        def calls(count: int) -> None:
            some(rumor, count)
            for _ in range(2):  # in place of what was read last
                rumor.actor("alice").sleep("1ns")

        calls(500)
        pieces = Pieces()
        calls(3000)
        assert pieces.more() < 1500, "less than one for two calls"


# -- what never ends


def endless_data(call_id: str, count: int) -> Iterator[bytes]:
    """Blocks of a call's entries, `count` in all."""
    for first in range(0, count, 500):
        yield b"".join(data(call_id, n=number, text="x" * 100) for number in range(first, first + 500))


def test_an_endless_stream_that_is_read_slowly(peer: ScriptedServer) -> None:
    """It is bounded, and takes nothing from the other calls."""
    count, taken, lost, last = 15_000, 0, 0, -1
    with peer.rumor(max_unread_bytes=BOUND) as rumor:
        stream, quiet = start(peer, rumor), start(peer, rumor)
        pieces = Pieces()
        for number, block in enumerate(endless_data(stream.id, count)):
            peer.send(block + data(quiet.id, q=number))
            pieces.look()
            try:
                value = stream.field("n")()
            except DataLost as gap:
                lost, last = lost + gap.count, last + gap.count
            else:
                assert value == last + 1, "in order, and each gap is told before what comes behind it"
                last, taken = value, taken + 1
        heard(peer, rumor)
        assert pieces.most < 2 * BOUND // LINE * BLOCKS, "what is being read in comes on top"
        assert pieces.more() < BOUND // LINE * BLOCKS
        assert stream.data["n"] == count - 1
        for call in (stream, quiet):
            peer.freed_after_success(call.id)
            call.finished()
        assert list(quiet.field("q")) == list(range(count // 500))
        while last < count - 1:
            try:
                for value in stream.field("n"):
                    assert value == last + 1
                    last, taken = value, taken + 1
            except DataLost as gap:
                lost, last = lost + gap.count, last + gap.count
        assert taken + lost == count
        assert taken > 1000
        assert lost > count // 2


def test_endless_streams_of_many_calls_share_the_bound(peer: ScriptedServer) -> None:
    with peer.rumor(max_unread_bytes=BOUND) as rumor:
        calls = [start(peer, rumor) for _ in range(8)]
        pieces = Pieces()
        for _ in range(3):
            for call in calls:
                peer.send(b"".join(endless_data(call.id, 500)))
                pieces.look()
        heard(peer, rumor)
        assert pieces.most < 2 * BOUND // LINE * BLOCKS
        assert pieces.more() < BOUND // LINE * BLOCKS


@pytest.mark.parametrize("held", [True, False])
def test_endless_calls_with_much_in_each(peer: ScriptedServer, held: bool) -> None:
    """Those that somebody still holds count as if they ran; the others free what they had."""
    kept: list[Call] = []
    with peer.rumor(max_unread_bytes=BOUND) as rumor:
        quiet = start(peer, rumor)
        pieces = Pieces()
        for number in range(30):
            call = start(peer, rumor)
            block = b"".join(data(call.id, n=n, text="x" * 1000) for n in range(50))
            peer.send(block + data(quiet.id, q=number) + data(call.id, **SUCCESS) + data(call.id, **FREED))
            call.finished()
            assert call.data == {"n": 49, "text": "x" * 1000, "msg": ""}
            if held:
                kept.append(call)
            else:
                assert list(call.field("n")) == list(range(50)), "nothing of it was lost"
            del call
        heard(peer, rumor)
        assert pieces.more() < (BOUND // 1000 + 2 * len(kept)) * BLOCKS + FEW
        peer.freed_after_success(quiet.id)
        assert list(quiet.field("q")) == list(range(30)), "a small call loses nothing by it"
        there = 0
        for call in kept:
            with suppress(DataLost):
                call.field("n")()
            rest = list(call.field("n"))
            assert rest == list(range(50))[-len(rest) :], "the oldest went, and the last one stayed"
            there += len(rest)
        assert there < BOUND // 1000 + len(kept)
        if held:
            assert there > BOUND // 1100 // 2, "no more than had to go"
        kept.clear()
        call = start(peer, rumor)
        peer.send(b"".join(data(call.id, n=n, text="x" * 1000) for n in range(200)))
        peer.freed_after_success(call.id)
        assert list(call.field("n")) == list(range(200)), "what nobody holds any more leaves the room to others"


def test_endless_names_of_fields(peer: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "MOST_NAMES", 100)
    monkeypatch.setattr(call_state, "MOST_NAMES", 100)
    with peer.rumor(max_unread=200) as rumor:
        listener = rumor.actor("alice").nowait.rpc.status.listen()  # it has steps, which gather names as well
        assert peer.call() == listener.id
        stream = start(peer, rumor)
        pieces = Pieces()
        for first in range(0, 10_000, 500):
            for call in (listener, stream):
                peer.send(b"".join(data(call.id, **{f"name{n}": n}) for n in range(first, first + 500)))
        heard(peer, rumor)
        assert pieces.more() < 2 * (200 * BLOCKS + 4 * 200) + FEW
        newest = stream.data
        assert newest["name9999"] == 9999
        assert 100 <= len(newest) <= 200
        with pytest.raises(DataLost) as caught:
            next(stream.entries())
        assert caught.value.count == 9800, "exact, whatever the names"


STRAYS: dict[str, Callable[[int], bytes]] = {
    "of calls that are not ours": lambda n: data(f"s1_{n}", text="x" * 200),
    "of no call": lambda n: entry(text="x" * 200, n=n),
    "marks": lambda n: data(f"s1_{n}", **SUCCESS) + data(f"s1_{n}", **FREED),
    "output": lambda n: entry(stdout=f"s1_{n}=" + "x" * 200) + entry(stderr="x" * 200),
    "lines that failed": lambda n: entry(msg="failed", error="x" * 200, args=[f"_s1_{n}", "next"]),
    "no entries": lambda n: b"[%d]\nnot an entry %d %b\n" % (n, n, b"x" * 200),
    "no text": lambda n: b"\xff\xfe %d %b\n" % (n, b"x" * 200),
    "nothing": lambda n: b"\n" * 300,  # noqa: ARG005
}


@pytest.mark.parametrize("kind", STRAYS)
def test_endless_lines_that_belong_to_nobody(peer: ScriptedServer, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.getLogger("pyrum_sync"), "disabled", True)  # pytest keeps what is logged
    make = STRAYS[kind]
    with peer.rumor() as rumor:
        quiet = start(peer, rumor)
        pieces = Pieces()
        for first in range(0, 5000, 250):
            peer.send(b"".join(map(make, range(first, first + 250))) + data(quiet.id, q=first))
        heard(peer, rumor)
        assert pieces.more() < FEW
        peer.freed_after_success(quiet.id)
        assert list(quiet.field("q")) == list(range(0, 5000, 250))


def test_endless_names_of_actors_and_words(peer: ScriptedServer) -> None:
    with peer.rumor() as rumor:
        alice = rumor.actor("alice")
        assert alice.nowait.host.view
        pieces = Pieces()
        for number in range(3000):
            assert rumor.actor(f"actor{number}").nowait.host[f"word{number}"].view
            assert getattr(alice.host, f"word{number}")
            assert alice.within(number).peer[f"word{number}"]["more"]
        assert pieces.more() < FEW
        assert rumor.actor("alice") is alice
        assert alice.host is alice.host, "the words of Rumor are kept"


def test_endless_looks_at_one_call(peer: ScriptedServer) -> None:
    """Each gives up waiting, and nothing of it stays with the call."""
    with peer.rumor() as rumor:
        call = start(peer, rumor)
        pieces = Pieces()
        for _ in range(500):
            for look in (call.field("none"), call.wait, call.cancel):
                with pytest.raises(CallTimeout):
                    look(timeout=0)
            with pytest.raises(CallTimeout):
                next(call.entries(timeout=0))
        idle = threading.Event()
        rumor._session.pending.put(idle.set)
        assert idle.wait(HANG)  # the keeper has looked at all the cancels
        assert pieces.more() < 500


def test_endless_pings_that_cannot_be_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other side sends them without reading: neither answers nor the wish to write them pile up."""
    monkeypatch.setattr("pyrum_sync.client.keeper._GOODBYE_TIME", 0.01)
    peer = WebsocketServer()
    with peer, peer.rumor() as rumor:
        peer.reading.clear()
        pings = frame(b"x" * 125, PING) * 500
        for _ in range(100):  # until the client can write no more
            peer.send_raw(pings)
        pieces = Pieces()
        for _ in range(20):
            peer.send_raw(pings)
        stream = rumor.actor("alice").nowait.sleep("1s")
        peer.data(stream.id, text="read")
        assert stream.field("text")() == "read"
        assert pieces.more() < FEW
        peer.reading.set()


def test_endless_errors_of_a_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """With line ends or without, on its standard error."""
    monkeypatch.setattr("pyrum_sync.client.keeper._GOODBYE_TIME", 0.01)
    with ChildServer() as peer, peer.rumor() as rumor:
        call = start(peer, rumor)
        with traced() as peak:
            for line in ("x * 65536", "(x * 65535 + n) * 4", "(x * 99 + n) * 600"):
                code = f"""if True:
                    x, n = b"x", bytes([10])
                    for _ in range(100):
                        os.write(2, {line})
                    os.write(1, {data(call.id, text=line)!r})
                """
                peer.send(b"\0" + code.encode())
                assert call.field("text")() == line
            peer.send(b"\0os.write(2, n + b'the last line'); os._exit(3)")
            with pytest.raises(ConnectionLost) as caught:
                call.wait()
            assert peak() < 4_000_000
        assert caught.value.stderr.endswith("\nthe last line")
        assert len(caught.value.stderr) < 50_000
        assert caught.value.exit_status == 3


# -- what it is made of


def test_a_line_in_tiny_pieces_takes_no_more_than_its_size() -> None:
    buffer = LineBuffer(1 << 30)
    with traced() as peak:
        for number in range(20_000):
            assert buffer.feed(b"%05d" % number) == b""
        assert peak() < 3 * 100_000
    assert buffer.feed(b"\n") == b"".join(b"%05d" % number for number in range(20_000))
    assert buffer.rest == b""


def test_the_errors_of_a_child_are_cut_while_they_come() -> None:
    tail: deque[str] = deque(maxlen=200)
    stream = io.BytesIO(b"x" * 2_000_000 + b"\nshort\n" + b"y" * 2_000_000)
    with traced() as peak:
        _collect(stream, tail)
        assert peak() < 500_000
    assert [len(line) for line in tail] == [4096, 5, 4096]


@pytest.mark.parametrize("size", [10, 1000, 1 << 17, 1 << 20])
def test_what_a_reader_takes_at_a_time_is_bounded_by_its_size(size: int) -> None:
    record = CallState("1", "")
    for number in range(200):
        record.take({"n": number}, line_of({"n": number}, size))
    reader, taken = record.cursor("n"), 0
    while taken < 200:
        record.refill(reader)
        assert 1 <= length_hint(reader.ready) <= max(1, (1 << 18) // size)
        for value in reader.ready:
            assert value == taken
            taken += 1


def test_dropped_values_of_too_many_fields_are_still_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "MOST_NAMES", 10)
    monkeypatch.setattr(call_state, "MOST_NAMES", 10)
    record = CallState("1", "")
    for number in range(1000):
        entry = {f"name{number}": number, "same": number}
        record.take(entry, line_of(entry, 50))
    assert record.drop(600) == 600 * 50
    assert record.drop(300) == 300 * 50
    assert record.cursor("same").lost == 900, "exact for one that came early"
    assert record.cursor("name899").lost > 0, "at least told for the others"
    assert record._dropped is not None
    assert len(record._dropped) <= 10


def test_the_steps_of_a_listener_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """They come also for who reads fields, or by another session, and nobody may want them."""
    monkeypatch.setattr(steps, "_MOST", 100)
    record = CallState("1", "", steps.Steps(LISTENER))
    mark = {"level": "trace", "__step": True}
    for number in range(1000):
        record.receive({"msg": "Received request, queued it to respond to!", "req_id": number}, b"")
        record.receive(mark, b"")
    assert record.steps is not None
    assert len(record.steps.ready) == 101
    assert [step.lost for step in record.steps.ready] == [900] + 100 * [0]
    assert [step.fields["req_id"] for step in record.steps.ready[1:]] == list(range(900, 1000))


def test_lost_steps_are_told_once_and_exactly(peer: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "_MOST", 10)
    with peer.rumor() as rumor:
        listener = rumor.actor("alice").nowait.rpc.status.listen()
        assert peer.call() == listener.id
        peer.success(listener.id)
        for number in range(25):
            peer.data(listener.id, msg="Received request, queued it to respond to!", req_id=number)
            peer.step(listener.id)
        heard(peer, rumor)
        for read in (listener.next, partial(next, listener.steps())):
            with pytest.raises(DataLost, match="15 steps were dropped") as caught:
                read()
            assert caught.value.count == 15
            assert [listener.next()["req_id"] for _ in range(10)] == list(range(15, 25))
            for number in range(25):
                peer.data(listener.id, msg="Received request, queued it to respond to!", req_id=number)
                peer.step(listener.id)
            heard(peer, rumor)
