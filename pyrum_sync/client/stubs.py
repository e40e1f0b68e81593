"""Rumor's commands with their arguments and flags, for editors and mypy.

Made from the catalogue by `make generate`: do not edit. At run time nothing imports it.
"""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from ipaddress import IPv4Address, IPv6Address
from os import PathLike
from typing import Any, Literal, Protocol

from pyrum_sync.client.call import Call


class SSZ(Protocol):
    """An SSZ object: it is sent as the hex of its encoding."""

    def encode_bytes(self) -> bytes: ...


Text = str | int | PathLike[str] | Enum
Int = int | str | Enum
Bool = bool | Literal["true", "false"] | Enum
Strings = str | list[Any] | tuple[Any, ...] | Enum
Duration = float | timedelta | str | Enum
Ip = str | IPv4Address | IPv6Address | Enum
Bytes = bytes | bytearray | memoryview | str | SSZ | Enum
Name = str | Enum


class Command(Protocol):
    """A command that this module does not know, as a newer Rumor may have it."""

    def __call__(self, *args: Any, **flags: Any) -> Call: ...
    def __getitem__(self, word: str) -> Command: ...
    def __getattr__(self, word: str) -> Command: ...


class Words(Protocol):
    """A group of commands, which may have some that this module does not know."""

    def __getitem__(self, word: str) -> Command: ...


class Host(Words, Protocol):
    """The libp2p host of the actor."""

    start: HostStart
    stop: HostStop
    view: HostView
    listen: HostListen
    notify: HostNotify


class HostStart(Protocol):
    def __call__(
        self,
        *,
        priv: Bytes | None = None,
        agent: Text | None = "Rumor",
        nat: Bool | None = True,
        transport: Strings | None = ("tcp",),
        mux: Strings | None = ("yamux", "mplex"),
        security: Strings | None = ("noise", "secio"),
        identify: Bool | None = True,
        identify_first: Bool | None = True,
        libp2p_ping: Bool | None = False,
        signed_peer_records: Bool | None = False,
        relay: Bool | None = False,
        lo_peers: Int | None = 15,
        hi_peers: Int | None = 20,
        peer_grace_period: Duration | None = "20s",
        negotiation_timeout: Duration | None = "1m0s",
    ) -> Call:
        """Start the libp2p host of the actor."""


class HostStop(Protocol):
    def __call__(self) -> Call:
        """Stop the libp2p host of the actor."""


class HostView(Protocol):
    def __call__(self) -> Call:
        """Show the peer id, listening addresses and ENR of the host."""


class HostListen(Protocol):
    def __call__(self, *, ip: Ip | None = None, tcp: Int | None = 9000) -> Call:
        """Listen for connections on a TCP address."""


class HostNotify(Protocol):
    def __call__(self, *event_types: Text) -> Call:
        """Log what happens on the network: listeners, connections and streams that open and close."""


class Enr(Words, Protocol):
    """Ethereum node records."""

    view: EnrView
    gen_key: EnrGenKey
    make: EnrMake


class EnrView(Protocol):
    def __call__(self, enr: Name | None = None, *, kv: Bool | None = False) -> Call:
        """Decode an ENR, by default that of the actor."""


class EnrGenKey(Protocol):
    def __call__(self) -> Call:
        """Make a private key for an ENR."""


class EnrMake(Protocol):
    def __call__(
        self,
        *,
        ip: Ip | None = None,
        tcp: Int | None = 9000,
        udp: Int | None = 9000,
        static_ip: Ip | None = None,
        fallback_ip: Ip | None = None,
        fallback_udp: Int | None = 0,
        rm_ip: Bool | None = False,
        from_host: Bool | None = True,
        priv: Bytes | None = None,
        gen_priv: Bool | None = True,
        fork_digest: Bytes | None = None,
        next_fork_version: Bytes | None = None,
        next_fork_epoch: Int | None = 0,
        attnets: Bytes | None = None,
    ) -> Call:
        """Make the ENR of the actor, or change the one that it has."""


class Peer(Words, Protocol):
    """Peers: connections, and what is known of them."""

    connect: PeerConnect
    disconnect: PeerDisconnect
    connectall: PeerConnectall
    protect: PeerProtect
    unprotect: PeerUnprotect
    add: PeerAdd
    trim: PeerTrim
    list: PeerList
    info: PeerInfo
    identify: PeerIdentify
    track: PeerTrack
    addrs: PeerAddrs
    status: PeerStatus
    metadata: PeerMetadata


class PeerConnect(Protocol):
    def __call__(self, addr: Name, tag: Text = "", *, timeout: Duration | None = "10s") -> Call:
        """Connect to a peer; with a tag its connection is protected from trimming."""


class PeerDisconnect(Protocol):
    def __call__(self, peer_id: Name) -> Call:
        """Close all connections with a peer."""


class PeerConnectall(Protocol):
    def __call__(
        self,
        *,
        rescan: Duration | None = "1m0s",
        max_peers: Int | None = 200,
        workers: Int | None = 1,
        timeout: Duration | None = "10s",
        max_retries: Int | None = 5,
        filter_digest: Bytes | None = None,
    ) -> Call:
        """Connect to the peers of the peerstore, and go on doing so."""


class PeerProtect(Protocol):
    def __call__(self, peer_id: Name, tag: Text) -> Call:
        """Protect the connection of a peer under a tag."""


class PeerUnprotect(Protocol):
    def __call__(self, peer_id: Name, tag: Text) -> Call:
        """Take the protection of a tag from a peer."""


class PeerAdd(Protocol):
    def __call__(self, addr: Name, *, peer_id: Name | None = None, ttl: Duration | None = "480h0m0s") -> Call:
        """Put the address of a peer into the peerstore."""


class PeerTrim(Protocol):
    def __call__(self, timeout: Duration = "2s") -> Call:
        """Close connections down to the host's lower limit."""


class PeerList(Protocol):
    def __call__(self, which: Text = "connected", *, details: Bool | None = False) -> Call:
        """List the connected peers, or all known ones."""


class PeerInfo(Protocol):
    def __call__(self, peer_ID: Name) -> Call:
        """Show what the peerstore knows of a peer."""


class PeerIdentify(Protocol):
    def __call__(self, peer_ID: Name, *, timeout: Duration | None = "10s") -> Call:
        """Ask a connected peer to identify itself."""


class PeerTrack(Words, Protocol):
    """Trackers of the peerstore's changes."""

    tee: PeerTrackTee
    list: PeerTrackList
    ls: PeerTrackLs


class PeerTrackTee(Protocol):
    def __call__(
        self,
        *,
        dest: Text | None = "log",
        path: Text | None = "",
        key: Text | None = "",
        match: Text | None = "",
    ) -> Call:
        """Copy the changes of the peerstore to the log, a file or a websocket."""


class PeerTrackList(Protocol):
    def __call__(self) -> Call:
        """List the running trackers of the peerstore."""


class PeerTrackLs(Protocol):
    def __call__(self) -> Call:
        """The same as peer.track.list()."""


class PeerAddrs(Protocol):
    def __call__(self, peer_id: Name | None = None) -> Call:
        """List the addresses of a peer, by default those of the host."""


class PeerStatus(Words, Protocol):
    """The status of the actor, and that of peers."""

    get: PeerStatusGet
    set: PeerStatusSet
    req: PeerStatusReq
    poll: PeerStatusPoll
    serve: PeerStatusServe
    follow: PeerStatusFollow


class PeerStatusGet(Protocol):
    def __call__(self) -> Call:
        """Show the status of the actor, and whether it follows the chain."""


class PeerStatusSet(Protocol):
    def __call__(
        self,
        *,
        fork_digest: Bytes | None = None,
        finalized_root: Bytes | None = None,
        finalized_epoch: Int | None = 0,
        head_root: Bytes | None = None,
        head_slot: Int | None = 0,
        merge: Bool | None = True,
    ) -> Call:
        """Set the status of the actor, or parts of it."""


class PeerStatusReq(Protocol):
    def __call__(self, peer_id: Name, *, compression: Name | None = "snappy", timeout: Duration | None = "10s") -> Call:
        """Ask a connected peer for its status."""


class PeerStatusPoll(Protocol):
    def __call__(
        self,
        *,
        compression: Name | None = "snappy",
        interval: Duration | None = "12s",
        timeout: Duration | None = "5s",
    ) -> Call:
        """Ask all connected peers for their status, again and again."""


class PeerStatusServe(Protocol):
    def __call__(self, *, compression: Name | None = "snappy", timeout: Duration | None = "10s") -> Call:
        """Answer status requests with the status of the actor."""


class PeerStatusFollow(Protocol):
    def __call__(self, following: Bool = True) -> Call:
        """Have the status follow the current chain, or not."""


