"""What the client knows of Rumor's commands beforehand: completion, help and checks, all from one table.

The table is read when the first command is looked up, not at import. A newer Rumor may know more: what is not in here
is let through, except for a first word, which Rumor's shell would run as a program of the operating system.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from keyword import iskeyword
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from inspect import Signature

    from .table import Row

REQUEST: Final = "request"  # rpc METHOD req raw: a step for the request written, one for each chunk
LISTENER: Final = "listener"  # rpc METHOD listen: a step for each request
SEARCH: Final = "search"  # dv5 random --stepwise: a step for each node

# Entries of any command may have these.
_EVERYWHERE = frozenset(("msg", "error", "stdout", "stderr"))
# Behind a command these ask for its help, whatever else there is.
_HELP = frozenset(("help", "--help", "-h"))
# As Go reads a bool.
_TRUE = frozenset(("1", "t", "T", "true", "TRUE", "True"))


def attribute(word: str) -> str:
    """A word of Rumor's as a Python name: `-` becomes `_`, and a keyword gets a `_` behind it."""
    name = word.replace("-", "_")
    return name + "_" if iskeyword(name) else name


def dashed(name: str) -> str:
    """A Python name as Rumor writes the word."""
    return name.removesuffix("_").replace("_", "-")


class Parameter(NamedTuple):
    """An argument or a flag."""

    name: str
    type: str
    default: str | None = None  # as Rumor writes it; None: none that can be told
    required: bool = False
    rest: bool = False  # any number of them


class Command:
    """One command of Rumor."""

    def __init__(self, row: Row) -> None:
        self._row = row
        self.summary = row.summary
        self.kind = row.kind
        self.needs = row.needs
        self.note = row.note
        words = row.usage.split()
        self.path = tuple(word for word in words if ":" not in word)

    @cached_property
    def args(self) -> tuple[Parameter, ...]:
        return tuple(map(_argument, self._row.usage.split()[len(self.path) :]))

    @cached_property
    def flags(self) -> tuple[Parameter, ...]:
        return tuple(map(_flag, self._row.flags.split()))

    @cached_property
    def fields(self) -> dict[str, str]:
        """The JSON type of each field. A `<part>` of a name varies; ``…`` stands for more that cannot be known."""
        return {name: kind for name, _, kind in (text.partition(":") for text in self._row.fields.split())}

    @cached_property
    def durations(self) -> frozenset[str]:
        """The names of the arguments and flags that are durations."""
        return frozenset(each.name for each in (*self.args, *self.flags) if each.type == "duration")

    @property
    def name(self) -> str:
        return " ".join(self.path)

    def names(self, count: int, flags: Collection[str]) -> list[str]:
        """The names of `count` positional arguments, beside these flags (Rumor takes arguments as flags, too).

        Raises TypeError if they are too many: Rumor would ignore those in silence.
        """
        free = [each for each in self.args if each.name not in flags] if flags else self.args
        if count > len(free):
            if not (free and free[-1].rest):
                beside = " beside those given by name" if len(free) < len(self.args) else ""
                raise TypeError(f"{self.name} takes {_numbered(free)}{beside}, {count} given")
            return [each.name for each in free] + [free[-1].name] * (count - len(free))
        return [each.name for each in free[:count]]

    def gives(self, field: str) -> bool:
        """Whether entries of the command may have a field of that name."""
        return (
            field in self.fields
            or field in _EVERYWHERE
            or "…" in self.fields
            or any("<" in name and field.startswith(name.partition("<")[0]) for name in self.fields)
        )

    def steps(self, flags: Mapping[str, str]) -> str | None:
        """The kind of steps that it has with these flags, or None."""
        if self.kind == "steps":
            if self.path[-1] == "raw":
                return REQUEST
            # A listener that drops its requests has none; for those that need no answer, that is the default.
            drops = flags.get("drop") or next((each.default for each in self.flags if each.name == "drop"), "")
            return None if drops in _TRUE else LISTENER
        stepwise = flags.get("stepwise") in _TRUE and any(each.name == "stepwise" for each in self.flags)
        return SEARCH if stepwise else None


