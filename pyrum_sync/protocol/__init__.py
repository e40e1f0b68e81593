"""The core: words to a line, bytes to entries, and what an entry means. No socket, thread, clock or process in here."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from typing import Any
else:
    Any = object

Entry = dict[str, Any]

# -- words to a line --------------------------------------------------------------------------------------------------

_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@%+:,./-")
_LONG = 1000  # characters from which to look at each costs more than the quotes
# Compiled when first used, which in most scripts is never.
_PLAIN_NAME = r"\w[\w.-]*"
_CALL_ID = r"(?a:[A-Za-z0-9]\w*)"
# The shell keeps these two characters for itself: inside plain quotes it would end the session, or garble the text.
_SENTINELS = "[\x80\x81]"


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
    """`name`, if Rumor can have an actor of that name: ValueError otherwise."""
    if not isinstance(name, str):
        raise TypeError(f"an actor's name is a str, not {type(name).__name__}")
    if not re.fullmatch(_PLAIN_NAME, name):
        raise ValueError(f"{name!r} cannot be the name of an actor: use letters, digits, '_', '-' and '.'")
    return str.__str__(name)  # not what a class of its own, such as an enumeration, shows


def call_name(call_id: str) -> str:
    """`call_id`, if it can be one: ValueError otherwise."""
    if not isinstance(call_id, str):
        raise TypeError(f"a call id is a str, not {type(call_id).__name__}")
    if not re.fullmatch(_CALL_ID, call_id):
        raise ValueError(f"{call_id!r} is no call id: use letters, digits and '_', without the leading '_' of a prefix")
    return str.__str__(call_id)


def call_line(actor: str, words: Iterable[str]) -> tuple[str, ...]:
    """The line that starts a call in the background, its entries shown down to trace level: what stands around the
    call id, so that ``call_id.join(…)`` is the line.

    `words` are shell words already; `actor` is "" for Rumor's default actor.
    """
    whose = f"{quote(actor)}: " if actor else ""
    return "_", f" {whose}lvl_trace {' '.join(words)} &"


def tool_line(actor: str, words: Iterable[str]) -> tuple[str, ...]:
    """The same for a command that writes what it finds on standard output: it comes as an entry ``ID=…`` of no call."""
    before, behind = call_line(actor, words)
    return f'{{ o="$({before}', f'{behind.removesuffix(" &")})"; printf %s "', '=$o"; } &'


def tool_output(text: str) -> tuple[str, str]:
    """The call id and the output in such an entry."""
    call_id, _, output = text.partition("=")
    return call_id, output


def verb_line(call_id: str, actor: str, verb: str) -> str:
    """A session verb, with a harmless call behind it: verbs have no completion entry, the call's `__success` is it."""
    whose = f"{quote(actor)}: " if actor else ""
    return f"_{call_id} {whose}{verb} && _{call_id} lvl_trace sleep 1ns &"


def hello_line(call_id: str) -> str:
    """One round trip that tells a Rumor at trace level from anything else.

    The call's `__success` is a trace entry; the echo is an error entry, which also a Rumor that hides those shows.
    """
    return f"_{call_id} lvl_trace sleep 1ns; echo {call_id} >&2"


def cancel_line(call_id: str) -> str:
    return f"_{call_id} cancel &"


def next_line(call_id: str, bound: str = "") -> str:
    return f"_{call_id} next {bound} &" if bound else f"_{call_id} next &"


_PROBE = "x"  # a step's time-out that is none: the error tells whether the call is running


def attach_line(call_id: str) -> str:
    """Ask for the entries of a call, and whether it is running."""
    return f"_{call_id} lvl_trace; _{call_id} next {_PROBE} &"


def is_probe(args: list[Any]) -> bool:
    """Whether the words of a failed `next` are those of `attach_line`."""
    return args[2:] == [_PROBE]


def probe_found(why: str) -> bool:
    """Whether the answer to `attach_line` says that the call is running."""
    return why.startswith("step timeout could not be parsed")


EXIT_LINE = "exit"
KEEP_ALIVE_LINE = "true"  # gives no entry
CLEAR_LINE = "clear_log_data"


# -- bytes to entries -------------------------------------------------------------------------------------------------


class LineTooLong(Exception):
    """A line grew past the limit; `before` are the whole lines that came with it, before it."""

    def __init__(self, max_line: int, before: bytes = b"") -> None:
        super().__init__(f"a line is longer than max_line = {max_line} bytes")
        self.before = before


