"""The scripts in examples/, run as a user runs them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pyrum_sync import Rumor, eth2, probe
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


def check_status_server(rumor: Rumor, *words: str, environment: Mapping[str, str] = os.environ) -> None:
    """Runs status_server.py, probes it from this Rumor, and ends it with Ctrl-C."""
    with running("status_server.py", "--head-slot", "7", *words, environment=environment) as process:
        assert process.stdout is not None
        report = probe(rumor, process.stdout.readline().removeprefix("listening on ").strip())
        assert report.ok
        assert report.status == eth2.Status(head_slot=7)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=HANG)
    assert (process.returncode, err) == (0, "")
    assert sorted(out.splitlines()) == [
        "asked for our status by a host at slot 0",
        "goodbye, for reason 1",
        "pinged, their metadata has number 0",
        "served 1 statuses",
    ]