class PeerMetadata(Words, Protocol):
    """The metadata of the actor, and that of peers."""

    ping: PeerMetadataPing
    pong: PeerMetadataPong
    get: PeerMetadataGet
    set: PeerMetadataSet
    req: PeerMetadataReq
    poll: PeerMetadataPoll
    serve: PeerMetadataServe
    follow: PeerMetadataFollow


class PeerMetadataPing(Protocol):
    def __call__(
        self,
        peer_id: Name,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        update: Bool | None = True,
        force_update: Bool | None = False,
        update_timeout: Duration | None = "10s",
        max_tries: Int | None = 20,
    ) -> Call:
        """Ping a connected peer, and ask for its metadata if the sequence number is new."""


class PeerMetadataPong(Protocol):
    def __call__(
        self,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        update: Bool | None = True,
        force_update: Bool | None = False,
        update_timeout: Duration | None = "10s",
        max_tries: Int | None = 20,
    ) -> Call:
        """Answer pings, and ask their senders for metadata."""


class PeerMetadataGet(Protocol):
    def __call__(self) -> Call:
        """Show the metadata of the actor, and whether it is updated automatically."""


class PeerMetadataSet(Protocol):
    def __call__(self, *, seq_number: Int | None = 0, attnets: Bytes | None = None, merge: Bool | None = True) -> Call:
        """Set the metadata of the actor, or parts of it."""


class PeerMetadataReq(Protocol):
    def __call__(self, peer_id: Name, *, compression: Name | None = "snappy", timeout: Duration | None = "10s") -> Call:
        """Ask a connected peer for its metadata."""


class PeerMetadataPoll(Protocol):
    def __call__(
        self,
        *,
        compression: Name | None = "snappy",
        interval: Duration | None = "20s",
        timeout: Duration | None = "10s",
        update: Bool | None = True,
        force_update: Bool | None = False,
        update_timeout: Duration | None = "10s",
        max_tries: Int | None = 20,
    ) -> Call:
        """Ping all connected peers again and again, and ask for metadata that is new."""


class PeerMetadataServe(Protocol):
    def __call__(self, *, compression: Name | None = "snappy", timeout: Duration | None = "10s") -> Call:
        """Answer metadata requests with the metadata of the actor."""


class PeerMetadataFollow(Protocol):
    def __call__(self, following: Bool = True) -> Call:
        """Have the metadata updated automatically, or not."""


class Peerstore(Words, Protocol):
    """Peerstores."""

    create: PeerstoreCreate
    switch: PeerstoreSwitch
    list: PeerstoreList


class PeerstoreCreate(Protocol):
    def __call__(
        self,
        id: Text = "",
        *,
        store_type: Text | None = "mem",
        store_path: Text | None = "",
        switch: Bool | None = True,
    ) -> Call:
        """Make a peerstore and use it."""


class PeerstoreSwitch(Protocol):
    def __call__(self, id: Text) -> Call:
        """Use another peerstore."""


class PeerstoreList(Protocol):
    def __call__(self) -> Call:
        """List the peerstores, and show the current one."""


class Dv5(Words, Protocol):
    """Discovery of peers with discv5."""

    run: Dv5Run
    ping: Dv5Ping
    resolve: Dv5Resolve
    request: Dv5Request
    lookup: Dv5Lookup
    random: Dv5Random
    self: Dv5Self


class Dv5Run(Protocol):
    def __call__(self, bootnodes: Strings | None = None, *, ip: Ip | None = None, udp: Int | None = 0) -> Call:
        """Run discv5, the discovery of peers."""


class Dv5Ping(Protocol):
    def __call__(self, target: Name) -> Call:
        """Ping a node."""


class Dv5Resolve(Protocol):
    def __call__(self, target: Name) -> Call:
        """Look for the latest record of a node."""


class Dv5Request(Protocol):
    def __call__(self, target: Name) -> Call:
        """Ask a node for its record."""


class Dv5Lookup(Protocol):
    def __call__(self, target: Name) -> Call:
        """List nodes that are near a node."""


class Dv5Random(Protocol):
    def __call__(
        self,
        *,
        add: Bool | None = True,
        ttl: Duration | None = "2160h0m0s",
        filter_digest: Bytes | None = None,
        interval: Duration | None = "100ms",
        stepwise: Bool | None = False,
    ) -> Call:
        """Walk the network at random and log the nodes that are met."""


class Dv5Self(Protocol):
    def __call__(self) -> Call:
        """Show the ENR that discv5 uses."""


class Gossip(Words, Protocol):
    """GossipSub."""

    start: GossipStart
    list: GossipList
    join: GossipJoin
    events: GossipEvents
    list_peers: GossipListPeers
    blacklist: GossipBlacklist
    leave: GossipLeave
    log: GossipLog
    publish: GossipPublish


class GossipStart(Protocol):
    def __call__(self) -> Call:
        """Start GossipSub."""


class GossipList(Protocol):
    def __call__(self) -> Call:
        """List the joined topics."""


class GossipJoin(Protocol):
    def __call__(self, topic: Text) -> Call:
        """Join a topic."""


class GossipEvents(Protocol):
    def __call__(self, topic: Text) -> Call:
        """Log the peers that join and leave a topic."""


class GossipListPeers(Protocol):
    def __call__(self, topic: Text) -> Call:
        """List the known peers of a topic."""


class GossipBlacklist(Protocol):
    def __call__(self, peer_id: Name) -> Call:
        """Take no more messages from a peer."""


class GossipLeave(Protocol):
    def __call__(self, topic: Text) -> Call:
        """Leave a topic."""


class GossipLog(Protocol):
    def __call__(self, topic: Text) -> Call:
        """Log the messages of a topic, own ones included."""


class GossipPublish(Protocol):
    def __call__(self, topic: Text, message: Bytes) -> Call:
        """Publish a message on a topic."""


class Rpc(Words, Protocol):
    """Requests of the consensus layer, by method."""

    goodbye: RpcGoodbye
    status: RpcStatus
    ping: RpcPing
    metadata: RpcMetadata
    blocks_by_range: RpcBlocksByRange
    blocks_by_root: RpcBlocksByRoot
    blocks_by_head: RpcBlocksByHead
    blob_sidecars_by_range: RpcBlobSidecarsByRange
    blob_sidecars_by_root: RpcBlobSidecarsByRoot
    data_column_sidecars_by_range: RpcDataColumnSidecarsByRange
    data_column_sidecars_by_root: RpcDataColumnSidecarsByRoot
    light_client_bootstrap: RpcLightClientBootstrap
    light_client_updates_by_range: RpcLightClientUpdatesByRange
    light_client_finality_update: RpcLightClientFinalityUpdate
    light_client_optimistic_update: RpcLightClientOptimisticUpdate
    any: RpcAny


class RpcGoodbye(Words, Protocol):
    """The goodbye request."""

    req: RpcGoodbyeReq
    listen: RpcGoodbyeListen
    resp: RpcGoodbyeResp
    close: RpcGoodbyeClose


class RpcGoodbyeReq(Words, Protocol):
    """Send a goodbye request."""

    raw: RpcGoodbyeReqRaw


class RpcGoodbyeReqRaw(Protocol):
    def __call__(
        self,
        peer_id: Name,
        data: Bytes,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        max_chunks: Int | None = 0,
        raw: Bool | None = False,
    ) -> Call:
        """Send a goodbye request, and read the chunks of the answer."""


class RpcGoodbyeListen(Protocol):
    def __call__(
        self,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        raw: Bool | None = False,
        read: Bool | None = True,
        drop: Bool | None = True,
    ) -> Call:
        """Receive goodbye requests."""


class RpcGoodbyeResp(Words, Protocol):
    """Answer a goodbye request."""

    chunk: RpcGoodbyeRespChunk
    invalid_request: RpcGoodbyeRespInvalidRequest
    server_error: RpcGoodbyeRespServerError


class RpcGoodbyeRespChunk(Words, Protocol):
    """Answer a goodbye request with content."""

    raw: RpcGoodbyeRespChunkRaw


class RpcGoodbyeRespChunkRaw(Protocol):
    def __call__(self, req_id: Text, data: Bytes, *, done: Bool | None = True, result_code: Int | None = 0) -> Call:
        """Answer a goodbye request with a chunk."""


class RpcGoodbyeRespInvalidRequest(Protocol):
    def __call__(self, req_id: Text, text: Text, *, done: Bool | None = True, result_code: Int | None = 1) -> Call:
        """Answer a goodbye request with an error: it was not valid."""


class RpcGoodbyeRespServerError(Protocol):
    def __call__(self, req_id: Text, text: Text, *, done: Bool | None = True, result_code: Int | None = 2) -> Call:
        """Answer a goodbye request with an error: the server has failed."""


