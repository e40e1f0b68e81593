"""``pyrum-sync demo``."""

from __future__ import annotations

import pytest

from pyrum_sync.transports.locate import find_rumor
from tests.unit.cli.helpers import shown

STORY = [
    "alice listens on /ip4/127.0.0.1/tcp/",
    "bob listens on /ip4/127.0.0.1/tcp/",
    "alice sleeps 0.5 s and, side by side, 0.3 s",
    "the short sleep ended after ",
    "alice is connected to bob, whose agent is ",
    "alice was asked for her status by a host at slot 42",
    "bob was told: finalized epoch 3, head slot 123",
]


def assert_story(told: str, first: str) -> None:
    lines = told.splitlines()
    assert lines[0].startswith(first)
    for line, start in zip(lines[1:], STORY, strict=True):
        assert line.startswith(start)


def test_demo_on_the_simulator(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RUMOR", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    told = shown(capsys, "demo", "--fast")
    assert_story(told, "Rumor: the built-in simulator")
    assert "simulator" in told.splitlines()[5]


@pytest.mark.rumor
def test_demo_on_the_real_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert_story(shown(capsys, "demo", "--fast"), f"Rumor: the real one, {find_rumor()}")
