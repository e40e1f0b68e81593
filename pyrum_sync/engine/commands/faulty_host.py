"""A host on which things go wrong, as the engine's faults ask for: around any host of the port."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from pyrum_sync.engine.commands.protocols import any_of
from pyrum_sync.engine.commands.reqresp import error_text
from pyrum_sync.engine.faults import Effects
from pyrum_sync.engine.network.api import (
    Deadline,
    Direction,
    Event,
    Gossip,
    Host,
    NetworkError,
    Stream,
    StreamReset,
    Subscription,
)
from pyrum_sync.spec.multiaddr import Multiaddr


class FaultyHost:
    """Does what its host does, except for connecting and opening streams, where `effects` come first."""

    def __init__(self, host: Host, effects: Effects) -> None:
        self._host = host
        self._effects = effects

    async def connect(self, address: Multiaddr, deadline: Deadline = None) -> None:
        """Connects, if that is not refused."""
        if self._effects.refuse_connect and address.peer is not None:
            raise NetworkError(refusal(address.peer))
        await self._host.connect(address, deadline)

    async def open_stream(self, peer: str, protocol: str, deadline: Deadline = None) -> Stream:
        """Opens a stream, or one whose other side is a fault."""
        if self._effects.refuse_connect:
            raise NetworkError(refusal(peer))
        if self._effects.no_answer:
            return FaultyStream(peer, protocol)
        if self._effects.error_chunk is not None:
            code, text = self._effects.error_chunk
            return FaultyStream(peer, protocol, any_of(protocol, context=False).chunk(code, error_text(text)))
        return await self._host.open_stream(peer, protocol, deadline)

    # The rest goes to the host.

    @property
    def peer_id(self) -> str:
        """The host's own."""
        return self._host.peer_id

    @property
    def identifies(self) -> bool:
        """The host's own."""
        return self._host.identifies

    async def listen(self, address: Multiaddr) -> Multiaddr:
        """As the host does."""
        return await self._host.listen(address)

    def addresses(self) -> list[Multiaddr]:
        """As the host does."""
        return self._host.addresses()

    def peers(self) -> list[str]:
        """As the host does."""
        return self._host.peers()

    async def disconnect(self, peer: str) -> None:
        """As the host does."""
        await self._host.disconnect(peer)

    async def identify(self, peer: str, deadline: Deadline = None) -> None:
        """As the host does."""
        await self._host.identify(peer, deadline)

    def protect(self, peer: str, tag: str) -> None:
        """As the host does."""
        self._host.protect(peer, tag)

    def unprotect(self, peer: str, tag: str) -> None:
        """As the host does."""
        self._host.unprotect(peer, tag)

    async def trim(self) -> None:
        """As the host does."""
        await self._host.trim()

    def serve(self, protocol: str, handler: Callable[[Stream], None]) -> None:
        """As the host does."""
        self._host.serve(protocol, handler)

    def unserve(self, protocol: str) -> None:
        """As the host does."""
        self._host.unserve(protocol)

    def observe(self, on_event: Callable[[Event], None]) -> Subscription:
        """As the host does."""
        return self._host.observe(on_event)

    def start_gossip(self) -> Gossip:
        """As the host does."""
        return self._host.start_gossip()

    async def close(self) -> None:
        """As the host does."""
        await self._host.close()


class FaultyStream:
    """A stream to nobody: what is written is lost, and what is read is `answer` and the end, or never anything."""

    def __init__(self, peer: str, protocol: str, answer: bytes | None = None) -> None:
        self.peer = peer
        self.protocol = protocol
        self.direction: Direction = "outbound"
        self._answer = answer
        self._reset = asyncio.Event()

    async def read(self) -> bytes:
        """Returns the answer, then the end; without one, waits for a reset."""
        if self._answer is None:
            await self._reset.wait()
        if self._reset.is_set():
            raise StreamReset
        data, self._answer = self._answer or b"", b""
        return data

    def write(self, data: bytes) -> None:
        """Loses it."""

    async def drain(self) -> None:
        """Has nothing to wait for."""

    def close_write(self) -> None:
        """Nobody hears of it."""

    def reset(self) -> None:
        """Breaks this side, the only one."""
        self._reset.set()


def refusal(peer: str) -> str:
    """Returns the text of a dial that a fault refused."""
    return f"failed to dial {peer}: all dials failed\n  * [fault] connect: connection refused"
