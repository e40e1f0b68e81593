"""The port between the commands and a network: all that commands may ask of a host.

Two networks implement it: `memory` (hosts of one process meet without sockets) and `libp2p` (TCP). Faults wrap any
host. One contract suite (tests/contract/test_network.py) holds them to what is written here.

Everything runs in one asyncio loop, and nothing here may be called from another thread. Callbacks (`on_event`,
`on_message`, stream handlers) run in that loop, return at once and raise nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

from pyrum_sync.engine.network.peerstore import Peerstore
from pyrum_sync.spec.multiaddr import Multiaddr

Deadline = float | None
"""A moment of the running loop's clock (`loop.time()`); None for no limit."""

Direction = Literal["inbound", "outbound"]
"""Which side opened a connection or a stream: the other, or this one."""


class NetworkError(Exception):
    """What went wrong between hosts, in libp2p's words."""


class DeadlineExceeded(NetworkError):
    """A time limit ran out."""

    def __init__(self, message: str = "context deadline exceeded") -> None:
        super().__init__(message)


class StreamReset(NetworkError):
    """A stream that one of its sides gave up, or whose connection is gone."""

    def __init__(self, message: str = "stream reset") -> None:
        super().__init__(message)


class ProtocolNotSupported(NetworkError):
    """The peer serves no such protocol."""

    def __init__(self, message: str = "protocol not supported") -> None:
        super().__init__(message)


class Stream(Protocol):
    """Bytes both ways between two hosts; each side ends its own writing.

    A stream is over when both sides have ended their writing and both ends have been read, or when it was reset. The
    side that opened a stream, and the handler that was handed it, see to it that one of the two happens.
    """

    @property
    def peer(self) -> str:
        """The other side's peer id."""

    @property
    def protocol(self) -> str:
        """The protocol that both sides agreed on."""

    @property
    def direction(self) -> Direction:
        """Which side opened it."""

    async def read(self) -> bytes:
        """Returns some bytes, as soon as there are any; empty bytes after the other side ended its writing.

        One reader at a time. What had arrived before a reset may be lost; after this side's own reset it is.

        Raises:
            StreamReset: it was reset, by either side.
        """

    def write(self, data: bytes) -> None:
        """Queues bytes to be sent; `drain` waits for the peer to take them.

        Raises:
            StreamReset: it was reset, by either side.
            NetworkError: "stream closed", after this side's end.
        """

    async def drain(self) -> None:
        """Waits until what is queued is below the network's bound (256 KiB): a peer that never reads holds it up.

        Raises:
            StreamReset: it was reset, by either side.
        """

    def close_write(self) -> None:
        """Ends this side's writing after what is queued; again, or after a reset, does nothing."""

    def reset(self) -> None:
        """Ends the stream both ways, at once, whatever is queued; again, or when it is over, does nothing."""


@dataclass(frozen=True)
class ListenOpened:
    """The host takes connections at an address."""

    name: ClassVar = "listen_open"
    address: Multiaddr


@dataclass(frozen=True)
class ListenClosed:
    """The host takes no more connections at an address."""

    name: ClassVar = "listen_close"
    address: Multiaddr


@dataclass(frozen=True)
class Connected:
    """A connection with a peer is open; `address` is the peer's end of it, where the network has one."""

    name: ClassVar = "connection_open"
    peer: str
    direction: Direction
    address: Multiaddr | None = None


@dataclass(frozen=True)
class Disconnected:
    """The last connection with a peer is over."""

    name: ClassVar = "connection_close"
    peer: str
    direction: Direction
    address: Multiaddr | None = None


@dataclass(frozen=True)
class StreamOpened:
    """A stream begins; `protocol` is empty while it is not agreed on, as in libp2p."""

    name: ClassVar = "stream_open"
    peer: str
    direction: Direction
    protocol: str = ""


@dataclass(frozen=True)
class StreamClosed:
    """A stream is over on this side."""

    name: ClassVar = "stream_close"
    peer: str
    direction: Direction
    protocol: str = ""


Event = ListenOpened | ListenClosed | Connected | Disconnected | StreamOpened | StreamClosed
"""What a host's observers hear of; `name` is the event's name in ``host notify``."""


@dataclass(frozen=True)
class Message:
    """A gossip message as a subscriber gets it: its topic, its data, and the neighbour that passed it on."""

    topic: str
    data: bytes
    """As it was sent."""
    content: bytes | None
    """`data`, decompressed if the topic ends in `_snappy`; None if it does not decompress."""
    received_from: str
    seq_no: bytes = b""
    """The author's number for it; empty where the topic has none."""
    signature: bytes = b""
    """Empty if it is not signed."""


@dataclass(frozen=True)
class HostOptions:
    """How a host is set up: the flags of ``host start``, whose defaults these are (host/start.go)."""

    private_key: bytes
    """32 bytes."""
    key_type: Literal["secp256k1", "ed25519"] = "secp256k1"
    agent: str = ""
    lo_peers: int = 15
    """Trimming closes connections down to this many …"""
    hi_peers: int = 20
    """… and happens by itself from this many on."""
    grace_seconds: float = 20.0
    """How long trimming spares a new connection."""
    identify: bool = True
    """Whether the host says what it is, and asks others."""
    identify_first: bool = True
    """Whether connecting, and opening a stream, wait for the peer's identification first."""
    ping: bool = False
    """Whether it answers libp2p's own ping."""
    transports: Sequence[str] = ("tcp",)
    muxers: Sequence[str] = ("yamux", "mplex")
    security: Sequence[str] = ("noise",)
    negotiation_timeout: float | None = 60.0
    """Seconds for a stream's negotiation, None for no limit (a network may set a lower one of its own)."""
    signed_peer_records: bool = False