class LineBuffer:
    """Cuts a stream into whole lines, at the byte ``\\n`` only; linear in the input however it is split."""

    def __init__(self, max_line: int) -> None:
        self._max_line = max_line
        self._rest = bytearray()  # not a list of pieces: a byte in a piece of its own takes forty

    def feed(self, chunk: bytes) -> bytes:
        """Take a piece of the stream; give the whole lines it completes, joined by newlines without the last one."""
        if not self._rest and chunk.endswith(b"\n") and len(chunk) <= self._max_line:
            return chunk[:-1]
        cut = chunk.rfind(b"\n")
        if cut < 0:
            self._keep(chunk)
            return b""
        whole = chunk[:cut]
        if self._rest:
            whole = b"".join((self._rest, whole))
            self._rest.clear()
        if len(whole) > self._max_line:
            self._check(whole)
        if cut + 1 < len(chunk):
            self._keep(chunk[cut + 1 :], whole)
        return whole

    def _check(self, whole: bytes) -> None:
        lines = whole.split(b"\n")
        for number, line in enumerate(lines):
            if len(line) > self._max_line:
                raise LineTooLong(self._max_line, b"\n".join(lines[:number]))

    def _keep(self, piece: bytes, before: bytes = b"") -> None:
        self._rest += piece
        if len(self._rest) > self._max_line:
            raise LineTooLong(self._max_line, before)

    @property
    def rest(self) -> bytes:
        """What has come of a line that is not whole yet."""
        return bytes(self._rest)


Batch = tuple[list[Entry], list[int], list[str]]
"""Entries, the size of each one's line in characters, and the lines that are no JSON object (of one that is no text,
the beginning)."""

_decoder: Any = json.JSONDecoder()
_decode: Callable[[str], Any] = _decoder.decode
_scan: Callable[[str, int], tuple[Any, int]] = _decoder.scan_once
# What stands between two objects in a row. Compiled when first used, which in most scripts is never.
_BETWEEN = r"\}[ \t\r]*,[ \t\r]*\{"
_BEGINNING = 10_000  # bytes of a line that are looked at when it is no text
_BLANK = " \t\r"


def parse(block: bytes) -> Batch:
    """The entries of whole lines (joined by newlines); a line that is no JSON object harms no other."""
    try:
        text = block.decode()
    except UnicodeDecodeError:
        # Keep the good lines of the block.
        return _sort_out(list(map(_text, block.split(b"\n"))))
    lines = text.split("\n")
    try:
        if len(lines) == 1:
            entry, end = _scan(text, 0)
            if end == len(text) and type(entry) is dict:
                return [entry], [end], []
        elif not re.search(_BETWEEN, text):
            # As one list, which is quicker. As no line has two objects in a row, so many objects as there are lines
            # mean that each line is one: broken lines cannot join into a good one unnoticed.
            entries, end = _scan("[" + ",".join(lines) + "]", 0)
            if end == len(text) + 2 and len(entries) == len(lines) and set(map(type, entries)) == {dict}:
                return entries, list(map(len, lines)), []
    except (ValueError, RecursionError, StopIteration):
        pass
    return _sort_out(lines)


def _text(line: bytes) -> str | bytes:
    """A line as text; as it is if it is none."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line


def beginning(line: bytes) -> str:
    """What to show of a line that is no entry. Not all of it: a megabyte of what is no text may take half a second."""
    return line[:_BEGINNING].decode(errors="backslashreplace")


def _sort_out(lines: Sequence[str | bytes]) -> Batch:
    """The same one by one, where not every line is an entry and nothing else."""
    entries, sizes, bad = [], [], []
    for line in lines:
        if not isinstance(line, str):
            bad.append(beginning(line))
            continue
        if not line.strip(_BLANK):
            continue
        try:
            entry = _decode(line)
        except (ValueError, RecursionError):
            entry = None
        if type(entry) is dict:
            entries.append(entry)
            sizes.append(len(line))
        else:
            bad.append(line)
    return entries, sizes, bad


# -- what an entry means ----------------------------------------------------------------------------------------------

NOT_FIELDS = frozenset(("actor", "call_id", "level", "time"))


MARKS = ("__success", "__freed", "__step", "__error")
"""What an entry of trace level has that marks a point in a call's life."""

_call_id, _level = itemgetter("call_id"), itemgetter("level")


def of_one_call(entries: list[Entry]) -> bool:
    """Whether all are data of the same call: none of trace level, which may be a mark."""
    if entries[0].get("call_id") != entries[-1].get("call_id"):
        return False
    try:
        return len(set(map(_call_id, entries))) == 1 and "trace" not in set(map(_level, entries))
    except (KeyError, TypeError):  # one without, or one that is no text
        return False


def fields(entry: Entry) -> Entry:
    """What an entry tells, without where and when it was logged."""
    return {key: value for key, value in entry.items() if key not in NOT_FIELDS}


MOST_NAMES = 10_000
"""So many fields of a call are told apart. No command has as many: it is for what makes up names for ever."""


def newest(fields: Entry) -> Entry:
    """The fields that came last, if there are far too many."""
    return fields if len(fields) <= 2 * MOST_NAMES else dict(list(fields.items())[-MOST_NAMES:])


def reason(entry: Entry, key: str = "error") -> str:
    """The reason in a `failed` or `__error` entry, without the exit status that Rumor puts before it."""
    why = entry.get(key, "no reason given")
    if not isinstance(why, str):
        try:
            why = str(why)
        except RecursionError:  # lists in one another, deeper here than they were when read
            why = "a reason that cannot be shown"
    prefix = re.match(r"exit status \d+: (command failed: )?", why)
    return why[prefix.end() :] if prefix else why
