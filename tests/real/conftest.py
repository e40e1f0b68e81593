"""What the tests of the real Rumor share."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest

from pyrum_sync import Actor, Rumor
from tests.conftest import HANG
from tests.support.servers import RumorServer

_numbers = itertools.count(1)


@pytest.fixture
def client(server: RumorServer) -> Iterator[Rumor]:
    """A client of the server that all tests share."""
    with Rumor(server.tcp(), timeout=HANG) as client:
        yield client


@pytest.fixture
def fresh() -> Callable[[str], str]:
    """Names that no other test uses, for actors of the shared server."""
    return lambda role: f"{role}-{next(_numbers)}"


@pytest.fixture
def cast(client: Rumor, fresh: Callable[[str], str]) -> Iterator[Callable[[str], Actor]]:
    """Actors on the shared server, killed when the test is over."""
    made: list[Actor] = []

    def actor(role: str) -> Actor:
        made.append(client.actor(fresh(role)))
        return made[-1]

    yield actor
    for each in made:
        each.kill()
