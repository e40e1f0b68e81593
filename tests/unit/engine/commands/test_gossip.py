"""``gossip``: its commands on a network in memory and over TCP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from pyrum_sync.engine.network.api import HostOptions, Network
from pyrum_sync.engine.network.gossip import service
from pyrum_sync.engine.network.gossip.options import RUMOR
from pyrum_sync.engine.network.libp2p.network import LibP2PNetwork
from pyrum_sync.engine.network.memory.network import MemoryNetwork
from pyrum_sync.engine.network.peerstore import MemoryPeerstore
from pyrum_sync.spec.multiaddr import Multiaddr
from tests.support.engine import Engine, Entry, engine
from tests.support.hosts import in_loop

ETH2 = "/eth2/00000000/news/ssz_snappy"
NETWORKS: dict[str, Callable[[], Network]] = {"memory": MemoryNetwork, "tcp": LibP2PNetwork}
EACH_TOPIC = pytest.mark.parametrize("topic", ["news", "news_snappy", ETH2])


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "RUMOR", replace(RUMOR, heartbeat_seconds=0.02))


@pytest.fixture(params=NETWORKS)
def network(request: pytest.FixtureRequest) -> Callable[[], Network]:
    return NETWORKS[request.param]


async def one(running: Engine, topic: str, actor: str = "alice") -> Entry:
    """A host on a topic; returns what ``host view`` says."""
    await running.ok("host start --nat=false", actor)
    await running.ok("host listen --ip=127.0.0.1 --tcp=0", actor)
    await running.ok("gossip start", actor)
    await running.ok(f"gossip join {topic}", actor)
    return {name: value for entry in await running.ok("host view", actor) for name, value in entry.items()}


async def two(running: Engine, topic: str) -> tuple[str, str]:
    """Alice and Bob on a topic, connected; their peer ids."""
    alice, bob = [await one(running, topic, actor) for actor in ("alice", "bob")]
    await running.ok(f"peer connect {bob['addr']}")
    return alice["peer_id"], bob["peer_id"]


async def log(running: Engine, topic: str, actor: str) -> str:
    """Begins to log; returns the call's id."""
    await running.line(f"_log_{actor} {actor}: lvl_trace gossip log {topic}")
    return f"log_{actor}"


async def listed(running: Engine, topic: str, wanted: list[str] | None, actor: str = "alice") -> None:
    """Waits until these are the topic's peers."""
    while (await running.ok(f"gossip list-peers {topic}", actor))[0]["peers"] != wanted:
        await asyncio.sleep(0.01)


async def heard(running: Engine, call: str, data: str) -> Entry:
    return await running.saw(call_id=call, data=data)


@EACH_TOPIC
@in_loop
async def test_a_message(network: Callable[[], Network], topic: str) -> None:
    async with engine(network()) as running:
        alice, bob = await two(running, topic)
        await running.line(f"_events alice: lvl_trace gossip events {topic}")
        call = await log(running, topic, "bob")
        assert (await running.saw(call_id="events", msg="topic joined"))["peer_id"] == bob
        await listed(running, topic, [bob])
        await listed(running, topic, None, "bob")
        assert await running.ok(f"gossip publish {topic} 0x0102") == []
        entry = await heard(running, call, "0102")
        assert entry["msg"] == f"new message on {topic}"
        assert (entry["from"], entry["signature"]) == (alice, "")
        assert len(entry["seq_no"]) == (0 if topic == ETH2 else 16)
        await running.line("_log_bob cancel")
        assert (await running.saw(call_id="events", msg="topic left"))["peer_id"] == bob
        await listed(running, topic, None)
        await running.ok(f"gossip leave {topic}", "bob")
        assert await running.fails(f"gossip publish {topic} 00", "bob") == f"not on gossip topic {topic}"


@in_loop
async def test_an_empty_message_and_one_over_the_limit(network: Callable[[], Network]) -> None:
    async with engine(network()) as running:
        await two(running, "news")
        calls = [await log(running, "news", actor) for actor in ("alice", "bob")]
        for number in range(100):  # until the mesh has formed
            await running.ok(f"gossip publish news {number:04x}")
            await asyncio.sleep(0.01)
            if any(entry.get("call_id") == calls[1] and "data" in entry for entry in running.entries):
                break
        for data in ("", "00" * (1024 * 1024 + 1), "ff"):
            await running.ok(f"gossip publish news '{data}'")
            await heard(running, calls[0], data)
        await heard(running, calls[1], "ff")
        got = [entry["data"] for entry in running.entries if entry.get("call_id") == calls[1] and "data" in entry]
        assert "" in got
        assert max(map(len, got)) == 4  # the long one reached nobody else, as in Rumor, without a word


@in_loop
async def test_a_message_that_does_not_decompress(network: Callable[[], Network]) -> None:
    hosts = network()
    async with engine(hosts) as running:
        view = await one(running, "news_snappy")
        call = await log(running, "news_snappy", "alice")
        other = await hosts.new_host(HostOptions(b"\5" * 32), MemoryPeerstore())
        topic = other.start_gossip().join("news_snappy")
        await other.connect(Multiaddr.parse(view["addr"]))
        while not topic.peers():
            await asyncio.sleep(0.01)
        topic.publish(b"not snappy")
        entry = await running.saw(call_id=call, msg="Cannot decompress snappy message")
        assert (entry["level"], entry["topic"], entry["error"]) == ("error", "news_snappy", "snappy: corrupt input")


@in_loop
async def test_a_blacklisted_peer_is_not_heard(network: Callable[[], Network]) -> None:
    async with engine(network()) as running:
        alice, bob = await two(running, "news")
        call = await log(running, "news", "alice")
        await listed(running, "news", [alice], "bob")
        await running.ok("gossip publish news 01", "bob")
        await heard(running, call, "01")
        (entry,) = await running.ok(f"gossip blacklist {bob}")
        assert entry["msg"] == f"Blacklisted peer {bob}"
        await listed(running, "news", None, "bob")
        await running.ok("gossip publish news 02", "bob")
        await running.ok("gossip publish news 03")
        await heard(running, call, "03")
        assert not any(entry.get("data") == "02" for entry in running.entries)


@in_loop
async def test_a_topic_that_cannot_be_joined(network: Callable[[], Network]) -> None:
    async with engine(network()) as running:
        await running.ok("host start --nat=false")
        assert await running.fails("gossip join x") == "Must start gossip-sub first. Try 'gossip start'"
        await running.ok("gossip start")
        assert "256 are allowed" in await running.fails(f"gossip join {'x' * 300}")
        assert (await running.ok("gossip list"))[0]["topics"] == []
