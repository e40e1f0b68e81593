"""What the tests against other implementations share: programs that are built once, and started for each test."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn

import pytest

from .peer import Peer
from .toolchain import Unavailable, program

_HERE = Path(__file__).parent

Start = Callable[..., Peer]


def pytest_itemcollected(item: pytest.Item) -> None:
    if _HERE in item.path.parents:
        item.add_marker("interop")


_missing: set[str] = set()


def missing(what: str) -> NoReturn:
    """Skip the test: it needs something that is not on this machine, as `what` says in one line."""
    _missing.add(what)
    pytest.skip(what)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What is missing is named once, however many tests need it: the summary folds the same place and words."""
    report = yield
    if report.skipped and isinstance(report.longrepr, tuple):
        words = report.longrepr[2].removeprefix("Skipped: ")
        if words in _missing:
            report.longrepr = (str(_HERE), 0, words)
    return report


def _program(name: str) -> list[str]:
    try:
        return program(name)
    except Unavailable as error:
        missing(str(error))


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a peer program: start("go"), start("js", "--muxer", "mplex"). Ended with the test."""
    with ExitStack() as started:
        yield lambda name, *options: started.enter_context(Peer(_program(name), *options))
