"""``pyrum-sync demo`` and ``pyrum-sync commands``."""

from __future__ import annotations

import pytest

from pyrum_sync.cli.main import main
from pyrum_sync.transports.locate import find_rumor


def shown(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> str:
    assert main(words) == status
    out, err = capsys.readouterr()
    return err if status else out


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
    assert "pyrum_sync engine" in told.splitlines()[5]


@pytest.mark.rumor
def test_demo_on_the_real_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert_story(shown(capsys, "demo", "--fast"), f"Rumor: the real one, {find_rumor()}")


def test_all_commands(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys, "commands").splitlines()
    assert len(lines) == 157
    assert any(line.startswith("host listen  ") for line in lines)


def test_a_command_and_a_group(capsys: pytest.CaptureFixture[str]) -> None:
    told = shown(capsys, "commands", "host", "listen")
    assert "tcp" in told
    assert "addr" in told
    assert "listen" in shown(capsys, "commands", "host")
    assert shown(capsys, "commands", "rpc", "blocks_by_range") == shown(capsys, "commands", "rpc", "blocks-by-range")


def test_search(capsys: pytest.CaptureFixture[str]) -> None:
    told = shown(capsys, "commands", "stepwise").splitlines()
    assert [line.split("  ")[0] for line in told] == ["dv5 random"]


def test_nothing_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert "did you mean 'host listen'?" in shown(capsys, "commands", "host", "lissten", status=2)
