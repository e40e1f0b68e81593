"""The life of calls, at random, against a model of it.

The machine is the other side itself: it decides what comes over the wire and when, and knows what each thread must have
got by then. After each step it waits until all is at rest: everything said has been taken in, every thread has ended or
waits for news, and what the client had to send has come. Then client and model must agree on everything.
"""

from __future__ import annotations

import json
import logging
import re
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from time import monotonic, sleep
from typing import Any, TypeVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from pyrum_sync import (
    Call,
    CallEnded,
    CallError,
    CallTimeout,
    ConnectionLost,
    DataLost,
    RumorClosed,
    ShellError,
    ShellResult,
)
from pyrum_sync.client.phases import UNSENT
from tests.conftest import HANG, Background
from tests.model.readers import KEYS, LEAVES, Reader, Reading
from tests.model.runs import Tally, runs, wakes_only_when_told
from tests.model.truth import ATTACHED, LISTENER, PLAIN, REQUEST, SEARCH, STEPPING, TOOL, Truth, numbers
from tests.model.wire import Wire, listening
from tests.support.peers import data, entry

T = TypeVar("T")
KINDS = (PLAIN, PLAIN, REQUEST, REQUEST, LISTENER, SEARCH, TOOL)
WHICH = st.integers(0, 99)
ENDS = ("lost", "lost, torn", "closed", "closed, heard")
A_FEW = 2  # of what would else be most of a run
LONG = 30  # operations before the connection may go


class Job:
    """Something that a thread waits for, and how that may end."""

    def __init__(self, thread: Background, waits: Callable[[], bool], judge: Callable[[Background], None]) -> None:
        self.thread = thread
        self.waits = waits  # whether it has to be waiting, as things stand
        self.judge = judge  # of what it ended with


