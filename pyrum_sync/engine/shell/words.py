"""Words: quotes, `$` and what ends them."""

from __future__ import annotations

import re
from collections.abc import Callable

from pyrum_sync.engine.shell.errors import Incomplete, NotSimulated, ShellSyntaxError
from pyrum_sync.engine.shell.tree import Literal, Part, Statement, Substitution, Variable, Word

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BRACED = re.compile(r"([A-Za-z_][A-Za-z0-9_]*|\?)(\[(@|\*|\d+)\])?(:?-)?")
_PLAIN = re.compile(r"[^\s'\"$`\\;&|<>(){}#~*?\[]+")
_ENDS = " \t\n;&|<>()"
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b", "E": "\x1b"}
_HEX = {"x": 2, "u": 4, "U": 8}


class WordReader:
    """Reads words from text at a moving position; `statements` reads a ``$( … )``."""

    def __init__(self, text: str, statements: Callable[[], tuple[Statement, ...]]) -> None:
        self.text = text
        self.at = 0
        self._statements = statements

    def peek(self, length: int = 1) -> str:
        """The next characters, fewer at the end."""
        return self.text[self.at : self.at + length]

    def syntax_error(self, message: str) -> ShellSyntaxError:
        """An error at this place."""
        return ShellSyntaxError(self.text, self.at, message)

    def incomplete(self, message: str) -> Incomplete:
        """The text ended too early."""
        return Incomplete(self.text, self.at, message)

    def unknown(self, what: str) -> NotSimulated:
        """Something that only a real Rumor runs."""
        return NotSimulated(self.text, self.at, f"{what} is not in the simulator's shell")

    def skip_blanks(self) -> None:
        """Goes past spaces, continued lines and a comment, not past a newline."""
        while True:
            char = self.peek()
            if char and char in " \t":
                self.at += 1
            elif self.peek(2) == "\\\n":
                self._continue_line()
            elif char == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            else:
                return

    def _continue_line(self) -> None:
        self.at += 2
        if self.at == len(self.text):
            raise self.incomplete("reached EOF after a continued line")

    def word(self) -> Word | None:
        """The word that starts here, or None where none does."""
        parts: list[Part] = []
        start = self.at
        while (char := self.peek()) and char not in _ENDS:
            if self.peek(2) == "\\\n":
                self._continue_line()
                continue
            parts.extend(self._part(char, at_start=self.at == start))
        return Word(_joined(parts)) if self.at > start else None

    def _part(self, char: str, *, at_start: bool) -> list[Part]:
        if char == "'":
            return [Literal(self._single_quoted(), quoted=True)]
        if char == '"':
            return self._double_quoted()
        if char == "$":
            return [self._dollar(quoted=False)]
        if char == "`":
            raise self.unknown("a backquote")
        if char == "\\":
            self.at += 1
            if not self.peek():
                raise self.incomplete("reached EOF after a backslash")
            self.at += 1
            return [Literal(self.text[self.at - 1], quoted=True)]
        if char == "~" and at_start:
            raise self.unknown("~")
        if char == "{" and (match := re.compile(r"\{[^\s{}'\"]*(,|\.\.)[^\s{}]*\}").match(self.text, self.at)):
            raise self.unknown(f"brace expansion {match[0]}")
        match = _PLAIN.match(self.text, self.at)
        end = match.end() if match else self.at + 1
        start, self.at = self.at, end
        return [Literal(self.text[start:end], quoted=False)]

    def _single_quoted(self) -> str:
        end = self.text.find("'", self.at + 1)
        if end < 0:
            raise self.incomplete("reached EOF without closing quote '")
        start, self.at = self.at + 1, end + 1
        return self.text[start:end]

    def _double_quoted(self) -> list[Part]:
        opened = self.at
        self.at += 1
        parts: list[Part] = [Literal("", quoted=True)]
        while (char := self.peek()) != '"':
            if not char:
                self.at = opened
                raise self.incomplete('reached EOF without closing quote "')
            if char == "$":
                parts.append(self._dollar(quoted=True))
            elif char == "`":
                raise self.unknown("a backquote")
            elif char == "\\" and self.peek(2)[1:] in ('"', "\\", "$", "`", "\n"):
                if self.peek(2) == "\\":
                    raise self.incomplete("reached EOF after a backslash")
                if self.peek(2) != "\\\n":
                    parts.append(Literal(self.text[self.at + 1], quoted=True))
                self.at += 2
            else:
                end = self.at + 1
                while end < len(self.text) and self.text[end] not in '"$`\\':
                    end += 1
                parts.append(Literal(self.text[self.at : end], quoted=True))
                self.at = end
        self.at += 1
        return parts

    def _dollar(self, *, quoted: bool) -> Part:
        following = self.peek(2)[1:]
        if following == "'" and not quoted:
            self.at += 1
            return Literal(self._ansi_quoted(), quoted=True)
        if following == "(":
            return self._substitution(quoted=quoted)
        if following == "{":
            return self._braced(quoted=quoted)
        if following == "?":
            self.at += 2
            return Variable("?", quoted)
        if match := _NAME.match(self.text, self.at + 1):
            self.at = match.end()
            return Variable(match[0], quoted)
        if following and (following in "@*#$!-" or following.isdigit() or (following == '"' and not quoted)):
            raise self.unknown("$" + following)
        self.at += 1
        return Literal("$", quoted=quoted)

    def _ansi_quoted(self) -> str:
        opened = self.at
        self.at += 1
        out: list[str] = []
        while (char := self.peek()) != "'":
            if not char:
                self.at = opened
                raise self.incomplete("reached EOF without closing quote '")
            self.at += 1
            out.append(self._ansi_escape() if char == "\\" else char)
        self.at += 1
        return "".join(out)

    def _ansi_escape(self) -> str:
        char = self.peek()
        if not char:
            raise self.incomplete("reached EOF without closing quote '")
        self.at += 1
        if char in _ESCAPES:
            return _ESCAPES[char]
        if char in _HEX and (match := re.compile(rf"[0-9A-Fa-f]{{1,{_HEX[char]}}}").match(self.text, self.at)):
            self.at = match.end()
            return chr(int(match[0], 16))
        if match := re.compile(r"[0-7]{1,3}").match(self.text, self.at - 1):
            self.at = match.end()
            return chr(int(match[0], 8) & 0xFF)
        return char if char in "\\'\"?" else "\\" + char

    def _substitution(self, *, quoted: bool) -> Part:
        if self.peek(3) == "$((":
            raise self.unknown("arithmetic $((")
        opened = self.at
        self.at += 2
        statements = self._statements()
        if self.peek() != ")":
            self.at = opened
            raise self.incomplete("reached EOF without matching $( with )")
        self.at += 1
        return Substitution(statements, quoted)

    def _braced(self, *, quoted: bool) -> Part:
        match = _BRACED.match(self.text, self.at + 2)
        if match is None:
            raise self.unknown("this form of ${")
        self.at = match.end()
        default: Word | None = None
        if match[4]:
            default = self._default_word()
        if not self.peek():
            raise self.incomplete("reached EOF without matching ${ with }")
        if self.peek() != "}":
            raise self.unknown("this form of ${")
        self.at += 1
        return Variable(match[1], quoted, match[3], default, default_if_empty=match[4] == ":-")

    def _default_word(self) -> Word:
        parts: list[Part] = []
        while (char := self.peek()) and char != "}":
            parts.extend(self._part(char, at_start=False))
        return Word(_joined(parts))


def _joined(parts: list[Part]) -> tuple[Part, ...]:
    """The parts with neighbouring literals of one sort made one."""
    out: list[Part] = []
    for part in parts:
        last = out[-1] if out else None
        if isinstance(part, Literal) and isinstance(last, Literal) and part.quoted == last.quoted:
            out[-1] = Literal(last.text + part.text, part.quoted)
        else:
            out.append(part)
    return tuple(out)
