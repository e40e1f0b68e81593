"""``pyrum-sync demo``."""

from __future__ import annotations

import sys

import pytest

from pyrum_sync import EmbeddedConn
from pyrum_sync.cli import demo, options
from pyrum_sync.transports.embedded import NO_EXTRA
from tests.unit.cli.helpers import shown

STORY = [
    "alice listens on /ip4/127.0.0.1/tcp/",
    "bob listens on /ip4/127.0.0.1/tcp/",
    "alice sleeps 0.5 s and, side by side, 0.3 s",
    "the short sleep ended after ",
    "alice is connected to bob, whose agent is ",
    "alice was asked for her status by a host at slot 42",
    "alice answered: finalized epoch 3, head slot 123",
]


def assert_story(told: str, first: str) -> None:
    lines = told.splitlines()
    assert lines[0].startswith(first)
    for line, start in zip(lines[1:], STORY, strict=True):
        assert line.startswith(start)


def test_two_engines_meet_over_libp2p(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("cryptography", reason="the extra [engine] is not installed")
    told = shown(capsys, "demo", "--fast")
    assert_story(told, "Rumor: the engine, on libp2p over TCP; alice and bob live in two processes")
    lines = told.splitlines()
    assert lines[1].split("/")[4] != lines[2].split("/")[4], "each listens on a port of its own"
    assert "tcp)" in lines[5]


def test_without_the_extra_in_memory(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    class Missing(EmbeddedConn):
        """Ends as an engine whose packages are missing does."""

        def _connect(self, deadline: float) -> None:
            self._cmd = [
                sys.executable,
                "-c",
                f"import os; os.write(2, b'install it'); os._exit({NO_EXTRA})",
            ]
            super()._connect(deadline)

    monkeypatch.setattr(demo, "EmbeddedConn", Missing)
    monkeypatch.setattr(options, "EmbeddedConn", Missing)
    told = shown(capsys, "demo", "--fast")
    assert_story(told, "Rumor: the engine, with a network in memory (install it")
    assert "memory)" in told.splitlines()[5]


@pytest.mark.rumor
def test_on_the_real_one(capsys: pytest.CaptureFixture[str]) -> None:
    told = shown(capsys, "demo", "--fast", "--rumor")
    assert_story(told, "Rumor: SubprocessConn(")
    assert told.splitlines()[0].endswith("a Go Rumor")