def likely(some: Sequence[T], which: int) -> T:
    """One of them; most likely one of the last."""
    return some[-1 - min(which % len(some), which // 7 % len(some))]


def _asked(truth: Truth) -> bool:
    return truth.asked


class Script:
    """A shell script that runs."""

    def __init__(self, call_id: str) -> None:
        self.id = call_id
        self.expected = ShellResult()
        self.over = False


class LifeCycle(RuleBasedStateMachine):
    listener: socket.socket  # where the client is waited for
    tally: Tally

    @initialize(
        unread=st.sampled_from((100_000, 100_000, 3, 10)),
        unread_bytes=st.sampled_from((1 << 26, 1 << 26, 2000)),
        timeout=st.sampled_from((None, 3600.0)),
        kinds=st.lists(st.sampled_from((REQUEST, LISTENER, SEARCH, PLAIN)), min_size=1, max_size=3),
    )
    def open(self, unread: int, unread_bytes: int, timeout: float | None, kinds: list[str]) -> None:
        self.lossy = unread < 100_000 or unread_bytes < 1 << 26
        self.number = numbers()
        self.wire = Wire(self.listener, max_unread=unread, max_unread_bytes=unread_bytes, timeout=timeout)
        self.rumor = self.wire.rumor
        self.session = self.rumor._session
        self.state = "open"  # or lost, or closed
        self.truths: list[Truth] = []
        self.calls: dict[int, Call] = {}  # by the id() of its truth
        self.verbs: list[Truth] = []
        self.scripts: list[Script] = []
        self.jobs: list[Job] = []
        self.readers: dict[tuple[int, str], list[Reader]] = {}
        self.drivers: list[tuple[Truth, str, Background]] = []
        self.kept: list[tuple[Reader, Iterator[Any]]] = []
        self.must_next: list[Truth] = []
        self.done = 0  # operations
        self.attached = 0
        self.kind = PLAIN  # of the call that is being started
        self.clock = self.rumor.nowait.gossip.log("clock")
        self.wire.hear()
        for kind in kinds:
            self.start(kind, True)

    # -- what the client does

    def _started(self, call: Call) -> Truth:
        truth = self.truths[-1]
        assert call.id == truth.id
        self.calls[id(truth)] = call
        return truth

    def _command(self, kind: str, actor: Any) -> Callable[[], Call]:
        if kind == REQUEST:
            return partial(actor.rpc.status.req.raw, "16Uiu2HAm", b"\0" * 4, raw=True)
        if kind == LISTENER:
            return partial(actor.rpc.status.listen, raw=True)
        if kind == SEARCH:
            return partial(actor.dv5.random, stepwise=True)
        if kind == TOOL:
            return partial(actor.tool.enr_value, "ip", "enr:abc")
        return partial(actor.gossip.log, "topic")

    @precondition(lambda self: self.state == "open")
    @rule(kind=st.sampled_from(KINDS), soon=st.booleans())
    def start_one(self, kind: str, soon: bool) -> None:
        self.start(kind, soon)

    def start(self, kind: str, soon: bool) -> None:
        self.kind = kind
        call = self._command(kind, self.rumor.actor("alice").nowait)()
        self._hear()
        truth = self._started(call)
        self.settle()
        self._set_up(truth, soon)

    def _set_up(self, truth: Truth, soon: bool) -> None:
        if soon and "success" in truth.choices():
            self.settle(truth.say("success"))

    @precondition(lambda self: self.state == "open")
    @rule(kind=st.sampled_from(KINDS), soon=st.booleans())
    def start_and_wait(self, kind: str, soon: bool) -> None:
        self.kind = kind
        before = len(self.truths)
        thread = Background(self._command(kind, self.rumor.actor("alice")))
        self._until(lambda: self._hear() > 0 and len(self.truths) > before)
        truth = self._started(self.rumor.calls[self.truths[-1].id])

        def judge(thread: Background) -> None:
            if self._told_of_the_end(thread) or self._told_of_failure(thread, truth):
                return
            assert thread.value() is self.calls[id(truth)]
            assert truth.state in ("running", "freed")

        self._job(thread, lambda: truth.state == "starting", judge)
        self.settle()
        self._set_up(truth, soon)

    @precondition(lambda self: self.state == "open")
    @rule(kind=st.sampled_from(KINDS))
    def start_in_vain(self, kind: str) -> None:
        """Without the time to wait: it is cancelled as soon as that can be."""
        self.kind = kind
        while True:
            with pytest.raises(CallTimeout) as caught:
                self._command(kind, self.rumor.actor("alice").within(0))()
            call = caught.value.call
            assert call is not None
            if call._state.phase != UNSENT:  # as it is when the wire was not free at that very moment
                break
        self._hear()
        self._started(call).cancelled()
        self.settle()

    def _pick(self, which: int) -> tuple[Truth, Call]:
        """A call; newer ones more often, and those that still run."""
        truth = likely(sorted(self.truths, key=lambda truth: not truth.over), which)
        return truth, self.calls[id(truth)]

    def _reader(self, truth: Truth, key: str) -> Reader:
        if key == "steps" and truth.kind not in STEPPING:
            key = "entries"
        reader = Reader(self.calls[id(truth)], truth, key)
        self.readers.setdefault((id(truth), key), []).append(reader)
        return reader

    @precondition(lambda self: self.truths)
    @rule(which=WHICH, key=st.sampled_from(KEYS), how=st.sampled_from(("one", "all", *LEAVES)), count=st.integers(1, 4))
    def read_in_a_thread(self, which: int, key: str, how: str, count: int) -> None:
        truth, _ = self._pick(which)
        reader = self._reader(truth, key)
        if how == "one" and reader.key == "entries":
            count = 1
        self._read(Reading(reader, None if how == "all" else count, how))

    def _read(self, thread: Reading) -> None:
        truth, key = thread.reader.truth, thread.reader.key

        def judge(thread: Background) -> None:
            if self._told_of_the_end(thread):
                assert not truth.ended_before
                return
            if self._told_of_failure(thread, truth):
                return
            if isinstance(thread.error, CallEnded):
                assert truth.ends_readers
                assert truth.failure is None
                assert "entries" not in key
            elif thread.value() == "end":
                assert truth.ends_readers
                assert truth.failure is None

        self.drivers.append((truth, key, thread))
        self._job(thread, lambda: not truth.ended, judge)
        self.settle()

    def _left(self, truth: Truth, key: str) -> int:
        """How much there is to read, or to be told lost."""
        found = self.readers.get((id(truth), key), [])
        return len(truth.numbers(key)) - sum(len(reader.got) + reader.lost for reader in found)

    @precondition(lambda self: self.truths)
    @rule(which=WHICH, key=st.sampled_from(KEYS), loop=st.booleans())
    def poll(self, which: int, key: str, loop: bool) -> None:
        """A single read that gives at once what there is."""
        truth, call = self._pick(which)
        if key == "steps" and truth.kind not in STEPPING:
            with pytest.raises(CallError, match=r"entries\(\)"):
                call.next(timeout=0)
            return
        self._poll(self._reader(truth, key), 1 if loop or key == "entries" else None)
        self.settle()

    def _poll(self, reader: Reader, count: int | None) -> bool:
        """Read, as a loop or once; False if there was not so much."""
        truth, key = reader.truth, reader.key
        left = self._left(truth, key)
        try:
            end = reader.several(0, count, "close") if count is not None else reader.one(0)
        except CallTimeout as error:
            self._check_timeout(error, truth)
            assert not truth.ended
            if truth.next_due and self._drives(truth, key):
                self.must_next.append(truth)
        except CallError as error:
            self._check_failure(error, truth)
            assert truth.ended or self.state == "lost"
        except ConnectionLost as error:
            self._check_lost(error)
            assert not truth.ends_readers
        except CallEnded:
            assert truth.ends_readers
            assert truth.failure is None
            assert count is None
        else:
            if end == "enough":
                assert left > 0 or self.lossy
                return True
            assert truth.ends_readers
            assert truth.failure is None
        assert self.lossy or left < (count or 1)
        assert self._left(truth, key) == 0
        return False

    @precondition(lambda self: self.truths)
    @rule(which=WHICH, key=st.sampled_from(KEYS), count=st.integers(1, 5), leave=st.sampled_from(LEAVES))
    def take_some(self, which: int, key: str, count: int, leave: str) -> None:
        """A loop that is left early."""
        truth, _ = self._pick(which)
        reader = self._reader(truth, key)
        count = min(count, self._left(truth, reader.key))
        if count > 0 and not self.lossy:
            expected = self._next_ones(truth, reader.key, count)
            assert reader.several(0, count, leave) == "enough"
            assert reader.got == expected
        self.settle()

    def _next_ones(self, truth: Truth, key: str, count: int) -> list[int]:
        everything = truth.numbers(key)
        begin = len(everything) - self._left(truth, key)
        return everything[begin : begin + count]

    @precondition(lambda self: self.truths and not self.lossy)
    @rule(which=WHICH, key=st.sampled_from(KEYS))
    def keep_a_generator(self, which: int, key: str) -> None:
        """It has given something, and stands there for a while."""
        truth, _ = self._pick(which)
        reader = self._reader(truth, key)
        if self._left(truth, reader.key) and not (reader.key == "steps" and self._next_fails(truth)):
            source = reader.values(None)
            expected = self._next_ones(truth, reader.key, 1)
            reader._given(next(source))
            assert reader.got == expected
            self.kept.append((reader, source))
        self.settle()

    def _next_fails(self, truth: Truth) -> bool:
        return truth.steps[len(truth.steps) - self._left(truth, "steps")].failure is not None

    @precondition(lambda self: self.kept)
    @rule(which=WHICH, count=st.integers(1, 3), leave=st.sampled_from(LEAVES))
    def go_on_with_a_generator(self, which: int, count: int, leave: str) -> None:
        """In another thread."""
        reader, source = self.kept.pop(which % len(self.kept))
        self._read(Reading(reader, count, leave, source))

    @precondition(lambda self: self.kept)
    @rule(which=WHICH)
    def drop_a_generator(self, which: int) -> None:
        self.kept.pop(which % len(self.kept))
        self.settle()

    @precondition(lambda self: self.state == "open" and any(truth.next_due for truth in self.truths))
    @rule(
        which=WHICH,
        readers=st.lists(st.sampled_from(("steps", "steps", "n")), min_size=1, max_size=3),
        count=st.integers(1, 3),
        how=st.sampled_from(("one", *LEAVES)),
        whats=st.lists(WHICH, max_size=4),
    )
    def take_steps(self, which: int, readers: list[str], count: int, how: str, whats: list[int]) -> None:
        """Some ask for steps, and some steps come."""
        truth = likely([truth for truth in self.truths if truth.next_due], which)
        for key in readers:
            self._read(Reading(self._reader(truth, key), count, how))
        for what in whats:
            if not truth.asked:
                break
            lines = b""
            found = [each for each in truth.choices() if each.startswith("take")]
            if found:
                lines += truth.say(found[what % len(found)])
            while "go_on" in truth.choices():
                lines += truth.say("go_on")
            self.settle(lines)

    @precondition(lambda self: self.truths)
    @rule(which=WHICH, what=st.sampled_from(("wait", "finished", "cancel")))
    def wait_in_a_thread(self, which: int, what: str) -> None:
        truth, call = self._pick(which)
        over = truth.over
        if what == "cancel" and self.state == "open":
            truth.cancelled()
        thread = Background(getattr(call, what))

        def waits() -> bool:
            if what == "wait":
                return truth.state == "starting"
            if what == "finished":
                return not truth.over and not truth.broken
            return not truth.over and not truth.cancel_refused

        def judge(thread: Background) -> None:
            if what == "cancel":
                if over or (truth.over and truth.state != "unsent"):
                    thread.value()
                elif truth.over and thread.error is None:
                    assert self.state != "open"
                elif not self._told_of_the_end(thread):
                    assert truth.cancel_refused
                    assert isinstance(thread.raised(), CallError)
            elif not self._told_of_failure(thread, truth) and not self._told_of_the_end(thread):
                assert truth.state == "freed" or (what == "wait" and truth.state in ("running", "attaching"))
                assert thread.value() in truth.history[truth.set_up_at if what == "wait" else -1 :]

        if what == "finished":
            self.drivers.append((truth, what, thread))
        self._job(thread, waits, judge)
        self.settle()

    @precondition(lambda self: self.truths)
    @rule(which=WHICH, what=st.sampled_from(("wait", "finished", "cancel", "with")))
    def do_not_wait(self, which: int, what: str) -> None:
        truth, call = self._pick(which)
        over = truth.over
        if what in ("cancel", "with") and self.state == "open":
            truth.cancelled()
        try:
            if what == "with":
                with call:
                    pass
            else:
                getattr(call, what)(timeout=0)
        except CallTimeout as error:
            self._check_timeout(error, truth)
            assert what != "with"
            assert truth.state == "starting" or (what != "wait" and not truth.over)
            if what == "finished" and truth.next_due and truth.kind == REQUEST:
                self.must_next.append(truth)
        except CallError as error:
            assert what in ("wait", "finished")
            self._check_failure(error, truth)
        except ConnectionLost as error:
            self._check_lost(error)
            assert not over
            assert what != "wait" or truth.state == "starting"
        else:
            assert over or what == "with" or (what == "wait" and truth.state in ("running", "attaching"))
        self.settle()

    @precondition(lambda self: self.state == "open" and len(self.verbs) < A_FEW)
    @rule(what=st.sampled_from(("kill", "me", "calls")))
    def use_a_verb(self, what: str) -> None:
        before = len(self.verbs)
        thread = Background(getattr(self.rumor.actor("alice"), what))
        self._until(lambda: self._hear() > 0 and len(self.verbs) > before)
        truth = self.verbs[-1]
        if what == "calls":
            self.wire.say(entry(calls={"1": {}}, actor="bob") + entry(calls={"2": {}}, actor="alice"))

        def judge(thread: Background) -> None:
            if isinstance(thread.error, CallError):
                assert truth.broken
            elif not self._told_of_the_end(thread):
                assert truth.state == "freed"
                assert thread.value() == ({"2": {}} if what == "calls" else None)

        self._job(thread, lambda: not truth.over, judge)
        self.settle()

    # One at a time: of two, the second waits for its turn.
    @precondition(lambda self: self.state == "open" and len(self.scripts) < A_FEW)
    @precondition(lambda self: all(script.over for script in self.scripts))
    @rule()
    def run_a_script(self) -> None:
        before = len(self.scripts)
        thread = Background(lambda: self.rumor.shell("some text"))
        self._until(lambda: self._hear() > 0 and len(self.scripts) > before)
        script = self.scripts[-1]

        def judge(thread: Background) -> None:
            if not self._told_of_the_end(thread):
                assert script.over
                if script.expected.status:
                    error = thread.raised()
                    assert isinstance(error, ShellError)
                    result = error.result
                else:
                    found = thread.value()
                    assert isinstance(found, ShellResult)
                    result = found
                # A line that failed without a call is the script's, as far as anybody can know.
                result.entries[:] = [each for each in result.entries if each.get("msg") != "failed"]
                assert result == script.expected

        self._job(thread, lambda: not script.over, judge)
        self.settle()

    @precondition(lambda self: self.state == "open" and self.attached < A_FEW)
    @rule(again=st.booleans(), which=WHICH)
    def attach(self, again: bool, which: int) -> None:
        self.attached += 1
        known = [truth for truth in self.truths if not truth.over]
        if again and known:
            call_id = known[which % len(known)].id
        else:
            call_id = f"theirs{self.number()}"
            self.kind = ATTACHED
        before = len(self.truths)
        thread = Background(lambda: self.rumor.attach(call_id))
        if not again or not known:
            self._until(lambda: self._hear() > 0 and len(self.truths) > before)
            self._started(self.rumor.calls[call_id])
        truth = next(truth for truth in self.truths if truth.id == call_id)

        def judge(thread: Background) -> None:
            if not self._told_of_the_end(thread):
                if isinstance(thread.error, CallEnded):
                    assert truth.over
                    assert truth.kind == ATTACHED
                else:
                    assert truth.state != "attaching"
                    assert thread.value() is self.calls[id(truth)]

        self._job(thread, lambda: truth.state == "attaching", judge)
        self.settle()

    @precondition(lambda self: self.state != "open")
    @rule()
    def too_late(self) -> None:
        for late in (
            self.rumor.nowait.gossip.list,
            self.rumor.gossip.list,
            self.rumor.actor("alice").calls,
            partial(self.rumor.shell, "true"),
            partial(self.rumor.attach, "theirs"),
        ):
            with pytest.raises(ConnectionLost) as caught:
                late()
            self._check_lost(caught.value)
        self.settle()

    # -- what the other side says

    @precondition(lambda self: self.state == "open" and (self.truths or self.verbs or self.scripts))
    @rule(choices=st.lists(st.tuples(WHICH, st.integers(0, 99)), min_size=1, max_size=12))
    def say(self, choices: list[tuple[int, int]]) -> None:
        """Several things at once, each of them possible behind the one before."""
        self.settle(self._several(choices))

    def _several(self, choices: list[tuple[int, int]]) -> bytes:
        # Likeliest those that were asked for a step.
        speakers: list[Truth | Script] = [*self.verbs, *self.scripts, *sorted(self.truths, key=_asked)]
        lines = b""
        for which, what in choices:
            speaker = likely(speakers, which)
            if isinstance(speaker, Script):
                lines += self._of_a_script(speaker, what)
            elif found := speaker.choices():
                lines += speaker.say(found[what % len(found)])
        return lines

    def _of_a_script(self, script: Script, what: int) -> bytes:
        if script.over:
            return b""
        if what % 4 == 0:
            script.expected.stdout += f"line {what}\n"
            return entry(stdout=f"{script.id}>{script.id}:line {what}\n")
        if what % 4 == 1:
            script.expected.stderr += f"error {what}\n"
            return entry(stdout=f"{script.id}>error {what}\n")
        if what % 4 == 2:
            line = data(f"s1_{what}", n=self.number())
            for each in self.scripts:
                if not each.over:
                    each.expected.entries.append(json.loads(line))
            return line
        script.over = True
        script.expected.status = what // 4 % 3
        status = entry(stdout=f"{script.id}>{script.id}:{script.id}?{script.expected.status}\n")
        return status + entry(stdout=f"{script.id}.\n")

    @precondition(lambda self: self.state == "open")
    @rule(what=st.sampled_from(range(6)))
    def say_something_else(self, what: int) -> None:
        """What concerns nobody."""
        self.settle(
            (
                b"no JSON\n",
                b"[1, 2]\n",
                entry(level="warning", msg="failed", error="exit status 127", args=["ls"]),
                entry(stdout="somebody=else\n"),
                entry(msg="Changed log level of x to trace"),
                entry(level="warning", msg="failed", error="exit status 1: nothing to cancel", args=["_x", "cancel"]),
            )[what]
        )

    @precondition(lambda self: self.state == "open" and self.done > LONG)
    @rule(choices=st.lists(st.tuples(WHICH, st.integers(0, 99)), max_size=6), how=st.sampled_from(ENDS))
    def end(self, choices: list[tuple[int, int]], how: str) -> None:
        if how.startswith("lost"):
            self.lose(choices, how == "lost, torn")
        else:
            self.close(how == "closed, heard")

    def lose(self, choices: list[tuple[int, int]], torn: bool) -> None:
        """The stream ends, perhaps in the middle of a line."""
        self.wire.say(self._several(choices) + (b'{"call_id":"1' if torn else b""))
        self.wire.hang_up()
        self._no_more("lost")
        self.settle()

    @precondition(lambda self: self.state == "lost")
    @rule()
    def close_what_is_lost(self) -> None:
        self.close(False)

    def close(self, answers: bool) -> None:
        open_before = self.state == "open"
        self._no_more("closed")
        closing = Background(self.rumor.close)
        if open_before:
            self._goodbye(closing, answers)
        closing.value()
        self.wire.dead = True
        assert self.rumor.closed
        self.settle()

    def _no_more(self, state: str) -> None:
        self.state = state
        self.must_next.clear()
        for truth in self.truths:
            truth.given_up()

    def _goodbye(self, closing: Background, answers: bool) -> None:
        """What a Rumor does when its client goes."""
        for truth in self.truths:
            if truth.kind != ATTACHED:
                truth.cut_off()
        said_exit = False
        while closing.is_alive():
            for line in self.wire.hear():
                said_exit = line == "exit" or said_exit
                found = re.match(r"_(\w+) cancel &$", line)
                for truth in [each for each in self.truths if found and each.id == found[1]]:
                    truth.heard("cancel")
                    if answers:
                        self.wire.say(truth.say("freed" if truth.kind != TOOL else "tool_freed"))
            if said_exit and not self.wire.dead:
                self.wire.hang_up()
            closing.join(0.0005)
        assert said_exit

    # -- waiting for the client to be at rest

    def _job(self, thread: Background, waits: Callable[[], bool], judge: Callable[[Background], None]) -> None:
        self.jobs.append(Job(thread, waits, judge))

    def _until(self, condition: Callable[[], object]) -> None:
        end = monotonic() + HANG
        while not condition():
            assert monotonic() < end, f"hangs: {self.truths}"
            sleep(0.0001)

    def _hear(self) -> int:
        """Follow the lines that the client has sent; gives how many."""
        lines = self.wire.hear()
        for line in lines:
            if found := re.match(r"_(\w+) (?:(next)(?: \d+ms)?|(cancel)) &$", line):
                truth = [each for each in (*self.truths, *self.verbs) if each.id == found[1]][-1]
                assert (truth.kind == REQUEST) == ("ms" in line) or found[3]
                truth.heard(found[2] or found[3])
                if found[2] and truth in self.must_next:
                    self.must_next.remove(truth)
            elif found := re.search(r'echo "(\w+)\."; \}', line):
                self.scripts.append(Script(found[1]))
            elif found := re.match(r"_(\w+) alice: (?:kill|me|calls) && ", line):
                self.verbs.append(Truth(found[1], PLAIN, self.number, ["lvl_trace", "sleep", "1ns"]))
            elif found := re.match(r'(?:\{ o="\$\()?_(\w+) (?:alice: lvl_trace|lvl_trace; _\w+ next x)', line):
                self.truths.append(Truth(found[1], self.kind, self.number, ["alice:", "lvl_trace", "x"]))
            else:
                assert line.startswith("{ { {"), line  # the first half of a script's
        return len(lines)

    def _drives(self, truth: Truth, key: str) -> bool:
        """Whether such a reader takes the call's steps."""
        if key == "steps":
            return truth.kind in STEPPING
        if key in ("entries", "finished"):
            return truth.kind == REQUEST
        return truth.kind in (REQUEST, LISTENER, SEARCH)

    def _at_rest(self) -> bool:
        if self.state == "open":
            idle = threading.Event()
            self.session.pending.put(idle.set)  # the keeper has done all that it was to do
            assert idle.wait(HANG)
            self._hear()
            if self.must_next or any(truth.cancel_due for truth in self.truths):
                return False
            if any(
                truth.next_due and self._drives(truth, key) and thread.is_alive() for truth, key, thread in self.drivers
            ):
                return False
        alive = sum(job.thread.is_alive() for job in self.jobs)
        with self.session.demux.lock:
            waiting = sum(len(record.waiters) for record in self.session.demux.calls.values())
        return waiting == alive

    def settle(self, lines: bytes = b"") -> None:
        """Say this, wait until everything is at rest, and compare."""
        if self.state == "open":
            tick = self.number()
            self.wire.say(lines + data(self.clock.id, tick=tick))
            self._hear_ticks(tick)
        else:
            with pytest.raises(ConnectionLost):
                self._hear_ticks(None)
        self._until(self._at_rest)
        self._compare()
        self.tally.operation()
        self.done += 1

    def _hear_ticks(self, last: int | None) -> None:
        tick = None
        while tick is None or tick != last:
            with suppress(DataLost):
                tick = self.clock.field("tick")(timeout=HANG)

    # -- comparing

    def _compare(self) -> None:
        for job in [job for job in self.jobs if not job.thread.is_alive()]:
            self.jobs.remove(job)
            job.judge(job.thread)
        for job in self.jobs:
            assert self.state == "open", "waits for what is gone"
            assert job.waits(), "waits for nothing"
        self.drivers = [each for each in self.drivers if each[2].is_alive()]
        for (which, key), readers in self.readers.items():
            truth = next(truth for truth in self.truths if id(truth) == which)
            self._compare_readers(truth, key, readers)
        for truth in self.truths:
            call = self.calls[id(truth)]
            assert call.data == truth.history[-1]
            assert call.done == truth.over
            if truth.over:
                assert call._state.waiters == []
        mine = {truth.id: self.calls[id(truth)] for truth in self.truths if not truth.over}
        assert self.rumor.calls == {**mine, self.clock.id: self.clock}
        calls = self.session.demux
        with calls.lock:
            calls._unread -= calls._held.let_go()
            running = sum(record.log.size for record in calls.calls.values())
            assert calls._unread == running + sum(calls._held._sizes.values()), "a wrong sum of what is unread"

    def _compare_readers(self, truth: Truth, key: str, readers: list[Reader]) -> None:
        """Nothing came twice, nothing out of order, and nothing is missing."""
        everything = truth.numbers(key)
        places = {number: place for place, number in enumerate(everything)}
        got = [number for reader in readers for number in reader.got]
        lost = sum(reader.lost for reader in readers)
        assert len(set(got)) == len(got), "twice"
        for reader in readers:
            order = [places[number] for number in reader.got]
            assert order == sorted(order), "out of order"
        assert len(got) + lost <= len(everything)
        if not self.lossy:
            assert lost == 0
            assert set(got) == set(everything[: len(got)]), "left out"
        if any(truth is each and key == kind for each, kind, _ in self.drivers):
            assert len(got) + lost == len(everything), "kept from somebody who waits"

    def _told_of_the_end(self, thread: Background) -> bool:
        """Whether it was told of the end of the connection, as it had to be."""
        if isinstance(thread.error, ConnectionLost):
            self._check_lost(thread.error)
            return True
        return False

    def _check_lost(self, error: ConnectionLost) -> None:
        assert type(error) is {"lost": ConnectionLost, "closed": RumorClosed}.get(self.state), error

    def _told_of_failure(self, thread: Background, truth: Truth) -> bool:
        """Whether it was told that the call failed, as it had to be."""
        if isinstance(thread.error, CallError):
            self._check_failure(thread.error, truth)
            return True
        return False

    def _check_failure(self, error: CallError, truth: Truth) -> None:
        assert error.call is self.calls[id(truth)]
        assert truth.broken or truth.failure is not None
        assert (error.entry or {}).get("n") == truth.failure

    def _check_timeout(self, error: CallTimeout, truth: Truth) -> None:
        assert self.state == "open"
        assert error.call is self.calls[id(truth)]

    # -- the end

    def teardown(self) -> None:
        if not hasattr(self, "wire"):
            return
        try:
            if self.state == "open":
                self._finish()
            for truth in self.truths:
                for key in KEYS:
                    if key != "steps" or truth.kind in STEPPING:
                        reader = self._reader(truth, key)
                        while self._poll(reader, 1):
                            pass
                        assert self._left(truth, key) == 0
            self.settle()
            assert not self.jobs
            self.tally.run()
        finally:
            self.kept.clear()
            self.wire.close()
            for job in self.jobs:
                job.thread.join(HANG)
            assert not [job for job in self.jobs if job.thread.is_alive()], "threads hang"

    def _finish(self) -> None:
        """Let everything come to its end."""
        for _ in range(100):
            lines = b""
            for each in self.scripts:
                lines += self._of_a_script(each, 3)
            for truth in (*self.truths, *self.verbs):
                for what in (
                    "go_on", "stopped", "no_step", "output", "tool_success", "tool_freed", "freed", "absent",
                    "nothing_to_cancel", "failed",
                ):  # fmt: skip
                    while what in truth.choices() and (what != "freed" or truth.state != "starting"):
                        lines += truth.say(what)
                if "success" in truth.choices():
                    lines += truth.say("success")
            self.settle(lines)
            if not lines:
                break
        assert all(truth.over for truth in self.truths)


def test_life_cycle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr("pyrum_sync.client.keeper._GOODBYE_TIME", 0.05)
    monkeypatch.setattr("pyrum_sync.client.call._LEAVE_TIME", 0.0)
    wakes_only_when_told(monkeypatch)
    caplog.set_level(logging.ERROR, "pyrum_sync")  # it tells of each line that is no entry
    with listening(tmp_path / "socket") as here:

        class Here(LifeCycle):
            listener = here
            tally = Tally()

        run: Callable[..., None] = run_state_machine_as_test  # the Hypothesis of Python 3.10 has no type for it
        run(Here, settings=runs(100))
        Here.tally.tell()
