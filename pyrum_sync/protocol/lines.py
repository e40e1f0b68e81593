"""Words to a line: what is sent to Rumor, one shell line at a time, and the answers that only such a line gets.

Pure: no socket, thread or clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from typing import Any

_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@%+:,./-")
_LONG = 1000  # characters from which to look at each costs more than the quotes
# Compiled when first used, which in most scripts is never.
_MADE_ID = r"s[0-9]{1,18}_([0-9]{1,18})"
# The shell keeps these two characters for itself: inside plain quotes it would end the session, or garble the text.
_SENTINELS = "[\x80\x81]"


_TRACED = "lvl_trace"  # shows a call's entries down to trace level
_APART = " &"  # in the background
_TOOL = ')"; printf %s "', '=$o"; } &'  # what stands around the call id after the command


def quote(word: str) -> str:
    """`word` as Rumor's shell reads it back byte for byte, with nothing in it interpreted."""
    if 0 < len(word) < _LONG and _PLAIN.issuperset(word):
        return word
    quoted = "'" + word.replace("'", "'\"'\"'") + "'"
    return quoted if quoted.isascii() else re.sub(_SENTINELS, lambda found: f"'$'\\u{ord(found[0]):04x}''", quoted)


def flag(name: str, text: str) -> str:
    """A flag as one shell word. The `=` is always there: without it a bool flag takes no value."""
    return f"--{quote(name)}={quote(text)}"


def actor_name(name: str) -> str:
    """Check the name of an actor.

    Returns: `name`, as a plain str.
    Raises: TypeError if it is no str, ValueError if Rumor cannot have an actor of that name.
    """
    if not isinstance(name, str):
        raise TypeError(f"an actor's name must be a str, not {type(name).__name__}")
    # Not by a pattern: to compile one would take longer than all else that the first actor costs.
    letters = str.__str__(name).replace("_", "a")
    if letters[:1] in (".", "-") or not letters.replace(".", "a").replace("-", "a").isalnum():
        raise ValueError(f"{name!r} cannot be the name of an actor: use letters, digits, '_', '-' and '.'")
    return str.__str__(name)  # not what a class of its own, such as an enumeration, shows


def call_name(call_id: str) -> str:
    """Check a call id.

    Returns: `call_id`, as a plain str.
    Raises: TypeError if it is no str, ValueError if no call of Rumor can have that id.
    """
    if not isinstance(call_id, str):
        raise TypeError(f"a call id must be a str, not {type(call_id).__name__}")
    name = str.__str__(call_id)  # not what a subclass makes of it
    # Rumor takes the word up to its end, save that one with a colon there names an actor.
    if not name or name.endswith(":") or "\0" in name or any("\ud800" <= c <= "\udfff" for c in name):
        raise ValueError(f"{name!r} is no call id: take one that Actor.calls() lists")
    return name


def call_number(call_id: object) -> int | None:
    """The number in an id that Rumor made, where a line had none: it counts the calls of a session. None for others."""
    found = re.fullmatch(_MADE_ID, call_id) if isinstance(call_id, str) else None
    return int(found[1]) if found is not None else None


def command_in(line: str, call_id: str) -> str:
    """The command in a line that starts the call of that id: its words, flags and arguments as shell words.

    Returns: "" for a line that starts no call.
    """
    before, after = _TOOL
    return line.partition(f" {_TRACED} ")[2].removesuffix(f"{before}{call_id}{after}").removesuffix(_APART)


def _prefix(call_id: str) -> str:
    """How a line names a call, one of another session, too."""
    return quote(f"_{call_id}")


def call_line(actor: str, words: Iterable[str]) -> tuple[str, ...]:
    """The line that starts a call in the background, its entries shown down to trace level.

    Args:
        actor: the name of the actor; "" for Rumor's default actor.
        words: the command, its flags and arguments, as shell words.
    Returns: the parts around the call id, so that ``call_id.join(parts)`` is the line.
    """
    whose = f"{quote(actor)}: " if actor else ""
    return "_", f" {whose}{_TRACED} {' '.join(words)}{_APART}"


def tool_line(actor: str, words: Iterable[str]) -> tuple[str, ...]:
    """The same for a command that writes its result to standard output: it arrives as an entry ``ID=…`` of no call."""
    before, after = call_line(actor, words)
    return f'{{ o="$({before}', after.removesuffix(_APART) + _TOOL[0], _TOOL[1]


def tool_output(text: str) -> tuple[str, str]:
    """The call id and the output in the text of such an entry."""
    call_id, _, output = text.partition("=")
    return call_id, output


def verb_line(call_id: str, actor: str, verb: str) -> str:
    """A verb of Rumor's sessions, then a harmless call: a verb logs no completion, the call's `__success` does."""
    whose = f"{quote(actor)}: " if actor else ""
    return f"_{call_id} {whose}{verb} && _{call_id} lvl_trace sleep 1ns &"


def hello_line(call_id: str) -> str:
    """One round trip that distinguishes a Rumor at trace level from anything else.

    The call's `__success` is a trace entry; the echo is an error entry, which a Rumor that hides trace entries shows.
    """
    return f"_{call_id} lvl_trace sleep 1ns; echo {call_id} >&2"


def cancel_line(call_id: str) -> str:
    """Cancel a call."""
    return f"{_prefix(call_id)} cancel &"


def next_line(call_id: str, bound: str = "") -> str:
    """Ask for one step of a call; `bound` is how long it may wait in Rumor, as Go writes durations ("": for ever)."""
    prefix = _prefix(call_id)
    return f"{prefix} next {bound} &" if bound else f"{prefix} next &"


_PROBE = "x"  # no valid time-out for a step: the error says whether the call is running


def attach_line(call_id: str) -> str:
    """Ask for the entries of a call, and whether it is running."""
    prefix = _prefix(call_id)
    return f"{prefix} lvl_trace; {prefix} next {_PROBE} &"


def is_probe(args: list[Any]) -> bool:
    """Whether the words of a failed `next` are those of `attach_line`."""
    return args[2:] == [_PROBE]


def probe_found(why: str) -> bool:
    """Whether the answer to `attach_line` says that the call is running."""
    return why.startswith("step timeout could not be parsed")


EXIT_LINE = "exit"
KEEP_ALIVE_LINE = "true"  # Rumor logs nothing for it
CLEAR_LINE = "clear_log_data"
