"""The scripts in examples/, run as a user runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import HANG

EXAMPLES = Path(__file__).parents[2] / "examples"


@contextmanager
def running(name: str, *words: str, environment: Mapping[str, str] = os.environ) -> Iterator[subprocess.Popen[str]]:
    """A script that runs until the block is left; a warning is an error in it."""
    command = [sys.executable, "-W", "error", str(EXAMPLES / name), *words]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def run(name: str, *words: str, environment: Mapping[str, str] = os.environ) -> list[str]:
    """Runs a script to its end; returns the lines that it prints. No thread of it may end with a traceback."""
    with running(name, *words, environment=environment) as process:
        out, err = process.communicate(timeout=2 * HANG)
    assert process.returncode == 0, err
    assert "Traceback" not in err
    return out.splitlines()
