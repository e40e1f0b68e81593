"""Fixtures for tests with a Rumor: a real one if there is one, else the simulator. Costs nothing until one is used.

``def test_it(rumor, rumor_actor)``: `rumor` is a client of a Rumor of the test's own; ``rumor_actor("alice")`` is an
actor of it that listens on the loopback. Both are gone when the test is over. ``pytest --rumor=COMMAND`` starts
that command.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, Protocol

import pytest

from pyrum_sync import SimulatorConn, SubprocessConn
from pyrum_sync.client.rumor import Actor, Rumor
from pyrum_sync.errors import RumorError
from pyrum_sync.transports.locate import find_rumor

TIMEOUT = 30.0  # seconds for each blocking call of a test


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("pyrum_sync").addoption(
        "--rumor",
        metavar="COMMAND",
        dest="pyrum_sync_rumor",
        help="what the fixture `rumor` starts, through the shell: 'rumor bare --level=trace'. "
        "Default: the Rumor that $RUMOR names or that is on PATH, else the simulator.",
    )


class ActorFactory(Protocol):
    """The fixture `rumor_actor`."""

    def __call__(self, name: str | None = None, *, listen: bool = True, **flags: Any) -> Actor:
        """An actor, by default of a name that no other has, whose host is started (with these flags of ``host start``)
        and, unless `listen` is false, listens on a free port of the loopback."""


@pytest.fixture
def rumor(request: pytest.FixtureRequest) -> Iterator[Rumor]:
    """A Rumor of the test's own: a real one if there is one, else the simulator; --rumor=COMMAND chooses."""
    command = request.config.getoption("pyrum_sync_rumor")
    program = find_rumor()
    if command:
        conn = SubprocessConn(command)
    elif program is not None:
        conn = SubprocessConn([program, "bare", "--level=trace"])
    else:
        conn = SimulatorConn()
    with Rumor(conn, timeout=TIMEOUT) as rumor:
        yield rumor


@pytest.fixture
def rumor_actor(rumor: Rumor) -> Iterator[ActorFactory]:
    """Makes actors of the fixture `rumor` that listen on the loopback: ``rumor_actor("alice")``."""
    numbers = itertools.count(1)
    made: list[Actor] = []

    def make(name: str | None = None, *, listen: bool = True, **flags: Any) -> Actor:
        actor = rumor.actor(name if name is not None else f"actor-{next(numbers)}")
        made.append(actor)
        actor.host.start(**{"nat": False, **flags})
        if listen:
            actor.host.listen(ip="127.0.0.1", tcp=0)
        return actor

    yield make
    for actor in made:
        try:
            actor.kill(timeout=TIMEOUT)
        except RumorError:
            return  # the test has closed or lost it
