"""``pyrum-sync commands``: Rumor's commands, to browse and to search."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from textwrap import wrap
from typing import Final

from pyrum_sync.catalogue.help import describe
from pyrum_sync.catalogue.tree import Node, find, tree
from pyrum_sync.cli.options import FAILED, OK, Commands
from pyrum_sync.cli.streams import complain

_MOST: Final = 5  # names that are offered
_NARROWEST: Final = 20  # columns


def add(commands: Commands) -> None:
    """Add the parser of this command."""
    parser = commands.add_parser(
        "commands",
        help="browse and search Rumor's commands",
        description="Without words: all commands. With the words of a group or a command, such as `host listen`: what "
        "is in it, or its arguments, flags and fields. With any other words: the commands that have them all in their "
        "name, their description, or the names of their arguments, flags and fields.",
        epilog="Exit status: 0, or 1 if nothing is found.",
    )
    parser.add_argument("words", metavar="WORD", nargs="*", help="words of a command, or to search for")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Show what was asked for; returns the exit status."""
    words: list[str] = [word.replace("_", "-") for word in options.words]
    node = find(words) if words else None
    if node is not None:
        show(f"{' '.join(node.path)}\n\n{describe(node)}")
        return OK
    found = list(_matching(words))
    if not found:
        best, *others = nearest_commands(words)
        hint = f"did you mean '{best}'? Or: {', '.join(others)}"
        complain(f"no command has {' '.join(options.words)!a}: {hint}")
        return FAILED
    width = max(len(" ".join(each.path)) for each in found)
    show("\n".join(f"{' '.join(each.path):{width}}  {each.summary}".rstrip() for each in found))
    return OK


def nearest_commands(words: Sequence[str]) -> list[str]:
    """The commands and groups that are most like what was asked for, as a whole or in one of their words."""
    asked = " ".join(words).lower()
    scores: dict[str, float] = {}
    for node in tree().walk():
        name = " ".join(node.path)
        scores[name] = max(_likeness(asked, each) for each in (name, node.path[-1]))
    return sorted(scores, key=lambda name: (-scores[name], len(name), name))[:_MOST]


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()


def show(text: str) -> None:
    """Print text; on a terminal, and where COLUMNS says how wide one is, lines end between words."""
    if not (os.environ.get("COLUMNS", "").isdecimal() or sys.stdout.isatty()):
        print(text)
        return
    width = max(_NARROWEST, shutil.get_terminal_size().columns)
    for line in text.split("\n"):
        print("\n".join(_wrapped(line, width)))


def _wrapped(line: str, width: int) -> list[str]:
    if len(line) <= width:
        return [line]
    # What goes on does so below where the last column of a table begins, or the line itself.
    columns = [found.end() for found in re.finditer(r"\S  +(?=\S)", line)]
    indent = columns[0] if columns and columns[0] <= width // 2 else len(line) - len(line.lstrip())
    return wrap(
        line, width, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False,
        drop_whitespace=True, replace_whitespace=False, expand_tabs=False,
    )  # fmt: skip


def _matching(words: Sequence[str]) -> Iterator[Node]:
    for node in tree().walk():
        command = node.command
        if command is not None:
            said = (*command.path, command.summary, *command.fields)
            text = " ".join((*said, *(each.name for each in (*command.args, *command.flags)))).lower()
            if all(word.lower() in text for word in words):
                yield node
