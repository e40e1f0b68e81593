"""Words to fields: variables, lists, defaults, and where they are split."""

from __future__ import annotations

import pytest

from pyrum_sync.engine.shell import expand
from pyrum_sync.engine.shell.parser import parse
from pyrum_sync.engine.shell.tree import Simple, Statement
from tests.support.hosts import in_loop


class Environment:
    """Some variables, and what is captured."""

    variables: dict[str, expand.Value] = {"a": "1", "two": "x  y", "none": "", "list": ["p q", "r"], "pad": " z "}  # noqa: RUF012

    def get(self, name: str) -> expand.Value:
        return self.variables.get(name)

    async def capture(self, statements: tuple[Statement, ...]) -> str:
        del statements
        return "out put\n\n"


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("echo a b", ["echo", "a", "b"]),
        ("echo $a$a", ["echo", "11"]),
        ("echo $two", ["echo", "x", "y"]),
        ('echo "$two"', ["echo", "x  y"]),
        ("echo $none $unset", ["echo"]),
        ('echo "$none"', ["echo", ""]),
        ("echo p$pad.", ["echo", "p", "z", "."]),
        ("echo ${list[1]} ${list[9]}", ["echo", "r"]),
        ('echo "${list[@]}"', ["echo", "p q", "r"]),
        ('echo "${list[*]}"', ["echo", "p q r"]),
        ("echo $list", ["echo", "p", "q"]),
        ("echo ${unset:-d e}", ["echo", "d", "e"]),
        ("echo ${none:-d} ${none-d}", ["echo", "d"]),
        ("echo $(x)", ["echo", "out", "put"]),
        ('echo "$(x)"', ["echo", "out put"]),
        ("echo '$a'", ["echo", "$a"]),
    ],
)
@in_loop
async def test_fields(text: str, fields: list[str]) -> None:
    (statement,) = parse(text)
    assert isinstance(statement.command, Simple)
    assert await expand.fields(statement.command.words, Environment()) == fields


@in_loop
async def test_an_assignment_is_never_split() -> None:
    (statement,) = parse("v=$two")
    assert isinstance(statement.command, Simple)
    ((name, word),) = statement.command.assignments
    assert (name, await expand.text(word, Environment())) == ("v", "x  y")
