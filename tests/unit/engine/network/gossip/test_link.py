"""The streams with one peer: opened, replaced, broken and opened again."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from pyrum_sync.engine.network.api import NetworkError, StreamOpened, StreamReset
from pyrum_sync.engine.network.gossip import link, service
from pyrum_sync.engine.network.gossip.options import FLOODSUB, MESHSUB_1_0, MESHSUB_1_1, MESHSUB_1_2, RUMOR
from pyrum_sync.engine.network.gossip.rpc import WireMessage, encode_message
from pyrum_sync.engine.network.memory.network import MemoryNetwork
from tests.support.hosts import eventually, in_loop, setting

from .raw import Ear, RawPeer, say


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "RUMOR", replace(RUMOR, heartbeat_seconds=0.02))
    monkeypatch.setattr(link, "_RETRY_SECONDS", (0.01, 0.01, 0.01))


@pytest.mark.parametrize("protocol", [MESHSUB_1_0, MESHSUB_1_1, MESHSUB_1_2, FLOODSUB])
@in_loop
async def test_each_protocol(protocol: str) -> None:
    async with setting(MemoryNetwork()) as place:
        us, other = await place.party(), RawPeer(await place.party(), protocol)
        topic = us.host.start_gossip().join("news")
        heard: asyncio.Queue[bytes] = asyncio.Queue()
        topic.subscribe(lambda message: heard.put_nowait(message.data))
        await us.host.connect(other.party.address)
        ear = Ear(await other.opened.get())
        assert (await ear.next()).subscriptions == [(True, b"news")]
        stream = await other.open(us)
        assert stream.protocol == protocol
        await other.subscribe(stream, "news")
        await say(stream, encode_message(WireMessage(b"news", b"from them")))
        assert await heard.get() == b"from them"
        if protocol != FLOODSUB:
            while not (await ear.next()).graft:
                pass
        topic.publish(b"from us")
        while not (messages := (await ear.next()).messages):
            pass
        assert messages[0].data == b"from us"


@in_loop
async def test_a_peer_without_gossip_is_left_alone() -> None:
    async with setting(MemoryNetwork()) as place:
        us, other = await place.party(), await place.party()
        us.host.start_gossip()
        await us.host.connect(other.address)
        identifying = other.count(StreamOpened)
        await asyncio.sleep(0.1)
        assert other.count(StreamOpened) == identifying


@in_loop
async def test_a_broken_stream_is_opened_again() -> None:
    async with setting(MemoryNetwork()) as place:
        us, other = await place.party(), RawPeer(await place.party())
        us.host.start_gossip().join("news").subscribe(lambda _: None)
        await us.host.connect(other.party.address)
        for _ in range(3):
            stream = await other.opened.get()
            assert (await Ear(stream).next()).subscriptions == [(True, b"news")]
            stream.reset()
        assert await Ear(await other.opened.get()).next()


@in_loop
async def test_not_for_ever() -> None:
    async with setting(MemoryNetwork()) as place:
        us, other = await place.party(), RawPeer(await place.party())
        topic = us.host.start_gossip().join("news")
        topic.subscribe(lambda _: None)
        await us.host.connect(other.party.address)
        await other.subscribe(await other.open(us), "news")
        for _ in range(4):
            (await other.opened.get()).reset()
        await eventually(lambda: topic.peers() == [])
        await asyncio.sleep(0.1)
        assert other.opened.empty()
        # until it begins anew itself
        await other.subscribe(await other.open(us), "news")
        assert await Ear(await other.opened.get()).next()
        await eventually(topic.peers)


@in_loop
async def test_a_stream_that_the_peer_ends_is_written_on() -> None:
    """Some implementations end their side at once: they never write on our stream."""
    async with setting(MemoryNetwork()) as place:
        us, other = await place.party(), RawPeer(await place.party())
        gossip = us.host.start_gossip()
        await us.host.connect(other.party.address)
        stream = await other.opened.get()
        stream.close_write()
        await asyncio.sleep(0.05)
        gossip.join("news").subscribe(lambda _: None)
        assert (await Ear(stream).next()).subscriptions == [(True, b"news")]


@in_loop
async def test_the_newest_stream_of_a_peer_counts() -> None:
    async with setting(MemoryNetwork()) as place:
        us, other = await place.party(), RawPeer(await place.party())
        topic = us.host.start_gossip().join("news")
        await us.host.connect(other.party.address)
        first, second = await other.open(us), await other.open(us)
        with pytest.raises(StreamReset):
            await first.read()
        await other.subscribe(second, "news")
        await eventually(topic.peers)
        second.close_write()
        assert await second.read() == b""  # ended on both sides
        assert topic.peers() == [other.party.host.peer_id]


@in_loop
async def test_streams_end_with_a_blacklisting() -> None:
    async with setting(MemoryNetwork()) as place:
        us, other = await place.party(), RawPeer(await place.party())
        gossip = us.host.start_gossip()
        await us.host.connect(other.party.address)
        ours, theirs = await other.opened.get(), await other.open(us)
        gossip.blacklist(other.party.host.peer_id)
        for stream in (ours, theirs, await other.open(us)):
            with pytest.raises(NetworkError):
                await stream.read()
