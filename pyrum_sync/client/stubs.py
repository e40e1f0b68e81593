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
from pyrum_sync.client.field import Field


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


class KnownCall(Call):
    """A Call of which all fields are known: mypy finds misspelt ones."""

    __getattr__: None  # type: ignore[assignment, misc]


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


class HostStartCall(KnownCall):
    error: Field
    msg: Field
    priv: Field
    stderr: Field
    stdout: Field


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
    ) -> HostStartCall:
        """Start the libp2p host of the actor."""


class HostStopCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class HostStop(Protocol):
    def __call__(self) -> HostStopCall:
        """Stop the libp2p host of the actor."""


class HostViewCall(KnownCall):
    addr: Field
    enr: Field
    error: Field
    msg: Field
    peer_id: Field
    stderr: Field
    stdout: Field


class HostView(Protocol):
    def __call__(self) -> HostViewCall:
        """Show the peer id, listening addresses and ENR of the host."""


class HostListenCall(KnownCall):
    addr: Field
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class HostListen(Protocol):
    def __call__(self, *, ip: Ip | None = None, tcp: Int | None = 9000) -> HostListenCall:
        """Listen for connections on a TCP address."""


class HostNotifyCall(KnownCall):
    addr: Field
    direction: Field
    error: Field
    event: Field
    msg: Field
    peer: Field
    protocol: Field
    stderr: Field
    stdout: Field


class HostNotify(Protocol):
    def __call__(self, *event_types: Text) -> HostNotifyCall:
        """Log what happens on the network: listeners, connections and streams that open and close."""


class Enr(Words, Protocol):
    """Ethereum node records."""

    view: EnrView
    gen_key: EnrGenKey
    make: EnrMake


class EnrView(Protocol):
    def __call__(self, enr: Name | None = None, *, kv: Bool | None = False) -> Call:
        """Decode an ENR, by default that of the actor."""


class EnrGenKeyCall(KnownCall):
    error: Field
    key: Field
    msg: Field
    stderr: Field
    stdout: Field


class EnrGenKey(Protocol):
    def __call__(self) -> EnrGenKeyCall:
        """Make a private key for an ENR."""


class EnrMakeCall(KnownCall):
    enr: Field
    error: Field
    key: Field
    msg: Field
    stderr: Field
    stdout: Field


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
    ) -> EnrMakeCall:
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


class PeerConnectCall(KnownCall):
    error: Field
    msg: Field
    peer_id: Field
    stderr: Field
    stdout: Field


class PeerConnect(Protocol):
    def __call__(self, addr: Name, tag: Text = "", *, timeout: Duration | None = "10s") -> PeerConnectCall:
        """Connect to a peer; with a tag its connection is protected from trimming."""


class PeerDisconnectCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class PeerDisconnect(Protocol):
    def __call__(self, peer_id: Name) -> PeerDisconnectCall:
        """Close all connections with a peer."""


class PeerConnectallCall(KnownCall):
    addrs: Field
    attempts: Field
    error: Field
    msg: Field
    peer_id: Field
    stderr: Field
    stdout: Field
    worker: Field


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
    ) -> PeerConnectallCall:
        """Connect to the peers of the peerstore, and go on doing so."""


class PeerProtectCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class PeerProtect(Protocol):
    def __call__(self, peer_id: Name, tag: Text) -> PeerProtectCall:
        """Protect the connection of a peer under a tag."""


class PeerUnprotectCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class PeerUnprotect(Protocol):
    def __call__(self, peer_id: Name, tag: Text) -> PeerUnprotectCall:
        """Take the protection of a tag from a peer."""


class PeerAddCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class PeerAdd(Protocol):
    def __call__(self, addr: Name, *, peer_id: Name | None = None, ttl: Duration | None = "480h0m0s") -> PeerAddCall:
        """Put the address of a peer into the peerstore."""


class PeerTrimCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class PeerTrim(Protocol):
    def __call__(self, timeout: Duration = "2s") -> PeerTrimCall:
        """Close connections down to the host's lower limit."""


class PeerListCall(KnownCall):
    error: Field
    msg: Field
    peers: Field
    stderr: Field
    stdout: Field


class PeerList(Protocol):
    def __call__(self, which: Text = "connected", *, details: Bool | None = False) -> PeerListCall:
        """List the connected peers, or all known ones."""


class PeerInfoCall(KnownCall):
    addrs: Field
    claimed_seq: Field
    enr: Field
    enr_attnets: Field
    enr_fork_digest: Field
    enr_next_fork_epoch: Field
    enr_next_fork_version: Field
    error: Field
    latency: Field
    metadata: Field
    msg: Field
    node_id: Field
    peer_id: Field
    protocol_version: Field
    protocols: Field
    pubkey: Field
    status: Field
    stderr: Field
    stdout: Field
    user_agent: Field


class PeerInfo(Protocol):
    def __call__(self, peer_ID: Name) -> PeerInfoCall:
        """Show what the peerstore knows of a peer."""


class PeerIdentifyCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class PeerIdentify(Protocol):
    def __call__(self, peer_ID: Name, *, timeout: Duration | None = "10s") -> PeerIdentifyCall:
        """Ask a connected peer to identify itself."""


class PeerTrack(Words, Protocol):
    """Trackers of the peerstore's changes."""

    tee: PeerTrackTee
    list: PeerTrackList
    ls: PeerTrackLs


class PeerTrackTeeCall(KnownCall):
    error: Field
    i: Field
    key: Field
    msg: Field
    op: Field
    stderr: Field
    stdout: Field
    tracker: Field
    value: Field


class PeerTrackTee(Protocol):
    def __call__(
        self,
        *,
        dest: Text | None = "log",
        path: Text | None = "",
        key: Text | None = "",
        match: Text | None = "",
    ) -> PeerTrackTeeCall:
        """Copy the changes of the peerstore to the log, a file or a websocket."""


class PeerTrackListCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field
    tees: Field


class PeerTrackList(Protocol):
    def __call__(self) -> PeerTrackListCall:
        """List the running trackers of the peerstore."""


class PeerTrackLsCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field
    tees: Field


class PeerTrackLs(Protocol):
    def __call__(self) -> PeerTrackLsCall:
        """The same as peer.track.list()."""


class PeerAddrsCall(KnownCall):
    addrs: Field
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class PeerAddrs(Protocol):
    def __call__(self, peer_id: Name | None = None) -> PeerAddrsCall:
        """List the addresses of a peer, by default those of the host."""


class PeerStatus(Words, Protocol):
    """The status of the actor, and that of peers."""

    get: PeerStatusGet
    set: PeerStatusSet
    req: PeerStatusReq
    poll: PeerStatusPoll
    serve: PeerStatusServe
    follow: PeerStatusFollow


class PeerStatusGetCall(KnownCall):
    error: Field
    following: Field
    msg: Field
    status: Field
    stderr: Field
    stdout: Field


class PeerStatusGet(Protocol):
    def __call__(self) -> PeerStatusGetCall:
        """Show the status of the actor, and whether it follows the chain."""


class PeerStatusSetCall(KnownCall):
    error: Field
    following: Field
    msg: Field
    status: Field
    stderr: Field
    stdout: Field


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
    ) -> PeerStatusSetCall:
        """Set the status of the actor, or parts of it."""


class PeerStatusReqCall(KnownCall):
    code: Field
    error: Field
    finalized_epoch: Field
    finalized_root: Field
    fork_digest: Field
    head_root: Field
    head_slot: Field
    msg: Field
    stderr: Field
    stdout: Field


class PeerStatusReq(Protocol):
    def __call__(
        self,
        peer_id: Name,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
    ) -> PeerStatusReqCall:
        """Ask a connected peer for its status."""


class PeerStatusPollCall(KnownCall):
    code: Field
    error: Field
    finalized_epoch: Field
    finalized_root: Field
    fork_digest: Field
    head_root: Field
    head_slot: Field
    msg: Field
    peer: Field
    stderr: Field
    stdout: Field


class PeerStatusPoll(Protocol):
    def __call__(
        self,
        *,
        compression: Name | None = "snappy",
        interval: Duration | None = "12s",
        timeout: Duration | None = "5s",
    ) -> PeerStatusPollCall:
        """Ask all connected peers for their status, again and again."""


class PeerStatusServeCall(KnownCall):
    error: Field
    input_err: Field
    msg: Field
    started: Field
    stderr: Field
    stdout: Field


class PeerStatusServe(Protocol):
    def __call__(self, *, compression: Name | None = "snappy", timeout: Duration | None = "10s") -> PeerStatusServeCall:
        """Answer status requests with the status of the actor."""


class PeerStatusFollowCall(KnownCall):
    error: Field
    following: Field
    msg: Field
    stderr: Field
    stdout: Field


class PeerStatusFollow(Protocol):
    def __call__(self, following: Bool = True) -> PeerStatusFollowCall:
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


class PeerMetadataPingCall(KnownCall):
    code: Field
    error: Field
    metadata: Field
    msg: Field
    pong: Field
    stderr: Field
    stdout: Field


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
    ) -> PeerMetadataPingCall:
        """Ping a connected peer, and ask for its metadata if the sequence number is new."""


class PeerMetadataPongCall(KnownCall):
    attnets: Field
    code: Field
    error: Field
    input_err: Field
    msg: Field
    seq_number: Field
    started: Field
    stderr: Field
    stdout: Field


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
    ) -> PeerMetadataPongCall:
        """Answer pings, and ask their senders for metadata."""


class PeerMetadataGetCall(KnownCall):
    error: Field
    following: Field
    metadata: Field
    msg: Field
    stderr: Field
    stdout: Field


class PeerMetadataGet(Protocol):
    def __call__(self) -> PeerMetadataGetCall:
        """Show the metadata of the actor, and whether it is updated automatically."""


class PeerMetadataSetCall(KnownCall):
    error: Field
    following: Field
    metadata: Field
    msg: Field
    stderr: Field
    stdout: Field


