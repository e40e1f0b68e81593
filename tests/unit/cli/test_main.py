"""The command line as a whole."""

from __future__ import annotations

import subprocess
import sys

from tests.conftest import HANG
from tests.unit.cli.helpers import Run


def test_help(run: Run) -> None:
    for words in (("--help",), ("probe", "--help")):
        status, out, err = run(*words)
        assert (status, err) == (0, "")
        assert "probe" in out
    status, out, _ = run("simulator", "--help")
    assert status == 0
    assert "bare" in out
    assert run("--version")[1].startswith("pyrum-sync ")


def test_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pyrum_sync", "--version"], capture_output=True, text=True, check=True, timeout=HANG
    )
    assert done.stdout.startswith("pyrum-sync ")
