"""The first round trip: is the other side a Rumor, and does it log enough?"""

from __future__ import annotations

from pyrum_sync.client.call_state import CallState
from pyrum_sync.client.deadline import Deadline, TimeUp
from pyrum_sync.client.looks import NOTHING_YET, Pending
from pyrum_sync.client.phases import ANYTHING, STARTING
from pyrum_sync.client.session import Session
from pyrum_sync.errors import ConnectionLost, HandshakeError
from pyrum_sync.protocol.entries import Entry
from pyrum_sync.protocol.lines import hello_line
from pyrum_sync.transports.link import SendTimeout


class EngineListener:
    """Hears what the engine says of itself in its first entry. A Go Rumor says nothing of that kind."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __call__(self, entry: Entry) -> None:
        if self._session.engine is None and "engine" in entry:
            from pyrum_sync.protocol.engine_info import engine_info

            self._session.engine = engine_info(entry)


def greet(session: Session, deadline: Deadline) -> None:
    """Make sure that the other side is a Rumor that logs at trace level.

    Raises: HandshakeError if it is not, or has not answered by the deadline; RumorNotFound if no program was started.
    """
    link = session.link
    call_id = session.new_id()
    call = CallState(call_id, hello_line(call_id))
    call.foreign = True  # frees itself
    silent = False  # it logs less than trace level

    def echoed(entry: Entry) -> CallState | None:
        nonlocal silent
        said = entry.get("stderr")
        if not isinstance(said, str) or said.strip() != call_id:
            return None
        silent = call.phase is STARTING
        return call

    def look() -> bool | Pending:
        if call.phase is not STARTING or silent:
            return True
        if any(call_id in line for line in session.strange):
            raise HandshakeError(f"{link!r} is not a Rumor: it says {session.strange[-1]!r}")
        return NOTHING_YET

    try:
        session.exchange(call, echoed, ANYTHING, look, deadline)
    except (TimeUp, SendTimeout):
        raise HandshakeError(
            f"{link!r} did not answer as a Rumor does within {deadline.limit} s{_said(session)}"
        ) from None
    except HandshakeError:
        raise
    except ConnectionLost as error:
        end = session.end
        if end.not_found is not None:
            raise end.not_found from None
        raise HandshakeError(
            f"{link!r} ended before it answered: {end.text}{_said(session)}",
            exit_status=error.exit_status,
            stderr=error.stderr,
        ) from error
    if silent:
        raise HandshakeError(f"{link!r} is a Rumor below trace level: start it with --level=trace")
    session.greeted = True


def _said(session: Session) -> str:
    return f"; it said {session.strange[0]!r}" if session.strange else ""
