"""Proven peers that misuse their streams: at most their own streams, or their own connection, suffer from it."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from time import monotonic

import pytest

from pyrum_sync.engine.network.api import NetworkError, Stream, StreamReset
from pyrum_sync.engine.network.libp2p.connection import Connection
from pyrum_sync.engine.network.libp2p.limits import Limits
from pyrum_sync.engine.network.libp2p.muxer_state import FAIR_STREAMS, MuxerLimits
from pyrum_sync.engine.network.libp2p.stream import NetworkStream
from pyrum_sync.engine.network.libp2p.yamux import Yamux
from tests.attack.engine.attacker import (
    ACK,
    DATA,
    FIN,
    GO_AWAY,
    MPLEX,
    PING,
    RST,
    SYN,
    WINDOW,
    SecuredWire,
    frame,
    mplex,
    proposal,
    secured,
)
from tests.attack.engine.victim import ECHO, OPTIONS, Victim, victim
from tests.support.hosts import HANG, eventually, in_loop

QUIET = replace(OPTIONS, identify=False)  # opens no streams of its own


@asynccontextmanager
async def meeting(
    limits: Limits | None = None, muxer: str = "/yamux/1.0.0"
) -> AsyncIterator[tuple[Victim, SecuredWire]]:
    """A host, and an attacker that is a peer of it."""
    async with victim(limits, QUIET) as target, secured(target.address, muxer=muxer) as attacker:
        await eventually(lambda: target.host.peers() == [attacker.peer_id])
        yield target, attacker


async def still_echoes(attacker: SecuredWire, stream: int = 1001) -> None:
    """The attacker's connection is as good as ever, for a stream that behaves."""
    attacker.say(frame(DATA, SYN, stream, data=proposal(ECHO) + b"hello") + frame(WINDOW, FIN, stream))
    got = b""
    async for kind, _, number, _, data in attacker.hear_frames():
        if number == stream and kind == DATA:
            got += data
            if got == proposal(ECHO) + b"hello":
                return
    raise AssertionError(f"closed after {got!r}")


async def resets(attacker: SecuredWire, *streams: int) -> None:
    """Waits until the host has reset these streams."""
    left = set(streams)
    async for kind, flags, number, _, _ in attacker.hear_frames():
        if kind == WINDOW and flags & RST:
            left.discard(number)
            if not left:
                return
    raise AssertionError(f"the connection was closed, and {left} not reset")


async def goes_away(attacker: SecuredWire) -> None:
    """Waits until the host says that the protocol was broken, and closes the connection."""
    said = [length async for kind, _, _, length, _ in attacker.hear_frames() if kind == GO_AWAY]
    assert said == [1]


# -- negotiation


@pytest.mark.parametrize(
    "sent",
    [b"", b"\x13/multi", proposal(ECHO)[:-3], proposal("/a") + proposal("/b")[20:]],
    ids=["", "half", "no", "na"],
)
@in_loop
async def test_a_stream_without_a_protocol_has_its_time_limit(sent: bytes) -> None:
    async with meeting(Limits(negotiation_seconds=0.3)) as (target, attacker):
        began = monotonic()
        attacker.say(frame(DATA, SYN, 1, data=sent) if sent else frame(WINDOW, SYN, 1))
        await resets(attacker, 1)
        assert monotonic() - began >= 0.2
        await still_echoes(attacker)
        await target.is_well()


@pytest.mark.parametrize(
    "sent",
    [b"\xff" * 20, b"\x13/multistream/2.0.0\n", b"GET /", proposal("/x") * 100, b"\xff\xff\x03" + bytes(9999)],
    ids=["varint", "version", "http", "without end", "long"],
)
@in_loop
async def test_garbage_in_a_stream_resets_it_alone(sent: bytes) -> None:
    async with meeting() as (target, attacker):
        attacker.say(frame(DATA, SYN, 1, data=sent + bytes(100)))
        await resets(attacker, 1)
        await still_echoes(attacker)
        await target.is_well()


