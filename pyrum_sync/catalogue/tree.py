"""The tree of the words of Rumor's commands: what each takes, and which fields its entries have.

The rows are read when a command that begins with their word is first looked up. A newer Rumor may know more: what is
not in here is sent all the same, except for a first word, which Rumor's shell would run as a program of the operating
system.

Pure: no socket, thread or clock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from keyword import iskeyword

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from typing import Final

    from pyrum_sync.catalogue.rows import Parameter, Row

REQUEST: Final = "request"  # rpc METHOD req raw: a step for the request written, one for each chunk
LISTENER: Final = "listener"  # rpc METHOD listen: a step for each request
SEARCH: Final = "search"  # dv5 random --stepwise: a step for each node

# The first words of commands, and which module has the rows of each.
ROWS = {
    "host": "rows_network",
    "enr": "rows_network",
    "peer": "rows_network",
    "peerstore": "rows_network",
    "dv5": "rows_network",
    "gossip": "rows_network",
    "rpc": "rows_rpc",
    "blocks": "rows_chain",
    "states": "rows_chain",
    "chain": "rows_chain",
    "sleep": "rows_tools",
    "tool": "rows_tools",
    "help": "rows_tools",
}

# Entries of any command may have these.
EVERYWHERE = frozenset(("msg", "error", "stdout", "stderr"))
# After a command these ask for its help, whatever else there is.
_HELP = frozenset(("help", "--help", "-h"))
# As Go reads a bool.
_TRUE = frozenset(("1", "t", "T", "true", "TRUE", "True"))


def attribute(word: str) -> str:
    """A word of Rumor's as a Python name: `-` becomes `_`, and a keyword gets a trailing `_`."""
    name = word.replace("-", "_")
    return name + "_" if iskeyword(name) else name


def dashed(name: str) -> str:
    """A Python name as Rumor writes the word."""
    return name.removesuffix("_").replace("_", "-")


class Command:
    """One command of Rumor."""

    def __init__(self, row: Row) -> None:
        self._row = row
        self.summary = row.summary
        self.kind = row.kind
        self.needs = row.needs
        self.note = row.note
        self.engine = row.engine
        words = row.usage.split()
        self.path = tuple(word for word in words if ":" not in word)

    @cached_property
    def args(self) -> tuple[Parameter, ...]:
        from pyrum_sync.catalogue.rows import argument

        return tuple(map(argument, self._row.usage.split()[len(self.path) :]))

    @cached_property
    def flags(self) -> tuple[Parameter, ...]:
        from pyrum_sync.catalogue.rows import flag

        own = (flag(text, engine=True) for text in self._row.engine_flags.split())
        return (*map(flag, self._row.flags.split()), *own)

    @cached_property
    def engine_flags(self) -> frozenset[str]:
        """The names of the flags that only the engine has."""
        return frozenset(each.name for each in self.flags if each.engine)

    @cached_property
    def fields(self) -> dict[str, str]:
        """The JSON type of each field. A `<part>` of a name varies; ``…`` stands for more that cannot be known."""
        texts = f"{self._row.fields} {self._row.engine_fields}".split()
        return {name: kind for name, _, kind in (text.partition(":") for text in texts)}

    @cached_property
    def durations(self) -> frozenset[str]:
        """The names of the arguments and flags that are durations."""
        return frozenset(each.name for each in (*self.args, *self.flags) if each.type == "duration")

    @property
    def name(self) -> str:
        return " ".join(self.path)

    def beyond_rumor(self, flags: Collection[str]) -> str | None:
        """What of the command, with these flags, a Go Rumor does not have; None if it has all."""
        if self.engine:
            return self.name
        found = sorted(self.engine_flags.intersection(flags))
        return f"{self.name} with the flag {attribute(found[0])}" if found else None

    def free(self, flags: Collection[str]) -> Sequence[Parameter]:
        """The arguments that these flags leave: Rumor takes arguments by name, too."""
        return [each for each in self.args if each.name not in flags] if flags else self.args

    def has_field(self, field: str) -> bool:
        """Whether entries of the command may have a field of that name."""
        return (
            field in self.fields
            or field in EVERYWHERE
            or "…" in self.fields
            or any("<" in name and field.startswith(name.partition("<")[0]) for name in self.fields)
        )

    def steps(self, flags: Mapping[str, str]) -> str | None:
        """The kind of steps that it has with these flags, or None."""
        if self.kind == "steps":
            if self.path[-1] == "raw":
                return REQUEST
            # A listener that drops its requests has none; for those that need no answer, that is the default.
            drops = flags.get("drop") or next((each.default for each in self.flags if each.name == "drop"), "")
            return None if drops in _TRUE else LISTENER
        stepwise = flags.get("stepwise") in _TRUE and any(each.name == "stepwise" for each in self.flags)
        return SEARCH if stepwise else None


