"""The engine as a connection: without its packages it says what to install."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from pyrum_sync import EmbeddedConn, Rumor, RumorNotFound, SimulatorConn

# A Python that starts as ever, but finds no such packages: it stands for an environment without the extra.
_BLIND = """
import importlib.util
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name in {packages!r} else found(name, *rest)
"""


@pytest.fixture
def without_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Child processes have no package of the extra."""
    (tmp_path / "sitecustomize.py").write_text(_BLIND.format(packages=("cryptography", "cramjam", "websockets")))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (str(tmp_path), os.environ.get("PYTHONPATH")))))


def test_it_is_the_engine_on_tcp() -> None:
    conn = EmbeddedConn()
    assert conn._cmd == [sys.executable, "-m", "pyrum_sync.engine", "bare", "--level=trace"]
    assert repr(conn) == "EmbeddedConn()"


@pytest.mark.usefixtures("without_extra")
def test_without_the_extra_it_says_what_to_install() -> None:
    with pytest.raises(RumorNotFound) as caught:
        Rumor(EmbeddedConn())
    assert 'pip install "pyrum-sync[engine]"' in str(caught.value)
    assert "SimulatorConn" in str(caught.value)


@pytest.mark.usefixtures("without_extra")
def test_the_simulator_needs_none() -> None:
    with Rumor(SimulatorConn(), timeout=20) as rumor:
        assert rumor.engine is not None
        assert rumor.engine.network == "memory"


def test_another_end_is_no_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    conn = EmbeddedConn()
    monkeypatch.setattr(conn, "_cmd", [sys.executable, "-c", "raise SystemExit(3)"])
    with pytest.raises(Exception, match="exit status 3"):
        Rumor(conn)


def test_faults_are_checked_at_once() -> None:
    with pytest.raises(ValueError, match=r"faults\[0\].do"):
        EmbeddedConn([{"do": "explode"}])