@pytest.mark.parametrize("sent", [b"G", b"\x13/multistream/2"])
@in_loop
async def test_a_wrong_header_resets_a_stream_at_its_first_wrong_byte(sent: bytes) -> None:
    """Nothing more has to come: the time limit here is longer than a test waits."""
    async with meeting(Limits(negotiation_seconds=10 * HANG)) as (_, attacker):
        attacker.say(frame(DATA, SYN, 1, data=sent))
        await resets(attacker, 1)
        await still_echoes(attacker)


@in_loop
async def test_an_end_before_the_protocol() -> None:
    async with meeting() as (_, attacker):
        attacker.say(frame(WINDOW, SYN | FIN, 1) + frame(DATA, SYN | FIN, 3, data=proposal(ECHO)[:-1]))
        await resets(attacker, 1, 3)
        await still_echoes(attacker)


# -- how many


@in_loop
async def test_there_is_a_most_of_streams() -> None:
    async with meeting(Limits(muxer=MuxerLimits(inbound=4))) as (target, attacker):
        streams = range(1, 13, 2)
        attacker.say(b"".join(frame(DATA, SYN, number, data=proposal(ECHO)) for number in streams))
        await resets(attacker, 9, 11)
        attacker.say(frame(WINDOW, RST, 1))
        await still_echoes(attacker, 101)
        await target.is_well()


@in_loop
async def test_256_streams_are_the_most_unless_said_otherwise() -> None:
    async with meeting() as (_, attacker):
        attacker.say(b"".join(frame(WINDOW, SYN, number) for number in range(1, 515, 2)))
        await resets(attacker, 513)
        assert _open_streams() == 256


async def connected(target: Victim, attacker: SecuredWire) -> Connection:
    """Waits until the host has the connection."""
    await eventually(lambda: target.host.roster.connection(attacker.peer_id))
    connection = target.host.roster.connection(attacker.peer_id)
    assert connection is not None
    return connection


def has_streams(connection: Connection, count: int) -> bool:
    return connection.muxed._muxer.streams == count


@pytest.mark.parametrize("muxer", ["/yamux/1.0.0", MPLEX])
@in_loop
async def test_there_is_a_most_of_streams_of_all_connections(muxer: str) -> None:
    """Those that have few get theirs nonetheless."""

    def opened(number: int) -> bytes:
        return mplex(number, 0) if muxer == MPLEX else frame(WINDOW, SYN, 2 * number + 1)

    async with AsyncExitStack() as stack:
        target = await stack.enter_async_context(victim(Limits(streams_total=40), QUIET))
        for least in (40, *[FAIR_STREAMS] * 4):
            attacker = await stack.enter_async_context(secured(target.address, muxer=muxer))
            connection = await connected(target, attacker)
            attacker.say(b"".join(map(opened, range(100))))
            await eventually(partial(has_streams, connection, least))
        assert target.host._budget.streams == 40 + 4 * FAIR_STREAMS
        await target.is_well()
    assert target.host._budget.streams == 0


def _open_streams() -> int:
    gc.collect()
    return sum(isinstance(each, NetworkStream) for each in gc.get_objects())


@in_loop
async def test_streams_that_are_opened_and_reset_without_end() -> None:
    """In one segment, with a protocol whose handler writes at once: what is written goes to a stream that is gone."""
    handled = 0

    async def write(stream: Stream) -> None:
        nonlocal handled
        handled += 1
        for _ in range(3):
            stream.write(b"hello" * 1000)
            await stream.drain()
        stream.close_write()

    async with meeting() as (target, attacker):
        target.serve("/write/1", write)
        begin = proposal("/write/1")
        number = 1
        for _ in range(50):
            batch = []
            for _ in range(100):
                batch.append(frame(DATA, SYN, number, data=begin) + frame(WINDOW, RST, number))
                number += 2
            attacker.say(b"".join(batch))
            await attacker.drain()
        await still_echoes(attacker, number)
        assert handled == 5000
        await eventually(lambda: not target.tasks)
        assert target.failures == []
        assert _open_streams() <= 2
        await target.is_well()


