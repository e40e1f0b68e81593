"""The requests of the consensus layer: the same tests on the simulator and on the real Rumor."""

# No `from __future__ import annotations`: remerkleable reads the fields of containers from their annotations.
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from hashlib import sha256
from random import Random
from time import monotonic
from typing import Any, NamedTuple

import pytest
from remerkleable.basic import boolean, uint64
from remerkleable.byte_arrays import Bytes32
from remerkleable.complex import Container, List

from pyrum_sync import Actor, CallError, CallTimeout, ConnectionLost, Rumor, SimulatorConn, SubprocessConn, eth2
from tests.conftest import HANG
from tests.support.crowd import STATUS
from tests.support.peers import ScriptedServer

# -- containers -------------------------------------------------------------------------------------------------------


class Flagged(Container):
    number: uint64
    flag: boolean


class Block(Container):
    """Of any length, like the real ones."""

    slot: uint64
    body: List[uint64, 1 << 17]


@pytest.mark.parametrize(
    ("view", "size"),
    [
        (STATUS, 84),
        (eth2.Goodbye(reason=3), 8),
        (eth2.Ping(seq_number=2**64 - 1), 8),
        (eth2.MetaData(seq_number=1, attnets=[True] + 63 * [False]), 16),
        (eth2.BlocksByRangeRequest(start_slot=1, count=2, step=3), 24),
        (eth2.BlocksByRootRequest(b"\1" * 32, b"\2" * 32), 64),
        (Block(slot=1, body=[2, 3]), 28),
    ],
    ids=lambda value: type(value).__name__,
)
def test_decode(view: Any, size: int) -> None:
    encoded = view.encode_bytes()
    assert len(encoded) == size
    for data in (encoded, bytearray(encoded), memoryview(encoded), encoded.hex(), "0x" + encoded.hex()):
        assert eth2.decode(type(view), data) == view


def test_status_on_the_wire() -> None:
    assert STATUS.encode_bytes().hex() == ("01020304" + "05" * 32 + "0600000000000000" + "07" * 32 + "0800000000000000")