class RpcGoodbyeClose(Protocol):
    def __call__(self, req_id: Text) -> Call:
        """Close a goodbye request without a further answer."""


class RpcStatus(Words, Protocol):
    """The status request."""

    req: RpcStatusReq
    listen: RpcStatusListen
    resp: RpcStatusResp
    close: RpcStatusClose


class RpcStatusReq(Words, Protocol):
    """Send a status request."""

    raw: RpcStatusReqRaw


class RpcStatusReqRaw(Protocol):
    def __call__(
        self,
        peer_id: Name,
        data: Bytes,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        max_chunks: Int | None = 1,
        raw: Bool | None = False,
        version: Int | None = 1,
    ) -> Call:
        """Send a status request, and read the chunks of the answer."""


class RpcStatusListen(Protocol):
    def __call__(
        self,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        raw: Bool | None = False,
        read: Bool | None = True,
        drop: Bool | None = False,
        version: Int | None = 1,
    ) -> Call:
        """Receive status requests."""


class RpcStatusResp(Words, Protocol):
    """Answer a status request."""

    chunk: RpcStatusRespChunk
    invalid_request: RpcStatusRespInvalidRequest
    server_error: RpcStatusRespServerError


class RpcStatusRespChunk(Words, Protocol):
    """Answer a status request with content."""

    raw: RpcStatusRespChunkRaw


class RpcStatusRespChunkRaw(Protocol):
    def __call__(self, req_id: Text, data: Bytes, *, done: Bool | None = True, result_code: Int | None = 0) -> Call:
        """Answer a status request with a chunk."""


class RpcStatusRespInvalidRequest(Protocol):
    def __call__(self, req_id: Text, text: Text, *, done: Bool | None = True, result_code: Int | None = 1) -> Call:
        """Answer a status request with an error: it was not valid."""


class RpcStatusRespServerError(Protocol):
    def __call__(self, req_id: Text, text: Text, *, done: Bool | None = True, result_code: Int | None = 2) -> Call:
        """Answer a status request with an error: the server has failed."""


class RpcStatusClose(Protocol):
    def __call__(self, req_id: Text) -> Call:
        """Close a status request without a further answer."""


class RpcPing(Words, Protocol):
    """The ping request."""

    req: RpcPingReq
    listen: RpcPingListen
    resp: RpcPingResp
    close: RpcPingClose


class RpcPingReq(Words, Protocol):
    """Send a ping request."""

    raw: RpcPingReqRaw


class RpcPingReqRaw(Protocol):
    def __call__(
        self,
        peer_id: Name,
        data: Bytes,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        max_chunks: Int | None = 1,
        raw: Bool | None = False,
    ) -> Call:
        """Send a ping request, and read the chunks of the answer."""


class RpcPingListen(Protocol):
    def __call__(
        self,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        raw: Bool | None = False,
        read: Bool | None = True,
        drop: Bool | None = False,
    ) -> Call:
        """Receive ping requests."""


class RpcPingResp(Words, Protocol):
    """Answer a ping request."""

    chunk: RpcPingRespChunk
    invalid_request: RpcPingRespInvalidRequest
    server_error: RpcPingRespServerError


class RpcPingRespChunk(Words, Protocol):
    """Answer a ping request with content."""

    raw: RpcPingRespChunkRaw


class RpcPingRespChunkRaw(Protocol):
    def __call__(self, req_id: Text, data: Bytes, *, done: Bool | None = True, result_code: Int | None = 0) -> Call:
        """Answer a ping request with a chunk."""


class RpcPingRespInvalidRequest(Protocol):
    def __call__(self, req_id: Text, text: Text, *, done: Bool | None = True, result_code: Int | None = 1) -> Call:
        """Answer a ping request with an error: it was not valid."""


class RpcPingRespServerError(Protocol):
    def __call__(self, req_id: Text, text: Text, *, done: Bool | None = True, result_code: Int | None = 2) -> Call:
        """Answer a ping request with an error: the server has failed."""


class RpcPingClose(Protocol):
    def __call__(self, req_id: Text) -> Call:
        """Close a ping request without a further answer."""


class RpcMetadata(Words, Protocol):
    """The metadata request."""

    req: RpcMetadataReq
    listen: RpcMetadataListen
    resp: RpcMetadataResp
    close: RpcMetadataClose


class RpcMetadataReq(Words, Protocol):
    """Send a metadata request."""

    raw: RpcMetadataReqRaw


class RpcMetadataReqRaw(Protocol):
    def __call__(
        self,
        peer_id: Name,
        data: Bytes,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        max_chunks: Int | None = 1,
        raw: Bool | None = False,
        version: Int | None = 1,
    ) -> Call:
        """Send a metadata request, and read the chunks of the answer."""


class RpcMetadataListen(Protocol):
    def __call__(
        self,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        raw: Bool | None = False,
        read: Bool | None = True,
        drop: Bool | None = False,
        version: Int | None = 1,
    ) -> Call:
        """Receive metadata requests."""


class RpcMetadataResp(Words, Protocol):
    """Answer a metadata request."""

    chunk: RpcMetadataRespChunk
    invalid_request: RpcMetadataRespInvalidRequest
    server_error: RpcMetadataRespServerError


class RpcMetadataRespChunk(Words, Protocol):
    """Answer a metadata request with content."""

    raw: RpcMetadataRespChunkRaw


class RpcMetadataRespChunkRaw(Protocol):
    def __call__(self, req_id: Text, data: Bytes, *, done: Bool | None = True, result_code: Int | None = 0) -> Call:
        """Answer a metadata request with a chunk."""


class RpcMetadataRespInvalidRequest(Protocol):
    def __call__(self, req_id: Text, text: Text, *, done: Bool | None = True, result_code: Int | None = 1) -> Call:
        """Answer a metadata request with an error: it was not valid."""


class RpcMetadataRespServerError(Protocol):
    def __call__(self, req_id: Text, text: Text, *, done: Bool | None = True, result_code: Int | None = 2) -> Call:
        """Answer a metadata request with an error: the server has failed."""


class RpcMetadataClose(Protocol):
    def __call__(self, req_id: Text) -> Call:
        """Close a metadata request without a further answer."""


class RpcBlocksByRange(Words, Protocol):
    """The blocks-by-range request."""

    req: RpcBlocksByRangeReq
    listen: RpcBlocksByRangeListen
    resp: RpcBlocksByRangeResp
    close: RpcBlocksByRangeClose


class RpcBlocksByRangeReq(Words, Protocol):
    """Send a blocks-by-range request."""

    raw: RpcBlocksByRangeReqRaw


class RpcBlocksByRangeReqRaw(Protocol):
    def __call__(
        self,
        peer_id: Name,
        data: Bytes,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        max_chunks: Int | None = 20,
        raw: Bool | None = False,
        version: Int | None = 1,
    ) -> Call:
        """Send a blocks-by-range request, and read the chunks of the answer."""


class RpcBlocksByRangeListen(Protocol):
    def __call__(
        self,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        raw: Bool | None = False,
        read: Bool | None = True,
        drop: Bool | None = False,
        version: Int | None = 1,
    ) -> Call:
        """Receive blocks-by-range requests."""


class RpcBlocksByRangeResp(Words, Protocol):
    """Answer a blocks-by-range request."""

    chunk: RpcBlocksByRangeRespChunk
    invalid_request: RpcBlocksByRangeRespInvalidRequest
    server_error: RpcBlocksByRangeRespServerError


class RpcBlocksByRangeRespChunk(Words, Protocol):
    """Answer a blocks-by-range request with content."""

    raw: RpcBlocksByRangeRespChunkRaw


class RpcBlocksByRangeRespChunkRaw(Protocol):
    def __call__(
        self,
        req_id: Text,
        data: Bytes,
        *,
        done: Bool | None = False,
        result_code: Int | None = 0,
        context: Bytes | None = None,
    ) -> Call:
        """Answer a blocks-by-range request with a chunk."""


class RpcBlocksByRangeRespInvalidRequest(Protocol):
    def __call__(self, req_id: Text, text: Text, *, done: Bool | None = True, result_code: Int | None = 1) -> Call:
        """Answer a blocks-by-range request with an error: it was not valid."""


class RpcBlocksByRangeRespServerError(Protocol):
    def __call__(self, req_id: Text, text: Text, *, done: Bool | None = True, result_code: Int | None = 2) -> Call:
        """Answer a blocks-by-range request with an error: the server has failed."""


class RpcBlocksByRangeClose(Protocol):
    def __call__(self, req_id: Text) -> Call:
        """Close a blocks-by-range request without a further answer."""


class RpcBlocksByRoot(Words, Protocol):
    """The blocks-by-root request."""

    req: RpcBlocksByRootReq
    listen: RpcBlocksByRootListen
    resp: RpcBlocksByRootResp
    close: RpcBlocksByRootClose


