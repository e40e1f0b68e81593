"""Clean-up that a signal cannot prevent.

Python runs signal handlers in the main thread, between any two steps of the program. What a handler raises
(KeyboardInterrupt for Ctrl-C, or anything else) comes up right there: so also in the middle of a ``finally``, or
between the end of a block and the first step of its clean-up. A clean-up that is written once can be skipped.

Hence each is entered twice:

>>> cleanup = Cleanup(undo)  # doctest: +SKIP
>>> with cleanup, cleanup:  # doctest: +SKIP
...     work()

If a signal stops the inner exit, at whatever point, its exception leaves the block through the outer exit, which cleans
up again. So `undo` must be harmless when it runs twice, and when the first run stopped half-way.

The limit: a second signal that raises during the outer exit can stop that one as well. By then the first run is over,
or has been stopped by a first signal: nothing short of blocking signals would help, and that is not a library's to do.
"""

from __future__ import annotations

from collections.abc import Callable

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from types import TracebackType


class Cleanup:
    """Calls `clean` when a block is left, in whatever way. To be entered twice: see the module."""

    __slots__ = ("_clean",)

    def __init__(self, clean: Callable[[], object]) -> None:
        self._clean = clean

    def __enter__(self) -> None:
        """Nothing to do: whatever has to be undone is done in the block."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._clean()


class CleanupOnError(Cleanup):
    """The same for a block whose work stays when it succeeds: calls `clean` only if it raises.

    A signal that comes once the block has succeeded undoes nothing.
    """

    __slots__ = ()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._clean()
