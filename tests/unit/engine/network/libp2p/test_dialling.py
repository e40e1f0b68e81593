"""How a host reaches a peer: its addresses in turn, names, time limits, and attempts that are shared."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from time import monotonic
from typing import Any

import pytest

from benchmarks.servers import free_port
from pyrum_sync.engine.network import deadlines
from pyrum_sync.engine.network.api import DeadlineExceeded, NetworkError
from pyrum_sync.engine.network.libp2p.limits import Limits
from pyrum_sync.engine.network.libp2p.network import LibP2PNetwork
from pyrum_sync.spec.multiaddr import Multiaddr
from tests.support.hosts import Party, eventually, in_loop, setting


class Silent:
    """A listener that takes connections and says nothing."""

    def __init__(self) -> None:
        self.came = 0
        self.gone = 0
        self.address = Multiaddr.parse("/ip4/127.0.0.1/tcp/1")

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.came += 1
        with suppress(ConnectionError):
            while await reader.read(1 << 16):
                pass
        self.gone += 1
        writer.close()


@asynccontextmanager
async def silence() -> AsyncIterator[Silent]:
    """A silent listener on the loopback."""
    silent = Silent()
    server = await asyncio.start_server(silent.serve, "127.0.0.1", 0)
    silent.address = Multiaddr.tcp("127.0.0.1", server.sockets[0].getsockname()[1])
    try:
        yield silent
    finally:
        server.close()
        await eventually(lambda: silent.gone == silent.came)


def knows(one: Party, other: Party, *addresses: Multiaddr) -> None:
    """One knows where the other may be found."""
    for address in addresses:
        one.peerstore.record(other.host.peer_id).add_address(address)


@pytest.mark.parametrize("name", ["/dns4/localhost", "/dns/localhost"])
@in_loop
async def test_names(name: str) -> None:
    async with setting(LibP2PNetwork()) as place:
        one, other = await place.party(), await place.party()
        await one.host.connect(Multiaddr.parse(f"{name}/tcp/{other.address.port}/p2p/{other.host.peer_id}"))
        assert one.host.peers() == [other.host.peer_id]


@pytest.mark.parametrize("scheme", ["ip6", "dns6"])
@in_loop
async def test_the_newer_internet(scheme: str) -> None:
    async with setting(LibP2PNetwork()) as place:
        one, other = await place.party(), await place.party(listens=False)
        listening = await other.host.listen(Multiaddr.parse("/ip6/::1/tcp/0"))
        where = {"ip6": "/ip6/::1", "dns6": "/dns6/localhost"}[scheme]
        loop = asyncio.get_running_loop()
        if scheme == "dns6":  # not every machine has that name for it
            found = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", listening.port, 0, 0))
            loop.getaddrinfo = _answering(found)  # type: ignore[method-assign]
        await one.host.connect(Multiaddr.parse(f"{where}/tcp/{listening.port}/p2p/{other.host.peer_id}"))
        assert one.host.peers() == [other.host.peer_id]


def _answering(*found: Any) -> Any:
    async def getaddrinfo(*_args: object, **_options: object) -> list[Any]:
        return list(found)

    return getaddrinfo


@in_loop
async def test_each_address_of_a_name_is_tried() -> None:
    async with setting(LibP2PNetwork()) as place:
        one, other = await place.party(), await place.party()
        port = other.address.port
        addresses = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in ("127.0.0.77", "127.0.0.1")]
        asyncio.get_running_loop().getaddrinfo = _answering(*addresses)  # type: ignore[method-assign]
        await one.host.connect(Multiaddr.parse(f"/dns4/a.name/tcp/{port}/p2p/{other.host.peer_id}"))


@in_loop
async def test_a_name_that_nobody_knows() -> None:
    async def getaddrinfo(*_args: object, **_options: object) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    async with setting(LibP2PNetwork()) as place:
        one, other = await place.party(), await place.party()
        asyncio.get_running_loop().getaddrinfo = getaddrinfo  # type: ignore[method-assign]
        with pytest.raises(NetworkError, match=r"lookup a\.name: no such host"):
            await one.host.connect(Multiaddr.parse(f"/dns4/a.name/tcp/1/p2p/{other.host.peer_id}"))


@in_loop
async def test_a_name_server_that_does_not_answer() -> None:
    async def getaddrinfo(*_args: object, **_options: object) -> list[Any]:
        await asyncio.sleep(60)
        return []

    async with setting(LibP2PNetwork(Limits(resolve_seconds=0.1))) as place:
        one, other = await place.party(), await place.party()
        asyncio.get_running_loop().getaddrinfo = getaddrinfo  # type: ignore[method-assign]
        with pytest.raises(NetworkError, match=r"lookup a\.name: i/o timeout"):
            await one.host.connect(Multiaddr.parse(f"/dns4/a.name/tcp/1/p2p/{other.host.peer_id}"))


@in_loop
async def test_the_next_address_is_tried_besides_one_that_is_slow() -> None:
    async with setting(LibP2PNetwork(Limits(stagger_seconds=0.05))) as place, silence() as silent:
        one, other = await place.party(), await place.party()
        knows(one, other, silent.address)
        began = monotonic()
        knows(one, other, other.address)
        await one.host.open_stream(other.host.peer_id, "/ipfs/id/1.0.0")
        assert monotonic() - began < 5
        await eventually(lambda: silent.came == silent.gone == 1)  # that attempt was given up


@in_loop
async def test_the_next_address_is_tried_at_once_after_one_that_failed() -> None:
    port = free_port()
    async with setting(LibP2PNetwork(Limits(stagger_seconds=10))) as place:
        one, other = await place.party(), await place.party()
        knows(one, other, Multiaddr.tcp("127.0.0.1", port), other.address)
        began = monotonic()
        await one.host.open_stream(other.host.peer_id, "/ipfs/id/1.0.0")
        assert monotonic() - began < 5


@in_loop
async def test_the_address_that_was_given_comes_first() -> None:
    async with setting(LibP2PNetwork(Limits(stagger_seconds=10))) as place, silence() as silent:
        one, other = await place.party(), await place.party()
        knows(one, other, silent.address)
        await one.host.connect(other.address)
        assert silent.came == 0


@in_loop
async def test_all_failures_are_named() -> None:
    ports = [free_port() for _ in range(20)]
    async with setting(LibP2PNetwork()) as place:
        one, other = await place.party(), await place.party(listens=False)
        knows(one, other, *(Multiaddr.tcp("127.0.0.1", port) for port in ports))
        with pytest.raises(NetworkError) as failure:
            await one.host.open_stream(other.host.peer_id, "/a")
        lines = str(failure.value).splitlines()
        assert lines[0] == f"failed to dial {other.host.peer_id}: all dials failed"
        refused = f"dial tcp4 127.0.0.1:{ports[0]}: connect: connection refused"
        assert lines[1] == f"  * [/ip4/127.0.0.1/tcp/{ports[0]}] {refused}"
        assert lines[17:] == ["    ... skipping 4 errors ..."]
        with pytest.raises(NetworkError, match="dial backoff"):
            await one.host.open_stream(other.host.peer_id, "/a")


@in_loop
async def test_addresses_that_cannot_be_dialled() -> None:
    async with setting(LibP2PNetwork()) as place:
        one, other = await place.party(), await place.party(listens=False)
        knows(one, other, Multiaddr.parse("/ip4/127.0.0.1/udp/9000/quic-v1"), one.address)
        with pytest.raises(NetworkError, match="no good addresses"):
            await one.host.open_stream(other.host.peer_id, "/a")


@in_loop
async def test_those_that_want_the_same_peer_share_one_attempt() -> None:
    async with setting(LibP2PNetwork()) as place, silence() as silent:
        one, other = await place.party(), await place.party(listens=False)
        where = silent.address.at(other.host.peer_id)
        patient = asyncio.ensure_future(one.host.connect(where, deadlines.after(10)))
        with pytest.raises(DeadlineExceeded):
            await one.host.connect(where, deadlines.after(0.1))
        assert (silent.came, silent.gone) == (1, 0)  # it goes on for the patient one
        patient.cancel()
        await asyncio.wait({patient})
        assert patient.cancelled()
        await eventually(lambda: silent.gone == 1)


@in_loop
async def test_a_dial_that_failed_while_the_peer_came_by_itself() -> None:
    async with setting(LibP2PNetwork(Limits(handshake_seconds=0.5))) as place, silence() as silent:
        one, other = await place.party(), await place.party(listens=False)
        dialling = asyncio.ensure_future(one.host.connect(silent.address.at(other.host.peer_id)))
        await eventually(lambda: silent.came == 1)
        await other.host.connect(one.address)
        await dialling
        assert one.host.peers() == [other.host.peer_id]


@in_loop
async def test_closing_ends_a_dial() -> None:
    async with setting(LibP2PNetwork()) as place, silence() as silent:
        one, other = await place.party(), await place.party(listens=False)
        dialling = asyncio.ensure_future(one.host.connect(silent.address.at(other.host.peer_id)))
        await eventually(lambda: silent.came == 1)
        await one.host.close()
        with pytest.raises(NetworkError, match="the host is closed"):
            await dialling
        await eventually(lambda: silent.gone == 1)


@in_loop
async def test_a_peer_that_hangs_up_in_the_handshake() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.close()

    async with setting(LibP2PNetwork()) as place:
        one, other = await place.party(), await place.party(listens=False)
        async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            with pytest.raises(NetworkError, match="all dials failed"):
                await one.host.connect(Multiaddr.tcp("127.0.0.1", port, other.host.peer_id))