class RpcBlocksByRootReq(Words, Protocol):
    """Send a blocks-by-root request."""

    raw: RpcBlocksByRootReqRaw


class RpcBlocksByRootReqRaw(Protocol):
    def __call__(
        self,
        peer_id: Name,
        data: Bytes,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        max_chunks: Int | None = 20,
        raw: Bool | None = False,
        version: Int | None = 1,
    ) -> Call:
        """Send a blocks-by-root request, and read the chunks of the answer."""


class RpcBlocksByRootListen(Protocol):
    def __call__(
        self,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        raw: Bool | None = False,
        read: Bool | None = True,
        drop: Bool | None = False,
        version: Int | None = 1,
    ) -> Call:
        """Receive blocks-by-root requests."""


class RpcBlocksByRootResp(Words, Protocol):
    """Answer a blocks-by-root request."""

    chunk: RpcBlocksByRootRespChunk
    invalid_request: RpcBlocksByRootRespInvalidRequest
    server_error: RpcBlocksByRootRespServerError


class RpcBlocksByRootRespChunk(Words, Protocol):
    """Answer a blocks-by-root request with content."""

    raw: RpcBlocksByRootRespChunkRaw


class RpcBlocksByRootRespChunkRaw(Protocol):
    def __call__(
        self,
        req_id: Text,
        data: Bytes,
        *,
        done: Bool | None = False,
        result_code: Int | None = 0,
        context: Bytes | None = None,
    ) -> Call:
        """Answer a blocks-by-root request with a chunk."""


class RpcBlocksByRootRespInvalidRequest(Protocol):
    def __call__(self, req_id: Text, text: Text, *, done: Bool | None = True, result_code: Int | None = 1) -> Call:
        """Answer a blocks-by-root request with an error: it was not valid."""


class RpcBlocksByRootRespServerError(Protocol):
    def __call__(self, req_id: Text, text: Text, *, done: Bool | None = True, result_code: Int | None = 2) -> Call:
        """Answer a blocks-by-root request with an error: the server has failed."""


class RpcBlocksByRootClose(Protocol):
    def __call__(self, req_id: Text) -> Call:
        """Close a blocks-by-root request without a further answer."""


class RpcBlocksByHead(Words, Protocol):
    """The blocks-by-head request."""

    req: RpcBlocksByHeadReq
    listen: RpcBlocksByHeadListen
    resp: RpcBlocksByHeadResp
    close: RpcBlocksByHeadClose


class RpcBlocksByHeadReq(Words, Protocol):
    """Send a blocks-by-head request."""

    raw: RpcBlocksByHeadReqRaw


class RpcBlocksByHeadReqRaw(Protocol):
    def __call__(
        self,
        peer_id: Name,
        data: Bytes,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        max_chunks: Int | None = 128,
        raw: Bool | None = False,
    ) -> Call:
        """Send a blocks-by-head request, and read the chunks of the answer."""


class RpcBlocksByHeadListen(Protocol):
    def __call__(
        self,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        raw: Bool | None = False,
        read: Bool | None = True,
        drop: Bool | None = False,
    ) -> Call:
        """Receive blocks-by-head requests."""


class RpcBlocksByHeadResp(Words, Protocol):
    """Answer a blocks-by-head request."""

    chunk: RpcBlocksByHeadRespChunk
    invalid_request: RpcBlocksByHeadRespInvalidRequest
    server_error: RpcBlocksByHeadRespServerError


class RpcBlocksByHeadRespChunk(Words, Protocol):
    """Answer a blocks-by-head request with content."""

    raw: RpcBlocksByHeadRespChunkRaw


class RpcBlocksByHeadRespChunkRaw(Protocol):
    def __call__(
        self,
        req_id: Text,
        data: Bytes,
        *,
        done: Bool | None = False,
        result_code: Int | None = 0,
        context: Bytes | None = None,
    ) -> Call:
        """Answer a blocks-by-head request with a chunk."""


class RpcBlocksByHeadRespInvalidRequest(Protocol):
    def __call__(self, req_id: Text, text: Text, *, done: Bool | None = True, result_code: Int | None = 1) -> Call:
        """Answer a blocks-by-head request with an error: it was not valid."""


class RpcBlocksByHeadRespServerError(Protocol):
    def __call__(self, req_id: Text, text: Text, *, done: Bool | None = True, result_code: Int | None = 2) -> Call:
        """Answer a blocks-by-head request with an error: the server has failed."""


class RpcBlocksByHeadClose(Protocol):
    def __call__(self, req_id: Text) -> Call:
        """Close a blocks-by-head request without a further answer."""


class RpcBlobSidecarsByRange(Words, Protocol):
    """The blob-sidecars-by-range request."""

    req: RpcBlobSidecarsByRangeReq
    listen: RpcBlobSidecarsByRangeListen
    resp: RpcBlobSidecarsByRangeResp
    close: RpcBlobSidecarsByRangeClose


class RpcBlobSidecarsByRangeReq(Words, Protocol):
    """Send a blob-sidecars-by-range request."""

    raw: RpcBlobSidecarsByRangeReqRaw


class RpcBlobSidecarsByRangeReqRaw(Protocol):
    def __call__(
        self,
        peer_id: Name,
        data: Bytes,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        max_chunks: Int | None = 1152,
        raw: Bool | None = False,
    ) -> Call:
        """Send a blob-sidecars-by-range request, and read the chunks of the answer."""


class RpcBlobSidecarsByRangeListen(Protocol):
    def __call__(
        self,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        raw: Bool | None = False,
        read: Bool | None = True,
        drop: Bool | None = False,
    ) -> Call:
        """Receive blob-sidecars-by-range requests."""


class RpcBlobSidecarsByRangeResp(Words, Protocol):
    """Answer a blob-sidecars-by-range request."""

    chunk: RpcBlobSidecarsByRangeRespChunk
    invalid_request: RpcBlobSidecarsByRangeRespInvalidRequest
    server_error: RpcBlobSidecarsByRangeRespServerError


class RpcBlobSidecarsByRangeRespChunk(Words, Protocol):
    """Answer a blob-sidecars-by-range request with content."""

    raw: RpcBlobSidecarsByRangeRespChunkRaw


class RpcBlobSidecarsByRangeRespChunkRaw(Protocol):
    def __call__(
        self,
        req_id: Text,
        data: Bytes,
        *,
        done: Bool | None = False,
        result_code: Int | None = 0,
        context: Bytes | None = None,
    ) -> Call:
        """Answer a blob-sidecars-by-range request with a chunk."""


class RpcBlobSidecarsByRangeRespInvalidRequest(Protocol):
    def __call__(self, req_id: Text, text: Text, *, done: Bool | None = True, result_code: Int | None = 1) -> Call:
        """Answer a blob-sidecars-by-range request with an error: it was not valid."""


class RpcBlobSidecarsByRangeRespServerError(Protocol):
    def __call__(self, req_id: Text, text: Text, *, done: Bool | None = True, result_code: Int | None = 2) -> Call:
        """Answer a blob-sidecars-by-range request with an error: the server has failed."""


class RpcBlobSidecarsByRangeClose(Protocol):
    def __call__(self, req_id: Text) -> Call:
        """Close a blob-sidecars-by-range request without a further answer."""


class RpcBlobSidecarsByRoot(Words, Protocol):
    """The blob-sidecars-by-root request."""

    req: RpcBlobSidecarsByRootReq
    listen: RpcBlobSidecarsByRootListen
    resp: RpcBlobSidecarsByRootResp
    close: RpcBlobSidecarsByRootClose


class RpcBlobSidecarsByRootReq(Words, Protocol):
    """Send a blob-sidecars-by-root request."""

    raw: RpcBlobSidecarsByRootReqRaw


class RpcBlobSidecarsByRootReqRaw(Protocol):
    def __call__(
        self,
        peer_id: Name,
        data: Bytes,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        max_chunks: Int | None = 1152,
        raw: Bool | None = False,
    ) -> Call:
        """Send a blob-sidecars-by-root request, and read the chunks of the answer."""


class RpcBlobSidecarsByRootListen(Protocol):
    def __call__(
        self,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        raw: Bool | None = False,
        read: Bool | None = True,
        drop: Bool | None = False,
    ) -> Call:
        """Receive blob-sidecars-by-root requests."""


class RpcBlobSidecarsByRootResp(Words, Protocol):
    """Answer a blob-sidecars-by-root request."""

    chunk: RpcBlobSidecarsByRootRespChunk
    invalid_request: RpcBlobSidecarsByRootRespInvalidRequest
    server_error: RpcBlobSidecarsByRootRespServerError


