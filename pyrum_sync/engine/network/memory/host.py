"""A host of the memory network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pyrum_sync.engine.network import deadlines
from pyrum_sync.engine.network.api import (
    Connected,
    Deadline,
    Direction,
    Disconnected,
    Event,
    HostOptions,
    ListenClosed,
    ListenOpened,
    NetworkError,
    ProtocolNotSupported,
    Stream,
    StreamClosed,
    StreamOpened,
    Subscription,
)
from pyrum_sync.engine.network.backoff import Backoff
from pyrum_sync.engine.network.connmgr import ConnectionManager
from pyrum_sync.engine.network.gossip.options import PROTOCOLS as GOSSIP
from pyrum_sync.engine.network.gossip.service import GossipService
from pyrum_sync.engine.network.memory.listeners import Listeners, is_elsewhere
from pyrum_sync.engine.network.memory.stream import StreamEnd, pair
from pyrum_sync.engine.network.observers import Observers
from pyrum_sync.engine.network.peerstore import Peerstore
from pyrum_sync.spec import peer_id, secp256k1
from pyrum_sync.spec.multiaddr import Multiaddr

IDENTIFY = ("/ipfs/id/1.0.0", "/ipfs/id/push/1.0.0", "/p2p/id/delta/1.0.0")
PING = "/ipfs/ping/1.0.0"
_PROTOCOL_VERSION = "ipfs/0.1.0"
_TRIM_SECONDS = 60.0


@dataclass
class Connection:
    """What a host knows of one of its connections."""

    host: MemoryHost
    direction: Direction
    streams: list[StreamEnd]


class MemoryHost:
    """Meets other hosts of the same `MemoryNetwork`: the port's `Host`, where nothing takes time.

    A deadline that has passed still counts: what would need the network then fails.
    """

    def __init__(self, listeners: Listeners[MemoryHost], options: HostOptions, peerstore: Peerstore) -> None:
        self.peer_id = _peer_id(options)
        self.identifies = options.identify
        self.closed = False
        self.gossip: GossipService | None = None
        self.peerstore = peerstore
        self._listeners = listeners
        self._agent = options.agent
        self._places: list[Multiaddr] = []
        self._connections: dict[str, Connection] = {}
        self._handlers: dict[str, Callable[[Stream], None]] = {}
        self._protocols: set[str] = set(IDENTIFY if options.identify else ()) | ({PING} if options.ping else set())
        self._connmgr = ConnectionManager(options.lo_peers, options.hi_peers, options.grace_seconds)
        self._backoff = Backoff()
        self._observers: Observers[Event] = Observers()
        self._timer = asyncio.get_running_loop().call_later(_TRIM_SECONDS, self._trim_by_itself)
        peerstore.record(self.peer_id)

    # Listening.

    async def listen(self, address: Multiaddr) -> Multiaddr:
        """Takes connections at this address; returns it with its real port."""
        if self.closed:
            raise NetworkError("the host is closed")
        place = self._listeners.open(self, address)
        if place not in self._places:
            self._places.append(place)
        self._observers.notify(ListenOpened(place))
        return place

    def addresses(self) -> list[Multiaddr]:
        """Returns where it listens."""
        return list(self._places)

    # Connections.

    def peers(self) -> list[str]:
        """Returns the connected peers."""
        return list(self._connections)

    def neighbours(self) -> list[MemoryHost]:
        """Returns the connected hosts."""
        return [connection.host for connection in self._connections.values()]

    async def connect(self, address: Multiaddr, deadline: Deadline = None) -> None:
        """Connects to the peer at an address."""
        if address.peer is None:
            raise NetworkError("invalid p2p multiaddr")
        if address.port is not None:
            self.peerstore.record(address.peer).add_address(address)
        self._dial(address.peer, deadline)

    def _dial(self, peer: str, deadline: Deadline) -> MemoryHost:
        if peer in self._connections:
            return self._connections[peer].host
        deadlines.check(deadline)
        if self.closed:
            raise NetworkError("the host is closed")
        if peer == self.peer_id:
            raise NetworkError("dial to self attempted")
        known = self.peerstore.find(peer).addresses
        if not known:
            raise NetworkError(f"failed to dial {peer}: no addresses")
        dialable = [place for place in known if place not in self._places]
        if not dialable:
            raise NetworkError(f"failed to dial {peer}: no good addresses")
        if all(self._backoff.waits(peer, place) for place in dialable):
            raise NetworkError("dial backoff")
        failures: list[str] = []
        for place in dialable:
            host = self._listeners.find(place)
            if host is not None and host.peer_id == peer:
                self._backoff.succeeded(peer)
                self._join(host)
                return host
            self._backoff.failed(peer, place)
            failures.append(f"\n  * [{place}] {_why_not(peer, place, host)}")
        raise NetworkError(f"failed to dial {peer}: all dials failed{''.join(failures)}")

    def _join(self, other: MemoryHost) -> None:
        other._connected(self, "inbound")
        self._connected(other, "outbound")
        for asker, teller in ((other, self), (self, other)):
            if asker.identifies and teller.identifies:
                asker._system_stream(teller, IDENTIFY[0])
                asker._learn(teller)

    def _connected(self, other: MemoryHost, direction: Direction) -> None:
        self._connections[other.peer_id] = Connection(other, direction, [])
        self.peerstore.record(other.peer_id)
        self._connmgr.connected(other.peer_id)
        self._observers.notify(Connected(other.peer_id, direction))

    def _learn(self, other: MemoryHost) -> None:
        """Takes in what the other host says of itself."""
        record = self.peerstore.record(other.peer_id)
        record.protocols = set(other._protocols)
        record.agent = other._agent
        record.protocol_version = _PROTOCOL_VERSION
        for place in other._places:
            record.add_address(place)

    async def disconnect(self, peer: str) -> None:
        """Closes the connection with a peer, if there is one."""
        self._disconnect(peer)

    async def identify(self, peer: str, deadline: Deadline = None) -> None:
        """Returns at once: connecting identifies."""
        del deadline
        if not self.identifies:
            raise NetworkError("libp2p identify not enabled on this host")
        if peer not in self._connections:
            raise NetworkError("not connected to peer, cannot await connection identify")

    def _disconnect(self, peer: str) -> None:
        connection = self._connections.get(peer)
        if connection is None:
            return
        other = connection.host
        back = other._connections.get(self.peer_id)
        for stream in (*connection.streams, *(back.streams if back else ())):
            stream.reset()
        self._disconnected(other)
        other._disconnected(self)

    def _disconnected(self, other: MemoryHost) -> None:
        connection = self._connections.pop(other.peer_id, None)
        if connection is None:
            return
        self._connmgr.disconnected(other.peer_id)
        self._observers.notify(Disconnected(other.peer_id, connection.direction))

    # Trimming.

    def protect(self, peer: str, tag: str) -> None:
        """Keeps the peer when connections are trimmed."""
        self._connmgr.protect(peer, tag)

    def unprotect(self, peer: str, tag: str) -> None:
        """Takes one such tag away."""
        self._connmgr.unprotect(peer, tag)

    async def trim(self) -> None:
        """Closes connections down to the low-water mark."""
        self._trim()

    def _trim(self) -> None:
        for peer in self._connmgr.to_close(self.gossip.mesh() if self.gossip is not None else ()):
            self._disconnect(peer)

    def _trim_by_itself(self) -> None:
        if self._connmgr.crowded:
            self._trim()
        self._timer = asyncio.get_running_loop().call_later(_TRIM_SECONDS, self._trim_by_itself)

    # Streams.

    def serve(self, protocol: str, handler: Callable[[Stream], None]) -> None:
        """Hands streams of a protocol to this handler."""
        self.handle(protocol, handler)
        self._announce({protocol}, set())

    def handle(self, protocol: str, handler: Callable[[Stream], None]) -> None:
        """Serves a protocol, and lets nobody know yet."""
        self._handlers[protocol] = handler

    def unserve(self, protocol: str) -> None:
        """Takes no more streams of a protocol."""
        if self._handlers.pop(protocol, None) is not None:
            self._announce(set(), {protocol})

    def _announce(self, added: set[str], removed: set[str]) -> None:
        """Lets connected peers know that the protocols changed."""
        self._protocols = (self._protocols | added) - removed
        for other in self.neighbours():
            if self.identifies and other.identifies:
                self._system_stream(other, IDENTIFY[2])
                record = other.peerstore.record(self.peer_id)
                record.protocols = (record.protocols | added) - removed

    async def open_stream(self, peer: str, protocol: str, deadline: Deadline = None) -> Stream:
        """Opens a stream, connecting first if need be."""
        return await self.open_stream_of(peer, (protocol,), deadline)

    async def open_stream_of(self, peer: str, protocols: Sequence[str], deadline: Deadline = None) -> Stream:
        """Opens a stream of one of several protocols, the preferred first."""
        other = self._dial(peer, deadline)
        protocol = next((protocol for protocol in protocols if protocol in other._handlers), None)
        if protocol is None:
            raise ProtocolNotSupported
        handler = other._handlers[protocol]
        mine, theirs = pair(self.peer_id, peer, protocol, (self._stream_closed(other), other._stream_closed(self)))
        self._stream_opened(other, mine)
        other._stream_opened(self, theirs)
        handler(theirs)
        return mine

    def _stream_opened(self, other: MemoryHost, end: StreamEnd) -> None:
        self._connections[other.peer_id].streams.append(end)
        self._observers.notify(StreamOpened(other.peer_id, end.direction))

    def _stream_closed(self, other: MemoryHost) -> Callable[[StreamEnd], None]:
        def closed(end: StreamEnd) -> None:
            connection = self._connections.get(other.peer_id)
            if connection is not None and end in connection.streams:
                connection.streams.remove(end)
            self._observers.notify(StreamClosed(other.peer_id, end.direction, end.protocol))

        return closed

    def _system_stream(self, other: MemoryHost, protocol: str) -> None:
        """A short stream of libp2p's own: only its coming and going is seen."""
        self._observers.notify(StreamOpened(other.peer_id, "outbound"))
        other._observers.notify(StreamOpened(self.peer_id, "inbound"))
        self._observers.notify(StreamClosed(other.peer_id, "outbound", protocol))
        other._observers.notify(StreamClosed(self.peer_id, "inbound", protocol))

    # The rest.

    def observe(self, on_event: Callable[[Event], None]) -> Subscription:
        """Calls back for what happens to the host."""
        return self._observers.add(on_event)

    def start_gossip(self) -> GossipService:
        """Takes part in gossip with hosts that connect from now on: as in Rumor, those there already do not count."""
        self.gossip = GossipService(self, self.peerstore)
        self._observers.add(self.gossip.happened)
        self._announce(set(GOSSIP), set())
        return self.gossip

    async def close(self) -> None:
        """Leaves the network."""
        if self.closed:
            return
        self.closed = True
        self._timer.cancel()
        if self.gossip is not None:
            await self.gossip.close()
        for peer in self.peers():
            self._disconnect(peer)
        for place in self._places:
            self._listeners.close(self, place)
            self._observers.notify(ListenClosed(place))
        self._places.clear()
        self._handlers.clear()


def _peer_id(options: HostOptions) -> str:
    if options.key_type != "secp256k1":
        raise NetworkError(f"hosts of the memory network have secp256k1 keys only, not {options.key_type}")
    if len(options.private_key) != 32:
        raise NetworkError(f"a private key has 32 bytes, not {len(options.private_key)}")
    try:
        return peer_id.from_secp256k1(secp256k1.public_key(int.from_bytes(options.private_key, "big")))
    except ValueError as error:
        raise NetworkError(str(error)) from None


def _why_not(peer: str, place: Multiaddr, found: MemoryHost | None) -> str:
    if is_elsewhere(place):
        return f"lookup {place.host}: no such host in a network in memory"
    if found is None:
        tcp = "tcp6" if place.scheme == "ip6" else "tcp4"
        where = f"[{place.ip}]:{place.port}" if place.scheme == "ip6" else f"{place.host}:{place.port}"
        return f"dial {tcp} {where}: connect: connection refused"
    mismatch = f"peer id mismatch: expected {peer}, but remote key matches {found.peer_id}"
    return f"failed to negotiate security protocol: {mismatch}"
