"""Where a call comes from, and its errors: each names the call and the reason, and carries the entry that says so."""

from __future__ import annotations

from collections.abc import Callable

from pyrum_sync.catalogue.rows import INSTANT
from pyrum_sync.client.call_state import CallState
from pyrum_sync.client.deadline import Deadline
from pyrum_sync.client.phases import ATTACHING, FAILED, FAILING, FREED, RUNNING, STARTING, UNSENT
from pyrum_sync.errors import CallEnded, CallError, CallTimeout
from pyrum_sync.protocol.entries import Entry, reason
from pyrum_sync.protocol.lines import command_in
from pyrum_sync.protocol.redaction import printable

TYPE_CHECKING = False  # typing itself is slow to import
if TYPE_CHECKING:
    from typing import Any, Final

    from pyrum_sync.catalogue.tree import Command

    Seed = tuple[str, tuple[str, ...], Command | None]
    """Of an origin: the actor's name, the words, the command. It keeps nothing alive."""

_SHOWN = 200  # characters of a command
_LOOKED_AT = 1 << 14  # characters searched for keys in order to show that many


class Origin:
    """The actor that runs a call, the words of its command, and what the catalogue knows of that."""

    __slots__ = ("actor", "command", "keep", "path", "seed")

    def __init__(self, actor: Any, path: tuple[str, ...], command: Command | None, keep: object = None) -> None:
        self.actor = actor
        self.path = path
        self.command = command
        self.keep = keep  # the Rumor, where no actor keeps it: it must not be closed while the call is held
        self.seed: Seed | None = None if actor is None else (actor.name, path, command)


def elsewhere(rumor: object) -> Origin:
    """Of a call that another session started."""
    return Origin(None, (), None, rumor)


def state(call: CallState, command: Command | None) -> str:
    """The state of a call, in a word. An instant command is done once it has succeeded: when Rumor frees it depends on
    the moment, and says nothing more of it."""
    if call.phase is not UNSENT and call.failure is not None:
        return "failed"
    instant = command is not None and command.kind == INSTANT and call.steps is None
    return "done" if instant and call.phase is RUNNING else _STATES[call.phase]


_STATES: Final = {
    STARTING: "starting",
    RUNNING: "running",
    FAILING: "failed",
    FREED: "done",
    FAILED: "failed",
    UNSENT: "not sent",
    ATTACHING: "attaching",
}


def describe(call: CallState, origin: Origin, mask: Callable[[str, int], str]) -> str:
    """A call in a line: its id, the command as it was written, its actor, its state."""
    written = command_in(call.line, call.id)
    if not written:
        return f"{printable(call.id)}: attached, {state(call, None)}"
    shown = mask(written, _LOOKED_AT)
    if len(shown) > _SHOWN:
        shown = f"{shown[:_SHOWN]}…"
    whose = origin.actor.name or "default actor"
    return f"{call.id}: {printable(shown)}, {whose}, {state(call, origin.command)}"


def failure(handle: Any, call: CallState, origin: Origin, mask: Callable[[str], str]) -> CallError:
    """Why a call failed, with a hint where Rumor did not know a word or a flag. `handle` is what the user holds."""
    if call.phase is UNSENT:
        return CallError("it was never sent", call=handle)
    entry = call.failure or {}
    if "__freed" in entry:
        return CallError("Rumor freed it without saying that it succeeded", call=handle, entry=entry)
    from pyrum_sync.catalogue.help import error_hint

    message = reason(entry, "__error" if "__error" in entry else "error")
    message += error_hint(origin.path, message)
    return CallError(mask(message), call=handle, entry=entry)


def timeout(handle: Any, deadline: Deadline, what: str) -> CallTimeout:
    """The deadline of a wait passed."""
    return CallTimeout(f"{handle!r}: waited {deadline.limit} s {what}", call=handle)


def ended(handle: Any, data: Entry, what: str) -> CallEnded:
    """The call ended without another step, value or entry."""
    names = ", ".join(data) or "none"
    return CallEnded(f"{handle!r}: the call ended without another {what}; the fields that it had: {names}")
