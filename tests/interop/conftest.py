"""What the tests against other implementations share: programs that are built once, and started for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from .peer import Peer
from .toolchain import Unavailable, program

_HERE = Path(__file__).parent

Start = Callable[..., Peer]


def pytest_itemcollected(item: pytest.Item) -> None:
    if _HERE in item.path.parents:
        item.add_marker("interop")


def _program(name: str) -> list[str]:
    try:
        return program(name)
    except Unavailable as error:
        pytest.skip(str(error))  # the same place and words for all tests: one line in the report


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a peer program: start("go"), start("js", "--muxer", "mplex"). Ended with the test."""
    with ExitStack() as started:
        yield lambda name, *options: started.enter_context(Peer(_program(name), *options))
