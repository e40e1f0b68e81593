"""Standard streams that are closed, full, broken, or of few characters, for every subcommand."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys

import pytest

from pyrum_sync.spec.enr import Record
from tests.conftest import HANG
from tests.unit.cli.helpers import NOBODY

RECORD = str(Record.make((1).to_bytes(32, "big"), ip="127.0.0.1", tcp=9000))
ENGINES = ["-m pyrum_sync.engine bare", "-m pyrum_sync.engine --help", "-m pyrum_sync.simulator bare"]
SAYING = [  # what writes to standard output
    *(f"-m pyrum_sync {name} --help" for name in ("", "probe", "simulator serve")),
    "-m pyrum_sync --version",
    "-m pyrum_sync commands peer",
    f"-m pyrum_sync enr {RECORD}",
    f"-m pyrum_sync probe --csv {NOBODY}",
]
COMPLAINING = ["-m pyrum_sync commands nonsense", "-m pyrum_sync enr nonsense", "-m pyrum_sync nonsense"]


def shell(line: str, stdout: int = subprocess.PIPE, encoding: str = "utf-8") -> tuple[int, str, str]:
    """Run Python with these words in a shell: the status, and what it wrote."""
    done = subprocess.run(
        f"{shlex.quote(sys.executable)} {line}",
        shell=True, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, timeout=HANG, check=False,
        env={**os.environ, "PYTHONUNBUFFERED": "", "PYTHONIOENCODING": encoding},
    )  # fmt: skip
    return done.returncode, (done.stdout or b"").decode(encoding), done.stderr.decode(encoding)


@pytest.mark.parametrize("words", [*SAYING, *ENGINES])
def test_a_closed_output_is_said_on_one_line(words: str) -> None:
    status, out, err = shell(f"{words} >&-")
    assert (status, out) == (2, "")
    assert err.splitlines() == [err.strip()]
    assert "standard output is closed" in err


@pytest.mark.parametrize("words", [*SAYING, "-m pyrum_sync demo --fast", "-m pyrum_sync.engine --help"])
def test_an_output_that_nobody_reads(words: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        assert shell(words, stdout=writer) == (1, "", "")
    finally:
        os.close(writer)


@pytest.mark.parametrize("words", SAYING)
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_an_output_that_is_full(words: str) -> None:
    status, _, err = shell(f"{words} >/dev/full")
    assert status == 1
    if "simulator" not in words:
        assert err == "pyrum-sync: cannot write the output: No space left on device\n"


@pytest.mark.parametrize("words", ["-m pyrum_sync enr -", "-m pyrum_sync probe -"])
def test_a_closed_input_is_said_on_one_line(words: str) -> None:
    status, out, err = shell(f"{words} <&-")
    assert (status, out) == (2, "")
    assert err.splitlines() == [err.strip()]
    assert "standard input is closed" in err


@pytest.mark.parametrize("words", ["-m pyrum_sync commands peer", *ENGINES])
def test_a_closed_input_does_no_harm_to_what_does_not_read_it(words: str) -> None:
    status, out, err = shell(f"{words} <&-")
    assert (status, err) == (0, "")
    assert out


@pytest.mark.parametrize("words", COMPLAINING)
def test_what_is_wrong_goes_to_no_other_stream(words: str) -> None:
    """`print` writes to standard output where standard error is closed; argparse as well."""
    status, out, _ = shell(f"{words} 2>&-")
    assert status in (1, 2)
    assert out == ""
    assert shell(f"{words} >&- 2>&- <&-")[0] == 2


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
@pytest.mark.parametrize("words", [*SAYING, *COMPLAINING])
def test_few_characters(words: str, encoding: str) -> None:
    status, out, err = shell(words, encoding=encoding)
    assert status in ((1, 2) if words in COMPLAINING or NOBODY in words else (0,))
    assert out or err
    assert "Traceback" not in err
