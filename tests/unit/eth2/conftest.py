"""Two hosts that are connected: on the simulator, and on the real Rumor."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import pytest

from pyrum_sync import CallError, Rumor, SimulatorConn, SubprocessConn
from tests.conftest import HANG
from tests.support.engines import ScriptedEngine
from tests.unit.eth2.things import Hosts

EACH = ["simulator", pytest.param("rumor", marks=pytest.mark.rumor)]
_numbers = itertools.count(1)


@pytest.fixture(scope="package")
def simulator() -> Iterator[Rumor]:
    """One for all tests: each has actors of its own, and an engine takes longer to start than most tests to run."""
    with Rumor(SimulatorConn(), timeout=HANG) as rumor:
        yield rumor


@contextmanager
def _connected(alices: Rumor, bobs: Rumor) -> Iterator[Hosts]:
    number = next(_numbers)
    alice, bob = alices.actor(f"alice{number}"), bobs.actor(f"bob{number}")
    alice.host.start(nat=False)
    bob.host.start(nat=False)
    bob.host.listen(ip="127.0.0.1", tcp=0)
    alice.peer.connect(bob.host.view().addr())
    yield Hosts(alice, bob, alices, bobs, bob.host.view().peer_id())


@contextmanager
def _rumors(request: pytest.FixtureRequest) -> Iterator[tuple[Rumor, Rumor]]:
    with ExitStack() as stack:
        command = [request.getfixturevalue("rumor_path"), "bare", "--level=trace"]
        alices, bobs = (stack.enter_context(Rumor(SubprocessConn(command), timeout=HANG)) for _ in range(2))
        yield alices, bobs


def _finished(*rumors: Rumor) -> None:
    for rumor in rumors:
        for call in rumor.calls.values():
            with suppress(CallError):
                call.finished(5)  # nothing is left running


@pytest.fixture
def pair(simulator: Rumor) -> Iterator[Hosts]:
    """Two hosts of the engine, which meet in memory."""
    with _connected(simulator, simulator) as hosts:
        yield hosts
        assert not simulator.calls
        hosts.alice.kill()
        hosts.bob.kill()


@pytest.fixture(params=EACH)
def hosts(request: pytest.FixtureRequest, simulator: Rumor) -> Iterator[Hosts]:
    if request.param == "simulator":
        with _connected(simulator, simulator) as hosts:
            yield hosts
            _finished(simulator)
            hosts.alice.kill()
            hosts.bob.kill()
        return
    with _rumors(request) as (alices, bobs), _connected(alices, bobs) as hosts:
        yield hosts
        _finished(alices, bobs)


@pytest.fixture(params=EACH)
def own_hosts(request: pytest.FixtureRequest) -> Iterator[Hosts]:
    """Hosts of a process that the test may close."""
    if request.param == "simulator":
        with Rumor(SimulatorConn(), timeout=HANG) as rumor, _connected(rumor, rumor) as hosts:
            yield hosts
        return
    with _rumors(request) as rumors, _connected(*rumors) as hosts:
        yield hosts


@pytest.fixture
def engine() -> Iterator[ScriptedEngine]:
    """An engine that does what the test says; `rumor` is its client."""
    with ScriptedEngine() as server:
        yield server


@pytest.fixture
def rumor(engine: ScriptedEngine) -> Iterator[Rumor]:
    with engine.rumor() as client:
        yield client
