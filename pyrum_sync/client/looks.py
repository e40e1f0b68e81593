"""What a waiting thread looks at: whether a call is set up, over, or has something to read. Called with the lock held.

A look returns Pending if there is nothing yet.
"""

from __future__ import annotations

from threading import get_ident

from pyrum_sync.catalogue.tree import REQUEST
from pyrum_sync.client.call_state import CallState
from pyrum_sync.client.phases import BROKEN, STARTING, UNSENT
from pyrum_sync.protocol.lines import next_line

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from typing import Final


class Pending:
    """Nothing yet. `line`, if any, is to be sent before waiting; `sent` gets how much of it was."""

    __slots__ = ("line", "sent")

    def __init__(self, line: str = "", sent: list[int] | None = None) -> None:
        self.line = line
        self.sent = [] if sent is None else sent


NOTHING_YET: Final = Pending()


class Failed(Exception):
    """The call has failed, or was never sent."""


class Over(Exception):
    """There is nothing more to read, and nothing went wrong: loops end with it, a single read raises CallEnded."""


class CutShort(Exception):
    """There is nothing more to read, because the Rumor was closed: RumorClosed."""


def failed(call: CallState) -> bool:
    """Whether the call, or the request that it makes, failed, or was never sent."""
    return call.failure is not None or call.phase is UNSENT


def at_end(call: CallState) -> Exception:
    """What to raise when there is nothing more to read."""
    if failed(call):
        return Failed()
    return Over() if call.ended else CutShort()


def set_up(call: CallState) -> Pending | None:
    """Has the command's set-up succeeded? Raises Failed if it has not."""
    if call.phase in BROKEN or call.phase is UNSENT:
        raise Failed
    return NOTHING_YET if call.phase is STARTING else None


def finished(call: CallState) -> Pending | None:
    """Is the call freed? Raises Failed if it had failed."""
    if not call.over and call.phase not in BROKEN:
        return pending(call, REQUEST)
    if failed(call):
        raise Failed
    return None


def pending(call: CallState, *kinds: str | None) -> Pending:
    """What to wait with: a `next` to send, if the call's steps are of these kinds and one is due."""
    steps = call.steps
    if steps is None or steps.kind not in kinds or not call.step_due:
        return NOTHING_YET
    bound = f"{steps.bound()}ms" if steps.kind == REQUEST else ""
    return Pending(next_line(call.id, bound), steps.request(get_ident()))
