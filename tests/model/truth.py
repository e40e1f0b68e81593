"""What one call is, as the other side knows it: what it may say next, what it has said, and what that means to readers.

Written from what Rumor does and from what the interface promises, and not from the client.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.support.peers import FREED, SUCCESS, data, entry

Entry = dict[str, Any]

PLAIN, REQUEST, LISTENER, SEARCH, TOOL, ATTACHED = "plain", "request", "listener", "search", "tool", "attached"
STEPPING = (REQUEST, LISTENER, SEARCH, ATTACHED)
_WHERE = ("actor", "call_id", "level", "time")  # no fields
_LEVELS = ("info", "debug", "trace")

# Said by other parts of a listener while a step may be under way.
_NOISE = ("Received a request, run 'next' to start processing it.", "Responded!", "Opened listener")
_TAKEN = {
    REQUEST: "Received chunk",
    LISTENER: "Received request, queued it to respond to!",
    SEARCH: "Got random node",
    ATTACHED: "Received request, queued it to respond to!",
}
_TEXT = "no, thanks"  # in a chunk with an error code


def fields(said: Entry) -> Entry:
    return {key: value for key, value in said.items() if key not in _WHERE}


@dataclass
class Step:
    """A step: its number, and its fields or why it failed."""

    rest: list[str]  # what is still to be said of it
    last: bool = False  # of a request, whose last word may come from now on
    code: int = 0
    number: int = 0
    fields: Entry = field(default_factory=dict)
    failure: str | None = None


class Truth:
    """One call. `number` gives each thing that is said a number of its own; `words` are those of its line."""

    def __init__(self, call_id: str, kind: str, number: Callable[[], int], words: list[str]) -> None:
        self.id = call_id
        self.kind = kind
        self._number = number
        self._words = words
        self.state = "attaching" if kind == ATTACHED else "starting"
        self.failure: int | None = None  # the number of the entry that says why the call, or its request, failed
        self.entries: list[Entry] = []
        self.history: list[Entry] = [{}]  # the newest value of each field, after each entry
        self.set_up_at = 0  # how many entries there were then
        self.steps: list[Step] = []
        self.asked = False  # a `next` has come, and was not answered
        self.cancel_wanted = self.cancel_sent = self.cancel_refused = False
        self.cut = False  # no end of its own: if it is freed, then because its Rumor was closed
        self.ended_before = False  # before the connection was gone
        self._under_way: Step | None = None
        self._last_word = False  # of a request, or of a `next` that finds that there is no more
        self._dying = False
        self._own_part = kind == ATTACHED  # another's, which may still be at its own part
        self._probing = kind == ATTACHED  # whether it is running has been asked, and not answered
        self._step_fields: Entry = {}
        self._tool: list[str] = []  # what was said of a tool
        self._late: list[str] = []  # what can still come when all is over

    # -- what it means

    @property
    def over(self) -> bool:
        return self.state in ("freed", "failed", "unsent")

    @property
    def broken(self) -> bool:
        return self.state in ("failing", "failed", "unsent")

    @property
    def ended(self) -> bool:
        """No more steps, values or entries will come."""
        return self.over or (self._last_word and not self.asked)

    @property
    def ends_readers(self) -> bool:
        """Whether who has read all is told of the call's end, or failure, whatever became of the connection."""
        return self.ended and not (self.cut and self.failure is None)

    @property
    def next_due(self) -> bool:
        """Whether a `next` may be sent."""
        return self.kind in STEPPING and self.state == "running" and not self.asked and not self.ended

    @property
    def cancel_due(self) -> bool:
        """Whether a cancel has to be sent."""
        wanted = self.cancel_wanted or (self.kind == REQUEST and self.ended)
        return self.state == "running" and wanted and not self.cancel_sent and not self.cancel_refused

    def numbers(self, key: str) -> list[int]:
        """The numbers of all that a kind of reader is to be given: of entries, steps, or the values of a field."""
        if key == "entries":
            return [each["n"] for each in self.entries]
        if key == "steps":
            return [each.number for each in self.steps]
        return [each[key] for each in self.entries if key in each]

    # -- what the client does

    def heard(self, verb: str) -> None:
        if verb == "next":
            assert self.next_due, f"a next that nobody may send: {self}"
            self.asked = True
        else:
            assert self.cancel_due, f"a cancel that nobody may send: {self}"
            self.cancel_sent = True

    def cancelled(self) -> None:
        """Somebody wants it cancelled."""
        if not self.over:
            self.cancel_wanted, self.cancel_refused = True, False

    def cut_off(self) -> None:
        """Its Rumor is being closed, and cancels it."""
        self.cut = not self.ended and not self.cancel_wanted
        self.cancelled()

    def given_up(self) -> None:
        """The connection is gone: an attach in progress was undone."""
        self.ended_before = self.ended
        if self.state == "attaching":
            self.state = "unsent"

    # -- what it may say next

    def choices(self) -> list[str]:
        """What may be said next; what is likely, more than once."""
        probe = ["present"] if self._probing else []
        if self.over:
            return [*self._late, *(["absent"] if self._probing else [])]
        if self.state == "attaching":
            return [*probe * 4, "data", "success", "error", "freed", "absent"]
        if self.kind == TOOL:
            return self._tool_choices()
        if self.state == "starting":
            return ["data", "data", *["success"] * 6, "error", "refuse", "freed"]
        if self.state == "failing":
            return [*probe, *self._late, "freed"]
        if self._dying:
            return ["no_step" if self.asked else "freed", "freed"]
        return [*probe, *self._running_choices()]

    def _running_choices(self) -> list[str]:
        found = ["data", "data", "many", "freed"]
        if self._own_part:
            found += ["success", "error"]
        if self.cancel_sent:
            found += ["freed"] * 4 + ["cancel_refused"]
        if self.kind in (LISTENER, ATTACHED):
            found += ["noise"]
        step = self._under_way
        if step is not None:
            found += ["go_on"] * 8
        elif self.asked:
            found += ["stopped"] * (8 if self._last_word else 2) if self.kind == REQUEST else ["no_step"]
            if not self._last_word:
                found += ["take"] * 6
                found += ["take_broken"] if self.kind in (REQUEST, SEARCH) else []
                found += ["take_last", "take_last", "take_last_broken"] if self.kind == REQUEST else []
                found += ["take_error", "take_last_error"] if self.kind == REQUEST else []
        if self.kind == REQUEST and not self._last_word and (step is None or step.last):
            found += ["completed"] * (6 if step is not None else 1) + ["request_failed"]
        return found

    def _tool_choices(self) -> list[str]:
        if not self._tool:
            return ["tool_success", "tool_success", "tool_success", "tool_error"]
        return [each for each in ("output", "output", "tool_freed", *self._late) if each not in self._tool]

    # -- saying it

    def say(self, what: str) -> bytes:
        """Say it; gives what goes over the wire."""
        said: bytes = getattr(self, f"_say_{what}")()
        return said

    def _entry(self, msg: str, *, level: str = "info", noise: bool = False, **more: Any) -> bytes:
        """A data entry; noise belongs to no step."""
        line = data(self.id, level=level, msg=msg, n=self._number(), **more)
        self._note(json.loads(line), noise)
        return line

    def _note(self, told: Entry, noise: bool) -> None:
        self.entries.append(told)
        self.history.append({**self.history[-1], **fields(told)})
        if not noise:
            self._step_fields.update(fields(told))

    def _failed(self, *words: str, why: str) -> tuple[int, bytes]:
        number = self._number()
        return number, entry(level="warning", msg="failed", error=why, args=[f"_{self.id}", *words], n=number)

    def _say_data(self) -> bytes:
        number = self._number()
        return self._entry("something", level=_LEVELS[number % 3], **self._extra(number))

    def _extra(self, number: int) -> Entry:
        return {"extra": self._number()} if number % 2 else {}

    def _say_many(self) -> bytes:
        """So many that the client takes them in one go."""
        return b"".join(self._entry("something", **self._extra(i)) for i in range(12))

    def _say_noise(self) -> bytes:
        return self._entry(_NOISE[self._number() % len(_NOISE)], noise=True, req_id="1")

    def _say_success(self) -> bytes:
        if self.state != "running":
            self.set_up_at = len(self.entries)
        self.state, self._own_part = "running", False
        return data(self.id, **SUCCESS)

    def _say_error(self) -> bytes:
        self.state, self.failure = "failing", self._number()
        if self.kind != ATTACHED:  # else the starter hears of it
            self._late.append("failed")
        return data(self.id, level="trace", msg="call failed with error", __error="it went wrong", n=self.failure)

    def _say_failed(self) -> bytes:
        """The second half of an error; it says nothing new."""
        self._late.remove("failed")
        return self._failed(*self._words, why="exit status 1: command failed: it went wrong")[1]

    def _say_refuse(self) -> bytes:
        """All that is said of a line that Rumor cannot read."""
        self.failure, line = self._failed(*self._words, why="exit status 1: no such thing")
        self.state = "failed"
        return line

    def _say_freed(self) -> bytes:
        number = self._number()
        if self.state == "starting":
            self.failure = number
        self.state = "failed" if self.state in ("starting", "failing") else "freed"
        if self.asked:
            self._late.append("no_step")
        if self.cancel_sent:
            self._late.append("nothing_to_cancel")
        return data(self.id, **FREED, n=number)

    # what answers the question whether it is running

    def _say_present(self) -> bytes:
        self._probing = False
        if self.state == "attaching":
            self.state = "running"
        return self._failed("next", "x", why='exit status 1: step timeout could not be parsed: time: "x"')[1]

    def _say_absent(self) -> bytes:
        self._probing = False
        if self.state == "attaching":
            self.state = "freed"
        return self._failed("next", "x", why="exit status 1: call not available for stepping")[1]

    # steps

    def _take(self, *rest: str, code: int = 0, last: bool = False) -> bytes:
        """A `next` takes a step. Where it is the last one, other things may be said before that shows."""
        self._under_way = Step(list(rest), code=code, last=last)
        return b"" if last else self._say_go_on()

    def _say_take(self) -> bytes:
        return self._take("entry", "mark")

    def _say_take_last(self) -> bytes:
        return self._take("entry", "mark", last=True)

    def _say_take_error(self) -> bytes:
        return self._take("entry", "mark", "failed", code=1 + self._number() % 3)

    def _say_take_last_error(self) -> bytes:
        return self._take("entry", "mark", "failed", code=1 + self._number() % 3, last=True)

    def _say_take_broken(self) -> bytes:
        return self._take("mark", "failed")

    def _say_take_last_broken(self) -> bytes:
        return self._take("mark", "failed", last=True)

    def _say_go_on(self) -> bytes:
        step = self._under_way
        assert step is not None
        part = step.rest.pop(0)
        if part == "entry":
            line = self._step_entry(step)
        elif part == "mark":
            line = data(self.id, level="trace", msg="Step complete", __step=True)
            if step.rest and not step.code and self._step_fields:
                # Until the rest comes it could be a step in other words: what is known by then depends on luck.
                return line + self._say_go_on()
        else:
            why = f"got {step.code} reqresp result code" if step.code else "snappy: corrupt input"
            number, line = self._failed("next", why=f"exit status 1: step failed: {why}")
            if not step.code:
                step.number, step.failure = number, why
        if not step.rest:
            step.fields, self._step_fields = self._step_fields, {}
            if step.failure is None:
                step.number = step.fields["n"]
            self.steps.append(step)
            self._under_way, self.asked = None, False
        return line

    def _step_entry(self, step: Step) -> bytes:
        if step.code:
            text: Entry = {"fields.msg": _TEXT} if step.code % 2 else {"data": _TEXT.encode().hex()}
            line = self._entry(_TAKEN[self.kind], result_code=step.code, **text)
            step.number, step.failure = self.entries[-1]["n"], _TEXT
            return line
        if self.kind == REQUEST and not self.steps:
            return self._entry("made request", level="debug")
        return self._entry(_TAKEN[self.kind])

    def _say_stopped(self) -> bytes:
        self.asked = False
        return self._failed("next", "20ms", why="exit status 1: step failed: step request stopped")[1]

    def _say_no_step(self) -> bytes:
        """A `next` finds that the call is going; that is told before its `__freed`, or behind it."""
        if self.over:
            self._late.remove("no_step")
        else:
            self.asked = False
            self._dying = True
            self._last_word = self._last_word or self.kind != REQUEST
        return self._failed("next", why="exit status 1: no remaining steps")[1]

    def _say_completed(self) -> bytes:
        self._last_word = True
        return self._entry("Completed request", noise=True)

    def _say_request_failed(self) -> bytes:
        self._last_word = True
        line = self._entry("failed to make request", level="error", noise=True, error="stream reset")
        self.failure = self.entries[-1]["n"]
        return line

    # cancelling

    def _say_cancel_refused(self) -> bytes:
        self.cancel_sent, self.cancel_wanted, self.cancel_refused = False, False, True
        return self._failed("cancel", why="exit status 1: it does not stop")[1]

    def _say_nothing_to_cancel(self) -> bytes:
        self._late.remove("nothing_to_cancel")
        return self._failed("cancel", why="exit status 1: nothing to cancel")[1]

    # a tool, whose output comes in an entry of no call, behind the marks or between them

    def _say_tool_success(self) -> bytes:
        self._tool.append("tool_success")
        return data(self.id, **SUCCESS)

    def _say_tool_error(self) -> bytes:
        self._tool.append("tool_error")
        return self._say_error()

    def _say_tool_freed(self) -> bytes:
        self._tool.append("tool_freed")
        if "tool_error" in self._tool:
            return self._say_freed()
        if "output" in self._tool:
            self.state = "freed"
        return data(self.id, **FREED)

    def _say_output(self) -> bytes:
        self._tool.append("output")
        line = entry(stdout=f"{self.id}=what it found", n=self._number())
        if "tool_success" in self._tool:
            self._note({**json.loads(line), "stdout": "what it found"}, False)
            self.set_up_at = len(self.entries)
            self.state = "freed" if "tool_freed" in self._tool else "running"
        return line

    def __repr__(self) -> str:
        flags = [name for name in ("asked", "cancel_wanted", "cancel_sent", "cancel_refused") if getattr(self, name)]
        return f"<{self.kind} {self.id} {self.state} {flags} {len(self.entries)} entries, {len(self.steps)} steps>"


def numbers() -> Callable[[], int]:
    """A number that was not there before, at each call."""
    return itertools.count(1).__next__
