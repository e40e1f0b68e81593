"""A topic that a host joined: subscriptions, observers, and when it can be left."""

from __future__ import annotations

import pytest

from pyrum_sync.engine.network.api import NetworkError, Topic
from pyrum_sync.engine.network.memory.network import MemoryNetwork
from tests.support.hosts import Setting, eventually, in_loop, setting


async def joined(place: Setting) -> tuple[Topic, Topic]:
    """A topic at two connected hosts."""
    one, other = await place.party(), await place.party()
    topics = one.host.start_gossip().join("news"), other.host.start_gossip().join("news")
    await one.host.connect(other.address)
    return topics


@in_loop
async def test_a_host_hears_a_topic_from_the_first_subscription_to_the_end_of_the_last() -> None:
    async with setting(MemoryNetwork()) as place:
        mine, theirs = await joined(place)
        subscriptions = [theirs.subscribe(lambda _: None) for _ in range(2)]
        await eventually(mine.peers)
        subscriptions[0].end()
        subscriptions[0].end()
        with pytest.raises(NetworkError, match="outstanding event handlers or subscriptions"):
            theirs.close()
        assert len(mine.peers()) == 1
        subscriptions[1].end()
        await eventually(lambda: not mine.peers())
        theirs.close()


@in_loop
async def test_an_observer_sees_those_already_there_first() -> None:
    async with setting(MemoryNetwork()) as place:
        mine, theirs = await joined(place)
        subscription = theirs.subscribe(lambda _: None)
        await eventually(mine.peers)
        (peer,) = mine.peers()
        seen: list[tuple[str, bool]] = []
        observation = mine.observe(lambda who, came: seen.append((who, came)))
        assert seen == [(peer, True)]
        subscription.end()
        await eventually(lambda: seen == [(peer, True), (peer, False)])
        observation.end()
        theirs.subscribe(lambda _: None)
        await eventually(mine.peers)
        assert len(seen) == 2


@in_loop
async def test_a_topic_that_was_ever_observed_is_not_left() -> None:
    """As in Rumor, which never frees its event handlers."""
    async with setting(MemoryNetwork()) as place:
        mine, theirs = await joined(place)
        mine.observe(lambda *_: None).end()
        with pytest.raises(NetworkError, match="outstanding"):
            mine.close()
        theirs.close()


@in_loop
async def test_a_topic_is_joined_again() -> None:
    async with setting(MemoryNetwork()) as place:
        gossip = (await place.party()).host.start_gossip()
        gossip.join("news").close()
        heard: list[bytes] = []
        topic = gossip.join("news")
        topic.subscribe(lambda message: heard.append(message.data))
        topic.publish(b"hello")
        assert heard == [b"hello"]