class RpcBlobSidecarsByRootRespChunk(Words, Protocol):
    """Answer a blob-sidecars-by-root request with content."""

    raw: RpcBlobSidecarsByRootRespChunkRaw


class RpcBlobSidecarsByRootRespChunkRaw(Protocol):
    def __call__(
        self,
        req_id: Text,
        data: Bytes,
        *,
        done: Bool | None = False,
        result_code: Int | None = 0,
        context: Bytes | None = None,
    ) -> Call:
        """Answer a blob-sidecars-by-root request with a chunk."""


class RpcBlobSidecarsByRootRespInvalidRequest(Protocol):
    def __call__(self, req_id: Text, text: Text, *, done: Bool | None = True, result_code: Int | None = 1) -> Call:
        """Answer a blob-sidecars-by-root request with an error: it was not valid."""


class RpcBlobSidecarsByRootRespServerError(Protocol):
    def __call__(self, req_id: Text, text: Text, *, done: Bool | None = True, result_code: Int | None = 2) -> Call:
        """Answer a blob-sidecars-by-root request with an error: the server has failed."""


class RpcBlobSidecarsByRootClose(Protocol):
    def __call__(self, req_id: Text) -> Call:
        """Close a blob-sidecars-by-root request without a further answer."""


class RpcDataColumnSidecarsByRange(Words, Protocol):
    """The data-column-sidecars-by-range request."""

    req: RpcDataColumnSidecarsByRangeReq
    listen: RpcDataColumnSidecarsByRangeListen
    resp: RpcDataColumnSidecarsByRangeResp
    close: RpcDataColumnSidecarsByRangeClose


class RpcDataColumnSidecarsByRangeReq(Words, Protocol):
    """Send a data-column-sidecars-by-range request."""

    raw: RpcDataColumnSidecarsByRangeReqRaw


class RpcDataColumnSidecarsByRangeReqRaw(Protocol):
    def __call__(
        self,
        peer_id: Name,
        data: Bytes,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        max_chunks: Int | None = 16384,
        raw: Bool | None = False,
    ) -> Call:
        """Send a data-column-sidecars-by-range request, and read the chunks of the answer."""


class RpcDataColumnSidecarsByRangeListen(Protocol):
    def __call__(
        self,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        raw: Bool | None = False,
        read: Bool | None = True,
        drop: Bool | None = False,
    ) -> Call:
        """Receive data-column-sidecars-by-range requests."""


class RpcDataColumnSidecarsByRangeResp(Words, Protocol):
    """Answer a data-column-sidecars-by-range request."""

    chunk: RpcDataColumnSidecarsByRangeRespChunk
    invalid_request: RpcDataColumnSidecarsByRangeRespInvalidRequest
    server_error: RpcDataColumnSidecarsByRangeRespServerError


class RpcDataColumnSidecarsByRangeRespChunk(Words, Protocol):
    """Answer a data-column-sidecars-by-range request with content."""

    raw: RpcDataColumnSidecarsByRangeRespChunkRaw


class RpcDataColumnSidecarsByRangeRespChunkRaw(Protocol):
    def __call__(
        self,
        req_id: Text,
        data: Bytes,
        *,
        done: Bool | None = False,
        result_code: Int | None = 0,
        context: Bytes | None = None,
    ) -> Call:
        """Answer a data-column-sidecars-by-range request with a chunk."""


class RpcDataColumnSidecarsByRangeRespInvalidRequest(Protocol):
    def __call__(self, req_id: Text, text: Text, *, done: Bool | None = True, result_code: Int | None = 1) -> Call:
        """Answer a data-column-sidecars-by-range request with an error: it was not valid."""


class RpcDataColumnSidecarsByRangeRespServerError(Protocol):
    def __call__(self, req_id: Text, text: Text, *, done: Bool | None = True, result_code: Int | None = 2) -> Call:
        """Answer a data-column-sidecars-by-range request with an error: the server has failed."""


class RpcDataColumnSidecarsByRangeClose(Protocol):
    def __call__(self, req_id: Text) -> Call:
        """Close a data-column-sidecars-by-range request without a further answer."""


class RpcDataColumnSidecarsByRoot(Words, Protocol):
    """The data-column-sidecars-by-root request."""

    req: RpcDataColumnSidecarsByRootReq
    listen: RpcDataColumnSidecarsByRootListen
    resp: RpcDataColumnSidecarsByRootResp
    close: RpcDataColumnSidecarsByRootClose


class RpcDataColumnSidecarsByRootReq(Words, Protocol):
    """Send a data-column-sidecars-by-root request."""

    raw: RpcDataColumnSidecarsByRootReqRaw


class RpcDataColumnSidecarsByRootReqRaw(Protocol):
    def __call__(
        self,
        peer_id: Name,
        data: Bytes,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        max_chunks: Int | None = 16384,
        raw: Bool | None = False,
    ) -> Call:
        """Send a data-column-sidecars-by-root request, and read the chunks of the answer."""


class RpcDataColumnSidecarsByRootListen(Protocol):
    def __call__(
        self,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        raw: Bool | None = False,
        read: Bool | None = True,
        drop: Bool | None = False,
    ) -> Call:
        """Receive data-column-sidecars-by-root requests."""


class RpcDataColumnSidecarsByRootResp(Words, Protocol):
    """Answer a data-column-sidecars-by-root request."""

    chunk: RpcDataColumnSidecarsByRootRespChunk
    invalid_request: RpcDataColumnSidecarsByRootRespInvalidRequest
    server_error: RpcDataColumnSidecarsByRootRespServerError


class RpcDataColumnSidecarsByRootRespChunk(Words, Protocol):
    """Answer a data-column-sidecars-by-root request with content."""

    raw: RpcDataColumnSidecarsByRootRespChunkRaw


class RpcDataColumnSidecarsByRootRespChunkRaw(Protocol):
    def __call__(
        self,
        req_id: Text,
        data: Bytes,
        *,
        done: Bool | None = False,
        result_code: Int | None = 0,
        context: Bytes | None = None,
    ) -> Call:
        """Answer a data-column-sidecars-by-root request with a chunk."""


class RpcDataColumnSidecarsByRootRespInvalidRequest(Protocol):
    def __call__(self, req_id: Text, text: Text, *, done: Bool | None = True, result_code: Int | None = 1) -> Call:
        """Answer a data-column-sidecars-by-root request with an error: it was not valid."""


class RpcDataColumnSidecarsByRootRespServerError(Protocol):
    def __call__(self, req_id: Text, text: Text, *, done: Bool | None = True, result_code: Int | None = 2) -> Call:
        """Answer a data-column-sidecars-by-root request with an error: the server has failed."""


class RpcDataColumnSidecarsByRootClose(Protocol):
    def __call__(self, req_id: Text) -> Call:
        """Close a data-column-sidecars-by-root request without a further answer."""


class RpcLightClientBootstrap(Words, Protocol):
    """The light-client-bootstrap request."""

    req: RpcLightClientBootstrapReq
    listen: RpcLightClientBootstrapListen
    resp: RpcLightClientBootstrapResp
    close: RpcLightClientBootstrapClose


class RpcLightClientBootstrapReq(Words, Protocol):
    """Send a light-client-bootstrap request."""

    raw: RpcLightClientBootstrapReqRaw


class RpcLightClientBootstrapReqRaw(Protocol):
    def __call__(
        self,
        peer_id: Name,
        data: Bytes,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        max_chunks: Int | None = 1,
        raw: Bool | None = False,
    ) -> Call:
        """Send a light-client-bootstrap request, and read the chunks of the answer."""


class RpcLightClientBootstrapListen(Protocol):
    def __call__(
        self,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        raw: Bool | None = False,
        read: Bool | None = True,
        drop: Bool | None = False,
    ) -> Call:
        """Receive light-client-bootstrap requests."""


class RpcLightClientBootstrapResp(Words, Protocol):
    """Answer a light-client-bootstrap request."""

    chunk: RpcLightClientBootstrapRespChunk
    invalid_request: RpcLightClientBootstrapRespInvalidRequest
    server_error: RpcLightClientBootstrapRespServerError


class RpcLightClientBootstrapRespChunk(Words, Protocol):
    """Answer a light-client-bootstrap request with content."""

    raw: RpcLightClientBootstrapRespChunkRaw


class RpcLightClientBootstrapRespChunkRaw(Protocol):
    def __call__(
        self,
        req_id: Text,
        data: Bytes,
        *,
        done: Bool | None = True,
        result_code: Int | None = 0,
        context: Bytes | None = None,
    ) -> Call:
        """Answer a light-client-bootstrap request with a chunk."""


class RpcLightClientBootstrapRespInvalidRequest(Protocol):
    def __call__(self, req_id: Text, text: Text, *, done: Bool | None = True, result_code: Int | None = 1) -> Call:
        """Answer a light-client-bootstrap request with an error: it was not valid."""


