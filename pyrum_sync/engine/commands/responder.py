"""Requests that wait for an answer, by number (Rumor's control/actor/rpc/state.go)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pyrum_sync.engine.commands.incoming import Incoming
from pyrum_sync.engine.commands.option_types import OptionError, go_integer
from pyrum_sync.engine.session.commands import CommandError
from pyrum_sync.engine.session.context import Context

MOST_OPEN: Final = 4096
"""How many requests of a method are kept; those whose requester has gone are among them until they are closed."""


@dataclass(frozen=True)
class OpenRequest:
    """A request that was taken and not yet closed."""

    incoming: Incoming
    context: Context


class Responder:
    """The open requests of one method of one actor."""

    def __init__(self) -> None:
        self._requests: dict[int, OpenRequest] = {}
        self._count = 0

    def add(self, request: OpenRequest) -> int:
        """Keeps a request; returns its number. Past `MOST_OPEN` the oldest is closed."""
        number = self._count
        self._count += 1
        self._requests[number] = request
        if len(self._requests) > MOST_OPEN:
            self.close(next(iter(self._requests)))
        return number

    def get(self, text: str) -> tuple[int, OpenRequest]:
        """The request of that number; CommandError in Rumor's words."""
        try:
            number = go_integer(text, "ParseUint", 0, 2**64 - 1)
        except OptionError:
            raise CommandError(f"Could not parse request key '{text}'") from None
        request = self._requests.get(number)
        if request is None:
            raise CommandError(f"Could not find request corresponding to key '{number}'")
        return number, request

    def close(self, number: int) -> None:
        """Closes a request: no more chunks."""
        request = self._requests.pop(number, None)
        if request is not None:
            request.context.cancel()
