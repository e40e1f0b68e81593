"""A peer that is written by hand, on a host of any network: what it sends, and what it is sent."""

from __future__ import annotations

import asyncio

from pyrum_sync.engine.network.api import Stream
from pyrum_sync.engine.network.gossip.frames import FrameReader, encode_frame
from pyrum_sync.engine.network.gossip.options import MESHSUB_1_1
from pyrum_sync.engine.network.gossip.rpc import Rpc, decode_rpc, encode_subscription
from tests.support.hosts import Party


class RawPeer:
    """Serves gossip on a host, before it connects."""

    def __init__(self, party: Party, protocol: str = MESHSUB_1_1) -> None:
        self.party = party
        self.protocol = protocol
        self.opened: asyncio.Queue[Stream] = asyncio.Queue()
        """The streams that others opened to write on."""
        party.host.serve(protocol, self.opened.put_nowait)

    async def open(self, other: Party) -> Stream:
        """Opens a stream to write on."""
        return await self.party.host.open_stream(other.host.peer_id, self.protocol)

    async def subscribe(self, stream: Stream, topic: str) -> None:
        """Says that it hears a topic."""
        await say(stream, encode_subscription(topic.encode(), subscribe=True))


async def say(stream: Stream, *parts: bytes) -> None:
    """Sends one RPC."""
    stream.write(encode_frame(b"".join(parts)))
    await stream.drain()


class Ear:
    """Reads RPCs from a stream."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._reader = FrameReader(1 << 25)
        self._held: list[Rpc] = []

    async def next(self) -> Rpc:
        """The next RPC."""
        while not self._held:
            data = await self._stream.read()
            assert data, "the stream has ended"
            self._held += [decode_rpc(frame) for frame in self._reader.feed(data)]
        return self._held.pop(0)
