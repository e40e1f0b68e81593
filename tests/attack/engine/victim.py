"""The host that is attacked, and how one sees that it still does its work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from pyrum_sync.engine.network import deadlines
from pyrum_sync.engine.network.api import HostOptions, NetworkError, Stream
from pyrum_sync.engine.network.libp2p.host import LibP2PHost
from pyrum_sync.engine.network.libp2p.limits import Limits
from pyrum_sync.engine.network.libp2p.network import LibP2PNetwork
from pyrum_sync.engine.network.peerstore import MemoryPeerstore
from tests.support.hosts import HANG, LOOPBACK, key

ECHO = "/test/echo/1"
OPTIONS = HostOptions(key(1), agent="victim", hi_peers=1000, lo_peers=900, ping=True)


class Victim:
    """A host that echoes, in the test's own loop."""

    def __init__(self, host: LibP2PHost, peerstore: MemoryPeerstore, network: LibP2PNetwork) -> None:
        self.host = host
        self.peerstore = peerstore
        self.network = network
        self.address = LOOPBACK
        self.tasks: set[asyncio.Task[None]] = set()
        self.failures: list[dict[str, object]] = []
        """What was reported to the loop."""

    def serve(self, protocol: str, handler: Callable[[Stream], Coroutine[Any, Any, None]]) -> None:
        """Serves a protocol: each stream gets a task, and is reset if that fails."""

        async def handled(stream: Stream) -> None:
            try:
                await handler(stream)
            except NetworkError:
                stream.reset()

        self.host.serve(protocol, lambda stream: self.spawn(handled(stream)))

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs a handler's work."""
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def is_well(self) -> None:
        """Another host is served as ever."""
        other = await self.network.new_host(replace(OPTIONS, private_key=key(2)), MemoryPeerstore())
        try:
            deadline = deadlines.after(HANG)
            await other.connect(self.address.at(self.host.peer_id), deadline)
            stream = await other.open_stream(self.host.peer_id, ECHO, deadline)
            stream.write(b"well?")
            stream.close_write()
            answer = b""
            while data := await stream.read():
                answer += data
            assert answer == b"well?"
        finally:
            await other.close()


async def echo(stream: Stream) -> None:
    """Sends back what comes."""
    while data := await stream.read():
        stream.write(data)
        await stream.drain()
    stream.close_write()


@asynccontextmanager
async def victim(limits: Limits | None = None, options: HostOptions = OPTIONS) -> AsyncIterator[Victim]:
    """A host with these limits; when it is closed nothing of it is left."""
    network = LibP2PNetwork(limits or Limits())
    peerstore = MemoryPeerstore()
    host = await network.new_host(options, peerstore)
    each = Victim(host, peerstore, network)
    asyncio.get_running_loop().set_exception_handler(lambda _, context: each.failures.append(context))
    each.serve(ECHO, echo)
    each.address = await host.listen(LOOPBACK)
    others = asyncio.all_tasks()
    try:
        yield each
    finally:
        await network.close()
        assert host.roster.connections() == []
        for _ in range(3):  # what asyncio itself still has to do
            await asyncio.sleep(0)
        left = asyncio.all_tasks() - others - each.tasks
        for task in each.tasks:
            task.cancel()
        await asyncio.gather(*each.tasks, return_exceptions=True)
        assert not left, f"tasks left behind: {left}"
