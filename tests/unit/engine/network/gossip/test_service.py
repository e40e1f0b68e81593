"""Gossip of a host on the memory network: what a router alone does not decide."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from pyrum_sync.engine.network.api import Disconnected, Message, NetworkError
from pyrum_sync.engine.network.gossip import service
from pyrum_sync.engine.network.gossip.frames import encode_frame
from pyrum_sync.engine.network.gossip.options import RUMOR
from pyrum_sync.engine.network.gossip.rpc import WireMessage, encode_message
from pyrum_sync.engine.network.memory.network import MemoryNetwork
from pyrum_sync.spec.peer_id import to_bytes
from pyrum_sync.spec.snappy import compress_block
from tests.support.hosts import OPTIONS, Party, eventually, in_loop, setting

from .raw import Ear, RawPeer, say

ETH2 = "/eth2/00000000/beacon_block/ssz_snappy"


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifty heartbeats a second."""
    monkeypatch.setattr(service, "RUMOR", replace(RUMOR, heartbeat_seconds=0.02))


def numbered(peer: Party, data: bytes, topic: str = ETH2) -> bytes:
    """A message as Rumor sends it, with an author and a number."""
    return encode_message(WireMessage(topic.encode(), data, to_bytes(peer.host.peer_id), bytes(7) + b"\x05"))


@in_loop
async def test_rumors_numbers_are_tolerated_and_not_passed_on() -> None:
    async with setting(MemoryNetwork()) as place:
        us = await place.party()
        rumor = RawPeer(await place.party(options=replace(OPTIONS, agent="Rumor")))
        other = RawPeer(await place.party())
        heard: asyncio.Queue[Message] = asyncio.Queue()
        topic = us.host.start_gossip().join(ETH2)
        topic.subscribe(heard.put_nowait)
        for peer in (rumor, other):
            await peer.party.host.connect(us.address)
        stream = await other.open(us)
        await other.subscribe(stream, ETH2)
        ear = Ear(await other.opened.get())
        while not (await ear.next()).graft:  # it is in our mesh
            pass
        await say(await rumor.open(us), numbered(rumor.party, compress_block(b"block")))
        message = await heard.get()
        assert (message.content, message.seq_no) == (b"block", bytes(7) + b"\x05")
        while not (messages := (await ear.next()).messages):
            pass
        assert messages == [WireMessage(ETH2.encode(), compress_block(b"block"))]


@in_loop
async def test_nobody_elses_numbers_are() -> None:
    async with setting(MemoryNetwork()) as place:
        us, other = await place.party(), RawPeer(await place.party(options=replace(OPTIONS, agent="a Rumor")))
        heard: asyncio.Queue[Message] = asyncio.Queue()
        gossip = us.host.start_gossip()
        gossip.join(ETH2).subscribe(heard.put_nowait)
        await other.party.host.connect(us.address)
        stream = await other.open(us)
        for number in range(60):
            stream.write(encode_frame(numbered(other.party, compress_block(b"%d" % number))))
        await us.saw(Disconnected, peer=other.party.host.peer_id)
        assert heard.empty()


@in_loop
async def test_a_signed_message_is_refused_where_nobody_checks_it() -> None:
    async with setting(MemoryNetwork()) as place:
        us, other = await place.party(), RawPeer(await place.party(options=replace(OPTIONS, agent="Rumor")))
        heard: asyncio.Queue[Message] = asyncio.Queue()
        us.host.start_gossip().join("news").subscribe(heard.put_nowait)
        await other.party.host.connect(us.address)
        stream = await other.open(us)
        author = to_bytes(other.party.host.peer_id)
        await say(stream, encode_message(WireMessage(b"news", b"signed", author, bytes(8), b"signature")))
        await say(stream, encode_message(WireMessage(b"news", b"not", author, bytes(8))))
        assert (await heard.get()).data == b"not"


@in_loop
async def test_a_subscriber_may_publish_and_leave_when_it_hears() -> None:
    async with setting(MemoryNetwork()) as place:
        us = await place.party()
        gossip = us.host.start_gossip()
        topics = {name: gossip.join(name) for name in ("one", "other")}
        heard: list[tuple[str, bytes]] = []

        def hear(message: Message) -> None:
            heard.append((message.topic, message.data))
            if len(heard) < 4:
                topics["other" if message.topic == "one" else "one"].publish(message.data + b".")
            else:
                subscriptions[0].end()
                gossip.join("third").subscribe(lambda _: None)

        subscriptions = [topic.subscribe(hear) for topic in topics.values()]
        topics["one"].publish(b"")
        assert heard == [("one", b""), ("other", b"."), ("one", b".."), ("other", b"...")]
        topics["one"].publish(b"unheard")
        assert len(heard) == 4


@in_loop
async def test_peers_that_were_there_count_once_they_open_a_stream() -> None:
    async with setting(MemoryNetwork()) as place:
        us, other = await place.party(), RawPeer(await place.party())
        await us.host.connect(other.party.address)
        topic = us.host.start_gossip().join("news")
        topic.subscribe(lambda _: None)
        await asyncio.sleep(0.1)
        assert other.opened.empty()
        stream = await other.open(us)
        await other.subscribe(stream, "news")
        rpc = await Ear(await other.opened.get()).next()
        assert rpc.subscriptions == [(True, b"news")]
        await eventually(lambda: topic.peers() == [other.party.host.peer_id])


@in_loop
async def test_nothing_is_left_of_a_host() -> None:
    async with setting(MemoryNetwork()) as place:
        before = asyncio.all_tasks()
        parties = [await place.party() for _ in range(3)]
        for party in parties:
            party.host.start_gossip().join("news").subscribe(lambda _: None)
        for party in parties[1:]:
            await party.host.connect(parties[0].address)
        await asyncio.sleep(0.1)
        assert asyncio.all_tasks() > before
        await parties[0].host.close()
        await asyncio.gather(*(party.host.close() for party in parties))
        assert asyncio.all_tasks() == before


@in_loop
async def test_a_closed_host_takes_no_streams_and_publishes_to_itself() -> None:
    async with setting(MemoryNetwork()) as place:
        us = await place.party()
        topic = us.host.start_gossip().join("news")
        heard: list[bytes] = []
        topic.subscribe(lambda message: heard.append(message.data))
        await us.host.close()
        topic.publish(b"to nobody else")
        assert heard == [b"to nobody else"]
        assert topic.peers() == []


@in_loop
async def test_the_mesh_is_spared_by_a_trim() -> None:
    async with setting(MemoryNetwork()) as place:
        options = replace(OPTIONS, lo_peers=1, hi_peers=2, grace_seconds=0.0)
        us = await place.party(options=options)
        gossip = us.host.start_gossip()
        gossip.join("news").subscribe(lambda _: None)
        parties = [await place.party() for _ in range(4)]
        for party in parties[:2]:
            party.host.start_gossip().join("news").subscribe(lambda _: None)
        for party in parties:
            await party.host.connect(us.address)
        meshed = {party.host.peer_id for party in parties[:2]}
        await eventually(lambda: gossip.mesh() == meshed)  # type: ignore[attr-defined]
        await us.host.trim()
        assert meshed < set(us.host.peers())
        assert len(us.host.peers()) == 3


@in_loop
async def test_a_topic_that_cannot_be_joined() -> None:
    async with setting(MemoryNetwork()) as place:
        gossip = (await place.party()).host.start_gossip()
        with pytest.raises(NetworkError, match="a topic of 300 bytes"):
            gossip.join("t" * 300)
        assert gossip.stats.delivered == 0  # type: ignore[attr-defined]
