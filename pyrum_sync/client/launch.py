"""Starting a call: whatever interrupts it, nothing is left over."""

from __future__ import annotations

from functools import partial

from pyrum_sync.client import looks, outcome
from pyrum_sync.client.call import Call
from pyrum_sync.client.call_state import CallState
from pyrum_sync.client.deadline import FOREVER, Deadline, TimeUp
from pyrum_sync.client.outcome import Origin
from pyrum_sync.client.phases import SET_UP, SUCCEEDED
from pyrum_sync.client.session import Session
from pyrum_sync.errors import CallError, CallTimeout, ConnectionLost
from pyrum_sync.transports.link import SendTimeout


class Form:
    """A command with its arguments: the line without the call id, and what the call will have."""

    __slots__ = ("line", "steps", "tool")

    def __init__(self, line: tuple[str, ...], steps: str | None, tool: bool) -> None:
        self.line = line  # what stands around the call id
        self.steps = steps  # their kind, or None
        self.tool = tool  # its output arrives after its end


def launch(
    session: Session, form: Form, origin: Origin, wait: bool, limit: float | None, default: float | None
) -> Call:
    """Start a call.

    Args:
        wait: whether to wait until its set-up has succeeded.
        limit: for that, in seconds.
        default: the limit of the call's own methods.
    Returns: the call.
    Raises: CallError if its set-up fails; CallTimeout, and whatever a signal handler raises (Ctrl-C): then the call is
        cancelled as soon as Rumor can, and the exception carries it as `call`; ConnectionLost.
    """
    call_id = session.new_id()
    state = CallState(call_id, call_id.join(form.line))
    if form.steps is not None:
        from pyrum_sync.client.steps import Steps  # many scripts do without

        state.steps = Steps(form.steps)
    if form.tool:
        state.held_marks = []
    call = Call(session, state, default, origin)
    try:
        deadline = FOREVER if limit is None else Deadline(limit)
        try:
            if not wait:
                session.start(state, deadline)
                return call
            session.call(state, SET_UP, deadline)
            if state.phase not in SUCCEEDED:
                session.wait(state, SET_UP, partial(looks.set_up, state), deadline)
            return call
        except looks.Failed:
            raise outcome.failure(call, state, origin, session.mask) from None
        except (TimeUp, SendTimeout):
            session.cancel(state)
            raise outcome.timeout(call, deadline, "for it to be set up") from None
    except (CallError, CallTimeout, ConnectionLost):
        raise
    except BaseException as error:  # Ctrl-C, or what a signal handler raises
        session.give_up(state)
        error.call = call  # type: ignore[attr-defined]
        raise
