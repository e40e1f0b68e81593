"""``pyrum-sync commands``: Rumor's commands, to browse and to search."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

from pyrum_sync.catalogue.help import describe, nearest
from pyrum_sync.catalogue.tree import Node, find, tree
from pyrum_sync.cli.options import OK, Commands, UsageError


def add(commands: Commands) -> None:
    """Add the parser of this command."""
    parser = commands.add_parser(
        "commands",
        help="browse and search Rumor's commands",
        description="Without words: all commands. With the words of a group or a command, such as `host listen`: what "
        "is in it, or its arguments, flags and fields. With any other words: the commands that have them all in their "
        "name, their description, or the names of their arguments, flags and fields.",
        epilog="Exit status: 0, or 2 if nothing is found.",
    )
    parser.add_argument("words", metavar="WORD", nargs="*", help="words of a command, or to search for")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Show what was asked for; returns the exit status."""
    words: list[str] = [word.replace("_", "-") for word in options.words]
    node = find(words) if words else None
    if node is not None:
        print(f"{' '.join(node.path)}\n")
        print(describe(node))
        return OK
    found = list(_matching(words))
    if not found:
        names = [" ".join(each.path) for each in tree().walk()]
        raise UsageError(f"no command has {' '.join(options.words)!r}: {nearest(' '.join(words), names, 'see')}")
    width = max(len(" ".join(each.path)) for each in found)
    for each in found:
        print(f"{' '.join(each.path):{width}}  {each.summary}".rstrip())
    return OK


def _matching(words: Sequence[str]) -> Iterator[Node]:
    for node in tree().walk():
        command = node.command
        if command is not None:
            told = (*command.path, command.summary, *command.fields)
            text = " ".join((*told, *(each.name for each in (*command.args, *command.flags)))).lower()
            if all(word.lower() in text for word in words):
                yield node
