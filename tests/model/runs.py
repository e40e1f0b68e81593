"""How much is tried: little and always the same, or, for ``make model``, much and always something else."""

from __future__ import annotations

import itertools
import os

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.conftest import HANG

FACTOR = int(os.environ.get("MODEL_RUNS", "0"))  # times as many runs as usual
SHRINK = "MODEL_SHRINK" in os.environ  # look for the smallest run that fails, which takes minutes


class Tally:
    """How much was tried; counted by any number of threads."""

    def __init__(self) -> None:
        self.run = itertools.count().__next__
        self.operation = itertools.count().__next__

    def tell(self) -> None:
        """Afterwards: to count is to ask."""
        print(f"{self.run()} runs, {self.operation()} operations")


def wakes_only_when_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits looks again each second, which would hide that it was not woken."""
    monkeypatch.setattr("pyrum_sync.client.session._SLICE", 3 * HANG)


def runs(examples: int, steps: int = 40) -> settings:
    """Settings for so many runs in the usual suite."""
    return settings(
        max_examples=examples * max(1, FACTOR),
        stateful_step_count=steps,
        derandomize=not FACTOR,
        database=None,
        deadline=None,
        print_blob=True,
        report_multiple_bugs=False,
        phases=[Phase.generate, Phase.shrink] if SHRINK else [Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
