"""The pytest plugin, in test runs of its own."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from tests.conftest import HANG

SUITE = """
import pytest
from pyrum_sync import eth2

def test_it(rumor, rumor_actor):
    alice, bob, third = rumor_actor("alice"), rumor_actor(agent="bobby"), rumor_actor(listen=False)
    assert len({alice.name, bob.name, third.name}) == 3
    addr = bob.host.view().addr()
    assert addr.startswith("/ip4/127.0.0.1/tcp/")
    bob_id = alice.peer.connect(addr).data["peer_id"]
    with eth2.serve(bob, "ping", lambda ping: ping):
        assert eth2.ping(alice, bob_id, 5).seq_number == 5

def test_each_has_its_own(rumor, rumor_actor):
    assert not rumor.calls
    assert rumor_actor("alice").peer.list().data["peers"] == []

def test_that_closes_it(rumor, rumor_actor):
    rumor_actor()
    rumor.close()

def test_without():
    pass
"""
# No plugin is loaded but this one: so it does not matter whether the package was installed with its entry point.
RUN = (sys.executable, "-m", "pytest", "-p", "pyrum_sync.pytest_plugin", "-q", "-W", "error")


def run_suite(
    folder: Path, *words: str, text: str = SUITE, path: str = "/nowhere", rumor: str = ""
) -> subprocess.CompletedProcess[str]:
    (folder / "test_suite.py").write_text(text)
    environment = {"PATH": path, "RUMOR": rumor, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "HOME": str(folder)}
    return subprocess.run(
        [*RUN, *words], cwd=folder, env=environment, capture_output=True, text=True, timeout=3 * HANG, check=False
    )


def test_with_the_simulator(tmp_path: Path) -> None:
    done = run_suite(tmp_path)
    assert "4 passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.rumor
def test_with_the_real_one(tmp_path: Path, rumor_path: str) -> None:
    done = run_suite(tmp_path, rumor=rumor_path)
    assert "4 passed" in done.stdout, done.stdout + done.stderr


def test_with_a_chosen_one(tmp_path: Path) -> None:
    command = f"touch started; exec {sys.executable} -m pyrum_sync simulator bare --level=trace"
    done = run_suite(tmp_path, f"--rumor={command}", path="/bin:/usr/bin")
    assert "4 passed" in done.stdout, done.stdout + done.stderr
    assert (tmp_path / "started").exists()


def test_with_one_that_does_not_start(tmp_path: Path) -> None:
    done = run_suite(tmp_path, "--rumor=no-such-rumor", path="/bin:/usr/bin")
    assert "3 errors" in done.stdout
    assert "1 passed" in done.stdout
    assert "RumorNotFound" in done.stdout


def test_inert(tmp_path: Path) -> None:
    """A run that does not use it starts nothing, and loads nothing big."""
    done = run_suite(
        tmp_path,
        text="""
import sys, threading
def test_it():
    assert "pyrum_sync.pytest_plugin" in sys.modules
    assert not {"remerkleable", "websocket", "rich", "pyrum_sync.eth2", "pyrum_sync.simulator"} & set(sys.modules)
    assert threading.active_count() == 1
""",
    )
    assert "1 passed" in done.stdout, done.stdout


def test_shown(tmp_path: Path) -> None:
    assert "--rumor=COMMAND" in run_suite(tmp_path, "--help").stdout
    fixtures = run_suite(tmp_path, "--fixtures").stdout
    assert "rumor_actor" in fixtures
    assert "A Rumor of the test's own" in fixtures


def test_entry_point() -> None:
    (found,) = entry_points(group="pytest11", name="pyrum_sync")
    assert found.value == "pyrum_sync.pytest_plugin"
