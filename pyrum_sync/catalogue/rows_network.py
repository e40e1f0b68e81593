"""Rows of the table: hosts, records, peers, peerstores, discovery and GossipSub."""

from __future__ import annotations

from pyrum_sync.catalogue.rows import (
    COMPRESSION,
    DISCOVERY,
    ENR,
    GOSSIP,
    HOST,
    JOINED,
    LOCAL,
    METADATA_FIELDS,
    NET,
    NO_ANSWER,
    PEERSTORE,
    REMOTE,
    RUNNING,
    STATUS_FIELDS,
    UPDATE,
    WITHIN_10S,
    Row,
)

HOST_ROWS = (
    Row(
        "host start",
        "Start the libp2p host of the actor.",
        "priv:private-key agent:string=Rumor nat:bool=true transport:strings=tcp mux:strings=yamux,mplex"
        " security:strings=noise,secio identify:bool=true identify-first:bool=true libp2p-ping:bool=false"
        " signed-peer-records:bool=false relay:bool=false lo-peers:int=15 hi-peers:int=20"
        " peer-grace-period:duration=20s negotiation-timeout:duration=1m0s",
        "priv:string",
        note="Has priv only when it made a new key. With nat it looks for a router to map ports on.",
    ),
    Row("host stop", "Stop the libp2p host of the actor.", needs=(HOST,), note="GossipSub and discv5 are left alone."),
    Row(
        "host view",
        "Show the peer id, listening addresses and ENR of the host.",
        fields="peer_id:string addr:string enr:string",
        needs=(HOST,),
        note="One value of addr for each address; enr only when there is an ENR.",
    ),
    Row(
        "host listen",
        "Listen for connections on a TCP address.",
        "ip:ip tcp:uint16=9000",
        "addr:string",
        (HOST,),
        note="Without ip on all interfaces. With tcp=0 the port is free to choose, and host.view() shows it.",
    ),
    Row(
        "host notify [event-types:string…]",
        "Log what happens on the network: listeners, connections and streams that open and close.",
        fields="event:string addr:string peer:string direction:string protocol:string",
        needs=(HOST,),
        kind=RUNNING,
        note="Types: all, listen, connection, stream, or one of these with _open or _close; none given, nothing comes.",
    ),
)

ENR_ROWS = (
    Row(
        "enr view [enr:enr]",
        "Decode an ENR, by default that of the actor.",
        "kv:bool=false",
        "seq:integer xy:string node_id:string peer_id:string enode:string enr:string multi:string enr_kv:object"
        " raw_enr_kv:object enr_unknown_<key>:string enr_fail_<key>:string error:string",
        ("an ENR of the actor, if none is given: enr.make()",),
        note="An ENR without an id key kills Rumor; multi is missing when the ENR has no IP address.",
    ),
    Row("enr gen-key", "Make a private key for an ENR.", fields="key:string"),
    Row(
        "enr make",
        "Make the ENR of the actor, or change the one that it has.",
        "ip:ip tcp:uint16=9000 udp:uint16=9000 static-ip:ip fallback-ip:ip fallback-udp:uint16=0 rm-ip:bool=false"
        " from-host:bool=true priv:private-key gen-priv:bool=true fork-digest:bytes4 next-fork-version:bytes4"
        " next-fork-epoch:uint64=0 attnets:bytes8",
        "enr:string key:string",
        note="Has key only when it made one. A change to one of the three fork values sets the other two to zero.",
    ),
)

