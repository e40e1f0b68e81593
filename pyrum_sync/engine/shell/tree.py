"""What shell text is parsed into."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Literal:
    """Text as it stands."""

    text: str
    quoted: bool


@dataclass(frozen=True)
class Variable:
    """``$name``, ``${name}``, ``${name:-word}``, ``${name[@]}``, ``${name[2]}``."""

    name: str
    quoted: bool
    index: str | None = None
    default: Word | None = None
    default_if_empty: bool = False


@dataclass(frozen=True)
class Substitution:
    """``$(…)``: what the statements print."""

    statements: tuple[Statement, ...]
    quoted: bool


Part = Literal | Variable | Substitution


@dataclass(frozen=True)
class Word:
    """Parts written without a space between them."""

    parts: tuple[Part, ...]

    def bare(self) -> str | None:
        """The text of a word that is one unquoted literal, else None: only that can be a reserved word."""
        if len(self.parts) == 1 and isinstance(self.parts[0], Literal) and not self.parts[0].quoted:
            return self.parts[0].text
        return None


@dataclass(frozen=True)
class Redirect:
    """``2>&1``, ``>/dev/null``: stream `source` goes where `target` says (a stream number, or None for nowhere)."""

    source: int
    target: int | None


@dataclass(frozen=True)
class Simple:
    """Assignments and words."""

    assignments: tuple[tuple[str, Word], ...]
    words: tuple[Word, ...]


@dataclass(frozen=True)
class Block:
    """``{ …; }``."""

    body: tuple[Statement, ...]


@dataclass(frozen=True)
class Subshell:
    """``( … )``."""

    body: tuple[Statement, ...]


@dataclass(frozen=True)
class Loop:
    """``while`` and ``until``."""

    condition: tuple[Statement, ...]
    body: tuple[Statement, ...]
    until: bool


@dataclass(frozen=True)
class For:
    """``for name in words``."""

    name: str
    words: tuple[Word, ...]
    body: tuple[Statement, ...]


@dataclass(frozen=True)
class If:
    """``if … then … elif … else … fi``: pairs of condition and body, then what is done if none held."""

    branches: tuple[tuple[tuple[Statement, ...], tuple[Statement, ...]], ...]
    otherwise: tuple[Statement, ...]


@dataclass(frozen=True)
class Pipe:
    """``left | right``, or ``left |& right``."""

    left: Statement
    right: Statement
    both: bool


@dataclass(frozen=True)
class AndOr:
    """``left && right``, or ``left || right``."""

    left: Statement
    right: Statement
    wants_success: bool


Command = Simple | Block | Subshell | Loop | For | If | Pipe | AndOr


@dataclass(frozen=True)
class Statement:
    """A command with what is around it."""

    command: Command
    redirects: tuple[Redirect, ...] = field(default=())
    negated: bool = False
    background: bool = False