class Node:
    """A place in the tree of words: a group (it has children), or a command."""

    __slots__ = ("_below", "command", "path", "summary")

    def __init__(self, path: tuple[str, ...]) -> None:
        self.path = path
        self._below: dict[str, Node] = {}
        self.command: Command | None = None
        self.summary = ""

    @property
    def children(self) -> dict[str, Node]:
        """The nodes that further words lead to."""
        return self._below

    def child(self, word: str) -> Node | None:
        """The node that a further word leads to; None if the table does not know it."""
        found = self._below.get(word)
        if found is None and word not in _HELP:
            for name, node in self._below.items():
                if name.startswith("<"):
                    return node
        return found

    @property
    def title(self) -> str:
        """What an error calls a group: its name and its commands."""
        names = ", ".join(self.words()) or 'by name: ["some name"]'
        return f"{' '.join(self.path)}, a group of commands ({names})"

    @property
    def engine(self) -> bool:
        """Whether it is the engine's only: the command, or all that is in the group."""
        return self.command.engine if self.command is not None else all(n.engine for n in self.children.values())

    def words(self) -> list[str]:
        """The words that may follow, as Python names; none where any name may."""
        return [attribute(name) for name in self.children if not name.startswith("<")]

    def walk(self) -> Iterator[Node]:
        """All nodes below, each group before what is in it."""
        for node in self.children.values():
            yield node
            yield from node.walk()


class Root(Node):
    """The root of all words. What begins with a word is put together when that word is first asked for: all of it would
    take longer than a first command does."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(())

    @property
    def children(self) -> dict[str, Node]:
        return {word: self._first(word) for word in ROWS}

    def child(self, word: str) -> Node | None:
        return self._first(word) if word in ROWS else None

    def _first(self, word: str) -> Node:
        """The node of a first word, always the same."""
        found = self._below.get(word)
        return self._below.setdefault(word, _put_together(word)) if found is None else found

    def words(self) -> list[str]:
        return list(map(attribute, ROWS))


def _put_together(word: str) -> Node:
    """The node of a first word, with all that is below it."""
    rows = __import__(f"pyrum_sync.catalogue.{ROWS[word]}", fromlist=["ROWS"])  # importlib itself is slow to import
    root = Node(())
    for row in rows.ROWS[word]:
        command = Command(row)
        node = root
        for part in command.path:
            below = node.children.get(part)
            if below is None:
                below = node.children[part] = Node((*node.path, part))
                below.summary = rows.GROUPS.get(" ".join(below.path), "")
            node = below
        node.command = command
        node.summary = command.summary
    return root.children[word]


@cache
def tree() -> Node:
    """The root of all words."""
    return Root()


def commands() -> list[Command]:
    """All commands, in the order of the table."""
    return [node.command for node in tree().walk() if node.command is not None]


def roots() -> list[str]:
    """The first words of commands. Any other would be run by Rumor's shell as a program of the operating system."""
    return tree().words()


def find(path: Iterable[str]) -> Node | None:
    """The node that the words of a path lead to; None if the table does not know them."""
    node: Node | None = tree()
    for word in path:
        if node is None:
            return None
        node = node.child(word)
    return node


def command_of(path: Sequence[str]) -> Command | None:
    """The command that a path runs. Further words may follow in the path: to Rumor they are arguments."""
    node = tree()
    for word in path:
        below = node.child(word)
        if below is None:
            return None if word in _HELP else node.command
        node = below
    return node.command


def steps_of(path: Sequence[str], flags: Mapping[str, str]) -> str | None:
    """The kind of steps that a command has, or None. `flags` by their names in Rumor, as text."""
    command = command_of(path)
    if command is None and path[0] == "rpc":  # a method that the table does not know is like the others
        command = command_of(("rpc", "status", *path[2:]))
    return command.steps(flags) if command is not None else None
