"""The module of types, made from the catalogue: it lets an editor complete commands, and mypy find misspelt ones."""

from __future__ import annotations

from collections.abc import Iterator
from keyword import iskeyword

from pyrum_sync.catalogue.help import python_default
from pyrum_sync.catalogue.rows import Parameter
from pyrum_sync.catalogue.tree import EVERYWHERE, Command, Node, attribute, tree
from pyrum_sync.client.call import Call

_HEAD = '''"""Rumor's commands with their arguments and flags, for editors and mypy.

Made from the catalogue by `make generate`: do not edit. At run time nothing imports it.
"""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from ipaddress import IPv4Address, IPv6Address
from os import PathLike
from typing import Any, Literal, Protocol

from pyrum_sync.client.call import Call
from pyrum_sync.client.field import Field


class SSZ(Protocol):
    """An SSZ object: it is sent as the hex of its encoding."""

    def encode_bytes(self) -> bytes: ...


Text = str | int | PathLike[str] | Enum
Int = int | str | Enum
Bool = bool | Literal["true", "false"] | Enum
Strings = str | list[Any] | tuple[Any, ...] | Enum
Duration = float | timedelta | str | Enum
Ip = str | IPv4Address | IPv6Address | Enum
Bytes = bytes | bytearray | memoryview | str | SSZ | Enum
Name = str | Enum


class KnownCall(Call):
    """A Call of which all fields are known: mypy finds misspelt ones."""

    __getattr__: None  # type: ignore[assignment, misc]


class Command(Protocol):
    """A command that this module does not know, as a newer Rumor may have it."""

    def __call__(self, *args: Any, **flags: Any) -> Call: ...
    def __getitem__(self, word: str) -> Command: ...
    def __getattr__(self, word: str) -> Command: ...


class Words(Protocol):
    """A group of commands, which may have some that this module does not know."""

    def __getitem__(self, word: str) -> Command: ...
'''

_TYPES = {
    "bool": "Bool",
    "int": "Int",
    "uint8": "Int",
    "uint16": "Int",
    "uint64": "Int",
    "string": "Text",
    "strings": "Strings",
    "duration": "Duration",
    "ip": "Ip",
    "bytes": "Bytes",
    "bytes4": "Bytes",
    "bytes8": "Bytes",
    "bytes32": "Bytes",
    "bytes32s": "Strings",
    "compression": "Name",
    "peer-id": "Name",
    "private-key": "Bytes",
    "enr": "Name",
    "enode": "Name",
    "address": "Name",
    "node": "Name",
}

_WIDTH = 120


def text() -> str:
    """The whole module."""
    lines = [_HEAD]
    root = tree()
    for node in root.walk():
        lines += ["", *_group(node)] if node.command is None else ["", *_command(node, node.command)]
        lines.append("")
    lines += ["", "class Roots:", '    """The first words of all commands."""', "", *_members(root)]
    return "\n".join(lines) + "\n"


def _class(node: Node) -> str:
    words = " ".join(node.path).replace("-", " ").replace("<", "").replace(">", "")
    return "".join(word.capitalize() for word in words.split())


def _group(node: Node) -> Iterator[str]:
    any_name = next((below for name, below in node.children.items() if name.startswith("<")), None)
    yield f"class {_class(node)}({'Protocol' if any_name else 'Words, Protocol'}):"
    yield f'    """{node.summary}"""'
    yield ""
    if any_name is not None:
        yield f"    def __getitem__(self, word: str) -> {_class(any_name)}: ..."
        yield f"    def __getattr__(self, word: str) -> {_class(any_name)}: ..."
    yield from _members(node)


def _members(node: Node) -> list[str]:
    return [
        f"    {attribute(name)}: {_class(below)}" for name, below in node.children.items() if not name.startswith("<")
    ]


def _command(node: Node, command: Command) -> Iterator[str]:
    parameters = [_argument(each) for each in command.args]
    if command.flags:
        if not any(each.rest for each in command.args):
            parameters.append("*")
        parameters += [_flag(each) for each in command.flags]
    call = "Call"
    if fields_are_known(command):
        call = f"{_class(node)}Call"
        yield f"class {call}(KnownCall):"
        yield from (f"    {name}: Field" for name in _fields(command))
        yield ""
        yield ""
    yield f"class {_class(node)}(Protocol):"
    line = f"    def __call__({', '.join(['self', *parameters])}) -> {call}:"
    if len(line) <= _WIDTH:
        yield line
    else:
        yield "    def __call__("
        yield from (f"        {each}," for each in ["self", *parameters])
        yield f"    ) -> {call}:"
    yield f'        """{command.summary}"""'


def fields_are_known(command: Command) -> bool:
    """Whether no call of a command has other fields than the catalogue says."""
    return not any(name == "…" or "<" in name for name in command.fields)


def _fields(command: Command) -> list[str]:
    """The fields that are attributes of a command's calls."""
    names = sorted({*command.fields, *EVERYWHERE})
    return [name for name in names if name.isidentifier() and not iskeyword(name) and not hasattr(Call, name)]


def _argument(each: Parameter) -> str:
    name, kind = attribute(each.name), _TYPES[each.type]
    if each.rest:
        return f"*{name}: {kind}"
    if each.required:
        return f"{name}: {kind}"
    return _flag(each) if each.default is None else f"{name}: {kind} = {_literal(each)}"


def _flag(each: Parameter) -> str:
    return f"{attribute(each.name)}: {_TYPES[each.type]} | None = {_literal(each)}"


def _literal(each: Parameter) -> str:
    default = python_default(each)
    if isinstance(default, tuple):
        return f"({', '.join(map(_quoted, default))}{',' if len(default) == 1 else ''})"
    return _quoted(default) if isinstance(default, str) else repr(default)


def _quoted(value: str) -> str:
    return f'"{value}"'