@in_loop
async def test_this_side_writes_at_once_to_a_stream_that_was_reset_in_the_same_segment() -> None:
    """Whatever a handler does with such a stream fails by that stream's error, or not at all."""
    seen: list[str] = []

    def handler(stream: Stream) -> None:
        stream.write(b"x" * 100_000)
        stream.close_write()
        target.spawn(read(stream))

    async def read(stream: Stream) -> None:
        try:
            await stream.read()
        except StreamReset:
            seen.append("reset")
        stream.reset()
        stream.close_write()
        with pytest.raises(NetworkError):
            stream.write(b"y")

    async with meeting() as (target, attacker):
        target.host.serve("/at-once/1", handler)
        data = frame(DATA, SYN, 1, data=proposal("/at-once/1")) + frame(WINDOW, RST, 1)
        attacker.say(data + frame(DATA, 0, 1, data=b"late") + frame(WINDOW, FIN, 1))
        await eventually(lambda: seen == ["reset"])
        await still_echoes(attacker)
        assert target.failures == []


@in_loop
async def test_a_handler_that_fails_ends_its_stream_alone() -> None:
    async with meeting() as (target, attacker):

        def fail(_: Stream) -> None:
            raise RuntimeError("a fault of the handler")

        target.host.serve("/fault/1", fail)
        attacker.say(frame(DATA, SYN, 1, data=proposal("/fault/1")))
        await resets(attacker, 1)
        assert [str(failure["exception"]) for failure in target.failures] == ["a fault of the handler"]
        await still_echoes(attacker)
        await target.is_well()


# -- how much


async def idle(stream: Stream) -> None:
    """Reads nothing, until the stream is gone."""
    with suppress(StreamReset):
        while True:
            stream.write(b".")
            await asyncio.sleep(0.01)


@in_loop
async def test_more_than_a_window() -> None:
    async with meeting() as (target, attacker):
        target.serve("/idle/1", idle)
        attacker.say(frame(DATA, SYN, 1, data=proposal("/idle/1")))
        for _ in range(5):
            attacker.say(frame(DATA, 0, 1, data=bytes(65_000)))
        await goes_away(attacker)
        assert target.host.peers() == []
        await target.is_well()


@pytest.mark.parametrize(
    "sent",
    [
        frame(DATA, SYN, 1, length=1 << 31),
        frame(DATA, SYN, 2),
        frame(DATA, SYN, 1) * 2,
        frame(DATA, 0, 0),
        frame(9, 0, 1),
        frame(DATA, 0x100, 1),
        b"\x01" + frame(DATA, SYN, 1)[1:],
    ],
    ids=["2 GiB", "my number", "twice", "stream 0", "type", "flags", "version"],
)
@in_loop
async def test_frames_that_are_none(sent: bytes) -> None:
    async with meeting() as (target, attacker):
        attacker.say(sent)
        await goes_away(attacker)
        await target.is_well()


@pytest.mark.parametrize("sent", [mplex(1, 7), mplex(1, 0) * 2, b"\0\xff\xff\x7f", b"\xff" * 20])
@in_loop
async def test_frames_that_are_none_over_mplex(sent: bytes) -> None:
    async with meeting(muxer=MPLEX) as (target, attacker):
        attacker.say(sent)
        await attacker.closed()
        assert target.host.peers() == []
        await target.is_well()


@in_loop
async def test_mplex_without_end() -> None:
    """Nobody reads: the connection is not read any more, and after a while the stream is reset."""
    limits = Limits(muxer=MuxerLimits(unread=1 << 20), congestion_seconds=0.3)
    async with meeting(limits, MPLEX) as (target, attacker):
        target.serve("/idle/1", idle)
        attacker.say(mplex(1, 0) + mplex(1, 2, proposal("/idle/1")))
        (connection,) = target.host.roster.connections()
        muxer = connection.muxed._muxer
        most = 0
        for _ in range(400):
            attacker.say(mplex(1, 2, bytes(60_000)))
            writing = asyncio.ensure_future(attacker.drain())
            await asyncio.wait({writing}, timeout=0.02)
            most = max(most, muxer.unread)
            if not writing.done():
                began = monotonic()
                await asyncio.wait_for(writing, HANG)
                break
        else:
            pytest.fail("it was read all the time")
        assert 1 << 20 <= most < 3 << 20
        assert monotonic() - began < 5
        await eventually(lambda: not target.tasks)  # its stream was reset
        await target.is_well()


