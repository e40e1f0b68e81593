"""Many hosts of the engine on real sockets: each message once at each, whatever comes and goes meanwhile."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from pyrum_sync.engine.network.api import Message, NetworkError, Topic
from tests.support.hosts import Party, Setting, setting

from .conftest import missing
from .engine_host import tcp_network

SECONDS = 180.0
HOSTS = 10
MESSAGES = 1000
TOPICS = ["many", "/eth2/00000000/many/ssz"]
HEARTBEATS = 2.5
"""Seconds in which meshes form, and lost messages are asked for."""


class Member:
    """A host on a topic, and what it heard."""

    def __init__(self, party: Party, name: str) -> None:
        self.party = party
        self.heard: Counter[bytes] = Counter()
        self.changed = asyncio.Event()
        self.topic: Topic = party.host.start_gossip().join(name)
        self.topic.subscribe(self._hear)

    def _hear(self, message: Message) -> None:
        self.heard[message.data] += 1
        self.changed.set()

    async def has(self, count: int) -> None:
        """Waits until it heard that many."""
        while len(self.heard) < count:
            self.changed.clear()
            await self.changed.wait()


async def members(place: Setting, name: str, count: int = HOSTS) -> list[Member]:
    return [Member(await place.party(), name) for _ in range(count)]


async def connect(one: Member, other: Member) -> None:
    await one.party.host.connect(other.party.address)


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, SECONDS))


def network() -> Any:
    found = tcp_network()
    if found is None:
        missing("the engine has no network of sockets here")
    return found


def text(number: int) -> bytes:
    return b"%d " % number + bytes(number % 500)


async def say(group: list[Member], rng: Random) -> None:
    """A thousand messages, each by one of them, in bursts."""
    for number in range(MESSAGES):
        rng.choice(group).topic.publish(text(number))
        if number % 20 == 19:
            await asyncio.sleep(0)
    expected = Counter(text(number) for number in range(MESSAGES))
    for member in group:
        await member.has(MESSAGES)
    await asyncio.sleep(HEARTBEATS)  # time for what should not come
    for member in group:
        assert member.heard == expected


@pytest.mark.parametrize("topic", TOPICS)
def test_a_line(topic: str) -> None:
    async def line() -> None:
        async with setting(network()) as place:
            group = await members(place, topic)
            for one, other in pairwise(group):
                await connect(one, other)
            await asyncio.sleep(HEARTBEATS)
            await say(group, Random(1))

    run(line())


@pytest.mark.parametrize("topic", TOPICS)
def test_a_mesh(topic: str) -> None:
    async def mesh() -> None:
        rng = Random(2)
        async with setting(network()) as place:
            group = await members(place, topic)
            for number, one in enumerate(group):
                for other in {group[(number + 1) % HOSTS], *rng.sample(group, 3)} - {one}:
                    await connect(one, other)
            await asyncio.sleep(HEARTBEATS)
            await say(group, rng)

    run(mesh())


def test_everybody_with_everybody() -> None:
    """More neighbours than a mesh has."""

    async def clique() -> None:
        async with setting(network()) as place:
            group = await members(place, TOPICS[0], 16)
            for number, one in enumerate(group):
                for other in group[number + 1 :]:
                    await connect(one, other)
            await asyncio.sleep(HEARTBEATS)
            await say(group, Random(3))

    run(clique())


def test_hosts_come_and_go_while_others_talk() -> None:
    async def churn() -> None:
        rng = Random(4)
        async with setting(network()) as place:
            group = await members(place, TOPICS[0])
            stable, restless = group[:4], group[4:]
            for number, one in enumerate(stable):
                await connect(one, stable[(number + 1) % len(stable)])
            await asyncio.sleep(HEARTBEATS)

            async def moves(member: Member) -> None:
                chance = Random(rng.random())
                while True:
                    other = chance.choice(group)
                    if other is not member:
                        try:
                            await connect(member, other)
                            await asyncio.sleep(chance.uniform(0, 3))
                            await member.party.host.disconnect(other.party.host.peer_id)
                        except NetworkError:
                            await asyncio.sleep(0.01)  # the other side went at the same moment

            moving = [asyncio.create_task(moves(member)) for member in restless]
            expected = {text(number) for number in range(MESSAGES)}
            for number in range(MESSAGES):
                rng.choice(stable).topic.publish(text(number))
                await asyncio.sleep(0.005)
            for member in stable:
                await member.has(MESSAGES)
            await asyncio.sleep(HEARTBEATS)
            for task in moving:
                assert not task.done()
                task.cancel()
            await asyncio.wait(moving)
            for member in stable:
                assert member.heard == Counter(expected)
            for member in restless:
                assert set(member.heard) <= expected
                assert max(member.heard.values(), default=1) == 1
            assert sum(len(member.heard) for member in restless) > MESSAGES / 4  # they were there, too

    run(churn())
