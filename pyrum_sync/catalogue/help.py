"""What users read about Rumor's commands: help, and the nearest name for a misspelt one.

Imported when there is something to show.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from difflib import get_close_matches
from inspect import Parameter as P
from inspect import Signature
from keyword import iskeyword

from pyrum_sync.catalogue.rows import TYPES, Parameter
from pyrum_sync.catalogue.tree import REQUEST, Command, Node, attribute, command_of, roots, tree

# -- the nearest name -------------------------------------------------------------------------------------------------


def nearest(word: str, names: Collection[str], what: str) -> str:
    """A hint for an unknown name: the nearest one, or all of them."""
    found = get_close_matches(word, names, n=1, cutoff=0.5)
    if found:
        return f"did you mean '{found[0]}'?"
    return f"{what} {', '.join(names)}" if names else f"{what} none"


def root_hint(word: str) -> str:
    """A hint for an unknown first word."""
    return nearest(attribute(word), roots(), "Rumor's commands are")


_UNKNOWN_WORD = "command was not recognized"
_UNKNOWN_FLAG = "unknown flag: --"


def error_hint(path: Sequence[str], message: str) -> str:
    """What to append to Rumor's reason for a failure: the nearest name, if it did not know a word or a flag."""
    if message == _UNKNOWN_WORD:
        node = tree()
        for word in path:
            below = node.child(word)
            if below is None:
                here = " ".join(attribute(each) for each in node.path)
                return f": {nearest(attribute(word), node.words(), f'the commands of {here} are')}"
            node = below
        return ""
    command = command_of(path)
    if message.startswith(_UNKNOWN_FLAG) and command is not None:
        names = [attribute(each.name) for each in (*command.flags, *command.args)]
        word = attribute(message.removeprefix(_UNKNOWN_FLAG))
        return f": {nearest(word, names, f'the flags of {command.name} are')}"
    return ""


def field_hint(command: Command, name: str) -> str:
    """Why a command has no field of that name."""
    names = [field for field in command.fields if "<" not in field] or ["msg"]
    return (
        f"{command.name} has no field {name!r}: {nearest(name, names, 'its fields are')} "
        f"(for a field that only this Rumor knows, field({name!r}))"
    )


def too_many(command: Command, free: Sequence[Parameter], count: int) -> str:
    """Why a command does not take `count` positional arguments; `free` are those not passed by name."""
    beside = " beside those given by name" if len(free) < len(command.args) else ""
    return f"{command.name} takes {_numbered(free)}{beside}, {count} given"


def _numbered(args: Sequence[Parameter]) -> str:
    if not args:
        return "no arguments"
    least, most = sum(each.required for each in args), len(args)
    number = f"{least} to {most}" if least < most else str(most)
    names = ", ".join(attribute(each.name) for each in args)
    return f"{number} argument{'s' if most > 1 else ''} ({names})"


ONLY_ENGINE = "Only the engine has this (EmbeddedConn, SimulatorConn): a Go Rumor is never asked."


def not_in_rumor(what: str) -> str:
    """Why a Go Rumor is not asked for something that only the engine has."""
    return f"a Go Rumor has no {what}: only the engine has it, see EmbeddedConn"


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
    """The help for a command: its arguments, flags and fields, and what it needs."""
    lines = [command.summary]
    for title, parameters in (("Arguments", command.args), ("Flags", command.flags)):
        if parameters:
            lines += ["", f"{title}:"]
            width = max(len(attribute(each.name)) for each in parameters)
            lines += [f"    {attribute(each.name):{width}}  {parameter_help(each)}" for each in parameters]
    if command.fields:
        lines += ["", "Fields:"]
        width = max(map(len, command.fields))
        for name, kind in command.fields.items():
            how = f"; read it with field({name!r})" if by_method(name) else ""
            lines.append(f"    {name:{width}}  {kind.replace('|', ' or ') or 'and others'}{how}")
    if command.needs:
        lines += ["", "Needs:", *(f"    {need}" for need in command.needs)]
    lines += ["", how_it_ends(command)]
    if command.note:
        lines += ["", command.note]
    if command.engine:
        lines += ["", ONLY_ENGINE]
    return "\n".join(lines)


# Fields whose names are members of a call.
_MEMBERS = frozenset(("data", "id"))


def by_method(field: str) -> bool:
    """Whether a field cannot be read as an attribute of a call."""
    return field in _MEMBERS or iskeyword(field) or "." in field


def parameter_help(parameter: Parameter) -> str:
    """A parameter's type, and what happens without it."""
    text = TYPES[parameter.type].meaning
    if parameter.rest:
        text += "; any number"
    elif parameter.required:
        text += "; required"
    elif parameter.engine:
        text += "; the engine's only"
    if parameter.default and not parameter.required:
        text += f"; default {parameter.default}"
    return text


def how_it_ends(command: Command) -> str:
    """How a command ends."""
    if command.steps({}) == REQUEST:
        return "Has steps: each is asked for with next(), or by iterating the call; ends by itself after the last."
    if command.kind == "steps":
        return "Has steps: each is asked for with next(), or by iterating the call; goes on until it is cancelled."
    if command.kind == "long-running":
        return "Long-running: goes on after its set-up, until it is cancelled."
    return "Ends by itself."


def python_default(parameter: Parameter) -> object:
    """The default of a flag or an optional argument as a Python value; None if there is none to show."""
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
