"""Shell text to statements, by recursive descent."""

from __future__ import annotations

import re
from collections.abc import Callable

from pyrum_sync.engine.shell.errors import ShellSyntaxError
from pyrum_sync.engine.shell.tree import (
    AndOr,
    Block,
    Command,
    For,
    If,
    Literal,
    Loop,
    Pipe,
    Redirect,
    Simple,
    Statement,
    Subshell,
    Word,
)
from pyrum_sync.engine.shell.words import WordReader

_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=")
_REDIRECT = re.compile(r"([012])?>(&?)")
_RESERVED = re.compile(r"(?:[a-z]+|\{|\}|\[\[|!)(?=[\s;&|<>()]|$)")
_OTHER_REDIRECT = re.compile(r"\d?(<|>>|>\||&>)")
_CLOSERS = frozenset({"}", "then", "elif", "else", "fi", "do", "done"})
_UNKNOWN = frozenset(
    {"case", "function", "select", "time", "coproc", "[[", "declare", "local", "export", "readonly", "typeset", "let"}
)
# What clients send: one command of words that are plain or wholly in single quotes, and maybe an `&`. Each word has to
# end at a blank, so there is one way only to read a line.
_WORD = re.compile(r"([^\s'\"$`\\;&|<>(){}#~*?\[\]!]+|'[^']*')(?=[ \t\n&]|\Z)[ \t]*")
_END = re.compile(r"(&?)[ \t]*\n?\Z")
_SPECIAL_FIRST = _CLOSERS | _UNKNOWN | {"while", "until", "for", "if"}
Statements = tuple[Statement, ...]


def parse(text: str) -> Statements:
    """All statements of the text; Incomplete, ShellSyntaxError or NotSimulated."""
    return _plain_command(text) or _parse(text)


def _plain_command(text: str) -> Statements:
    """The statement of a line that needs no parser, which is most of them; else none."""
    words: list[Word] = []
    at = 0
    while (match := _WORD.match(text, at)) is not None:
        word = match[1]
        if word[0] == "'":
            words.append(Word((Literal(word[1:-1], quoted=True),)))
        elif words or ("=" not in word and word not in _SPECIAL_FIRST):
            words.append(Word((Literal(word, quoted=False),)))
        else:
            return ()
        at = match.end()
    end = _END.match(text, at)
    if end is None or not words:
        return ()
    return (Statement(Simple((), tuple(words)), background=bool(end[1])),)


def _parse(text: str) -> Statements:
    parser = _Parser(text)
    statements = parser.statements()
    parser.at_end()
    return statements


