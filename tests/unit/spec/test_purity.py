"""What the specifications fix needs no socket, thread, clock or loop."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import pyrum_sync.spec

FORBIDDEN = {"asyncio", "queue", "select", "selectors", "socket", "ssl", "subprocess", "threading", "time"}
FILES = sorted(Path(pyrum_sync.spec.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_of_spec_imports_nothing_of_the_world(path: Path) -> None:
    imported = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "by its whole name"
            imported.add(node.module or "")
    own = {name for name in imported if name.partition(".")[0] == "pyrum_sync"}
    assert all(name.startswith(("pyrum_sync.spec", "pyrum_sync.errors")) for name in own)
    imported = {name.partition(".")[0] for name in imported}
    # The clock is read where no time is given: one face, in a function.
    assert imported & FORBIDDEN == ({"time"} if path.name == "network.py" else set())
