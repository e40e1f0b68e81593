"""Hosts of a network under test, and what happens to them, for tests that run in an event loop."""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, ParamSpec, TypeVar

from pyrum_sync.engine.network.api import Event, Host, HostOptions, Network, Stream
from pyrum_sync.engine.network.peerstore import MemoryPeerstore
from pyrum_sync.spec.multiaddr import Multiaddr

HANG = 20.0  # seconds after which a test that should have gone on is called hanging
LOOPBACK = Multiaddr.tcp("127.0.0.1", 0)
OPTIONS = HostOptions(private_key=bytes(32), agent="test")

P = ParamSpec("P")
T = TypeVar("T")


def in_loop(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Makes a test of a coroutine function: it runs in an event loop of its own."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        async def bounded() -> None:
            await asyncio.wait_for(test(*args, **kwargs), HANG)

        asyncio.run(bounded())

    return run


def key(number: int) -> bytes:
    """Returns a private key that is the same in each run."""
    return number.to_bytes(32, "big")


async def eventually(check: Callable[[], object]) -> None:
    """Waits until a condition holds that no event reports."""
    end = time.monotonic() + HANG
    while not check():
        assert time.monotonic() < end, "it never came about"
        await asyncio.sleep(0.005)


class Party:
    """A host, its peerstore, and the events that it saw."""

    def __init__(self, host: Host, peerstore: MemoryPeerstore) -> None:
        self.host = host
        self.peerstore = peerstore
        self.events: list[Event] = []
        self.streams: asyncio.Queue[Stream] = asyncio.Queue()
        """The streams that came in for the protocols that it serves."""
        self._changed = asyncio.Event()
        host.observe(self._happened)

    def _happened(self, event: Event) -> None:
        self.events.append(event)
        self._changed.set()

    async def saw(self, event_type: type[T], **fields: object) -> T:
        """Returns the first event of that type with those fields; waits for it."""
        while True:
            for event in self.events:
                if isinstance(event, event_type) and all(getattr(event, n) == v for n, v in fields.items()):
                    return event
            self._changed.clear()
            await self._changed.wait()

    def count(self, event_type: type[object]) -> int:
        """Returns how many events of that type there were."""
        return sum(isinstance(event, event_type) for event in self.events)

    @property
    def address(self) -> Multiaddr:
        """Where it listens first, with its peer id."""
        return self.host.addresses()[0].at(self.host.peer_id)

    def serve(self, *protocols: str) -> None:
        """Serves protocols: their streams come to `streams`."""
        for protocol in protocols:
            self.host.serve(protocol, self.streams.put_nowait)

    async def open(self, other: Party, protocol: str = "/test/1") -> tuple[Stream, Stream]:
        """Opens a stream to a party that serves the protocol; returns this end and the other's."""
        mine = await self.host.open_stream(other.host.peer_id, protocol)
        # some networks have the other side hear of it with the first bytes only
        mine.write(b"?")
        theirs = await other.streams.get()
        assert await theirs.read() == b"?"
        return mine, theirs


class Setting:
    """Parties of one network."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self._count = 0

    async def party(self, *, listens: bool = True, options: HostOptions = OPTIONS) -> Party:
        """Makes a host with a key of its own, which listens."""
        self._count += 1
        peerstore = MemoryPeerstore()
        host = await self.network.new_host(replace(options, private_key=key(self._count)), peerstore)
        party = Party(host, peerstore)
        if listens:
            await host.listen(LOOPBACK)
        return party

    async def pair(self, *protocols: str) -> tuple[Party, Party]:
        """Makes two connected hosts: the first dialled, the second serves the protocols."""
        one, other = await self.party(), await self.party()
        other.serve(*protocols)
        await one.host.connect(other.address)
        # the side that was dialled may notice a little later
        await eventually(lambda: one.host.peer_id in other.host.peers())
        return one, other


@asynccontextmanager
async def setting(network: Network) -> AsyncIterator[Setting]:
    """Hosts of a network, which is closed afterwards."""
    try:
        yield Setting(network)
    finally:
        await network.close()


async def read_all(stream: Stream, size: int) -> bytes:
    """Reads that many bytes, or to the end."""
    data = bytearray()
    while len(data) < size and (more := await stream.read()):
        data += more
    return bytes(data)
