"""The demultiplexer: batches of entries for calls in all states, with readers and waiting threads played by one thread,
beside a plain model of what each call must have heard, and who must have been woken.

Calls, readers and steps are the real ones; what stands for the session neither sends nor blocks.
"""

from __future__ import annotations

import json
import sys
import weakref
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from pyrum_sync import CallEnded, CallError, CallTimeout, DataLost
from pyrum_sync.catalogue.tree import LISTENER, REQUEST, SEARCH
from pyrum_sync.client.call import Call
from pyrum_sync.client.call_state import CallState
from pyrum_sync.client.deadline import TimeUp
from pyrum_sync.client.demux import Demultiplexer, Listener
from pyrum_sync.client.log import Log
from pyrum_sync.client.looks import Pending
from pyrum_sync.client.outcome import elsewhere
from pyrum_sync.client.phases import (
    ABSENT,
    ANYTHING,
    ATTACHING,
    DATA,
    FREED,
    MOVES,
    OVER,
    OVER_NOW,
    PRESENT,
    REFUSED,
    RUNNING,
    SET_UP,
    STARTING,
    STEPPED,
    TAKEN_BACK,
    UNSENT,
    Phase,
)
from pyrum_sync.client.steps import Steps
from pyrum_sync.client.waiter import Waiter
from pyrum_sync.protocol import redaction as masking
from pyrum_sync.protocol.entries import MARKS, Entry
from pyrum_sync.protocol.framing import one_call, parse
from tests.fuzz.source import Source

STEP_DONE = ("made request", "Received chunk", "Received request, queued it to respond to!", "Got random node")
REQUEST_OVER = ("Completed request", "failed to make request")
NO_STEP = (
    "Received a request, run 'next' to start processing it.",
    "Responded!",
    "Shutting down request without response!",
    "Opened listener",
    *REQUEST_OVER,
)
TROUBLE = ("warning", "error", "fatal", "panic")
NOTHING_YET = "step failed: step request stopped"
NOT_FIELDS = ("actor", "call_id", "level", "time")


RECORDED = sorted((Path(__file__).parent.parent / "conformance" / "recorded").glob("*.json"))


def recorded(*paths: Path) -> list[Entry]:
    """Entries of calls as a real Rumor wrote them, one of each kind."""
    found: dict[str, Entry] = {}
    for path in paths:
        for entries in json.loads(path.read_text())["calls"].values():
            for entry in entries:
                found.setdefault(f"{entry.get('msg')} {sorted(entry)}", entry)
    return list(found.values())[:256]


REAL = recorded(*RECORDED)

# -- what comes


class Deep:
    """Stands for lists in one another, about as many as can be read."""

    def __init__(self, short_of_limit: int) -> None:
        self.text = "[" * max(1, sys.getrecursionlimit() - short_of_limit)
        self.text += self.text.replace("[", "]")


ODD: tuple[Any, ...] = ("x", "", None, 7, True, 1.5, ["x"], {"a": 1}, 2**64, "\ud800", "_")
LEVELS: tuple[Any, ...] = ("trace", "info", "warning", "debug", None, 7, ["trace"], {"a": 1}, "TRACE")
MESSAGES: tuple[Any, ...] = ("", *STEP_DONE, *NO_STEP, "failed", "said", None, 7, ["failed"], {"a": 1})
KEYS = ("n", "addr", "data", "stdout", "stderr", "calls", "msg", "fields.msg", "error", "result_code", "actor", "")
REASONS: tuple[Any, ...] = (
    "exit status 1: no reason",
    f"exit status 1: {NOTHING_YET}",
    "step timeout could not be parsed: x",
    "call not available for stepping",
    "exit status 1: step failed: got 2 reqresp result code",
    None,
    7,
    ["x"],
    {"a": 1},
)
READERS: tuple[str | None, ...] = (None, "n", "addr", "data", "stdout", "msg", "error")