@pytest.mark.parametrize("size", [0, 83, 85, 168])
def test_decode_wrong_length(size: int) -> None:
    with pytest.raises(ValueError, match=f"84 bytes, not {size}"):
        eth2.decode(eth2.Status, bytes(size))


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (Flagged, bytes(8) + b"\2"),  # neither true nor false
        (List[boolean, 4], b"\1\2"),
        (uint64, bytes(9)),
        (Block, bytes(8) + b"\x0d\0\0\0" + b"\0"),  # the offset skips a byte
        (Block, bytes(8) + b"\xff\xff\xff\xff"),
        (Block, bytes(8) + b"\x0c\0\0\0" + bytes(7)),
        (Block, bytes(11)),
        (eth2.BlocksByRootRequest, bytes(33)),
        (eth2.BlocksByRootRequest, bytes(32 * 1025)),
        (eth2.Ping, "zz" * 8),
        (eth2.Ping, "00 00 00 00 00 00 00 00"),
        (eth2.Ping, "0" * 15),
    ],
)
def test_decode_bad_content(kind: Any, data: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        eth2.decode(kind, data)


def test_decode_other_types() -> None:
    with pytest.raises(TypeError):
        eth2.decode(eth2.Ping, 5)  # type: ignore[arg-type]


# -- two hosts --------------------------------------------------------------------------------------------------------


class Hosts(NamedTuple):
    """Alice is connected to Bob; on the real Rumor they live in two processes."""

    alice: Actor
    bob: Actor
    alices: Rumor
    bobs: Rumor
    bob_id: str


@pytest.fixture(params=["simulator", pytest.param("rumor", marks=pytest.mark.rumor)])
def hosts(request: pytest.FixtureRequest) -> Iterator[Hosts]:
    with ExitStack() as stack:
        if request.param == "simulator":
            alices = bobs = stack.enter_context(Rumor(SimulatorConn(), timeout=HANG))
        else:
            command = [request.getfixturevalue("rumor_path"), "bare", "--level=trace"]
            alices, bobs = (stack.enter_context(Rumor(SubprocessConn(command), timeout=HANG)) for _ in range(2))
        alice, bob = alices.actor("alice"), bobs.actor("bob")
        alice.host.start(nat=False)
        bob.host.start(nat=False)
        bob.host.listen(ip="127.0.0.1", tcp=0)
        alice.peer.connect(bob.host.view().addr())
        yield Hosts(alice, bob, alices, bobs, bob.host.view().peer_id())
        for rumor in (alices, bobs):
            for call in rumor.calls.values():
                with suppress(CallError):
                    call.finished(5)  # nothing is left running


# -- one request ------------------------------------------------------------------------------------------------------


def test_status(hosts: Hosts) -> None:
    heard = []

    def answer(theirs: eth2.Status) -> eth2.Status:
        heard.append(theirs)
        return STATUS

    with eth2.serve(hosts.bob, "status", answer) as server:
        assert eth2.status(hosts.alice, hosts.bob_id, eth2.Status(head_slot=1)) == STATUS
        assert eth2.status(hosts.alice, hosts.bob_id) == STATUS
        assert eth2.request(hosts.alice, "status", hosts.bob_id, bytes(84)) == [STATUS.encode_bytes()]
    assert heard == [eth2.Status(head_slot=1), eth2.Status(), eth2.Status()]
    assert server.answered == 3


def test_ping(hosts: Hosts) -> None:
    with eth2.serve(hosts.bob, "ping", lambda theirs: eth2.Ping(seq_number=theirs.seq_number + 1)):
        assert eth2.ping(hosts.alice, hosts.bob_id, 6) == eth2.Ping(seq_number=7)


def test_metadata(hosts: Hosts) -> None:
    hers = eth2.MetaData(seq_number=5, attnets=[True] * 64)
    with eth2.serve(hosts.bob, "metadata", lambda asked: hers if asked is None else None):
        assert eth2.metadata(hosts.alice, hosts.bob_id) == hers


def test_goodbye(hosts: Hosts) -> None:
    with eth2.serve(hosts.bob, "goodbye", lambda theirs: theirs):
        assert eth2.goodbye(hosts.alice, hosts.bob_id, 3) == eth2.Goodbye(reason=3)
    with eth2.serve(hosts.bob, "goodbye", lambda _: None):
        assert eth2.goodbye(hosts.alice, hosts.bob_id) is None


def test_goodbye_that_fails(hosts: Hosts) -> None:
    with pytest.raises(eth2.RequestError, match="protocol not supported"):
        eth2.goodbye(hosts.alice, hosts.bob_id)
    with (
        eth2.serve(hosts.bob, "goodbye", lambda _: 1 / 0),
        pytest.raises(eth2.RequestError, match="division") as caught,
    ):
        eth2.goodbye(hosts.alice, hosts.bob_id)
    assert caught.value.entry is not None


def test_from_the_default_actor(hosts: Hosts) -> None:
    hosts.alices.host.start(nat=False)
    hosts.alices.peer.connect(hosts.bob.host.view().addr())
    with eth2.serve(hosts.bob, "ping", lambda theirs: theirs):
        assert eth2.ping(hosts.alices, hosts.bob_id, 1).seq_number == 1
    hosts.alices.host.stop()


@pytest.mark.parametrize("method", ["blocks_by_range", "blocks-by-range"])
def test_names(hosts: Hosts, method: str) -> None:
    asked = eth2.BlocksByRangeRequest(start_slot=1, count=1, step=1)
    with eth2.serve(hosts.bob, method, lambda request: Block(slot=request.start_slot)):
        got = eth2.request(hosts.alice, method, hosts.bob_id, asked, response=Block, max_chunks=1)
    assert got == [Block(slot=1)]


def test_what_cannot_be_asked(hosts: Hosts) -> None:
    with pytest.raises(ValueError, match="status, goodbye, ping"):
        eth2.request(hosts.alice, "statuses", hosts.bob_id, b"")
    with pytest.raises(ValueError, match="status, goodbye, ping"):
        eth2.serve(hosts.alice, "statuses", lambda _: None)
    for content in (None, 5, "00"):
        with pytest.raises(TypeError, match="status request"):
            eth2.request(hosts.alice, "status", hosts.bob_id, content)
    with pytest.raises(ValueError, match="timeout"):
        eth2.metadata(hosts.alice, hosts.bob_id, timeout=-1)
    with pytest.raises(CallError):
        eth2.metadata(hosts.alice, "nobody")
    assert not hosts.alices.calls


def test_an_error_chunk(hosts: Hosts) -> None:
    def fail(_: object) -> object:
        raise KeyError("no such thing")

    with eth2.serve(hosts.bob, "ping", fail), pytest.raises(CallError, match="no such thing") as caught:
        eth2.ping(hosts.alice, hosts.bob_id)
    error = caught.value
    assert isinstance(error, eth2.RequestError)
    assert error.message == "'no such thing'"
    assert error.entry is not None
    assert (error.entry["result_code"], error.partial) == (2, [])


def test_no_chunk(hosts: Hosts) -> None:
    with eth2.serve(hosts.bob, "ping", lambda _: []), pytest.raises(CallError, match="no chunk") as caught:
        eth2.ping(hosts.alice, hosts.bob_id)
    assert isinstance(caught.value, eth2.RequestError)
    assert (caught.value.entry, caught.value.partial) == (None, [])


def test_not_connected(hosts: Hosts) -> None:
    hosts.alice.peer.disconnect(hosts.bob_id)
    with pytest.raises(CallError):
        eth2.ping(hosts.alice, "16Uiu2HAm7Qwe19vz9WzD2Mxn7fXd1vgHHp4iccuyq7TxwRXoAGfc")


@pytest.mark.parametrize("size", [0, 83, 85])
def test_an_answer_of_the_wrong_length(hosts: Hosts, size: int) -> None:
    with eth2.serve(hosts.bob, "status", lambda _: bytes(size)):
        with pytest.raises(ValueError, match="84 bytes"):
            eth2.status(hosts.alice, hosts.bob_id)
        assert eth2.request(hosts.alice, "status", hosts.bob_id, STATUS) == [bytes(size)]


def test_time_out(hosts: Hosts) -> None:
    with hosts.bob.rpc.ping.listen(raw=True, timeout="0s"):  # nobody takes what it hears
        began = monotonic()
        with pytest.raises(CallTimeout) as caught:
            eth2.ping(hosts.alice, hosts.bob_id, timeout=0.3)
        assert 0.3 <= monotonic() - began < 3
        assert caught.value.call is not None
        with suppress(CallError):  # cancelled in mid-request
            caught.value.call.finished()
        with pytest.raises(CallTimeout):
            eth2.ping(hosts.alice, hosts.bob_id, timeout=0)


def test_a_chunk_that_was_cut_off(peer: ScriptedServer) -> None:
    """Rumor does not check how much of a chunk it got."""
    with peer.rumor() as rumor:

        def answer() -> None:
            call_id = peer.call()
            peer.success(call_id)
            assert " next " in peer.line()
            peer.data(call_id, msg="made request")
            peer.step(call_id)
            assert " next " in peer.line()
            peer.data(call_id, msg="Received chunk", chunk_index=0, chunk_size=16, result_code=0, data="00" * 15)
            peer.step(call_id)
            assert " cancel " in peer.line()
            peer.freed(call_id)

        answering = threading.Thread(target=answer)
        answering.start()
        with pytest.raises(eth2.RequestError, match="15 of 16 bytes"):
            eth2.metadata(rumor, "16Uiu")
        answering.join(HANG)


def test_a_lost_connection(peer: ScriptedServer) -> None:
    with peer.rumor() as rumor:

        def vanish() -> None:
            peer.success(peer.call())
            peer.line()
            peer.hang_up()

        vanishing = threading.Thread(target=vanish)
        vanishing.start()
        with pytest.raises(ConnectionLost):
            eth2.metadata(rumor, "16Uiu")
        vanishing.join(HANG)


# -- blocks -----------------------------------------------------------------------------------------------------------

CHAIN = {slot: Block(slot=slot, body=range(slot)) for slot in range(100, 164)}
ROOTS = {sha256(block.encode_bytes()).digest(): block for block in CHAIN.values()}


def by_range(asked: eth2.BlocksByRangeRequest) -> list[Block]:
    slots = range(asked.start_slot, asked.start_slot + asked.count * asked.step, asked.step)
    return [CHAIN[slot] for slot in slots if slot in CHAIN]


def by_root(asked: eth2.BlocksByRootRequest) -> list[Block]:
    return [ROOTS[bytes(root)] for root in asked if bytes(root) in ROOTS]


@pytest.mark.parametrize("parallel", [1, 8, 64])
def test_blocks_by_range(hosts: Hosts, parallel: int) -> None:
    """A range of 64 comes whole and in order, from a Rumor that serves it raw."""
    blocks = [Random(slot).randbytes(1 + slot * 1500 % 100_000) for slot in range(64)]

    def answer(asked: eth2.BlocksByRangeRequest) -> list[bytes]:
        return blocks[asked.start_slot : asked.start_slot + asked.count * asked.step : asked.step]

    with eth2.serve(hosts.bob, "blocks_by_range", answer) as server:
        got = eth2.blocks_by_range(hosts.alice, hosts.bob_id, 0, 64, parallel=parallel, timeout=HANG)
        assert got == blocks
    assert server.answered == 64


def test_blocks_of_some_slots(hosts: Hosts) -> None:
    with eth2.serve(hosts.bob, "blocks_by_range", by_range):
        got = eth2.blocks_by_range(hosts.alice, hosts.bob_id, 98, 5, 3, response=Block)
        assert got == [CHAIN[101], CHAIN[104], CHAIN[107], CHAIN[110]]
        assert eth2.blocks_by_range(hosts.alice, hosts.bob_id, 98, 2) == []
        assert eth2.blocks_by_range(hosts.alice, hosts.bob_id, 100, 0) == []


def test_blocks_by_root(hosts: Hosts) -> None:
    wanted = list(reversed(ROOTS))[:20]
    with eth2.serve(hosts.bob, "blocks_by_root", by_root):
        got = eth2.blocks_by_root(hosts.alice, hosts.bob_id, [*wanted, bytes(32)], response=Block)
        assert got == [ROOTS[root] for root in wanted]
        assert eth2.blocks_by_root(hosts.alice, hosts.bob_id, [Bytes32(wanted[0]), "0x" + wanted[1].hex()]) == [
            ROOTS[root].encode_bytes() for root in wanted[:2]
        ]


def test_blocks_that_fail(hosts: Hosts) -> None:
    def answer(asked: eth2.BlocksByRangeRequest) -> list[Block]:
        if asked.start_slot == 105:
            raise LookupError("lost")
        return by_range(asked)

    with eth2.serve(hosts.bob, "blocks_by_range", answer):
        with pytest.raises(eth2.RequestError, match="lost") as caught:
            eth2.blocks_by_range(hosts.alice, hosts.bob_id, 100, 10, response=Block)
        assert caught.value.partial == [CHAIN[slot] for slot in range(100, 105)]
        with pytest.raises(ValueError, match=r"no Flagged|Flagged has"):
            eth2.blocks_by_range(hosts.alice, hosts.bob_id, 100, 1, response=Flagged)


def test_blocks_in_time(hosts: Hosts) -> None:
    with hosts.bob.rpc.blocks_by_range.listen(raw=True, timeout="0s"):
        began = monotonic()
        with pytest.raises(CallTimeout):
            eth2.blocks_by_range(hosts.alice, hosts.bob_id, 100, 20, timeout=0.5)
        assert 0.5 <= monotonic() - began < 3


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"count": -1}, ValueError),
        ({"count": 1.5}, TypeError),
        ({"count": True}, TypeError),
        ({"step": 0}, ValueError),
        ({"parallel": 0}, ValueError),
        ({"start_slot": -1}, ValueError),
        ({"start_slot": 2**64 - 1, "count": 2}, ValueError),
    ],
)
def test_ranges_that_cannot_be(hosts: Hosts, options: dict[str, Any], error: type[Exception]) -> None:
    with eth2.serve(hosts.bob, "blocks_by_range", by_range), pytest.raises(error):
        eth2.blocks_by_range(hosts.alice, hosts.bob_id, **{"start_slot": 0, "count": 1, **options})