class PeerMetadataSet(Protocol):
    def __call__(
        self,
        *,
        seq_number: Int | None = 0,
        attnets: Bytes | None = None,
        merge: Bool | None = True,
    ) -> PeerMetadataSetCall:
        """Set the metadata of the actor, or parts of it."""


class PeerMetadataReqCall(KnownCall):
    attnets: Field
    code: Field
    error: Field
    msg: Field
    seq_number: Field
    stderr: Field
    stdout: Field


class PeerMetadataReq(Protocol):
    def __call__(
        self,
        peer_id: Name,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
    ) -> PeerMetadataReqCall:
        """Ask a connected peer for its metadata."""


class PeerMetadataPollCall(KnownCall):
    code: Field
    error: Field
    metadata: Field
    msg: Field
    peer: Field
    pong: Field
    stderr: Field
    stdout: Field


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
    ) -> PeerMetadataPollCall:
        """Ping all connected peers again and again, and ask for metadata that is new."""


class PeerMetadataServeCall(KnownCall):
    error: Field
    input_err: Field
    msg: Field
    started: Field
    stderr: Field
    stdout: Field


class PeerMetadataServe(Protocol):
    def __call__(
        self,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
    ) -> PeerMetadataServeCall:
        """Answer metadata requests with the metadata of the actor."""


class PeerMetadataFollowCall(KnownCall):
    error: Field
    following: Field
    msg: Field
    stderr: Field
    stdout: Field


class PeerMetadataFollow(Protocol):
    def __call__(self, following: Bool = True) -> PeerMetadataFollowCall:
        """Have the metadata updated automatically, or not."""


class Peerstore(Words, Protocol):
    """Peerstores."""

    create: PeerstoreCreate
    switch: PeerstoreSwitch
    list: PeerstoreList


class PeerstoreCreateCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class PeerstoreCreate(Protocol):
    def __call__(
        self,
        id: Text = "",
        *,
        store_type: Text | None = "mem",
        store_path: Text | None = "",
        switch: Bool | None = True,
    ) -> PeerstoreCreateCall:
        """Make a peerstore and use it."""


class PeerstoreSwitchCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field
    store: Field


class PeerstoreSwitch(Protocol):
    def __call__(self, id: Text) -> PeerstoreSwitchCall:
        """Use another peerstore."""


class PeerstoreListCall(KnownCall):
    current: Field
    error: Field
    msg: Field
    stderr: Field
    stdout: Field
    stores: Field


class PeerstoreList(Protocol):
    def __call__(self) -> PeerstoreListCall:
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


class Dv5PingCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class Dv5Ping(Protocol):
    def __call__(self, target: Name) -> Dv5PingCall:
        """Ping a node."""


class Dv5ResolveCall(KnownCall):
    enr: Field
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class Dv5Resolve(Protocol):
    def __call__(self, target: Name) -> Dv5ResolveCall:
        """Look for the latest record of a node."""


class Dv5RequestCall(KnownCall):
    enr: Field
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class Dv5Request(Protocol):
    def __call__(self, target: Name) -> Dv5RequestCall:
        """Ask a node for its record."""


class Dv5LookupCall(KnownCall):
    error: Field
    msg: Field
    nodes: Field
    stderr: Field
    stdout: Field


class Dv5Lookup(Protocol):
    def __call__(self, target: Name) -> Dv5LookupCall:
        """List nodes that are near a node."""


class Dv5RandomCall(KnownCall):
    enr: Field
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class Dv5Random(Protocol):
    def __call__(
        self,
        *,
        add: Bool | None = True,
        ttl: Duration | None = "2160h0m0s",
        filter_digest: Bytes | None = None,
        interval: Duration | None = "100ms",
        stepwise: Bool | None = False,
    ) -> Dv5RandomCall:
        """Walk the network at random and log the nodes that are met."""


class Dv5SelfCall(KnownCall):
    enr: Field
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class Dv5Self(Protocol):
    def __call__(self) -> Dv5SelfCall:
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


class GossipStartCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class GossipStart(Protocol):
    def __call__(self) -> GossipStartCall:
        """Start GossipSub."""


class GossipListCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field
    topics: Field


class GossipList(Protocol):
    def __call__(self) -> GossipListCall:
        """List the joined topics."""


class GossipJoinCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class GossipJoin(Protocol):
    def __call__(self, topic: Text) -> GossipJoinCall:
        """Join a topic."""


class GossipEventsCall(KnownCall):
    error: Field
    msg: Field
    peer_id: Field
    stderr: Field
    stdout: Field
    topic: Field


class GossipEvents(Protocol):
    def __call__(self, topic: Text) -> GossipEventsCall:
        """Log the peers that join and leave a topic."""


class GossipListPeersCall(KnownCall):
    error: Field
    msg: Field
    peers: Field
    stderr: Field
    stdout: Field


class GossipListPeers(Protocol):
    def __call__(self, topic: Text) -> GossipListPeersCall:
        """List the known peers of a topic."""


class GossipBlacklistCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class GossipBlacklist(Protocol):
    def __call__(self, peer_id: Name) -> GossipBlacklistCall:
        """Take no more messages from a peer."""


class GossipLeaveCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class GossipLeave(Protocol):
    def __call__(self, topic: Text) -> GossipLeaveCall:
        """Leave a topic."""


class GossipLogCall(KnownCall):
    error: Field
    msg: Field
    seq_no: Field
    signature: Field
    stderr: Field
    stdout: Field
    topic: Field


class GossipLog(Protocol):
    def __call__(self, topic: Text) -> GossipLogCall:
        """Log the messages of a topic, own ones included."""


class GossipPublishCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class GossipPublish(Protocol):
    def __call__(self, topic: Text, message: Bytes) -> GossipPublishCall:
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


class RpcGoodbyeReqRawCall(KnownCall):
    chunk_index: Field
    chunk_size: Field
    error: Field
    msg: Field
    protocol: Field
    result_code: Field
    stderr: Field
    stdout: Field


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
    ) -> RpcGoodbyeReqRawCall:
        """Send a goodbye request, and read the chunks of the answer."""


class RpcGoodbyeListenCall(KnownCall):
    error: Field
    input_err: Field
    msg: Field
    protocol: Field
    req_id: Field
    stderr: Field
    stdout: Field


class RpcGoodbyeListen(Protocol):
    def __call__(
        self,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        raw: Bool | None = False,
        read: Bool | None = True,
        drop: Bool | None = True,
    ) -> RpcGoodbyeListenCall:
        """Receive goodbye requests."""


class RpcGoodbyeResp(Words, Protocol):
    """Answer a goodbye request."""

    chunk: RpcGoodbyeRespChunk
    invalid_request: RpcGoodbyeRespInvalidRequest
    server_error: RpcGoodbyeRespServerError


class RpcGoodbyeRespChunk(Words, Protocol):
    """Answer a goodbye request with content."""

    raw: RpcGoodbyeRespChunkRaw


class RpcGoodbyeRespChunkRawCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcGoodbyeRespChunkRaw(Protocol):
    def __call__(
        self,
        req_id: Text,
        data: Bytes,
        *,
        done: Bool | None = True,
        result_code: Int | None = 0,
    ) -> RpcGoodbyeRespChunkRawCall:
        """Answer a goodbye request with a chunk."""


class RpcGoodbyeRespInvalidRequestCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcGoodbyeRespInvalidRequest(Protocol):
    def __call__(
        self,
        req_id: Text,
        text: Text,
        *,
        done: Bool | None = True,
        result_code: Int | None = 1,
    ) -> RpcGoodbyeRespInvalidRequestCall:
        """Answer a goodbye request with an error: it was not valid."""


class RpcGoodbyeRespServerErrorCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcGoodbyeRespServerError(Protocol):
    def __call__(
        self,
        req_id: Text,
        text: Text,
        *,
        done: Bool | None = True,
        result_code: Int | None = 2,
    ) -> RpcGoodbyeRespServerErrorCall:
        """Answer a goodbye request with an error: the server has failed."""


class RpcGoodbyeCloseCall(KnownCall):
    error: Field
    msg: Field
    peer: Field
    req_id: Field
    stderr: Field
    stdout: Field


class RpcGoodbyeClose(Protocol):
    def __call__(self, req_id: Text) -> RpcGoodbyeCloseCall:
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


class RpcStatusReqRawCall(KnownCall):
    chunk_index: Field
    chunk_size: Field
    error: Field
    msg: Field
    protocol: Field
    result_code: Field
    stderr: Field
    stdout: Field


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
    ) -> RpcStatusReqRawCall:
        """Send a status request, and read the chunks of the answer."""


class RpcStatusListenCall(KnownCall):
    error: Field
    input_err: Field
    msg: Field
    protocol: Field
    req_id: Field
    stderr: Field
    stdout: Field


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
    ) -> RpcStatusListenCall:
        """Receive status requests."""


class RpcStatusResp(Words, Protocol):
    """Answer a status request."""

    chunk: RpcStatusRespChunk
    invalid_request: RpcStatusRespInvalidRequest
    server_error: RpcStatusRespServerError


class RpcStatusRespChunk(Words, Protocol):
    """Answer a status request with content."""

    raw: RpcStatusRespChunkRaw


class RpcStatusRespChunkRawCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcStatusRespChunkRaw(Protocol):
    def __call__(
        self,
        req_id: Text,
        data: Bytes,
        *,
        done: Bool | None = True,
        result_code: Int | None = 0,
    ) -> RpcStatusRespChunkRawCall:
        """Answer a status request with a chunk."""


class RpcStatusRespInvalidRequestCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcStatusRespInvalidRequest(Protocol):
    def __call__(
        self,
        req_id: Text,
        text: Text,
        *,
        done: Bool | None = True,
        result_code: Int | None = 1,
    ) -> RpcStatusRespInvalidRequestCall:
        """Answer a status request with an error: it was not valid."""


class RpcStatusRespServerErrorCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcStatusRespServerError(Protocol):
    def __call__(
        self,
        req_id: Text,
        text: Text,
        *,
        done: Bool | None = True,
        result_code: Int | None = 2,
    ) -> RpcStatusRespServerErrorCall:
        """Answer a status request with an error: the server has failed."""


class RpcStatusCloseCall(KnownCall):
    error: Field
    msg: Field
    peer: Field
    req_id: Field
    stderr: Field
    stdout: Field


class RpcStatusClose(Protocol):
    def __call__(self, req_id: Text) -> RpcStatusCloseCall:
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


class RpcPingReqRawCall(KnownCall):
    chunk_index: Field
    chunk_size: Field
    error: Field
    msg: Field
    protocol: Field
    result_code: Field
    stderr: Field
    stdout: Field


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
    ) -> RpcPingReqRawCall:
        """Send a ping request, and read the chunks of the answer."""


class RpcPingListenCall(KnownCall):
    error: Field
    input_err: Field
    msg: Field
    protocol: Field
    req_id: Field
    stderr: Field
    stdout: Field


class RpcPingListen(Protocol):
    def __call__(
        self,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        raw: Bool | None = False,
        read: Bool | None = True,
        drop: Bool | None = False,
    ) -> RpcPingListenCall:
        """Receive ping requests."""


class RpcPingResp(Words, Protocol):
    """Answer a ping request."""

    chunk: RpcPingRespChunk
    invalid_request: RpcPingRespInvalidRequest
    server_error: RpcPingRespServerError


class RpcPingRespChunk(Words, Protocol):
    """Answer a ping request with content."""

    raw: RpcPingRespChunkRaw


class RpcPingRespChunkRawCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcPingRespChunkRaw(Protocol):
    def __call__(
        self,
        req_id: Text,
        data: Bytes,
        *,
        done: Bool | None = True,
        result_code: Int | None = 0,
    ) -> RpcPingRespChunkRawCall:
        """Answer a ping request with a chunk."""


class RpcPingRespInvalidRequestCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcPingRespInvalidRequest(Protocol):
    def __call__(
        self,
        req_id: Text,
        text: Text,
        *,
        done: Bool | None = True,
        result_code: Int | None = 1,
    ) -> RpcPingRespInvalidRequestCall:
        """Answer a ping request with an error: it was not valid."""


class RpcPingRespServerErrorCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcPingRespServerError(Protocol):
    def __call__(
        self,
        req_id: Text,
        text: Text,
        *,
        done: Bool | None = True,
        result_code: Int | None = 2,
    ) -> RpcPingRespServerErrorCall:
        """Answer a ping request with an error: the server has failed."""


class RpcPingCloseCall(KnownCall):
    error: Field
    msg: Field
    peer: Field
    req_id: Field
    stderr: Field
    stdout: Field


class RpcPingClose(Protocol):
    def __call__(self, req_id: Text) -> RpcPingCloseCall:
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


class RpcMetadataReqRawCall(KnownCall):
    chunk_index: Field
    chunk_size: Field
    error: Field
    msg: Field
    protocol: Field
    result_code: Field
    stderr: Field
    stdout: Field


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
    ) -> RpcMetadataReqRawCall:
        """Send a metadata request, and read the chunks of the answer."""


class RpcMetadataListenCall(KnownCall):
    error: Field
    input_err: Field
    msg: Field
    protocol: Field
    req_id: Field
    stderr: Field
    stdout: Field


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
    ) -> RpcMetadataListenCall:
        """Receive metadata requests."""


class RpcMetadataResp(Words, Protocol):
    """Answer a metadata request."""

    chunk: RpcMetadataRespChunk
    invalid_request: RpcMetadataRespInvalidRequest
    server_error: RpcMetadataRespServerError


class RpcMetadataRespChunk(Words, Protocol):
    """Answer a metadata request with content."""

    raw: RpcMetadataRespChunkRaw


class RpcMetadataRespChunkRawCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcMetadataRespChunkRaw(Protocol):
    def __call__(
        self,
        req_id: Text,
        data: Bytes,
        *,
        done: Bool | None = True,
        result_code: Int | None = 0,
    ) -> RpcMetadataRespChunkRawCall:
        """Answer a metadata request with a chunk."""


class RpcMetadataRespInvalidRequestCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcMetadataRespInvalidRequest(Protocol):
    def __call__(
        self,
        req_id: Text,
        text: Text,
        *,
        done: Bool | None = True,
        result_code: Int | None = 1,
    ) -> RpcMetadataRespInvalidRequestCall:
        """Answer a metadata request with an error: it was not valid."""


class RpcMetadataRespServerErrorCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcMetadataRespServerError(Protocol):
    def __call__(
        self,
        req_id: Text,
        text: Text,
        *,
        done: Bool | None = True,
        result_code: Int | None = 2,
    ) -> RpcMetadataRespServerErrorCall:
        """Answer a metadata request with an error: the server has failed."""


class RpcMetadataCloseCall(KnownCall):
    error: Field
    msg: Field
    peer: Field
    req_id: Field
    stderr: Field
    stdout: Field


class RpcMetadataClose(Protocol):
    def __call__(self, req_id: Text) -> RpcMetadataCloseCall:
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


class RpcBlocksByRangeReqRawCall(KnownCall):
    chunk_index: Field
    chunk_size: Field
    context: Field
    error: Field
    msg: Field
    protocol: Field
    result_code: Field
    stderr: Field
    stdout: Field


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
    ) -> RpcBlocksByRangeReqRawCall:
        """Send a blocks-by-range request, and read the chunks of the answer."""


class RpcBlocksByRangeListenCall(KnownCall):
    error: Field
    input_err: Field
    msg: Field
    protocol: Field
    req_id: Field
    stderr: Field
    stdout: Field


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
    ) -> RpcBlocksByRangeListenCall:
        """Receive blocks-by-range requests."""


class RpcBlocksByRangeResp(Words, Protocol):
    """Answer a blocks-by-range request."""

    chunk: RpcBlocksByRangeRespChunk
    invalid_request: RpcBlocksByRangeRespInvalidRequest
    server_error: RpcBlocksByRangeRespServerError


class RpcBlocksByRangeRespChunk(Words, Protocol):
    """Answer a blocks-by-range request with content."""

    raw: RpcBlocksByRangeRespChunkRaw


class RpcBlocksByRangeRespChunkRawCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcBlocksByRangeRespChunkRaw(Protocol):
    def __call__(
        self,
        req_id: Text,
        data: Bytes,
        *,
        done: Bool | None = False,
        result_code: Int | None = 0,
        context: Bytes | None = None,
    ) -> RpcBlocksByRangeRespChunkRawCall:
        """Answer a blocks-by-range request with a chunk."""


class RpcBlocksByRangeRespInvalidRequestCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcBlocksByRangeRespInvalidRequest(Protocol):
    def __call__(
        self,
        req_id: Text,
        text: Text,
        *,
        done: Bool | None = True,
        result_code: Int | None = 1,
    ) -> RpcBlocksByRangeRespInvalidRequestCall:
        """Answer a blocks-by-range request with an error: it was not valid."""


class RpcBlocksByRangeRespServerErrorCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcBlocksByRangeRespServerError(Protocol):
    def __call__(
        self,
        req_id: Text,
        text: Text,
        *,
        done: Bool | None = True,
        result_code: Int | None = 2,
    ) -> RpcBlocksByRangeRespServerErrorCall:
        """Answer a blocks-by-range request with an error: the server has failed."""


class RpcBlocksByRangeCloseCall(KnownCall):
    error: Field
    msg: Field
    peer: Field
    req_id: Field
    stderr: Field
    stdout: Field


class RpcBlocksByRangeClose(Protocol):
    def __call__(self, req_id: Text) -> RpcBlocksByRangeCloseCall:
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


class RpcBlocksByRootReqRawCall(KnownCall):
    chunk_index: Field
    chunk_size: Field
    context: Field
    error: Field
    msg: Field
    protocol: Field
    result_code: Field
    stderr: Field
    stdout: Field


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
    ) -> RpcBlocksByRootReqRawCall:
        """Send a blocks-by-root request, and read the chunks of the answer."""


class RpcBlocksByRootListenCall(KnownCall):
    error: Field
    input_err: Field
    msg: Field
    protocol: Field
    req_id: Field
    stderr: Field
    stdout: Field


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
    ) -> RpcBlocksByRootListenCall:
        """Receive blocks-by-root requests."""


class RpcBlocksByRootResp(Words, Protocol):
    """Answer a blocks-by-root request."""

    chunk: RpcBlocksByRootRespChunk
    invalid_request: RpcBlocksByRootRespInvalidRequest
    server_error: RpcBlocksByRootRespServerError


class RpcBlocksByRootRespChunk(Words, Protocol):
    """Answer a blocks-by-root request with content."""

    raw: RpcBlocksByRootRespChunkRaw


class RpcBlocksByRootRespChunkRawCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcBlocksByRootRespChunkRaw(Protocol):
    def __call__(
        self,
        req_id: Text,
        data: Bytes,
        *,
        done: Bool | None = False,
        result_code: Int | None = 0,
        context: Bytes | None = None,
    ) -> RpcBlocksByRootRespChunkRawCall:
        """Answer a blocks-by-root request with a chunk."""


class RpcBlocksByRootRespInvalidRequestCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcBlocksByRootRespInvalidRequest(Protocol):
    def __call__(
        self,
        req_id: Text,
        text: Text,
        *,
        done: Bool | None = True,
        result_code: Int | None = 1,
    ) -> RpcBlocksByRootRespInvalidRequestCall:
        """Answer a blocks-by-root request with an error: it was not valid."""


class RpcBlocksByRootRespServerErrorCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcBlocksByRootRespServerError(Protocol):
    def __call__(
        self,
        req_id: Text,
        text: Text,
        *,
        done: Bool | None = True,
        result_code: Int | None = 2,
    ) -> RpcBlocksByRootRespServerErrorCall:
        """Answer a blocks-by-root request with an error: the server has failed."""


class RpcBlocksByRootCloseCall(KnownCall):
    error: Field
    msg: Field
    peer: Field
    req_id: Field
    stderr: Field
    stdout: Field


class RpcBlocksByRootClose(Protocol):
    def __call__(self, req_id: Text) -> RpcBlocksByRootCloseCall:
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


class RpcBlocksByHeadReqRawCall(KnownCall):
    chunk_index: Field
    chunk_size: Field
    context: Field
    error: Field
    msg: Field
    protocol: Field
    result_code: Field
    stderr: Field
    stdout: Field


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
    ) -> RpcBlocksByHeadReqRawCall:
        """Send a blocks-by-head request, and read the chunks of the answer."""


class RpcBlocksByHeadListenCall(KnownCall):
    error: Field
    input_err: Field
    msg: Field
    protocol: Field
    req_id: Field
    stderr: Field
    stdout: Field


class RpcBlocksByHeadListen(Protocol):
    def __call__(
        self,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        raw: Bool | None = False,
        read: Bool | None = True,
        drop: Bool | None = False,
    ) -> RpcBlocksByHeadListenCall:
        """Receive blocks-by-head requests."""


class RpcBlocksByHeadResp(Words, Protocol):
    """Answer a blocks-by-head request."""

    chunk: RpcBlocksByHeadRespChunk
    invalid_request: RpcBlocksByHeadRespInvalidRequest
    server_error: RpcBlocksByHeadRespServerError


class RpcBlocksByHeadRespChunk(Words, Protocol):
    """Answer a blocks-by-head request with content."""

    raw: RpcBlocksByHeadRespChunkRaw


class RpcBlocksByHeadRespChunkRawCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcBlocksByHeadRespChunkRaw(Protocol):
    def __call__(
        self,
        req_id: Text,
        data: Bytes,
        *,
        done: Bool | None = False,
        result_code: Int | None = 0,
        context: Bytes | None = None,
    ) -> RpcBlocksByHeadRespChunkRawCall:
        """Answer a blocks-by-head request with a chunk."""


class RpcBlocksByHeadRespInvalidRequestCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcBlocksByHeadRespInvalidRequest(Protocol):
    def __call__(
        self,
        req_id: Text,
        text: Text,
        *,
        done: Bool | None = True,
        result_code: Int | None = 1,
    ) -> RpcBlocksByHeadRespInvalidRequestCall:
        """Answer a blocks-by-head request with an error: it was not valid."""


class RpcBlocksByHeadRespServerErrorCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcBlocksByHeadRespServerError(Protocol):
    def __call__(
        self,
        req_id: Text,
        text: Text,
        *,
        done: Bool | None = True,
        result_code: Int | None = 2,
    ) -> RpcBlocksByHeadRespServerErrorCall:
        """Answer a blocks-by-head request with an error: the server has failed."""


class RpcBlocksByHeadCloseCall(KnownCall):
    error: Field
    msg: Field
    peer: Field
    req_id: Field
    stderr: Field
    stdout: Field


class RpcBlocksByHeadClose(Protocol):
    def __call__(self, req_id: Text) -> RpcBlocksByHeadCloseCall:
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


class RpcBlobSidecarsByRangeReqRawCall(KnownCall):
    chunk_index: Field
    chunk_size: Field
    context: Field
    error: Field
    msg: Field
    protocol: Field
    result_code: Field
    stderr: Field
    stdout: Field


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
    ) -> RpcBlobSidecarsByRangeReqRawCall:
        """Send a blob-sidecars-by-range request, and read the chunks of the answer."""


class RpcBlobSidecarsByRangeListenCall(KnownCall):
    error: Field
    input_err: Field
    msg: Field
    protocol: Field
    req_id: Field
    stderr: Field
    stdout: Field


class RpcBlobSidecarsByRangeListen(Protocol):
    def __call__(
        self,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        raw: Bool | None = False,
        read: Bool | None = True,
        drop: Bool | None = False,
    ) -> RpcBlobSidecarsByRangeListenCall:
        """Receive blob-sidecars-by-range requests."""


class RpcBlobSidecarsByRangeResp(Words, Protocol):
    """Answer a blob-sidecars-by-range request."""

    chunk: RpcBlobSidecarsByRangeRespChunk
    invalid_request: RpcBlobSidecarsByRangeRespInvalidRequest
    server_error: RpcBlobSidecarsByRangeRespServerError


class RpcBlobSidecarsByRangeRespChunk(Words, Protocol):
    """Answer a blob-sidecars-by-range request with content."""

    raw: RpcBlobSidecarsByRangeRespChunkRaw


class RpcBlobSidecarsByRangeRespChunkRawCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcBlobSidecarsByRangeRespChunkRaw(Protocol):
    def __call__(
        self,
        req_id: Text,
        data: Bytes,
        *,
        done: Bool | None = False,
        result_code: Int | None = 0,
        context: Bytes | None = None,
    ) -> RpcBlobSidecarsByRangeRespChunkRawCall:
        """Answer a blob-sidecars-by-range request with a chunk."""


class RpcBlobSidecarsByRangeRespInvalidRequestCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcBlobSidecarsByRangeRespInvalidRequest(Protocol):
    def __call__(
        self,
        req_id: Text,
        text: Text,
        *,
        done: Bool | None = True,
        result_code: Int | None = 1,
    ) -> RpcBlobSidecarsByRangeRespInvalidRequestCall:
        """Answer a blob-sidecars-by-range request with an error: it was not valid."""


class RpcBlobSidecarsByRangeRespServerErrorCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcBlobSidecarsByRangeRespServerError(Protocol):
    def __call__(
        self,
        req_id: Text,
        text: Text,
        *,
        done: Bool | None = True,
        result_code: Int | None = 2,
    ) -> RpcBlobSidecarsByRangeRespServerErrorCall:
        """Answer a blob-sidecars-by-range request with an error: the server has failed."""


class RpcBlobSidecarsByRangeCloseCall(KnownCall):
    error: Field
    msg: Field
    peer: Field
    req_id: Field
    stderr: Field
    stdout: Field


class RpcBlobSidecarsByRangeClose(Protocol):
    def __call__(self, req_id: Text) -> RpcBlobSidecarsByRangeCloseCall:
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


class RpcBlobSidecarsByRootReqRawCall(KnownCall):
    chunk_index: Field
    chunk_size: Field
    context: Field
    error: Field
    msg: Field
    protocol: Field
    result_code: Field
    stderr: Field
    stdout: Field


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
    ) -> RpcBlobSidecarsByRootReqRawCall:
        """Send a blob-sidecars-by-root request, and read the chunks of the answer."""


class RpcBlobSidecarsByRootListenCall(KnownCall):
    error: Field
    input_err: Field
    msg: Field
    protocol: Field
    req_id: Field
    stderr: Field
    stdout: Field


class RpcBlobSidecarsByRootListen(Protocol):
    def __call__(
        self,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        raw: Bool | None = False,
        read: Bool | None = True,
        drop: Bool | None = False,
    ) -> RpcBlobSidecarsByRootListenCall:
        """Receive blob-sidecars-by-root requests."""


class RpcBlobSidecarsByRootResp(Words, Protocol):
    """Answer a blob-sidecars-by-root request."""

    chunk: RpcBlobSidecarsByRootRespChunk
    invalid_request: RpcBlobSidecarsByRootRespInvalidRequest
    server_error: RpcBlobSidecarsByRootRespServerError


class RpcBlobSidecarsByRootRespChunk(Words, Protocol):
    """Answer a blob-sidecars-by-root request with content."""

    raw: RpcBlobSidecarsByRootRespChunkRaw


class RpcBlobSidecarsByRootRespChunkRawCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcBlobSidecarsByRootRespChunkRaw(Protocol):
    def __call__(
        self,
        req_id: Text,
        data: Bytes,
        *,
        done: Bool | None = False,
        result_code: Int | None = 0,
        context: Bytes | None = None,
    ) -> RpcBlobSidecarsByRootRespChunkRawCall:
        """Answer a blob-sidecars-by-root request with a chunk."""


class RpcBlobSidecarsByRootRespInvalidRequestCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcBlobSidecarsByRootRespInvalidRequest(Protocol):
    def __call__(
        self,
        req_id: Text,
        text: Text,
        *,
        done: Bool | None = True,
        result_code: Int | None = 1,
    ) -> RpcBlobSidecarsByRootRespInvalidRequestCall:
        """Answer a blob-sidecars-by-root request with an error: it was not valid."""


class RpcBlobSidecarsByRootRespServerErrorCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcBlobSidecarsByRootRespServerError(Protocol):
    def __call__(
        self,
        req_id: Text,
        text: Text,
        *,
        done: Bool | None = True,
        result_code: Int | None = 2,
    ) -> RpcBlobSidecarsByRootRespServerErrorCall:
        """Answer a blob-sidecars-by-root request with an error: the server has failed."""


class RpcBlobSidecarsByRootCloseCall(KnownCall):
    error: Field
    msg: Field
    peer: Field
    req_id: Field
    stderr: Field
    stdout: Field


class RpcBlobSidecarsByRootClose(Protocol):
    def __call__(self, req_id: Text) -> RpcBlobSidecarsByRootCloseCall:
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


class RpcDataColumnSidecarsByRangeReqRawCall(KnownCall):
    chunk_index: Field
    chunk_size: Field
    context: Field
    error: Field
    msg: Field
    protocol: Field
    result_code: Field
    stderr: Field
    stdout: Field


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
    ) -> RpcDataColumnSidecarsByRangeReqRawCall:
        """Send a data-column-sidecars-by-range request, and read the chunks of the answer."""