@in_loop
async def test_one_that_is_not_read_does_not_hold_up_other_connections() -> None:
    limits = Limits(muxer=MuxerLimits(unread=1 << 20), unread_total=2 << 20, congestion_seconds=0.3)
    async with AsyncExitStack() as stack:
        target = await stack.enter_async_context(victim(limits, QUIET))
        target.serve("/idle/1", idle)
        attackers = [await stack.enter_async_context(secured(target.address)) for _ in range(10)]
        for attacker in attackers:
            for number in range(1, 41, 2):
                attacker.say(frame(DATA, SYN, number, data=proposal("/idle/1")))
                for _ in range(4):
                    attacker.say(frame(DATA, 0, number, data=bytes(60_000)))
        await eventually(lambda: target.host._budget.unread >= 2 << 20)
        await target.is_well()
        # what each connection may have in spite of the total, and what was on its way
        assert target.host._budget.unread < (2 << 20) + 10 * (512 << 10)


@in_loop
async def test_a_peer_that_reads_nothing() -> None:
    """What is queued for it is bounded, and some time later its connection is closed."""
    written = 0

    async def pour(stream: Stream) -> None:
        nonlocal written
        while True:
            stream.write(bytes(50_000))
            written += 50_000
            await stream.drain()

    async with meeting(Limits(keep_alive_seconds=0.5)) as (target, attacker):
        target.serve("/pour/1", pour)
        attacker.reader._transport.pause_reading()  # type: ignore[attr-defined]
        for number in range(1, 41, 2):
            begin = frame(DATA, SYN, number, data=proposal("/pour/1"))
            attacker.say(begin + frame(WINDOW, 0, number, length=1 << 30))

        (connection,) = target.host.roster.connections()
        muxer = connection.muxed._muxer
        most = 0

        def still_there() -> bool:
            nonlocal most
            most = max(most, muxer.queued)
            attacker.say(frame(WINDOW, 0, 1, length=1))  # it is not silent, either
            return target.host.peers() != []

        await eventually(lambda: not still_there())
        await eventually(lambda: not target.tasks)
        assert most < 1 << 20
        assert written < 32 << 20  # what each stream's handler wrote last, and the system's buffers
        await target.is_well()


@pytest.mark.parametrize("muxer", ["/yamux/1.0.0", MPLEX])
@in_loop
async def test_a_peer_that_has_streams_reset_and_does_not_read(muxer: str) -> None:
    """The resets that wait are bounded, whoever wants them: here it is the streams, whose negotiation fails."""

    async def pour(stream: Stream) -> None:
        while True:
            stream.write(bytes(50_000))
            await stream.drain()

    def stream(number: int, data: bytes) -> bytes:
        if muxer == MPLEX:
            return mplex(number, 0) + mplex(number, 2, data)
        return frame(DATA, SYN, 2 * number + 1, data=data) + frame(WINDOW, 0, 2 * number + 1, length=1 << 30)

    async with meeting(muxer=muxer) as (target, attacker):
        target.serve("/pour/1", pour)
        (connection,) = target.host.roster.connections()
        attacker.reader._transport.pause_reading()  # type: ignore[attr-defined]
        attacker.say(stream(0, proposal("/pour/1")))
        await eventually(lambda: connection._full_since is not None)
        for first in range(1, 40_000, 100):
            attacker.say(b"".join(stream(number, b"no header") for number in range(first, first + 100)))
            await attacker.drain()
            if connection.closed:
                break
        await eventually(lambda: target.host.peers() == [])
        await eventually(lambda: not target.tasks)
        assert target.failures == []
        await target.is_well()


@in_loop
async def test_a_peer_that_takes_all_there_is() -> None:
    """A handler whose peer never holds it up does not keep the loop from the others."""

    async def pour(stream: Stream) -> None:
        while True:
            stream.write(bytes(1000))
            await stream.drain()

    async with meeting() as (target, attacker):
        target.serve("/pour/1", pour)
        attacker.say(frame(DATA, SYN, 1, data=proposal("/pour/1")) + frame(WINDOW, 0, 1, length=1 << 31))
        reading = asyncio.ensure_future(pass_over(attacker))
        for _ in range(3):
            await target.is_well()
        attacker.close()
        await reading
        await eventually(lambda: not target.tasks)