class _Parser:
    def __init__(self, text: str) -> None:
        self._reader = WordReader(text, self.statements)
        self._in_command = False
        """Whether the last statement had nothing after it that ends it."""

    def at_end(self) -> None:
        reader = self._reader
        if (char := reader.peek()) == ")":
            if self._in_command:
                raise reader.syntax_error("a command can only contain words and redirects")
            raise reader.syntax_error(") can only be used to close a subshell")
        if char:
            word = self._reserved()
            raise reader.syntax_error(f"{word or char} can only be used inside a compound command")

    def statements(self, *ends: str) -> Statements:
        """Statements up to one of the reserved words, a ``)``, or the end of the text; leaves it unread."""
        out: list[Statement] = []
        while True:
            self._skip_newlines()
            reserved = self._reserved()
            if not self._reader.peek() or self._reader.peek() == ")" or reserved in ends:
                return tuple(out)
            if reserved in _CLOSERS:
                raise self._reader.syntax_error(f"{reserved} can only be used inside a compound command")
            statement = self._and_or()
            self._reader.skip_blanks()
            self._in_command = self._reader.peek() == ")"
            if self._reader.peek() == "&":
                statement = Statement(statement.command, statement.redirects, statement.negated, background=True)
                self._reader.at += 1
            elif self._reader.peek() == ";":
                if self._reader.peek(2) == ";;":
                    raise self._reader.syntax_error(";; can only be used in a case clause")
                self._reader.at += 1
            elif self._reader.peek() not in ("", "\n", ")"):
                raise self._reader.syntax_error("statements must be separated by &, ; or a newline")
            out.append(statement)

    def _skip_newlines(self) -> None:
        self._reader.skip_blanks()
        while self._reader.peek() == "\n":
            self._reader.at += 1
            self._reader.skip_blanks()

    def _reserved(self) -> str | None:
        """The reserved word that stands here, without reading it."""
        match = _RESERVED.match(self._reader.text, self._reader.at)
        return match[0] if match else None

    def _take(self, reserved: str, opened: str) -> None:
        self._skip_newlines()
        if self._reserved() != reserved:
            if not self._reader.peek():
                raise self._reader.incomplete(f"{opened} statement must end with {reserved}")
            raise self._reader.syntax_error(f"{opened} statement must end with {reserved}")
        self._reader.at += len(reserved)

    def _and_or(self) -> Statement:
        left = self._pipeline()
        while True:
            self._reader.skip_blanks()
            operator = self._reader.peek(2)
            if operator not in ("&&", "||"):
                return left
            self._reader.at += 2
            right = self._right_side(operator, self._pipeline)
            left = Statement(AndOr(left, right, wants_success=operator == "&&"))

    def _pipeline(self) -> Statement:
        left = self._command()
        while True:
            self._reader.skip_blanks()
            if self._reader.peek() != "|" or self._reader.peek(2) == "||":
                return left
            both = self._reader.peek(2) == "|&"
            self._reader.at += 2 if both else 1
            right = self._right_side("|", self._command)
            left = Statement(Pipe(left, right, both))

    def _right_side(self, operator: str, read: Callable[[], Statement]) -> Statement:
        self._skip_newlines()
        if not self._reader.peek():
            raise self._reader.incomplete(f"{operator} must be followed by a statement")
        if self._reader.peek() in ";&|)":
            raise self._reader.syntax_error(f"{operator} must be followed by a statement")
        return read()

    def _command(self) -> Statement:
        self._reader.skip_blanks()
        negated = False
        if self._reserved() == "!":
            self._reader.at += 1
            self._reader.skip_blanks()
            negated = True
        redirects: list[Redirect] = []
        command = self._compound()
        if command is None:
            command = self._simple(redirects)
        else:
            while (redirect := self._redirect()) is not None:
                redirects.append(redirect)
        return Statement(command, tuple(redirects), negated)

    def _compound(self) -> Command | None:
        if self._reader.peek() == "(":
            if self._reader.peek(2) == "((":
                raise self._reader.unknown("arithmetic ((")
            return self._subshell()
        reserved = self._reserved()
        if reserved == "{":
            self._reader.at += 1
            body = self._body("}")
            self._take("}", "{")
            return Block(body)
        if reserved in ("while", "until"):
            return self._loop(reserved)
        if reserved == "for":
            return self._for()
        if reserved == "if":
            return self._if()
        if reserved in _UNKNOWN:
            raise self._reader.unknown(reserved or "")
        return None

    def _body(self, *ends: str) -> Statements:
        body = self.statements(*ends)
        if not body and self._reader.peek():
            raise self._reader.syntax_error("must be followed by a statement list")
        return body

    def _subshell(self) -> Command:
        opened = self._reader.at
        self._reader.at += 1
        body = self._body()
        if self._reader.peek() != ")":
            self._reader.at = opened
            raise self._reader.incomplete("reached EOF without matching ( with )")
        self._reader.at += 1
        return Subshell(body)

    def _loop(self, reserved: str) -> Command:
        self._reader.at += len(reserved)
        condition = self._body("do")
        return Loop(condition, self._do_done(reserved), until=reserved == "until")

    def _do_done(self, opened: str) -> Statements:
        self._take("do", opened)
        body = self._body("done")
        self._take("done", opened)
        return body

    def _for(self) -> Command:
        self._reader.at += len("for")
        self._reader.skip_blanks()
        word = self._reader.word()
        name = word.bare() if word else None
        if name is None or not name.isidentifier():
            raise self._reader.unknown("this form of for")
        self._skip_newlines()
        if self._reserved() != "in":
            raise self._reader.unknown("for without in")
        self._reader.at += len("in")
        words: list[Word] = []
        while True:
            self._reader.skip_blanks()
            item = self._reader.word()
            if item is None:
                break
            words.append(item)
        if self._reader.peek() == ";":
            self._reader.at += 1
        return For(name, tuple(words), self._do_done("for"))

    def _if(self) -> Command:
        self._reader.at += len("if")
        branches: list[tuple[Statements, Statements]] = []
        otherwise: Statements = ()
        while True:
            condition = self._body("then")
            self._take("then", "if")
            branches.append((condition, self._body("elif", "else", "fi")))
            self._skip_newlines()
            if self._reserved() != "elif":
                break
            self._reader.at += len("elif")
        if self._reserved() == "else":
            self._reader.at += len("else")
            otherwise = self._body("fi")
        self._take("fi", "if")
        return If(tuple(branches), otherwise)

    def _simple(self, redirects: list[Redirect]) -> Command:
        assignments: list[tuple[str, Word]] = []
        words: list[Word] = []
        while True:
            self._reader.skip_blanks()
            if (redirect := self._redirect()) is not None:
                redirects.append(redirect)
            elif not words and (match := _ASSIGNMENT.match(self._reader.text, self._reader.at)):
                assignments.append(self._assignment(match))
            elif (word := self._reader.word()) is not None:
                words.append(word)
            else:
                break
        if not words and not assignments and not redirects:
            raise self._reader.syntax_error(f"{self._reader.peek() or 'EOF'} must be preceded by a statement")
        if words and self._reader.peek() == "(":
            raise self._reader.unknown("a function declaration")
        return Simple(tuple(assignments), tuple(words))

    def _assignment(self, match: re.Match[str]) -> tuple[str, Word]:
        self._reader.at = match.end()
        if self._reader.peek() == "(":
            raise self._reader.unknown("an array")
        return match[1], self._reader.word() or Word(())

    def _redirect(self) -> Redirect | None:
        self._reader.skip_blanks()
        reader = self._reader
        if _OTHER_REDIRECT.match(reader.text, reader.at):
            raise reader.unknown("this redirection")
        match = _REDIRECT.match(reader.text, reader.at)
        if match is None:
            return None
        source = int(match[1] or 1)
        reader.at = match.end()
        reader.skip_blanks()
        word = reader.word()
        target = word.bare() if word else None
        if match[2] and target in ("1", "2"):
            return Redirect(source, int(target))
        if not match[2] and target == "/dev/null":
            return Redirect(source, None)
        if word is None:
            raise ShellSyntaxError(reader.text, reader.at, "> must be followed by a word")
        raise reader.unknown("a redirection other than to &1, &2 or /dev/null")