class RpcLightClientBootstrapRespServerError(Protocol):
    def __call__(self, req_id: Text, text: Text, *, done: Bool | None = True, result_code: Int | None = 2) -> Call:
        """Answer a light-client-bootstrap request with an error: the server has failed."""


class RpcLightClientBootstrapClose(Protocol):
    def __call__(self, req_id: Text) -> Call:
        """Close a light-client-bootstrap request without a further answer."""


class RpcLightClientUpdatesByRange(Words, Protocol):
    """The light-client-updates-by-range request."""

    req: RpcLightClientUpdatesByRangeReq
    listen: RpcLightClientUpdatesByRangeListen
    resp: RpcLightClientUpdatesByRangeResp
    close: RpcLightClientUpdatesByRangeClose


class RpcLightClientUpdatesByRangeReq(Words, Protocol):
    """Send a light-client-updates-by-range request."""

    raw: RpcLightClientUpdatesByRangeReqRaw


class RpcLightClientUpdatesByRangeReqRaw(Protocol):
    def __call__(
        self,
        peer_id: Name,
        data: Bytes,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        max_chunks: Int | None = 128,
        raw: Bool | None = False,
    ) -> Call:
        """Send a light-client-updates-by-range request, and read the chunks of the answer."""


class RpcLightClientUpdatesByRangeListen(Protocol):
    def __call__(
        self,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        raw: Bool | None = False,
        read: Bool | None = True,
        drop: Bool | None = False,
    ) -> Call:
        """Receive light-client-updates-by-range requests."""


class RpcLightClientUpdatesByRangeResp(Words, Protocol):
    """Answer a light-client-updates-by-range request."""

    chunk: RpcLightClientUpdatesByRangeRespChunk
    invalid_request: RpcLightClientUpdatesByRangeRespInvalidRequest
    server_error: RpcLightClientUpdatesByRangeRespServerError


class RpcLightClientUpdatesByRangeRespChunk(Words, Protocol):
    """Answer a light-client-updates-by-range request with content."""

    raw: RpcLightClientUpdatesByRangeRespChunkRaw


class RpcLightClientUpdatesByRangeRespChunkRaw(Protocol):
    def __call__(
        self,
        req_id: Text,
        data: Bytes,
        *,
        done: Bool | None = False,
        result_code: Int | None = 0,
        context: Bytes | None = None,
    ) -> Call:
        """Answer a light-client-updates-by-range request with a chunk."""


class RpcLightClientUpdatesByRangeRespInvalidRequest(Protocol):
    def __call__(self, req_id: Text, text: Text, *, done: Bool | None = True, result_code: Int | None = 1) -> Call:
        """Answer a light-client-updates-by-range request with an error: it was not valid."""


class RpcLightClientUpdatesByRangeRespServerError(Protocol):
    def __call__(self, req_id: Text, text: Text, *, done: Bool | None = True, result_code: Int | None = 2) -> Call:
        """Answer a light-client-updates-by-range request with an error: the server has failed."""


class RpcLightClientUpdatesByRangeClose(Protocol):
    def __call__(self, req_id: Text) -> Call:
        """Close a light-client-updates-by-range request without a further answer."""


class RpcLightClientFinalityUpdate(Words, Protocol):
    """The light-client-finality-update request."""

    req: RpcLightClientFinalityUpdateReq
    listen: RpcLightClientFinalityUpdateListen
    resp: RpcLightClientFinalityUpdateResp
    close: RpcLightClientFinalityUpdateClose


class RpcLightClientFinalityUpdateReq(Words, Protocol):
    """Send a light-client-finality-update request."""

    raw: RpcLightClientFinalityUpdateReqRaw


class RpcLightClientFinalityUpdateReqRaw(Protocol):
    def __call__(
        self,
        peer_id: Name,
        data: Bytes,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        max_chunks: Int | None = 1,
        raw: Bool | None = False,
    ) -> Call:
        """Send a light-client-finality-update request, and read the chunks of the answer."""


class RpcLightClientFinalityUpdateListen(Protocol):
    def __call__(
        self,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        raw: Bool | None = False,
        read: Bool | None = True,
        drop: Bool | None = False,
    ) -> Call:
        """Receive light-client-finality-update requests."""


class RpcLightClientFinalityUpdateResp(Words, Protocol):
    """Answer a light-client-finality-update request."""

    chunk: RpcLightClientFinalityUpdateRespChunk
    invalid_request: RpcLightClientFinalityUpdateRespInvalidRequest
    server_error: RpcLightClientFinalityUpdateRespServerError


class RpcLightClientFinalityUpdateRespChunk(Words, Protocol):
    """Answer a light-client-finality-update request with content."""

    raw: RpcLightClientFinalityUpdateRespChunkRaw


class RpcLightClientFinalityUpdateRespChunkRaw(Protocol):
    def __call__(
        self,
        req_id: Text,
        data: Bytes,
        *,
        done: Bool | None = True,
        result_code: Int | None = 0,
        context: Bytes | None = None,
    ) -> Call:
        """Answer a light-client-finality-update request with a chunk."""


class RpcLightClientFinalityUpdateRespInvalidRequest(Protocol):
    def __call__(self, req_id: Text, text: Text, *, done: Bool | None = True, result_code: Int | None = 1) -> Call:
        """Answer a light-client-finality-update request with an error: it was not valid."""


class RpcLightClientFinalityUpdateRespServerError(Protocol):
    def __call__(self, req_id: Text, text: Text, *, done: Bool | None = True, result_code: Int | None = 2) -> Call:
        """Answer a light-client-finality-update request with an error: the server has failed."""


class RpcLightClientFinalityUpdateClose(Protocol):
    def __call__(self, req_id: Text) -> Call:
        """Close a light-client-finality-update request without a further answer."""


class RpcLightClientOptimisticUpdate(Words, Protocol):
    """The light-client-optimistic-update request."""

    req: RpcLightClientOptimisticUpdateReq
    listen: RpcLightClientOptimisticUpdateListen
    resp: RpcLightClientOptimisticUpdateResp
    close: RpcLightClientOptimisticUpdateClose


class RpcLightClientOptimisticUpdateReq(Words, Protocol):
    """Send a light-client-optimistic-update request."""

    raw: RpcLightClientOptimisticUpdateReqRaw


class RpcLightClientOptimisticUpdateReqRaw(Protocol):
    def __call__(
        self,
        peer_id: Name,
        data: Bytes,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        max_chunks: Int | None = 1,
        raw: Bool | None = False,
    ) -> Call:
        """Send a light-client-optimistic-update request, and read the chunks of the answer."""


class RpcLightClientOptimisticUpdateListen(Protocol):
    def __call__(
        self,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        raw: Bool | None = False,
        read: Bool | None = True,
        drop: Bool | None = False,
    ) -> Call:
        """Receive light-client-optimistic-update requests."""


class RpcLightClientOptimisticUpdateResp(Words, Protocol):
    """Answer a light-client-optimistic-update request."""

    chunk: RpcLightClientOptimisticUpdateRespChunk
    invalid_request: RpcLightClientOptimisticUpdateRespInvalidRequest
    server_error: RpcLightClientOptimisticUpdateRespServerError


class RpcLightClientOptimisticUpdateRespChunk(Words, Protocol):
    """Answer a light-client-optimistic-update request with content."""

    raw: RpcLightClientOptimisticUpdateRespChunkRaw


class RpcLightClientOptimisticUpdateRespChunkRaw(Protocol):
    def __call__(
        self,
        req_id: Text,
        data: Bytes,
        *,
        done: Bool | None = True,
        result_code: Int | None = 0,
        context: Bytes | None = None,
    ) -> Call:
        """Answer a light-client-optimistic-update request with a chunk."""


class RpcLightClientOptimisticUpdateRespInvalidRequest(Protocol):
    def __call__(self, req_id: Text, text: Text, *, done: Bool | None = True, result_code: Int | None = 1) -> Call:
        """Answer a light-client-optimistic-update request with an error: it was not valid."""


class RpcLightClientOptimisticUpdateRespServerError(Protocol):
    def __call__(self, req_id: Text, text: Text, *, done: Bool | None = True, result_code: Int | None = 2) -> Call:
        """Answer a light-client-optimistic-update request with an error: the server has failed."""


class RpcLightClientOptimisticUpdateClose(Protocol):
    def __call__(self, req_id: Text) -> Call:
        """Close a light-client-optimistic-update request without a further answer."""


class RpcAny(Words, Protocol):
    """Requests of any protocol."""

    req: RpcAnyReq
    listen: RpcAnyListen
    resp: RpcAnyResp
    close: RpcAnyClose


class RpcAnyReq(Words, Protocol):
    """Send a request of any protocol."""

    raw: RpcAnyReqRaw