def text_of(entry: Entry) -> str:
    """A line of JSON; lists of any depth are written, too."""
    deep: list[str] = []

    def stand_in(value: object) -> str:
        assert isinstance(value, Deep)
        deep.append(value.text)
        return f"deep {len(deep)}"

    text = json.dumps(entry, default=stand_in, separators=(",", ":"))
    for number, each in enumerate(deep, 1):
        text = text.replace(f'"deep {number}"', each)
    return text


# -- what must come of it


class ModelSteps:
    """As the protocol's description has it: a step is what was logged since the previous one."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.since: list[Entry] = []
        self.asked = self.failing = self.over = False
        self.failure: Entry | None = None
        # Whether it went well (None: it is not known in time), the fields, the entry that says why not.
        self.ready: list[tuple[bool | None, Entry, Entry]] = []
        self.doubtful: tuple[bool | None, Entry, Entry] | None = None

    @property
    def ended(self) -> bool:
        return self.over and not self.asked

    def note(self, entry: Entry) -> None:
        message = entry.get("msg")
        if not (isinstance(message, str) and message in NO_STEP):
            self.since.append(entry)
        elif self.kind == REQUEST and message in REQUEST_OVER:
            self.over = True
            if message == REQUEST_OVER[1]:
                self.failure = entry

    def _done(self) -> Entry | None:
        done = [entry for entry in self.since if isinstance(entry.get("msg"), str) and entry["msg"] in STEP_DONE]
        return done[-1] if done else None

    def stepped(self) -> None:
        done = self._done()
        last = done or (self.since[-1] if self.since else None)
        if last is None or last.get("result_code", 0) != 0 or (done is None and last.get("level") in TROUBLE):
            self.failing = True
            return
        self._finish(True, merged(self.since))
        self.doubtful = None if done is not None else self.ready[-1]

    def failed(self, why: str, entry: Entry) -> None:
        if self.failing:
            self._finish(False, self._done() or entry)
            return
        doubtful, self.doubtful = self.doubtful, None
        if doubtful is not None and why != NOTHING_YET and why.startswith("step failed: "):
            self.ready = [(None, each[1], entry) if each is doubtful else each for each in self.ready]
            return
        self.asked = False
        if why != NOTHING_YET and self.kind != REQUEST:
            self.over = True

    def _finish(self, well: bool, fields: Entry) -> None:
        self.ready.append((well, fields, fields))
        self.since = []
        self.doubtful = None
        self.asked = self.failing = False


class ModelCall:
    def __init__(self, name: str, state: Phase, kind: str | None, tool: bool) -> None:
        self.id = name
        self.state = state
        self.held: list[tuple[str, Entry]] | None = [] if tool else None
        self.steps = ModelSteps(kind) if kind is not None else None
        self.log: list[Entry] = []
        self.read: Counter[str | None] = Counter()  # how much each kind of reader was given, or told that it lost
        self.heard = 0  # the bits of the batch

    def values(self, key: str | None) -> list[Any]:
        return [entry if key is None else entry[key] for entry in self.log if key is None or key in entry]

    def move(self, event: Any) -> bool:
        if (self.state, event) not in MOVES:
            return False
        self.state = MOVES[self.state, event]
        return True

    def news(self, bits: int) -> None:
        if self.steps is not None and self.steps.ended:
            bits |= STEPPED | DATA
        self.heard |= bits

    def take(self, entry: Entry) -> int:
        self.log.append(entry)
        if self.steps is not None:
            self.steps.note(entry)
        return DATA

    def tell(self, entry: Entry) -> int:
        marks = [mark for mark in ("__success", "__freed", "__step", "__error") if mark in entry]
        level = entry.get("level")
        if isinstance(level, str) and level == "trace" and marks:
            return self.mark(marks[0], entry)
        return self.take(entry)

    def mark(self, mark: str, entry: Entry) -> int:
        if mark == "__step":
            if self.steps is not None:
                self.steps.stepped()
            return STEPPED
        if self.held is not None:
            if mark != "__error":
                self.held.append((mark, entry))
                return 0
            self.held = None
        return ANYTHING if self.move(mark) and mark == "__freed" else SET_UP

    def output(self, text: str, entry: Entry) -> int:
        marks, self.held = self.held or [], None
        bits = self.take({**entry, "stdout": text})
        for mark, why in marks:
            bits |= self.mark(mark, why)
        return bits

    def refuse(self, args: list[Any], entry: Entry) -> int:
        verb = args[1] if len(args) > 1 else None
        error = entry.get("error")
        why = error.removeprefix("exit status 1: ") if isinstance(error, str) else ""
        if verb == "next":
            if len(args) == 3 and args[2] == "x":
                self.move(PRESENT if why.startswith("step timeout could not be parsed") else ABSENT)
                return ANYTHING
            if self.steps is not None:
                self.steps.failed(why, entry)
            return STEPPED | DATA | OVER_NOW
        if verb == "cancel":
            return OVER_NOW
        return ANYTHING if self.move(REFUSED) else 0


def sizes_of(log: Log) -> list[int]:
    """Of the line of each entry."""
    blocks = [block.lines(block.first, block.count)[0].split(b"\n") for block in log._blocks]
    return [len(line) for lines in (*blocks, log._lines) for line in lines]


def merged(entries: list[Entry]) -> Entry:
    return {key: value for entry in entries for key, value in entry.items() if key not in NOT_FIELDS}


def same(one: Any, other: Any) -> bool:
    """Whether both are the same, also what is no number. (Deep values cannot be compared.)"""
    if one is other:
        return True
    if type(one) in (int, float, list) and type(one) is type(other):
        try:
            return repr(one) == repr(other)
        except RecursionError:
            return True
    if type(one) is dict and type(other) is dict:
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    return type(one) is str and type(other) is str and one == other


# -- what stands for a session


class WatchedRecord(CallState):
    """Moves only as the table says."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "phase" and "phase" in self.__dict__:
            legal = {new for (old, _), new in MOVES.items() if old is self.phase}
            assert value is self.phase or value in legal, f"{self.phase} -> {value}"
        super().__setattr__(name, value)


