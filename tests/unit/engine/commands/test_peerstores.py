"""Peerstores: Eth2's facts about peers, and the stores' names."""

from __future__ import annotations

from pyrum_sync.engine.commands.eth2 import MetaData
from pyrum_sync.engine.commands.peerstores import ExtendedPeerstore, Peerstores


def test_only_newer_metadata_are_kept_and_they_start_the_counting_of_tries_anew() -> None:
    store = ExtendedPeerstore()
    store.claim("a", 5)
    assert [store.count_fetch("a"), store.count_fetch("a")] == [1, 2]
    store.register_metadata("a", MetaData(4))
    assert store.count_fetch("a") == 3  # older than what the peer claimed
    store.register_metadata("a", MetaData(6))
    assert store.count_fetch("a") == 1
    store.register_metadata("a", MetaData(6, b"\1" * 8))
    assert store.metadata["a"].attnets == bytes(8)
    assert store.claimed["a"] == 6
    store.claim("a", 1)
    assert store.claimed["a"] == 6


def test_latency_is_a_moving_average() -> None:
    store = ExtendedPeerstore()
    store.record_latency("a", 1000)
    store.record_latency("a", 2000)
    assert store.latency_ns["a"] == 1100


def test_a_name_is_taken_once() -> None:
    stores = Peerstores()
    one = stores.create("one")
    assert one is not None
    assert stores.create("one") is None
    assert stores.find("one") is one
    assert stores.find("two") is None
    assert (stores.names(), stores.name_of(one)) == (["one"], "one")