class RpcAnyReqRaw(Protocol):
    def __call__(
        self,
        peer_id: Name,
        data: Bytes,
        *,
        protocol: Text | None = None,
        context: Bool | None = False,
        timeout: Duration | None = "10s",
        max_chunks: Int | None = 1024,
    ) -> Call:
        """Send a request of any protocol, and read the chunks of the answer."""


class RpcAnyListen(Protocol):
    def __call__(
        self,
        *,
        protocol: Text | None = None,
        context: Bool | None = False,
        timeout: Duration | None = "10s",
        read: Bool | None = True,
        drop: Bool | None = False,
    ) -> Call:
        """Receive requests of any protocol."""


class RpcAnyResp(Words, Protocol):
    """Answer a request of any protocol."""

    chunk: RpcAnyRespChunk
    invalid_request: RpcAnyRespInvalidRequest
    server_error: RpcAnyRespServerError


class RpcAnyRespChunk(Words, Protocol):
    """Answer a request of any protocol with content."""

    raw: RpcAnyRespChunkRaw


class RpcAnyRespChunkRaw(Protocol):
    def __call__(
        self,
        req_id: Text,
        data: Bytes,
        *,
        done: Bool | None = True,
        result_code: Int | None = 0,
        context: Bytes | None = None,
    ) -> Call:
        """Answer a any request with a chunk."""


class RpcAnyRespInvalidRequest(Protocol):
    def __call__(self, req_id: Text, text: Text, *, done: Bool | None = True, result_code: Int | None = 1) -> Call:
        """Answer a any request with an error: it was not valid."""


class RpcAnyRespServerError(Protocol):
    def __call__(self, req_id: Text, text: Text, *, done: Bool | None = True, result_code: Int | None = 2) -> Call:
        """Answer a any request with an error: the server has failed."""


class RpcAnyClose(Protocol):
    def __call__(self, req_id: Text) -> Call:
        """Close a any request without a further answer."""


class Blocks(Words, Protocol):
    """Databases of blocks."""

    create: BlocksCreate
    copy: BlocksCopy
    switch: BlocksSwitch
    rm: BlocksRm
    list: BlocksList
    db: BlocksDb
    on: BlocksOn


class BlocksCreate(Protocol):
    def __call__(self, name: Text, path: Text = "") -> Call:
        """Make a blocks DB and use it; without a path it is kept in memory."""


class BlocksCopy(Protocol):
    def __call__(self, source: Text, dest: Text) -> Call:
        """Copy a blocks DB."""


class BlocksSwitch(Protocol):
    def __call__(self, to: Text) -> Call:
        """Use another blocks DB."""


class BlocksRm(Protocol):
    def __call__(self, name: Text) -> Call:
        """Remove a blocks DB."""


class BlocksList(Protocol):
    def __call__(self) -> Call:
        """List the blocks DBs, and show the current one."""


class BlocksDb(Words, Protocol):
    """The current blocks DB."""

    import_: BlocksDbImport
    export: BlocksDbExport
    get: BlocksDbGet
    rm: BlocksDbRm
    stats: BlocksDbStats
    list: BlocksDbList


class BlocksDbImport(Protocol):
    def __call__(self, *, input: Text | None = "", data: Bytes | None = "") -> Call:
        """Put a signed block into the DB."""


class BlocksDbExport(Protocol):
    def __call__(self, root: Bytes, *, output: Text | None = "") -> Call:
        """Write a block of the DB into a file, or into the field data."""


class BlocksDbGet(Protocol):
    def __call__(self, root: Bytes) -> Call:
        """Summarise a block of the DB."""


class BlocksDbRm(Protocol):
    def __call__(self, root: Bytes) -> Call:
        """Remove a block from the DB."""


class BlocksDbStats(Protocol):
    def __call__(self) -> Call:
        """Show how many blocks the DB has, and the last one written."""


class BlocksDbList(Protocol):
    def __call__(self) -> Call:
        """List the block roots of the DB."""


class BlocksOn(Protocol):
    """Any blocks DB, by its name."""

    def __getitem__(self, word: str) -> BlocksOnName: ...
    def __getattr__(self, word: str) -> BlocksOnName: ...


class BlocksOnName(Words, Protocol):
    """The blocks DB of that name."""

    import_: BlocksOnNameImport
    export: BlocksOnNameExport
    get: BlocksOnNameGet
    rm: BlocksOnNameRm
    stats: BlocksOnNameStats
    list: BlocksOnNameList


class BlocksOnNameImport(Protocol):
    def __call__(self, *, input: Text | None = "", data: Bytes | None = "") -> Call:
        """Put a signed block into the DB."""


class BlocksOnNameExport(Protocol):
    def __call__(self, root: Bytes, *, output: Text | None = "") -> Call:
        """Write a block of the DB into a file, or into the field data."""


class BlocksOnNameGet(Protocol):
    def __call__(self, root: Bytes) -> Call:
        """Summarise a block of the DB."""


class BlocksOnNameRm(Protocol):
    def __call__(self, root: Bytes) -> Call:
        """Remove a block from the DB."""


class BlocksOnNameStats(Protocol):
    def __call__(self) -> Call:
        """Show how many blocks the DB has, and the last one written."""


class BlocksOnNameList(Protocol):
    def __call__(self) -> Call:
        """List the block roots of the DB."""


class States(Words, Protocol):
    """Databases of states."""

    create: StatesCreate
    copy: StatesCopy
    switch: StatesSwitch
    rm: StatesRm
    list: StatesList
    db: StatesDb
    on: StatesOn


class StatesCreate(Protocol):
    def __call__(self, name: Text, path: Text = "") -> Call:
        """Make a states DB and use it; without a path it is kept in memory."""


class StatesCopy(Protocol):
    def __call__(self, source: Text, dest: Text) -> Call:
        """Copy a states DB."""


class StatesSwitch(Protocol):
    def __call__(self, to: Text) -> Call:
        """Use another states DB."""


class StatesRm(Protocol):
    def __call__(self, name: Text) -> Call:
        """Remove a states DB."""


class StatesList(Protocol):
    def __call__(self) -> Call:
        """List the states DBs, and show the current one."""


class StatesDb(Words, Protocol):
    """The current states DB."""

    import_: StatesDbImport
    export: StatesDbExport
    get: StatesDbGet
    rm: StatesDbRm
    stats: StatesDbStats
    list: StatesDbList


class StatesDbImport(Protocol):
    def __call__(self, *, input: Text | None = "", data: Bytes | None = "") -> Call:
        """Put a state into the DB."""


class StatesDbExport(Protocol):
    def __call__(self, root: Bytes, *, output: Text | None = "") -> Call:
        """Write a state of the DB into a file, or into the field data."""


class StatesDbGet(Protocol):
    def __call__(self, root: Bytes) -> Call:
        """Summarise a state of the DB."""


class StatesDbRm(Protocol):
    def __call__(self, root: Bytes) -> Call:
        """Remove a state from the DB."""


class StatesDbStats(Protocol):
    def __call__(self) -> Call:
        """Show how many states the DB has, and the last one written."""


class StatesDbList(Protocol):
    def __call__(self) -> Call:
        """List the state roots of the DB."""


class StatesOn(Protocol):
    """Any states DB, by its name."""

    def __getitem__(self, word: str) -> StatesOnName: ...
    def __getattr__(self, word: str) -> StatesOnName: ...


class StatesOnName(Words, Protocol):
    """The states DB of that name."""

    import_: StatesOnNameImport
    export: StatesOnNameExport
    get: StatesOnNameGet
    rm: StatesOnNameRm
    stats: StatesOnNameStats
    list: StatesOnNameList


class StatesOnNameImport(Protocol):
    def __call__(self, *, input: Text | None = "", data: Bytes | None = "") -> Call:
        """Put a state into the DB."""


class StatesOnNameExport(Protocol):
    def __call__(self, root: Bytes, *, output: Text | None = "") -> Call:
        """Write a state of the DB into a file, or into the field data."""


class StatesOnNameGet(Protocol):
    def __call__(self, root: Bytes) -> Call:
        """Summarise a state of the DB."""


class StatesOnNameRm(Protocol):
    def __call__(self, root: Bytes) -> Call:
        """Remove a state from the DB."""


class StatesOnNameStats(Protocol):
    def __call__(self) -> Call:
        """Show how many states the DB has, and the last one written."""


class StatesOnNameList(Protocol):
    def __call__(self) -> Call:
        """List the state roots of the DB."""


class Chain(Words, Protocol):
    """Chains of the consensus layer."""

    create: ChainCreate
    copy: ChainCopy
    switch: ChainSwitch
    rm: ChainRm
    list: ChainList
    this: ChainThis
    on: ChainOn


