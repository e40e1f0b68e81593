"""What README and docs/reference.md show is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import pyrum_sync
from pyrum_sync import EmbeddedConn, Rumor, SimulatorConn, SubprocessConn

PROJECT = Path(__file__).parents[2]
README = (PROJECT / "README.md").read_text()
REFERENCE = (PROJECT / "docs" / "reference.md").read_text()


def python_blocks() -> list[str]:
    return re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)


@pytest.mark.parametrize("conn", [EmbeddedConn, SimulatorConn])
def test_the_ten_lines(capsys: pytest.CaptureFixture[str], conn: type[SubprocessConn]) -> None:
    """As they stand, and with the simulator in place of the engine."""
    if conn is EmbeddedConn:
        pytest.importorskip("cryptography", reason="the extra [engine] is not installed")
    code = python_blocks()[0].replace("EmbeddedConn()", f"{conn.__name__}()")
    exec(compile(code, "README.md", "exec"), {"SimulatorConn": SimulatorConn})
    assert capsys.readouterr().out == "123\n"


def test_the_errors() -> None:
    """The tree has all of them, and each is the builtin that is shown."""
    tree = REFERENCE.partition("## Errors")[2].partition("## ")[0]
    shown = dict(re.findall(r"[─\s`](\w+)(?: \((\w+)\))?  ", tree))
    for name in pyrum_sync.__all__:
        error = getattr(pyrum_sync, name)
        if isinstance(error, type) and issubclass(error, pyrum_sync.RumorError) and name != "RumorError":
            builtin = shown[name]
            assert not builtin or any(base.__name__ == builtin for base in error.__mro__), name


def test_the_members_that_are_named() -> None:
    with Rumor(SimulatorConn(), timeout=20) as rumor:
        call = rumor.sleep("1ns")
        for name in re.findall(r"`call\.(\w+)\(\)`", REFERENCE):
            assert name == "addr" or callable(getattr(call, name)), name
