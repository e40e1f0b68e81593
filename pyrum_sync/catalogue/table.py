"""Rumor's commands as data, one row each: completion, help, checks, types and the reference page all come from here."""

from __future__ import annotations

from pyrum_sync.catalogue.rows import Row
from pyrum_sync.catalogue.rows_chain import CHAIN_ROWS, blocks, chain, databases, states
from pyrum_sync.catalogue.rows_network import DV5_ROWS, ENR_ROWS, GOSSIP_ROWS, HOST_ROWS, PEER_ROWS, PEERSTORE_ROWS
from pyrum_sync.catalogue.rows_rpc import METHODS, rpc

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from typing import Final

ROWS: Final = (
    *HOST_ROWS,
    *ENR_ROWS,
    *PEER_ROWS,
    *PEERSTORE_ROWS,
    *DV5_ROWS,
    *GOSSIP_ROWS,
    *(row for method in METHODS for row in rpc(method)),
    *databases("blocks", ""),
    *blocks("blocks db", "a current blocks DB: blocks.create(name)"),
    *blocks("blocks on <name>", "a blocks DB of that name: blocks.create(name)"),
    *databases("states", "Rumor refuses a path."),
    *states("states db", "a current states DB: states.create(name)"),
    *states("states on <name>", "a states DB of that name: states.create(name)"),
    *CHAIN_ROWS,
    *chain("chain this", "a current chain: chain.create(name, state)"),
    *chain("chain on <name>", "a chain of that name: chain.create(name, state)"),
    Row("sleep <time:duration>", "Wait, then succeed.", note="A cancel has to wait for its end."),
    Row(
        "tool enr-value <key:string> <enr:enr>",
        "Show one value of an ENR.",
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
    for method in METHODS
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
