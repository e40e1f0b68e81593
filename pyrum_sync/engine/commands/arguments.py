"""Flags and arguments, read as Rumor's parser (protolambda/ask on pflag) reads them, and their help text."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyrum_sync.engine.commands.option_types import OptionError, OptionType
from pyrum_sync.engine.session.commands import CommandError
from pyrum_sync.engine.session.durations import quote


@dataclass(frozen=True)
class Option:
    """A flag, or an argument (which may be given as a flag too)."""

    name: str
    type: OptionType
    default: Any
    help: str
    required: bool | None = None
    """None: a flag. Otherwise an argument, required or not."""


def flag(name: str, option_type: OptionType, default: Any, help_text: str) -> Option:
    """A flag."""
    return Option(name, option_type, default, help_text)


def required(name: str, option_type: OptionType, help_text: str, default: Any = "") -> Option:
    """An argument that must be there."""
    return Option(name, option_type, default, help_text, required=True)


def optional(name: str, option_type: OptionType, default: Any, help_text: str) -> Option:
    """An argument that may be left out."""
    return Option(name, option_type, default, help_text, required=False)


class Values:
    """What was given, and the defaults of the rest; `rest` are the arguments too many."""

    def __init__(self, values: Mapping[str, Any], rest: Sequence[str], given: Collection[str] = ()) -> None:
        self._values = values
        self._given = frozenset(given)
        self.rest = list(rest)

    def given(self, name: str) -> bool:
        """Whether it was written, and is not a default."""
        return name in self._given

    def has(self, name: str) -> bool:
        """Whether the command has such a flag or argument."""
        return name in self._values

    def text(self, name: str) -> str:
        """Returns a string, a peer id, or a compression."""
        return str(self._values[name])

    def on(self, name: str) -> bool:
        """Returns a bool."""
        return bool(self._values[name])

    def number(self, name: str) -> int:
        """Returns an integer."""
        return int(self._values[name])

    def seconds(self, name: str) -> float | None:
        """Returns a time limit in seconds: None where 0 switches it off."""
        nanoseconds = int(self._values[name])
        return nanoseconds / 1e9 if nanoseconds else None

    def data(self, name: str) -> bytes:
        """Returns bytes."""
        return bytes(self._values[name])

    def any(self, name: str) -> Any:
        """Returns the value as its type made it."""
        return self._values[name]


def parse(options: Sequence[Option], words: Sequence[str]) -> Values:
    """Reads a command's words; CommandError in Rumor's words."""
    reader = _Reader(options)
    free = reader.flags(list(words))
    left = [o for o in options if o.required and o.name not in reader.given]
    if len(free) < len(left):
        names = ", ".join(o.name for o in left)
        raise CommandError(f"got {len(free)} arguments, but expected {len(left)}, missing required arguments: {names}")
    left += [o for o in options if o.required is False and o.name not in reader.given]
    for option, word in zip(left, free, strict=False):
        reader.set(option, word)
    return Values(reader.values, free[len(left) :], reader.given)


class _Reader:
    def __init__(self, options: Sequence[Option]) -> None:
        self._options = {o.name: o for o in options}
        self.values: dict[str, Any] = {o.name: o.default for o in options}
        self.given: set[str] = set()

    def set(self, option: Option, word: str) -> None:
        try:
            value = option.type.parse(word)
        except OptionError as error:
            name = quote("--" + option.name)
            raise CommandError(f"invalid argument {quote(word)} for {name} flag: {error}") from None
        if isinstance(value, list) and option.name in self.given:
            value = self.values[option.name] + value
        self.values[option.name] = value
        self.given.add(option.name)

    def flags(self, words: list[str]) -> list[str]:
        """Sets the flags; returns the words that are none. A request for help in mid-line stops the reading."""
        free: list[str] = []
        while words:
            word = words.pop(0)
            if not word.startswith("-") or word == "-":
                free.append(word)
            elif word == "--":
                return free + words
            elif not word.startswith("--"):
                if word[1] == "h":
                    return free
                raise CommandError(f"unknown shorthand flag: '{word[1]}' in {word}")
            elif not self._long(word, words):
                return free
        return free

    def _long(self, word: str, words: list[str]) -> bool:
        name, equals, value = word[2:].partition("=")
        if not name or name.startswith("-"):
            raise CommandError(f"bad flag syntax: {word}")
        option = self._options.get(name)
        if option is None:
            if name == "help":
                return False
            raise CommandError(f"unknown flag: --{name}")
        if not equals:
            if option.type.name == "bool":
                value = "true"
            elif words:
                value = words.pop(0)
            else:
                raise CommandError(f"flag needs an argument: {word}")
        self.set(option, value)
        return True


def usage(help_text: str, options: Sequence[Option], routes: Sequence[tuple[str, str]] | None = None) -> str:
    """Returns the text that `--help` prints."""
    out = "(command)"
    out += "".join(f" <{o.name}>" for o in options if o.required)
    out += "".join(f" [{o.name}]" for o in options if o.required is False)
    out += f"\n\n{help_text}\n\n" if help_text else "\n\n"
    if options:
        out += f"Flags/args:\n{_flag_usages(options)}\n"
    if routes is not None:
        out += "Sub commands:\n"
        for name, text in routes:
            out += f"  {name}{' ' * (17 - len(name)) if len(name) < 15 else '  '}{text}\n"
    return out


def _flag_usages(options: Sequence[Option]) -> str:
    heads: list[str] = []
    tails: list[str] = []
    for option in sorted(options, key=lambda o: o.name):
        shown = option.type
        name = shown.name if shown.help_name is None else shown.help_name
        heads.append(f"      --{option.name}" + (f" {name}" if name else ""))
        default = shown.show(option.default)
        tail = option.help
        if default not in shown.zeros:
            tail += f" (default {quote(default) if shown.name == 'string' else default})"
        tails.append(tail)
    width = max(len(head) for head in heads)
    # one space more than needed, and one between: pflag counts its own separator
    return "".join(f"{head}{' ' * (width - len(head) + 3)}{tail}\n" for head, tail in zip(heads, tails, strict=True))
