"""A thread that waits."""

from __future__ import annotations

from threading import Lock

from pyrum_sync.client.phases import ANYTHING


class Waiter:
    """One wait of one thread. Its `bits` are the kinds of news that wake it; it is woken once.

    It is a plain lock, not an Event: a signal handler may wait in the very thread that is waiting.
    """

    __slots__ = ("_gate", "bits")

    def __init__(self, bits: int = ANYTHING) -> None:
        self.bits = bits
        self._gate = Lock()
        self._gate.acquire()

    @property
    def asleep(self) -> bool:
        """Whether it was not woken yet."""
        return self._gate.locked()

    def wake(self) -> None:
        """Let the thread go on. A second time is harmless."""
        try:
            self._gate.release()
        except RuntimeError as error:
            # Awake already: a signal handler woke it, in the thread that was about to. Unless this is what a handler
            # raised, which comes from a frame of its own.
            if error.__traceback__ is not None and error.__traceback__.tb_next is not None:
                raise

    def sleep(self, seconds: float) -> bool:
        """Wait to be woken. Returns False if it was not woken in that time."""
        return self._gate.acquire(timeout=seconds)
