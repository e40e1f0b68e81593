from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pyrum_sync.engine.network.gossip.cache import CachedMessage, MessageCache, SeenCache


def test_seen_until_its_time_is_over() -> None:
    seen = SeenCache(120, 10)
    assert seen.add(b"a", 0.0)
    assert not seen.add(b"a", 119.9)
    assert seen.has(b"a", 119.9)
    # the time counts from the first sight
    assert not seen.has(b"a", 120.0)
    assert seen.add(b"a", 120.0)


def test_seen_is_bounded() -> None:
    seen = SeenCache(120, 3)
    for number in range(10):
        assert seen.add(b"%d" % number, float(number))
        assert len(seen) <= 3
    assert [seen.has(b"%d" % number, 10.0) for number in range(10)] == [False] * 7 + [True] * 3


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 30)), max_size=60))
def test_seen_like_a_dict(steps: list[tuple[int, int]]) -> None:
    seen = SeenCache(50, 1000)
    model: dict[bytes, float] = {}
    now = 0.0
    for number, wait in steps:
        now += wait
        key = b"%d" % number
        model = {other: until for other, until in model.items() if until > now}
        assert seen.add(key, now) == (key not in model)
        model.setdefault(key, now + 50)
        assert len(seen) == len(model)


def message(number: int, topic: bytes = b"t", size: int = 10) -> CachedMessage:
    return CachedMessage(b"%d" % number, topic, bytes(size))


def cache(history: int = 5, gossip: int = 3, most: int = 100, most_bytes: int = 10_000) -> MessageCache:
    return MessageCache(history, gossip, most=most, most_bytes=most_bytes)


def test_windows() -> None:
    held = cache()
    for number in range(8):
        held.put(message(number))
        assert set(held.gossip_ids(b"t")) == {b"%d" % age for age in range(max(0, number - 2), number + 1)}
        held.shift()
    # kept for five heartbeats, advertised for three
    assert [held.get(b"%d" % number) is not None for number in range(8)] == [False] * 4 + [True] * 4
    assert held.size == 40
    for _ in range(4):
        held.shift()
    assert (len(held), held.size) == (0, 0)


def test_topics_are_apart() -> None:
    held = cache()
    held.put(message(1, b"a"))
    held.put(message(2, b"b"))
    assert held.gossip_ids(b"a") == [b"1"]
    assert held.gossip_ids(b"c") == []


def test_too_many_or_too_large_the_oldest_go() -> None:
    held = cache(most=3)
    for number in range(5):
        held.put(message(number))
    assert held.gossip_ids(b"t") == [b"2", b"3", b"4"]
    held = cache(most_bytes=35)
    for number in range(5):
        held.put(message(number))
    assert (held.gossip_ids(b"t"), held.size) == ([b"2", b"3", b"4"], 30)
    held.put(message(9, size=1000))
    # one that is too large alone is kept until the next comes
    assert (held.gossip_ids(b"t"), held.size) == ([b"9"], 1000)
    held.put(message(10))
    assert (held.gossip_ids(b"t"), held.size) == ([b"10"], 10)
    for _ in range(5):
        held.shift()
    assert (len(held), held.size) == (0, 0)


def test_the_same_message_is_kept_once() -> None:
    held = cache()
    first = message(1)
    held.put(first)
    held.put(message(1))
    assert held.get(b"1") is first
    assert held.size == 10
