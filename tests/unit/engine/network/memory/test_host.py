"""What hosts of the memory network do in their own way; the rest is in the networks' contract."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from pyrum_sync.engine.network.api import Connected, HostOptions, NetworkError, StreamClosed, StreamOpened
from pyrum_sync.engine.network.memory import host as memory_host
from pyrum_sync.engine.network.memory.network import MemoryNetwork
from pyrum_sync.engine.network.peerstore import MemoryPeerstore
from pyrum_sync.spec.multiaddr import Multiaddr
from tests.support.hosts import OPTIONS, in_loop, key, setting


@in_loop
async def test_connecting_shows_the_streams_of_identification_at_once() -> None:
    async with setting(MemoryNetwork()) as place:
        one, other = await place.pair()
        seen = [type(event) for event in one.events[1:]]
        assert seen == [Connected, StreamOpened, StreamClosed, StreamOpened, StreamClosed]
        assert other.peerstore.find(one.host.peer_id).agent == "test"


@in_loop
async def test_only_keys_of_secp256k1() -> None:
    options = HostOptions(private_key=key(1), key_type="ed25519")
    with pytest.raises(NetworkError, match="ed25519"):
        await MemoryNetwork().new_host(options, MemoryPeerstore())


@in_loop
async def test_each_address_of_a_peer_is_in_the_error() -> None:
    async with setting(MemoryNetwork()) as place:
        one, other = await place.party(), await place.party(listens=False)
        peer = other.host.peer_id
        for text in ("/ip4/127.0.0.1/tcp/5", "/ip6/::1/tcp/6", "/dns4/example.org/tcp/7"):
            one.peerstore.record(peer).add_address(Multiaddr.parse(text))
        with pytest.raises(NetworkError) as caught:
            await one.host.connect(Multiaddr.parse(f"/p2p/{peer}"))
        assert str(caught.value) == (
            f"failed to dial {peer}: all dials failed\n"
            "  * [/ip4/127.0.0.1/tcp/5] dial tcp4 127.0.0.1:5: connect: connection refused\n"
            "  * [/ip6/::1/tcp/6] dial tcp6 [::1]:6: connect: connection refused\n"
            "  * [/dns4/example.org/tcp/7] lookup example.org: no such host in a network in memory"
        )


@in_loop
async def test_a_crowded_host_trims_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    timers: list[Callable[[], object]] = []
    loop = asyncio.get_running_loop()
    call_later = loop.call_later

    def later(delay: float, callback: Callable[..., object], *args: object) -> asyncio.TimerHandle:
        if delay == memory_host._TRIM_SECONDS:
            timers.append(callback)
        return call_later(delay, callback, *args)

    monkeypatch.setattr(loop, "call_later", later)
    async with setting(MemoryNetwork()) as place:
        one = await place.party(options=replace(OPTIONS, lo_peers=1, hi_peers=3, grace_seconds=0.0))
        trim = timers[0]
        for expected in (1, 2, 1):
            await one.host.connect((await place.party()).address)
            trim()
            assert len(one.host.peers()) == expected
