"""All requests in all versions between two hosts of the engine, which meet in memory."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest

from pyrum_sync import CallError, eth2
from pyrum_sync.spec.methods import METHODS, Method
from tests.conftest import HANG
from tests.unit.eth2.things import Hosts

DIGEST = b"\1\2\3\4"
V1, V2 = eth2.Status(head_slot=7), eth2.StatusV2(head_slot=7, earliest_available_slot=5)
METADATA = {
    1: eth2.MetaData(seq_number=1, attnets=[True] * 64),
    2: eth2.MetaDataV2(seq_number=2, syncnets=[True] * 4),
    3: eth2.MetaDataV3(seq_number=3, custody_group_count=128),
}


@pytest.mark.parametrize(("served", "spoken"), [((1,), 1), ((2,), 2), ((1, 2), 2)])
def test_status(pair: Hosts, served: tuple[int, ...], spoken: int) -> None:
    heard: list[Any] = []

    def answer(theirs: Any) -> Any:
        heard.append(theirs)
        return V2 if isinstance(theirs, eth2.StatusV2) else V1

    with ExitStack() as stack:
        for version in served:
            stack.enter_context(eth2.serve(pair.bob, "status", answer, version=version))
        for ours in (V1, V2):
            assert eth2.status(pair.alice, pair.bob_id, ours) == (V1 if spoken == 1 else V2)
    zero = eth2.StatusV2(head_slot=7)
    assert heard == ([V1, V1] if spoken == 1 else [zero, V2])
    with pytest.raises(CallError, match="protocol not supported"):
        eth2.status(pair.alice, pair.bob_id)


def _told(answer: bytes, _: object) -> bytes:
    return answer


@pytest.mark.parametrize("served", [(1,), (2,), (3,), (1, 2), (1, 3), (1, 2, 3)])
def test_metadata(pair: Hosts, served: tuple[int, ...]) -> None:
    with ExitStack() as stack:
        for version in served:
            ours = METADATA[version].encode_bytes()
            stack.enter_context(eth2.serve(pair.bob, "metadata", partial(_told, ours), version=version))
        assert eth2.metadata(pair.alice, pair.bob_id) == METADATA[served[-1]]
        for version in (1, 2, 3):
            if version in served:
                assert eth2.metadata(pair.alice, pair.bob_id, version=version) == METADATA[version]
            else:
                with pytest.raises(eth2.RequestError, match="not supported"):
                    eth2.metadata(pair.alice, pair.bob_id, version=version)


def test_blocks_of_two_forks(pair: Hosts) -> None:
    """In one answer, with a context each; a range of more than a request may ask for."""
    forks = {0: DIGEST, 1: b"\5\6\7\x08"}
    ssz = {slot: bytes([slot % 251]) * (404 + slot) for slot in range(200)}

    def answer(asked: eth2.BlocksByRangeRequest) -> list[tuple[bytes, bytes]]:
        slots = range(asked.start_slot, asked.start_slot + asked.count)
        return [(forks[slot // 64 % 2], ssz[slot]) for slot in slots if slot in ssz]

    with eth2.serve(pair.bob, "blocks_by_range", answer, version=2) as server:
        got = eth2.blocks_by_range(pair.alice, pair.bob_id, 0, 250, contexts=True, timeout=HANG)
        assert got == [(forks[slot // 64 % 2], ssz[slot]) for slot in range(200)]
        assert server.answered == 2
        assert eth2.blocks_by_range(pair.alice, pair.bob_id, 3, 2, 50) == [ssz[3], ssz[53]]


@pytest.mark.parametrize("row", METHODS, ids=lambda row: f"{row.name}/{row.version}")
def test_every_row(pair: Hosts, row: Method) -> None:
    """As bytes, with what is the least that a request and a chunk may be."""
    asked = bytes(row.request_sizes[0])
    if row.name == "data-column-sidecars-by-range":
        asked = eth2.DataColumnSidecarsByRangeRequest(columns=[1]).encode_bytes()
    chunk = bytes(row.response_sizes[0])
    heard: list[Any] = []

    def answer(theirs: Any) -> Any:
        heard.append(theirs)
        chunks = [chunk] * min(row.max_chunks, 3)
        return [(DIGEST, each) for each in chunks] if row.context else chunks

    with eth2.serve(pair.bob, row.name, answer, version=row.version):
        got = eth2.request(pair.alice, row.name, pair.bob_id, asked, version=row.version, contexts=True)
    assert got == [(DIGEST if row.context else b"", chunk)] * min(row.max_chunks, 3)
    container = row.request_container()
    assert heard == [container if container is None else eth2.decode(container, asked)]


@pytest.mark.parametrize("row", METHODS, ids=lambda row: f"{row.name}/{row.version}")
def test_an_error_in_every_row(pair: Hosts, row: Method) -> None:
    """No context goes before it."""

    def fail(_: object) -> object:
        raise LookupError("pruned \x1b[2J")

    asked = bytes(row.request_sizes[0])
    if row.name == "data-column-sidecars-by-range":
        asked = eth2.DataColumnSidecarsByRangeRequest(columns=[1]).encode_bytes()
    with (
        eth2.serve(pair.bob, row.name, fail, version=row.version),
        pytest.raises(eth2.RequestError) as caught,
    ):
        eth2.request(pair.alice, row.name, pair.bob_id, asked, version=row.version)
    assert caught.value.message == "pruned \\x1b[2J"
    assert caught.value.entry is not None
    assert caught.value.entry["result_code"] == 2
