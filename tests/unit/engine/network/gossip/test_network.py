"""Many routers together, on a virtual clock: each message once at each, in any shape, with hosts that come and go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random

import pytest

from pyrum_sync.engine.network.gossip.events import PeerJoined
from pyrum_sync.engine.network.gossip.options import ETH2, FLOODSUB, PROTOCOLS, RUMOR, GossipOptions
from pyrum_sync.spec.snappy import compress_block
from tests.support.gossip_net import Network

pytestmark = pytest.mark.uncovered
TEN = range(10)
BLOCKS = "/eth2/0a0b0c0d/beacon_block/ssz_snappy"


def line(options: GossipOptions | None = None, **arguments: str) -> Network:
    net = Network(10, options, **arguments)  # type: ignore[arg-type]
    for number in range(9):
        net.connect(number, number + 1)
    return net


def full(options: GossipOptions | None = None, **arguments: str) -> Network:
    net = Network(10, options, **arguments)  # type: ignore[arg-type]
    for one in TEN:
        for other in range(one):
            net.connect(one, other)
    return net


@pytest.mark.parametrize("shape", [line, full])
@pytest.mark.parametrize("options", [ETH2, RUMOR])
def test_a_thousand_messages_each_once_at_each(
    shape: Callable[[GossipOptions], Network], options: GossipOptions
) -> None:
    net = shape(options)
    net.subscribe("chat")
    net.run(3)
    sent = Counter(b"message %d" % number for number in range(1000))
    for number, data in enumerate(sent):
        net.publish(number % 10, "chat", data)
        net.run(0.005)
    net.run(5)
    assert net.counts("chat") == dict.fromkeys(net.ids, sent)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_protocol(protocol: str) -> None:
    net = line(protocol=protocol)
    net.subscribe(BLOCKS)
    net.run(3)
    sent = Counter(compress_block(b"block %d" % number) for number in range(100))
    for data in sent:
        net.publish(0, BLOCKS, data)
    net.run(1)
    assert net.counts(BLOCKS) == dict.fromkeys(net.ids, sent)
    meshes = [len(net[number].mesh()) for number in TEN]
    assert meshes == ([0] * 10 if protocol == FLOODSUB else [1, *[2] * 8, 1])


def test_everybody_hears_of_everybody() -> None:
    net = full()
    net.subscribe("chat")
    net.run(1)
    for name in net.ids:
        others = [other for other in net.ids if other != name]
        assert sorted(net.routers[name].topic_peers("chat")) == others
        assert sorted(event.peer for event in net.events[name] if isinstance(event, PeerJoined)) == others


def test_in_a_mesh_most_copies_are_spared() -> None:
    net = Network(40, GossipOptions(flood_publish=False))
    for one in range(40):
        for other in range(one):
            net.connect(one, other)
    net.subscribe("chat", range(40))
    net.run(5)
    assert all(4 <= len(net[number].mesh()) <= 12 for number in range(40))
    for number in range(100):
        net.publish(number % 40, "chat", b"%d" % number)
        net.run(0.1)
    net.run(3)
    assert all(len(messages) == 100 for messages in net.messages.values())
    copies = sum(net[number].stats.duplicates for number in range(40)) / (40 * 100)
    # a flood would bring 38 of each
    assert copies < 10


def test_what_the_mesh_misses_lazy_gossip_brings() -> None:
    # a mesh of nobody: nothing is pushed, all comes by IHAVE and IWANT
    net = line(GossipOptions(degree=0, degree_low=0, degree_outbound=0, flood_publish=False))
    net.subscribe("chat")
    net.run(3)
    sent = Counter(b"message %d" % number for number in range(100))
    for data in sent:
        net.publish(0, "chat", data)
    net.run(15)
    assert all(net[number].mesh() == [] for number in TEN)
    assert net.counts("chat") == dict.fromkeys(net.ids, sent)


@pytest.mark.parametrize("seed", range(2))
def test_while_routers_come_and_go(seed: int) -> None:
    # the first ten stay, linked in a ring; ten others come and go, each with two links
    chance = Random(seed)
    net = Network(20, seed=seed)
    for number in TEN:
        net.connect(number, (number + 1) % 10)
    net.subscribe("chat", range(20))
    net.run(3)
    sent = Counter(b"message %d" % number for number in range(1000))
    for number, data in enumerate(sent):
        if number % 10 == 0:
            guest = net.ids[chance.randrange(10, 20)]
            links = sorted(other for one, other in net.links if one == guest)
            if links:
                net.disconnect(guest, chance.choice(links))
            for host in chance.sample(TEN, 2):
                if (guest, net.ids[host]) not in net.links:
                    net.connect(net.ids.index(guest), host)
        net.publish(number % 10, "chat", data)
        net.run(0.01)
    net.run(5)
    counts = net.counts("chat")
    assert [counts[name] for name in net.ids[:10]] == [sent] * 10
    # the others miss what was sent while they had no link; nothing comes twice
    for name in net.ids[10:]:
        assert set(counts[name].values()) <= {1}
        assert 100 < len(counts[name]) <= 1000


def test_subscribing_and_unsubscribing_meanwhile() -> None:
    net = full()
    net.subscribe("chat")
    net.run(3)
    sent = Counter(b"message %d" % number for number in range(500))
    for number, data in enumerate(sent):
        if number % 20 == 0:
            net.unsubscribe("chat", 9)
        if number % 20 == 10:
            net.subscribe("chat", [9])
        net.publish(number % 9, "chat", data)
        net.run(0.05)
    net.run(5)
    counts = net.counts("chat")
    assert [counts[name] for name in net.ids[:9]] == [sent] * 9
    assert set(counts[net.ids[9]].values()) == {1}
    assert len(counts[net.ids[9]]) >= 200


def test_the_same_seed_does_the_same() -> None:
    def run(seed: int) -> list[tuple[list[bytes], int]]:
        net = Network(30, seed=seed)
        for one in range(30):
            for other in range(one):
                net.connect(one, other)
        net.subscribe("chat", range(30))
        net.run(3)
        for number in range(30):
            net.publish(number, "chat", b"%d" % number)
        net.run(3)
        return [(net[number].mesh(), net[number].stats.duplicates) for number in range(30)]

    assert run(1) == run(1)
    assert run(1) != run(2)
