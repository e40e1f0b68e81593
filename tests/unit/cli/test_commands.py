"""``pyrum-sync commands``."""

from __future__ import annotations

import pytest

from tests.unit.cli.helpers import shown


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
