"""One field of a call."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pyrum_sync.client import outcome
from pyrum_sync.client.deadline import DEFAULT, Deadline, Timeout, resolve
from pyrum_sync.client.looks import Over
from pyrum_sync.transports.lifecycle import Live

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from typing import Any

    Ready = Callable[[str | None, Deadline], Iterator[Any]]
    """Waits until there are values of a field (None: entries)."""


class Field(Live):
    """The values of one field of a call: ``field()`` is the next one, a loop goes through all of them."""

    __slots__ = ("_call", "_limit", "_name", "_ready")
    _INSTEAD = "pass its values on"

    def __init__(self, call: Any, name: str, ready: Ready, limit: float | None) -> None:
        self._call = call
        self._name = name
        self._ready = ready
        self._limit = limit

    def __repr__(self) -> str:
        return f"<field {self._name!r} of {self._call!r}>"

    def __call__(self, timeout: Timeout = DEFAULT) -> Any:
        """Wait for the next unread value.

        Returns: the value.
        Raises: CallEnded if the call ends without another, CallError if it failed, CallTimeout, ConnectionLost,
            DataLost.
        """
        deadline = Deadline(resolve(timeout, self._limit))
        try:
            while True:  # another thread may be faster
                for value in self._ready(self._name, deadline):
                    return value
        except Over:
            raise outcome.ended(self._call, self._call.data, f"value of {self._name!r}") from None

    def values(self, timeout: Timeout = DEFAULT) -> Iterator[Any]:
        """The values until the call ends; `timeout` covers each turn. Raises as a single read, except CallEnded."""
        return each(self._name, self._ready, resolve(timeout, self._limit))

    def __iter__(self) -> Iterator[Any]:
        return self.values()


def each(key: str | None, ready: Ready, limit: float | None) -> Iterator[Any]:
    """The values of a field (None: the entries) until the call ends; `limit` is that of each turn, in seconds."""
    while True:
        try:
            values = ready(key, Deadline(limit))
        except Over:
            return
        yield from values
