"""The narrow door between commands and a network: all that commands may ask of it.

The network behind it today is in memory (`network`). One of real sockets could stand here with no command changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from pyrum_sync.engine.network.peerstore import PeerBook
from pyrum_sync.spec.addresses import Address


class NetworkError(Exception):
    """What went wrong between hosts, in libp2p's words."""


class Stream(Protocol):
    """Bytes both ways between two hosts; each side ends its own writing."""

    peer: str
    protocol: str

    async def read(self) -> bytes:
        """Some bytes; empty when the other side ended its writing. NetworkError when the stream broke."""

    def write(self, data: bytes) -> None:
        """Send bytes; NetworkError after this side's end."""

    def close_write(self) -> None:
        """End this side's writing; again does nothing."""


@dataclass(frozen=True)
class Event:
    """What a host tells its watchers: ``listen_open``, ``connection_close``, ``stream_open`` and the like."""

    name: str
    address: Address | None = None
    peer: str | None = None
    direction: str | None = None
    protocol: str | None = None


@dataclass(frozen=True)
class Message:
    """A gossip message as a subscriber gets it."""

    topic: str
    data: bytes
    received_from: str
    seq_no: bytes


@dataclass(frozen=True)
class HostOptions:
    """How a host is set up."""

    private_key: int
    agent: str
    lo_peers: int
    hi_peers: int
    grace_seconds: float
    identify: bool
    ping: bool


class Subscription(Protocol):
    """Something that goes on until it is ended."""

    def end(self) -> None:
        """End it; again does nothing."""


class Topic(Protocol):
    """A joined gossip topic."""

    def publish(self, data: bytes) -> None:
        """Send a message to the topic's peers."""

    def subscribe(self, on_message: Callable[[Message], None]) -> Subscription:
        """Hear the topic's messages, own ones too."""

    def watch(self, on_event: Callable[[str, bool], None]) -> Subscription:
        """Hear of peers: their id, and whether they came."""

    def peers(self) -> list[str]:
        """The connected peers that hear this topic."""

    def close(self) -> None:
        """Leave the topic; NetworkError while somebody listens on it."""


class Gossip(Protocol):
    """A host's part in gossip."""

    def join(self, topic: str) -> Topic:
        """Join a topic."""

    def blacklist(self, peer: str) -> None:
        """Hear no more of a peer."""


class Host(Protocol):
    """One peer of the network."""

    peer_id: str
    identifies: bool

    def listen(self, address: Address) -> None:
        """Take connections at this address; port 0 means any."""

    def addresses(self) -> list[Address]:
        """Where it listens."""

    def peers(self) -> list[str]:
        """The connected peers."""

    async def connect(self, address: Address) -> None:
        """Connect to the peer at an address (already connected is fine); NetworkError."""

    def disconnect(self, peer: str) -> None:
        """Close the connection with a peer, if there is one."""

    def protect(self, peer: str, tag: str) -> None:
        """Keep the peer when connections are trimmed."""

    def unprotect(self, peer: str, tag: str) -> None:
        """Take one such tag away."""

    def trim(self) -> None:
        """Close connections down to the low-water mark, as libp2p's connection manager would."""

    def serve(self, protocol: str, handler: Callable[[Stream], None]) -> None:
        """Hand streams of a protocol to this handler."""

    def unserve(self, protocol: str) -> None:
        """Take no more streams of a protocol."""

    async def open_stream(self, peer: str, protocol: str) -> Stream:
        """Open a stream, connecting first if need be; NetworkError."""

    def watch(self, on_event: Callable[[Event], None]) -> Subscription:
        """Hear what happens to the host."""

    def start_gossip(self) -> Gossip:
        """Take part in gossip from now on."""

    def close(self) -> None:
        """Leave the network; again does nothing."""


class Network(Protocol):
    """Where hosts meet."""

    def new_host(self, options: HostOptions, book: Callable[[], PeerBook]) -> Host:
        """Make a host; `book` gives the peer book it writes into, which may change."""
