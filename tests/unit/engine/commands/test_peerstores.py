"""Peerstores: Eth2's facts about peers, and the stores' names."""

from __future__ import annotations

from pyrum_sync.engine.commands.eth2 import MetaData, Status
from pyrum_sync.engine.commands.peerstores import ExtendedPeerstore, Peerstores
from pyrum_sync.engine.network.peerstore import MAX_PEERS
from pyrum_sync.spec.enr import Record

RECORD = Record.make(bytes(31) + b"\1", ip="127.0.0.1", tcp=1)


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


def test_what_ever_new_peers_say_is_forgotten_again() -> None:
    store = ExtendedPeerstore()
    for number in range(MAX_PEERS + 10):
        peer = str(number)
        store.statuses[peer] = Status()
        store.claim(peer, number)
        store.count_fetch(peer)
        store.register_metadata(peer, MetaData(number))
        store.record_latency(peer, 1)
        store.update_record(peer, RECORD)
    tables = [table for table in vars(store).values() if isinstance(table, dict)]
    assert [len(table) for table in tables] == [MAX_PEERS] * 6
