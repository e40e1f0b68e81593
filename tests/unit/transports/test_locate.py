"""Where the real Rumor is."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyrum_sync.transports.locate import find_rumor


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A program `rumor` on PATH; RUMOR is not set."""
    path = tmp_path / "rumor"
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("RUMOR", raising=False)
    return str(path)


def test_on_path(program: str) -> None:
    assert find_rumor() == program


@pytest.mark.usefixtures("program")
def test_the_variable_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUMOR", "/elsewhere/rumor")
    assert find_rumor() == "/elsewhere/rumor"


def test_nowhere(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Path(program).unlink()
    assert find_rumor() is None
    monkeypatch.setenv("RUMOR", "")
    assert find_rumor() is None
