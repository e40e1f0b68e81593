"""A lock that no signal can leave held.

Python runs signal handlers in the main thread, and what a handler raises (KeyboardInterrupt for Ctrl-C, or anything
else) comes up right there: at the start of a function, on a jump back, and at the end of a call. ``with lock:`` enters
by a call. From Python 3.14 on a handler may run at the end of that call, before the protection of the block begins: the
lock would be held for ever. ``lock.acquire()`` before or inside a ``try`` has the same gap, in every Python.

Hence this lock is acquired by reading an attribute, inside a ``try``:

>>> lock, held = SafeLock(), False
>>> try:
...     held = lock.taken
... finally:
...     if held:
...         lock.release()

Why this is safe in Python 3.10 to 3.15:

- Reading the attribute runs C code only, so no handler runs in it, except while it waits for another thread: then what
  the handler raises ends the waiting, and nothing was acquired.
- Between reading an attribute and storing it there is no point at which a handler may run. So the lock is acquired
  and known to be, or neither.
- From the end of the ``try`` to the call of `release` there is none either, and after it the lock is free. Python 3.10
  has one: on the way from a raised exception to its handler. `run` therefore catches what the work raises inside the
  ``try``, and raises it again when the lock is free: if a signal handler raises on the way there, the ``finally`` still
  releases the lock.

A limit on the waiting needs a call, whose result is noted by C code in turn: ``held.extend(map(lock.acquire, …))``.

So in the threads in which handlers may run, that is in all that a user's thread may come through, locks are of this
class and used by `run`. ``with`` is for threads of this package alone, in which Python runs no handler.
"""

from __future__ import annotations

from _thread import RLock

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")


class SafeLock(RLock):  # type: ignore[misc] # final in the stubs alone
    """A reentrant lock: a signal handler may use it in the thread that holds it."""

    __slots__ = ()

    taken = property(RLock.acquire)
    """Acquires the lock, waiting for it, when it is read: True."""

    held_here = property(RLock._is_owned)  # type: ignore[attr-defined]
    """Whether this thread holds it."""

    def run(self, work: Callable[[], T]) -> T:
        """Do `work` with the lock held. Returns what it returns, raises what it raises."""
        held = False
        try:
            try:
                held = self.taken
                return work()
            except BaseException as error:
                failure = error
        finally:
            if held:
                self.release()
        try:
            raise failure
        finally:
            del failure  # or its traceback and this frame would hold each other