PEER_ROWS = (
    Row(
        "peer connect <addr:address> [tag:string=]",
        "Connect to a peer; with a tag its connection is protected from trimming.",
        "timeout:duration=10s",
        "peer_id:string error:string",
        NET,
    ),
    Row("peer disconnect <peer-id:peer-id>", "Close all connections with a peer.", needs=NET),
    Row(
        "peer connectall",
        "Connect to the peers of the peerstore, and go on doing so.",
        "rescan:duration=1m0s max-peers:uint64=200 workers:uint64=1 timeout:duration=10s max-retries:uint64=5"
        " filter-digest:bytes4",
        "worker:integer peer_id:string addrs:array error:string attempts:integer",
        NET,
        RUNNING,
        "rescan=0 kills Rumor, max-retries=0 ends the workers at once, timeout=0 lets every attempt time out.",
    ),
    Row("peer protect <peer-id:peer-id> <tag:string>", "Protect the connection of a peer under a tag.", needs=NET),
    Row("peer unprotect <peer-id:peer-id> <tag:string>", "Take the protection of a tag from a peer.", needs=NET),
    Row(
        "peer add <addr:address>",
        "Put the address of a peer into the peerstore.",
        "peer-id:peer-id ttl:duration=480h0m0s",
        needs=LOCAL,
        note="peer_id counts only for an address without one.",
    ),
    Row("peer trim [timeout:duration=2s]", "Close connections down to the host's lower limit.", needs=NET),
    Row(
        "peer list [which:string=connected]",
        "List the connected peers, or all known ones.",
        "details:bool=false",
        "peers:array|object",
        (PEERSTORE, "a started host, unless for 'all': host.start()"),
        note="which: connected or all. With details an object from ids to data, and a peer whose key is not secp256k1"
        " kills Rumor.",
    ),
    Row(
        "peer info <peer-ID:peer-id>",
        "Show what the peerstore knows of a peer.",
        fields="peer_id:string node_id:string pubkey:string addrs:array protocols:array latency:integer"
        " user_agent:string protocol_version:string enr_fork_digest:string enr_next_fork_version:string"
        " enr_next_fork_epoch:integer enr_attnets:string metadata:object claimed_seq:integer status:object enr:string",
        needs=LOCAL,
        note="Has only what is known; latency in nanoseconds. A peer whose key is not secp256k1 kills Rumor.",
    ),
    Row(
        "peer identify <peer-ID:peer-id>",
        "Ask a connected peer to identify itself.",
        "timeout:duration=10s",
        needs=REMOTE,
        note="Running out of time is no failure; peer.info(peer_id) has what came.",
    ),
    Row(
        "peer track tee",
        "Copy the changes of the peerstore to the log, a file or a websocket.",
        "dest:string=log path:string= key:string= match:string=",
        "tracker:string op:string key:string value:string i:integer error:string",
        LOCAL,
        RUNNING,
        "dest: log, csv, evlog, evcsv, json or wsjson. Private keys that are stored meanwhile are copied too.",
    ),
    Row("peer track list", "List the running trackers of the peerstore.", fields="tees:array", needs=LOCAL),
    Row("peer track ls", "The same as peer.track.list().", fields="tees:array", needs=LOCAL),
    Row(
        "peer addrs [peer-id:peer-id]",
        "List the addresses of a peer, by default those of the host.",
        fields="addrs:array|null",
        needs=NET,
        note="Own addresses are multiaddrs, a peer's the base64 of binary ones.",
    ),
    Row(
        "peer status get",
        "Show the status of the actor, and whether it follows the chain.",
        fields="following:boolean status:object",
        needs=LOCAL,
    ),
    Row(
        "peer status set",
        "Set the status of the actor, or parts of it.",
        "fork-digest:bytes4 finalized-root:bytes32 finalized-epoch:uint64=0 head-root:bytes32 head-slot:uint64=0"
        " merge:bool=true",
        "following:boolean status:object",
        LOCAL,
        note="With merge, values of zero change nothing.",
    ),
    Row(
        "peer status req <peer-id:peer-id>",
        "Ask a connected peer for its status.",
        WITHIN_10S,
        f"{STATUS_FIELDS} fields.msg:string",
        REMOTE,
        note=NO_ANSWER,
    ),
    Row(
        "peer status poll",
        "Ask all connected peers for their status, again and again.",
        f"{COMPRESSION} interval:duration=12s timeout:duration=5s",
        f"{STATUS_FIELDS} fields.msg:string peer:string error:string",
        NET,
        RUNNING,
        "An answer does not say whose it is; a failure does.",
    ),
    Row(
        "peer status serve",
        "Answer status requests with the status of the actor.",
        WITHIN_10S,
        "started:boolean from:string data:object input_err:string",
        NET,
        RUNNING,
    ),
    Row(
        "peer status follow [following:bool=true]",
        "Have the status follow the current chain, or not.",
        fields="following:boolean",
        needs=LOCAL,
    ),
    Row(
        "peer metadata ping <peer-id:peer-id>",
        "Ping a connected peer, and ask for its metadata if the sequence number is new.",
        f"{WITHIN_10S} {UPDATE}",
        "code:integer pong:integer metadata:object fields.msg:string",
        REMOTE,
        note="Up to three entries; a failed ping asks for the metadata as well.",
    ),
    Row(
        "peer metadata pong",
        "Answer pings, and ask their senders for metadata.",
        f"{WITHIN_10S} {UPDATE}",
        f"started:boolean from:string input_err:string {METADATA_FIELDS} fields.msg:string",
        NET,
        RUNNING,
    ),
    Row(
        "peer metadata get",
        "Show the metadata of the actor, and whether it is updated automatically.",
        fields="following:boolean metadata:object",
        needs=LOCAL,
    ),
    Row(
        "peer metadata set",
        "Set the metadata of the actor, or parts of it.",
        "seq-number:uint64=0 attnets:bytes8 merge:bool=true",
        "following:boolean metadata:object",
        LOCAL,
        note="With merge, values of zero change nothing.",
    ),
    Row(
        "peer metadata req <peer-id:peer-id>",
        "Ask a connected peer for its metadata.",
        WITHIN_10S,
        f"{METADATA_FIELDS} fields.msg:string",
        REMOTE,
        note=NO_ANSWER,
    ),
    Row(
        "peer metadata poll",
        "Ping all connected peers again and again, and ask for metadata that is new.",
        f"{COMPRESSION} interval:duration=20s timeout:duration=10s {UPDATE}",
        "code:integer pong:integer metadata:object fields.msg:string peer:string error:string",
        NET,
        RUNNING,
    ),
    Row(
        "peer metadata serve",
        "Answer metadata requests with the metadata of the actor.",
        WITHIN_10S,
        "started:boolean from:string input_err:string",
        NET,
        RUNNING,
    ),
    Row(
        "peer metadata follow [following:bool=true]",
        "Have the metadata updated automatically, or not.",
        fields="following:boolean",
        needs=LOCAL,
    ),
)