# -- serving ----------------------------------------------------------------------------------------------------------


def test_serving_goes_on(hosts: Hosts, caplog: pytest.LogCaptureFixture) -> None:
    """Rumor's listener stops reading requests behind an invalid one."""
    with eth2.serve(hosts.bob, "status", lambda _: STATUS) as server:
        for content in (b"", b"abc", bytes(85), bytes(83)):
            with pytest.raises(eth2.RequestError) as caught:
                eth2.request(hosts.alice, "status", hosts.bob_id, content)
            assert caught.value.entry is not None
            assert caught.value.entry["result_code"] == 1
            assert eth2.status(hosts.alice, hosts.bob_id) == STATUS
    assert server.answered == 4
    assert "no valid request" in caplog.text


def test_serving_many(hosts: Hosts) -> None:
    """Rumor's listener stops reading requests after some hundred valid ones, too."""
    with eth2.serve(hosts.bob, "ping", lambda theirs: theirs) as server:
        for number in range(300):
            assert eth2.ping(hosts.alice, hosts.bob_id, number).seq_number == number
    assert server.answered == 300


def test_answers(hosts: Hosts, caplog: pytest.LogCaptureFixture) -> None:
    answers: list[object] = [STATUS, [STATUS], (STATUS.encode_bytes(),), None, [], 5, "text"]
    with eth2.serve(hosts.bob, "status", lambda theirs: answers[theirs.head_slot]):
        for number in range(3):
            assert eth2.status(hosts.alice, hosts.bob_id, eth2.Status(head_slot=number)) == STATUS
        for number in range(3, 5):
            with pytest.raises(CallError, match="no chunk"):
                eth2.status(hosts.alice, hosts.bob_id, eth2.Status(head_slot=number))
        for number in range(5, 8):
            with pytest.raises(CallError, match=r"a handler returns|out of range"):
                eth2.status(hosts.alice, hosts.bob_id, eth2.Status(head_slot=number))
    assert "the handler failed" in caplog.text


