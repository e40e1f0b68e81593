"""A host of libp2p over TCP: the port's `Host`."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from pyrum_sync.engine.network import deadlines
from pyrum_sync.engine.network.api import (
    Connected,
    Deadline,
    DeadlineExceeded,
    Disconnected,
    Event,
    Gossip,
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

from .connection import Connection
from .dialling import Dialler
from .identify_service import IdentifyService
from .identity import Identity
from .limits import Limits
from .listening import open_listener, reachable
from .muxer_state import ReceiveBudget
from .noise import NoiseKey
from .ping_service import PingService
from .slots import Slots
from .stream import NetworkStream
from .timeouts import Timeouts
from .upgrade import Upgrade

_TRIM_SECONDS = 60.0


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
        self.closed = False
        self._options = options
        self._muxers = tuple(muxers)
        self._noise = NoiseKey(identity)
        self._budget = ReceiveBudget(limits.unread_total)
        self._handlers: dict[str, Callable[[Stream], None]] = {}
        self._observers: Observers[Event] = Observers()
        self._connmgr = ConnectionManager(options.lo_peers, options.hi_peers, options.grace_seconds)
        self._dialler = Dialler(self)
        self._listeners: dict[Multiaddr, asyncio.Server] = {}
        self._live: set[Connection] = set()  # those that have a socket
        self._pending: dict[Connection, None] = {}  # inbound ones in their handshake, the oldest first
        self._origins: dict[str, int] = {}  # how many inbound ones of an address
        self._peers: dict[str, list[Connection]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._empty: asyncio.Future[None] | None = None
        self._handshakes: Timeouts[Connection] = Timeouts(limits.handshake_seconds, _late_handshake)
        negotiation = limits.negotiation_seconds
        if options.negotiation_timeout is not None:
            negotiation = min(negotiation, options.negotiation_timeout)
        self._negotiations: Timeouts[NetworkStream] = Timeouts(negotiation, _late_negotiation)
        self._slots = Slots(limits.streams_per_protocol)
        self._slot_seconds = options.negotiation_timeout
        self._trim_timer = self.loop.call_later(_TRIM_SECONDS, self._trim_by_itself)
        self._alive_timer = self.loop.call_later(limits.keep_alive_seconds, self._keep_alive)
        self._identify = IdentifyService(self, options.agent) if options.identify else None
        if options.ping:
            PingService(self)
        peerstore.record(self.peer_id)

    # Listening.

    async def listen(self, address: Multiaddr) -> Multiaddr:
        """Takes connections at this address; returns it with its real port."""
        if self.closed:
            raise NetworkError("the host is closed")
        sock, place = open_listener(address)
        if place in self._listeners:  # the same port again: one socket is enough
            sock.close()
        else:
            self._listeners[place] = await self.loop.create_server(self._inbound, sock=sock, backlog=128)
        if self.closed:
            raise NetworkError("the host is closed")
        for shown in reachable(place):
            self._observers.notify(ListenOpened(shown))
        if self._identify is not None:
            self._identify.changed()
        return reachable(place)[-1]

    def addresses(self) -> list[Multiaddr]:
        """Returns where it can be reached."""
        return list(dict.fromkeys(shown for place in self._listeners for shown in reachable(place)))

    def listens_at(self, place: Multiaddr) -> bool:
        """Whether this is one of its own addresses."""
        return bool(self._listeners) and place in self.addresses()

    # Connections, as the port has them.

    def peers(self) -> list[str]:
        """Returns the connected peers."""
        return list(self._peers)

    def connections(self) -> list[Connection]:
        """Returns all connections whose handshake is over."""
        return [connection for connections in self._peers.values() for connection in connections]

    def connection(self, peer: str) -> Connection | None:
        """Returns the oldest connection with a peer."""
        connections = self._peers.get(peer)
        return connections[0] if connections else None

    async def connect(self, address: Multiaddr, deadline: Deadline = None) -> None:
        """Connects to the peer at an address."""
        peer = address.peer
        if peer is None:
            raise NetworkError("invalid p2p multiaddr")
        place = None
        if address.port is not None:
            place = address.place
            self.peerstore.record(peer).add_address(address)
        if peer in self._peers:
            return
        connection = await self._connected(peer, deadline, place)
        if self._options.identify_first:
            await self._identified(connection, deadline)

    async def _connected(self, peer: str, deadline: Deadline, first: Multiaddr | None = None) -> Connection:
        connection = self.connection(peer)
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
        self._disconnect(peer)

    def _disconnect(self, peer: str) -> None:
        for connection in list(self._peers.get(peer, ())):
            connection.close()

    async def identify(self, peer: str, deadline: Deadline = None) -> None:
        """Waits until the identification of a peer is over."""
        if not self.identifies:
            raise NetworkError("libp2p identify not enabled on this host")
        connection = self.connection(peer)
        if connection is None:
            raise NetworkError("not connected to peer, cannot await connection identify")
        await self._identified(connection, deadline)

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
        for peer in self._connmgr.to_close(()):
            self._disconnect(peer)

    def _trim_by_itself(self) -> None:
        if self._connmgr.crowded:
            self._trim()
        self._trim_timer = self.loop.call_later(_TRIM_SECONDS, self._trim_by_itself)

    def _keep_alive(self) -> None:
        for connection in self.connections():
            connection.keep_alive()
        self._alive_timer = self.loop.call_later(self.limits.keep_alive_seconds, self._keep_alive)

    # Streams, as the port has them.

    def serve(self, protocol: str, handler: Callable[[Stream], None]) -> None:
        """Hands streams of a protocol to this handler."""
        self.handle(protocol, handler)
        if self._identify is not None:
            self._identify.changed()

    def unserve(self, protocol: str) -> None:
        """Takes no more streams of a protocol."""
        if self._handlers.pop(protocol, None) is not None and self._identify is not None:
            self._identify.changed()

    async def open_stream(self, peer: str, protocol: str, deadline: Deadline = None) -> Stream:
        """Opens a stream, connecting first if need be."""
        return await self.open_stream_of(peer, (protocol,), deadline)

    async def open_stream_of(self, peer: str, protocols: Sequence[str], deadline: Deadline = None) -> NetworkStream:
        """Opens a stream of one of several protocols, the preferred first; else as `open_stream`."""
        connection = self.connection(peer) or await self._connected(peer, deadline)
        deadlines.check(deadline)
        if self._options.identify_first:
            await self._identified(connection, deadline)
        return await self.open_on(connection, protocols, deadline)

    async def open_on(
        self, connection: Connection, protocols: Sequence[str], deadline: Deadline = None
    ) -> NetworkStream:
        """Opens a stream on a connection.

        Where the peer is known to serve one of the protocols, that one counts as agreed on: its data go with the
        proposal. If the peer refuses it nonetheless, reading and writing raise ProtocolNotSupported.

        Raises:
            DeadlineExceeded: the deadline passed, or no protocol was agreed on in time.
            ProtocolNotSupported: the peer has none of them.
            NetworkError: the connection is closed, or takes no more streams.
        """
        slot = (connection.peer, protocols[0])
        if not self._slots.take(slot):
            await self._slots.wait(slot, _earlier(deadline, deadlines.after(self._slot_seconds)))
        try:
            if delay := connection.opening_delay():
                await deadlines.within(asyncio.sleep(delay), deadline)
            known = self.peerstore.find(connection.peer).protocols
            lazy = next((protocol for protocol in protocols if protocol in known), None)
            stream = connection.open_stream((lazy,) if lazy else protocols, lazy=lazy is not None)
        except BaseException:
            self._slots.free(slot)
            raise
        stream.slot = slot
        if lazy is None:
            await self._agreement(stream, deadline)
        return stream

    async def _agreement(self, stream: NetworkStream, deadline: Deadline) -> None:
        stream.agreement = self.loop.create_future()
        timer = None if deadline is None else self.loop.call_at(deadline, stream.fail, DeadlineExceeded())
        try:
            await stream.agreement
            stream.check()
        except BaseException:
            stream.reset()
            raise
        finally:
            if timer is not None:
                timer.cancel()

    # The rest of the port.

    def observe(self, on_event: Callable[[Event], None]) -> Subscription:
        """Calls back for what happens to the host."""
        return self._observers.add(on_event)

    def start_gossip(self) -> Gossip:
        """Takes part in gossip."""
        raise NetworkError("gossip is not spoken over tcp yet")

    async def close(self) -> None:
        """Leaves the network; when it returns, no socket, task or timer of the host is left."""
        if self.closed:
            return
        self.closed = True
        self._trim_timer.cancel()
        self._alive_timer.cancel()
        for place, server in self._listeners.items():
            server.close()
            for shown in reachable(place):
                self._observers.notify(ListenClosed(shown))
        self._listeners.clear()
        await self._dialler.close()
        for connection in list(self._live):
            if connection.peer:
                connection.close()
            else:
                connection.abort()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        self._handshakes.close()
        self._negotiations.close()
        if self._live:
            self._empty = self.loop.create_future()
            await asyncio.wait({self._empty}, timeout=self.limits.closing_seconds + 1.0)
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

    # What connections report.

    def _inbound(self) -> Connection:
        return self._connection(None)

    def outbound(self, peer: str) -> Connection:
        """Returns a connection to be dialled, that `ready` is for.

        Raises:
            NetworkError: the host has as many as it may.
        """
        if len(self._live) >= self.limits.connections:
            raise NetworkError(f"this host has {len(self._live)} connections, and takes no more")
        connection = self._connection(peer)
        connection.ready = self.loop.create_future()
        return connection

    def _connection(self, peer: str | None) -> Connection:
        upgrade = Upgrade(
            initiator=peer is not None,
            key=self._noise,
            expected=peer,
            muxers=self._muxers,
            budget=self._budget,
            limits=self.limits.muxer,
        )
        return Connection(self, upgrade, "inbound" if peer is None else "outbound")

    def connection_began(self, connection: Connection) -> bool:
        """A connection has its socket; False if it is one too many."""
        self._live.add(connection)
        if self.closed:
            return False
        if connection.direction == "inbound":
            origin = _origin(connection.address)
            if len(self._live) > self.limits.connections or self._origins.get(origin, 0) >= self.limits.per_address:
                return False
            if len(self._pending) >= self.limits.pending:
                next(iter(self._pending)).fail(NetworkError("too many connections at once in their handshake"))
            connection.origin = origin
            self._origins[origin] = self._origins.get(origin, 0) + 1
            self._pending[connection] = None
        self._handshakes.start(connection)
        return True

    def connection_ready(self, connection: Connection) -> bool:
        """A connection's peer is proven; False if it is not wanted."""
        self._handshakes.stop(connection)
        self._pending.pop(connection, None)
        peer = connection.peer
        if peer == self.peer_id or self.closed:
            return False
        connections = self._peers.setdefault(peer, [])
        connections.append(connection)
        self.peerstore.record(peer)
        if len(connections) == 1:
            self._connmgr.connected(peer)
            self._observers.notify(Connected(peer, connection.direction, connection.address))
        if self._identify is not None:
            self._identify.connected(connection)
        return True

    def connection_closed(self, connection: Connection) -> None:
        """A connection is over; its socket may still send."""
        self._handshakes.stop(connection)
        self._pending.pop(connection, None)
        if self._identify is not None:
            self._identify.disconnected(connection)
        connections = self._peers.get(connection.peer, [])
        if connection not in connections:
            return
        connections.remove(connection)
        if not connections:
            del self._peers[connection.peer]
            self._connmgr.disconnected(connection.peer)
            self._observers.notify(Disconnected(connection.peer, connection.direction, connection.address))

    def connection_gone(self, connection: Connection) -> None:
        """A connection's socket is closed."""
        self._live.discard(connection)
        if connection.origin:
            left = self._origins[connection.origin] - 1
            if left:
                self._origins[connection.origin] = left
            else:
                del self._origins[connection.origin]
        if not self._live and self._empty is not None and not self._empty.done():
            self._empty.set_result(None)

    def stream_opened(self, stream: NetworkStream) -> None:
        """A stream begins."""
        self._negotiations.start(stream)
        self._observers.notify(StreamOpened(stream.peer, stream.direction))

    def stream_agreed(self, stream: NetworkStream) -> None:
        """A stream has its protocol: the other side's are handed to their handler."""
        self._negotiations.stop(stream)
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
        self._negotiations.stop(stream)
        if stream.slot is not None:
            self._slots.free(stream.slot)
        self._observers.notify(StreamClosed(stream.peer, stream.direction, stream.protocol))


def _late_handshake(connection: Connection) -> None:
    connection.fail(NetworkError("failed to negotiate security protocol: i/o timeout"))


def _late_negotiation(stream: NetworkStream) -> None:
    stream.fail(DeadlineExceeded())


def _earlier(one: Deadline, other: Deadline) -> Deadline:
    return min((end for end in (one, other) if end is not None), default=None)


def _origin(address: Multiaddr | None) -> str:
    """What counts as one address: of IPv6 the network of 64 bits."""
    if address is None or address.ip is None:
        return "?"
    if address.scheme == "ip6":
        return str(ipaddress.ip_network((address.ip, 64), strict=False))
    return address.ip