class RpcDataColumnSidecarsByRangeListenCall(KnownCall):
    error: Field
    input_err: Field
    msg: Field
    protocol: Field
    req_id: Field
    stderr: Field
    stdout: Field


class RpcDataColumnSidecarsByRangeListen(Protocol):
    def __call__(
        self,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        raw: Bool | None = False,
        read: Bool | None = True,
        drop: Bool | None = False,
    ) -> RpcDataColumnSidecarsByRangeListenCall:
        """Receive data-column-sidecars-by-range requests."""


class RpcDataColumnSidecarsByRangeResp(Words, Protocol):
    """Answer a data-column-sidecars-by-range request."""

    chunk: RpcDataColumnSidecarsByRangeRespChunk
    invalid_request: RpcDataColumnSidecarsByRangeRespInvalidRequest
    server_error: RpcDataColumnSidecarsByRangeRespServerError


class RpcDataColumnSidecarsByRangeRespChunk(Words, Protocol):
    """Answer a data-column-sidecars-by-range request with content."""

    raw: RpcDataColumnSidecarsByRangeRespChunkRaw


class RpcDataColumnSidecarsByRangeRespChunkRawCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcDataColumnSidecarsByRangeRespChunkRaw(Protocol):
    def __call__(
        self,
        req_id: Text,
        data: Bytes,
        *,
        done: Bool | None = False,
        result_code: Int | None = 0,
        context: Bytes | None = None,
    ) -> RpcDataColumnSidecarsByRangeRespChunkRawCall:
        """Answer a data-column-sidecars-by-range request with a chunk."""


class RpcDataColumnSidecarsByRangeRespInvalidRequestCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcDataColumnSidecarsByRangeRespInvalidRequest(Protocol):
    def __call__(
        self,
        req_id: Text,
        text: Text,
        *,
        done: Bool | None = True,
        result_code: Int | None = 1,
    ) -> RpcDataColumnSidecarsByRangeRespInvalidRequestCall:
        """Answer a data-column-sidecars-by-range request with an error: it was not valid."""


class RpcDataColumnSidecarsByRangeRespServerErrorCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcDataColumnSidecarsByRangeRespServerError(Protocol):
    def __call__(
        self,
        req_id: Text,
        text: Text,
        *,
        done: Bool | None = True,
        result_code: Int | None = 2,
    ) -> RpcDataColumnSidecarsByRangeRespServerErrorCall:
        """Answer a data-column-sidecars-by-range request with an error: the server has failed."""


class RpcDataColumnSidecarsByRangeCloseCall(KnownCall):
    error: Field
    msg: Field
    peer: Field
    req_id: Field
    stderr: Field
    stdout: Field


class RpcDataColumnSidecarsByRangeClose(Protocol):
    def __call__(self, req_id: Text) -> RpcDataColumnSidecarsByRangeCloseCall:
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


class RpcDataColumnSidecarsByRootReqRawCall(KnownCall):
    chunk_index: Field
    chunk_size: Field
    context: Field
    error: Field
    msg: Field
    protocol: Field
    result_code: Field
    stderr: Field
    stdout: Field


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
    ) -> RpcDataColumnSidecarsByRootReqRawCall:
        """Send a data-column-sidecars-by-root request, and read the chunks of the answer."""


class RpcDataColumnSidecarsByRootListenCall(KnownCall):
    error: Field
    input_err: Field
    msg: Field
    protocol: Field
    req_id: Field
    stderr: Field
    stdout: Field


class RpcDataColumnSidecarsByRootListen(Protocol):
    def __call__(
        self,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        raw: Bool | None = False,
        read: Bool | None = True,
        drop: Bool | None = False,
    ) -> RpcDataColumnSidecarsByRootListenCall:
        """Receive data-column-sidecars-by-root requests."""


class RpcDataColumnSidecarsByRootResp(Words, Protocol):
    """Answer a data-column-sidecars-by-root request."""

    chunk: RpcDataColumnSidecarsByRootRespChunk
    invalid_request: RpcDataColumnSidecarsByRootRespInvalidRequest
    server_error: RpcDataColumnSidecarsByRootRespServerError


class RpcDataColumnSidecarsByRootRespChunk(Words, Protocol):
    """Answer a data-column-sidecars-by-root request with content."""

    raw: RpcDataColumnSidecarsByRootRespChunkRaw


class RpcDataColumnSidecarsByRootRespChunkRawCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcDataColumnSidecarsByRootRespChunkRaw(Protocol):
    def __call__(
        self,
        req_id: Text,
        data: Bytes,
        *,
        done: Bool | None = False,
        result_code: Int | None = 0,
        context: Bytes | None = None,
    ) -> RpcDataColumnSidecarsByRootRespChunkRawCall:
        """Answer a data-column-sidecars-by-root request with a chunk."""


class RpcDataColumnSidecarsByRootRespInvalidRequestCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcDataColumnSidecarsByRootRespInvalidRequest(Protocol):
    def __call__(
        self,
        req_id: Text,
        text: Text,
        *,
        done: Bool | None = True,
        result_code: Int | None = 1,
    ) -> RpcDataColumnSidecarsByRootRespInvalidRequestCall:
        """Answer a data-column-sidecars-by-root request with an error: it was not valid."""


class RpcDataColumnSidecarsByRootRespServerErrorCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcDataColumnSidecarsByRootRespServerError(Protocol):
    def __call__(
        self,
        req_id: Text,
        text: Text,
        *,
        done: Bool | None = True,
        result_code: Int | None = 2,
    ) -> RpcDataColumnSidecarsByRootRespServerErrorCall:
        """Answer a data-column-sidecars-by-root request with an error: the server has failed."""


class RpcDataColumnSidecarsByRootCloseCall(KnownCall):
    error: Field
    msg: Field
    peer: Field
    req_id: Field
    stderr: Field
    stdout: Field


class RpcDataColumnSidecarsByRootClose(Protocol):
    def __call__(self, req_id: Text) -> RpcDataColumnSidecarsByRootCloseCall:
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


class RpcLightClientBootstrapReqRawCall(KnownCall):
    chunk_index: Field
    chunk_size: Field
    context: Field
    error: Field
    msg: Field
    protocol: Field
    result_code: Field
    stderr: Field
    stdout: Field


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
    ) -> RpcLightClientBootstrapReqRawCall:
        """Send a light-client-bootstrap request, and read the chunks of the answer."""


class RpcLightClientBootstrapListenCall(KnownCall):
    error: Field
    input_err: Field
    msg: Field
    protocol: Field
    req_id: Field
    stderr: Field
    stdout: Field


class RpcLightClientBootstrapListen(Protocol):
    def __call__(
        self,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        raw: Bool | None = False,
        read: Bool | None = True,
        drop: Bool | None = False,
    ) -> RpcLightClientBootstrapListenCall:
        """Receive light-client-bootstrap requests."""


class RpcLightClientBootstrapResp(Words, Protocol):
    """Answer a light-client-bootstrap request."""

    chunk: RpcLightClientBootstrapRespChunk
    invalid_request: RpcLightClientBootstrapRespInvalidRequest
    server_error: RpcLightClientBootstrapRespServerError


class RpcLightClientBootstrapRespChunk(Words, Protocol):
    """Answer a light-client-bootstrap request with content."""

    raw: RpcLightClientBootstrapRespChunkRaw


class RpcLightClientBootstrapRespChunkRawCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcLightClientBootstrapRespChunkRaw(Protocol):
    def __call__(
        self,
        req_id: Text,
        data: Bytes,
        *,
        done: Bool | None = True,
        result_code: Int | None = 0,
        context: Bytes | None = None,
    ) -> RpcLightClientBootstrapRespChunkRawCall:
        """Answer a light-client-bootstrap request with a chunk."""


class RpcLightClientBootstrapRespInvalidRequestCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcLightClientBootstrapRespInvalidRequest(Protocol):
    def __call__(
        self,
        req_id: Text,
        text: Text,
        *,
        done: Bool | None = True,
        result_code: Int | None = 1,
    ) -> RpcLightClientBootstrapRespInvalidRequestCall:
        """Answer a light-client-bootstrap request with an error: it was not valid."""


class RpcLightClientBootstrapRespServerErrorCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcLightClientBootstrapRespServerError(Protocol):
    def __call__(
        self,
        req_id: Text,
        text: Text,
        *,
        done: Bool | None = True,
        result_code: Int | None = 2,
    ) -> RpcLightClientBootstrapRespServerErrorCall:
        """Answer a light-client-bootstrap request with an error: the server has failed."""


class RpcLightClientBootstrapCloseCall(KnownCall):
    error: Field
    msg: Field
    peer: Field
    req_id: Field
    stderr: Field
    stdout: Field


class RpcLightClientBootstrapClose(Protocol):
    def __call__(self, req_id: Text) -> RpcLightClientBootstrapCloseCall:
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


class RpcLightClientUpdatesByRangeReqRawCall(KnownCall):
    chunk_index: Field
    chunk_size: Field
    context: Field
    error: Field
    msg: Field
    protocol: Field
    result_code: Field
    stderr: Field
    stdout: Field


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
    ) -> RpcLightClientUpdatesByRangeReqRawCall:
        """Send a light-client-updates-by-range request, and read the chunks of the answer."""


class RpcLightClientUpdatesByRangeListenCall(KnownCall):
    error: Field
    input_err: Field
    msg: Field
    protocol: Field
    req_id: Field
    stderr: Field
    stdout: Field


class RpcLightClientUpdatesByRangeListen(Protocol):
    def __call__(
        self,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        raw: Bool | None = False,
        read: Bool | None = True,
        drop: Bool | None = False,
    ) -> RpcLightClientUpdatesByRangeListenCall:
        """Receive light-client-updates-by-range requests."""


