"""The reference page of all commands, made from the catalogue."""

from __future__ import annotations

from collections.abc import Iterator

from pyrum_sync.catalogue.help import ONLY_ENGINE, how_it_ends
from pyrum_sync.catalogue.tree import Command, Node, attribute, commands, tree

_HEAD = """# Rumor's commands

Made from the catalogue (`pyrum_sync/catalogue/`) by `make generate`: do not edit. In Python the same is
`help(alice.host.listen)`, and `make catalogue` compares it with the Rumor on this machine.

- A command is called on an actor: `alice.host.listen(tcp=9001)`. `-` is written `_`, and a word that Python keeps for
  itself gets a trailing `_` (`import_`). Arguments are positional, flags are keyword arguments, and `None` leaves a
  flag out. What may be left out has its default after a `=`; what has none there Rumor works out.
- Where `name` stands in brackets, any name goes: `alice.blocks.on["my db"].list()`.
- Long-running commands, and those with steps, go on until they are cancelled: `with` does that.
- A newer Rumor may know more than this page. What is not on it is sent all the same; only a first word must be on it.

## Types

| type | values |
|---|---|
"""


def text() -> str:
    """The whole page."""
    from pyrum_sync.catalogue.rows import TYPES

    types = "".join(f"| {name} | {kind.meaning} |\n" for name, kind in TYPES.items())
    lines = [_HEAD + types, "## All commands", ""]
    for first in tree().children.values():
        names = [f"[{_words(each)}](#{_anchor(each)})" for each in commands() if each.path[0] == first.path[0]]
        lines.append(f"- {', '.join(names)}")
    for node in tree().walk():
        lines += _group(node) if node.command is None else _command(node.command, node)
    return "\n".join(lines) + "\n"


def _words(command: Command) -> str:
    """A command as it is written in Python."""
    found = ""
    for word in command.path:
        found += f"[{word[1:-1]}]" if word.startswith("<") else f".{attribute(word)}"
    return found.removeprefix(".")


def _anchor(command: Command) -> str:
    # As GitHub makes it from the heading: letters, digits, `_` and `-` are kept.
    return "".join(char for char in _words(command).lower() if char.isalnum() or char in "_-")


def _group(node: Node) -> Iterator[str]:
    if len(node.path) == 1:
        yield ""
        yield f"## {node.path[0]}"
        yield ""
        yield node.summary


def _command(command: Command, node: Node) -> Iterator[str]:
    yield ""
    if len(node.path) == 1:
        yield f"## {_words(command)}"
    else:
        yield f"### {_words(command)}"
    yield ""
    yield " ".join(filter(None, (command.summary, how_it_ends(command), command.note, ONLY_ENGINE * command.engine)))
    if command.args or command.flags:
        yield ""
        yield "| | | |"
        yield "|---|---|---|"
        for title, parameters in (("argument", command.args), ("flag", command.flags)):
            for each in parameters:
                default = f"={each.default}" if each.default else ""
                state = "any number" if each.rest else "required" if each.required else ""
                state = "the engine's only" if each.engine else state
                yield f"| {title} | `{attribute(each.name)}{default}` | {each.type}{', ' + state if state else ''} |"
    if command.fields:
        fields = ", ".join(
            f"`{name}` ({kind.replace('|', ' or ')})" if kind else "and others" for name, kind in command.fields.items()
        )
        yield ""
        yield f"Fields: {fields}."
    if command.needs:
        yield ""
        yield f"Needs {'; '.join(f'{what}: `{how}`' if how else what for what, how in map(_need, command.needs))}."


def _need(text: str) -> tuple[str, str]:
    what, _, how = text.partition(": ")
    return what, how
