"""The log of a call: the newest entries parsed, older ones as text, and nothing of it to be seen from outside."""

from __future__ import annotations

import gc
import random
import tracemalloc

import pytest

from pyrum_sync.client.log import Log
from pyrum_sync.protocol.entries import Entry
from tests.unit.client.states import line_of


def all_of(log: Log, number: int) -> list[Entry]:
    found: list[Entry] = []
    while number < log.end:
        entries, count = log.some(number)
        assert count >= 1
        found += entries
        number += count
    return found


@pytest.mark.parametrize("rounds", [30, pytest.param(300, marks=pytest.mark.long)])
def test_random_entries_blocks_and_drops(rounds: int) -> None:
    chance = random.Random(5)
    for _ in range(rounds):
        log, model, start = Log(), list[tuple[Entry, bytes]](), 0
        for _ in range(80):
            act = chance.randrange(5)
            some = [{"n": chance.randrange(1000)} for _ in range(chance.randrange(1, 90))]
            lines = [line_of(entry, chance.randrange(40)) for entry in some]
            if act == 0:
                assert log.add_block(b"\n".join(lines), len(lines)) == sum(map(len, lines))
                model += zip(some, lines, strict=True)
            elif act < 3:
                for entry, line in zip(some, lines, strict=True):
                    if log.full:
                        log.pack()
                    log.add(entry, line)
                model += zip(some, lines, strict=True)
            elif act == 3 and model:
                count = chance.randrange(len(model) + 1)
                assert log.drop(count) == sum(len(line) for _, line in model[:count])
                del model[:count]
                start += count
            else:
                size = chance.randrange(1, 2000)
                count = log.oldest(size)
                sizes = [len(line) for _, line in model]
                assert sum(sizes[:count]) >= size or count == len(model)
                assert count == 0 or sum(sizes[: count - 1]) < size
            assert (log.start, log.end, len(log)) == (start, start + len(model), len(model))
            assert log.size == sum(len(line) for _, line in model)
            assert log.last() == (model[-1][0] if model else None)
            assert log.last_size() == (len(model[-1][1]) if model else 0)
            number = chance.randrange(len(model) + 1)
            assert all_of(log, start + number) == [entry for entry, _ in model[number:]]


def test_lines_that_turn_out_to_be_no_entries_are_reported() -> None:
    log, bad = Log(), list[str]()
    log.report = bad.extend
    log.add_block(b'{"a":1}\nno entry\n{"a":2}', 3)
    assert log.some(0) == ([{"a": 1}, {"a": 2}], 3)
    assert bad == ["no entry"]


def test_the_newest_entry_is_kept_parsed_however_long_it_is() -> None:
    """To parse it a second time would take its text three times more."""
    log = Log()
    entry = {"text": "x" * 1_000_000}
    log.add(entry, line_of(entry))
    assert log.full
    assert log.some(0)[0][0] is entry


@pytest.mark.parametrize("at_once", [1, 1000])
def test_unread_entries_take_little_more_than_their_text(at_once: int) -> None:
    line = b'{"actor":"a","addr":"%060d","call_id":"1_a","level":"info","msg":"address","time":"2020"}'
    gc.collect()
    tracemalloc.start()
    try:
        log = Log()
        for number in range(0, 20_000, at_once):
            if at_once == 1:
                if log.full:
                    log.pack()
                log.add({"actor": "a", "addr": f"{number:060}", "call_id": "1_a"}, line % number)
            else:
                log.add_block(b"\n".join(line % each for each in range(number, number + at_once)), at_once)
        taken = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert taken < 1.1 * log.size
