"""The shell's own commands that the simulator knows."""

from __future__ import annotations

from collections.abc import Sequence

from pyrum_sync.engine.shell.streams import Sink

# What mvdan/sh runs itself and the simulator does not: refused by name, so that nobody mistakes them for programs.
_REFUSED = """
alias bg builtin cd command dirs exec fg getopts popd pushd pwd return set shift shopt source trap type umask unalias
unset . ,
"""
REFUSED = frozenset(_REFUSED.split())


def echo(words: Sequence[str], out: Sink) -> int:
    """Prints the words, each a write of its own as mvdan/sh does."""
    newline, escapes = True, False
    rest = list(words)
    while rest and rest[0] in ("-n", "-e", "-E"):
        option = rest.pop(0)
        newline = newline and option != "-n"
        escapes = option == "-e" or (escapes and option != "-E")
    for position, word in enumerate(rest):
        if position:
            out.write(" ")
        out.write(_unescape(word) if escapes else word)
    if newline:
        out.write("\n")
    return 0


def printf(words: Sequence[str], out: Sink, err: Sink) -> int:
    """``printf FORMAT WORDS``, with %s, %d, %% and backslash escapes."""
    if not words:
        err.write("usage: printf format [arguments]\n")
        return 2
    pieces: list[str] = []
    rest = list(words[1:])
    form = _unescape(words[0])
    while True:
        before = len(rest)
        at = 0
        while at < len(form):
            pair = form[at : at + 2]
            if pair in ("%s", "%d"):
                pieces.append(rest.pop(0) if rest else ("0" if pair == "%d" else ""))
                at += 2
            elif pair == "%%":
                pieces.append("%")
                at += 2
            elif form[at] == "%":
                err.write(f"printf: {pair} is not in the simulator's shell\n")
                return 2
            else:
                pieces.append(form[at])
                at += 1
        if not rest or len(rest) == before:
            break
    out.write("".join(pieces))
    return 0


def test(words: Sequence[str]) -> int | None:
    """``test`` and ``[`` without its bracket: 0 or 1, None for a form not known."""
    rest = list(words)
    wanted = 0
    while rest and rest[0] == "!":
        rest.pop(0)
        wanted = 1 - wanted
    truth: bool | None = None
    if not rest:
        truth = False
    elif len(rest) == 1:
        truth = rest[0] != ""
    elif len(rest) == 2 and rest[0] in ("-n", "-z"):
        truth = (rest[1] != "") == (rest[0] == "-n")
    elif len(rest) == 3:
        truth = _compare(*rest)
    return None if truth is None else (wanted if truth else 1 - wanted)


def _compare(left: str, operator: str, right: str) -> bool | None:
    if operator in ("=", "=="):
        return left == right
    if operator == "!=":
        return left != right
    if operator not in ("-eq", "-ne", "-lt", "-le", "-gt", "-ge"):
        return None
    try:
        a, b = int(left), int(right)
    except ValueError:
        return None
    order = {"-eq": a == b, "-ne": a != b, "-lt": a < b, "-le": a <= b, "-gt": a > b, "-ge": a >= b}
    return order[operator]


def _unescape(text: str) -> str:
    known = {"\\n": "\n", "\\t": "\t", "\\r": "\r", "\\\\": "\\"}
    out: list[str] = []
    at = 0
    while at < len(text):
        pair = text[at : at + 2]
        out.append(known.get(pair, text[at]))
        at += 2 if pair in known else 1
    return "".join(out)
