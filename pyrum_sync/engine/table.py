"""What the engine has of Rumor, and what it has not: the one table, which docs/engine.md shows.

`DONE`, `PART` and `NOT` say how much; the text says what differs from the Go Rumor.
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
    has: str
    notes: str


ROWS = (
    Row("bare, serve (tcp, unix, websocket, HTTP script and report)", PART, "no ssh; websocket needs the extra"),
    Row("call ids, actors, log levels, attach, grab, calls, kill, me", DONE, ""),
    Row("next, cancel, clear_log_data, include, exit, end of input", DONE, ""),
    Row(
        "shell language",
        PART,
        "has quotes, variables, & ; && ||, blocks, subshells, pipes, eval, $( ), while, until, for, if, test, echo,"
        " printf, read in a pipe, wait; refuses the rest (functions, case, arithmetic, globs, files); runs no program",
    ),
    Row(
        "host",
        PART,
        "TCP over IPv4 and IPv6, Noise, yamux and mplex; no QUIC, NAT or relay; in memory, hosts meet within one"
        " process only",
    ),
    Row("peer", PART, "no connectall, no track"),
    Row("peer status, peer metadata", DONE, "version 1, as in Rumor"),
    Row("peerstore", PART, "in memory, not on disk"),
    Row("gossip", DONE, "gossipsub 1.1 with a mesh; gossip.md lists the details"),
    Row(
        "rpc",
        PART,
        "answers of several chunks are whole; blocks only with --raw; also today's methods and versions, with context"
        " bytes, and any protocol (rpc any)",
    ),
    Row("sleep", DONE, "refuses a negative duration, which ends a Go Rumor"),
    Row("enr", DONE, "a malformed record is an error; some end a Go Rumor"),
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
    """Returns the table for docs/engine.md."""
    lines = ["| part of Rumor | in the engine | differences |", "|---|---|---|"]
    for row in ROWS:
        lines.append("| " + " | ".join(cell.replace("|", r"\|") for cell in (row.what, row.has, row.notes)) + " |")
    return "\n".join(lines) + "\n"