def test_error_texts(hosts: Hosts) -> None:
    texts = ["", "nul \0 in it", "\ud800", "é" * 200, "-", "help", "--done=false", "two\nlines"]

    def fail(theirs: eth2.Ping) -> object:
        raise ValueError(texts[theirs.seq_number])

    with eth2.serve(hosts.bob, "ping", fail):
        said = []
        for number in range(len(texts)):
            with pytest.raises(eth2.RequestError) as caught:
                eth2.ping(hosts.alice, hosts.bob_id, number)
            said.append(caught.value.message)
    assert said == ["ValueError", "nul  in it", "?", "é" * 128, "-", "help", "--done=false", "two\\nlines"]


def test_several_at_once(hosts: Hosts) -> None:
    with (
        eth2.serve(hosts.bob, "ping", lambda theirs: theirs),
        eth2.serve(hosts.bob, "metadata", lambda _: eth2.MetaData(seq_number=9)),
    ):
        assert eth2.ping(hosts.alice, hosts.bob_id, 8).seq_number == 8
        assert eth2.metadata(hosts.alice, hosts.bob_id).seq_number == 9


def test_leaving_finishes_the_answer(hosts: Hosts, background: Callable[[Callable[[], object]], Any]) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def answer(theirs: eth2.Ping) -> eth2.Ping:
        asked.set()
        assert go_on.wait(HANG)
        return theirs

    with eth2.serve(hosts.bob, "ping", answer) as server:
        asking = background(lambda: eth2.ping(hosts.alice, hosts.bob_id, 4))
        assert asked.wait(HANG)
        threading.Timer(0.1, go_on.set).start()
    assert asking.value() == eth2.Ping(seq_number=4)
    assert server.answered == 1
    with pytest.raises(CallError):
        eth2.ping(hosts.alice, hosts.bob_id)
    with pytest.raises(RuntimeError, match="used before"):
        server.__enter__()


