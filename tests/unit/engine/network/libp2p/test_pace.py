"""js-libp2p over mplex bears five new streams a second."""

from __future__ import annotations

from pyrum_sync.engine.network.libp2p.pace import Pace


def test_five_at_once_then_one_after_the_other() -> None:
    pace = Pace()
    assert [pace.delay(10.0) for _ in range(5)] == [0.0] * 5
    waits = [pace.delay(10.0) for _ in range(10)]
    assert all(1.0 < wait < 1.2 for wait in waits[:5])
    assert all(2.0 < wait < 2.4 for wait in waits[5:])


def test_no_second_has_more_than_five() -> None:
    pace = Pace()
    now, opened = 0.0, []
    for _ in range(100):
        opened.append(now + pace.delay(now))
        now += 0.07
    assert opened == sorted(opened)
    assert all(later - earlier > 1.0 for earlier, later in zip(opened, opened[5:], strict=False))


def test_slow_ones_need_not_wait() -> None:
    pace = Pace()
    assert [pace.delay(float(moment)) for moment in range(20)] == [0.0] * 20
