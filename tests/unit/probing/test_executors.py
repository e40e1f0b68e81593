"""Probes of stand-in peers by the workers of processes and of a cluster, as the examples have it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.crowd import STRANGER
from tests.support.standin import StandIns

NOBODY = f"/ip4/127.0.0.1/tcp/1/p2p/{STRANGER}"


@pytest.fixture(scope="module")
def peers() -> Iterator[StandIns]:
    with StandIns(["prysm tolerant"] * 6) as standins:
        yield standins


def assert_answered(project: Path, example: str, peers: StandIns, folder: Path) -> None:
    listed = folder / "peers.txt"
    listed.write_text("\n".join([*peers.addrs, NOBODY, "nonsense"]))
    done = subprocess.run(
        [sys.executable, str(project / "examples" / example), str(listed)],
        capture_output=True, text=True, timeout=120, check=False, env={**os.environ, "PYTHONPATH": str(project)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert len(rows) == 8
    assert sorted(row[0] for row in rows if row[-1] == "ok") == sorted(addr.rpartition("/")[2] for addr in peers.addrs)
    assert sum("refused" in row[-1] for row in rows) == 1
    assert sum("not an address" in row[-1] for row in rows) == 1


def test_processes(project: Path, peers: StandIns, tmp_path: Path) -> None:
    assert_answered(project, "probe_processes.py", peers, tmp_path)


def test_a_dask_cluster(project: Path, peers: StandIns, tmp_path: Path) -> None:
    """Two workers on this machine."""
    pytest.importorskip("distributed", reason="dask.distributed is not installed: pip install 'pyrum-sync[dask]'")
    assert_answered(project, "probe_dask.py", peers, tmp_path)


def test_one_engine(project: Path, peers: StandIns, tmp_path: Path) -> None:
    listed = tmp_path / "peers.txt"
    listed.write_text("\n".join(f"- {enr} # a peer" for enr in peers.enrs))
    done = subprocess.run(
        [sys.executable, str(project / "examples" / "probe_many.py"), str(listed)],
        capture_output=True, text=True, timeout=120, check=True, env={**os.environ, "PYTHONPATH": str(project)},
    )  # fmt: skip
    assert len(done.stdout.splitlines()) == 7
    assert "done: 6" in done.stderr
