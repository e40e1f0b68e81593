"""What the engine does and what it does not: the one table, which the README shows.

`DONE`, `PART` and `NOT` say how much; the text says what differs from a real Rumor.
"""

from __future__ import annotations

from dataclasses import dataclass

from pyrum_sync.engine.commands.base import Command, Group, Missing, Node
from pyrum_sync.engine.commands.protocols import RUMORS
from pyrum_sync.engine.commands.tree import TREE

DONE, PART, NOT = "yes", "partly", "no"


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    simulated: str
    notes: str


ROWS = (
    Row("bare, serve (tcp, unix, websocket, HTTP script and report)", PART, "no ssh; websocket needs the extra"),
    Row("call ids, actors, log levels, attach, grab, calls, kill, me", DONE, ""),
    Row("next, cancel, clear_log_data, include, exit, end of input", DONE, ""),
    Row(
        "shell language",
        PART,
        "quotes, variables, & ; && ||, blocks, subshells, pipes, eval, $( ), while, until, for, if, test, echo, printf,"
        " read in a pipe, wait; others (functions, case, arithmetic, globs, files) are refused; runs no program",
    ),
    Row("host", PART, "listens in memory only; on all interfaces means the loopback; no NAT, no relay"),
    Row("peer", PART, "no connectall, no track; identifying takes no time"),
    Row("peer status, peer metadata", DONE, ""),
    Row("peerstore", PART, "in memory only"),
    Row("gossip", DONE, "see docs/gossip.md"),
    Row(
        "rpc",
        PART,
        "an answer of several chunks comes whole; blocks only with --raw; also today's methods and versions, and any"
        " protocol",
    ),
    Row("sleep", DONE, "a negative one is refused where it kills a Rumor"),
    Row("enr", DONE, "a malformed record is an error, where it kills a Rumor"),
    Row("dv5, blocks, states, chain, tool", NOT, "answer with an error that names the engine"),
)


def supported(node: Node | None = None, words: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Returns the words of every command that the engine has."""
    node = TREE if node is None else node
    if isinstance(node, Command):
        return [words]
    if isinstance(node, Missing):
        return []
    assert isinstance(node, Group)
    return [found for name, route in node.routes.items() for found in supported(route, (*words, name))]


def rumors() -> list[tuple[str, ...]]:
    """The words of those that a real Rumor has, too."""
    return [words for words in supported() if words[0] != "rpc" or words[1] in RUMORS]


def markdown() -> str:
    """Returns the table for the README."""
    lines = ["| | simulated | |", "|---|---|---|"]
    for row in ROWS:
        lines.append(
            "| " + " | ".join(cell.replace("|", r"\|") for cell in (row.what, row.simulated, row.notes)) + " |"
        )
    return "\n".join(lines) + "\n"
