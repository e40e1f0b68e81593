"""What several tests of the command line use."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from pyrum_sync.cli.main import main
from tests.support.crowd import STRANGER


def shown(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> str:
    assert main(words) == status
    out, err = capsys.readouterr()
    return err if status else out


NOBODY = f"/ip4/127.0.0.1/tcp/1/p2p/{STRANGER}"


SIMULATOR = (sys.executable, "-m", "pyrum_sync", "simulator")


Run = Callable[..., tuple[int, str, str]]
