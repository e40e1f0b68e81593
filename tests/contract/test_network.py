"""What every network behind the port does (`pyrum_sync.engine.network.api`), whatever carries it.

A network is added with one line: its name and what makes one, in `NETWORKS`.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest

from benchmarks.servers import free_port
from pyrum_sync.engine.network import deadlines
from pyrum_sync.engine.network.api import (
    Connected,
    DeadlineExceeded,
    Direction,
    Disconnected,
    HostOptions,
    ListenClosed,
    ListenOpened,
    Message,
    Network,
    NetworkError,
    ProtocolNotSupported,
    Stream,
    StreamClosed,
    StreamOpened,
    StreamReset,
    Topic,
)
from pyrum_sync.engine.network.libp2p.host import LibP2PHost
from pyrum_sync.engine.network.libp2p.network import LibP2PNetwork
from pyrum_sync.engine.network.memory.network import MemoryNetwork
from pyrum_sync.engine.network.peerstore import CurrentPeerstore, MemoryPeerstore, Peerstore
from pyrum_sync.spec.multiaddr import Multiaddr
from pyrum_sync.spec.snappy import compress_block
from tests.support.hosts import LOOPBACK, OPTIONS, Party, eventually, in_loop, key, read_all, setting

NetworkFactory = Callable[[], Network]


class MplexNetwork(LibP2PNetwork):
    """Hosts that have mplex only."""

    async def new_host(self, options: HostOptions, peerstore: Peerstore) -> LibP2PHost:
        """Makes a host."""
        return await super().new_host(replace(options, muxers=("mplex",)), peerstore)


NETWORKS: dict[str, NetworkFactory] = {
    "memory": MemoryNetwork,
    "tcp": LibP2PNetwork,
    "tcp-mplex": MplexNetwork,
}


@pytest.fixture(params=NETWORKS)
def network_factory(request: pytest.FixtureRequest) -> NetworkFactory:
    """What makes a network, in a running loop."""
    return NETWORKS[request.param]


PROTOCOL = "/test/1"
OTHER_PROTOCOL = "/test/2"


async def read_until_reset(stream: Stream) -> None:
    """Reads what arrived before a reset, which may be lost, and expects the reset."""

    async def read() -> None:
        while await stream.read():
            pass

    with pytest.raises(StreamReset):
        await read()


# -- listening


@in_loop
async def test_a_host_listens_at_any_port(network_factory: NetworkFactory) -> None:
    async with setting(network_factory()) as place:
        one = await place.party(listens=False)
        assert one.host.addresses() == []
        first = await one.host.listen(LOOPBACK)
        second = await one.host.listen(LOOPBACK)
        assert first.ip == second.ip == "127.0.0.1"
        assert first.port != second.port
        assert first.peer is None
        assert 0 not in (first.port, second.port)
        assert one.host.addresses() == [first, second]
        assert one.events == [ListenOpened(first), ListenOpened(second)]


@in_loop
async def test_a_host_listens_at_the_port_it_is_given(network_factory: NetworkFactory) -> None:
    port = free_port()
    async with setting(network_factory()) as place:
        one, other = await place.party(listens=False), await place.party()
        assert await one.host.listen(Multiaddr.tcp("127.0.0.1", port)) == Multiaddr.tcp("127.0.0.1", port)
        await other.host.connect(one.address)
        assert other.host.peers() == [one.host.peer_id]


@in_loop
async def test_an_address_of_another_machine_is_refused(network_factory: NetworkFactory) -> None:
    async with setting(network_factory()) as place:
        one = await place.party(listens=False)
        with pytest.raises(NetworkError, match="cannot assign requested address"):
            await one.host.listen(Multiaddr.tcp("198.51.100.1", 9000))
        assert one.host.addresses() == []


@pytest.mark.parametrize("private_key", [b"", bytes(32), b"\1" * 31], ids=len)
@in_loop
async def test_a_key_that_is_none(network_factory: NetworkFactory, private_key: bytes) -> None:
    async with setting(network_factory()) as place:
        with pytest.raises(NetworkError):
            await place.network.new_host(HostOptions(private_key), MemoryPeerstore())


# -- connecting


@in_loop
async def test_both_sides_see_a_connection(network_factory: NetworkFactory) -> None:
    async with setting(network_factory()) as place:
        one, other = await place.pair()
        assert one.host.peers() == [other.host.peer_id]
        assert other.host.peers() == [one.host.peer_id]
        await one.saw(Connected, peer=other.host.peer_id, direction="outbound")
        await other.saw(Connected, peer=one.host.peer_id, direction="inbound")


@in_loop
@pytest.mark.parametrize("host", ["/dns4/localhost", "/dns/localhost", "/ip4/0.0.0.0"])
async def test_a_name_of_this_machine_leads_to_it(network_factory: NetworkFactory, host: str) -> None:
    async with setting(network_factory()) as place:
        one, other = await place.party(), await place.party()
        await one.host.connect(Multiaddr.parse(f"{host}/tcp/{other.address.port}/p2p/{other.host.peer_id}"))
        assert one.host.peers() == [other.host.peer_id]


@in_loop
async def test_connecting_twice_connects_once(network_factory: NetworkFactory) -> None:
    async with setting(network_factory()) as place:
        one, other = await place.pair()
        await one.host.connect(other.address)
        await other.host.connect(one.address)
        assert (one.count(Connected), other.count(Connected)) == (1, 1)
        assert one.host.peers() == [other.host.peer_id]


@in_loop
async def test_connecting_twice_at_once_connects_once(network_factory: NetworkFactory) -> None:
    async with setting(network_factory()) as place:
        one, other = await place.party(), await place.party()
        await asyncio.gather(*(one.host.connect(other.address) for _ in range(5)))
        await other.saw(Connected)
        assert one.count(Connected) == 1
        assert one.host.peers() == [other.host.peer_id]


@in_loop
async def test_peers_are_listed_in_the_order_they_came(network_factory: NetworkFactory) -> None:
    async with setting(network_factory()) as place:
        one = await place.party()
        others = [await place.party() for _ in range(3)]
        for other in (others[2], others[0], others[1]):
            await one.host.connect(other.address)
        assert one.host.peers() == [others[at].host.peer_id for at in (2, 0, 1)]


@in_loop
async def test_an_address_without_a_peer_is_none(network_factory: NetworkFactory) -> None:
    async with setting(network_factory()) as place:
        one, other = await place.party(), await place.party()
        with pytest.raises(NetworkError, match="invalid p2p multiaddr"):
            await one.host.connect(other.host.addresses()[0])


@in_loop
async def test_nobody_listens_there_and_then_it_is_left_alone_for_a_while(network_factory: NetworkFactory) -> None:
    port = free_port()
    async with setting(network_factory()) as place:
        one, other = await place.party(), await place.party(listens=False)
        nowhere = Multiaddr.tcp("127.0.0.1", port, other.host.peer_id)
        with pytest.raises(NetworkError, match="refused"):
            await one.host.connect(nowhere)
        with pytest.raises(NetworkError, match="dial backoff"):
            await one.host.connect(nowhere)
        third = await place.party()
        await one.host.connect(third.address)  # others are not
        assert one.host.peers() == [third.host.peer_id]
        assert one.count(Connected) == 1


@in_loop
async def test_another_address_is_tried_after_one_that_failed(network_factory: NetworkFactory) -> None:
    port = free_port()
    async with setting(network_factory()) as place:
        one, other = await place.party(), await place.party()
        with pytest.raises(NetworkError, match="refused"):
            await one.host.connect(Multiaddr.tcp("127.0.0.1", port, other.host.peer_id))
        await one.host.connect(other.address)
        assert one.host.peers() == [other.host.peer_id]


@in_loop
async def test_another_peer_answers(network_factory: NetworkFactory) -> None:
    async with setting(network_factory()) as place:
        one, other, third = [await place.party() for _ in range(3)]
        with pytest.raises(NetworkError, match="peer id mismatch"):
            await one.host.connect(third.address.at(other.host.peer_id))
        assert one.host.peers() == []
        assert one.events == [ListenOpened(one.host.addresses()[0])]
        await one.host.connect(third.address)
        await third.saw(Connected)
        assert third.count(Connected) == 1


@in_loop
async def test_a_host_does_not_dial_itself(network_factory: NetworkFactory) -> None:
    async with setting(network_factory()) as place:
        one = await place.party()
        with pytest.raises(NetworkError, match="dial to self"):
            await one.host.connect(one.address)


@in_loop
async def test_a_deadline_that_has_passed(network_factory: NetworkFactory) -> None:
    async with setting(network_factory()) as place:
        one, other = await place.party(), await place.party()
        other.serve(PROTOCOL)
        with pytest.raises(DeadlineExceeded, match=r"^context deadline exceeded$"):
            await one.host.connect(other.address, deadlines.after(-1))
        with pytest.raises(DeadlineExceeded):
            await one.host.open_stream(other.host.peer_id, PROTOCOL, deadlines.after(-1))
        assert one.host.peers() == []
        await one.host.connect(other.address, deadlines.after(10))
        await one.host.connect(other.address, deadlines.after(-1))  # connected is connected
        await one.host.open_stream(other.host.peer_id, PROTOCOL, deadlines.after(10))


# -- disconnecting


@pytest.mark.parametrize("dialler_disconnects", [True, False])
@in_loop
async def test_both_sides_see_a_disconnection(network_factory: NetworkFactory, dialler_disconnects: bool) -> None:
    async with setting(network_factory()) as place:
        one, other = await place.pair()
        await other.saw(Connected)
        leaving, left = (one, other) if dialler_disconnects else (other, one)
        await leaving.host.disconnect(left.host.peer_id)
        assert leaving.host.peers() == []
        await one.saw(Disconnected, peer=other.host.peer_id, direction="outbound")
        await other.saw(Disconnected, peer=one.host.peer_id, direction="inbound")
        assert left.host.peers() == []
        await leaving.host.disconnect(left.host.peer_id)
        assert (one.count(Disconnected), other.count(Disconnected)) == (1, 1)


@in_loop
async def test_disconnecting_resets_the_streams(network_factory: NetworkFactory) -> None:
    async with setting(network_factory()) as place:
        one, other = await place.pair(PROTOCOL)
        mine, theirs = await one.open(other)
        reading = asyncio.ensure_future(read_until_reset(theirs))
        await one.host.disconnect(other.host.peer_id)
        await reading
        await read_until_reset(mine)
        with pytest.raises(NetworkError):
            mine.write(b"x")


@in_loop
async def test_connecting_after_a_disconnection(network_factory: NetworkFactory) -> None:
    async with setting(network_factory()) as place:
        one, other = await place.pair(PROTOCOL)
        for _ in range(3):
            await one.host.disconnect(other.host.peer_id)
            await eventually(lambda: other.host.peers() == [])
            await one.host.connect(other.address)
            await one.open(other)
        assert one.host.peers() == [other.host.peer_id]


# -- identification


@in_loop
async def test_hosts_identify_each_other(network_factory: NetworkFactory) -> None:
    async with setting(network_factory()) as place:
        one, other = await place.pair(PROTOCOL)
        for asker, teller in ((one, other), (other, one)):
            await asker.host.identify(teller.host.peer_id, deadlines.after(10))
            record = asker.peerstore.find(teller.host.peer_id)
            assert record.agent == "test"
            assert record.protocol_version == "ipfs/0.1.0"
            assert "/ipfs/id/1.0.0" in record.protocols
            assert teller.host.addresses()[0] in record.addresses
        assert PROTOCOL in one.peerstore.find(other.host.peer_id).protocols
        assert PROTOCOL not in other.peerstore.find(one.host.peer_id).protocols


@in_loop
async def test_connecting_waits_for_the_identification(network_factory: NetworkFactory) -> None:
    async with setting(network_factory()) as place:
        one, other = await place.party(), await place.party()
        await one.host.connect(other.address)
        assert one.peerstore.find(other.host.peer_id).agent == "test"


@in_loop
async def test_a_peer_that_does_not_identify_itself_is_not_waited_for(network_factory: NetworkFactory) -> None:
    async with setting(network_factory()) as place:
        one, other = await place.party(), await place.party(options=replace(OPTIONS, identify=False))
        assert (one.host.identifies, other.host.identifies) == (True, False)
        await one.host.connect(other.address)
        await one.host.identify(other.host.peer_id)
        assert one.peerstore.find(other.host.peer_id).agent == ""
        with pytest.raises(NetworkError, match="not enabled"):
            await other.host.identify(one.host.peer_id)


@in_loop
async def test_only_a_connected_peer_can_be_identified(network_factory: NetworkFactory) -> None:
    async with setting(network_factory()) as place:
        one, other = await place.party(), await place.party()
        with pytest.raises(NetworkError, match="not connected"):
            await one.host.identify(other.host.peer_id)


@in_loop
async def test_connected_peers_learn_what_is_served_from_now_on(network_factory: NetworkFactory) -> None:
    async with setting(network_factory()) as place:
        one, other = await place.pair()
        other.serve(PROTOCOL)
        await eventually(lambda: PROTOCOL in one.peerstore.find(other.host.peer_id).protocols)
        other.host.unserve(PROTOCOL)
        await eventually(lambda: PROTOCOL not in one.peerstore.find(other.host.peer_id).protocols)


@in_loop
async def test_a_host_writes_into_the_peerstore_that_is_current(network_factory: NetworkFactory) -> None:
    async with setting(network_factory()) as place:
        first, second = MemoryPeerstore(), MemoryPeerstore()
        current = CurrentPeerstore(first)
        host = await place.network.new_host(replace(OPTIONS, private_key=key(99)), current)
        one, other = await place.party(), await place.party()
        await host.connect(one.address)
        current.current = second
        await host.connect(other.address)
        assert first.find(one.host.peer_id).agent == "test"
        assert other.host.peer_id not in first.peers()
        assert second.find(other.host.peer_id).agent == "test"


# -- streams


@in_loop
async def test_a_stream_carries_bytes_both_ways(network_factory: NetworkFactory) -> None:
    async with setting(network_factory()) as place:
        one, other = await place.pair(PROTOCOL)
        mine, theirs = await one.open(other)
        assert (mine.peer, mine.protocol, mine.direction) == (other.host.peer_id, PROTOCOL, "outbound")
        assert (theirs.peer, theirs.protocol, theirs.direction) == (one.host.peer_id, PROTOCOL, "inbound")
        for data in (b"a", b"", b"\0" * 1000, bytes(range(256)) * 300):
            mine.write(data)
            assert await read_all(theirs, len(data)) == data
            theirs.write(data[::-1])
            assert await read_all(mine, len(data)) == data[::-1]


@in_loop
async def test_the_side_that_was_dialled_opens_streams_too(network_factory: NetworkFactory) -> None:
    async with setting(network_factory()) as place:
        one, other = await place.pair()
        one.serve(PROTOCOL)
        mine, theirs = await other.open(one)
        theirs.write(b"hello")
        assert await read_all(mine, 5) == b"hello"


@in_loop
async def test_each_side_ends_its_own_writing(network_factory: NetworkFactory) -> None:
    async with setting(network_factory()) as place:
        one, other = await place.pair(PROTOCOL)
        mine, theirs = await one.open(other)
        mine.write(b"question")
        mine.close_write()
        mine.close_write()
        with pytest.raises(NetworkError, match="stream closed"):
            mine.write(b"more")
        assert await read_all(theirs, 1000) == b"question"
        assert await theirs.read() == b""
        theirs.write(b"answer")
        theirs.close_write()
        assert await read_all(mine, 1000) == b"answer"
        assert await mine.read() == b""
        for party, direction in ((one, "outbound"), (other, "inbound")):
            await party.saw(StreamClosed, protocol=PROTOCOL, direction=direction)
        mine.reset()  # over is over
        assert await mine.read() == b""


@pytest.mark.parametrize("opener_resets", [True, False])
@in_loop
async def test_a_reset_ends_both_ways(network_factory: NetworkFactory, opener_resets: bool) -> None:
    async with setting(network_factory()) as place:
        one, other = await place.pair(PROTOCOL)
        mine, theirs = await one.open(other)
        ending, ended = (mine, theirs) if opener_resets else (theirs, mine)
        ended.write(b"lost")
        ending.reset()
        ending.reset()
        with pytest.raises(StreamReset, match=r"^stream reset$"):
            await ending.read()
        with pytest.raises(StreamReset):
            ending.write(b"x")
        with pytest.raises(StreamReset):
            await ending.drain()
        ending.close_write()
        await read_until_reset(ended)
        with pytest.raises(StreamReset):
            ended.write(b"x")
        with pytest.raises(StreamReset):
            await ended.drain()
        for party in (one, other):
            await party.saw(StreamClosed, protocol=PROTOCOL)
        assert one.host.peers() == [other.host.peer_id]


@in_loop
async def test_a_reset_after_this_side_ended_its_writing(network_factory: NetworkFactory) -> None:
    async with setting(network_factory()) as place:
        one, other = await place.pair(PROTOCOL)
        mine, theirs = await one.open(other)
        mine.close_write()
        assert await theirs.read() == b""
        mine.reset()
        with suppress(NetworkError):
            for _ in range(100):
                theirs.write(b"x" * 100_000)
                await theirs.drain()
        with pytest.raises(StreamReset):
            await theirs.drain()


@in_loop
async def test_a_reset_wakes_what_waits(network_factory: NetworkFactory) -> None:
    async with setting(network_factory()) as place:
        one, other = await place.pair(PROTOCOL)
        mine, theirs = await one.open(other)
        reading = asyncio.ensure_future(read_until_reset(mine))
        writing = asyncio.ensure_future(fill(mine, 1 << 30))
        await asyncio.wait({reading, writing}, timeout=0.05)
        assert not reading.done()
        assert not writing.done()
        theirs.reset()
        await reading
        with pytest.raises(StreamReset):
            await writing


async def fill(stream: Stream, size: int) -> None:
    """Writes that many bytes, and waits for the peer to take them."""
    for _ in range(size >> 16):
        stream.write(bytes(1 << 16))
        await stream.drain()


@in_loop
async def test_a_slow_reader_holds_the_writer_up(network_factory: NetworkFactory) -> None:
    size = 32 << 20  # more than all windows and buffers on the way
    if network_factory is MplexNetwork:
        pytest.skip("mplex has no windows: a stream that is not read holds up all of its connection's")
    async with setting(network_factory()) as place:
        one, other = await place.pair(PROTOCOL)
        mine, theirs = await one.open(other)
        writing = asyncio.ensure_future(fill(mine, size))
        await asyncio.wait({writing}, timeout=0.2)
        assert not writing.done()
        # others go on meanwhile
        second, its_end = await one.open(other)
        second.write(b"quick")
        assert await read_all(its_end, 5) == b"quick"
        assert not writing.done()
        assert len(await read_all(theirs, size)) == size
        await writing


@in_loop
async def test_much_data_both_ways_at_once(network_factory: NetworkFactory) -> None:
    chance = random.Random(1)
    there, back = chance.randbytes(3 << 20), chance.randbytes(3 << 20)

    async def send(stream: Stream, data: bytes) -> None:
        for at in range(0, len(data), 50_000):
            stream.write(data[at : at + 50_000])
            await stream.drain()
        stream.close_write()

    async with setting(network_factory()) as place:
        one, other = await place.pair(PROTOCOL)
        mine, theirs = await one.open(other)
        sending = asyncio.gather(send(mine, there), send(theirs, back))
        got = await asyncio.gather(read_all(theirs, len(there) + 1), read_all(mine, len(back) + 1))
        await sending
        assert list(got) == [there, back]


@in_loop
async def test_many_streams_at_once(network_factory: NetworkFactory) -> None:
    async def ask(one: Party, other: Party, number: int) -> bytes:
        stream = await one.host.open_stream(other.host.peer_id, PROTOCOL)
        stream.write(str(number).encode())
        stream.close_write()
        return await read_all(stream, 100)

    async def answer(stream: Stream) -> None:
        request = await read_all(stream, 100)
        stream.write(b"re: " + request)
        stream.close_write()

    async with setting(network_factory()) as place:
        one, other = await place.pair()
        answering: list[asyncio.Task[None]] = []
        other.host.serve(PROTOCOL, lambda stream: answering.append(asyncio.ensure_future(answer(stream))))
        answers = await asyncio.gather(*(ask(one, other, number) for number in range(50)))
        assert answers == [f"re: {number}".encode() for number in range(50)]
        await asyncio.gather(*answering)


@in_loop
async def test_streams_are_seen(network_factory: NetworkFactory) -> None:
    sides: tuple[tuple[int, Direction], ...] = ((0, "outbound"), (1, "inbound"))
    async with setting(network_factory()) as place:
        parties = await place.pair(PROTOCOL)
        for party in parties:
            party.events.clear()
        mine, _ = await parties[0].open(parties[1])
        for at, direction in sides:
            await parties[at].saw(StreamOpened, peer=parties[1 - at].host.peer_id, direction=direction)
        mine.reset()
        for at, direction in sides:
            peer = parties[1 - at].host.peer_id
            await parties[at].saw(StreamClosed, peer=peer, direction=direction, protocol=PROTOCOL)


# -- protocols


@in_loop
async def test_a_protocol_that_is_not_served(network_factory: NetworkFactory) -> None:
    async with setting(network_factory()) as place:
        one, other = await place.pair(PROTOCOL)
        with pytest.raises(ProtocolNotSupported, match=r"^protocol not supported$"):
            await one.host.open_stream(other.host.peer_id, OTHER_PROTOCOL)
        await one.open(other)
        assert one.host.peers() == [other.host.peer_id]


@in_loop
async def test_a_protocol_that_is_served_no_longer(network_factory: NetworkFactory) -> None:
    async with setting(network_factory()) as place:
        one, other = await place.pair(PROTOCOL, OTHER_PROTOCOL)
        mine, theirs = await one.open(other)
        other.host.unserve(PROTOCOL)
        other.host.unserve(PROTOCOL)
        await eventually(lambda: PROTOCOL not in one.peerstore.find(other.host.peer_id).protocols)
        with pytest.raises(ProtocolNotSupported):
            await one.host.open_stream(other.host.peer_id, PROTOCOL)
        await one.open(other, OTHER_PROTOCOL)
        theirs.write(b"still here")
        assert await read_all(mine, 10) == b"still here"


@in_loop
async def test_the_last_handler_counts(network_factory: NetworkFactory) -> None:
    async with setting(network_factory()) as place:
        one, other = await place.pair()
        first: list[Stream] = []
        other.host.serve(PROTOCOL, first.append)
        other.serve(PROTOCOL)
        await one.open(other)
        assert first == []


@in_loop
async def test_opening_a_stream_connects_first(network_factory: NetworkFactory) -> None:
    async with setting(network_factory()) as place:
        one, other = await place.party(), await place.party()
        other.serve(PROTOCOL)
        with pytest.raises(NetworkError, match="no addresses"):
            await one.host.open_stream(other.host.peer_id, PROTOCOL)
        one.peerstore.record(other.host.peer_id).add_address(other.address)
        await one.open(other)
        assert one.host.peers() == [other.host.peer_id]


# -- the connection manager


@in_loop
async def test_trimming_spares_protected_peers(network_factory: NetworkFactory) -> None:
    async with setting(network_factory()) as place:
        one = await place.party(options=replace(OPTIONS, lo_peers=1, hi_peers=50, grace_seconds=0.0))
        others = [await place.party() for _ in range(4)]
        kept, released, *_ = others
        for other in others:
            if other in (kept, released):
                one.host.protect(other.host.peer_id, "tag")
            await one.host.connect(other.address)
        one.host.unprotect(released.host.peer_id, "other tag")
        one.host.unprotect(released.host.peer_id, "tag")
        await one.host.trim()
        assert kept.host.peer_id in one.host.peers()
        assert len(one.host.peers()) == 2
        assert one.count(Disconnected) == 2


@in_loop
async def test_trimming_spares_new_peers(network_factory: NetworkFactory) -> None:
    async with setting(network_factory()) as place:
        one = await place.party(options=replace(OPTIONS, lo_peers=1, hi_peers=50, grace_seconds=60.0))
        for _ in range(3):
            await one.host.connect((await place.party()).address)
        await one.host.trim()
        assert len(one.host.peers()) == 3


# -- closing


@in_loop
async def test_closing_while_streams_are_open(network_factory: NetworkFactory) -> None:
    async with setting(network_factory()) as place:
        one, other = await place.pair(PROTOCOL)
        one.serve(PROTOCOL)
        mine, theirs = await one.open(other)
        back, their_back = await other.open(one)
        address = one.address
        reading = asyncio.ensure_future(read_until_reset(their_back))
        await one.host.close()
        await reading
        for stream in (mine, theirs, back):
            await read_until_reset(stream)
        await other.saw(Disconnected, peer=one.host.peer_id)
        await one.saw(Disconnected, peer=other.host.peer_id)
        await one.saw(ListenClosed, address=address.place)
        assert (one.host.peers(), one.host.addresses(), other.host.peers()) == ([], [], [])
        await one.host.close()
        with pytest.raises(NetworkError):
            await one.host.connect(other.address)
        with pytest.raises(NetworkError):
            await other.host.connect(address)


@in_loop
async def test_a_port_is_free_after_closing(network_factory: NetworkFactory) -> None:
    async with setting(network_factory()) as place:
        one, other = await place.pair()
        address = other.address
        await other.host.close()
        third = await place.party(listens=False)
        assert await third.host.listen(address.place) == address.place
        await one.host.connect(third.address)


@in_loop
async def test_closing_the_network_closes_its_hosts(network_factory: NetworkFactory) -> None:
    network = network_factory()
    async with setting(network) as place:
        one, other = await place.pair()
        await network.close()
        await network.close()
        assert (one.host.peers(), other.host.addresses()) == ([], [])


@in_loop
async def test_an_observer_that_ended_hears_no_more(network_factory: NetworkFactory) -> None:
    async with setting(network_factory()) as place:
        one, other = await place.party(), await place.party()
        heard: list[object] = []
        observation = one.host.observe(heard.append)
        await one.host.connect(other.address)
        count = len(heard)
        assert count > 0
        observation.end()
        observation.end()
        await one.host.disconnect(other.host.peer_id)
        await one.saw(Disconnected)
        assert len(heard) == count


# -- gossip


async def reached(topic: Topic, heard: asyncio.Queue[Message]) -> Message:
    """Publishes until something is heard, for a mesh takes a moment to form; returns it."""
    for number in range(200):
        topic.publish(b"hello %d" % number)
        with suppress(asyncio.TimeoutError):
            return await asyncio.wait_for(heard.get(), 0.1)
    raise AssertionError("nothing was heard")


@in_loop
async def test_messages_reach_those_who_subscribed(network_factory: NetworkFactory) -> None:
    async with setting(network_factory()) as place:
        one, other = await place.party(), await place.party()
        topics = [party.host.start_gossip().join("news") for party in (one, other)]
        await one.host.connect(other.address)
        heard: list[asyncio.Queue[Message]] = [asyncio.Queue(), asyncio.Queue()]
        subscriptions = [topic.subscribe(queue.put_nowait) for topic, queue in zip(topics, heard, strict=True)]
        came: list[tuple[str, bool]] = []
        topics[0].observe(lambda peer, here: came.append((peer, here)))
        await eventually(lambda: topics[0].peers() == [other.host.peer_id])
        await eventually(lambda: topics[1].peers() == [one.host.peer_id])
        message = await reached(topics[0], heard[1])
        assert (message.topic, message.data, message.content) == ("news", message.data, message.data)
        assert message.received_from == one.host.peer_id
        assert len(message.seq_no) == 8
        own = await heard[0].get()
        assert (own.topic, own.data, own.received_from) == ("news", b"hello 0", one.host.peer_id)
        assert came == [(other.host.peer_id, True)]
        with pytest.raises(NetworkError, match="outstanding"):
            topics[1].close()
        subscriptions[1].end()
        await eventually(lambda: topics[0].peers() == [])
        assert came == [(other.host.peer_id, True), (other.host.peer_id, False)]
        topics[1].close()


@in_loop
async def test_what_is_published_before_the_mesh_has_formed_reaches_nobody(network_factory: NetworkFactory) -> None:
    async with setting(network_factory()) as place:
        one, other = await place.party(), await place.party()
        topics = [party.host.start_gossip().join("news") for party in (one, other)]
        heard: list[asyncio.Queue[Message]] = [asyncio.Queue(), asyncio.Queue()]
        for topic, queue in zip(topics, heard, strict=True):
            topic.subscribe(queue.put_nowait)
        await one.host.connect(other.address)
        topics[0].publish(b"too early")
        assert (await heard[0].get()).data == b"too early"
        assert (await reached(topics[0], heard[1])).data != b"too early"


@in_loop
async def test_a_message_on_an_eth2_topic_has_no_number(network_factory: NetworkFactory) -> None:
    async with setting(network_factory()) as place:
        one, other = await place.party(), await place.party()
        topics = [party.host.start_gossip().join("/eth2/00000000/x/ssz_snappy") for party in (one, other)]
        heard: asyncio.Queue[Message] = asyncio.Queue()
        await one.host.connect(other.address)
        topics[1].subscribe(heard.put_nowait)
        await eventually(topics[0].peers)
        topics[0].publish(compress_block(b"news"))
        message = await heard.get()
        assert (message.content, message.data, message.seq_no) == (b"news", compress_block(b"news"), b"")


@in_loop
async def test_a_topic_that_no_peer_takes(network_factory: NetworkFactory) -> None:
    async with setting(network_factory()) as place:
        one = await place.party()
        with pytest.raises(NetworkError, match="256 are allowed"):
            one.host.start_gossip().join("t" * 257)


@in_loop
async def test_a_blacklisted_peer_is_not_heard(network_factory: NetworkFactory) -> None:
    async with setting(network_factory()) as place:
        parties = [await place.party() for _ in range(3)]
        gossips = [party.host.start_gossip() for party in parties]
        gossips[0].blacklist(parties[1].host.peer_id)
        topics = [gossip.join("news") for gossip in gossips]
        heard: asyncio.Queue[Message] = asyncio.Queue()
        for other in parties[1:]:
            await parties[0].host.connect(other.address)
        topics[0].subscribe(heard.put_nowait)
        await eventually(lambda: parties[0].host.peer_id in topics[2].peers())
        topics[1].publish(b"unheard")
        topics[2].publish(b"heard")
        message = await heard.get()
        assert (message.data, message.received_from) == (b"heard", parties[2].host.peer_id)
        assert topics[1].peers() == []


@in_loop
async def test_a_peer_is_blacklisted_that_was_heard(network_factory: NetworkFactory) -> None:
    async with setting(network_factory()) as place:
        one, other = await place.party(), await place.party()
        gossips = [party.host.start_gossip() for party in (one, other)]
        topics = [gossip.join("news") for gossip in gossips]
        heard: list[asyncio.Queue[Message]] = [asyncio.Queue(), asyncio.Queue()]
        await one.host.connect(other.address)
        topics[0].subscribe(heard[0].put_nowait)
        await eventually(topics[1].peers)
        topics[1].publish(b"heard")
        assert (await heard[0].get()).data == b"heard"
        gossips[0].blacklist(other.host.peer_id)
        topics[1].publish(b"unheard")
        topics[0].publish(b"own")
        assert (await heard[0].get()).data == b"own"
        await eventually(lambda: not topics[1].peers())
        assert one.host.peers() == [other.host.peer_id]


@in_loop
async def test_gossip_goes_with_the_connection_and_comes_back_with_it(network_factory: NetworkFactory) -> None:
    async with setting(network_factory()) as place:
        one, other = await place.party(), await place.party()
        topics = [party.host.start_gossip().join("news") for party in (one, other)]
        heard: asyncio.Queue[Message] = asyncio.Queue()
        topics[1].subscribe(heard.put_nowait)
        for text in (b"first", b"second"):
            await one.host.connect(other.address)
            await eventually(topics[0].peers)
            topics[0].publish(text)
            assert (await heard.get()).data == text
            await one.host.disconnect(other.host.peer_id)
            await eventually(lambda: not topics[0].peers() and not other.host.peers())