def _argument(text: str) -> Parameter:
    name, _, rest = text[1:-1].partition(":")
    kind, has_default, default = rest.removesuffix("…").partition("=")
    return Parameter(name, kind, default if has_default else None, text.startswith("<"), rest.endswith("…"))


def _flag(text: str) -> Parameter:
    name, _, rest = text.partition(":")
    kind, has_default, default = rest.partition("=")
    return Parameter(name, kind, default if has_default else None)


def _numbered(args: Sequence[Parameter]) -> str:
    if not args:
        return "no arguments"
    least, most = sum(each.required for each in args), len(args)
    number = f"{least} to {most}" if least < most else str(most)
    names = ", ".join(attribute(each.name) for each in args)
    return f"{number} argument{'s' if most > 1 else ''} ({names})"


class Node:
    """A place in the tree of words: a group (it has children), or a command."""

    __slots__ = ("children", "command", "path", "summary")

    def __init__(self, path: tuple[str, ...]) -> None:
        self.path = path
        self.children: dict[str, Node] = {}
        self.command: Command | None = None
        self.summary = ""

    def child(self, word: str) -> Node | None:
        """Where a further word leads; None if the table does not know."""
        found = self.children.get(word)
        if found is None and word not in _HELP:
            for name, node in self.children.items():
                if name.startswith("<"):
                    return node
        return found

    def words(self) -> list[str]:
        """The words that may follow, as Python names; none where any name may."""
        return [attribute(name) for name in self.children if not name.startswith("<")]

    def walk(self) -> Iterator[Node]:
        """All nodes below, each group before what is in it."""
        for node in self.children.values():
            yield node
            yield from node.walk()


@cache
def tree() -> Node:
    """The root of all words."""
    from .table import GROUPS, ROWS

    root = Node(())
    for row in ROWS:
        command = Command(row)
        node = root
        for word in command.path:
            below = node.children.get(word)
            if below is None:
                below = node.children[word] = Node((*node.path, word))
                below.summary = GROUPS.get(" ".join(below.path), "")
            node = below
        node.command = command
        node.summary = command.summary
    return root


def commands() -> list[Command]:
    """All commands, in the order of the table."""
    return [node.command for node in tree().walk() if node.command is not None]


def roots() -> list[str]:
    """The first words of commands. Any other would be run by Rumor's shell as a program of the operating system."""
    return tree().words()


def find(path: Iterable[str]) -> Node | None:
    """Where the words of a path lead; None if the table does not know."""
    node: Node | None = tree()
    for word in path:
        if node is None:
            return None
        node = node.child(word)
    return node


def command_of(path: Sequence[str]) -> Command | None:
    """The command that a path runs, which may have words behind it: to Rumor they are arguments."""
    node = tree()
    for word in path:
        below = node.child(word)
        if below is None:
            return None if word in _HELP else node.command
        node = below
    return node.command


def steps_of(path: tuple[str, ...], flags: Mapping[str, str]) -> str | None:
    """The kind of steps that a command has, or None. `flags` by their names in Rumor, as text."""
    command = command_of(path)
    if command is None and path[:1] == ("rpc",):
        command = command_of(("rpc", "status", *path[2:]))  # a method that the table does not know is like the others
    return command.steps(flags) if command is not None else None


# -- the nearest name -------------------------------------------------------------------------------------------------


def nearest(word: str, names: Collection[str], what: str) -> str:
    """A hint for a name that is none: the nearest one, or all of them."""
    from difflib import get_close_matches  # only for a message, so not at import

    found = get_close_matches(word, names, n=1, cutoff=0.5)
    if found:
        return f"did you mean '{found[0]}'?"
    return f"{what} {', '.join(names)}" if names else f"{what} none"


def root_hint(word: str) -> str:
    """A hint for a first word that is none."""
    return nearest(attribute(word), roots(), "Rumor's commands are")


_UNKNOWN_WORD = "command was not recognized"
_UNKNOWN_FLAG = re.compile(r"unknown flag: --(.+)")


