"""What README shows is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import pyrum_sync
from pyrum_sync import Rumor, SimulatorConn
from pyrum_sync.engine import faults, table

README = (Path(__file__).parents[2] / "README.md").read_text()


def python_blocks() -> list[str]:
    return re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)


def test_what_is_simulated() -> None:
    """Remade with `print(pyrum_sync.engine.table.markdown())`."""
    shown = README.partition("a test compares -->\n")[2].partition("<!-- end -->")[0]
    assert shown == table.markdown()


def test_the_screen_of_code(capsys: pytest.CaptureFixture[str]) -> None:
    """On the simulator, and on free ports."""
    code = python_blocks()[0]
    code = code.replace('SubprocessConn("rumor bare --level=trace")', "SimulatorConn()")
    code = re.sub(r"tcp=\d+", "tcp=0", code).replace("3s", "100ms")
    exec(compile(code, "README.md", "exec"), {"SimulatorConn": SimulatorConn})
    out = capsys.readouterr().out
    assert out.startswith("/ip4/127.0.0.1/tcp/")
    assert out.endswith("00" * 84 + "\n")


def test_the_faults() -> None:
    block = next(block for block in python_blocks() if "faults=[" in block)
    assert sorted(re.findall(r'"do": "([\w-]+)"', block)) == sorted(faults.ACTIONS)
    eval(block.strip(), {"SimulatorConn": SimulatorConn})


def test_the_errors() -> None:
    """The tree has all of them, and each is the builtin that is shown."""
    tree = README.partition("## Errors")[2].partition("## ")[0]
    shown = dict(re.findall(r"[─\s`](\w+)(?: \((\w+)\))?  ", tree))
    for name in pyrum_sync.__all__:
        error = getattr(pyrum_sync, name)
        if isinstance(error, type) and issubclass(error, pyrum_sync.RumorError) and name != "RumorError":
            builtin = shown[name]
            assert not builtin or any(base.__name__ == builtin for base in error.__mro__), name


def test_the_members_that_are_named() -> None:
    with Rumor(SimulatorConn(), timeout=20) as rumor:
        call = rumor.sleep("1ns")
        for name in re.findall(r"`call\.(\w+)\(\)`", README):
            assert name == "addr" or callable(getattr(call, name)), name