class RpcLightClientUpdatesByRangeResp(Words, Protocol):
    """Answer a light-client-updates-by-range request."""

    chunk: RpcLightClientUpdatesByRangeRespChunk
    invalid_request: RpcLightClientUpdatesByRangeRespInvalidRequest
    server_error: RpcLightClientUpdatesByRangeRespServerError


class RpcLightClientUpdatesByRangeRespChunk(Words, Protocol):
    """Answer a light-client-updates-by-range request with content."""

    raw: RpcLightClientUpdatesByRangeRespChunkRaw


class RpcLightClientUpdatesByRangeRespChunkRawCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcLightClientUpdatesByRangeRespChunkRaw(Protocol):
    def __call__(
        self,
        req_id: Text,
        data: Bytes,
        *,
        done: Bool | None = False,
        result_code: Int | None = 0,
        context: Bytes | None = None,
    ) -> RpcLightClientUpdatesByRangeRespChunkRawCall:
        """Answer a light-client-updates-by-range request with a chunk."""


class RpcLightClientUpdatesByRangeRespInvalidRequestCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcLightClientUpdatesByRangeRespInvalidRequest(Protocol):
    def __call__(
        self,
        req_id: Text,
        text: Text,
        *,
        done: Bool | None = True,
        result_code: Int | None = 1,
    ) -> RpcLightClientUpdatesByRangeRespInvalidRequestCall:
        """Answer a light-client-updates-by-range request with an error: it was not valid."""


class RpcLightClientUpdatesByRangeRespServerErrorCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcLightClientUpdatesByRangeRespServerError(Protocol):
    def __call__(
        self,
        req_id: Text,
        text: Text,
        *,
        done: Bool | None = True,
        result_code: Int | None = 2,
    ) -> RpcLightClientUpdatesByRangeRespServerErrorCall:
        """Answer a light-client-updates-by-range request with an error: the server has failed."""


class RpcLightClientUpdatesByRangeCloseCall(KnownCall):
    error: Field
    msg: Field
    peer: Field
    req_id: Field
    stderr: Field
    stdout: Field


class RpcLightClientUpdatesByRangeClose(Protocol):
    def __call__(self, req_id: Text) -> RpcLightClientUpdatesByRangeCloseCall:
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


class RpcLightClientFinalityUpdateReqRawCall(KnownCall):
    chunk_index: Field
    chunk_size: Field
    context: Field
    error: Field
    msg: Field
    protocol: Field
    result_code: Field
    stderr: Field
    stdout: Field


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
    ) -> RpcLightClientFinalityUpdateReqRawCall:
        """Send a light-client-finality-update request, and read the chunks of the answer."""


class RpcLightClientFinalityUpdateListenCall(KnownCall):
    error: Field
    input_err: Field
    msg: Field
    protocol: Field
    req_id: Field
    stderr: Field
    stdout: Field


class RpcLightClientFinalityUpdateListen(Protocol):
    def __call__(
        self,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        raw: Bool | None = False,
        read: Bool | None = True,
        drop: Bool | None = False,
    ) -> RpcLightClientFinalityUpdateListenCall:
        """Receive light-client-finality-update requests."""


class RpcLightClientFinalityUpdateResp(Words, Protocol):
    """Answer a light-client-finality-update request."""

    chunk: RpcLightClientFinalityUpdateRespChunk
    invalid_request: RpcLightClientFinalityUpdateRespInvalidRequest
    server_error: RpcLightClientFinalityUpdateRespServerError


class RpcLightClientFinalityUpdateRespChunk(Words, Protocol):
    """Answer a light-client-finality-update request with content."""

    raw: RpcLightClientFinalityUpdateRespChunkRaw


class RpcLightClientFinalityUpdateRespChunkRawCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcLightClientFinalityUpdateRespChunkRaw(Protocol):
    def __call__(
        self,
        req_id: Text,
        data: Bytes,
        *,
        done: Bool | None = True,
        result_code: Int | None = 0,
        context: Bytes | None = None,
    ) -> RpcLightClientFinalityUpdateRespChunkRawCall:
        """Answer a light-client-finality-update request with a chunk."""


class RpcLightClientFinalityUpdateRespInvalidRequestCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcLightClientFinalityUpdateRespInvalidRequest(Protocol):
    def __call__(
        self,
        req_id: Text,
        text: Text,
        *,
        done: Bool | None = True,
        result_code: Int | None = 1,
    ) -> RpcLightClientFinalityUpdateRespInvalidRequestCall:
        """Answer a light-client-finality-update request with an error: it was not valid."""


class RpcLightClientFinalityUpdateRespServerErrorCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcLightClientFinalityUpdateRespServerError(Protocol):
    def __call__(
        self,
        req_id: Text,
        text: Text,
        *,
        done: Bool | None = True,
        result_code: Int | None = 2,
    ) -> RpcLightClientFinalityUpdateRespServerErrorCall:
        """Answer a light-client-finality-update request with an error: the server has failed."""


class RpcLightClientFinalityUpdateCloseCall(KnownCall):
    error: Field
    msg: Field
    peer: Field
    req_id: Field
    stderr: Field
    stdout: Field


class RpcLightClientFinalityUpdateClose(Protocol):
    def __call__(self, req_id: Text) -> RpcLightClientFinalityUpdateCloseCall:
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


class RpcLightClientOptimisticUpdateReqRawCall(KnownCall):
    chunk_index: Field
    chunk_size: Field
    context: Field
    error: Field
    msg: Field
    protocol: Field
    result_code: Field
    stderr: Field
    stdout: Field


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
    ) -> RpcLightClientOptimisticUpdateReqRawCall:
        """Send a light-client-optimistic-update request, and read the chunks of the answer."""


class RpcLightClientOptimisticUpdateListenCall(KnownCall):
    error: Field
    input_err: Field
    msg: Field
    protocol: Field
    req_id: Field
    stderr: Field
    stdout: Field


class RpcLightClientOptimisticUpdateListen(Protocol):
    def __call__(
        self,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "10s",
        raw: Bool | None = False,
        read: Bool | None = True,
        drop: Bool | None = False,
    ) -> RpcLightClientOptimisticUpdateListenCall:
        """Receive light-client-optimistic-update requests."""


class RpcLightClientOptimisticUpdateResp(Words, Protocol):
    """Answer a light-client-optimistic-update request."""

    chunk: RpcLightClientOptimisticUpdateRespChunk
    invalid_request: RpcLightClientOptimisticUpdateRespInvalidRequest
    server_error: RpcLightClientOptimisticUpdateRespServerError


class RpcLightClientOptimisticUpdateRespChunk(Words, Protocol):
    """Answer a light-client-optimistic-update request with content."""

    raw: RpcLightClientOptimisticUpdateRespChunkRaw


class RpcLightClientOptimisticUpdateRespChunkRawCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcLightClientOptimisticUpdateRespChunkRaw(Protocol):
    def __call__(
        self,
        req_id: Text,
        data: Bytes,
        *,
        done: Bool | None = True,
        result_code: Int | None = 0,
        context: Bytes | None = None,
    ) -> RpcLightClientOptimisticUpdateRespChunkRawCall:
        """Answer a light-client-optimistic-update request with a chunk."""


class RpcLightClientOptimisticUpdateRespInvalidRequestCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcLightClientOptimisticUpdateRespInvalidRequest(Protocol):
    def __call__(
        self,
        req_id: Text,
        text: Text,
        *,
        done: Bool | None = True,
        result_code: Int | None = 1,
    ) -> RpcLightClientOptimisticUpdateRespInvalidRequestCall:
        """Answer a light-client-optimistic-update request with an error: it was not valid."""


class RpcLightClientOptimisticUpdateRespServerErrorCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcLightClientOptimisticUpdateRespServerError(Protocol):
    def __call__(
        self,
        req_id: Text,
        text: Text,
        *,
        done: Bool | None = True,
        result_code: Int | None = 2,
    ) -> RpcLightClientOptimisticUpdateRespServerErrorCall:
        """Answer a light-client-optimistic-update request with an error: the server has failed."""


class RpcLightClientOptimisticUpdateCloseCall(KnownCall):
    error: Field
    msg: Field
    peer: Field
    req_id: Field
    stderr: Field
    stdout: Field


class RpcLightClientOptimisticUpdateClose(Protocol):
    def __call__(self, req_id: Text) -> RpcLightClientOptimisticUpdateCloseCall:
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


class RpcAnyReqRawCall(KnownCall):
    chunk_index: Field
    chunk_size: Field
    context: Field
    error: Field
    msg: Field
    protocol: Field
    result_code: Field
    stderr: Field
    stdout: Field


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
    ) -> RpcAnyReqRawCall:
        """Send a request of any protocol, and read the chunks of the answer."""


class RpcAnyListenCall(KnownCall):
    error: Field
    input_err: Field
    msg: Field
    protocol: Field
    req_id: Field
    stderr: Field
    stdout: Field


class RpcAnyListen(Protocol):
    def __call__(
        self,
        *,
        protocol: Text | None = None,
        context: Bool | None = False,
        timeout: Duration | None = "10s",
        read: Bool | None = True,
        drop: Bool | None = False,
    ) -> RpcAnyListenCall:
        """Receive requests of any protocol."""


class RpcAnyResp(Words, Protocol):
    """Answer a request of any protocol."""

    chunk: RpcAnyRespChunk
    invalid_request: RpcAnyRespInvalidRequest
    server_error: RpcAnyRespServerError


class RpcAnyRespChunk(Words, Protocol):
    """Answer a request of any protocol with content."""

    raw: RpcAnyRespChunkRaw


class RpcAnyRespChunkRawCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcAnyRespChunkRaw(Protocol):
    def __call__(
        self,
        req_id: Text,
        data: Bytes,
        *,
        done: Bool | None = True,
        result_code: Int | None = 0,
        context: Bytes | None = None,
    ) -> RpcAnyRespChunkRawCall:
        """Answer a any request with a chunk."""


class RpcAnyRespInvalidRequestCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcAnyRespInvalidRequest(Protocol):
    def __call__(
        self,
        req_id: Text,
        text: Text,
        *,
        done: Bool | None = True,
        result_code: Int | None = 1,
    ) -> RpcAnyRespInvalidRequestCall:
        """Answer a any request with an error: it was not valid."""


class RpcAnyRespServerErrorCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class RpcAnyRespServerError(Protocol):
    def __call__(
        self,
        req_id: Text,
        text: Text,
        *,
        done: Bool | None = True,
        result_code: Int | None = 2,
    ) -> RpcAnyRespServerErrorCall:
        """Answer a any request with an error: the server has failed."""


class RpcAnyCloseCall(KnownCall):
    error: Field
    msg: Field
    peer: Field
    req_id: Field
    stderr: Field
    stdout: Field


class RpcAnyClose(Protocol):
    def __call__(self, req_id: Text) -> RpcAnyCloseCall:
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


class BlocksCreateCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class BlocksCreate(Protocol):
    def __call__(self, name: Text, path: Text = "") -> BlocksCreateCall:
        """Make a blocks DB and use it; without a path it is kept in memory."""


class BlocksCopyCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class BlocksCopy(Protocol):
    def __call__(self, source: Text, dest: Text) -> BlocksCopyCall:
        """Copy a blocks DB."""


class BlocksSwitchCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field
    to: Field


class BlocksSwitch(Protocol):
    def __call__(self, to: Text) -> BlocksSwitchCall:
        """Use another blocks DB."""


class BlocksRmCall(KnownCall):
    error: Field
    existed: Field
    msg: Field
    name: Field
    stderr: Field
    stdout: Field


class BlocksRm(Protocol):
    def __call__(self, name: Text) -> BlocksRmCall:
        """Remove a blocks DB."""


class BlocksListCall(KnownCall):
    current: Field
    dbs: Field
    error: Field
    msg: Field
    path: Field
    stderr: Field
    stdout: Field


class BlocksList(Protocol):
    def __call__(self) -> BlocksListCall:
        """List the blocks DBs, and show the current one."""


class BlocksDb(Words, Protocol):
    """The current blocks DB."""

    import_: BlocksDbImport
    export: BlocksDbExport
    get: BlocksDbGet
    rm: BlocksDbRm
    stats: BlocksDbStats
    list: BlocksDbList


class BlocksDbImportCall(KnownCall):
    error: Field
    existed: Field
    msg: Field
    stderr: Field
    stdout: Field


class BlocksDbImport(Protocol):
    def __call__(self, *, input: Text | None = "", data: Bytes | None = "") -> BlocksDbImportCall:
        """Put a signed block into the DB."""


class BlocksDbExportCall(KnownCall):
    error: Field
    existed: Field
    msg: Field
    stderr: Field
    stdout: Field


class BlocksDbExport(Protocol):
    def __call__(self, root: Bytes, *, output: Text | None = "") -> BlocksDbExportCall:
        """Write a block of the DB into a file, or into the field data."""


class BlocksDbGetCall(KnownCall):
    block: Field
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class BlocksDbGet(Protocol):
    def __call__(self, root: Bytes) -> BlocksDbGetCall:
        """Summarise a block of the DB."""


class BlocksDbRmCall(KnownCall):
    error: Field
    existed: Field
    msg: Field
    stderr: Field
    stdout: Field


class BlocksDbRm(Protocol):
    def __call__(self, root: Bytes) -> BlocksDbRmCall:
        """Remove a block from the DB."""


class BlocksDbStatsCall(KnownCall):
    count: Field
    error: Field
    last: Field
    msg: Field
    stderr: Field
    stdout: Field


class BlocksDbStats(Protocol):
    def __call__(self) -> BlocksDbStatsCall:
        """Show how many blocks the DB has, and the last one written."""


class BlocksDbListCall(KnownCall):
    block_roots: Field
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class BlocksDbList(Protocol):
    def __call__(self) -> BlocksDbListCall:
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


class BlocksOnNameImportCall(KnownCall):
    error: Field
    existed: Field
    msg: Field
    stderr: Field
    stdout: Field


class BlocksOnNameImport(Protocol):
    def __call__(self, *, input: Text | None = "", data: Bytes | None = "") -> BlocksOnNameImportCall:
        """Put a signed block into the DB."""


class BlocksOnNameExportCall(KnownCall):
    error: Field
    existed: Field
    msg: Field
    stderr: Field
    stdout: Field


class BlocksOnNameExport(Protocol):
    def __call__(self, root: Bytes, *, output: Text | None = "") -> BlocksOnNameExportCall:
        """Write a block of the DB into a file, or into the field data."""


class BlocksOnNameGetCall(KnownCall):
    block: Field
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class BlocksOnNameGet(Protocol):
    def __call__(self, root: Bytes) -> BlocksOnNameGetCall:
        """Summarise a block of the DB."""


class BlocksOnNameRmCall(KnownCall):
    error: Field
    existed: Field
    msg: Field
    stderr: Field
    stdout: Field


class BlocksOnNameRm(Protocol):
    def __call__(self, root: Bytes) -> BlocksOnNameRmCall:
        """Remove a block from the DB."""


class BlocksOnNameStatsCall(KnownCall):
    count: Field
    error: Field
    last: Field
    msg: Field
    stderr: Field
    stdout: Field


class BlocksOnNameStats(Protocol):
    def __call__(self) -> BlocksOnNameStatsCall:
        """Show how many blocks the DB has, and the last one written."""


class BlocksOnNameListCall(KnownCall):
    block_roots: Field
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class BlocksOnNameList(Protocol):
    def __call__(self) -> BlocksOnNameListCall:
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


class StatesCreateCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class StatesCreate(Protocol):
    def __call__(self, name: Text, path: Text = "") -> StatesCreateCall:
        """Make a states DB and use it; without a path it is kept in memory."""


class StatesCopyCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class StatesCopy(Protocol):
    def __call__(self, source: Text, dest: Text) -> StatesCopyCall:
        """Copy a states DB."""


class StatesSwitchCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field
    to: Field


class StatesSwitch(Protocol):
    def __call__(self, to: Text) -> StatesSwitchCall:
        """Use another states DB."""


class StatesRmCall(KnownCall):
    error: Field
    existed: Field
    msg: Field
    name: Field
    stderr: Field
    stdout: Field


class StatesRm(Protocol):
    def __call__(self, name: Text) -> StatesRmCall:
        """Remove a states DB."""


class StatesListCall(KnownCall):
    current: Field
    dbs: Field
    error: Field
    msg: Field
    path: Field
    stderr: Field
    stdout: Field


class StatesList(Protocol):
    def __call__(self) -> StatesListCall:
        """List the states DBs, and show the current one."""


class StatesDb(Words, Protocol):
    """The current states DB."""

    import_: StatesDbImport
    export: StatesDbExport
    get: StatesDbGet
    rm: StatesDbRm
    stats: StatesDbStats
    list: StatesDbList


class StatesDbImportCall(KnownCall):
    error: Field
    existed: Field
    msg: Field
    root: Field
    stderr: Field
    stdout: Field


class StatesDbImport(Protocol):
    def __call__(self, *, input: Text | None = "", data: Bytes | None = "") -> StatesDbImportCall:
        """Put a state into the DB."""


class StatesDbExportCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class StatesDbExport(Protocol):
    def __call__(self, root: Bytes, *, output: Text | None = "") -> StatesDbExportCall:
        """Write a state of the DB into a file, or into the field data."""


class StatesDbGetCall(KnownCall):
    error: Field
    msg: Field
    state: Field
    stderr: Field
    stdout: Field


class StatesDbGet(Protocol):
    def __call__(self, root: Bytes) -> StatesDbGetCall:
        """Summarise a state of the DB."""


class StatesDbRmCall(KnownCall):
    error: Field
    existed: Field
    msg: Field
    stderr: Field
    stdout: Field


class StatesDbRm(Protocol):
    def __call__(self, root: Bytes) -> StatesDbRmCall:
        """Remove a state from the DB."""


class StatesDbStatsCall(KnownCall):
    count: Field
    error: Field
    last: Field
    msg: Field
    stderr: Field
    stdout: Field


class StatesDbStats(Protocol):
    def __call__(self) -> StatesDbStatsCall:
        """Show how many states the DB has, and the last one written."""


class StatesDbListCall(KnownCall):
    error: Field
    msg: Field
    state_roots: Field
    stderr: Field
    stdout: Field


class StatesDbList(Protocol):
    def __call__(self) -> StatesDbListCall:
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


class StatesOnNameImportCall(KnownCall):
    error: Field
    existed: Field
    msg: Field
    root: Field
    stderr: Field
    stdout: Field


class StatesOnNameImport(Protocol):
    def __call__(self, *, input: Text | None = "", data: Bytes | None = "") -> StatesOnNameImportCall:
        """Put a state into the DB."""


class StatesOnNameExportCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class StatesOnNameExport(Protocol):
    def __call__(self, root: Bytes, *, output: Text | None = "") -> StatesOnNameExportCall:
        """Write a state of the DB into a file, or into the field data."""


class StatesOnNameGetCall(KnownCall):
    error: Field
    msg: Field
    state: Field
    stderr: Field
    stdout: Field


class StatesOnNameGet(Protocol):
    def __call__(self, root: Bytes) -> StatesOnNameGetCall:
        """Summarise a state of the DB."""


class StatesOnNameRmCall(KnownCall):
    error: Field
    existed: Field
    msg: Field
    stderr: Field
    stdout: Field


class StatesOnNameRm(Protocol):
    def __call__(self, root: Bytes) -> StatesOnNameRmCall:
        """Remove a state from the DB."""


class StatesOnNameStatsCall(KnownCall):
    count: Field
    error: Field
    last: Field
    msg: Field
    stderr: Field
    stdout: Field


