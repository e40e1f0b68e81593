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
            imported |= {each.name.partition(".")[0] for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level <= 1, "spec imports only itself"
            imported.add((node.module or "").partition(".")[0] if not node.level else "")
    assert "pyrum_sync" not in imported
    # The clock is read where no time is given: one face, in a function.
    assert imported & FORBIDDEN == ({"time"} if path.name == "network.py" else set())
