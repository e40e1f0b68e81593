"""What is known of one call: its life, its log, bounded memory."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest

from pyrum_sync.catalogue.tree import REQUEST
from pyrum_sync.client.call_state import CallState
from pyrum_sync.client.phases import (
    ANYTHING,
    ATTACHING,
    DATA,
    FAILED,
    FREE,
    FREED,
    OVER_NOW,
    RUNNING,
    SET_UP,
    STARTING,
    SUCCESS,
)
from pyrum_sync.protocol.entries import MARKS, Entry
from tests.unit.client.states import a_record, asked, failed, line_of, note, step, trace


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
    assert record.receive({"level": "info", mark: "true"}, b"7 bytes") == DATA
    assert record.log.fresh == [{"level": "info", mark: "true"}]
    assert (record.log.size, record.phase) == (7, STARTING)
    assert record.receive({"level": "trace", "said": 1}, b"") == DATA
    assert other.receive({"level": "trace", mark: "true"}, b"") != DATA
    assert not other.log


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


def fill(record: CallState, *entries: Entry) -> None:
    for entry in entries:
        record.take(entry, line_of(entry, 20))


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
    assert record.drop(5) == 100
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
    record.drop(1)
    assert record.newest() == {"a": 4, "b": 2, "c": 1}
    assert (len(record.log), record.log.size) == (0, 0)


def test_dropping_many_alike() -> None:
    record = a_record()
    fill(record, *({"a": n, "b": -n} for n in range(100)))
    assert record.newest() == {"a": 99, "b": -99}
    fill(record, *({"a": n, "b": -n} for n in range(100, 200)))
    record.drop(150)
    assert record.newest() == {"a": 199, "b": -199}
    assert record.cursor("b").lost == 150
    record.drop(20)
    fill(record, {"a": 200})
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
                record.take(entry, line_of(entry, chance.randrange(50)))
                total[key] += 1
                total[None] += 1
            elif act == 2:
                before = record.log.size
                assert record.drop(min(len(record.log), chance.randrange(4))) == before - record.log.size
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
