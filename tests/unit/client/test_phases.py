"""The phases of a call's life."""

from __future__ import annotations

from typing import Any

import pytest

from pyrum_sync.client import phases
from pyrum_sync.client.phases import (
    ABSENT,
    ATTACHING,
    BROKEN,
    ERROR,
    FAILED,
    FAILING,
    FREE,
    FREED,
    MOVES,
    OVER,
    PRESENT,
    REFUSED,
    RUNNING,
    STARTING,
    SUCCESS,
    TAKEN_BACK,
    UNSENT,
    Phase,
)
from tests.unit.client.states import a_record

STATES = (STARTING, RUNNING, FAILING, FREED, FAILED, UNSENT, ATTACHING)


EVENTS: tuple[Any, ...] = (SUCCESS, ERROR, REFUSED, FREE, TAKEN_BACK, PRESENT, ABSENT)


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


def test_no_state_is_missing_here() -> None:
    named = {value for name, value in vars(phases).items() if name.isupper() and isinstance(value, (str, Phase))}
    assert set(STATES) | set(EVENTS) <= named
