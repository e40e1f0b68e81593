"""What is known of one call: states, steps, readers, bounded memory."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest

from pyrum_sync.catalogue.tree import LISTENER, REQUEST, SEARCH
from pyrum_sync.client import phases
from pyrum_sync.client.call_state import CallState
from pyrum_sync.client.phases import (
    ABSENT,
    ANYTHING,
    ATTACHING,
    BROKEN,
    DATA,
    ERROR,
    FAILED,
    FAILING,
    FREE,
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
    SUCCESS,
    TAKEN_BACK,
    UNSENT,
    Phase,
)
from pyrum_sync.client.steps import Steps
from pyrum_sync.protocol.entries import MARKS, Entry

STATES = (STARTING, RUNNING, FAILING, FREED, FAILED, UNSENT, ATTACHING)
EVENTS: tuple[Any, ...] = (SUCCESS, ERROR, REFUSED, FREE, TAKEN_BACK, PRESENT, ABSENT)


def a_record(kind: str | None = None, phase: Phase = STARTING) -> CallState:
    return CallState("1_a", "_1_a lvl_trace sleep 5s &", Steps(kind) if kind is not None else None, phase)


# -- states


def test_the_table_knows_only_states_and_events() -> None:
    assert {state for state, _ in MOVES} | set(MOVES.values()) == set(STATES)
    assert {event for _, event in MOVES} == set(EVENTS)


@pytest.mark.parametrize("state", STATES)
def test_every_move_legal_or_not(state: Phase) -> None:
    for event in EVENTS:
        record = a_record(phase=state)
        legal = (state, event) in MOVES
        assert record.move(event) is legal
        assert record.phase == (MOVES[state, event] if legal else state)
        assert record.over is (record.phase in OVER)


def test_what_is_over_stays_over() -> None:
    assert not [state for state, _ in MOVES if state in OVER]
    assert set(OVER) == {FREED, FAILED, UNSENT}
    assert set(BROKEN) == {FAILING, FAILED}


def test_every_state_leads_to_an_end() -> None:
    reached = set(OVER)
    for _ in STATES:
        reached |= {state for (state, _), target in MOVES.items() if target in reached}
    assert reached == set(STATES)


def trace(mark: str, value: object = "true") -> Entry:
    return {"level": "trace", mark: value}


def failed(*args: object, why: str = "exit status 1: no") -> Entry:
    return {"level": "warning", "msg": "failed", "args": list(args), "error": why}


def test_the_life_of_a_call() -> None:
    record = a_record()
    assert not bool(record.over)
    assert record.mark("__success", trace("__success")) & SET_UP
    assert record.phase == RUNNING
    assert record.mark("__freed", trace("__freed")) == ANYTHING
    assert record.phase == FREED
    assert record.failure is None


@pytest.mark.parametrize("mark", MARKS)
def test_only_trace_entries_are_marks(mark: str) -> None:
    record, other = a_record(), a_record()
    assert record.receive({"level": "info", mark: "true"}, 7) == DATA
    assert record.log == [{"level": "info", mark: "true"}]
    assert (record.size, record.phase) == (7, STARTING)
    assert record.receive({"level": "trace", "said": 1}, 7) == DATA
    assert other.receive({"level": "trace", mark: "true"}, 7) != DATA
    assert other.log == []


@pytest.mark.parametrize("order", ["error failed freed", "error freed failed", "failed"])
def test_the_ways_to_fail(order: str) -> None:
    record = a_record()
    error = trace("__error", "why")
    line = failed("_1_a", "host", "start")
    for word in order.split():
        if word == "error":
            assert record.mark("__error", error) & SET_UP
        elif word == "freed":
            record.mark("__freed", trace("__freed"))
        else:
            record.refuse(line)
    assert record.phase == FAILED
    assert record.failure is (error if "error" in order else line)


def test_a_refused_line_settles_all_once() -> None:
    record = a_record()
    assert record.refuse(failed("_1_a", "nonsense")) == ANYTHING
    first = record.error
    assert record.refuse(failed("_1_a", "nonsense")) == 0
    assert record.error is first


def test_an_error_after_the_end_changes_nothing() -> None:
    record = a_record()
    record.mark("__success", trace("__success"))
    record.mark("__freed", trace("__freed"))
    record.mark("__error", trace("__error", "late"))
    assert record.phase == FREED
    assert record.error is None


@pytest.mark.parametrize("args", [None, "text", 7, {}, [], ["_1_a"], ["_1_a", 7], [None, None]])
def test_a_failed_line_with_odd_words(args: object) -> None:
    record = a_record()
    assert record.refuse({"msg": "failed", "args": args}) == ANYTHING
    assert record.phase == FAILED


def test_attaching() -> None:
    for why, state in (("step timeout could not be parsed", RUNNING), ("call not available for stepping", FREED)):
        record = a_record("", ATTACHING)
        assert record.foreign
        assert record.refuse(failed("_1_a", "next", "x", why=f"exit status 1: {why}")) == ANYTHING
        assert record.phase == state
    assert not a_record().foreign


# -- cancelling


def test_a_cancel_is_due_only_once_the_set_up_is_over() -> None:
    record = a_record()
    record.cancel_wanted = True
    assert not bool(record.cancel_due)
    record.move(SUCCESS)
    assert record.cancel_due
    record.cancel_sent = True
    assert not bool(record.cancel_due)
    record.cancel_sent = False
    record.move(FREE)
    assert not bool(record.cancel_due)


def test_a_refused_cancel_can_be_tried_again() -> None:
    record = a_record(phase=RUNNING)
    record.cancel_wanted = record.cancel_sent = True
    entry = failed("_1_a", "cancel")
    assert record.refuse(entry) == OVER_NOW
    assert record.phase == RUNNING
    assert record.cancel_error is entry
    assert not bool(record.cancel_due)
    assert not bool(record.cancel_wanted)
    assert not bool(record.cancel_sent)


# -- steps


def note(record: CallState, **entry: Any) -> None:
    record.take(entry, 10)


def step(record: CallState) -> None:
    assert record.mark("__step", trace("__step", value=True)) & STEPPED


def asked(kind: str) -> tuple[CallState, Steps]:
    record = a_record(kind, RUNNING)
    steps = record.steps
    assert steps is not None
    steps.requested = True
    return record, steps


def test_a_step_that_succeeds() -> None:
    record, steps = asked(REQUEST)
    note(record, msg="made request", level="info", actor="a", call_id="1_a", time="t", peer="p")
    assert not bool(steps.ready)
    step(record)
    assert not bool(steps.requested)
    assert [found.fields for found in steps.ready] == [{"msg": "made request", "peer": "p"}]
    assert [found.failure for found in steps.ready] == [None]


def test_a_step_holds_nothing_of_an_earlier_one() -> None:
    record, steps = asked(REQUEST)
    note(record, msg="made request", peer="p")
    step(record)
    steps.requested = True
    note(record, extra=1)
    note(record, msg="Received chunk", result_code=0, data="aa")
    step(record)
    assert [found.fields for found in steps.ready] == [
        {"msg": "made request", "peer": "p"},
        {"msg": "Received chunk", "result_code": 0, "data": "aa", "extra": 1},
    ]


def test_a_step_that_fails_with_a_chunk_carries_the_text_of_the_peer() -> None:
    record, steps = asked(REQUEST)
    chunk = {"msg": "Received chunk", "result_code": 2, "fields.msg": "no such block", "data": "00"}
    record.take(chunk, 10)
    step(record)
    assert not bool(steps.ready), "its second half has not come"
    assert steps.requested
    assert steps.failing
    record.refuse(failed("_1_a", "next", why="exit status 1: step failed: got 2 reqresp result code"))
    assert [(found.failure, found.fields) for found in steps.ready] == [("no such block", chunk)]
    assert not bool(steps.requested)
    assert not bool(steps.failing)


@pytest.mark.parametrize(
    ("chunk", "text"),
    [
        ({"data": b"no block".hex()}, "no block"),
        ({"data": "ff"}, "\ufffd"),
        ({"data": "not hex"}, "got 1 reqresp result code"),
        ({"data": None}, "got 1 reqresp result code"),
        ({}, "got 1 reqresp result code"),
        ({"fields.msg": 7, "data": b"x".hex()}, "x"),
    ],
)
def test_the_text_of_an_error_chunk_in_other_forms(chunk: dict[str, object], text: str) -> None:
    record, steps = asked(REQUEST)
    note(record, msg="Received chunk", result_code=1, **chunk)
    step(record)
    record.refuse(failed("_1_a", "next", why="exit status 1: step failed: got 1 reqresp result code"))
    assert steps.ready[0].failure == text


def test_a_step_that_fails_without_a_chunk() -> None:
    record, steps = asked(SEARCH)
    step(record)
    line = failed("_1_a", "next", why="exit status 1: step failed: no node")
    record.refuse(line)
    assert [(found.failure, found.fields) for found in steps.ready] == [("no node", line)]
    assert not bool(steps.ended)


def test_a_failed_step_is_not_mixed_with_the_next_one() -> None:
    record, steps = asked(REQUEST)
    note(record, msg="Received chunk", result_code=1, data="")
    step(record)
    record.refuse(failed("_1_a", "next", why="step failed: x"))
    steps.requested = True
    note(record, msg="Received chunk", result_code=0, data="bb")
    step(record)
    assert steps.ready[1].fields == {"msg": "Received chunk", "result_code": 0, "data": "bb"}


def test_a_bounded_next_that_found_nothing_ends_nothing() -> None:
    for kind in (REQUEST, LISTENER, SEARCH):
        record, steps = asked(kind)
        bits = record.refuse(failed("_1_a", "next", "500ms", why="exit status 1: step failed: step request stopped"))
        assert bits & STEPPED
        assert not bool(steps.requested)
        assert not bool(steps.over)
        assert not bool(steps.ended)


def test_a_request_that_is_over_ends_when_no_step_can_be_coming() -> None:
    record, steps = asked(REQUEST)
    note(record, msg="Completed request")
    assert steps.over
    assert not bool(steps.ended), "the chunk that our `next` took may come behind it"
    assert not bool(record.cancel_due)
    note(record, msg="Received chunk", result_code=0, data="aa")
    step(record)
    assert steps.ended
    assert [found.fields["data"] for found in steps.ready] == ["aa"]
    assert record.cancel_due, "it is never freed otherwise"
    assert record.failure is None


def test_a_request_that_is_over_while_nobody_asks_ends_at_once() -> None:
    record, steps = asked(REQUEST)
    record.refuse(failed("_1_a", "next", "500ms", why="step failed: step request stopped"))
    note(record, msg="Completed request")
    assert steps.ended


def test_a_request_that_failed_tells_why() -> None:
    record, steps = asked(REQUEST)
    entry = {"msg": "failed to make request", "error": "unreachable"}
    record.take(entry, 10)
    assert steps.over
    record.refuse(failed("_1_a", "next", "500ms", why="step failed: step request stopped"))
    assert steps.ended
    assert record.failure is entry


@pytest.mark.parametrize("kind", [LISTENER, SEARCH, ""])
def test_other_calls_end_when_next_is_refused(kind: str) -> None:
    record, steps = asked(kind)
    note(record, msg="Completed request")
    assert not bool(steps.over)
    record.refuse(failed("_1_a", "next", why="exit status 1: call not available for stepping"))
    assert steps.over
    assert steps.ended


def test_what_other_parts_of_a_command_log_belongs_to_no_step() -> None:
    record, steps = asked(LISTENER)
    note(record, msg="Opened listener", a=1)
    note(record, msg="Received a request, run 'next' to start processing it.", b=1)
    note(record, msg="Responded!", c=1)
    note(record, msg="Shutting down request without response!", d=1)
    note(record, msg="Received request, queued it to respond to!", req_id=0)
    step(record)
    assert steps.ready[0].fields == {"msg": "Received request, queued it to respond to!", "req_id": 0}


@pytest.mark.parametrize("message", [None, 7, ["made request"], {"a": 1}])
def test_messages_of_other_types(message: object) -> None:
    record, steps = asked(REQUEST)
    note(record, msg=message, x=1)
    assert steps.fields == {"msg": message, "x": 1}
    assert steps.done is None


def test_steps_of_calls_without_any_are_passed_over() -> None:
    record = a_record()
    assert record.mark("__step", trace("__step")) == STEPPED
    assert record.refuse(failed("_1_a", "next")) & STEPPED
    assert record.phase == STARTING


# -- readers


def fill(record: CallState, *entries: Entry) -> None:
    for entry in entries:
        record.take(entry, 10)


def read(record: CallState, key: str | None) -> list[Any]:
    """All that a reader has, as a Call would take it."""
    reader = record.cursor(key)
    found: list[Any] = []
    while True:
        record.refill(reader)
        taken = list(reader.ready)
        if not taken:
            return found
        found += taken


def test_readers_of_each_kind_see_everything_once() -> None:
    record = a_record()
    fill(record, {"a": 1}, {"b": 2}, {"a": 3, "b": None})
    assert read(record, "a") == [1, 3]
    assert read(record, None) == [{"a": 1}, {"b": 2}, {"a": 3, "b": None}]
    assert read(record, "b") == [2, None]
    assert read(record, "c") == []
    fill(record, {"a": 4, "c": 5})
    assert read(record, "a") == [4]
    assert read(record, "c") == [5]
    assert read(record, None) == [{"a": 4, "c": 5}]
    assert read(record, None) == []


def test_readers_get_past_many_entries_of_other_fields() -> None:
    record = a_record()
    fill(record, *({"a": n} for n in range(1000)), {"b": 1})
    assert read(record, "b") == [1]
    assert read(record, "a") == list(range(1000))


def test_newest_is_a_copy() -> None:
    record = a_record()
    fill(record, {"a": 1, "b": 1, "level": "info", "time": "t", "actor": "x", "call_id": "1_a"}, {"a": 2})
    newest = record.newest()
    assert newest == {"a": 2, "b": 1}
    newest["a"] = 9
    assert record.newest() == {"a": 2, "b": 1}


# -- bounded memory


def test_dropping_counts_exactly_for_readers_that_have_read() -> None:
    record = a_record()
    fill(record, *({"a": n} if n % 2 else {"b": n} for n in range(10)))
    assert read(record, "a") == [1, 3, 5, 7, 9]
    fill(record, *({"a": n} if n % 2 else {"b": n} for n in range(10, 20)))
    record.drop(15)
    assert record.cursor("a").lost == 2  # 11 and 13
    assert read(record, "a") == [15, 17, 19]


def test_dropping_counts_exactly_for_readers_that_come_later() -> None:
    record = a_record()
    fill(record, *({"a": n} if n % 2 else {"b": n, "c": 1} for n in range(10)))
    assert record.drop(5) == 50
    assert record.cursor("a").lost == 2
    assert record.cursor("b").lost == 3
    assert record.cursor("c").lost == 3
    assert record.cursor("none").lost == 0
    assert record.cursor(None).lost == 5
    assert read(record, None) == [{"a": 5}, {"b": 6, "c": 1}, {"a": 7}, {"b": 8, "c": 1}, {"a": 9}]


def test_what_a_reader_holds_already_is_not_dropped() -> None:
    record = a_record()
    fill(record, {"a": 1}, {"a": 2})
    reader = record.cursor("a")
    record.refill(reader)
    record.drop(2)
    assert list(reader.ready) == [1, 2]
    assert reader.lost == 0


def test_dropping_loses_no_newest_value() -> None:
    record = a_record()
    fill(record, {"a": 1, "b": 1}, {"a": 2}, {"a": 3})
    assert record.newest() == {"a": 3, "b": 1}
    fill(record, {"b": 2}, {"c": 1}, {"a": 4})
    record.drop(5)
    assert record.newest() == {"a": 4, "b": 2, "c": 1}
    record.drop(99)
    assert record.newest() == {"a": 4, "b": 2, "c": 1}
    assert (record.log, record.sizes, record.size) == ([], [], 0)


def test_dropping_many_alike() -> None:
    record = a_record()
    fill(record, *({"a": n, "b": -n} for n in range(100)))
    assert record.newest() == {"a": 99, "b": -99}
    fill(record, *({"a": n, "b": -n} for n in range(100, 200)))
    record.drop(150)
    assert record.newest() == {"a": 199, "b": -199}
    assert record.cursor("b").lost == 150
    record.drop(20)
    record.take({"a": 200}, 1)
    assert record.newest() == {"a": 200, "b": -199}
    assert record.cursor("a").lost == record.cursor("b").lost == 170


def test_dropping_loses_no_step() -> None:
    record, steps = asked(REQUEST)
    note(record, msg="Received chunk", result_code=0, data="aa")
    record.drop(1)
    step(record)
    assert steps.ready[0].fields["data"] == "aa"


def test_random_drops_and_reads_lose_nothing_uncounted() -> None:
    chance = random.Random(3)
    keys = ("a", "b", None)
    for _ in range(200):
        record, numbers = a_record(), itertools.count()
        told = dict.fromkeys(keys, 0)
        seen: dict[str | None, list[Any]] = {key: [] for key in keys}
        total = dict.fromkeys(keys, 0)
        newest: Entry = {}
        for _ in range(60):
            act = chance.randrange(4)
            if act < 2:
                key = chance.choice("ab")
                entry = {key: next(numbers)}
                newest |= entry
                size = chance.randrange(50)
                record.take(entry, size)
                total[key] += 1
                total[None] += 1
            elif act == 2:
                before = record.size
                assert record.drop(chance.randrange(4)) == before - record.size
                assert record.size == sum(record.sizes)
            else:
                which = chance.choice(keys)
                seen[which] += read(record, which)
        for which in keys:
            seen[which] += read(record, which)
            told[which] = record.cursor(which).lost
            assert len(seen[which]) + told[which] == total[which]
        for name in "ab":
            assert seen[name] == sorted(seen[name])
        assert record.newest() == newest


def test_no_state_is_missing_here() -> None:
    named = {value for name, value in vars(phases).items() if name.isupper() and isinstance(value, (str, Phase))}
    assert set(STATES) | set(EVENTS) <= named