Wait = tuple[CallState, Waiter, Callable[[], Any], Callable[[], None]]


class FakeSession:
    """What calls ask of a session. Waiting does not wait: it leaves a waiter, as a thread would."""

    def __init__(self, demux: Demultiplexer) -> None:
        self.demux = demux
        self.mask = masking.Mask()
        self.again: Callable[[], None] = lambda: None
        self.leave = False  # whether the next wait leaves a waiter
        self.waits: list[Wait] = []
        self.due: list[CallState] = []
        self.asked: Callable[[CallState], None]

    def check_process(self) -> None:
        pass

    def wait(self, record: CallState, bits: int, look: Callable[[], Any], _: float | None) -> Any:
        with self.demux.lock:
            found = look()
            if not isinstance(found, Pending):
                return found
            if self.leave:
                waiter = Waiter(bits)
                record.waiters.append(waiter)
                self.waits.append((record, waiter, look, self.again))
        if found.line:
            self.asked(record)
            assert found.sent is not None
            found.sent.append(len(found.line))
        raise TimeUp

    def cancel(self, record: CallState) -> None:
        with self.demux.lock:
            record.cancel_error = None
            record.cancel_wanted = True
            due = record.cancel_due
        if due:
            self.due.append(record)


class Machine:
    """The calls of one connection, and their model."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.max_unread = source.pick((100, 1, 2, 3, 10))
        self.max_bytes = source.pick((100_000, 1, 100, 400, 2000))
        self.clear_every = source.pick((None, 1, 3))
        self.little = min(2048, self.max_bytes >> 10)
        self.cleared = self.over = self.named = 0
        self.calls = Demultiplexer(
            max_unread=self.max_unread,
            max_unread_bytes=self.max_bytes,
            clear_every=self.clear_every,
            cancel=self.is_due,
            clear=self.is_cleared,
        )
        self.session = FakeSession(self.calls)
        self.session.asked = self.is_asked
        self.handles: list[tuple[Call, WatchedRecord, ModelCall]] = []
        self.flying: dict[str, ModelCall] = {}
        self.models: dict[CallState, ModelCall] = {}
        self.listening: list[Listener] = []
        self.strays: list[list[Entry]] = []  # what each listener heard
        self.stray_wanted: list[list[Entry]] = []
        self.answer: CallState | None = None  # what the listeners give
        self.gate: Any = None
        self.new_call()

    # -- what the demultiplexer asks for

    def is_due(self, record: CallState) -> None:
        assert record.cancel_due
        self.session.due.append(record)

    def is_cleared(self) -> None:
        self.cleared += 1

    def is_asked(self, record: CallState) -> None:
        steps = self.models[record].steps
        assert steps is not None
        assert record.phase is RUNNING
        assert not steps.asked, "two `next` at once"
        steps.asked = True

    # -- one after the other

    def run(self) -> None:
        acts: tuple[Callable[[], None], ...] = (
            self.batch, self.batch, self.batch, self.stretch, self.look, self.look, self.wait, self.wait,
            self.new_call, self.cancel, self.keep, self.take_back, self.listen, self.watch, self.give_up, self.real,
            self.let_go,
        )  # fmt: skip
        for _ in range(60):
            if not self.source.left:
                break
            self.source.pick(acts)()
            self.check()
        self.finish()

    def new_call(self) -> None:
        if len(self.handles) >= 6:
            return
        kind = self.source.pick((None, REQUEST, LISTENER, SEARCH, "", "tool"))
        self.named += 1
        name = f"{self.named}_a"
        state = ATTACHING if kind == "" else STARTING
        steps = None if kind in (None, "tool") else kind
        record = WatchedRecord(name, f"_{name} x &", Steps(steps) if steps is not None else None, state)
        if kind == "tool":
            record.held_marks = []
        model = ModelCall(name, state, steps, kind == "tool")
        self.handles.append((Call(self.session, record, None, elsewhere(None)), record, model))  # type: ignore[arg-type]
        self.models[record] = model
        self.flying[name] = model
        self.calls.add(record)

    def name(self) -> str:
        return self.source.pick(self.handles)[2].id

    # -- batches

    def value(self) -> Any:
        number = self.source.below(24)
        if number < len(ODD):
            return ODD[number]
        return Deep(self.source.below(200)) if number == 23 else f"v{number}"

    def entry(self) -> Entry:
        kind = self.source.below(8)
        if kind == 7:
            return self.failed()
        entry: Entry = {"call_id": self.name() if kind < 6 else self.value()}
        if kind < 3:
            mark = self.source.pick(("__success", "__freed", "__step", "__error"))
            entry |= {"level": "trace", "msg": mark, mark: self.source.pick(("true", True, None, "why", ["x"]))}
            return entry
        level = self.source.pick(LEVELS)
        if level is not None:
            entry["level"] = level
        entry["msg"] = self.source.pick(MESSAGES)
        for _ in range(self.source.below(4)):
            entry[self.source.pick(KEYS)] = self.value()
        if self.source.below(8) == 7:
            entry["result_code"] = self.source.pick((0, 1, 2, None, "0", True, [0]))
        if self.source.below(8) == 7:
            entry[self.source.pick(MARKS)] = self.value()
        if kind == 6 and self.source.below(2):
            del entry["call_id"]
            if self.source.below(2):
                entry["stdout"] = f"{self.name()}{self.source.pick(('=out', '=', 'x', ''))}"
        return entry

    def failed(self) -> Entry:
        prefix = self.source.pick(("_", "_", "", "x"))
        first: Any = self.source.pick((f"{prefix}{self.name()}", f"{prefix}{self.name()}", self.value()))
        rest: list[Any] = self.source.pick(
            (["next"], ["next", "500ms"], ["next", "x"], ["cancel"], [], ["x"], [7], [["next"]], [None, {}])
        )
        args: Any = self.source.pick(([first, *rest], [first, *rest], [first, *rest], self.value()))
        return {"level": "warning", "msg": "failed", "error": self.source.pick((*REASONS, self.value())), "args": args}

    def batch(self) -> None:
        self.dispatch([self.entry() for _ in range(1 + self.source.below(12))])

    def stretch(self) -> None:
        """Many of one call's entries, mostly plain data: what is taken in one go."""
        name, level = self.name(), self.source.pick(("info", "debug"))
        entries: list[Entry] = [
            {"call_id": name, "level": level, "msg": "said", "n": number} for number in range(9 + self.source.below(30))
        ]
        for _ in range(self.source.below(3)):
            entries[self.source.below(len(entries))] |= self.entry()
        self.dispatch(entries)

    def real(self) -> None:
        """What a real Rumor wrote."""
        entries = [dict(self.source.pick(REAL)) for _ in range(1 + self.source.below(6))]
        self.dispatch([{**entry, "call_id": self.name()} for entry in entries])

    def dispatch(self, entries: list[Entry]) -> None:
        block = "\n".join(map(text_of, entries)).encode(errors="surrogatepass")
        parsed, lines, _ = parse(block)
        before = [(record.log.start, sizes_of(record.log)) for _, record, _ in self.handles]
        for entry in parsed:
            self.tell(entry)
        found = one_call(block)
        if found is None or not self.calls.dispatch_block(found[0], block, found[1]):  # as the reader does
            self.calls.dispatch(parsed, lines)
        if len(parsed) == 1:
            for (_, record, _), (start, old) in zip(self.handles, before, strict=True):
                self.check_dropped(record, record.log.start - start, [*old, *map(len, lines)])
        if self.gate is not None and any(model.heard and model.state in OVER for _, _, model in self.handles):
            assert not self.gate.asleep, "who watches was not told"
            self.gate = None
        self.wake()

    def tell(self, entry: Entry) -> None:
        """The model of one entry."""
        call_id = entry.get("call_id")
        model = self.flying.get(call_id) if isinstance(call_id, str) else None
        if model is not None:
            self.moved(model, model.tell(entry))
            return
        message, args, text = entry.get("msg"), entry.get("args"), entry.get("stdout")
        if isinstance(message, str) and message == "failed" and isinstance(args, list) and args:
            first = args[0]
            model = self.flying.get(first[1:]) if isinstance(first, str) and first.startswith("_") else None
            if model is not None:
                self.moved(model, model.refuse(args, entry))
                return
        if isinstance(text, str):
            name, _, output = text.partition("=")
            model = self.flying.get(name)
            if model is not None and model.held is not None:
                self.moved(model, model.output(output, entry))
                return
        for wanted in self.stray_wanted:
            wanted.append(entry)
            if self.answer is not None:
                self.moved(self.models[self.answer], ANYTHING)

    def moved(self, model: ModelCall, bits: int) -> None:
        model.news(bits)
        if model.state in OVER and self.flying.pop(model.id, None) is not None:
            self.over += 1

    def wake(self) -> None:
        """Who waits was woken if what it waits for came, and else has nothing to find."""
        waits, self.session.waits = self.session.waits, []
        woken = []
        for record, waiter, look, again in waits:
            heard = self.models[record].heard
            assert waiter.asleep == (not waiter.bits & heard), f"waiting for {waiter.bits}, heard {heard}"
            if waiter.asleep:
                with self.calls.lock:
                    found = look()
                assert isinstance(found, Pending), "not woken, though there is something"
                assert not found.line, "not woken, though a step is to be asked for"
                self.session.waits.append((record, waiter, look, again))
            else:
                woken.append(again)
        for _, _, model in self.handles:
            model.heard = 0
        for again in woken:
            again()

    def check_dropped(self, record: CallState, count: int, sizes: list[int]) -> None:
        """Of one entry: no more was dropped than the bounds demand."""
        if count > 1 or (count and len(record.log) < self.max_unread):
            goal = self.max_bytes - (self.max_bytes >> 6)
            assert self.calls._unread + sizes[count - 1] > goal or len(record.log) == self.max_unread

    # -- readers

    def look(self) -> None:
        self.reads(leave=False)()

    def wait(self) -> None:
        self.reads(leave=True)()

    def reads(self, leave: bool) -> Callable[[], None]:
        call, record, model = self.source.pick(self.handles)
        how = self.source.below(12)
        if how < len(READERS):
            again = partial(self.read, call, record, model, READERS[how], leave)
        elif how < 10:
            again = partial(self.step, call, record, model, leave)
        else:
            again = partial(self.settle, call, model, ("wait", "finished")[how - 10], leave)
        return again

    def guarded(self, leave: bool, again: Callable[[], None]) -> None:
        self.session.leave, self.session.again = leave, again

    def read(self, call: Call, record: WatchedRecord, model: ModelCall, key: str | None, leave: bool) -> None:
        self.guarded(leave, partial(self.read, call, record, model, key, leave))
        values = model.values(key)
        at = model.read[key]
        try:
            value = next(call.entries()) if key is None else call.field(key)()
        except DataLost as lost:
            assert 0 < lost.count <= len(values) - at  # noqa: PT017
            model.read[key] += lost.count
        except CallTimeout:
            assert at == len(values), "there is more"
            assert model.id in self.flying or model.state == STARTING
        except (CallEnded, StopIteration, CallError):
            assert at == len(values), "there is more"
            assert model.state in OVER or (model.steps is not None and model.steps.ended)
        else:
            assert at < len(values), "nothing more came"
            assert same(value, values[at])
            model.read[key] += 1

    def step(self, call: Call, record: WatchedRecord, model: ModelCall, leave: bool) -> None:
        self.guarded(leave, partial(self.step, call, record, model, leave))
        steps = model.steps
        try:
            fields = call.next()
        except CallTimeout:
            assert steps is not None
            assert not steps.ready, "there is one"
        except CallError as error:
            if steps is None:
                return
            if steps.ready:
                well, _, entry = steps.ready.pop(0)
                assert well is not True
                assert same(error.entry, entry)  # noqa: PT017
            else:
                assert model.state in OVER or steps.ended
        except CallEnded:
            assert steps is not None
            assert not steps.ready
            assert model.state in OVER or steps.ended
        else:
            assert steps is not None
            well, wanted, _ = steps.ready.pop(0)
            assert well is not False
            assert same(fields, wanted)

    def settle(self, call: Call, model: ModelCall, method: str, leave: bool) -> None:
        self.guarded(leave, partial(self.settle, call, model, method, leave))
        try:
            data = getattr(call, method)()
        except CallTimeout:
            assert model.state == (STARTING if method == "wait" else model.state)
            assert model.state not in OVER
        except CallError:
            failed = model.steps is not None and model.steps.failure is not None
            assert model.state not in (FREED, RUNNING) or (failed and method == "finished")
        else:
            assert model.state in (FREED, RUNNING, ATTACHING)
            assert same(data, merged(model.log))

    # -- what else may happen

    def cancel(self) -> None:
        call = self.source.pick(self.handles)[0]
        self.guarded(bool(self.source.below(2)), partial(self.cancelled, call))
        self.cancelled(call)

    def cancelled(self, call: Call) -> None:
        try:
            call.cancel()
        except (CallTimeout, CallError):
            assert not call.done
        else:
            assert call.done

    def keep(self) -> None:
        """The keeper sends what is due."""
        due, self.session.due = self.session.due, []
        for record in due:
            if record.cancel_due:
                record.cancel_sent = True

    def take_back(self) -> None:
        _, record, model = self.source.pick(self.handles)
        with self.calls.lock:
            if record.move(TAKEN_BACK):
                assert model.move(TAKEN_BACK)
                self.calls.remove(record)
                record.wake(ANYTHING)
                del self.flying[model.id]
                model.heard = ANYTHING
        self.wake()

    def listen(self) -> None:
        if self.listening:
            del self.calls.listeners[self.listening.pop()]
            self.stray_wanted.pop()
            self.answer = None
            return
        heard: list[Entry] = []
        self.answer = self.source.pick((None, self.source.pick(self.handles)[1]))

        def listener(entry: Entry) -> CallState | None:
            heard.append(entry)
            return self.answer

        self.listening.append(listener)
        self.calls.listeners[listener] = None
        self.strays.append(heard)
        self.stray_wanted.append([])

    def let_go(self) -> None:
        """The user forgets a call."""
        call, record, model = self.source.pick(self.handles)
        if record.phase in OVER and len(self.handles) > 1 and not record.waiters and record is not self.answer:
            self.finish_one(call, record, model)
            self.session.again = lambda: None  # it would hold the call
            self.handles.remove((call, record, model))
            del self.models[record]
            self.session.due = [due for due in self.session.due if due is not record]

    def watch(self) -> None:
        with self.calls.lock:
            self.gate = self.calls.watch()

    def give_up(self) -> None:
        """A waiting thread's time is up."""
        if self.session.waits:
            record, waiter, _, _ = self.session.waits.pop(self.source.below(len(self.session.waits)))
            record.waiters.remove(waiter)

    # -- what always holds

    def check(self) -> None:
        kept = 0
        for call, record, model in self.handles:
            assert record.phase == model.state
            sizes = sizes_of(record.log)
            assert len(record.log) == len(sizes) <= self.max_unread
            assert record.log.size == sum(sizes)
            in_flight = self.calls.calls.get(record.id) is record
            if model.steps is not None:
                assert record.steps is not None
                assert record.steps.ended == model.steps.ended
            held = self.calls._held._sizes.get(weakref.ref(record), 0)
            assert in_flight == (model.id in self.flying)
            assert not (in_flight and record.phase in OVER)
            if in_flight:
                kept += record.log.size
                if record.cancel_due:
                    assert record in self.session.due, "nobody will send its cancel"
                assert not held
            else:
                assert model.state in OVER
                rest = sum(sizes[:-1])
                assert held in (rest, 0)
                assert held or rest <= self.little or model.state == UNSENT
                kept += held
            assert call.done == (model.state in OVER)
            assert same(call.data, merged(model.log))
        gone = set(self.calls._held._gone)
        # Also those that were let go of, but that something still holds, such as one who waits.
        known = {id(record) for _, record, _ in self.handles}
        kept += sum(size for ref, size in self.calls._held._sizes.items() if ref in gone or id(ref()) not in known)
        assert self.calls._unread == kept <= self.max_bytes
        assert gone == {ref for ref in self.calls._held._sizes if ref() is None}
        if self.strays and self.stray_wanted:
            assert list(map(id, self.strays[-1])) == list(map(id, self.stray_wanted[-1]))
        assert self.cleared == (self.over // self.clear_every if self.clear_every else 0)
        waiting = Counter(id(record) for record, *_ in self.session.waits)
        for _, record, _ in self.handles:
            assert len(record.waiters) == waiting[id(record)]

    def finish_one(self, call: Call, record: WatchedRecord, model: ModelCall) -> None:
        for key in READERS:
            total = len(model.values(key))
            for _ in range(2 * total + 1):
                if model.read[key] == total:
                    break
                self.read(call, record, model, key, False)
            assert model.read[key] == total
        while model.steps is not None and model.steps.ready:
            self.step(call, record, model, False)

    def finish(self) -> None:
        """In the end everything that came was given to each reader, or told to be lost."""
        for call, record, model in self.handles:
            self.finish_one(call, record, model)
        self.check()
        while self.listening:
            self.listen()


def run(data: bytes) -> None:
    Machine(Source(data)).run()
