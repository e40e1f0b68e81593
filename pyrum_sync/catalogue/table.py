"""Rumor's commands as data, one row each: what completion, help, checks, types and the reference page are made from.

A usage is the words of a command, then its arguments: ``<name:type>`` is required, ``[name:type=default]`` optional,
``[name:type…]`` takes any number. ``<name>`` among the words stands for any word. Flags and fields are ``name:type`` in
Rumor's spelling, a default behind ``=``; all-zero bytes and what Rumor works out by itself are written without one. A
field may have a ``<part>`` that varies; ``…`` stands for further fields that cannot be known.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from typing import Final


INSTANT: Final = "instant"
RUNNING: Final = "long-running"
STEPS: Final = "steps"


class Row:
    def __init__(
        self,
        usage: str,
        summary: str,
        flags: str = "",
        fields: str = "",
        needs: tuple[str, ...] = (),
        kind: str = INSTANT,
        note: str = "",
    ) -> None:
        self.usage = usage
        self.summary = summary
        self.flags = flags
        self.fields = fields
        self.needs = needs
        self.kind = kind
        self.note = note


class Type:
    def __init__(self, rumor: str, meaning: str) -> None:
        self.rumor = rumor  # as `--help` writes it
        self.meaning = meaning


class Parameter:
    """An argument or a flag."""

    def __init__(
        self, name: str, kind: str, default: str | None = None, required: bool = False, rest: bool = False
    ) -> None:
        self.name = name
        self.type = kind
        self.default = default  # as Rumor writes it; None: none that can be told
        self.required = required
        self.rest = rest  # any number of them


def argument(text: str) -> Parameter:
    """An argument, as a usage has it."""
    name, _, rest = text[1:-1].partition(":")
    kind, has_default, default = rest.removesuffix("…").partition("=")
    return Parameter(name, kind, default if has_default else None, text.startswith("<"), rest.endswith("…"))


def flag(text: str) -> Parameter:
    """A flag, as a row has it."""
    name, _, rest = text.partition(":")
    kind, has_default, default = rest.partition("=")
    return Parameter(name, kind, default if has_default else None)


TYPES: Final = {
    "bool": Type("", "true or false"),
    "int": Type("int", "an integer"),
    "uint8": Type("uint8", "an integer of 8 bits, not negative"),
    "uint16": Type("uint16", "an integer of 16 bits, not negative"),
    "uint64": Type("uint", "an integer of 64 bits, not negative"),
    "string": Type("string", "text"),
    "strings": Type("strings", "a list of texts"),
    "duration": Type("duration", "a duration: a number of seconds, a timedelta, or text such as 1m30s"),
    "ip": Type("ip", "an IP address"),
    "bytes": Type("bytes", "bytes, an SSZ object, or hex"),
    "bytes4": Type("bytes4", "4 bytes, or their hex"),
    "bytes8": Type("bytes8", "8 bytes, or their hex"),
    "bytes32": Type("bytes32", "32 bytes, or their hex"),
    "bytes32s": Type("[]bytes32", "a list of 32 bytes each, or their hex"),
    "compression": Type("RPC compression", "the compression of requests and responses: snappy or none"),
    "peer-id": Type("Peer ID", "a libp2p peer id"),
    "private-key": Type("P2P Private key", "a secp256k1 private key, as hex"),
    "enr": Type("ENR", "an ENR"),
    "enode": Type("Enr/Enode", "an ENR or an enode address"),
    "address": Type("ENR/enode/Multi-addr", "a multiaddr, an ENR or an enode address"),
    "node": Type("Dv5 flexible ID", "an ENR, an enode address, or a node id as hex without 0x"),
}

# -- what must be done first

_HOST = "a started host: host.start()"
_PEERSTORE = "a peerstore: host.start() or peerstore.create()"
_PEER = "a connected peer: peer.connect(addr)"
_ENR = "an ENR of the actor: enr.make()"
_DV5 = "discv5 running: dv5.run()"
_GOSSIP = "GossipSub started: gossip.start()"
_TOPIC = "the topic joined: gossip.join(topic)"
_CHAIN_DBS = ("a current blocks DB: blocks.create(name)", "a current states DB: states.create(name)")
_PROTOCOL = "a peer that speaks the protocol"

_LOCAL = (_PEERSTORE,)
_NET = (_PEERSTORE, _HOST)
_REMOTE = (_PEERSTORE, _HOST, _PEER)
_DISCOVERY = (_ENR, _DV5)
_JOINED = (_GOSSIP, _TOPIC)

# -- what several commands share

_COMPRESSION = "compression:compression=snappy"
_WITHIN_10S = f"{_COMPRESSION} timeout:duration=10s"
_UPDATE = "update:bool=true force-update:bool=false update-timeout:duration=10s max-tries:uint64=20"
_NO_ANSWER = "No answer is no failure: code is 2 then. The timeout bounds opening the stream only."
_STATUS_FIELDS = (
    "code:integer fork_digest:string finalized_root:string finalized_epoch:integer head_root:string head_slot:integer"
)
_METADATA_FIELDS = "code:integer seq_number:integer attnets:string"

_HOST_ROWS = (
    Row(
        "host start",
        "Start the libp2p host of the actor.",
        "priv:private-key agent:string=Rumor nat:bool=true transport:strings=tcp mux:strings=yamux,mplex"
        " security:strings=noise,secio identify:bool=true identify-first:bool=true libp2p-ping:bool=false"
        " signed-peer-records:bool=false relay:bool=false lo-peers:int=15 hi-peers:int=20"
        " peer-grace-period:duration=20s negotiation-timeout:duration=1m0s",
        "priv:string",
        note="Gives priv only when it made a new key. With nat it looks for a router to map ports on.",
    ),
    Row("host stop", "Stop the libp2p host of the actor.", needs=(_HOST,), note="GossipSub and discv5 are left alone."),
    Row(
        "host view",
        "Tell the peer id, listening addresses and ENR of the host.",
        fields="peer_id:string addr:string enr:string",
        needs=(_HOST,),
        note="One value of addr for each address; enr only when there is an ENR.",
    ),
    Row(
        "host listen",
        "Listen for connections on a TCP address.",
        "ip:ip tcp:uint16=9000",
        "addr:string",
        (_HOST,),
        note="Without ip on all interfaces. With tcp=0 the port is free to choose, and host.view() tells it.",
    ),
    Row(
        "host notify [event-types:string…]",
        "Log what happens on the network: listeners, connections and streams that open and close.",
        fields="event:string addr:string peer:string direction:string protocol:string",
        needs=(_HOST,),
        kind=RUNNING,
        note="Types: all, listen, connection, stream, or one of these with _open or _close; none given, nothing comes.",
    ),
)

_ENR_ROWS = (
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
        note="Gives key only when it made one. A change to one of the three fork values sets the other two to zero.",
    ),
)

_PEER_ROWS = (
    Row(
        "peer connect <addr:address> [tag:string=]",
        "Connect to a peer; with a tag its connection is protected from trimming.",
        "timeout:duration=10s",
        "peer_id:string error:string",
        _NET,
    ),
    Row("peer disconnect <peer-id:peer-id>", "Close all connections with a peer.", needs=_NET),
    Row(
        "peer connectall",
        "Connect to the peers of the peerstore, and go on doing so.",
        "rescan:duration=1m0s max-peers:uint64=200 workers:uint64=1 timeout:duration=10s max-retries:uint64=5"
        " filter-digest:bytes4",
        "worker:integer peer_id:string addrs:array error:string attempts:integer",
        _NET,
        RUNNING,
        "rescan=0 kills Rumor, max-retries=0 ends the workers at once, timeout=0 lets every attempt time out.",
    ),
    Row("peer protect <peer-id:peer-id> <tag:string>", "Protect the connection of a peer under a tag.", needs=_NET),
    Row("peer unprotect <peer-id:peer-id> <tag:string>", "Take the protection of a tag from a peer.", needs=_NET),
    Row(
        "peer add <addr:address>",
        "Put the address of a peer into the peerstore.",
        "peer-id:peer-id ttl:duration=480h0m0s",
        needs=_LOCAL,
        note="peer_id counts only for an address without one.",
    ),
    Row("peer trim [timeout:duration=2s]", "Close connections down to the host's lower limit.", needs=_NET),
    Row(
        "peer list [which:string=connected]",
        "List the connected peers, or all known ones.",
        "details:bool=false",
        "peers:array|object",
        (_PEERSTORE, "a started host, unless for 'all': host.start()"),
        note="which: connected or all. With details an object from ids to data, and a peer whose key is not secp256k1"
        " kills Rumor.",
    ),
    Row(
        "peer info <peer-ID:peer-id>",
        "Tell what the peerstore knows of a peer.",
        fields="peer_id:string node_id:string pubkey:string addrs:array protocols:array latency:integer"
        " user_agent:string protocol_version:string enr_fork_digest:string enr_next_fork_version:string"
        " enr_next_fork_epoch:integer enr_attnets:string metadata:object claimed_seq:integer status:object enr:string",
        needs=_LOCAL,
        note="Gives only what is known; latency in nanoseconds. A peer whose key is not secp256k1 kills Rumor.",
    ),
    Row(
        "peer identify <peer-ID:peer-id>",
        "Ask a connected peer to identify itself.",
        "timeout:duration=10s",
        needs=_REMOTE,
        note="Running out of time is no failure; peer.info(peer_id) has what came.",
    ),
    Row(
        "peer track tee",
        "Copy the changes of the peerstore to the log, a file or a websocket.",
        "dest:string=log path:string= key:string= match:string=",
        "tracker:string op:string key:string value:string i:integer error:string",
        _LOCAL,
        RUNNING,
        "dest: log, csv, evlog, evcsv, json or wsjson. Private keys that are stored meanwhile are copied too.",
    ),
    Row("peer track list", "List the running trackers of the peerstore.", fields="tees:array", needs=_LOCAL),
    Row("peer track ls", "The same as peer.track.list().", fields="tees:array", needs=_LOCAL),
    Row(
        "peer addrs [peer-id:peer-id]",
        "List the addresses of a peer, by default those of the host.",
        fields="addrs:array|null",
        needs=_NET,
        note="Own addresses are multiaddrs, a peer's the base64 of binary ones.",
    ),
    Row(
        "peer status get",
        "Tell the status of the actor, and whether it follows the chain.",
        fields="following:boolean status:object",
        needs=_LOCAL,
    ),
    Row(
        "peer status set",
        "Set the status of the actor, or parts of it.",
        "fork-digest:bytes4 finalized-root:bytes32 finalized-epoch:uint64=0 head-root:bytes32 head-slot:uint64=0"
        " merge:bool=true",
        "following:boolean status:object",
        _LOCAL,
        note="With merge, values of zero change nothing.",
    ),
    Row(
        "peer status req <peer-id:peer-id>",
        "Ask a connected peer for its status.",
        _WITHIN_10S,
        f"{_STATUS_FIELDS} fields.msg:string",
        _REMOTE,
        note=_NO_ANSWER,
    ),
    Row(
        "peer status poll",
        "Ask all connected peers for their status, again and again.",
        f"{_COMPRESSION} interval:duration=12s timeout:duration=5s",
        f"{_STATUS_FIELDS} fields.msg:string peer:string error:string",
        _NET,
        RUNNING,
        "An answer does not tell whose it is; a failure does.",
    ),
    Row(
        "peer status serve",
        "Answer status requests with the status of the actor.",
        _WITHIN_10S,
        "started:boolean from:string data:object input_err:string",
        _NET,
        RUNNING,
    ),
    Row(
        "peer status follow [following:bool=true]",
        "Have the status follow the current chain, or not.",
        fields="following:boolean",
        needs=_LOCAL,
    ),
    Row(
        "peer metadata ping <peer-id:peer-id>",
        "Ping a connected peer, and ask for its metadata if the sequence number is new.",
        f"{_WITHIN_10S} {_UPDATE}",
        "code:integer pong:integer metadata:object fields.msg:string",
        _REMOTE,
        note="Up to three entries; a failed ping asks for the metadata as well.",
    ),
    Row(
        "peer metadata pong",
        "Answer pings, and ask who sent them for metadata.",
        f"{_WITHIN_10S} {_UPDATE}",
        f"started:boolean from:string input_err:string {_METADATA_FIELDS} fields.msg:string",
        _NET,
        RUNNING,
    ),
    Row(
        "peer metadata get",
        "Tell the metadata of the actor, and whether it is updated automatically.",
        fields="following:boolean metadata:object",
        needs=_LOCAL,
    ),
    Row(
        "peer metadata set",
        "Set the metadata of the actor, or parts of it.",
        "seq-number:uint64=0 attnets:bytes8 merge:bool=true",
        "following:boolean metadata:object",
        _LOCAL,
        note="With merge, values of zero change nothing.",
    ),
    Row(
        "peer metadata req <peer-id:peer-id>",
        "Ask a connected peer for its metadata.",
        _WITHIN_10S,
        f"{_METADATA_FIELDS} fields.msg:string",
        _REMOTE,
        note=_NO_ANSWER,
    ),
    Row(
        "peer metadata poll",
        "Ping all connected peers again and again, and ask for metadata that is new.",
        f"{_COMPRESSION} interval:duration=20s timeout:duration=10s {_UPDATE}",
        "code:integer pong:integer metadata:object fields.msg:string peer:string error:string",
        _NET,
        RUNNING,
    ),
    Row(
        "peer metadata serve",
        "Answer metadata requests with the metadata of the actor.",
        _WITHIN_10S,
        "started:boolean from:string input_err:string",
        _NET,
        RUNNING,
    ),
    Row(
        "peer metadata follow [following:bool=true]",
        "Have the metadata updated automatically, or not.",
        fields="following:boolean",
        needs=_LOCAL,
    ),
)

_PEERSTORE_ROWS = (
    Row(
        "peerstore create [id:string=]",
        "Make a peerstore and use it.",
        "store-type:string=mem store-path:string= switch:bool=true",
        note="Without an id it gets a random one, which peerstore.list() tells.",
    ),
    Row(
        "peerstore switch <id:string>",
        "Use another peerstore.",
        fields="store:string",
        needs=("a peerstore of that id: peerstore.create(id)",),
    ),
    Row("peerstore list", "List the peerstores, and tell the current one.", fields="stores:array current:string"),
)

_DV5_ROWS = (
    Row(
        "dv5 run [bootnodes:strings]",
        "Run discv5, the discovery of peers.",
        "ip:ip udp:uint16=0",
        "id:string addr:string|object err:string|null age:integer failcount:integer dropped:boolean b:integer"
        " checks:integer ip:string r:string rip:string …",
        (_ENR,),
        RUNNING,
        "Its fields are those of geth's log. Killing the actor leaves the UDP port in use: cancel the call before.",
    ),
    Row("dv5 ping <target:enode>", "Ping a node.", needs=_DISCOVERY),
    Row(
        "dv5 resolve <target:enode>",
        "Look for the latest record of a node.",
        fields="enr:string",
        needs=_DISCOVERY,
        note="Always fails, by a slip in Rumor: use dv5.request(target).",
    ),
    Row("dv5 request <target:enode>", "Ask a node for its record.", fields="enr:string", needs=_DISCOVERY),
    Row("dv5 lookup <target:node>", "List nodes that are near a node.", fields="nodes:array", needs=_DISCOVERY),
    Row(
        "dv5 random",
        "Walk the network at random and tell the nodes that are met.",
        "add:bool=true ttl:duration=2160h0m0s filter-digest:bytes4 interval:duration=100ms stepwise:bool=false",
        "id:string enr:string error:string",
        (*_DISCOVERY, "a peerstore, with add: host.start() or peerstore.create()"),
        RUNNING,
        "With stepwise=True it has steps, one for each node.",
    ),
    Row("dv5 self", "Tell the ENR that discv5 uses.", fields="enr:string", needs=_DISCOVERY),
)

_GOSSIP_ROWS = (
    Row("gossip start", "Start GossipSub.", needs=(_HOST,), note="Only killing the actor stops it."),
    Row("gossip list", "List the joined topics.", fields="topics:array", needs=(_GOSSIP,)),
    Row("gossip join <topic:string>", "Join a topic.", needs=(_GOSSIP,)),
    Row(
        "gossip events <topic:string>",
        "Log the peers that join and leave a topic.",
        fields="peer_id:string topic:string",
        needs=_JOINED,
        kind=RUNNING,
        note="Only the text of an entry, msg, tells joining from leaving.",
    ),
    Row(
        "gossip list-peers <topic:string>",
        "List the known peers of a topic.",
        fields="peers:array|null",
        needs=_JOINED,
    ),
    Row("gossip blacklist <peer-id:peer-id>", "Take no more messages from a peer.", needs=(_GOSSIP,)),
    Row(
        "gossip leave <topic:string>",
        "Leave a topic.",
        needs=_JOINED,
        note="Fails while a gossip.log or gossip.events of the topic is running.",
    ),
    Row(
        "gossip log <topic:string>",
        "Log the messages of a topic, own ones included.",
        fields="from:string data:string signature:string seq_no:string error:string topic:string",
        needs=_JOINED,
        kind=RUNNING,
        note="Topics that end in _snappy are decompressed.",
    ),
    Row(
        "gossip publish <topic:string> <message:bytes>",
        "Publish a message on a topic.",
        needs=_JOINED,
        note="What is over 1 MiB is dropped silently.",
    ),
)


class _Method:
    """A request of the consensus layer, and where its commands differ."""

    def __init__(
        self,
        name: str,
        request: str,
        chunk: str,
        chunks: int,
        done: str = "true",
        drop: str = "false",
        note: str = "",
    ) -> None:
        self.name = name
        self.request = request  # the JSON type of a decoded request
        self.chunk = chunk  # the JSON type of a decoded chunk
        self.chunks = chunks  # how many chunks are read by default
        self.done = done
        self.drop = drop
        self.note = note


_METHODS = (
    _Method("goodbye", "integer", "integer", 0, drop="true", note="By default no answer is read."),
    _Method("status", "object", "object", 1),
    _Method("ping", "integer", "integer", 1),
    _Method("metadata", "null", "object", 1, note="The request has no content: give b''."),
    _Method("blocks-by-range", "object", "object", 20, "false", note="Blocks are shown with raw=True only."),
    _Method("blocks-by-root", "array", "object", 20, "false", note="Blocks are shown with raw=True only."),
)


def _rpc(method: _Method) -> tuple[Row, ...]:
    name = method.name
    attribute = name.replace("-", "_")
    response = (f"a request of this method that is open: a step of rpc.{attribute}.listen()",)
    dropped = " They are dropped unless drop=False." if method.drop == "true" else ""
    return (
        Row(
            f"rpc {name} req raw <peer-id:peer-id> <data:bytes>",
            f"Send a {name} request, and read the chunks of the answer.",
            f"{_COMPRESSION} timeout:duration=10s max-chunks:uint64={method.chunks} raw:bool=false",
            "protocol:string from:string chunk_index:integer chunk_size:integer result_code:integer"
            f" data:{method.chunk}|string fields.msg:string error:string",
            (_HOST, _PEER),
            STEPS,
            f"A step for the request written, then one for each chunk. {method.note}".rstrip(),
        ),
        Row(
            f"rpc {name} listen",
            f"Receive {name} requests.",
            f"{_COMPRESSION} timeout:duration=10s raw:bool=false read:bool=true drop:bool={method.drop}",
            f"from:string protocol:string data:{method.request}|string input_err:string req_id:integer error:string",
            (_HOST,),
            STEPS,
            f"A step for each request.{dropped} Cancelling one listener of a method stops all of that method.",
        ),
        Row(
            f"rpc {name} resp chunk raw <req-id:string> <data:bytes>",
            f"Answer a {name} request with a chunk.",
            f"done:bool={method.done} result-code:uint8=0",
            needs=response,
            note="done ends the answer.",
        ),
        Row(
            f"rpc {name} resp invalid-request <req-id:string> <text:string>",
            f"Answer a {name} request with an error: it was not valid.",
            "done:bool=true result-code:uint8=1",
            needs=response,
        ),
        Row(
            f"rpc {name} resp server-error <req-id:string> <text:string>",
            f"Answer a {name} request with an error: the server has failed.",
            "done:bool=true result-code:uint8=2",
            needs=response,
        ),
        Row(
            f"rpc {name} close <req-id:string>",
            f"Close a {name} request without a further answer.",
            fields="req_id:integer peer:string",
            needs=response,
        ),
    )


def _databases(group: str, note: str) -> tuple[Row, ...]:
    return (
        Row(
            f"{group} create <name:string> [path:string=]",
            f"Make a {group} DB and use it; without a path it is kept in memory.",
            note=note,
        ),
        Row(f"{group} copy <source:string> <dest:string>", f"Copy a {group} DB.", note="Rumor cannot do it: it fails."),
        Row(
            f"{group} switch <to:string>",
            f"Use another {group} DB.",
            fields="from:string to:string",
            note="That there is one of the name is not checked.",
        ),
        Row(f"{group} rm <name:string>", f"Remove a {group} DB.", fields="existed:boolean name:string"),
        Row(
            f"{group} list",
            f"List the {group} DBs, and tell the current one.",
            fields="dbs:array current:string path:string",
        ),
    )


def _blocks(words: str, needs: str) -> tuple[Row, ...]:
    return (
        Row(
            f"{words} import",
            "Put a signed block into the DB.",
            "input:string= data:bytes=",
            "existed:boolean",
            (needs,),
            note="input is a file of Rumor's side. Using data, or importing a block twice, kills Rumor.",
        ),
        Row(
            f"{words} export <root:bytes32>",
            "Write a block of the DB into a file, or into the field data.",
            "output:string=",
            "existed:boolean data:string",
            (needs,),
            note="For a block of a DB in memory it kills Rumor.",
        ),
        Row(
            f"{words} get <root:bytes32>",
            "Summarise a block of the DB.",
            fields="block:object",
            needs=(needs,),
            note="For a block of a DB in memory it kills Rumor.",
        ),
        Row(f"{words} rm <root:bytes32>", "Remove a block from the DB.", fields="existed:boolean", needs=(needs,)),
        Row(
            f"{words} stats",
            "Tell how many blocks the DB has, and the last one written.",
            fields="count:integer last:string",
            needs=(needs,),
            note="Always zero for a DB in files.",
        ),
        Row(f"{words} list", "List the block roots of the DB.", fields="block_roots:array|null", needs=(needs,)),
    )


def _states(words: str, needs: str) -> tuple[Row, ...]:
    return (
        Row(
            f"{words} import",
            "Put a state into the DB.",
            "input:string= data:bytes=",
            "existed:boolean root:string",
            (needs,),
            note="input is a file of Rumor's side.",
        ),
        Row(
            f"{words} export <root:bytes32>",
            "Write a state of the DB into a file, or into the field data.",
            "output:string=",
            "data:string",
            (needs,),
        ),
        Row(f"{words} get <root:bytes32>", "Summarise a state of the DB.", fields="state:object", needs=(needs,)),
        Row(f"{words} rm <root:bytes32>", "Remove a state from the DB.", fields="existed:boolean", needs=(needs,)),
        Row(
            f"{words} stats",
            "Tell how many states the DB has, and the last one written.",
            fields="count:integer last:string",
            needs=(needs,),
        ),
        Row(f"{words} list", "List the state roots of the DB.", fields="state_roots:array", needs=(needs,)),
    )


_CHAIN_ROWS = (
    Row(
        "chain create <name:string> <state:bytes32>",
        "Make a chain that begins with a state of the states DB, and use it.",
        needs=(*_CHAIN_DBS, "the state in the states DB: states.db.import_(input=file)"),
    ),
    Row(
        "chain copy <source:string> <dest:string>",
        "Copy a chain.",
        needs=_CHAIN_DBS,
        note="Rumor cannot do it: it fails.",
    ),
    Row(
        "chain switch <to:string>",
        "Use another chain.",
        fields="from:string to:string",
        needs=_CHAIN_DBS,
        note="That there is one of the name is not checked.",
    ),
    Row("chain rm <name:string>", "Remove a chain.", fields="existed:boolean name:string", needs=_CHAIN_DBS),
    Row(
        "chain list",
        "List the chains, and tell the current one.",
        fields="chains:array current:string",
        needs=_CHAIN_DBS,
    ),
)

_NOTHING = "Does nothing in Rumor, and succeeds."


def _chain(words: str, need: str) -> tuple[Row, ...]:
    needs = (*_CHAIN_DBS, need)
    sync = "chunk:object i:integer slot:integer root:string known:boolean"
    keep = "store:bool=true process:bool=true process-timeout:duration=20s"
    return (
        Row(f"{words} attestation <root:bytes32>", "Add an attestation to the chain.", needs=needs, note=_NOTHING),
        Row(
            f"{words} block <root:bytes32>",
            "Add a block of the blocks DB to the chain.",
            needs=(*needs, "the block in the blocks DB: blocks.db.import_(input=file)"),
            note="Fails on a chain that is new: its anchor is unknown.",
        ),
        Row(
            f"{words} hot cold",
            "Move the hot part of the chain to the cold part.",
            "anchor:bytes32",
            needs=needs,
            note=_NOTHING,
        ),
        Row(
            f"{words} cold cold",
            "Look at the cold part of the chain.",
            "start:uint64=0 end:uint64=0",
            needs=needs,
            note=_NOTHING,
        ),
        Row(f"{words} head get", "Tell the head of the chain.", needs=needs, note=_NOTHING),
        Row(f"{words} head set <root:bytes32>", "Set the head of the chain.", needs=needs, note=_NOTHING),
        Row(
            f"{words} head follow <following:bool>",
            "Follow the head of the chain, or not.",
            needs=needs,
            note=_NOTHING,
        ),
        Row(
            f"{words} serve by-range",
            "Answer requests for the chain's blocks by range.",
            f"{_COMPRESSION} timeout:duration=20s max-count:uint64=100 max-step:uint64=10",
            "started:boolean from:string req:object block:string error:string",
            (*needs, _HOST),
            RUNNING,
        ),
        Row(
            f"{words} serve by-root",
            "Answer requests for the chain's blocks by root.",
            f"{_COMPRESSION} timeout:duration=20s max-count:uint64=1024 within-view:bool=true",
            "started:boolean from:string req:array root:string block:string error:string",
            (*needs, _HOST),
            RUNNING,
        ),
        Row(
            f"{words} sync by-range",
            "Ask a peer for blocks by range, and add them to the chain.",
            f"peer:peer-id start:uint64=0 count:uint64=0 step:uint64=0 {_COMPRESSION} timeout:duration=20s {keep}",
            sync,
            (*needs, _HOST, _PEER, _PROTOCOL),
            note="A step of 0 is refused: give one. With process it fails on a chain that is new.",
        ),
        Row(
            f"{words} sync by-root",
            "Ask a peer for blocks by root, and add them to the chain.",
            f"peer:peer-id roots:bytes32s {_COMPRESSION} timeout:duration=20s {keep}",
            sync,
            (*needs, _HOST, _PEER, _PROTOCOL),
            note="With process it fails on a chain that is new.",
        ),
        Row(f"{words} votes", "List the latest votes of validators.", needs=needs, note=_NOTHING),
    )


ROWS: Final = (
    *_HOST_ROWS,
    *_ENR_ROWS,
    *_PEER_ROWS,
    *_PEERSTORE_ROWS,
    *_DV5_ROWS,
    *_GOSSIP_ROWS,
    *(row for method in _METHODS for row in _rpc(method)),
    *_databases("blocks", ""),
    *_blocks("blocks db", "a current blocks DB: blocks.create(name)"),
    *_blocks("blocks on <name>", "a blocks DB of that name: blocks.create(name)"),
    *_databases("states", "Rumor refuses a path."),
    *_states("states db", "a current states DB: states.create(name)"),
    *_states("states on <name>", "a states DB of that name: states.create(name)"),
    *_CHAIN_ROWS,
    *_chain("chain this", "a current chain: chain.create(name, state)"),
    *_chain("chain on <name>", "a chain of that name: chain.create(name, state)"),
    Row("sleep <time:duration>", "Wait, then succeed.", note="A cancel has to wait for its end."),
    Row(
        "tool enr-value <key:string> <enr:enr>",
        "Tell one value of an ENR.",
        "raw:bool=false",
        "stdout:string",
        note="Keys: id, secp256k1, ip, ip6, tcp, tcp6, udp, udp6, eth2, attnets, seq, signature, node_id, peer_id,"
        " pubkey, enode, multi. With raw the RLP of any key.",
    ),
    Row("help", "Show Rumor's own list of commands.", note="The text is the field msg."),
)

GROUPS: Final = {
    "host": "The libp2p host of the actor.",
    "enr": "Ethereum node records.",
    "peer": "Peers: connections, and what is known of them.",
    "peer track": "Trackers of the peerstore's changes.",
    "peer status": "The status of the actor, and that of peers.",
    "peer metadata": "The metadata of the actor, and that of peers.",
    "peerstore": "Peerstores.",
    "dv5": "Discovery of peers with discv5.",
    "gossip": "GossipSub.",
    "rpc": "Requests of the consensus layer, by method.",
    "blocks": "Databases of blocks.",
    "blocks db": "The current blocks DB.",
    "blocks on": "Any blocks DB, by its name.",
    "blocks on <name>": "The blocks DB of that name.",
    "states": "Databases of states.",
    "states db": "The current states DB.",
    "states on": "Any states DB, by its name.",
    "states on <name>": "The states DB of that name.",
    "chain": "Chains of the consensus layer.",
    "chain this": "The current chain.",
    "chain on": "Any chain, by its name.",
    "chain on <name>": "The chain of that name.",
    "tool": "Tools that need no actor.",
}
GROUPS.update(
    (f"rpc {method.name}{words}", text.format(method.name))
    for method in _METHODS
    for words, text in (
        ("", "The {} request."),
        (" req", "Send a {} request."),
        (" resp", "Answer a {} request."),
        (" resp chunk", "Answer a {} request with content."),
    )
)
GROUPS.update(
    (f"{chain} {word}", text)
    for chain in ("chain this", "chain on <name>")
    for word, text in (
        ("hot", "The hot part of the chain."),
        ("cold", "The cold part of the chain."),
        ("head", "The head of the chain."),
        ("serve", "Serve the chain to peers."),
        ("sync", "Fetch blocks from a peer."),
    )
)
