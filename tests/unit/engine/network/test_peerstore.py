"""Peerstores: records, their bound, and one that stands for another."""

from __future__ import annotations

from pyrum_sync.engine.network.peerstore import MAX_ADDRESSES, CurrentPeerstore, MemoryPeerstore, PeerRecord
from pyrum_sync.spec.multiaddr import Multiaddr
from tests.support.engine import peer


def test_a_record_is_made_where_it_is_asked_for_and_not_where_it_is_looked_for() -> None:
    store = MemoryPeerstore()
    assert store.find("a") == PeerRecord()
    assert store.peers() == []
    store.record("a").agent = "x"
    assert store.find("a").agent == store.record("a").agent == "x"
    assert store.peers() == ["a"]


def test_an_address_is_kept_once_and_without_its_peer() -> None:
    record = PeerRecord()
    place = Multiaddr.tcp("127.0.0.1", 9000)
    record.add_address(place)
    record.add_address(place.at(peer(1)))
    assert record.addresses == [place]


def test_the_oldest_address_goes_when_there_are_too_many() -> None:
    record = PeerRecord()
    for port in range(1, MAX_ADDRESSES + 3):
        record.add_address(Multiaddr.tcp("127.0.0.1", port))
    assert len(record.addresses) == MAX_ADDRESSES
    assert record.addresses[0].port == 3


def test_the_current_peerstore_may_change() -> None:
    one, other = MemoryPeerstore(), MemoryPeerstore()
    current = CurrentPeerstore(one)
    current.record("a")
    current.current = other
    current.record("b")
    assert (one.peers(), other.peers(), current.peers()) == (["a"], ["b"], ["b"])
    assert current.find("b") is other.record("b")
