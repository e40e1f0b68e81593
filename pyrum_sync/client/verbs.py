"""The verbs of Rumor's sessions (`kill`, `me`, `calls`), which log no completion."""

from __future__ import annotations

from collections.abc import Callable

from pyrum_sync.client.call_state import CallState
from pyrum_sync.client.deadline import Deadline, TimeUp
from pyrum_sync.client.looks import NOTHING_YET, Pending
from pyrum_sync.client.phases import OVER_NOW
from pyrum_sync.client.session import Session
from pyrum_sync.errors import CallError, CallTimeout
from pyrum_sync.protocol.entries import Entry, reason
from pyrum_sync.protocol.lines import verb_line
from pyrum_sync.transports.link import SendTimeout


def run_verb(
    session: Session, actor: str, verb: str, deadline: Deadline, listen: Callable[[Entry], None] | None = None
) -> CallState:
    """Run a verb, and wait until it is done.

    Args:
        actor: the actor's name; "" for the default actor.
        listen: gets the entries that belong to no call.
    Returns: the harmless call after the verb, whose entries name the default actor.
    Raises: CallError, CallTimeout, ConnectionLost.
    """
    call_id = session.new_id()
    call = CallState(call_id, verb_line(call_id, actor, verb))

    def heard(entry: Entry) -> CallState | None:
        if listen is not None:
            listen(entry)
        return None  # the end of the harmless call is what is waited for

    def look() -> Pending | None:
        if call.error is not None:
            raise CallError(f"{verb}: {reason(call.error)}", entry=call.error)
        return None if call.over else NOTHING_YET

    try:
        session.exchange(call, heard, OVER_NOW, look, deadline)
    except (TimeUp, SendTimeout):
        whose = f"actor {actor!r}" if actor else "the default actor"
        raise CallTimeout(f"waited {deadline.limit} s for {verb!r} of {whose}") from None
    return call
