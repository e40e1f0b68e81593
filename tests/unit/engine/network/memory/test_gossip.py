"""Gossip in memory: what is passed on, and what is not."""

from __future__ import annotations

from pyrum_sync.engine.network.memory.gossip import SEEN_SECONDS, GossipNode
from tests.unit.engine.network.clock import Clock


def test_gossip_forgets_what_it_has_seen() -> None:
    clock = Clock()
    node = GossipNode("me", clock)
    topic = node.join("news")
    heard: list[bytes] = []
    hearing = topic.subscribe(lambda message: heard.append(message.data))
    topic.publish(b"a")
    topic.publish(b"a")
    assert heard == [b"a"]
    clock.now += SEEN_SECONDS + 1
    topic.publish(b"a")
    assert heard == [b"a", b"a"]
    hearing.end()
    topic.publish(b"b")
    assert heard == [b"a", b"a"]


def test_gossip_passes_messages_on_and_a_blacklist_stops_them() -> None:
    nodes = [GossipNode(name) for name in "abc"]
    for one, two in ((0, 1), (1, 2)):
        nodes[one].neighbour_came(nodes[two])
        nodes[two].neighbour_came(nodes[one])
    heard: list[tuple[str, str]] = []
    for node in nodes:
        name = node.peer_id
        node.join("news").subscribe(lambda m, name=name: heard.append((name, m.received_from)))  # type: ignore[misc]
    nodes[0].topics["news"].publish(b"1")
    assert heard == [("a", "a"), ("b", "a"), ("c", "b")]
    heard.clear()
    nodes[2].blacklist("b")
    nodes[0].topics["news"].publish(b"2")
    assert heard == [("a", "a"), ("b", "a")]
