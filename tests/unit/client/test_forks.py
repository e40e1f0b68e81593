"""What is loaded before a fork: all that a call may load."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyrum_sync
from pyrum_sync.catalogue import tree
from pyrum_sync.client import forks

PACKAGE = Path(pyrum_sync.__file__).parent
SELDOM = {"engine.faults"}  # by who makes an EmbeddedConn with faults

# A module that takes until it is told to be loaded; meanwhile another thread forks.
AMID_LOADING = """if True:
    import os, sys, threading, time
    import pyrum_sync
    name = "pyrum_sync.catalogue.help"
    begun, go_on = threading.Event(), threading.Event()

    class Slow:
        def find_spec(self, wanted, path=None, target=None):
            if wanted == name:
                begun.set()
                go_on.wait(1)

    sys.meta_path.insert(0, Slow())
    threading.Thread(target=__import__, args=(name,)).start()
    begun.wait()
    child = os.fork()
    if not child:
        __import__(name)
        os._exit(0)
    go_on.set()
    limit = time.monotonic() + 20
    while time.monotonic() < limit:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            sys.exit(status)
        time.sleep(0.01)
    os.kill(child, 9)
    os.waitpid(child, 0)
    sys.exit("the child waits for ever")
"""


def late(folder: str) -> Iterator[str]:
    """The modules of the package that functions import."""
    for path in (PACKAGE / folder).glob("*.py"):
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
                for node in ast.walk(function):
                    if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pyrum_sync."):
                        yield str(node.module).removeprefix("pyrum_sync.")


def test_all_that_a_call_may_load() -> None:
    found = {name for folder in ("catalogue", "client", "protocol", "transports") for name in late(folder)}
    found |= {f"catalogue.{module}" for module in tree.ROWS.values()}
    assert found - SELDOM == set(forks.LATE)


def test_a_fork_while_another_thread_loads() -> None:
    environment = {**os.environ, "PYTHONWARNINGS": "ignore::DeprecationWarning"}  # of forks amid threads
    done = subprocess.run(
        [sys.executable, "-c", AMID_LOADING], check=False, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
