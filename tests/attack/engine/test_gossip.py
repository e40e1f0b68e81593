"""Attacks on the gossip of a running host, over real sockets: an honest neighbour is heard all the while.

The router's bounds have tests of their own without I/O (tests/unit/engine/network/gossip/test_attacks.py). Here it is
the host as a whole that must stay up, stay small, and be rid of the attacker where that is what the bound says.
"""

from __future__ import annotations

import asyncio
import functools
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from itertools import count
from random import Random

import pytest

from pyrum_sync.engine.network.api import Disconnected, Host, Message, NetworkError, Stream, Topic
from pyrum_sync.engine.network.gossip.frames import encode_frame
from pyrum_sync.engine.network.gossip.ids import RumorRules
from pyrum_sync.engine.network.gossip.options import MESHSUB_1_1
from pyrum_sync.engine.network.gossip.rpc import (
    WireMessage,
    encode_control,
    encode_graft,
    encode_ihave,
    encode_iwant,
    encode_message,
    encode_prune,
    encode_subscription,
)
from pyrum_sync.engine.network.libp2p.network import LibP2PNetwork
from pyrum_sync.spec.snappy import compress_block
from tests.support.hosts import Party, setting
from tests.support.long import LONG

pytestmark = pytest.mark.attack

SECONDS = 90.0
ETH2 = "/eth2/00000000/beacon_block/ssz_snappy"
NEWS = "news"
MIB = 1024 * 1024
TOLERABLE = 5.0
"""Seconds within which a message from the honest neighbour must come, on a busy machine."""


class Scene:
    """The host that is attacked, its honest neighbour, and the attacker, who is connected."""

    def __init__(self, victim: Party, honest: Party, attacker: Party) -> None:
        self.victim, self.attacker = victim, attacker
        self.stream: Stream
        """The one that the attacker writes on."""
        self.heard: asyncio.Queue[Message] = asyncio.Queue()
        self.gossip = victim.host.start_gossip()
        self.topics = {name: self.gossip.join(name) for name in (NEWS, ETH2)}
        for topic in self.topics.values():
            topic.subscribe(self._hear)
        self.foreign: list[Message] = []
        """What came from the attacker."""
        self.speaker: Topic = honest.host.start_gossip().join(NEWS)
        self._numbers = count()

    def _hear(self, message: Message) -> None:
        if message.received_from == self.attacker.host.peer_id:
            self.foreign.append(message)
        elif message.received_from != self.victim.host.peer_id:
            self.heard.put_nowait(message)

    async def meet(self, honest: Party) -> None:
        """All connect; the attacker subscribes, and grafts."""
        await honest.host.connect(self.victim.address)
        while not self.speaker.peers():
            await asyncio.sleep(0.01)
        self.attacker.serve(MESHSUB_1_1)  # it never reads what comes there
        await self.attacker.host.connect(self.victim.address)
        self.stream = await self.attacker.host.open_stream(self.victim.host.peer_id, MESHSUB_1_1)
        for name in self.topics:
            await self.send(encode_subscription(name.encode(), subscribe=True))
            await self.send(encode_control([encode_graft(name.encode())]))

    async def send(self, *parts: bytes) -> None:
        """One RPC of the attacker."""
        self.stream.write(encode_frame(b"".join(parts)))
        await self.stream.drain()

    async def still_hears(self) -> None:
        """A message of the honest neighbour comes, and soon."""
        said = b"honest %d" % next(self._numbers)
        self.speaker.publish(said)
        message = await asyncio.wait_for(self.heard.get(), TOLERABLE)
        assert message.data == said

    async def flood(self, rpcs: Iterator[list[bytes]], every: int = 50) -> bool:
        """The attacker sends these; True if it was thrown out before the end."""
        with suppress(NetworkError):
            for number, parts in enumerate(rpcs):
                await self.send(*parts)
                if number % every == 0:
                    await self.still_hears()
        with suppress(NetworkError):
            for _ in range(5):
                await self.still_hears()
        return self.out()

    def out(self) -> bool:
        return self.attacker.host.peer_id not in self.victim.host.peers()

    async def thrown_out(self) -> None:
        await self.victim.saw(Disconnected, peer=self.attacker.host.peer_id)
        await self.still_hears()


Attack = Callable[[Scene], Awaitable[None]]


