"""How streams are opened: with or without waiting for the protocol, in turn, and in time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from time import monotonic

import pytest

from pyrum_sync.engine.network import deadlines
from pyrum_sync.engine.network.api import (
    DeadlineExceeded,
    NetworkError,
    ProtocolNotSupported,
    Stream,
    StreamClosed,
    StreamOpened,
    StreamReset,
)
from pyrum_sync.engine.network.libp2p.host import LibP2PHost
from pyrum_sync.engine.network.libp2p.limits import Limits
from pyrum_sync.engine.network.libp2p.multistream import Listener
from pyrum_sync.engine.network.libp2p.muxer_state import MuxerLimits
from pyrum_sync.engine.network.libp2p.network import LibP2PNetwork
from tests.support.hosts import OPTIONS, eventually, in_loop, read_all, setting

A, B = "/test/a", "/test/b"


@in_loop
async def test_the_first_protocol_that_the_peer_has() -> None:
    async with setting(LibP2PNetwork()) as place:
        one, other = await place.pair(B)
        assert isinstance(one.host, LibP2PHost)
        for known in (True, False):
            if not known:
                one.peerstore.record(other.host.peer_id).protocols.clear()
            stream = await one.host.open_stream_of(other.host.peer_id, (A, B))
            assert stream.protocol == B
            stream.write(b"hello")
            theirs = await other.streams.get()
            assert (theirs.protocol, await read_all(theirs, 5)) == (B, b"hello")
        with pytest.raises(ProtocolNotSupported):
            await one.host.open_stream_of(other.host.peer_id, (A, "/test/c"))


@pytest.mark.parametrize("size", [0, 4, 300, 100_000])
@pytest.mark.parametrize("ended", [True, False])
@pytest.mark.parametrize("muxer", ["yamux", "mplex"])
@in_loop
async def test_a_protocol_that_the_peer_is_thought_to_have(muxer: str, ended: bool, size: int) -> None:
    """Its refusal is heard of by those that read; nothing else suffers.

    The peer gets the proposal, the data and the end at once, as when it has just ceased to serve the protocol: the data
    are no proposal, and neither they nor the end may make it forget its refusal.
    """
    async with setting(LibP2PNetwork()) as place:
        one, other = [await place.party(options=replace(OPTIONS, muxers=(muxer,))) for _ in range(2)]
        other.serve(B)
        await one.host.connect(other.address)
        await one.host.identify(other.host.peer_id)
        one.peerstore.record(other.host.peer_id).protocols.add(A)
        stream = await one.host.open_stream(other.host.peer_id, A)
        stream.write(b"\xff" * size)
        if ended:
            stream.close_write()
        with pytest.raises(ProtocolNotSupported):
            await stream.read()
        with pytest.raises(ProtocolNotSupported):
            stream.write(b"x")
        await one.open(other, B)
        await eventually(lambda: all(p.count(StreamOpened) == p.count(StreamClosed) + 1 for p in (one, other)))


@in_loop
async def test_a_peer_that_resets_what_is_opened() -> None:
    async with setting(LibP2PNetwork()) as place, setting(LibP2PNetwork(Limits(muxer=MuxerLimits(inbound=0)))) as far:
        one, _, other = await place.party(), await far.party(), await far.party()
        await one.host.connect(other.address)
        with pytest.raises(StreamReset):
            await one.host.open_stream(other.host.peer_id, A)


@in_loop
async def test_time_limits_of_the_proposal(monkeypatch: pytest.MonkeyPatch) -> None:
    async with setting(LibP2PNetwork(Limits(negotiation_seconds=0.3))) as place:
        one, other = await place.pair(A)
        assert isinstance(other.host, LibP2PHost)
        monkeypatch.setattr(other.host, "stream_opened", lambda _: None)  # it has no time limit of its own
        monkeypatch.setattr(Listener, "receive_data", lambda *_: None)  # and answers nothing
        one.peerstore.record(other.host.peer_id).protocols.clear()
        for limit, least in ((0.05, 0.04), (10.0, 0.25)):
            began = monotonic()
            with pytest.raises(DeadlineExceeded):
                await one.host.open_stream(other.host.peer_id, A, deadlines.after(limit))
            assert least < monotonic() - began < 5
        one.peerstore.record(other.host.peer_id).protocols.add(A)
        stream = await one.host.open_stream(other.host.peer_id, A)
        with pytest.raises(DeadlineExceeded):
            await stream.read()


@in_loop
async def test_no_more_than_the_peer_bears_at_once() -> None:
    most = 0
    open_now = 0

    async def answer(stream: Stream) -> None:
        nonlocal most, open_now
        open_now += 1
        most = max(most, open_now)
        stream.write(await stream.read())
        await asyncio.sleep(0.001)
        open_now -= 1
        stream.close_write()

    async def ask(number: int) -> bytes:
        stream = await one.host.open_stream(other.host.peer_id, A)
        stream.write(b"%d" % number)
        stream.close_write()
        return await read_all(stream, 100)

    async with setting(LibP2PNetwork(Limits(streams_per_protocol=4))) as place:
        one, other = await place.pair()
        tasks: set[asyncio.Task[None]] = set()
        other.host.serve(A, lambda stream: tasks.add(asyncio.ensure_future(answer(stream))))
        assert await asyncio.gather(*map(ask, range(40))) == [b"%d" % number for number in range(40)]
        assert most == 4
        await asyncio.gather(*tasks)


@in_loop
async def test_a_turn_has_its_time_limit() -> None:
    async with setting(LibP2PNetwork(Limits(streams_per_protocol=1))) as place:
        one, other = await place.pair(A, B)
        first, _ = await one.open(other, A)
        with pytest.raises(DeadlineExceeded):
            await one.host.open_stream(other.host.peer_id, A, deadlines.after(0.05))
        await one.open(other, B)
        first.reset()
        await one.open(other, A)


@in_loop
async def test_the_hosts_own_limit_of_time() -> None:
    options = replace(OPTIONS, negotiation_timeout=0.05)
    async with setting(LibP2PNetwork(Limits(streams_per_protocol=1))) as place:
        one, other = await place.party(options=options), await place.party()
        other.serve(A)
        await one.host.connect(other.address)
        await one.open(other, A)
        with pytest.raises(DeadlineExceeded):
            await one.host.open_stream(other.host.peer_id, A)


@pytest.mark.parametrize(
    ("agent", "muxer", "slow"),
    [("js-libp2p/3", "mplex", True), ("js-libp2p/3", "yamux", False), ("go", "mplex", False)],
)
@in_loop
async def test_js_over_mplex_is_spared(agent: str, muxer: str, slow: bool) -> None:
    async with setting(LibP2PNetwork()) as place:
        one, other = await place.party(), await place.party(options=replace(OPTIONS, agent=agent, muxers=(muxer,)))
        other.serve(A)
        await one.host.connect(other.address)
        began = monotonic()
        await asyncio.gather(*(one.host.open_stream(other.host.peer_id, A) for _ in range(7)))
        assert (monotonic() - began > 1) == slow


@in_loop
async def test_no_more_streams_than_a_connection_may_have() -> None:
    async with setting(LibP2PNetwork(Limits(muxer=MuxerLimits(outbound=3)))) as place:
        one, other = await place.pair(A)
        streams = [await one.host.open_stream(other.host.peer_id, A) for _ in range(3)]
        with pytest.raises(NetworkError, match="3 streams are open"):
            await one.host.open_stream(other.host.peer_id, A)
        streams[0].reset()
        await one.host.open_stream(other.host.peer_id, A)