class Subscription(Protocol):
    """Something that goes on until it is ended."""

    def end(self) -> None:
        """Ends it; again does nothing."""


class Topic(Protocol):
    """A gossip topic that the host joined."""

    def publish(self, data: bytes) -> None:
        """Sends a message to the topic's peers, and to the host's own subscriptions; without a word if it is too long.

        Args:
            data: As it is sent: compressed where the topic ends in `_snappy`.
        """

    def subscribe(self, on_message: Callable[[Message], None]) -> Subscription:
        """Calls back for each of the topic's messages, the host's own too: the host hears the topic from now on."""

    def observe(self, on_event: Callable[[str, bool], None]) -> Subscription:
        """Calls back with a peer's id, and whether it came to the topic or left it; at once for those there already."""

    def peers(self) -> list[str]:
        """Returns the connected peers that hear this topic."""

    def close(self) -> None:
        """Leaves the topic.

        Raises:
            NetworkError: there are subscriptions, or there was an observer.
        """


class Gossip(Protocol):
    """A host's part in gossip."""

    def join(self, topic: str) -> Topic:
        """Joins a topic that the host has not joined. It hears the topic only while there is a subscription.

        Raises:
            NetworkError: a name that no topic can have.
        """

    def blacklist(self, peer: str) -> None:
        """Takes no more messages from a peer."""


class Host(Protocol):
    """One peer of the network."""

    @property
    def peer_id(self) -> str:
        """Its name: of its key."""

    @property
    def identifies(self) -> bool:
        """Whether it takes part in identification."""

    async def listen(self, address: Multiaddr) -> Multiaddr:
        """Takes connections at this address; port 0 means any.

        Returns:
            The address, with the real port.

        Raises:
            NetworkError: it cannot listen there.
        """

    def addresses(self) -> list[Multiaddr]:
        """Returns where it can be reached: the addresses that it listens at, without its peer id."""

    def peers(self) -> list[str]:
        """Returns the connected peers, oldest connection first."""

    async def connect(self, address: Multiaddr, deadline: Deadline = None) -> None:
        """Connects to the peer of an address; already connected is fine, whatever the deadline.

        With `identify_first` it also waits for the peer's identification. What the address says of the peer goes into
        the peerstore. Addresses that were dialled without success are left alone for a while ("dial backoff").

        Raises:
            DeadlineExceeded: the deadline passed; nothing is left half open.
            NetworkError: no peer in the address ("invalid p2p multiaddr"), or the peer cannot be reached.
        """

    async def disconnect(self, peer: str) -> None:
        """Closes all connections with a peer, and resets their streams; none is fine."""

    async def identify(self, peer: str, deadline: Deadline = None) -> None:
        """Waits until the identification of a connected peer is over, also that of a peer that does not take part.

        Raises:
            DeadlineExceeded: the deadline passed.
            NetworkError: it is not connected, or this host does not identify.
        """

    def protect(self, peer: str, tag: str) -> None:
        """Keeps the peer when connections are trimmed; it need not be connected."""

    def unprotect(self, peer: str, tag: str) -> None:
        """Takes one such tag away."""

    async def trim(self) -> None:
        """Closes connections down to the low-water mark, as libp2p's connection manager would."""

    def serve(self, protocol: str, handler: Callable[[Stream], None]) -> None:
        """Hands new streams of a protocol to this handler, in place of any before it, and lets connected peers know."""

    def unserve(self, protocol: str) -> None:
        """Takes no more streams of a protocol; those that are open go on."""

    async def open_stream(self, peer: str, protocol: str, deadline: Deadline = None) -> Stream:
        """Opens a stream, connecting first if need be.

        Raises:
            DeadlineExceeded: the deadline passed.
            ProtocolNotSupported: the peer does not serve the protocol.
            NetworkError: the peer cannot be reached.
        """

    def observe(self, on_event: Callable[[Event], None]) -> Subscription:
        """Calls back for everything that happens to the host from now on."""

    def start_gossip(self) -> Gossip:
        """Takes part in gossip with the peers that connect from now on: those already there do not count.

        A message takes its way along meshes, which form once a second. What is published before a peer's subscription
        is known and the next mesh has formed does not reach that peer.
        """

    async def close(self) -> None:
        """Leaves the network: closes connections and listeners, and resets streams. Again does nothing."""


class Network(Protocol):
    """Where hosts meet."""

    @property
    def name(self) -> str:
        """``memory`` or ``tcp``."""

    async def new_host(self, options: HostOptions, peerstore: Peerstore) -> Host:
        """Makes a host, which reads and writes what is known of peers in `peerstore`.

        Raises:
            NetworkError: an option that the network does not know, or a key that is none.
        """

    async def close(self) -> None:
        """Closes all its hosts; again does nothing."""