def on_a_running_host(attack: Attack) -> Callable[[], None]:
    """Makes a test of an attack; all three hosts together stay below 200 MiB, whatever is sent."""

    @functools.wraps(attack)
    def test() -> None:
        async def play() -> None:
            async with setting(LibP2PNetwork()) as place:
                victim, honest, attacker = [await place.party() for _ in range(3)]
                scene = Scene(victim, honest, attacker)
                await scene.meet(honest)
                await attack(scene)
                await scene.still_hears()

        tracemalloc.start()
        try:
            asyncio.run(asyncio.wait_for(play(), SECONDS))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 200 * MIB

    del test.__wrapped__
    return test


def ids(first: int, number: int, size: int = 44) -> list[bytes]:
    return [b"%d" % each + bytes(size - len(b"%d" % each)) for each in range(first, first + number)]


@on_a_running_host
async def test_advertisements_without_end(scene: Scene) -> None:
    rpcs = ([encode_control([encode_ihave(NEWS.encode(), ids(turn * 500, 500))])] for turn in range(3000))
    assert await scene.flood(rpcs, every=20)


@on_a_running_host
async def test_an_advertisement_that_is_never_kept(scene: Scene) -> None:
    """Few enough for every bound but one: what was promised does not come."""

    async def promises() -> None:
        for turn in range(120):
            await scene.send(encode_control([encode_ihave(NEWS.encode(), ids(turn * 10, 10))]))
            await asyncio.sleep(0.25)

    promising = asyncio.create_task(promises())
    try:
        await scene.thrown_out()
    finally:
        promising.cancel()
        await asyncio.wait({promising})