class ChainCreate(Protocol):
    def __call__(self, name: Text, state: Bytes) -> Call:
        """Make a chain that begins with a state of the states DB, and use it."""


class ChainCopy(Protocol):
    def __call__(self, source: Text, dest: Text) -> Call:
        """Copy a chain."""


class ChainSwitch(Protocol):
    def __call__(self, to: Text) -> Call:
        """Use another chain."""


class ChainRm(Protocol):
    def __call__(self, name: Text) -> Call:
        """Remove a chain."""


class ChainList(Protocol):
    def __call__(self) -> Call:
        """List the chains, and show the current one."""


class ChainThis(Words, Protocol):
    """The current chain."""

    attestation: ChainThisAttestation
    block: ChainThisBlock
    hot: ChainThisHot
    cold: ChainThisCold
    head: ChainThisHead
    serve: ChainThisServe
    sync: ChainThisSync
    votes: ChainThisVotes


class ChainThisAttestation(Protocol):
    def __call__(self, root: Bytes) -> Call:
        """Add an attestation to the chain."""


class ChainThisBlock(Protocol):
    def __call__(self, root: Bytes) -> Call:
        """Add a block of the blocks DB to the chain."""


class ChainThisHot(Words, Protocol):
    """The hot part of the chain."""

    cold: ChainThisHotCold


class ChainThisHotCold(Protocol):
    def __call__(self, *, anchor: Bytes | None = None) -> Call:
        """Move the hot part of the chain to the cold part."""


class ChainThisCold(Words, Protocol):
    """The cold part of the chain."""

    cold: ChainThisColdCold


class ChainThisColdCold(Protocol):
    def __call__(self, *, start: Int | None = 0, end: Int | None = 0) -> Call:
        """Look at the cold part of the chain."""


class ChainThisHead(Words, Protocol):
    """The head of the chain."""

    get: ChainThisHeadGet
    set: ChainThisHeadSet
    follow: ChainThisHeadFollow


class ChainThisHeadGet(Protocol):
    def __call__(self) -> Call:
        """Show the head of the chain."""


class ChainThisHeadSet(Protocol):
    def __call__(self, root: Bytes) -> Call:
        """Set the head of the chain."""


class ChainThisHeadFollow(Protocol):
    def __call__(self, following: Bool) -> Call:
        """Follow the head of the chain, or not."""


class ChainThisServe(Words, Protocol):
    """Serve the chain to peers."""

    by_range: ChainThisServeByRange
    by_root: ChainThisServeByRoot


class ChainThisServeByRange(Protocol):
    def __call__(
        self,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "20s",
        max_count: Int | None = 100,
        max_step: Int | None = 10,
    ) -> Call:
        """Answer requests for the chain's blocks by range."""


class ChainThisServeByRoot(Protocol):
    def __call__(
        self,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "20s",
        max_count: Int | None = 1024,
        within_view: Bool | None = True,
    ) -> Call:
        """Answer requests for the chain's blocks by root."""


class ChainThisSync(Words, Protocol):
    """Fetch blocks from a peer."""

    by_range: ChainThisSyncByRange
    by_root: ChainThisSyncByRoot


class ChainThisSyncByRange(Protocol):
    def __call__(
        self,
        *,
        peer: Name | None = None,
        start: Int | None = 0,
        count: Int | None = 0,
        step: Int | None = 0,
        compression: Name | None = "snappy",
        timeout: Duration | None = "20s",
        store: Bool | None = True,
        process: Bool | None = True,
        process_timeout: Duration | None = "20s",
    ) -> Call:
        """Ask a peer for blocks by range, and add them to the chain."""


class ChainThisSyncByRoot(Protocol):
    def __call__(
        self,
        *,
        peer: Name | None = None,
        roots: Strings | None = None,
        compression: Name | None = "snappy",
        timeout: Duration | None = "20s",
        store: Bool | None = True,
        process: Bool | None = True,
        process_timeout: Duration | None = "20s",
    ) -> Call:
        """Ask a peer for blocks by root, and add them to the chain."""


class ChainThisVotes(Protocol):
    def __call__(self) -> Call:
        """List the latest votes of validators."""


class ChainOn(Protocol):
    """Any chain, by its name."""

    def __getitem__(self, word: str) -> ChainOnName: ...
    def __getattr__(self, word: str) -> ChainOnName: ...


class ChainOnName(Words, Protocol):
    """The chain of that name."""

    attestation: ChainOnNameAttestation
    block: ChainOnNameBlock
    hot: ChainOnNameHot
    cold: ChainOnNameCold
    head: ChainOnNameHead
    serve: ChainOnNameServe
    sync: ChainOnNameSync
    votes: ChainOnNameVotes


class ChainOnNameAttestation(Protocol):
    def __call__(self, root: Bytes) -> Call:
        """Add an attestation to the chain."""


class ChainOnNameBlock(Protocol):
    def __call__(self, root: Bytes) -> Call:
        """Add a block of the blocks DB to the chain."""


class ChainOnNameHot(Words, Protocol):
    """The hot part of the chain."""

    cold: ChainOnNameHotCold


class ChainOnNameHotCold(Protocol):
    def __call__(self, *, anchor: Bytes | None = None) -> Call:
        """Move the hot part of the chain to the cold part."""


class ChainOnNameCold(Words, Protocol):
    """The cold part of the chain."""

    cold: ChainOnNameColdCold


class ChainOnNameColdCold(Protocol):
    def __call__(self, *, start: Int | None = 0, end: Int | None = 0) -> Call:
        """Look at the cold part of the chain."""


class ChainOnNameHead(Words, Protocol):
    """The head of the chain."""

    get: ChainOnNameHeadGet
    set: ChainOnNameHeadSet
    follow: ChainOnNameHeadFollow


class ChainOnNameHeadGet(Protocol):
    def __call__(self) -> Call:
        """Show the head of the chain."""


class ChainOnNameHeadSet(Protocol):
    def __call__(self, root: Bytes) -> Call:
        """Set the head of the chain."""


class ChainOnNameHeadFollow(Protocol):
    def __call__(self, following: Bool) -> Call:
        """Follow the head of the chain, or not."""


class ChainOnNameServe(Words, Protocol):
    """Serve the chain to peers."""

    by_range: ChainOnNameServeByRange
    by_root: ChainOnNameServeByRoot


class ChainOnNameServeByRange(Protocol):
    def __call__(
        self,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "20s",
        max_count: Int | None = 100,
        max_step: Int | None = 10,
    ) -> Call:
        """Answer requests for the chain's blocks by range."""


class ChainOnNameServeByRoot(Protocol):
    def __call__(
        self,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "20s",
        max_count: Int | None = 1024,
        within_view: Bool | None = True,
    ) -> Call:
        """Answer requests for the chain's blocks by root."""


class ChainOnNameSync(Words, Protocol):
    """Fetch blocks from a peer."""

    by_range: ChainOnNameSyncByRange
    by_root: ChainOnNameSyncByRoot


class ChainOnNameSyncByRange(Protocol):
    def __call__(
        self,
        *,
        peer: Name | None = None,
        start: Int | None = 0,
        count: Int | None = 0,
        step: Int | None = 0,
        compression: Name | None = "snappy",
        timeout: Duration | None = "20s",
        store: Bool | None = True,
        process: Bool | None = True,
        process_timeout: Duration | None = "20s",
    ) -> Call:
        """Ask a peer for blocks by range, and add them to the chain."""


class ChainOnNameSyncByRoot(Protocol):
    def __call__(
        self,
        *,
        peer: Name | None = None,
        roots: Strings | None = None,
        compression: Name | None = "snappy",
        timeout: Duration | None = "20s",
        store: Bool | None = True,
        process: Bool | None = True,
        process_timeout: Duration | None = "20s",
    ) -> Call:
        """Ask a peer for blocks by root, and add them to the chain."""


class ChainOnNameVotes(Protocol):
    def __call__(self) -> Call:
        """List the latest votes of validators."""


class Sleep(Protocol):
    def __call__(self, time: Duration) -> Call:
        """Wait, then succeed."""


class Tool(Words, Protocol):
    """Tools that need no actor."""

    enr_value: ToolEnrValue


class ToolEnrValue(Protocol):
    def __call__(self, key: Text, enr: Name, *, raw: Bool | None = False) -> Call:
        """Show one value of an ENR."""


class Help(Protocol):
    def __call__(self) -> Call:
        """Show Rumor's own list of commands."""


class Roots:
    """The first words of all commands."""

    host: Host
    enr: Enr
    peer: Peer
    peerstore: Peerstore
    dv5: Dv5
    gossip: Gossip
    rpc: Rpc
    blocks: Blocks
    states: States
    chain: Chain
    sleep: Sleep
    tool: Tool
    help: Help