def test_a_requester_that_has_gone(hosts: Hosts, caplog: pytest.LogCaptureFixture) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def answer(theirs: eth2.Ping) -> eth2.Ping:
        asked.set()
        assert go_on.wait(HANG)
        return theirs

    with eth2.serve(hosts.bob, "ping", answer) as server:
        hosts.alice.rpc.ping.req.raw(hosts.bob_id, eth2.Ping(), raw=True)
        assert asked.wait(HANG)
        with hosts.bob.host.notify("connection_close") as notes:
            hosts.alice.peer.disconnect(hosts.bob_id)
            assert notes.event() == "connection_close"
        go_on.set()
        hosts.alice.peer.connect(hosts.bob.host.view().addr())
        assert eth2.ping(hosts.alice, hosts.bob_id, 2).seq_number == 2
    assert server.answered == 1
    assert "it has gone" in caplog.text
    for call in hosts.alices.calls.values():
        call.cancel()


def test_a_burst(hosts: Hosts) -> None:
    """More requests at once than a listener of Rumor can take: each is told so, and those that follow are answered."""
    asked, go_on = threading.Event(), threading.Event()

    def answer(theirs: eth2.Ping) -> eth2.Ping:
        asked.set()
        assert go_on.wait(HANG)
        return theirs

    with eth2.serve(hosts.bob, "ping", answer, timeout=HANG) as server, hosts.bob.host.notify("stream_open") as notes:
        calls = [
            hosts.alice.nowait.rpc.ping.req.raw(hosts.bob_id, eth2.Ping(seq_number=7), raw=True) for _ in range(200)
        ]
        for _ in calls:
            assert notes.event() == "stream_open"
        go_on.set()
        answered, refusals = 0, set()
        for call in calls:
            call.next()
            try:
                answered += call.next()["data"] == eth2.Ping(seq_number=7).encode_bytes().hex()
            except CallError as error:
                refusals.add(error.message)
        assert refusals <= {"the request could not be read, please ask again"}
        assert answered >= 50
        for number in range(50):
            assert eth2.ping(hosts.alice, hosts.bob_id, number).seq_number == number
    assert server.answered == answered + 50


