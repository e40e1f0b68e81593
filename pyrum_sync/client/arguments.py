"""Python arguments and keyword arguments to the shell words of a command.

Pure: no socket, thread or clock.
"""

from __future__ import annotations

from collections.abc import Sequence

from pyrum_sync.catalogue.tree import Command, dashed
from pyrum_sync.protocol.lines import flag, quote
from pyrum_sync.protocol.values import checked, to_duration, to_text

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from typing import Any


def shell_words(
    path: tuple[str, ...], command: Command | None, args: tuple[Any, ...], options: dict[str, Any]
) -> tuple[list[str], dict[str, str]]:
    """What follows the path of a command.

    Args:
        path: the words of the command, with the arguments that were written as such.
        command: what the catalogue knows of it, if anything.
        args: the positional arguments.
        options: the keyword arguments; None leaves one out.
    Returns: the flags and arguments as shell words, and the flags by their names in Rumor, as text.
    Raises: TypeError or ValueError for what has no form in Rumor; TypeError for too many arguments.
    """
    given = _given(options)
    if command is None:
        flags = {name: to_text(value, f"flag {name}") for name, value in given.items()}
        texts = [to_text(value, f"argument {number}") for number, value in enumerate(args, 1)]
    else:
        durations = command.durations
        flags = {
            name: (to_duration if name in durations else to_text)(value, f"flag {name}")
            for name, value in given.items()
        }
        texts = _texts(path[len(command.path) :], command, args, given)
    words = [flag(name, text) for name, text in flags.items()]
    # Otherwise Rumor takes a first `help` as a request for help, and what begins with a dash as a flag.
    if texts and (texts[0] == "help" or any(text.startswith("-") for text in texts)):
        words.append("--")
    words += [quote(text) for text in texts]
    return words, flags


def _given(options: dict[str, Any]) -> dict[str, Any]:
    """The flags that were passed, by their names in Rumor."""
    given = {}
    for key, value in options.items():
        name = str.__str__(key)  # not what a subclass makes of it
        if not name.isidentifier():
            checked(name, "the name of a flag")
            if "=" in name:
                raise ValueError(f"the name of a flag: Rumor would take what follows the '=' in {name!r} for its value")
        if value is not None:
            given[dashed(name)] = value
    return given


def _texts(written: Sequence[str], command: Command, args: tuple[Any, ...], given: dict[str, Any]) -> list[str]:
    """The positional arguments of a known command as text. Those `written` as words of its path precede them."""
    durations = command.durations
    free = command.free(given)
    for word, argument in zip(written, free, strict=False):
        if argument.name in durations:
            to_duration(word, f"argument {argument.name}")
    names = [argument.name for argument in free[len(written) :]] if durations else ()
    texts = [
        (to_duration if number <= len(names) and names[number - 1] in durations else to_text)(
            value, f"argument {number}"
        )
        for number, value in enumerate(args, 1)
    ]
    if len(written) + len(args) > len(free) and not (free and free[-1].rest):
        from pyrum_sync.catalogue.help import too_many

        raise TypeError(too_many(command, free, len(written) + len(args)))
    return texts
