"""The form of the table of Rumor's commands, and what several of its rows share.

A usage is the words of a command, then its arguments: ``<name:type>`` is required, ``[name:type=default]`` optional,
``[name:type…]`` takes any number. ``<name>`` among the words stands for any word. Flags and fields are ``name:type`` in
Rumor's spelling, a default after ``=``; all-zero bytes and what Rumor works out by itself are written without one. A
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
        engine: bool = False,
        engine_flags: str = "",
        engine_fields: str = "",
    ) -> None:
        self.usage = usage
        self.summary = summary
        self.flags = flags
        self.fields = fields
        self.needs = needs
        self.kind = kind
        self.note = note
        # What only the engine has, and a Go Rumor is never asked for: the command, or some of its flags and fields.
        self.engine = engine
        self.engine_flags = engine_flags
        self.engine_fields = engine_fields


class Type:
    def __init__(self, rumor: str, meaning: str) -> None:
        self.rumor = rumor  # as `--help` writes it
        self.meaning = meaning


class Parameter:
    """An argument or a flag."""

    def __init__(
        self,
        name: str,
        kind: str,
        default: str | None = None,
        required: bool = False,
        rest: bool = False,
        engine: bool = False,
    ) -> None:
        self.name = name
        self.type = kind
        self.default = default  # as Rumor writes it; None: none that can be known
        self.required = required
        self.rest = rest  # any number of them
        self.engine = engine  # a flag that only the engine has


def argument(text: str) -> Parameter:
    """An argument, as a usage has it."""
    name, _, rest = text[1:-1].partition(":")
    kind, has_default, default = rest.removesuffix("…").partition("=")
    return Parameter(name, kind, default if has_default else None, text.startswith("<"), rest.endswith("…"))


def flag(text: str, engine: bool = False) -> Parameter:
    """A flag, as a row has it."""
    name, _, rest = text.partition(":")
    kind, has_default, default = rest.partition("=")
    return Parameter(name, kind, default if has_default else None, engine=engine)


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

HOST = "a started host: host.start()"
PEERSTORE = "a peerstore: host.start() or peerstore.create()"
PEER = "a connected peer: peer.connect(addr)"
ENR = "an ENR of the actor: enr.make()"
DV5 = "discv5 running: dv5.run()"
GOSSIP = "GossipSub started: gossip.start()"
TOPIC = "the topic joined: gossip.join(topic)"
CHAIN_DBS = ("a current blocks DB: blocks.create(name)", "a current states DB: states.create(name)")
PROTOCOL = "a peer that speaks the protocol"

LOCAL = (PEERSTORE,)
NET = (PEERSTORE, HOST)
REMOTE = (PEERSTORE, HOST, PEER)
DISCOVERY = (ENR, DV5)
JOINED = (GOSSIP, TOPIC)

# -- what several commands share

COMPRESSION = "compression:compression=snappy"
WITHIN_10S = f"{COMPRESSION} timeout:duration=10s"
UPDATE = "update:bool=true force-update:bool=false update-timeout:duration=10s max-tries:uint64=20"
NO_ANSWER = "No answer is no failure: then code is 2. The timeout bounds opening the stream only."
STATUS_FIELDS = (
    "code:integer fork_digest:string finalized_root:string finalized_epoch:integer head_root:string head_slot:integer"
)
METADATA_FIELDS = "code:integer seq_number:integer attnets:string"