def error_hint(path: Sequence[str], message: str) -> str:
    """What to add to Rumor's reason for a failure: the nearest name, if it did not know a word or a flag."""
    if message == _UNKNOWN_WORD:
        node = tree()
        for word in path:
            below = node.child(word)
            if below is None:
                here = " ".join(attribute(each) for each in node.path)
                return f": {nearest(attribute(word), node.words(), f'the commands of {here} are')}"
            node = below
        return ""
    unknown = _UNKNOWN_FLAG.fullmatch(message)
    node_found = find(path)
    if unknown and node_found is not None and node_found.command is not None:
        command = node_found.command
        names = [attribute(each.name) for each in (*command.flags, *command.args)]
        return f": {nearest(attribute(unknown[1]), names, f'the flags of {command.name} are')}"
    return ""


def field_hint(command: Command, name: str) -> str:
    """Why a command has no field of that name."""
    names = [field for field in command.fields if "<" not in field]
    return (
        f"{command.name} gives no field {name!r}: {nearest(name, names, 'its fields are')} "
        f"(for a field that only this Rumor knows, field({name!r}))"
    )


# -- help -------------------------------------------------------------------------------------------------------------


def describe(node: Node) -> str:
    """The help for a group or a command."""
    return _describe_group(node) if node.command is None else describe_command(node.command)


def _describe_group(node: Node) -> str:
    lines = [node.summary, ""] if node.summary else []
    names = ["[name]" if name.startswith("<") else attribute(name) for name in node.children]
    width = max(map(len, names))
    for name, below in zip(names, node.children.values(), strict=True):
        lines.append(f"    {name:{width}}  {below.summary}")
    return "\n".join(lines)


def describe_command(command: Command) -> str:
    """The help for a command: what it takes, gives and needs."""
    lines = [command.summary]
    for title, parameters in (("Arguments", command.args), ("Flags", command.flags)):
        if parameters:
            lines += ["", f"{title}:"]
            width = max(len(attribute(each.name)) for each in parameters)
            lines += [f"    {attribute(each.name):{width}}  {explain(each)}" for each in parameters]
    if command.fields:
        lines += ["", "Fields:"]
        width = max(map(len, command.fields))
        lines += [
            f"    {name:{width}}  {kind.replace('|', ' or ') or 'and others'}" for name, kind in command.fields.items()
        ]
    if command.needs:
        lines += ["", "Needs:", *(f"    {need}" for need in command.needs)]
    lines += ["", life(command)]
    if command.note:
        lines += ["", command.note]
    return "\n".join(lines)


def explain(parameter: Parameter) -> str:
    """A parameter's type, and what happens without it."""
    from .table import TYPES

    text = TYPES[parameter.type].meaning
    if parameter.rest:
        text += "; any number"
    elif parameter.required:
        text += "; required"
    elif parameter.default:
        text += f"; default {parameter.default}"
    return text


def life(command: Command) -> str:
    """How a command ends."""
    if command.steps({}) == REQUEST:
        return "Has steps: each is asked for with next(), or by iterating the call; ends by itself after the last."
    if command.kind == "steps":
        return "Has steps: each is asked for with next(), or by iterating the call; goes on until it is cancelled."
    if command.kind == "long-running":
        return "Long-running: goes on after its set-up, until it is cancelled."
    return "Ends by itself."


def python_default(parameter: Parameter) -> object:
    """The default of a flag or an optional argument as a Python value; None if there is none to tell."""
    default = parameter.default
    if default is None:
        return None
    if parameter.type == "bool":
        return default == "true"
    if parameter.type in ("int", "uint8", "uint16", "uint64"):
        return int(default)
    if parameter.type == "strings":
        return tuple(default.split(","))
    return default


def signature(command: Command) -> Signature:
    """A command's arguments and flags, as `inspect.signature` shows them."""
    from inspect import Parameter as P
    from inspect import Signature

    parameters = []
    for each in command.args:
        if each.rest:
            parameters.append(P(attribute(each.name), P.VAR_POSITIONAL, annotation=each.type))
        else:
            default = P.empty if each.required else python_default(each)
            parameters.append(P(attribute(each.name), P.POSITIONAL_OR_KEYWORD, default=default, annotation=each.type))
    for each in command.flags:
        parameters.append(P(attribute(each.name), P.KEYWORD_ONLY, default=python_default(each), annotation=each.type))
    return Signature(parameters, return_annotation="Call")
