"""What is open in this process: closed when the interpreter ends, and left alone in a forked child."""

from __future__ import annotations

import atexit
import os
import weakref
from contextlib import ExitStack

from pyrum_sync.errors import RumorError

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from typing import Protocol
else:
    Protocol = object


class Closeable(Protocol):
    def close(self) -> None: ...

    def forked(self) -> None:
        """This is its copy in a forked child: a lock that some thread of the parent held is never released here."""


_open: list[weakref.WeakValueDictionary[int, Closeable]] = [
    weakref.WeakValueDictionary(),
    weakref.WeakValueDictionary(),
]
SESSION, CONNECTION = 0, 1  # sessions are closed first: they know how to say goodbye

generation = 0
"""Changes in a forked child: what was opened under another number belongs to the parent."""


def _forked() -> None:
    global generation  # noqa: PLW0603 - one fact of the process
    generation += 1
    for things in _open:
        for thing in list(things.values()):
            thing.forked()
        things.clear()


def check(born: int) -> None:
    """RumorError if something that was opened under `born` is used in a forked child."""
    if born != generation:
        raise RumorError("this Rumor belongs to the parent process: open a connection of its own after a fork")


def register(thing: Closeable, rank: int) -> None:
    _open[rank][id(thing)] = thing


def unregister(thing: Closeable, rank: int) -> None:
    _open[rank].pop(id(thing), None)


@atexit.register
def _close_all() -> None:
    with ExitStack() as closing:  # all of them, also if one fails; the last one in is the first to be closed
        for things in reversed(_open):
            for thing in list(things.values()):
                closing.callback(thing.close)


os.register_at_fork(after_in_child=_forked)
