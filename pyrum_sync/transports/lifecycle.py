"""What is open in this process: closed when the interpreter ends, and left alone in a forked child."""

from __future__ import annotations

import atexit
import os
import weakref

from pyrum_sync.errors import RumorError
from pyrum_sync.transports.locks import SafeLock

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from typing import NoReturn, Protocol, SupportsIndex
else:
    Protocol = object


class Closeable(Protocol):
    def close(self) -> None: ...

    def forked(self) -> None:
        """This is its copy in a forked child: a lock that some thread of the parent held is never released here."""


class Live:
    """What lives in this process alone. Neither copied nor pickled: a copy would say goodbye for the original."""

    __slots__ = ()

    _WHAT = ""  # how an error names it: by its class, unless a subclass sets another name
    _INSTEAD = "make another one where it is needed"

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError(
            f"this {self._WHAT or type(self).__name__} cannot be copied or pickled, because it lives in this process "
            f"only; {self._INSTEAD}"
        )


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
        raise RumorError("this Rumor belongs to the parent process: open a new connection after a fork")


def register(thing: Closeable, rank: int) -> None:
    _open[rank][id(thing)] = thing


def unregister(thing: Closeable, rank: int) -> None:
    _open[rank].pop(id(thing), None)


_taken: weakref.WeakValueDictionary[int, object] = weakref.WeakValueDictionary()
_kept: dict[int, object] = {}  # those that no weak reference can be made to
_taking = SafeLock()


def claim(conn: object) -> None:
    """One Rumor for a connection, once: ValueError for a second one."""

    def take() -> None:
        if _taken.get(id(conn)) is conn or _kept.get(id(conn)) is conn:
            raise ValueError(f"{conn!r} has already served a Rumor: make a new connection for each")
        (_taken if type(conn).__weakrefoffset__ else _kept)[id(conn)] = conn

    _taking.run(take)


@atexit.register
def _close_all() -> None:
    if not any(_open):
        return
    from contextlib import ExitStack  # slow to import

    with ExitStack() as closing:  # all of them, also if one fails; the last one in is the first to be closed
        for things in reversed(_open):
            for thing in list(things.values()):
                closing.callback(thing.close)


os.register_at_fork(after_in_child=_forked)
