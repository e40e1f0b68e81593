"""Which part of the package may know what."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import pyrum_sync

PACKAGE = Path(pyrum_sync.__file__).parent

PURE = (
    "protocol/lines",
    "protocol/framing",
    "protocol/entries",
    "protocol/script",
    "protocol/redaction",
    "protocol/values",
    "client/call_state",
    "client/steps",
    "catalogue/tree",
)


@pytest.mark.parametrize("name", PURE)
def test_the_core_knows_no_threads_clocks_sockets_or_processes(name: str) -> None:
    imported: set[str] = set()
    for node in ast.walk(ast.parse((PACKAGE / f"{name}.py").read_text())):
        if isinstance(node, ast.Import):
            imported.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            imported.update([(node.module or "").split(".")[0], *(alias.name for alias in node.names)])
    forbidden = {
        "socket", "threading", "queue", "time", "subprocess", "select", "selectors", "signal", "asyncio",
        "multiprocessing", "session", "call", "rumor", "transports", "logging",
    }  # fmt: skip
    assert not imported & forbidden
