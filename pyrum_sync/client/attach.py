"""Attaching to a call that another session of the same server started."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from pyrum_sync.client.call import Call
from pyrum_sync.client.call_state import CallState
from pyrum_sync.client.deadline import Deadline, TimeUp
from pyrum_sync.client.looks import NOTHING_YET, Pending
from pyrum_sync.client.phases import ANYTHING, ATTACHING, UNSENT
from pyrum_sync.client.session import Session
from pyrum_sync.client.signals import CleanupOnError
from pyrum_sync.client.steps import Steps
from pyrum_sync.errors import CallEnded, CallTimeout
from pyrum_sync.protocol.lines import attach_line, call_name
from pyrum_sync.transports.link import SendTimeout


def attach(session: Session, call_id: str, deadline: Deadline, handle_of: Callable[[CallState], Call]) -> Call:
    """Attach to a call, and wait until Rumor has said whether it is running. As `Rumor.attach`.

    Args:
        handle_of: the Call for a state.
    """
    call_id = call_name(call_id)
    while True:
        session.check()
        call = _try(session, call_id, deadline, handle_of)
        if call is not None:
            return call


def _try(session: Session, call_id: str, deadline: Deadline, handle_of: Callable[[CallState], Call]) -> Call | None:
    """The same; None if the thread that had asked for the call has given up."""
    handle: Call | None = None
    mine: CallState | None = None

    def forget() -> None:
        if mine is not None:
            session.forget(mine)

    def find_or_add() -> CallState:
        nonlocal handle, mine
        state = session.demux.calls.get(call_id)
        if state is None or state.handle is None:  # several threads may ask at once: one sends it, all wait
            state = mine = CallState(call_id, attach_line(call_id), Steps(None), ATTACHING)
            handle = handle_of(mine)
            session.demux.add(mine)
        else:
            handle = handle_of(state)
        return state

    cleanup = CleanupOnError(forget)
    try:
        with cleanup, cleanup:
            state = session.demux.lock.run(find_or_add)
            if mine is not None:
                session.start(mine, deadline)
            session.wait(state, ANYTHING, partial(_answered, state), deadline)
    except (TimeUp, SendTimeout):
        raise CallTimeout(f"{handle!r}: waited {deadline.limit} s for it to be attached", call=handle) from None
    if state.phase is UNSENT:
        return None
    if state.over:
        raise CallEnded(f"the server has no running call {call_id!r}")
    return handle


def _answered(call: CallState) -> Pending | None:
    return NOTHING_YET if call.phase is ATTACHING else None
