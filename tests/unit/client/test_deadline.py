"""Time limits, and when a wait has to end."""

from __future__ import annotations

import math
from time import monotonic
from typing import Any

import pytest

from pyrum_sync.client.deadline import DEFAULT, FOREVER, Deadline, checked_timeout, resolve


@pytest.mark.parametrize("timeout", [None, 0, 0.5, 7, math.inf])
def test_a_limit(timeout: float | None) -> None:
    assert checked_timeout(timeout) == timeout
    assert resolve(timeout, 3) == timeout


def test_one_that_was_not_passed() -> None:
    assert resolve(DEFAULT, 3) == 3
    assert resolve(DEFAULT, None) is None
    assert repr(DEFAULT) == "…"


@pytest.mark.parametrize("wrong", ["1", True, [1]])
def test_what_is_no_number(wrong: Any) -> None:
    with pytest.raises(TypeError, match="a timeout must be a number of seconds or None"):
        checked_timeout(wrong)


@pytest.mark.parametrize("wrong", [-1, -0.001, math.nan])
def test_what_is_less_than_nothing(wrong: float) -> None:
    with pytest.raises(ValueError, match="a timeout must be 0 or more seconds"):
        checked_timeout(wrong)


def test_a_deadline_that_has_come() -> None:
    deadline = Deadline(0)
    assert deadline.passed
    assert deadline.left(5) == 0


def test_a_deadline_to_come() -> None:
    before = monotonic()
    deadline = Deadline(100)
    assert deadline.at is not None
    assert before + 100 <= deadline.at <= monotonic() + 100
    assert not deadline.passed
    assert deadline.left(5) == 5
    assert 99 < deadline.left(1000) <= 100


def test_a_deadline_that_never_comes() -> None:
    for deadline in (FOREVER, Deadline(None), Deadline(math.inf)):
        assert not deadline.passed
        assert deadline.left(5) == 5
    assert FOREVER.at is None
