"""Running text of Rumor's shell."""

from __future__ import annotations

from functools import partial

from pyrum_sync.client.call_state import CallState
from pyrum_sync.client.deadline import Deadline, TimeUp
from pyrum_sync.client.looks import NOTHING_YET, Pending
from pyrum_sync.client.phases import ANYTHING
from pyrum_sync.client.session import Session
from pyrum_sync.client.signals import Cleanup
from pyrum_sync.errors import CallTimeout, ShellError
from pyrum_sync.protocol.entries import Entry
from pyrum_sync.protocol.lines import call_number
from pyrum_sync.protocol.script import ShellResult, Transcript, script_line
from pyrum_sync.protocol.values import checked
from pyrum_sync.transports.link import SendTimeout


def run_script(session: Session, script: str, deadline: Deadline, *, check: bool) -> ShellResult:
    """Run a script, and wait for its end. As `Rumor.shell`."""
    call_id = session.new_id()
    transcript = Transcript(call_id)
    call = CallState(call_id, script_line(call_id, checked(script, "script")))
    session.mask.learn_from(script)
    call.foreign = True  # no call of its own: nothing to cancel
    before = -1

    def listen(entry: Entry) -> CallState | None:
        if transcript.over:  # its result is complete, however late this thread looks
            return None
        if "call_id" in entry or _failed(session, entry):
            number = call_number(entry.get("call_id"))
            if number is not None and number <= before:
                return None  # what an earlier script has left running
            session.turns.newest_call = max(session.turns.newest_call, -1 if number is None else number)
            transcript.result.entries.append(entry)
        elif not isinstance(text := entry.get("stdout"), str) or not transcript.take(text):
            return None
        return call

    def look() -> ShellResult | Pending:
        return transcript.result if transcript.over else NOTHING_YET

    cleanup = Cleanup(partial(_end, session, call))
    try:
        with cleanup, cleanup:
            session.turns.take(call, deadline, session.check)
            before = session.turns.newest_call
            session.clearing.script_begins(call, deadline)
            result = session.exchange(call, listen, ANYTHING, look, deadline)
        session.demux.count_freed(transcript.calls())
        session.mask.learn_made(result.entries)
        result.mask = session.mask
    except (TimeUp, SendTimeout):
        raise CallTimeout(f"waited {deadline.limit} s for a shell script to end; it goes on in Rumor") from None
    if check and result.status != 0:
        said = session.mask(transcript.why())
        raise ShellError(f"the script ended with exit status {result.status}: {said}", result=result)
    return result


def _failed(session: Session, entry: Entry) -> bool:
    """Whether it says that a line of the script failed. It has no call id, and may come of a line of ours."""
    args = entry.get("args")
    if entry.get("msg") != "failed" or not isinstance(args, list) or not args:
        return False
    first = args[0]
    if not isinstance(first, str):
        return False
    # Steps and cancels of calls that were attached to are ours as well.
    asked = first.startswith("_") and args[1:2] in (["next"], ["cancel"])
    return not asked and not (first.startswith("_") and session.is_own_id(first))


def _end(session: Session, call: CallState) -> None:
    session.forget(call)
    session.clearing.script_ended(call)
    session.turns.end(call)
