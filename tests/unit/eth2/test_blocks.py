"""Blocks by range, by root, by head."""

from __future__ import annotations

from random import Random
from time import monotonic
from typing import Any

import pytest
from remerkleable.byte_arrays import Bytes32

from pyrum_sync import CallTimeout, eth2
from tests.conftest import HANG
from tests.unit.eth2.things import CHAIN, ROOTS, Block, Flagged, Hosts, by_range, by_root


@pytest.mark.parametrize("parallel", [1, 8, 64])
def test_blocks_by_range(hosts: Hosts, parallel: int) -> None:
    """A range of 64 comes whole and in order; the engine asks once, a Go Rumor for each by itself."""
    blocks = [Random(slot).randbytes(1 + slot * 1500 % 100_000) for slot in range(64)]

    def answer(asked: eth2.BlocksByRangeRequest) -> list[bytes]:
        return blocks[asked.start_slot : asked.start_slot + asked.count * asked.step : asked.step]

    with eth2.serve(hosts.bob, "blocks_by_range", answer) as server:
        got = eth2.blocks_by_range(hosts.alice, hosts.bob_id, 0, 64, parallel=parallel, timeout=HANG)
        assert got == blocks
    assert server.answered == (1 if hosts.alice.engine else 64)


def test_blocks_of_some_slots(hosts: Hosts) -> None:
    with eth2.serve(hosts.bob, "blocks_by_range", by_range):
        got = eth2.blocks_by_range(hosts.alice, hosts.bob_id, 98, 5, 3, response=Block)
        assert got == [CHAIN[101], CHAIN[104], CHAIN[107], CHAIN[110]]
        assert eth2.blocks_by_range(hosts.alice, hosts.bob_id, 98, 2) == []
        assert eth2.blocks_by_range(hosts.alice, hosts.bob_id, 100, 0) == []


def test_blocks_by_root(hosts: Hosts) -> None:
    wanted = list(reversed(ROOTS))[:20]
    with eth2.serve(hosts.bob, "blocks_by_root", by_root):
        got = eth2.blocks_by_root(hosts.alice, hosts.bob_id, [*wanted, bytes(32)], response=Block)
        assert got == [ROOTS[root] for root in wanted]
        assert eth2.blocks_by_root(hosts.alice, hosts.bob_id, [Bytes32(wanted[0]), "0x" + wanted[1].hex()]) == [
            ROOTS[root].encode_bytes() for root in wanted[:2]
        ]


def test_blocks_that_fail(hosts: Hosts) -> None:
    def answer(asked: eth2.BlocksByRangeRequest) -> list[Block]:
        if 105 in range(asked.start_slot, asked.start_slot + asked.count):
            raise LookupError("lost")
        return by_range(asked)

    with eth2.serve(hosts.bob, "blocks_by_range", answer):
        with pytest.raises(eth2.RequestError, match="lost") as caught:
            eth2.blocks_by_range(hosts.alice, hosts.bob_id, 100, 10, response=Block)
        before = [] if hosts.alice.engine else [CHAIN[slot] for slot in range(100, 105)]
        assert caught.value.partial == before
        with pytest.raises(ValueError, match=r"no Flagged|Flagged has"):
            eth2.blocks_by_range(hosts.alice, hosts.bob_id, 100, 1, response=Flagged)


def test_blocks_in_time(hosts: Hosts) -> None:
    with hosts.bob.rpc.blocks_by_range.listen(raw=True, timeout="0s"):
        began = monotonic()
        with pytest.raises(CallTimeout):
            eth2.blocks_by_range(hosts.alice, hosts.bob_id, 100, 20, timeout=0.5)
        assert 0.5 <= monotonic() - began < 3


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"count": -1}, ValueError),
        ({"count": 1.5}, TypeError),
        ({"count": True}, TypeError),
        ({"step": 0}, ValueError),
        ({"parallel": 0}, ValueError),
        ({"start_slot": -1}, ValueError),
        ({"start_slot": 2**64 - 1, "count": 2}, ValueError),
    ],
)
def test_ranges_that_cannot_be(hosts: Hosts, options: dict[str, Any], error: type[Exception]) -> None:
    with eth2.serve(hosts.bob, "blocks_by_range", by_range), pytest.raises(error):
        eth2.blocks_by_range(hosts.alice, hosts.bob_id, **{"start_slot": 0, "count": 1, **options})
