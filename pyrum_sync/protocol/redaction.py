"""Redaction of text that people see: private keys, and control characters that a terminal would obey.

Pure: no socket, thread or clock.
"""

from __future__ import annotations

import json
import re

from pyrum_sync.protocol.entries import Entry
from pyrum_sync.protocol.lines import quote

SECRET_FLAGS = frozenset(("priv", "key"))
MASK = "***"
_SECRETS_KEPT = 1000
# Where keys stand: as a flag in a line (also those of a program that is started), in Rumor's lists of words, and as a
# field, in JSON or as Python shows it.
_SECRET_FLAG = r"""(--(?:priv|(?:api-|ws-)?key)(?:=|\s+(?!-)))(?:(?:'[^']*'|"'"|\$'[^']*')+|[^\s"']+)"""
_SECRET_WORD = r"""(["']--(?:priv|(?:api-|ws-)?key)\\*["'],\s*\\*["'])(?:[^"'\\]|\\.)*"""
_SECRET_FIELD = r"""(["'](?:priv|key)\\*["']:\s*\\*)("|')(?:(?!\2)[^\\]|\\.)*"""
_WORD = r"""((?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s"'\\;|&()<>])+)"""  # of Rumor's shell
_WORD_OF_SCRIPT = r"--(?:priv|key)(?:=|[ \t]+)" + _WORD
_VARIABLE = r"""["']*\$\{?(\w+)\}?["']*"""
_MADE = r'''"priv":"([^"\\]{16,})"'''  # by Rumor, in its log


class Mask:
    """Hides private keys in text that people see: those that it knows, and whatever stands where keys stand."""

    def __init__(self) -> None:
        self._known: dict[str, set[str]] = {}
        self._sorted: tuple[list[str], list[str]] = [], []  # the keys, and all their forms, the longest first

    def learn(self, secret: str) -> None:
        """Hide this key from now on. Of very many keys, those that were learnt last are hidden."""
        if secret and secret not in self._known:
            self._known[secret] = _written(secret)
            for old in list(self._known)[:-_SECRETS_KEPT]:
                self._known.pop(old, None)

    def learn_from(self, script: str) -> None:
        """The same for the keys that are written in text of Rumor's shell."""
        for word in re.findall(_WORD_OF_SCRIPT, script):
            variable = re.fullmatch(_VARIABLE, word)
            for each in re.findall(rf"\b{variable[1]}={_WORD}", script) if variable is not None else [word]:
                if not re.match(r'"?\$[^\'"]', each):
                    self.learn(each)
                    self.learn(re.sub(r"""\\(.)|\$?["']""", r"\1", each))

    def learn_made(self, entries: list[Entry]) -> None:
        """The same for keys that Rumor made and logged: they may appear again elsewhere."""
        for entry in entries:
            if isinstance(made := entry.get("priv"), str):
                self.learn(made)

    def __call__(self, text: str, most: int | None = None) -> str:
        """Returns `text` without the keys, at most the first `most` characters of it."""
        if '"priv":"' in text:  # it may appear again elsewhere
            for made in re.findall(_MADE, text):
                self.learn(made)
        known, forms = self._sorted
        if list(self._known) != known:  # another thread may be learning more just now
            known = list(self._known)
            forms = sorted(set().union(*(self._known.get(key, ()) for key in known)), key=len, reverse=True)
            self._sorted = known, forms
        if most is not None and len(text) > most:
            # Some more of it: a key that is cut in two would not be recognized.
            room = len(forms[0]) if forms else 0
            masked = self(text[: most + room])
            cut = len(text) > most + room
            return masked[: min(most, max(0, len(masked) - room)) if cut else most]
        for form in forms:
            if form in text:
                text = text.replace(form, MASK)
        return hide(text)


def hide(text: str) -> str:
    """Returns `text` without whatever stands where private keys stand."""
    if "priv" in text or "key" in text:
        text = re.sub(_SECRET_FLAG, rf"\1{MASK}", text)
        text = re.sub(_SECRET_WORD, rf"\1{MASK}", text)
        text = re.sub(_SECRET_FIELD, rf"\1\2{MASK}", text)
    return text


def printable(text: str) -> str:
    """Returns `text` with escapes in place of the characters that a terminal might obey."""
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _written(secret: str) -> set[str]:
    """The forms of a key: in a line sent, in entries that echo one, and in messages of Rumor or Python."""
    forms = {secret, quote(secret), repr(secret)[1:-1]}
    if re.fullmatch("(0x)?[0-9a-fA-F]+", secret):
        digits = secret.removeprefix("0x")
        forms |= {digits, digits.lower(), digits.upper()}
    else:
        # As Go writes it: mostly with Python's escapes.
        go = re.sub(r"\\x([89a-f].)", r"\\u00\1", repr(f"'{secret}")[2:-1]).replace("\\'", "'").replace('"', '\\"')
        forms |= {go, secret.encode().hex()}
    forms |= {form.replace("'", "'\"'\"'") for form in forms}  # in a script
    for ascii_only in (False, True):
        forms |= {json.dumps(form, ensure_ascii=ascii_only)[1:-1] for form in forms}
    return forms - {""}
