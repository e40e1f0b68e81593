"""The steps of one call: which entries belong to one, whether it failed, and when there will be no more.

Pure: no socket, thread or clock. The lock of the demultiplexer guards it.
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import length_hint

from pyrum_sync.catalogue.tree import REQUEST
from pyrum_sync.protocol.entries import Entry, fields, newest

_REQUEST_DONE = "Completed request"
_REQUEST_FAILED = "failed to make request"
# The last message of a step that succeeds. One with other words, as another Rumor may have them, is believed to have
# succeeded until `failed` follows; one that logged nothing, or trouble, has failed, and `failed` follows.
_STEP_DONE = frozenset(
    ("made request", "Received chunk", "Received request, queued it to respond to!", "Got random node")
)
# Logged by other parts of the command, possibly during a step: these belong to no step.
_NO_STEP = frozenset(
    (
        "Received a request, run 'next' to start processing it.",
        "Responded!",
        "Shutting down request without response!",
        "Opened listener",
        _REQUEST_DONE,
        _REQUEST_FAILED,
    )
)
_TROUBLE = ("warning", "error", "fatal", "panic")  # levels
# How a `next` that took a step ends if the step failed.
_FAILED_STEP = "step failed: "
# A bounded `next` that found no step in time: nothing is pending in Rumor, and nothing is wrong.
_NOTHING_YET = "step failed: step request stopped"
# How long a request's `next` waits in Rumor, in ms. Bounded, it leaves nothing pending there: so the end of a request
# can be distinguished from a step on its way, but only once the bound is over. Hence short at first, then longer.
_BOUNDS = (20, 500)
# Steps are also taken for readers of fields, or by another session of the server: this many are kept for readers of
# steps. A request ends by itself, so it needs no bound.
_MOST = 10_000


class Step:
    """A step as Rumor reports it: its fields, or why it failed and the entry that says so; or how many were lost."""

    __slots__ = ("error", "failure", "fields", "lost")

    def __init__(self, fields: Entry, failure: str | None = None, lost: int = 0) -> None:
        self.fields = fields
        self.failure = failure
        self.lost = lost
        self.error: Exception | None = None  # what to raise for the failure, made on delivery


class Steps:
    """The steps of one call. At most one `next` is outstanding; its step goes to the thread that asks first."""

    __slots__ = (
        "_bound", "_doubtful", "_last", "delivered", "done", "ended", "failing", "failure", "fields", "kind", "over",
        "ready", "requested", "requester", "sent",
    )  # fmt: skip

    def __init__(self, kind: str | None) -> None:
        self.kind = kind
        self.ready: list[Step] = []
        self.delivered: Iterator[Step] = iter(())  # those that readers may take, each in a loop: see Cursor.ready
        self.requested = False  # a `next` was sent or is about to be, and Rumor has not answered it
        self.requester = 0  # the thread that sends it
        self.sent: list[int] = []  # how much of it went out
        self.failing = False  # its `__step` has arrived, and its `failed` will
        self.fields: Entry = {}  # of the entries since the previous step
        self.done: Entry | None = None  # the entry with which the coming step succeeds
        self.over = False  # a request that has logged its last message
        self.ended = False  # over, and no step can still be coming
        self.failure: Entry | None = None  # why a request failed
        self._bound = _BOUNDS[0]
        self._last: Entry | None = None  # the newest entry of the coming step
        self._doubtful: Step | None = None  # believed to have succeeded

    def bound(self) -> int:
        """How many milliseconds the `next` that is sent now may wait in Rumor."""
        bound = self._bound
        self._bound = min(2 * bound, _BOUNDS[1])
        return bound

    def request(self, requester: int) -> list[int]:
        """A `next` is about to be sent by this thread. Returns the list in which to note how much of it went out."""
        self.sent, self.requester = [], requester
        self.requested = True
        self._last = None  # what set-up logged is not of the step
        return self.sent

    def deliver(self) -> bool:
        """Move what is ready to `delivered`, if that is empty. Returns whether there are steps to take."""
        if not length_hint(self.delivered):
            delivered = iter(self.ready)
            self.delivered, self.ready = delivered, []  # no call in between, so no signal either
        return bool(length_hint(self.delivered))

    def note(self, entry: Entry) -> None:
        """An entry of the call."""
        message = entry.get("msg")
        if type(message) is not str:
            message = ""
        if message not in _NO_STEP:
            self.fields.update(fields(entry))
            self.fields = newest(self.fields)
            self._last = entry
            if message in _STEP_DONE:
                self.done = entry
        elif self.kind == REQUEST and message in (_REQUEST_DONE, _REQUEST_FAILED):
            self.over = True
            if message == _REQUEST_FAILED:
                self.failure = entry
            self._settle()

    def stepped(self) -> None:
        """A `__step`: the answer to our `next`, or the first half of a failed one."""
        entry = self.done or self._last
        if entry is None or entry.get("result_code", 0) != 0 or (self.done is None and entry.get("level") in _TROUBLE):
            self.failing = True
            return
        step, known = Step(self.fields), self.done is not None
        self._finish(step)
        self._doubtful = None if known else step

    def next_failed(self, why: str, entry: Entry) -> None:
        """A `next` that failed: the second half of a failed step, or there was no step in time."""
        if self.failing:
            chunk = self.done
            text = _peer_text(chunk) if chunk is not None else ""
            self._finish(Step(chunk or entry, text or why.removeprefix(_FAILED_STEP)))
            return
        doubtful, self._doubtful = self._doubtful, None
        if doubtful is not None and why != _NOTHING_YET and why.startswith(_FAILED_STEP):
            reason = why.removeprefix(_FAILED_STEP)
            if doubtful in self.ready:
                doubtful.fields, doubtful.failure = entry, reason
            else:  # it was delivered as what it seemed to be, so the next reader learns of it
                self.ready.append(Step(entry, f"an earlier step failed: {reason}"))
            return
        self.requested = False
        if why != _NOTHING_YET and self.kind != REQUEST:
            self.over = True
        self._settle()

    def _finish(self, step: Step) -> None:
        self.ready.append(step)
        if len(self.ready) > _MOST and self.kind != REQUEST:
            self._drop()
        self.requested = self.failing = False
        self._bound = _BOUNDS[0]
        self.fields = {}
        self.done = self._last = self._doubtful = None
        self._settle()

    def _drop(self) -> None:
        """Forget the oldest step: one that stands for all lost ones takes its place."""
        if not self.ready[0].lost:
            self.ready[0] = Step({}, lost=1)
        else:
            del self.ready[1]
            self.ready[0].lost += 1

    def _settle(self) -> None:
        # While a `next` is outstanding, the step that it took may still be on its way.
        self.ended = self.over and not self.requested


def _peer_text(chunk: Entry) -> str:
    """The text of the peer in a chunk with an error code."""
    text = chunk.get("fields.msg")
    if isinstance(text, str):
        return text
    data = chunk.get("data")
    try:
        return bytes.fromhex(data).decode(errors="replace") if isinstance(data, str) else ""
    except ValueError:
        return ""