async def pass_over(attacker: SecuredWire) -> None:
    """Reads what comes to its end."""
    while await attacker.hear():
        pass


# -- pings and silence


@in_loop
async def test_pings_without_end() -> None:
    async with meeting() as (target, attacker):
        attacker.reader._transport.pause_reading()  # type: ignore[attr-defined]
        ping = frame(PING, SYN, 0, length=7) * 1000
        for _ in range(10_000):
            attacker.say(ping)
            writing = asyncio.ensure_future(attacker.drain())
            await asyncio.wait({writing}, timeout=1)
            if not writing.done() or target.host.peers() == []:
                break
        await eventually(lambda: target.host.peers() == [])
        writing.cancel()
        await target.is_well()


@in_loop
async def test_pings_that_are_read_are_answered() -> None:
    async with meeting() as (_, attacker):
        answered = 0
        for _ in range(5):
            attacker.say(frame(PING, SYN, 0, length=7) * 1000)
            async for kind, flags, _, length, _ in attacker.hear_frames():
                assert (kind, flags, length) == (PING, ACK, 7)
                answered += 1
                if answered % 1000 == 0:
                    break
        assert answered == 5000


@in_loop
async def test_a_peer_that_is_gone_without_a_word() -> None:
    """It answers no ping: two intervals later it is not connected any more."""
    async with meeting(Limits(keep_alive_seconds=0.2)) as (target, attacker):
        began = monotonic()
        await attacker.closed()
        assert 0.3 < monotonic() - began < 5
        assert target.host.peers() == []


@in_loop
async def test_a_peer_that_answers_pings_stays() -> None:
    async with meeting(Limits(keep_alive_seconds=0.1)) as (target, attacker):
        pings = 0
        async for kind, flags, _, length, _ in attacker.hear_frames():
            assert (kind, flags) == (PING, SYN)
            attacker.say(frame(PING, ACK, 0, length=length))
            pings += 1
            if pings == 6:
                break
        assert len(target.host.peers()) == 1


@in_loop
async def test_libp2ps_pings_without_end() -> None:
    """Nobody reads the answers: they are bounded by the window, and so are the pings."""
    async with meeting(Limits(keep_alive_seconds=0.5)) as (target, attacker):
        for number in range(1, 401, 2):
            attacker.say(frame(DATA, SYN, number, data=proposal("/ipfs/ping/1.0.0")))
            attacker.say(frame(DATA, 0, number, data=bytes(64_000)))
        await attacker.drain()
        await target.is_well()


# -- after the end


@in_loop
async def test_frames_for_streams_that_are_gone() -> None:
    async with meeting() as (_, attacker):
        await still_echoes(attacker, 1)
        gone = (1, 3, 5)
        for number in gone:
            attacker.say(frame(WINDOW, 0, number, length=5) + frame(WINDOW, RST, number) + frame(WINDOW, FIN, number))
            attacker.say(frame(DATA, 0, number, data=bytes(1000)) + frame(DATA, FIN, number, data=b"x"))
        await still_echoes(attacker, 7)


@in_loop
async def test_it_goes_away() -> None:
    """No stream is opened to a peer that said so; those that are open go on."""
    async with meeting() as (target, attacker):
        attacker.say(frame(DATA, SYN, 1, data=proposal(ECHO) + b"one"))
        attacker.say(frame(GO_AWAY, 0, 0))
        (connection,) = target.host.roster.connections()
        muxer = connection.muxed._muxer
        assert isinstance(muxer, Yamux)
        await eventually(lambda: muxer._gone)
        with pytest.raises(NetworkError, match="go-away"):
            await target.host.open_stream(connection.peer, ECHO)
        attacker.say(frame(DATA, FIN, 1, data=b"two"))
        got = b""
        async for _, _, _, _, data in attacker.hear_frames():
            got += data
            if got == proposal(ECHO) + b"onetwo":
                break
