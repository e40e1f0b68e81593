"""What hosts tell each other of themselves, and when (attacks: tests/attack/engine/test_identify.py)."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from pyrum_sync.engine.network.api import StreamClosed
from pyrum_sync.engine.network.libp2p.identify import DELTA_PROTOCOL, PUSH_PROTOCOL
from pyrum_sync.engine.network.libp2p.network import LibP2PNetwork
from tests.support.hosts import LOOPBACK, OPTIONS, Party, eventually, in_loop, setting


def known(one: Party, other: Party) -> set[str]:
    """What one thinks that the other serves."""
    return one.peerstore.find(other.host.peer_id).protocols


def closed(party: Party, protocol: str) -> int:
    """How many streams of a protocol it saw to their end."""
    return sum(isinstance(event, StreamClosed) and event.protocol == protocol for event in party.events)


@in_loop
async def test_many_changes_at_once_are_told_together() -> None:
    async with setting(LibP2PNetwork()) as place:
        one, other = await place.pair()
        await other.host.identify(one.host.peer_id)
        names = {f"/test/{number}" for number in range(50)}
        other.serve(*names)
        await eventually(lambda: names <= known(one, other))
        for name in names:
            other.host.unserve(name)
        await eventually(lambda: not names & known(one, other))
        await eventually(lambda: closed(one, DELTA_PROTOCOL) == 2)
        assert closed(one, PUSH_PROTOCOL) == 0


@in_loop
async def test_a_change_back_and_forth_is_none() -> None:
    async with setting(LibP2PNetwork()) as place:
        one, other = await place.pair()
        await other.host.identify(one.host.peer_id)
        other.serve("/test/1")
        other.host.unserve("/test/1")
        await asyncio.sleep(0.05)
        assert closed(one, DELTA_PROTOCOL) == 0


@pytest.mark.parametrize("lacks", [{DELTA_PROTOCOL}, {DELTA_PROTOCOL, PUSH_PROTOCOL}], ids=["push", "neither"])
@in_loop
async def test_a_peer_is_told_in_the_way_that_it_has(lacks: set[str]) -> None:
    async with setting(LibP2PNetwork()) as place:
        one, other = await place.party(), await place.party()
        for protocol in lacks:
            one.host.unserve(protocol)
        await one.host.connect(other.address)
        await other.host.identify(one.host.peer_id)
        other.serve("/test/1")
        if PUSH_PROTOCOL in lacks:
            await asyncio.sleep(0.05)
            assert "/test/1" not in known(one, other)
        else:
            await eventually(lambda: "/test/1" in known(one, other))
            await eventually(lambda: closed(one, PUSH_PROTOCOL) == 1)


@in_loop
async def test_what_changes_while_one_is_asked_is_told_too() -> None:
    async with setting(LibP2PNetwork()) as place:
        one, other = await place.party(), await place.party()
        connecting = asyncio.ensure_future(one.host.connect(other.address))
        for number in range(20):
            other.serve(f"/test/{number}")
            await asyncio.sleep(0.001)
        await connecting
        await eventually(lambda: {f"/test/{number}" for number in range(20)} <= known(one, other))


@in_loop
async def test_many_protocols_are_told_as_far_as_others_read_them() -> None:
    async with setting(LibP2PNetwork()) as place:
        one, other = await place.party(), await place.party()
        other.serve(*(f"/test/{number}/{'x' * 100}" for number in range(200)))
        await one.host.connect(other.address)
        assert 20 < len(known(one, other)) < 60
        assert one.peerstore.find(other.host.peer_id).agent == "test"


@in_loop
async def test_a_new_address_is_pushed() -> None:
    async with setting(LibP2PNetwork()) as place:
        one, other = await place.party(), await place.party(options=replace(OPTIONS, agent="é" * 200))
        await one.host.connect(other.address)
        await other.host.identify(one.host.peer_id)
        added = await other.host.listen(LOOPBACK)
        await eventually(lambda: added in one.peerstore.find(other.host.peer_id).addresses)
        assert one.peerstore.find(other.host.peer_id).agent == "é" * 200
        await eventually(lambda: closed(one, PUSH_PROTOCOL) == 1)