@on_a_running_host
async def test_a_message_is_asked_for_without_end(scene: Scene) -> None:
    large = bytes(MIB // 2)
    scene.topics[NEWS].publish(large)
    wanted = [RumorRules(NEWS).identify(large)[0]] * 1000
    assert await scene.flood(([encode_control([encode_iwant(wanted)])] for _ in range(3000)), every=20)


@on_a_running_host
async def test_things_are_asked_for_that_nobody_has(scene: Scene) -> None:
    rpcs = ([encode_control([encode_iwant(ids(turn * 1000, 1000))])] for turn in range(200 if LONG else 40))
    await scene.flood(rpcs, every=20)


@on_a_running_host
async def test_subscriptions_without_end(scene: Scene) -> None:
    numbers = count()
    rpcs = ([encode_subscription(b"topic %d" % next(numbers), subscribe=True) for _ in range(100)] for _ in range(1000))
    assert await scene.flood(rpcs)


@on_a_running_host
async def test_one_subscription_on_and_off(scene: Scene) -> None:
    both = [encode_subscription(NEWS.encode(), subscribe=on) for on in (False, True)]
    assert await scene.flood(both * 50 for _ in range(1000))


@on_a_running_host
async def test_grafts_and_prunes_without_end(scene: Scene) -> None:
    both = [encode_control([encode_prune(NEWS.encode(), 60), encode_graft(NEWS.encode())])]
    assert await scene.flood(both for _ in range(5000))


@on_a_running_host
async def test_messages_of_ten_mib(scene: Scene) -> None:
    """As long as eth2 allows: they are taken, one after the other, and the neighbour waits for none for long."""
    for turn in range(6):
        data = compress_block(turn.to_bytes(4, "big") * (10 * MIB // 4))
        await scene.send(encode_message(WireMessage(ETH2.encode(), data)))
        await scene.still_hears()
    while len(scene.foreign) < 6:
        await asyncio.sleep(0.01)
    assert not scene.out()


@on_a_running_host
async def test_incompressible_messages_of_ten_mib(scene: Scene) -> None:
    rng = Random(1)
    for _ in range(4):
        data = compress_block(rng.randbytes(10 * MIB))
        await scene.send(encode_message(WireMessage(ETH2.encode(), data)))
        await scene.still_hears()
    while len(scene.foreign) < 4:
        await asyncio.sleep(0.01)


@on_a_running_host
async def test_messages_of_ten_mib_where_one_is_the_limit(scene: Scene) -> None:
    assert await scene.flood(([encode_message(WireMessage(NEWS.encode(), bytes(10 * MIB)))] for _ in range(30)), 1)
    assert not scene.foreign


@on_a_running_host
async def test_a_frame_longer_than_any(scene: Scene) -> None:
    scene.stream.write(b"\xff\xff\xff\xff\x07" + bytes(1000))
    await scene.thrown_out()


@on_a_running_host
async def test_frames_that_are_never_finished(scene: Scene) -> None:
    """Twelve MiB announced, all but a byte of them sent, on one stream after the other."""
    frame = encode_frame(bytes(12 * MIB))[:-1]
    for _ in range(8):
        with suppress(NetworkError):
            scene.stream.write(frame)
            await scene.stream.drain()
            await scene.still_hears()
            scene.stream = await scene.attacker.host.open_stream(scene.victim.host.peer_id, MESHSUB_1_1)


@on_a_running_host
async def test_a_bomb_in_snappy(scene: Scene) -> None:
    """A few bytes that say that they hold ten MiB, or more."""
    bombs = [b"\x80\x80\x80\x05" + bytes(20), b"\xff\xff\xff\xff\x0f" + bytes(20)]
    rpcs = ([encode_message(WireMessage(ETH2.encode(), bomb + b"%d" % turn))] for turn in range(500) for bomb in bombs)
    assert await scene.flood(rpcs, every=5)
    assert not scene.foreign


@on_a_running_host
async def test_a_storm_of_duplicates(scene: Scene) -> None:
    said = encode_message(WireMessage(NEWS.encode(), b"again and again" * 1000))
    assert await scene.flood([said] * 20 for _ in range(2000))
    assert len(scene.foreign) == 1


@on_a_running_host
async def test_messages_of_topics_that_nobody_asked_for(scene: Scene) -> None:
    rpcs = ([encode_message(WireMessage(b"other %d" % turn, bytes(1000)))] for turn in range(20_000))
    assert await scene.flood(rpcs, every=200)


@on_a_running_host
async def test_new_messages_without_end(scene: Scene) -> None:
    """No rule is broken, and all are taken: those of the neighbour, too."""
    much = 10_000 if LONG else 2000
    rpcs = ([encode_message(WireMessage(NEWS.encode(), b"%d" % turn))] for turn in range(much))
    assert not await scene.flood(rpcs, every=500)
    while len(scene.foreign) < much:
        await asyncio.sleep(0.01)


@on_a_running_host
async def test_bytes_that_are_no_gossip(scene: Scene) -> None:
    scene.stream.write(encode_frame(b"\xff" * 100))
    await scene.thrown_out()


@on_a_running_host
async def test_one_stream_after_the_other(scene: Scene) -> None:
    """Only the newest counts; those before it are reset, so none is left."""
    said = encode_subscription(b"x", subscribe=True)
    streams = []
    for turn in range(300):
        stream = await scene.attacker.host.open_stream(scene.victim.host.peer_id, MESHSUB_1_1)
        stream.write(encode_frame(said)[: 1 + turn % 2])
        streams.append(stream)
        if turn % 50 == 0:
            await scene.still_hears()
    for stream in streams[:-1]:
        with suppress(NetworkError):
            while await stream.read():
                pass
    assert not scene.out()


@on_a_running_host
async def test_a_peer_that_never_reads_holds_nobody_up(scene: Scene) -> None:
    """It is in the mesh, and its stream is full: the others hear all, and what is for it does not pile up."""
    for turn in range(400):
        scene.speaker.publish(turn.to_bytes(4, "big") * 10_000)
        message = await asyncio.wait_for(scene.heard.get(), TOLERABLE)
        assert message.data == turn.to_bytes(4, "big") * 10_000
    assert scene.gossip.stats.dropped > 100  # type: ignore[attr-defined]


@on_a_running_host
async def test_thrown_out_it_does_not_come_back_at_once(scene: Scene) -> None:
    scene.stream.write(encode_frame(b"\xff" * 100))
    await scene.thrown_out()
    host: Host = scene.attacker.host
    while host.peers():
        await asyncio.sleep(0.01)
    with suppress(NetworkError):
        await host.connect(scene.victim.address)
        stream = await host.open_stream(scene.victim.host.peer_id, MESHSUB_1_1)
        stream.write(encode_frame(encode_message(WireMessage(NEWS.encode(), b"me again"))))
        while await stream.read():
            pass
    while not scene.out():
        await asyncio.sleep(0.01)
    await scene.still_hears()
    assert not scene.foreign
