"""The steps of a call."""

from __future__ import annotations

import pytest

from pyrum_sync.catalogue.tree import LISTENER, REQUEST, SEARCH
from pyrum_sync.client.phases import (
    STARTING,
    STEPPED,
)
from pyrum_sync.client.steps import Steps
from tests.unit.client.states import a_record, asked, failed, note, step, trace


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
    record.take(chunk, b"")
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


def test_a_step_that_fails_after_set_up_logged_something() -> None:
    record, steps = asked(SEARCH)
    note(record, msg="Started looking", level="info")
    steps.request(0)
    step(record)
    record.refuse(failed("_1_a", "next", why="exit status 1: step failed: no node"))
    assert [found.failure for found in steps.ready] == ["no node"]


@pytest.mark.parametrize("kind", [REQUEST, LISTENER, SEARCH, ""])
@pytest.mark.parametrize("message", ["Made a request", "a chunk!", "", None])
def test_a_step_in_other_words_is_given(kind: str, message: object) -> None:
    record, steps = asked(kind)
    note(record, msg=message, level="info", data="aa")
    step(record)
    assert [(found.failure, found.fields) for found in steps.ready] == [(None, {"msg": message, "data": "aa"})]
    assert not bool(steps.requested)
    assert not bool(steps.failing)


def test_a_step_in_other_words_fails_by_the_word_of_rumor() -> None:
    record, steps = asked(LISTENER)
    note(record, msg="other words", data="aa")
    step(record)
    line = failed("_1_a", "next", why="exit status 1: step failed: no such thing")
    record.refuse(line)
    assert [(found.failure, found.fields) for found in steps.ready] == [("no such thing", line)]
    assert not bool(steps.over)
    assert not bool(steps.ended)
    steps.requested = True
    record.refuse(failed("_1_a", "next", why="exit status 1: call not available for stepping"))
    assert steps.ended


@pytest.mark.parametrize("kind", [REQUEST, LISTENER, SEARCH])
def test_a_step_in_other_words_that_was_read_before_it_failed(kind: str) -> None:
    """The reader of the next step learns of it."""
    record, steps = asked(kind)
    note(record, msg="other words", data="aa")
    step(record)
    assert steps.deliver()
    assert [found.failure for found in steps.delivered] == [None]
    line = failed("_1_a", "next", why="exit status 1: step failed: no such thing")
    assert record.refuse(line) & STEPPED
    assert [(found.failure, found.fields) for found in steps.ready] == [("an earlier step failed: no such thing", line)]
    assert not bool(steps.over)


def test_nothing_in_time_does_not_spoil_a_step_in_other_words() -> None:
    record, steps = asked(REQUEST)
    note(record, msg="other words", data="aa")
    step(record)
    steps.requested = True
    record.refuse(failed("_1_a", "next", "500ms", why="exit status 1: step failed: step request stopped"))
    assert [found.failure for found in steps.ready] == [None]
    assert not bool(steps.requested)


@pytest.mark.parametrize("trouble", [{"level": "error"}, {"level": "warning"}, {"level": "info", "result_code": 2}])
def test_trouble_in_other_words_is_no_step(trouble: dict[str, object]) -> None:
    record, steps = asked(REQUEST)
    note(record, msg="other words", **trouble)
    step(record)
    assert steps.failing
    record.refuse(failed("_1_a", "next", why="exit status 1: step failed: no"))
    assert [found.failure for found in steps.ready] == ["no"]


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
    record.take(entry, b"")
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


def test_grows_to_a_limit() -> None:
    steps = Steps(REQUEST)
    assert [steps.bound() for _ in range(7)] == [20, 40, 80, 160, 320, 500, 500]


def test_starts_again_with_each_step() -> None:
    steps = Steps(REQUEST)
    steps.bound(), steps.bound()
    steps.note({"msg": "made request"})
    steps.stepped()
    assert steps.bound() == 20
