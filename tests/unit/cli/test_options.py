"""What the subcommands share: bad usage, and which Rumor is chosen."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import pytest

from pyrum_sync import EmbeddedConn, SubprocessConn
from pyrum_sync.cli.options import add_connection_options, connection
from tests.unit.cli.helpers import NOBODY, SIMULATOR, Run


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "COMMAND"),
        (("nonsense",), "nonsense"),
        (("probe",), "ADDR"),
        (("probe", "x", "--timeout", "0"), "invalid number of seconds"),
        (("probe", "x", "--timeout", "-1"), "invalid number of seconds"),
        (("probe", "x", "--timeout", "nan"), "invalid number of seconds"),
        (("probe", "x", "--timeout", "soon"), "invalid number of seconds"),
        (("probe", "x", "--concurrency", "0"), "invalid number"),
        (("probe", "x", "--tcp", "localhost"), "HOST:PORT"),
        (("probe", "x", "--tcp", "localhost:0", "--unix", "y"), "not allowed with"),
        (("probe", "x", "--rumor", "--unix", "y"), "not allowed with"),
        (("probe", "x", "--json", "--csv"), "not allowed with"),
        (("probe", "x", "--network", "mainet"), "known by name are mainnet, sepolia, holesky, hoodi"),
        (("probe", "x", "--picture", "/nowhere/p.svg"), "the picture cannot be written to /nowhere/p.svg"),
        (("probe", "x", "--watch", "-1"), "invalid"),
        (("probe", "x", "--key", "secret"), "--key goes with --ws"),
        (("probe", "x", "--retry-for", "3"), "--retry-for goes with"),
        (("probe", NOBODY, "--cmd", "no-such-program --at-all"), "no-such-program"),
        (("probe", NOBODY, "--unix", "/nowhere/socket"), "cannot reach"),
        (("probe", NOBODY, "--ws", "ws://127.0.0.1:1/ws", "--key", "secret"), "cannot reach"),
        (("probe", NOBODY, "--tcp", "[::1]:1"), "cannot reach"),
        (("probe", NOBODY, "--cmd", "cat"), "not a Rumor"),
    ],
    ids=" ".join,
)
def test_bad_usage(run: Run, words: tuple[str, ...], said: str) -> None:
    status, out, err = run(*words)
    assert (status, out) == (2, "")
    assert said in err
    assert "secret" not in err
    assert "Traceback" not in err


def test_no_rumor(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("RUMOR", raising=False)
    status, out, err = run("probe", NOBODY, "--rumor")
    assert (status, out) == (2, "")
    assert "no Rumor found" in err
    assert "simulator" not in err  # a network in memory reaches no peer


def test_the_rumor_that_is_found(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "rumor"
    program.write_text(f'#!/bin/sh\nexec {" ".join(SIMULATOR)} "$@"\n')
    program.chmod(0o755)
    monkeypatch.delenv("RUMOR", raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert run("probe", NOBODY, "--rumor")[0] == 1
    monkeypatch.setenv("RUMOR", "/nowhere/rumor")
    status, _, err = run("probe", NOBODY, "--rumor")
    assert status == 2
    assert "/nowhere/rumor" in err


def test_the_engine_otherwise() -> None:
    parser = argparse.ArgumentParser()
    add_connection_options(parser)
    assert type(connection(parser.parse_args([]))) is EmbeddedConn
    assert type(connection(parser.parse_args(["--cmd", "x"]))) is SubprocessConn
