"""Words to fields: variables, substitutions, and splitting at blanks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from pyrum_sync.engine.shell.tree import Literal, Part, Statement, Variable, Word

Value = str | list[str] | None


class Environment(Protocol):
    """What words need to know of the shell."""

    def get(self, name: str) -> Value:
        """The value of a variable, None when it is not set."""

    async def capture(self, statements: tuple[Statement, ...]) -> str:
        """What these statements print."""


async def fields(words: Iterable[Word], env: Environment) -> list[str]:
    """The words expanded, split where not quoted."""
    out: list[str] = []
    for word in words:
        if len(word.parts) == 1 and isinstance(part := word.parts[0], Literal):
            out.append(part.text)
        else:
            out.extend(await _split_word(word, env))
    return out


async def text(word: Word, env: Environment) -> str:
    """One word expanded, never split: the value of an assignment."""
    return "".join([" ".join(await _values(part, env)) for part in word.parts])


async def _split_word(word: Word, env: Environment) -> list[str]:
    done: list[str] = []
    current: str | None = None
    for part in word.parts:
        values = await _values(part, env)
        if part.quoted or isinstance(part, Literal):
            pieces = values
        else:
            joined = " ".join(values)
            pieces = joined.split()
            if current is not None and pieces and joined[:1].isspace():
                done.append(current)
                current = None
            if not pieces:
                continue
        for position, piece in enumerate(pieces):
            if position > 0 and current is not None:
                done.append(current)
                current = None
            current = (current or "") + piece
        if not part.quoted and not isinstance(part, Literal) and joined[-1:].isspace() and current is not None:
            done.append(current)
            current = None
    if current is not None:
        done.append(current)
    return done


async def _values(part: Part, env: Environment) -> list[str]:
    """What a part stands for: one text, or several for a quoted list."""
    if isinstance(part, Literal):
        return [part.text]
    if isinstance(part, Variable):
        return await _variable(part, env)
    return [(await env.capture(part.statements)).rstrip("\n")]


async def _variable(part: Variable, env: Environment) -> list[str]:
    value = env.get(part.name)
    if part.index in ("@", "*"):
        items = value if isinstance(value, list) else [value] if value is not None else []
        return [" ".join(items)] if part.index == "*" else items
    if isinstance(value, list):
        position = int(part.index or 0)
        value = value[position] if position < len(value) else None
    elif part.index not in (None, "0"):
        value = None
    if part.default is not None and (value is None or (part.default_if_empty and value == "")):
        return [await text(part.default, env)]
    return [value or ""]
