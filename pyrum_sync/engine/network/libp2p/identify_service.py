"""The identify service of a host: it asks each peer what it is, answers the same, and lets peers know of changes.

When protocols change it sends what go-libp2p of 2020 sends, and Rumor with it: the difference to peers that take
`/p2p/id/delta/1.0.0`, all of it to others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from pyrum_sync.engine.network import deadlines
from pyrum_sync.engine.network.api import NetworkError, Stream
from pyrum_sync.spec.multiaddr import Multiaddr

from .errors import ProtocolError
from .identify import (
    DELTA_PROTOCOL,
    MAX_MESSAGE,
    MAX_PROTOCOLS,
    PROTOCOL,
    PROTOCOL_VERSION,
    PUSH_PROTOCOL,
    Identify,
    IdentifyReader,
)

if TYPE_CHECKING:
    from .connection import Connection
    from .host import LibP2PHost

T = TypeVar("T")

_MAX_SHOWN_ADDRESSES = 32


class IdentifyService:
    """Identify of one host.

    Args:
        host: The host; its connections are handed to `connected`.
        agent: What it says that it is.
    """

    def __init__(self, host: LibP2PHost, agent: str) -> None:
        self._host = host
        self._agent = agent
        self._said: dict[Connection, tuple[frozenset[str], tuple[Multiaddr, ...]]] = {}
        self._changing: set[Connection] = set()
        host.handle(PROTOCOL, self._answer)
        host.handle(PUSH_PROTOCOL, self._take_push)
        host.handle(DELTA_PROTOCOL, self._take_delta)

    def connected(self, connection: Connection) -> None:
        """Asks the peer of a new connection."""
        self._host.spawn(self._ask(connection))

    def disconnected(self, connection: Connection) -> None:
        """Forgets a connection."""
        self._said.pop(connection, None)

    def changed(self) -> None:
        """Lets peers know that this host's protocols or addresses are others now."""
        for connection in self._host.connections():
            if connection not in self._changing:
                self._changing.add(connection)
                self._host.spawn(self._tell(connection))

    # Asking.

    async def _ask(self, connection: Connection) -> None:
        try:
            said = await self._bounded(self._exchange(connection))
            if said is not None:
                self._learn(connection, said, full=True)
        finally:
            if not connection.identified.done():
                connection.identified.set_result(None)

    async def _exchange(self, connection: Connection) -> Identify:
        stream = await self._host.open_on(connection, (PROTOCOL,))
        try:
            said = await _read(stream)
            stream.close_write()
        except BaseException:
            stream.reset()
            raise
        return said

    def _learn(self, connection: Connection, said: Identify, *, full: bool) -> None:
        """Takes in what a peer says of itself; nothing of it, if it names another key than its own."""
        try:
            said.check(connection.public_key)
        except ProtocolError:
            return
        record = self._host.peerstore.record(connection.peer)
        if full or said.protocols:
            record.protocols = set(said.protocols)
        if said.added or said.removed:
            record.protocols = (record.protocols | set(said.added)) - set(said.removed)
            if len(record.protocols) > MAX_PROTOCOLS:
                record.protocols = set(sorted(record.protocols)[:MAX_PROTOCOLS])
        if said.agent is not None:
            record.agent = said.agent
            connection.agent_is_js = "js-libp2p" in said.agent.lower()
        if said.protocol_version is not None:
            record.protocol_version = said.protocol_version
        for data in said.addresses:
            try:
                record.add_address(Multiaddr.from_bytes(data))
            except ValueError:
                continue  # of a transport that is not known here, or of no use
        if said.observed is not None:
            try:
                connection.observed = Multiaddr.from_bytes(said.observed)
            except ValueError:
                connection.observed = None

    # Answering.

    def _answer(self, stream: Stream) -> None:
        self._host.spawn(self._say(stream, self._all(_connection(stream))))

    def _all(self, connection: Connection) -> Identify:
        """What the host says of itself now; the peer has been told then."""
        protocols, addresses = self._now(connection)
        self._said[connection] = (frozenset(protocols), tuple(addresses))
        return Identify(
            public_key=self._host.identity.public.encoded,
            addresses=tuple(address.binary() for address in addresses[:_MAX_SHOWN_ADDRESSES]),
            protocols=tuple(_that_fit(protocols)),
            observed=None if connection.address is None else connection.address.binary(),
            protocol_version=PROTOCOL_VERSION,
            agent=self._agent,
        )

    def _now(self, connection: Connection) -> tuple[list[str], list[Multiaddr]]:
        addresses = self._host.addresses()
        if not (_is_loopback(connection.address) or _is_loopback(connection.local)):
            addresses = [address for address in addresses if not _is_loopback(address)]
        return self._host.protocols(), addresses

    async def _say(self, stream: Stream, what: Identify) -> None:
        await self._bounded(self._send(stream, what))

    async def _send(self, stream: Stream, what: Identify) -> None:
        try:
            stream.write(what.encode())
            stream.close_write()
            while await stream.read():
                pass
        except BaseException:
            stream.reset()
            raise

    # Changes.

    async def _tell(self, connection: Connection) -> None:
        await asyncio.wait({connection.identified})
        self._changing.discard(connection)
        if connection.closed:
            return
        said = self._said.get(connection)
        if said is None:
            return  # it will hear of it when it asks
        protocols, addresses = self._now(connection)
        before, before_addresses = said
        now = frozenset(protocols)
        known = self._host.peerstore.find(connection.peer).protocols
        if tuple(addresses) == before_addresses and DELTA_PROTOCOL in known:
            if now == before:
                return
            self._said[connection] = (now, before_addresses)
            change = Identify(added=tuple(sorted(now - before)), removed=tuple(sorted(before - now)))
            await self._bounded(self._push(connection, DELTA_PROTOCOL, change))
        elif PUSH_PROTOCOL in known and (now, tuple(addresses)) != said:
            await self._bounded(self._push(connection, PUSH_PROTOCOL, self._all(connection)))

    async def _push(self, connection: Connection, protocol: str, what: Identify) -> None:
        await self._send(await self._host.open_on(connection, (protocol,)), what)

    def _take_push(self, stream: Stream) -> None:
        self._host.spawn(self._take(stream))

    def _take_delta(self, stream: Stream) -> None:
        self._host.spawn(self._take(stream))

    async def _take(self, stream: Stream) -> None:
        said = await self._bounded(self._receive(stream))
        if said is not None:
            self._learn(_connection(stream), said, full=False)

    async def _receive(self, stream: Stream) -> Identify:
        try:
            said = await _read(stream)
            stream.close_write()
        except BaseException:
            stream.reset()
            raise
        return said

    async def _bounded(self, exchange: Coroutine[Any, Any, T]) -> T | None:
        """Its result; None if it failed, or took too long."""
        try:
            return await deadlines.within(exchange, deadlines.after(self._host.limits.identify_seconds))
        except (NetworkError, ProtocolError, ValueError):
            return None


async def _read(stream: Stream) -> Identify:
    """Reads what a peer says to its end."""
    reader = IdentifyReader()
    while data := await stream.read():
        reader.receive_data(data)
    return reader.result()


def _connection(stream: Stream) -> Connection:
    return stream.connection  # type: ignore[attr-defined,no-any-return]


def _is_loopback(address: Multiaddr | None) -> bool:
    return address is not None and address.ip is not None and (address.ip.startswith("127.") or address.ip == "::1")


def _that_fit(protocols: list[str]) -> list[str]:
    """As many protocols as fit into one message with the rest."""
    room = MAX_MESSAGE // 2
    shown = []
    for name in protocols:
        room -= len(name.encode()) + 3
        if room < 0:
            break
        shown.append(name)
    return shown
