"""Rows of the table: commands that need neither a host nor a database."""

from __future__ import annotations

from pyrum_sync.catalogue.rows import Row

ROWS = {
    "sleep": (Row("sleep <time:duration>", "Wait, then succeed.", note="A cancel has to wait for its end."),),
    "tool": (
        Row(
            "tool enr-value <key:string> <enr:enr>",
            "Show one value of an ENR.",
            "raw:bool=false",
            "stdout:string",
            note="Keys: id, secp256k1, ip, ip6, tcp, tcp6, udp, udp6, eth2, attnets, seq, signature, node_id, peer_id,"
            " pubkey, enode, multi. With raw the RLP of any key.",
        ),
    ),
    "help": (Row("help", "Show Rumor's own list of commands.", note="The text is the field msg."),),
}

GROUPS = {"tool": "Tools that need no actor."}
