from __future__ import annotations

from pyrum_sync.engine.network.gossip.asks import Asks


def test_a_peer_is_asked_once_and_few_peers_at_a_time() -> None:
    asks = Asks(3.0, 100)
    for peer in (b"a", b"b", b"c"):
        assert asks.may_ask(b"m", peer)
        asks.ask(b"m", peer, 10.0)
        assert not asks.may_ask(b"m", peer)
    assert not asks.may_ask(b"m", b"d")
    assert asks.may_ask(b"n", b"d")


def test_who_breaks_a_promise() -> None:
    asks = Asks(3.0, 100)
    asks.ask(b"m", b"a", 10.0)
    asks.ask(b"n", b"a", 11.0)
    asks.ask(b"n", b"b", 12.5)
    assert asks.broken(12.9) == {}
    assert asks.broken(14.0) == {b"a": 11.0}
    assert asks.broken(15.5) == {b"b": 12.5}
    assert len(asks) == 0


def test_what_came_was_promised_by_nobody() -> None:
    asks = Asks(3.0, 100)
    asks.ask(b"m", b"a", 10.0)
    asks.ask(b"m", b"b", 10.0)
    asks.came(b"m")
    asks.came(b"m")
    assert asks.broken(20.0) == {}


def test_the_number_is_bounded() -> None:
    asks = Asks(3.0, 2)
    asks.ask(b"m", b"a", 10.0)
    asks.ask(b"n", b"a", 10.0)
    assert not asks.may_ask(b"o", b"a")
    assert asks.may_ask(b"m", b"b")
