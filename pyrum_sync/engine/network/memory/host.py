"""A host of the in-memory network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyrum_sync.engine.network.api import Event, HostOptions, NetworkError, Stream, Subscription
from pyrum_sync.engine.network.backoff import Backoff
from pyrum_sync.engine.network.connmgr import ConnectionLimits
from pyrum_sync.engine.network.memory.gossip import GossipNode
from pyrum_sync.engine.network.memory.stream import StreamEnd, pair
from pyrum_sync.engine.network.observers import Watchers
from pyrum_sync.engine.network.peerstore import PeerBook
from pyrum_sync.spec import keys
from pyrum_sync.spec.addresses import Address

if TYPE_CHECKING:
    from pyrum_sync.engine.network.memory.network import MemoryNetwork

IDENTIFY = ("/ipfs/id/1.0.0", "/ipfs/id/push/1.0.0", "/p2p/id/delta/1.0.0")
PING = "/ipfs/ping/1.0.0"
GOSSIP = ("/meshsub/1.1.0", "/meshsub/1.0.0", "/floodsub/1.0.0")
_PROTOCOL_VERSION = "ipfs/0.1.0"
_TRIM_SECONDS = 60.0


@dataclass
class Connection:
    """What a host knows of one of its connections."""

    host: MemoryHost
    direction: str
    streams: list[StreamEnd]


class MemoryHost:
    """Meets other hosts of the same `MemoryNetwork`."""

    def __init__(self, network: MemoryNetwork, options: HostOptions, book: Callable[[], PeerBook]) -> None:
        self.peer_id = keys.peer_id(keys.public_key(options.private_key))
        self.identifies = options.identify
        self.gossip: GossipNode | None = None
        self.book = book
        self._network = network
        self._agent = options.agent
        self._places: list[Address] = []
        self._connections: dict[str, Connection] = {}
        self._handlers: dict[str, Callable[[Stream], None]] = {}
        self._protocols: set[str] = set(IDENTIFY if options.identify else ()) | ({PING} if options.ping else set())
        self._limits = ConnectionLimits(options.lo_peers, options.hi_peers, options.grace_seconds)
        self._backoff = Backoff()
        self._watchers: Watchers[Event] = Watchers()
        self._closed = False
        self._timer = asyncio.get_running_loop().call_later(_TRIM_SECONDS, self._trim_by_itself)
        book().record(self.peer_id)

    # Listening.

    def listen(self, address: Address) -> None:
        """Take connections at this address."""
        place = self._network.open(self, address)
        if place not in self._places:
            self._places.append(place)
        self._watchers.tell(Event("listen_open", address=place))

    def addresses(self) -> list[Address]:
        """Where it listens."""
        return list(self._places)

    # Connections.

    def peers(self) -> list[str]:
        """The connected peers."""
        return list(self._connections)

    def neighbours(self) -> list[MemoryHost]:
        """The connected hosts."""
        return [connection.host for connection in self._connections.values()]

    async def connect(self, address: Address) -> None:
        """Connect to the peer at an address."""
        if address.peer is None:
            raise NetworkError("invalid p2p multiaddr")
        if address.port is not None:
            self.book().record(address.peer).add_address(address)
        await self._dial(address.peer)

    async def _dial(self, peer: str) -> MemoryHost:
        if peer in self._connections:
            return self._connections[peer].host
        if peer == self.peer_id:
            raise NetworkError("dial to self attempted")
        known = self.book().find(peer).addresses
        if not known:
            raise NetworkError(f"failed to dial {peer}: no addresses")
        dialable = [place for place in known if place not in self._places]
        if not dialable:
            raise NetworkError(f"failed to dial {peer}: no good addresses")
        if all(self._backoff.waits(peer, place) for place in dialable):
            raise NetworkError("dial backoff")
        failures: list[str] = []
        for place in dialable:
            host = self._network.find(place)
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
        for one, two in ((self, other), (other, self)):
            if one.gossip is not None and two.gossip is not None:
                one.gossip.neighbour_came(two.gossip)

    def _connected(self, other: MemoryHost, direction: str) -> None:
        self._connections[other.peer_id] = Connection(other, direction, [])
        self.book().record(other.peer_id)
        self._limits.connected(other.peer_id)
        self._watchers.tell(Event("connection_open", peer=other.peer_id, direction=direction))

    def _learn(self, other: MemoryHost) -> None:
        """Take in what the other host says of itself."""
        record = self.book().record(other.peer_id)
        record.protocols = set(other._protocols)
        record.agent = other._agent
        record.protocol_version = _PROTOCOL_VERSION
        for place in other._places:
            record.add_address(place)

    def disconnect(self, peer: str) -> None:
        """Close the connection with a peer, if there is one."""
        connection = self._connections.get(peer)
        if connection is None:
            return
        other = connection.host
        back = other._connections.get(self.peer_id)
        for stream in (*connection.streams, *(back.streams if back else ())):
            stream.reset()
        self._disconnected(other)
        other._disconnected(self)
        for one, two in ((self, other), (other, self)):
            if one.gossip is not None:
                one.gossip.neighbour_went(two.peer_id)

    def _disconnected(self, other: MemoryHost) -> None:
        connection = self._connections.pop(other.peer_id, None)
        if connection is None:
            return
        self._limits.disconnected(other.peer_id)
        self._watchers.tell(Event("connection_close", peer=other.peer_id, direction=connection.direction))

    # Limits.

    def protect(self, peer: str, tag: str) -> None:
        """Keep the peer when connections are trimmed."""
        self._limits.protect(peer, tag)

    def unprotect(self, peer: str, tag: str) -> None:
        """Take one such tag away."""
        self._limits.unprotect(peer, tag)

    def trim(self) -> None:
        """Close connections down to the low-water mark."""
        for peer in self._limits.to_close(self.gossip.mesh() if self.gossip is not None else ()):
            self.disconnect(peer)

    def _trim_by_itself(self) -> None:
        if self._limits.crowded:
            self.trim()
        self._timer = asyncio.get_running_loop().call_later(_TRIM_SECONDS, self._trim_by_itself)

    # Streams.

    def serve(self, protocol: str, handler: Callable[[Stream], None]) -> None:
        """Hand streams of a protocol to this handler."""
        self._handlers[protocol] = handler
        self._announce({protocol}, set())

    def unserve(self, protocol: str) -> None:
        """Take no more streams of a protocol."""
        if self._handlers.pop(protocol, None) is not None:
            self._announce(set(), {protocol})

    def _announce(self, added: set[str], removed: set[str]) -> None:
        """Tell connected peers that the protocols changed."""
        self._protocols = (self._protocols | added) - removed
        for other in self.neighbours():
            if self.identifies and other.identifies:
                self._system_stream(other, IDENTIFY[2])
                record = other.book().record(self.peer_id)
                record.protocols = (record.protocols | added) - removed

    async def open_stream(self, peer: str, protocol: str) -> Stream:
        """Open a stream, connecting first if need be."""
        other = await self._dial(peer)
        handler = other._handlers.get(protocol)
        if handler is None:
            raise NetworkError("protocol not supported")
        mine, theirs = pair(self.peer_id, peer, protocol, (self._stream_closed(other), other._stream_closed(self)))
        self._stream_opened(other, mine)
        other._stream_opened(self, theirs, direction="inbound")
        handler(theirs)
        return mine

    def _stream_opened(self, other: MemoryHost, end: StreamEnd, direction: str = "outbound") -> None:
        end.direction = direction
        self._connections[other.peer_id].streams.append(end)
        self._watchers.tell(Event("stream_open", peer=other.peer_id, direction=direction, protocol=""))

    def _stream_closed(self, other: MemoryHost) -> Callable[[StreamEnd], None]:
        def closed(end: StreamEnd) -> None:
            connection = self._connections.get(other.peer_id)
            if connection is not None and end in connection.streams:
                connection.streams.remove(end)
            event = Event("stream_close", peer=other.peer_id, direction=end.direction, protocol=end.protocol)
            self._watchers.tell(event)

        return closed

    def _system_stream(self, other: MemoryHost, protocol: str) -> None:
        """A short stream of libp2p's own: only its coming and going is seen."""
        for name, shown in (("stream_open", ""), ("stream_close", protocol)):
            self._watchers.tell(Event(name, peer=other.peer_id, direction="outbound", protocol=shown))
            other._watchers.tell(Event(name, peer=self.peer_id, direction="inbound", protocol=shown))

    # The rest.

    def watch(self, on_event: Callable[[Event], None]) -> Subscription:
        """Hear what happens to the host."""
        return self._watchers.add(on_event)

    def start_gossip(self) -> GossipNode:
        """Take part in gossip with hosts that connect from now on: as in Rumor, those there already do not count."""
        self.gossip = GossipNode(self.peer_id)
        self._announce(set(GOSSIP), set())
        return self.gossip

    def close(self) -> None:
        """Leave the network."""
        if self._closed:
            return
        self._closed = True
        self._timer.cancel()
        for peer in self.peers():
            self.disconnect(peer)
        for place in self._places:
            self._network.shut(self, place)
            self._watchers.tell(Event("listen_close", address=place))
        self._places.clear()
        self._handlers.clear()


def _why_not(peer: str, place: Address, found: MemoryHost | None) -> str:
    if found is None:
        tcp = "tcp6" if place.scheme == "ip6" else "tcp4"
        where = f"[{place.ip}]:{place.port}" if place.scheme == "ip6" else f"{place.ip}:{place.port}"
        return f"dial {tcp} {where}: connect: connection refused"
    mismatch = f"peer id mismatch: expected {peer}, but remote key matches {found.peer_id}"
    return f"failed to negotiate security protocol: {mismatch}"
