"""The phases of a call's life, the legal moves between them, and the kinds of news, as data.

Pure: no socket, thread or clock.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from typing import Final, Literal

    Event = Literal[
        "__success", "__error", "__freed", "__step", "refused", "taken back", "present", "absent"
    ]  # mypy refuses a misspelt one


class Phase:
    """A phase: an object of its own, compared by identity, so that none can be misspelt."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


STARTING: Final = Phase("starting")  # sent; the command's set-up is not over
RUNNING: Final = Phase("running")  # set up; instant calls are freed next, long-running ones live on
FAILING: Final = Phase("failing")  # failed; its resources are not freed yet
FREED: Final = Phase("freed")  # over
FAILED: Final = Phase("failed")  # over, and it had failed
UNSENT: Final = Phase("unsent")  # over before any of its line was written
ATTACHING: Final = Phase("attaching")  # another session's; Rumor has not said whether it is running

# The events. Those that Rumor logs as a mark have the name of the mark.
SUCCESS: Final = "__success"
ERROR: Final = "__error"
FREE: Final = "__freed"
STEP: Final = "__step"
REFUSED: Final = (
    "refused"  # the line failed: nothing new after an error, otherwise the last that Rumor says of the call
)
TAKEN_BACK: Final = "taken back"
PRESENT: Final = "present"
ABSENT: Final = "absent"

MOVES: Final[dict[tuple[Phase, Event], Phase]] = {
    (STARTING, SUCCESS): RUNNING,
    (STARTING, ERROR): FAILING,
    (STARTING, REFUSED): FAILED,
    (STARTING, FREE): FAILED,
    (STARTING, TAKEN_BACK): UNSENT,
    (RUNNING, FREE): FREED,
    (RUNNING, ERROR): FAILING,  # another session's, attached during its set-up
    (FAILING, FREE): FAILED,
    (ATTACHING, PRESENT): RUNNING,
    (ATTACHING, SUCCESS): RUNNING,
    (ATTACHING, ERROR): FAILING,
    (ATTACHING, ABSENT): FREED,
    (ATTACHING, FREE): FREED,
    (ATTACHING, TAKEN_BACK): UNSENT,
}
"""The legal moves. Anything else that Rumor may say changes no phase."""

SUCCEEDED: Final = frozenset((RUNNING, FREED))
OVER: Final = frozenset((FREED, FAILED, UNSENT))
BROKEN: Final = frozenset((FAILING, FAILED))

# What a thread may wait for: bits, so that one wake-up covers several kinds of news.
SET_UP: Final = 1
OVER_NOW: Final = 2
DATA: Final = 4
STEPPED: Final = 8
ANYTHING: Final = 15
