"""What the tests of the command line share."""

from __future__ import annotations

import sys

import pytest

from pyrum_sync.cli.main import main
from tests.unit.cli.helpers import Run


@pytest.fixture
def run(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command line: its exit status, and what it wrote."""

    def run(*words: str) -> tuple[int, str, str]:
        if "terminal" in request.fixturenames:
            monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
            monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
        status = main(words)
        return status, *capsys.readouterr()

    return run
