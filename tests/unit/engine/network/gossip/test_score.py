from __future__ import annotations

import pytest

from pyrum_sync.engine.network.gossip.score import DISCONNECT, GRAYLIST, Offence, Standing, faded


def test_blame_fades_by_half_in_ten_seconds() -> None:
    assert faded(80, 10) == pytest.approx(40)
    assert faded(80, 20) == pytest.approx(20)
    assert faded(80, 0) == 80
    assert faded(80, -5) == 80
    assert faded(80, 1000) == 0


def test_some_blame_keeps_at_a_distance_and_much_disconnects() -> None:
    standing = Standing()
    after = [(standing.add(Offence.UNDECODABLE), standing.graylisted) for _ in range(10)]
    assert after == [(False, False)] + [(False, True)] * 8 + [(True, True)]


def test_blame_has_an_end() -> None:
    standing = Standing()
    for _ in range(100):
        standing.add(Offence.NOT_GOSSIP)
    standing.heartbeat(20)
    assert standing.blame == DISCONNECT / 2


def test_now_and_then_is_forgiven() -> None:
    standing = Standing()
    for _ in range(1000):
        assert not standing.add(Offence.SIGNED)
        standing.heartbeat(1)
    assert standing.blame < 2 * GRAYLIST


def test_a_heartbeat_counts_anew() -> None:
    standing = Standing(0.0, 1, 2, 3, 4, 5, 6)
    standing.heartbeat(1)
    assert standing == Standing()


@pytest.mark.parametrize("offence", list(Offence))
def test_every_offence_has_its_own_words(offence: Offence) -> None:
    assert [other for other in Offence if other.words == offence.words] == [offence]
    assert 0 < offence.weight <= DISCONNECT
