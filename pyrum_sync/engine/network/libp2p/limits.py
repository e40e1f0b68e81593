"""The bounds that a host puts on its peers, in one place: tests hand in smaller ones."""

from __future__ import annotations

from dataclasses import dataclass, field

from .muxer_state import MuxerLimits


@dataclass(frozen=True)
class Limits:
    """What peers may take of a host; times are in seconds."""

    handshake_seconds: float = 15.0
    """From the TCP connection to the agreed muxer; then the connection is closed."""
    pending: int = 64
    """Inbound connections in their handshake; the oldest goes when another comes."""
    connections: int = 400
    """Inbound and outbound connections; further inbound ones are closed at once, further dials are refused."""
    per_address: int = 128
    """Inbound connections of one IPv4 address, or of one /64 of IPv6."""
    per_peer: int = 8
    """Connections of one peer; the oldest goes when another comes."""
    negotiation_seconds: float = 10.0
    """From a stream's opening to its protocol; then it is reset."""
    streams_per_protocol: int = 60
    """Streams that this side has open at once to a peer for one protocol; others wait. Go's hosts take 64."""
    muxer: MuxerLimits = field(default_factory=MuxerLimits)
    """Those of each connection's muxer."""
    unread_total: int = 64 * 1024 * 1024
    """Bytes of windows beyond the first and of unread data, of all connections."""
    streams_total: int = 8192
    """Inbound streams of all connections; a connection that has few may have one more."""
    keep_alive_seconds: float = 30.0
    """A peer that was silent that long is pinged, and has as long to answer; so long it may also read nothing."""
    congestion_seconds: float = 5.0
    """How long a connection is not read while too much is unread; then the fullest stream is reset."""
    closing_seconds: float = 1.0
    """How long a closed connection may take to send what it still has."""
    connect_seconds: float = 5.0
    """For the TCP connection of a dial, as in Rumor."""
    resolve_seconds: float = 5.0
    """For the addresses of a name."""
    stagger_seconds: float = 0.25
    """After which the next address of a peer is dialled besides (RFC 8305)."""
    identify_seconds: float = 10.0
    """For one exchange of identify."""
