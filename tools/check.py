"""The table against the `--help` of a real Rumor, command by command."""

from __future__ import annotations

import re
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pyrum_sync.catalogue.rows import TYPES, Parameter
from pyrum_sync.catalogue.tree import Command, Node, tree
from pyrum_sync.client.commands import Actor
from pyrum_sync.client.rumor import Rumor
from pyrum_sync.errors import CallError
from pyrum_sync.transports.process import SubprocessConn

if TYPE_CHECKING:
    from pyrum_sync.client.commands import Words

_NAME = "catalogue"  # of the databases and the chain that are made, to get at the help of what is in them

# Where Rumor's lists of sub-commands are wrong: it lists words that it does not take, and takes some that it omits.
_LISTED_FALSELY = {"host": {"event"}, "chain this hot": {"view"}, "chain this cold": {"view"}}
_LISTED_FALSELY |= {f"chain on <name> {part}": {"view"} for part in ("hot", "cold")}
_NOT_LISTED = {"host": {"notify"}, "peer track": {"ls"}, "chain this hot": {"cold"}, "chain this cold": {"cold"}}
_NOT_LISTED |= {f"chain on <name> {part}": {"cold"} for part in ("hot", "cold")}
# Arguments that Rumor takes and does not list.
_SILENT = {"host notify": {"event-types"}}

_FLAG = re.compile(r" +(?:-\w, )?--(\S+)(.*)")
_DEFAULT = re.compile(r" \(default (.*)\)$")
# How the lack of a default is written.
_NO_DEFAULT = re.compile(r"0*|\"\"|false|\[\]|nil .*|\? \(.*\)")


def differences(program: str = "rumor") -> list[str]:
    """What the table and a Rumor do not agree on, one line each."""
    with (
        SubprocessConn([program, "bare", "--level=trace"]) as conn,
        Rumor(conn, timeout=60) as rumor,
        tempfile.TemporaryDirectory() as folder,
    ):
        actor = rumor.actor(_NAME)
        _prepare(actor, Path(folder))
        nodes = (node for node in tree().walk() if not node.engine)
        return [f"{' '.join(node.path)}: {each}" for node in nodes for each in _differences(actor, node)]


def _prepare(actor: Actor, folder: Path) -> None:
    """Much of the help is refused until what its commands need is there."""
    actor.host.start(nat=False)
    actor.enr.make(ip="127.0.0.1")
    actor.blocks.create(_NAME)
    actor.states.create(_NAME)
    state = folder / "state.ssz"
    state.write_bytes(_state())
    root = actor.states.db.import_(input=state).root()
    actor.chain.create(_NAME, root)


def _state() -> bytes:
    """A state of the consensus layer (mainnet, phase 0) that is empty but for one validator: a chain needs that."""
    gwei, ever = 32 * 10**9, 2**64 - 1
    validator = bytes(80) + struct.pack("<Q?QQQQ", gwei, False, 0, 0, ever, ever)
    # The sizes of the fixed parts; a list is there by its offset only, its content follows.
    parts: tuple[int | bytes, ...] = (
        8 + 32 + 8 + 16 + 112,  # genesis, slot, fork, latest block header
        2 * 8192 * 32,  # block and state roots
        b"",  # historical roots
        72,  # eth1 data
        b"",  # eth1 data votes
        8,  # eth1 deposit index
        validator,
        struct.pack("<Q", gwei),  # balances
        65536 * 32 + 8192 * 8,  # randao mixes, slashings
        b"",  # attestations of the previous epoch
        b"",  # of the current one
        1 + 3 * 40,  # justification
    )
    offset = sum(part if isinstance(part, int) else 4 for part in parts)
    fixed, rest = b"", b""
    for part in parts:
        if isinstance(part, int):
            fixed += bytes(part)
        else:
            fixed += struct.pack("<I", offset + len(rest))
            rest += part
    return fixed + rest


def _differences(actor: Actor, node: Node) -> Iterator[str]:
    words: Words | Actor = actor
    for word in node.path:
        words = words[_NAME if word.startswith("<") else word]
    try:
        shown: str = words["--help"]().msg()
    except CallError as error:
        yield f"no help: {error.message}"
        return
    if node.command is None:
        yield from _compare_groups(node, shown)
    elif node.path != ("help",):  # it has no help of its own
        yield from _compare_commands(node.command, shown)


def _compare_groups(node: Node, shown: str) -> Iterator[str]:
    name = " ".join(node.path)
    listed = set(re.findall(r"^  ([\w-]+)  ", shown.partition("Sub commands:\n")[2], re.MULTILINE))
    named = not any(word.startswith("<") for word in node.children)
    ours = {word for word, below in node.children.items() if not below.engine}
    if named:
        listed -= _LISTED_FALSELY.get(name, set())
        for word in sorted(listed - ours):
            yield f"Rumor also has {word!r}"
        for word in sorted(ours - listed - _NOT_LISTED.get(name, set())):
            yield f"Rumor does not list {word!r}"


def _compare_commands(command: Command, shown: str) -> Iterator[str]:
    usage, _, rest = shown.partition("\n")
    silent = _SILENT.get(command.name, set())
    ours = [f"<{each.name}>" if each.required else f"[{each.name}]" for each in command.args if each.name not in silent]
    theirs = usage.split()[1:]
    if usage.split()[:1] != ["(command)"]:
        yield f"no help of a command: {usage!r}"
        return
    if ours != theirs:
        yield f"arguments: {' '.join(ours) or 'none'}; Rumor: {' '.join(theirs) or 'none'}"
    flags = dict(_flags(rest.rpartition("Flags/args:\n")[2]))
    own = silent | command.engine_flags
    known = {each.name: each for each in (*command.args, *command.flags) if each.name not in own}
    for name in sorted(flags.keys() - known.keys()):
        yield f"Rumor also has --{name}"
    for name in sorted(known.keys() - flags.keys()):
        yield f"Rumor has no --{name}"
    for name in sorted(flags.keys() & known.keys()):
        yield from _compare_parameters(known[name], flags[name])


def _flags(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        found = _FLAG.fullmatch(line)
        if found:
            yield found[1], found[2]


def _compare_parameters(ours: Parameter, theirs: str) -> Iterator[str]:
    """`theirs` is what follows the name: the type, two or more spaces, and a text that may end in a default."""
    kind = re.split(r"\s{2,}|$", theirs, maxsplit=1)[0].strip()
    if kind != TYPES[ours.type].rumor:
        yield f"--{ours.name} is {TYPES[ours.type].rumor or 'bool'!r}; in Rumor {kind or 'bool'!r}"
    if ours.required:
        return  # what stands there as its default has no effect
    found = _DEFAULT.search(theirs)
    default = re.sub(r'^"(.*)"$|^\[(.*)\]$', r"\1\2", found[1]) if found else ""
    if _plain(default) != _plain(ours.default or ""):
        yield f"--{ours.name} is {ours.default or 'nothing'} by default; in Rumor {default or 'nothing'}"


def _plain(default: str) -> str:
    return "" if _NO_DEFAULT.fullmatch(default) else default
