"""Two hosts that are connected: on the simulator, and on the real Rumor."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest

from pyrum_sync import CallError, Rumor, SimulatorConn, SubprocessConn
from tests.conftest import HANG
from tests.support.engines import ScriptedEngine
from tests.unit.eth2.things import Hosts


@pytest.fixture(params=["simulator", pytest.param("rumor", marks=pytest.mark.rumor)])
def hosts(request: pytest.FixtureRequest) -> Iterator[Hosts]:
    with ExitStack() as stack:
        if request.param == "simulator":
            alices = bobs = stack.enter_context(Rumor(SimulatorConn(), timeout=HANG))
        else:
            command = [request.getfixturevalue("rumor_path"), "bare", "--level=trace"]
            alices, bobs = (stack.enter_context(Rumor(SubprocessConn(command), timeout=HANG)) for _ in range(2))
        alice, bob = alices.actor("alice"), bobs.actor("bob")
        alice.host.start(nat=False)
        bob.host.start(nat=False)
        bob.host.listen(ip="127.0.0.1", tcp=0)
        alice.peer.connect(bob.host.view().addr())
        yield Hosts(alice, bob, alices, bobs, bob.host.view().peer_id())
        for rumor in (alices, bobs):
            for call in rumor.calls.values():
                with suppress(CallError):
                    call.finished(5)  # nothing is left running


@pytest.fixture
def engine() -> Iterator[ScriptedEngine]:
    """An engine that does what the test says; `rumor` is its client."""
    with ScriptedEngine() as server:
        yield server


@pytest.fixture
def rumor(engine: ScriptedEngine) -> Iterator[Rumor]:
    with engine.rumor() as client:
        yield client
