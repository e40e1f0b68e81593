"""The scripts in examples/ that need nothing but the engine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pyrum_sync import EmbeddedConn, Rumor, eth2
from tests.conftest import HANG
from tests.support.examples import check_status_server, run


@pytest.fixture
def engine() -> Iterator[Rumor]:
    """Hosts that the scripts can dial."""
    pytest.importorskip("cryptography", reason="the extra [engine] is not installed")
    with Rumor(EmbeddedConn(), timeout=HANG) as rumor:
        yield rumor


@pytest.mark.usefixtures("engine")
def test_alice_and_bob() -> None:
    lines = run("alice_and_bob.py")
    assert lines[:3] == ["alice and bob listen", "the short sleep ended after 3 s", "the long sleep ended after 5 s"]
    assert lines[-1] == "alice answered: finalized epoch 3, head slot 123"


@pytest.mark.usefixtures("engine")
def test_block_range() -> None:
    lines = run("block_range.py")
    assert lines[0] == "58 blocks of 64 slots, 6 without one"
    assert lines[1].startswith("size: ")
    assert lines[2].endswith("blocks/s")


def test_block_range_of_a_given_peer(engine: Rumor) -> None:
    bob = engine.actor("bob")
    bob.host.start(nat=False)
    bob.host.listen(ip="127.0.0.1", tcp=0)
    with eth2.serve(bob, "blocks_by_range", lambda asked: [bytes(404)] * (asked.count // 2)):
        lines = run("block_range.py", "--start", "100", "--count", "10", bob.host.view().addr())
    assert lines[0] == "5 blocks of 10 slots, 5 without one"
    assert lines[1].startswith("size: 404 to 404 bytes")


def test_status_server(engine: Rumor) -> None:
    check_status_server(engine)
