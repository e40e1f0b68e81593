"""The identify service of a host: it asks each peer what it is, answers the same, and lets peers know of changes.

When protocols change it sends what go-libp2p of 2020 sends, and Rumor with it: the difference to peers that take
`/p2p/id/delta/1.0.0`, all of it to others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Protocol

from pyrum_sync.engine.network.api import Deadline, DeadlineExceeded, NetworkError, Stream
from pyrum_sync.engine.network.errors import ProtocolError
from pyrum_sync.engine.network.peerstore import Peerstore
from pyrum_sync.spec.multiaddr import Multiaddr

from .identify import (
    DELTA_PROTOCOL,
    MAX_MESSAGE,
    MAX_NAME,
    PROTOCOL,
    PROTOCOL_VERSION,
    PUSH_PROTOCOL,
    Identify,
    IdentifyReader,
)
from .sides import Carrier
from .sockets import is_loopback
from .stream import NetworkStream
from .timeouts import Timeouts

if TYPE_CHECKING:
    from .connection import Connection
    from .identity import Identity
    from .limits import Limits
    from .roster import Roster

_Work = Coroutine[Any, Any, None]
_State = tuple[frozenset[str], tuple[Multiaddr, ...]]

_MAX_ADDRESSES = 32  # that are sent, and that are taken
_PROTOCOLS_SENT = MAX_MESSAGE // 2  # bytes of a message
_PROTOCOLS_KEPT = 8 * 1024  # bytes of a peer's


class IdentifyHost(Protocol):
    """What identify needs of its host."""

    @property
    def identity(self) -> Identity: ...
    @property
    def limits(self) -> Limits: ...
    @property
    def peerstore(self) -> Peerstore: ...
    @property
    def roster(self) -> Roster: ...
    def addresses(self) -> list[Multiaddr]: ...
    def protocols(self) -> list[str]: ...
    def handle(self, protocol: str, handler: Callable[[Stream], None]) -> None: ...
    def spawn(self, work: Coroutine[Any, Any, None]) -> None: ...
    async def open_on(
        self, connection: Connection, protocols: Sequence[str], deadline: Deadline = None
    ) -> NetworkStream: ...


class IdentifyService:
    """Identify of one host.

    Args:
        host: The host; its connections are handed to `connected`.
        agent: What it says that it is.

    Raises:
        NetworkError: the agent is longer than other hosts read.
    """

    def __init__(self, host: IdentifyHost, agent: str) -> None:
        if len(agent.encode()) > MAX_NAME:
            raise NetworkError(f"an agent of {len(agent.encode())} bytes, at most {MAX_NAME} are read by others")
        self._host = host
        self._agent = agent
        self._said: dict[Carrier, _State] = {}
        self._telling: set[Connection] = set()
        self._exchanges: Timeouts[NetworkStream] = Timeouts(host.limits.identify_seconds, _late)
        for protocol, work in ((PROTOCOL, self._answer), (PUSH_PROTOCOL, self._take), (DELTA_PROTOCOL, self._take)):
            host.handle(protocol, self._spawning(work))

    def _spawning(self, work: Callable[[NetworkStream], _Work]) -> Callable[[Any], None]:
        return lambda stream: self._host.spawn(_quietly(work(stream)))

    def connected(self, connection: Connection) -> None:
        """Asks the peer of a new connection."""
        self._host.spawn(_quietly(self._ask(connection)))

    def disconnected(self, connection: Connection) -> None:
        """Forgets a connection."""
        self._said.pop(connection, None)

    def changed(self) -> None:
        """Lets peers know that this host's protocols or addresses are others now."""
        for connection in self._host.roster.connections():
            if connection not in self._telling:
                self._telling.add(connection)
                self._host.spawn(_quietly(self._tell(connection)))

    def close(self) -> None:
        """Ends the timer."""
        self._exchanges.close()

    # Asking.

    async def _ask(self, connection: Connection) -> None:
        try:
            said = await self._read(await self._host.open_on(connection, (PROTOCOL,)))
            self._learn(connection, said, whole=True)
        finally:
            if not connection.identified.done():
                connection.identified.set_result(None)

    async def _take(self, stream: NetworkStream) -> None:
        self._learn(stream.connection, await self._read(stream), whole=False)

    async def _read(self, stream: NetworkStream) -> Identify:
        """Reads what a peer says to its end."""
        reader = IdentifyReader()
        with self._exchange(stream):
            while data := await stream.read():
                reader.receive_data(data)
            stream.close_write()
        return reader.result()

    def _learn(self, connection: Carrier, said: Identify, *, whole: bool) -> None:
        """Takes in what a peer says of itself; ProtocolError if it names another key than its own."""
        said.check(connection.public_key)
        record = self._host.peerstore.record(connection.peer)
        if whole or said.protocols:
            record.protocols = set(_that_fit(said.protocols, _PROTOCOLS_KEPT))
        if said.added or said.removed:
            changed = (record.protocols | set(said.added)) - set(said.removed)
            record.protocols = set(_that_fit(sorted(changed), _PROTOCOLS_KEPT))
        if said.agent is not None:
            record.agent = said.agent
            connection.muxed.agent_is(said.agent)
        if said.protocol_version is not None:
            record.protocol_version = said.protocol_version
        for data in said.addresses[:_MAX_ADDRESSES]:
            address = _decoded(data)
            if address is not None and address.host is not None:
                record.add_address(address)
        if said.observed is not None:
            connection.observed = _decoded(said.observed)

    # Answering.

    async def _answer(self, stream: NetworkStream) -> None:
        await self._send(stream, self._all(stream.connection))

    async def _send(self, stream: NetworkStream, what: Identify) -> None:
        with self._exchange(stream):
            stream.write(what.encode())
            stream.close_write()
            while await stream.read():
                pass

    def _all(self, connection: Carrier) -> Identify:
        """What the host says of itself now; that counts as said, unless the connection is gone by now."""
        protocols, addresses = state = self._state(connection)
        if not connection.closed:
            self._said[connection] = state
        return Identify(
            public_key=self._host.identity.public.encoded,
            addresses=tuple(address.binary() for address in addresses),
            protocols=tuple(_that_fit(sorted(protocols), _PROTOCOLS_SENT)),
            observed=None if connection.address is None else connection.address.binary(),
            protocol_version=PROTOCOL_VERSION,
            agent=self._agent,
        )

    def _state(self, connection: Carrier) -> _State:
        addresses = self._host.addresses()
        if not (is_loopback(connection.address) or is_loopback(connection.local)):
            addresses = [address for address in addresses if not is_loopback(address)]
        return frozenset(self._host.protocols()), tuple(addresses[:_MAX_ADDRESSES])

    # Changes.

    async def _tell(self, connection: Connection) -> None:
        await asyncio.wait({connection.identified})
        self._telling.discard(connection)
        before = self._said.get(connection)
        if connection.closed or before is None:
            return  # it will hear of it when it asks
        now = self._state(connection)
        if now == before:
            return
        served = self._host.peerstore.find(connection.peer).protocols
        if now[1] == before[1] and DELTA_PROTOCOL in served:
            self._said[connection] = now
            change = Identify(added=tuple(sorted(now[0] - before[0])), removed=tuple(sorted(before[0] - now[0])))
            await self._send(await self._host.open_on(connection, (DELTA_PROTOCOL,)), change)
        elif PUSH_PROTOCOL in served:
            stream = await self._host.open_on(connection, (PUSH_PROTOCOL,))
            await self._send(stream, self._all(connection))

    @contextmanager
    def _exchange(self, stream: NetworkStream) -> Iterator[None]:
        """The stream is reset if this takes too long, or fails."""
        self._exchanges.start(stream)
        try:
            yield
        except BaseException:
            stream.reset()
            raise
        finally:
            self._exchanges.stop(stream)


async def _quietly(work: _Work) -> None:
    """What goes wrong with one peer concerns nobody else."""
    with suppress(NetworkError, ProtocolError):
        await work


def _late(stream: NetworkStream) -> None:
    stream.fail(DeadlineExceeded())


def _decoded(data: bytes) -> Multiaddr | None:
    """An address; None for one that is malformed, or of a transport that is not known here."""
    try:
        return Multiaddr.from_bytes(data)
    except ValueError:
        return None


def _that_fit(protocols: Sequence[str], room: int) -> list[str]:
    """As many protocols as there are bytes for."""
    fit = []
    for name in protocols:
        room -= len(name.encode()) + 3
        if room < 0:
            break
        fit.append(name)
    return fit