class StatesOnNameStats(Protocol):
    def __call__(self) -> StatesOnNameStatsCall:
        """Show how many states the DB has, and the last one written."""


class StatesOnNameListCall(KnownCall):
    error: Field
    msg: Field
    state_roots: Field
    stderr: Field
    stdout: Field


class StatesOnNameList(Protocol):
    def __call__(self) -> StatesOnNameListCall:
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


class ChainCreateCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class ChainCreate(Protocol):
    def __call__(self, name: Text, state: Bytes) -> ChainCreateCall:
        """Make a chain that begins with a state of the states DB, and use it."""


class ChainCopyCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class ChainCopy(Protocol):
    def __call__(self, source: Text, dest: Text) -> ChainCopyCall:
        """Copy a chain."""


class ChainSwitchCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field
    to: Field


class ChainSwitch(Protocol):
    def __call__(self, to: Text) -> ChainSwitchCall:
        """Use another chain."""


class ChainRmCall(KnownCall):
    error: Field
    existed: Field
    msg: Field
    name: Field
    stderr: Field
    stdout: Field


class ChainRm(Protocol):
    def __call__(self, name: Text) -> ChainRmCall:
        """Remove a chain."""


class ChainListCall(KnownCall):
    chains: Field
    current: Field
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class ChainList(Protocol):
    def __call__(self) -> ChainListCall:
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


class ChainThisAttestationCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class ChainThisAttestation(Protocol):
    def __call__(self, root: Bytes) -> ChainThisAttestationCall:
        """Add an attestation to the chain."""


class ChainThisBlockCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class ChainThisBlock(Protocol):
    def __call__(self, root: Bytes) -> ChainThisBlockCall:
        """Add a block of the blocks DB to the chain."""


class ChainThisHot(Words, Protocol):
    """The hot part of the chain."""

    cold: ChainThisHotCold


class ChainThisHotColdCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class ChainThisHotCold(Protocol):
    def __call__(self, *, anchor: Bytes | None = None) -> ChainThisHotColdCall:
        """Move the hot part of the chain to the cold part."""


class ChainThisCold(Words, Protocol):
    """The cold part of the chain."""

    cold: ChainThisColdCold


class ChainThisColdColdCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class ChainThisColdCold(Protocol):
    def __call__(self, *, start: Int | None = 0, end: Int | None = 0) -> ChainThisColdColdCall:
        """Look at the cold part of the chain."""


class ChainThisHead(Words, Protocol):
    """The head of the chain."""

    get: ChainThisHeadGet
    set: ChainThisHeadSet
    follow: ChainThisHeadFollow


class ChainThisHeadGetCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class ChainThisHeadGet(Protocol):
    def __call__(self) -> ChainThisHeadGetCall:
        """Show the head of the chain."""


class ChainThisHeadSetCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class ChainThisHeadSet(Protocol):
    def __call__(self, root: Bytes) -> ChainThisHeadSetCall:
        """Set the head of the chain."""


class ChainThisHeadFollowCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class ChainThisHeadFollow(Protocol):
    def __call__(self, following: Bool) -> ChainThisHeadFollowCall:
        """Follow the head of the chain, or not."""


class ChainThisServe(Words, Protocol):
    """Serve the chain to peers."""

    by_range: ChainThisServeByRange
    by_root: ChainThisServeByRoot


class ChainThisServeByRangeCall(KnownCall):
    block: Field
    error: Field
    msg: Field
    req: Field
    started: Field
    stderr: Field
    stdout: Field


class ChainThisServeByRange(Protocol):
    def __call__(
        self,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "20s",
        max_count: Int | None = 100,
        max_step: Int | None = 10,
    ) -> ChainThisServeByRangeCall:
        """Answer requests for the chain's blocks by range."""


class ChainThisServeByRootCall(KnownCall):
    block: Field
    error: Field
    msg: Field
    req: Field
    root: Field
    started: Field
    stderr: Field
    stdout: Field


class ChainThisServeByRoot(Protocol):
    def __call__(
        self,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "20s",
        max_count: Int | None = 1024,
        within_view: Bool | None = True,
    ) -> ChainThisServeByRootCall:
        """Answer requests for the chain's blocks by root."""


class ChainThisSync(Words, Protocol):
    """Fetch blocks from a peer."""

    by_range: ChainThisSyncByRange
    by_root: ChainThisSyncByRoot


class ChainThisSyncByRangeCall(KnownCall):
    chunk: Field
    error: Field
    i: Field
    known: Field
    msg: Field
    root: Field
    slot: Field
    stderr: Field
    stdout: Field


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
    ) -> ChainThisSyncByRangeCall:
        """Ask a peer for blocks by range, and add them to the chain."""


class ChainThisSyncByRootCall(KnownCall):
    chunk: Field
    error: Field
    i: Field
    known: Field
    msg: Field
    root: Field
    slot: Field
    stderr: Field
    stdout: Field


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
    ) -> ChainThisSyncByRootCall:
        """Ask a peer for blocks by root, and add them to the chain."""


class ChainThisVotesCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class ChainThisVotes(Protocol):
    def __call__(self) -> ChainThisVotesCall:
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


class ChainOnNameAttestationCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class ChainOnNameAttestation(Protocol):
    def __call__(self, root: Bytes) -> ChainOnNameAttestationCall:
        """Add an attestation to the chain."""


class ChainOnNameBlockCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class ChainOnNameBlock(Protocol):
    def __call__(self, root: Bytes) -> ChainOnNameBlockCall:
        """Add a block of the blocks DB to the chain."""


class ChainOnNameHot(Words, Protocol):
    """The hot part of the chain."""

    cold: ChainOnNameHotCold


class ChainOnNameHotColdCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class ChainOnNameHotCold(Protocol):
    def __call__(self, *, anchor: Bytes | None = None) -> ChainOnNameHotColdCall:
        """Move the hot part of the chain to the cold part."""


class ChainOnNameCold(Words, Protocol):
    """The cold part of the chain."""

    cold: ChainOnNameColdCold


class ChainOnNameColdColdCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class ChainOnNameColdCold(Protocol):
    def __call__(self, *, start: Int | None = 0, end: Int | None = 0) -> ChainOnNameColdColdCall:
        """Look at the cold part of the chain."""


class ChainOnNameHead(Words, Protocol):
    """The head of the chain."""

    get: ChainOnNameHeadGet
    set: ChainOnNameHeadSet
    follow: ChainOnNameHeadFollow


class ChainOnNameHeadGetCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class ChainOnNameHeadGet(Protocol):
    def __call__(self) -> ChainOnNameHeadGetCall:
        """Show the head of the chain."""


class ChainOnNameHeadSetCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class ChainOnNameHeadSet(Protocol):
    def __call__(self, root: Bytes) -> ChainOnNameHeadSetCall:
        """Set the head of the chain."""


class ChainOnNameHeadFollowCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class ChainOnNameHeadFollow(Protocol):
    def __call__(self, following: Bool) -> ChainOnNameHeadFollowCall:
        """Follow the head of the chain, or not."""


class ChainOnNameServe(Words, Protocol):
    """Serve the chain to peers."""

    by_range: ChainOnNameServeByRange
    by_root: ChainOnNameServeByRoot


class ChainOnNameServeByRangeCall(KnownCall):
    block: Field
    error: Field
    msg: Field
    req: Field
    started: Field
    stderr: Field
    stdout: Field


class ChainOnNameServeByRange(Protocol):
    def __call__(
        self,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "20s",
        max_count: Int | None = 100,
        max_step: Int | None = 10,
    ) -> ChainOnNameServeByRangeCall:
        """Answer requests for the chain's blocks by range."""


class ChainOnNameServeByRootCall(KnownCall):
    block: Field
    error: Field
    msg: Field
    req: Field
    root: Field
    started: Field
    stderr: Field
    stdout: Field


class ChainOnNameServeByRoot(Protocol):
    def __call__(
        self,
        *,
        compression: Name | None = "snappy",
        timeout: Duration | None = "20s",
        max_count: Int | None = 1024,
        within_view: Bool | None = True,
    ) -> ChainOnNameServeByRootCall:
        """Answer requests for the chain's blocks by root."""


class ChainOnNameSync(Words, Protocol):
    """Fetch blocks from a peer."""

    by_range: ChainOnNameSyncByRange
    by_root: ChainOnNameSyncByRoot


class ChainOnNameSyncByRangeCall(KnownCall):
    chunk: Field
    error: Field
    i: Field
    known: Field
    msg: Field
    root: Field
    slot: Field
    stderr: Field
    stdout: Field


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
    ) -> ChainOnNameSyncByRangeCall:
        """Ask a peer for blocks by range, and add them to the chain."""


class ChainOnNameSyncByRootCall(KnownCall):
    chunk: Field
    error: Field
    i: Field
    known: Field
    msg: Field
    root: Field
    slot: Field
    stderr: Field
    stdout: Field


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
    ) -> ChainOnNameSyncByRootCall:
        """Ask a peer for blocks by root, and add them to the chain."""


class ChainOnNameVotesCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class ChainOnNameVotes(Protocol):
    def __call__(self) -> ChainOnNameVotesCall:
        """List the latest votes of validators."""


class SleepCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class Sleep(Protocol):
    def __call__(self, time: Duration) -> SleepCall:
        """Wait, then succeed."""


class Tool(Words, Protocol):
    """Tools that need no actor."""

    enr_value: ToolEnrValue


class ToolEnrValueCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class ToolEnrValue(Protocol):
    def __call__(self, key: Text, enr: Name, *, raw: Bool | None = False) -> ToolEnrValueCall:
        """Show one value of an ENR."""


class HelpCall(KnownCall):
    error: Field
    msg: Field
    stderr: Field
    stdout: Field


class Help(Protocol):
    def __call__(self) -> HelpCall:
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