PEERSTORE_ROWS = (
    Row(
        "peerstore create [id:string=]",
        "Make a peerstore and use it.",
        "store-type:string=mem store-path:string= switch:bool=true",
        note="Without an id it gets a random one, which peerstore.list() shows.",
    ),
    Row(
        "peerstore switch <id:string>",
        "Use another peerstore.",
        fields="store:string",
        needs=("a peerstore of that id: peerstore.create(id)",),
    ),
    Row("peerstore list", "List the peerstores, and show the current one.", fields="stores:array current:string"),
)

DV5_ROWS = (
    Row(
        "dv5 run [bootnodes:strings]",
        "Run discv5, the discovery of peers.",
        "ip:ip udp:uint16=0",
        "id:string addr:string|object err:string|null age:integer failcount:integer dropped:boolean b:integer"
        " checks:integer ip:string r:string rip:string …",
        (ENR,),
        RUNNING,
        "Its fields are those of geth's log. Killing the actor leaves the UDP port in use: cancel the call before.",
    ),
    Row("dv5 ping <target:enode>", "Ping a node.", needs=DISCOVERY),
    Row(
        "dv5 resolve <target:enode>",
        "Look for the latest record of a node.",
        fields="enr:string",
        needs=DISCOVERY,
        note="Always fails, by a slip in Rumor: use dv5.request(target).",
    ),
    Row("dv5 request <target:enode>", "Ask a node for its record.", fields="enr:string", needs=DISCOVERY),
    Row("dv5 lookup <target:node>", "List nodes that are near a node.", fields="nodes:array", needs=DISCOVERY),
    Row(
        "dv5 random",
        "Walk the network at random and log the nodes that are met.",
        "add:bool=true ttl:duration=2160h0m0s filter-digest:bytes4 interval:duration=100ms stepwise:bool=false",
        "id:string enr:string error:string",
        (*DISCOVERY, "a peerstore, with add: host.start() or peerstore.create()"),
        RUNNING,
        "With stepwise=True it has steps, one for each node.",
    ),
    Row("dv5 self", "Show the ENR that discv5 uses.", fields="enr:string", needs=DISCOVERY),
)

GOSSIP_ROWS = (
    Row("gossip start", "Start GossipSub.", needs=(HOST,), note="Only killing the actor stops it."),
    Row("gossip list", "List the joined topics.", fields="topics:array", needs=(GOSSIP,)),
    Row("gossip join <topic:string>", "Join a topic.", needs=(GOSSIP,)),
    Row(
        "gossip events <topic:string>",
        "Log the peers that join and leave a topic.",
        fields="peer_id:string topic:string",
        needs=JOINED,
        kind=RUNNING,
        note="Only the text of an entry, msg, distinguishes joining from leaving.",
    ),
    Row(
        "gossip list-peers <topic:string>",
        "List the known peers of a topic.",
        fields="peers:array|null",
        needs=JOINED,
    ),
    Row("gossip blacklist <peer-id:peer-id>", "Take no more messages from a peer.", needs=(GOSSIP,)),
    Row(
        "gossip leave <topic:string>",
        "Leave a topic.",
        needs=JOINED,
        note="Fails while a gossip.log or gossip.events of the topic is running.",
    ),
    Row(
        "gossip log <topic:string>",
        "Log the messages of a topic, own ones included.",
        fields="from:string data:string signature:string seq_no:string error:string topic:string",
        needs=JOINED,
        kind=RUNNING,
        note="Topics that end in _snappy are decompressed.",
    ),
    Row(
        "gossip publish <topic:string> <message:bytes>",
        "Publish a message on a topic.",
        needs=JOINED,
        note="What is over 1 MiB is dropped silently.",
    ),
)

ROWS = {
    "host": HOST_ROWS,
    "enr": ENR_ROWS,
    "peer": PEER_ROWS,
    "peerstore": PEERSTORE_ROWS,
    "dv5": DV5_ROWS,
    "gossip": GOSSIP_ROWS,
}

GROUPS = {
    "host": "The libp2p host of the actor.",
    "enr": "Ethereum node records.",
    "peer": "Peers: connections, and what is known of them.",
    "peer track": "Trackers of the peerstore's changes.",
    "peer status": "The status of the actor, and that of peers.",
    "peer metadata": "The metadata of the actor, and that of peers.",
    "peerstore": "Peerstores.",
    "dv5": "Discovery of peers with discv5.",
    "gossip": "GossipSub.",
}
