"""The public face of node records."""

from __future__ import annotations

import doctest
import subprocess
import sys

from pyrum_sync import enr
from pyrum_sync.spec.enr import ForkId, Record


def test_what_is_public() -> None:
    assert enr.Record is Record
    assert enr.ForkId is ForkId
    assert set(enr.__all__) == {"ForkId", "Record", "describe"}


def test_the_example_in_its_docstring() -> None:
    failed, tried = doctest.testmod(enr)
    assert (failed, tried > 0) == (0, True)


def test_no_extra_is_needed() -> None:
    code = (
        "import sys; import pyrum_sync.spec.enr, pyrum_sync.spec.node_address; "
        "print(sorted({'asyncio', 'socket', 'threading', 'subprocess', 'cryptography', 'cramjam', 'remerkleable'}"
        " & set(sys.modules) - before))"
    )
    # the package itself imports some of them, so what it has is taken away
    code = "import sys, pyrum_sync; before = set(sys.modules); " + code
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
