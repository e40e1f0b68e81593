"""All commands, by their words."""

from __future__ import annotations

from pyrum_sync.engine.commands.base import Group, Missing, Node
from pyrum_sync.engine.commands.enr import ENR_GROUP
from pyrum_sync.engine.commands.gossip import GOSSIP
from pyrum_sync.engine.commands.host import HOST
from pyrum_sync.engine.commands.peer import PEER
from pyrum_sync.engine.commands.peerstore import PEERSTORE
from pyrum_sync.engine.commands.rpc import RPC
from pyrum_sync.engine.commands.sleep import SLEEP

_HELP = """Rumor provides a suite of commands for p2p/eth2 actions.
Each action can (optionally):
- Run by one actor, e.g. 'alice: host start'
- Run with an ID, e.g. '_my_reference host start'
- Run with a log level, e.g. 'lvl_warn host start' (each level is prefixed with lvl_)

Log data fields automatically become available. E.g. '_my_reference_enr' to get 'enr' field, \
or '__enr' when it's from the last Rumor command.

And Bash syntax can be used to script control flow.
Rumor is a shell, but restricts unknown commands to running as a sub-process.
"""

_ROUTES: dict[str, Node] = {
    "host": HOST,
    "enr": ENR_GROUP,
    "peer": PEER,
    "peerstore": PEERSTORE,
    "dv5": Missing("dv5"),
    "gossip": GOSSIP,
    "rpc": RPC,
    "blocks": Missing("blocks"),
    "states": Missing("states"),
    "chain": Missing("chain"),
    "sleep": SLEEP,
    "tool": Missing("tool"),
}

TREE = Group(_HELP, _ROUTES)
FIRST_WORDS = frozenset(_ROUTES) | {"help"}