def test_stopped_by_somebody_else(hosts: Hosts, caplog: pytest.LogCaptureFixture) -> None:
    with eth2.serve(hosts.bob, "ping", lambda theirs: theirs) as server:
        (call,) = (call for call in hosts.bobs.calls.values() if "rpc ping listen" in call.command)
        call.cancel()
        server._threads[0].join(HANG)
    assert "stopped by somebody else" in caplog.text


def test_listening_that_fails(hosts: Hosts) -> None:
    with pytest.raises(CallError), eth2.serve(hosts.bobs.actor("nobody"), "ping", lambda theirs: theirs):
        pass


def test_a_rumor_that_is_closed_meanwhile(hosts: Hosts, caplog: pytest.LogCaptureFixture) -> None:
    with eth2.serve(hosts.bob, "ping", lambda theirs: theirs) as server:
        hosts.bobs.close()
    assert not any(thread.is_alive() for thread in server._threads)
    assert not caplog.records


def test_a_rumor_that_is_lost_meanwhile(peer: ScriptedServer, caplog: pytest.LogCaptureFixture) -> None:
    with peer.rumor() as rumor:

        def vanish() -> None:
            peer.success(peer.call())
            assert " next " in peer.line()
            peer.hang_up()

        vanishing = threading.Thread(target=vanish)
        vanishing.start()
        with pytest.raises(ConnectionLost), eth2.serve(rumor, "ping", lambda theirs: theirs) as server:
            server._threads[0].join(HANG)
        vanishing.join(HANG)
    assert "lost" in caplog.text
