"""One peer's part in a host's gossip: the stream that we write on, and the one that the peer writes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from pyrum_sync.engine.network import deadlines
from pyrum_sync.engine.network.api import Deadline, Direction, NetworkError, ProtocolNotSupported, Stream

from .options import PROTOCOLS
from .router import GossipRouter

_OPEN_SECONDS: Final = 10.0
_RETRY_SECONDS: Final = (0.1, 1.0, 10.0)


class GossipHost(Protocol):
    """What gossip asks of a host."""

    @property
    def peer_id(self) -> str:
        """Its name."""

    def peers(self) -> list[str]:
        """The connected peers."""

    def handle(self, protocol: str, handler: Callable[[Stream], None]) -> None:
        """Serves a protocol, and lets nobody know yet."""

    async def open_stream_of(self, peer: str, protocols: Sequence[str], deadline: Deadline = None) -> Stream:
        """Opens a stream of one of several protocols, the preferred first."""

    async def disconnect(self, peer: str) -> None:
        """Closes all connections with a peer."""


class Link:
    """The streams with one peer, and the tasks that read and write them.

    Args:
        host: The host that has the connection.
        router: Where bytes come from and go to.
        name: The peer's id, as text.
        peer_id: The same, as the bytes of its multihash.
        direction: Which side dialled.
        changed: Called after each use of the router, for what it has to say.
    """

    def __init__(
        self,
        host: GossipHost,
        router: GossipRouter,
        name: str,
        peer_id: bytes,
        direction: Direction,
        changed: Callable[[], None],
    ) -> None:
        self.name = name
        self.peer_id = peer_id
        self._host = host
        self._router = router
        self._direction = direction
        self._changed = changed
        self._loop = asyncio.get_running_loop()
        self._waiting = asyncio.Event()
        self._talking: asyncio.Task[None] | None = None
        self._listening: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._theirs: Stream | None = None
        self._broken = False

    def talk(self) -> None:
        """Opens a stream to the peer and sends it what there is, as long as the link lasts; again does nothing."""
        if self._talking is None or self._talking.done():
            self._talking = self._loop.create_task(self._talk())

    def listen(self, stream: Stream) -> None:
        """The peer opened a stream: in place of an earlier one."""
        if self._listening is not None:
            self._listening.cancel()
        if self._theirs is not None:
            self._theirs.reset()
        self._theirs = stream
        self._router.stream_opened(self.peer_id, self._loop.time())
        self._listening = self._loop.create_task(self._listen(stream))

    def wake(self) -> None:
        """There is something to send."""
        self._waiting.set()

    def close(self) -> list[asyncio.Task[None]]:
        """Ends the tasks, which reset their streams; returns them, to be waited for."""
        tasks = [task for task in (self._talking, self._watching, self._listening) if task is not None]
        for task in tasks:
            task.cancel()
        if self._theirs is not None:
            self._theirs.reset()
            self._theirs = None
        return tasks

    def _leave(self) -> None:
        """The peer has no gossip any more."""
        self._router.peer_disconnected(self.peer_id, self._loop.time())
        self._changed()
        if self._theirs is not None:
            self._theirs.reset()
            self._theirs = None

    async def _talk(self) -> None:
        # A stream may break while the connection holds, as when the peer stops and starts its gossip.
        used = False
        for pause in (*_RETRY_SECONDS, None):
            try:
                stream = await self._host.open_stream_of(self.name, PROTOCOLS, deadlines.after(_OPEN_SECONDS))
            except ProtocolNotSupported:
                break
            except NetworkError:
                pass
            else:
                used = True
                await self._use(stream)
            if pause is None or self.name not in self._host.peers():
                break
            await asyncio.sleep(pause)
        if used:
            self._leave()

    async def _use(self, stream: Stream) -> None:
        self._router.peer_connected(
            self.peer_id, stream.protocol, self._loop.time(), outbound=self._direction == "outbound"
        )
        self._changed()
        self._broken = False
        self._watching = self._loop.create_task(self._watch(stream))
        try:
            while not self._broken:
                while data := self._router.outgoing(self.peer_id):
                    stream.write(data)
                    await stream.drain()
                self._waiting.clear()
                await self._waiting.wait()
        except NetworkError:
            pass
        finally:
            self._watching.cancel()
            stream.reset()

    async def _watch(self, stream: Stream) -> None:
        """Sees that a stream breaks on which nothing is to be written. Peers only end it, some of them at once."""
        try:
            while await stream.read():
                pass
        except NetworkError:
            self._broken = True
            self._waiting.set()

    async def _listen(self, stream: Stream) -> None:
        loop, router, peer_id = self._loop, self._router, self.peer_id
        try:
            while data := await stream.read():
                router.receive(peer_id, data, loop.time())
                self._changed()
            stream.close_write()
        except NetworkError:
            pass
        except BaseException:
            stream.reset()
            raise
