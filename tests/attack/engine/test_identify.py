"""Peers that lie, or never stop, when they say what they are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

import pytest

from pyrum_sync.engine.network.libp2p.identify import DELTA_PROTOCOL, PROTOCOL, PUSH_PROTOCOL, Identify
from pyrum_sync.engine.network.libp2p.identity import Identity
from pyrum_sync.engine.network.libp2p.limits import Limits
from pyrum_sync.engine.network.peerstore import MAX_ADDRESSES, MAX_PEERS, MemoryPeerstore, PeerRecord
from pyrum_sync.spec import varint
from pyrum_sync.spec.multiaddr import Multiaddr
from tests.attack.engine.attacker import DATA, FIN, RST, SYN, WINDOW, SecuredWire, frame, proposal, secured
from tests.attack.engine.victim import ECHO, Victim, victim
from tests.support.hosts import eventually, in_loop

ASKED = 2  # the stream on which the host asks: the first that a listener opens
LONG = "/" + "x" * 400


@asynccontextmanager
async def meeting(limits: Limits | None = None) -> AsyncIterator[tuple[Victim, SecuredWire]]:
    """A host that has just asked its peer, an attacker, what it is."""
    async with victim(limits) as target, secured(target.address) as attacker:
        async for kind, flags, number, _, data in attacker.hear_frames():
            if kind == DATA:
                assert (flags, number, data) == (SYN, ASKED, proposal(PROTOCOL))
                break
        yield target, attacker


def answer(attacker: SecuredWire, said: bytes, *, end: bool = True) -> None:
    """Answers on the stream of the question, in pieces that fit a frame."""
    data = proposal(PROTOCOL) + said
    for at in range(0, len(data), 60_000):
        attacker.say(frame(DATA, 0, ASKED, data=data[at : at + 60_000]))
    if end:
        attacker.say(frame(WINDOW, FIN, ASKED))


async def learnt(target: Victim, attacker: SecuredWire) -> PeerRecord:
    """What the host knows when the question is over."""
    await target.host.identify(attacker.peer_id)
    return target.peerstore.find(attacker.peer_id)


def sized(message: bytes) -> bytes:
    return varint.encode(len(message)) + message


@in_loop
async def test_another_peers_key() -> None:
    said = Identify(public_key=Identity.generate().public.encoded, protocols=("/forged/1",), agent="forged")
    async with meeting() as (target, attacker):
        answer(attacker, said.encode())
        assert await learnt(target, attacker) == PeerRecord()
        # unasked, too
        for number, protocol in enumerate((PUSH_PROTOCOL, DELTA_PROTOCOL)):
            stream = 2 * number + 1
            attacker.say(frame(DATA, SYN, stream, data=proposal(protocol) + said.encode()))
            attacker.say(frame(WINDOW, FIN, stream))
        await eventually(lambda: len(target.host._tasks) == 0)
        assert target.peerstore.find(attacker.peer_id) == PeerRecord()
        await target.is_well()


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\xff" * 10,
        sized(b"\xff" * 100),
        sized(bytes(9000)),
        sized(b"\x1a\x01/") * 11,
        sized(b"\x1a\x01/")[:-1],
        sized(b"".join(b"\x1a\x01/" for _ in range(2000))),
        sized(b"".join(b"\x12\x01x" for _ in range(300))),
    ],
    ids=["nothing", "length", "protobuf", "size", "messages", "half", "protocols", "addresses"],
)
@in_loop
async def test_what_is_no_identification(said: bytes) -> None:
    async with meeting() as (target, attacker):
        answer(attacker, said)
        assert await learnt(target, attacker) == PeerRecord()
        assert target.host.peers() == [attacker.peer_id]
        await target.is_well()


@in_loop
async def test_an_answer_without_end_has_its_time_limit() -> None:
    async with meeting(Limits(identify_seconds=0.3)) as (target, attacker):
        began = monotonic()
        answer(attacker, sized(b"\x1a\x01/"), end=False)
        assert await learnt(target, attacker) == PeerRecord()
        assert 0.2 < monotonic() - began < 5
        await target.is_well()


@in_loop
async def test_no_answer_has_its_time_limit() -> None:
    async with meeting(Limits(negotiation_seconds=0.3)) as (target, attacker):
        began = monotonic()
        await learnt(target, attacker)
        assert 0.2 < monotonic() - began < 5


@in_loop
async def test_what_is_kept_is_bounded() -> None:
    addresses = tuple(Multiaddr.tcp("127.0.0.1", port).binary() for port in range(1, 200))
    many = b"".join(
        Identify(protocols=tuple(f"{LONG}/{at}/{number}" for number in range(15)), addresses=addresses[at::9]).encode()
        for at in range(9)
    )
    async with meeting() as (target, attacker):
        answer(attacker, many)
        record = await learnt(target, attacker)
        assert 0 < sum(map(len, record.protocols)) <= 8 * 1024
        assert len(record.addresses) <= MAX_ADDRESSES
        for number in range(40):  # differences that only add
            change = Identify(added=tuple(f"/{number}/{LONG}{each}" for each in range(15)))
            attacker.say(frame(DATA, SYN, 2 * number + 1, data=proposal(DELTA_PROTOCOL) + change.encode()))
            attacker.say(frame(WINDOW, FIN, 2 * number + 1))
        await eventually(lambda: any(name.startswith("/0/") for name in record.protocols))
        await eventually(lambda: len(target.host._tasks) == 0)
        assert sum(map(len, record.protocols)) <= 8 * 1024
        await target.is_well()


@in_loop
async def test_questions_without_end() -> None:
    """200 of them, whose answers are not read to their end: each has its time limit."""
    async with meeting(Limits(identify_seconds=0.3)) as (target, attacker):
        answer(attacker, sized(b"\x1a\x01/"))
        asked = range(1, 401, 2)
        attacker.say(b"".join(frame(DATA, SYN, number, data=proposal(PROTOCOL)) for number in asked))
        left = set(asked)
        async for kind, flags, number, _, _ in attacker.hear_frames():
            if kind == WINDOW and flags & RST:
                left.discard(number)
                if not left:
                    break
        await eventually(lambda: len(target.host._tasks) == 0)
        await target.is_well()


@in_loop
async def test_a_question_and_a_broken_frame_in_one_segment() -> None:
    """The connection is over before its question is answered; the answer must not keep it."""
    async with victim() as target:
        for _ in range(20):
            async with secured(target.address) as attacker:
                attacker.say(frame(DATA, SYN, 1, data=proposal(PROTOCOL)) + b"\xff" * 12)
                await attacker.closed()
        await eventually(lambda: target.host.roster.connections() == [] and len(target.host._tasks) == 0)
        assert target.host._identify is not None
        assert len(target.host._identify._said) == 0
        await target.is_well()


@in_loop
async def test_pushes_without_end() -> None:
    async with meeting() as (target, attacker):
        answer(attacker, sized(b"\x1a\x01/"))
        said = Identify(protocols=("/pushed/1",)).encode()
        listening = asyncio.ensure_future(_pass_over(attacker))
        for number in range(1, 4001, 2):
            attacker.say(frame(DATA, SYN, number, data=proposal(PUSH_PROTOCOL) + said) + frame(WINDOW, FIN, number))
            await attacker.drain()
        await eventually(lambda: target.peerstore.find(attacker.peer_id).protocols == {"/pushed/1"})
        await eventually(lambda: len(target.host._tasks) == 0)
        attacker.say(frame(DATA, SYN, 9001, data=proposal(ECHO)) + frame(WINDOW, FIN, 9001))
        await target.is_well()
        listening.cancel()


async def _pass_over(attacker: SecuredWire) -> None:
    while await attacker.hear():
        pass


def test_ever_new_peers_are_forgotten_again() -> None:
    store = MemoryPeerstore()
    for number in range(MAX_PEERS + 10):
        store.record(str(number)).agent = str(number)
    assert len(store.peers()) == MAX_PEERS
    assert store.find("9").agent == ""
    assert store.find("10").agent == "10"
