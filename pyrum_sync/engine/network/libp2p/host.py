"""A host of libp2p over TCP: the port's `Host`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from pyrum_sync.engine.network import deadlines
from pyrum_sync.engine.network.api import (
    Deadline,
    DeadlineExceeded,
    Event,
    HostOptions,
    ListenClosed,
    ListenOpened,
    NetworkError,
    Stream,
    StreamClosed,
    StreamOpened,
    Subscription,
)
from pyrum_sync.engine.network.connmgr import ConnectionManager
from pyrum_sync.engine.network.observers import Observers
from pyrum_sync.engine.network.peerstore import Peerstore
from pyrum_sync.spec.multiaddr import Multiaddr

from .admission import Admission
from .connection import Connection
from .dialling import Dialler
from .identify_service import IdentifyService
from .identity import Identity
from .limits import Limits
from .muxer_state import ReceiveBudget
from .noise import NoiseKey
from .opening import Opening
from .ping_service import PingService
from .roster import Roster
from .sockets import open_listener, reachable
from .stream import NetworkStream
from .upgrade import Upgrade

if TYPE_CHECKING:
    from pyrum_sync.engine.network.gossip.service import GossipService

_TRIM_SECONDS = 60.0
_BUFFER = 128 * 1024  # bytes that are received at once


class LibP2PHost:
    """Meets other hosts over TCP: see the port's `Host`.

    Args:
        identity: Its key.
        options: See HostOptions.
        peerstore: Where it keeps what it learns of peers.
        muxers: The muxers' protocols, the preferred first.
        limits: The bounds for its peers.
    """

    def __init__(
        self,
        identity: Identity,
        options: HostOptions,
        peerstore: Peerstore,
        muxers: Sequence[str],
        limits: Limits,
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self.identity = identity
        self.peer_id = identity.peer_id
        self.identifies = options.identify
        self.peerstore = peerstore
        self.limits = limits
        self._closed = False
        self.buffer = memoryview(bytearray(_BUFFER))
        """What connections receive into, one after the other."""
        self._options = options
        self._muxers = tuple(muxers)
        self._noise = NoiseKey(identity)
        self._budget = ReceiveBudget(limits.unread_total, limits.streams_total)
        self._handlers: dict[str, Callable[[Stream], None]] = {}
        self._observers: Observers[Event] = Observers()
        manager = ConnectionManager(options.lo_peers, options.hi_peers, options.grace_seconds)
        self.roster = Roster(manager, limits.per_peer, self._observers.notify)
        self.admission = Admission(limits)
        self._opening = Opening(limits, peerstore, options.negotiation_timeout)
        self._dialler = Dialler(self)
        self._listeners: dict[Multiaddr, asyncio.Server] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._identify = IdentifyService(self, options.agent) if options.identify else None
        self._gossip: GossipService | None = None
        if options.ping:
            PingService(self)
        self._trim_timer = self.loop.call_later(_TRIM_SECONDS, self._trim_by_itself)
        self._alive_timer = self.loop.call_later(limits.keep_alive_seconds, self._keep_alive)
        peerstore.record(self.peer_id)

    @property
    def closed(self) -> bool:
        """Whether it left the network, or is about to."""
        return self._closed

    # Listening.

    async def listen(self, address: Multiaddr) -> Multiaddr:
        """Takes connections at this address; returns it with its real port."""
        if self.closed:
            raise NetworkError("the host is closed")
        sock, place = open_listener(address)
        if place in self._listeners:  # the same port again: one socket is enough
            sock.close()
        else:
            server = await self.loop.create_server(self._inbound, sock=sock, backlog=128)
            if self._closed:  # meanwhile
                server.close()
                raise NetworkError("the host is closed")
            self._listeners[place] = server
        self._observers.notify(ListenOpened(place))
        self._changed()
        return place

    def addresses(self) -> list[Multiaddr]:
        """Returns where it can be reached."""
        return list(dict.fromkeys(shown for place in self._listeners for shown in reachable(place)))

    def listens_at(self, place: Multiaddr) -> bool:
        """Whether this is one of its own addresses."""
        return bool(self._listeners) and place in self.addresses()

    # Connections.

    def peers(self) -> list[str]:
        """Returns the connected peers."""
        return self.roster.peers()

    async def connect(self, address: Multiaddr, deadline: Deadline = None) -> None:
        """Connects to the peer at an address."""
        peer = address.peer
        if peer is None:
            raise NetworkError("invalid p2p multiaddr")
        place = None
        if address.port is not None:
            place = address.place
            self.peerstore.record(peer).add_address(address)
        if self.roster.connection(peer) is not None:
            return
        connection = await self._connected(peer, deadline, place)
        if self._options.identify_first:
            await self._identified(connection, deadline)

    async def _connected(self, peer: str, deadline: Deadline, first: Multiaddr | None = None) -> Connection:
        connection = self.roster.connection(peer)
        if connection is not None:
            return connection
        deadlines.check(deadline)
        if self.closed:
            raise NetworkError("the host is closed")
        if peer == self.peer_id:
            raise NetworkError("dial to self attempted")
        return await self._dialler.dial(peer, deadline, first)

    async def _identified(self, connection: Connection, deadline: Deadline) -> None:
        """Waits for a peer's identification, if this host identifies."""
        if self._identify is None or connection.identified.done():
            return
        limit = None if deadline is None else max(0.0, deadline - self.loop.time())
        await asyncio.wait({connection.identified}, timeout=limit)
        if not connection.identified.done():
            raise DeadlineExceeded

    async def disconnect(self, peer: str) -> None:
        """Closes all connections with a peer."""
        self.roster.disconnect(peer)

    async def identify(self, peer: str, deadline: Deadline = None) -> None:
        """Waits until the identification of a peer is over."""
        if not self.identifies:
            raise NetworkError("libp2p identify not enabled on this host")
        connection = self.roster.connection(peer)
        if connection is None:
            raise NetworkError("not connected to peer, cannot await connection identify")
        await self._identified(connection, deadline)

    # The connection manager.

    def protect(self, peer: str, tag: str) -> None:
        """Keeps the peer when connections are trimmed."""
        self.roster.manager.protect(peer, tag)

    def unprotect(self, peer: str, tag: str) -> None:
        """Takes one such tag away."""
        self.roster.manager.unprotect(peer, tag)

    async def trim(self) -> None:
        """Closes connections down to the low-water mark."""
        self._trim()

    def _trim(self) -> None:
        self.roster.trim(self._gossip.mesh() if self._gossip is not None else ())

    def _trim_by_itself(self) -> None:
        if self.roster.manager.crowded:
            self._trim()
        self._trim_timer = self.loop.call_later(_TRIM_SECONDS, self._trim_by_itself)

    def _keep_alive(self) -> None:
        self.roster.keep_alive(self.limits.keep_alive_seconds)
        self._alive_timer = self.loop.call_later(self.limits.keep_alive_seconds, self._keep_alive)

    # Streams.

    def serve(self, protocol: str, handler: Callable[[Stream], None]) -> None:
        """Hands streams of a protocol to this handler."""
        self.handle(protocol, handler)
        self._changed()

    def unserve(self, protocol: str) -> None:
        """Takes no more streams of a protocol."""
        if self._handlers.pop(protocol, None) is not None:
            self._changed()

    def _changed(self) -> None:
        """Lets peers know what it serves now, and where."""
        if self._identify is not None:
            self._identify.changed()

    async def open_stream(self, peer: str, protocol: str, deadline: Deadline = None) -> Stream:
        """Opens a stream, connecting first if need be."""
        return await self.open_stream_of(peer, (protocol,), deadline)

    async def open_stream_of(self, peer: str, protocols: Sequence[str], deadline: Deadline = None) -> NetworkStream:
        """Opens a stream of one of several protocols, the preferred first; else as `open_stream`."""
        connection = self.roster.connection(peer) or await self._connected(peer, deadline)
        deadlines.check(deadline)
        if self._options.identify_first:
            await self._identified(connection, deadline)
        return await self.open_on(connection, protocols, deadline)

    async def open_on(
        self, connection: Connection, protocols: Sequence[str], deadline: Deadline = None
    ) -> NetworkStream:
        """Opens a stream on a connection: see `Opening.open`."""
        return await self._opening.open(connection, protocols, deadline)

    # The rest of the port.

    def observe(self, on_event: Callable[[Event], None]) -> Subscription:
        """Calls back for what happens to the host."""
        return self._observers.add(on_event)

    def start_gossip(self) -> GossipService:
        """Takes part in gossip."""
        from . import gossip_service  # most hosts do without, and it takes a tenth of the time to load the engine

        self._gossip = gossip_service.start(self)
        self._observers.add(self._gossip.happened)
        self._changed()
        return self._gossip

    async def close(self) -> None:
        """Leaves the network; when it returns, no socket, task or timer of the host is left."""
        if self.closed:
            return
        self._closed = True
        self._trim_timer.cancel()
        self._alive_timer.cancel()
        for place, server in self._listeners.items():
            server.close()
            self._observers.notify(ListenClosed(place))
        self._listeners.clear()
        if self._gossip is not None:
            await self._gossip.close()
        await self._dialler.close()
        await self.admission.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._opening.close()
        if self._identify is not None:
            self._identify.close()
        self._handlers.clear()

    # What services need.

    def handle(self, protocol: str, handler: Callable[[Stream], None]) -> None:
        """Serves a protocol, and lets nobody know yet."""
        self._handlers[protocol] = handler

    def protocols(self) -> list[str]:
        """Returns what it serves."""
        return list(self._handlers)

    def serves(self, protocol: str) -> bool:
        """Whether it serves a protocol."""
        return protocol in self._handlers

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs a service's work, which ends with the host."""
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # What connections need, and report.

    def _inbound(self) -> Connection:
        return Connection(self, self._upgrade(None), "inbound")

    def outbound(self, peer: str) -> Connection:
        """Returns a connection to be dialled; its `ready` is set once the peer is proven.

        Raises:
            NetworkError: the host has as many as it may.
        """
        if self.admission.full:
            raise NetworkError(f"the host has {self.limits.connections} connections, and opens no more")
        connection = Connection(self, self._upgrade(peer), "outbound")
        connection.ready = self.loop.create_future()
        return connection

    def _upgrade(self, peer: str | None) -> Upgrade:
        return Upgrade(
            initiator=peer is not None,
            key=self._noise,
            expected=peer,
            muxers=self._muxers,
            budget=self._budget,
            limits=self.limits.muxer,
        )

    def connection_ready(self, connection: Connection) -> bool:
        """A connection's peer is proven; False if it is not wanted."""
        self.admission.settled(connection)
        if connection.peer == self.peer_id or self.closed:
            return False
        self.peerstore.record(connection.peer)
        self.roster.add(connection)
        if self._identify is not None:
            self._identify.connected(connection)
        return True

    def connection_closed(self, connection: Connection) -> None:
        """A connection is over; its socket may still send."""
        self.admission.settled(connection)
        if self._identify is not None:
            self._identify.disconnected(connection)
        self.roster.remove(connection)

    def stream_opened(self, stream: NetworkStream) -> None:
        """A stream begins."""
        self._opening.began(stream)
        self._observers.notify(StreamOpened(stream.peer, stream.direction))

    def stream_agreed(self, stream: NetworkStream) -> None:
        """A stream has its protocol: the other side's are handed to their handler."""
        self._opening.agreed(stream)
        if stream.direction == "outbound":
            return
        handler = self._handlers.get(stream.protocol)
        if handler is None:
            stream.reset()
            return
        try:
            handler(stream)
        except Exception as error:
            stream.reset()
            self.loop.call_exception_handler(
                {"message": f"the handler of {stream.protocol} failed", "exception": error}
            )

    def stream_closed(self, stream: NetworkStream) -> None:
        """A stream is over."""
        self._opening.over(stream)
        self._observers.notify(StreamClosed(stream.peer, stream.direction, stream.protocol))
