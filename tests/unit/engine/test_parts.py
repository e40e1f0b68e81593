"""The small parts: durations, levels, times, keys, addresses, integers, back-off, limits, gossip's memory."""

from __future__ import annotations

import pytest

from pyrum_sync.engine.commands.option_types import OptionError, go_integer
from pyrum_sync.engine.network.backoff import Backoff
from pyrum_sync.engine.network.connmgr import SILENCE_SECONDS, ConnectionManager
from pyrum_sync.engine.network.memory.gossip import SEEN_SECONDS, GossipNode
from pyrum_sync.engine.session.durations import DurationError, format_duration, parse_duration
from pyrum_sync.engine.session.entries import Log, encode, timestamp
from pyrum_sync.engine.session.levels import Level, parse_level
from pyrum_sync.spec import keys
from pyrum_sync.spec.addresses import Address, parse_flexible


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("text", "nanoseconds", "shown"),
    [
        ("0", 0, "0s"),
        ("1ns", 1, "1ns"),
        ("1.5us", 1500, "1.5µs"),
        ("1.5µs", 1500, "1.5µs"),
        ("20ms", 20_000_000, "20ms"),
        ("1.5s", 1_500_000_000, "1.5s"),
        ("90s", 90_000_000_000, "1m30s"),
        ("1h2m3.5s", 3_723_500_000_000, "1h2m3.5s"),
        ("-2h", -7_200_000_000_000, "-2h0m0s"),
        (".5s", 500_000_000, "500ms"),
    ],
)
def test_durations(text: str, nanoseconds: int, shown: str) -> None:
    assert parse_duration(text) == nanoseconds
    assert format_duration(nanoseconds) == shown


@pytest.mark.parametrize("text", ["", "-", "x", "1", "1x", "1h1", ".s", "9999999999999h", "1 s"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(DurationError):
        parse_duration(text)


def test_levels_and_entries() -> None:
    assert parse_level("warn") is parse_level("warning") is Level.WARNING
    with pytest.raises(ValueError, match='not a valid logrus Level: "loud"'):
        parse_level("loud")
    line = encode(Level.INFO, "m", {"msg": "x", "level": 1, "time": 2, "a": "<&>\u2028"}).decode()
    assert line.startswith('{"a":"\\u003c\\u0026\\u003e\\u2028","fields.level":1,"fields.msg":"x","fields.time":2,')
    written: list[bytes] = []
    log = Log(written.append, Level.INFO)
    log.log(Level.DEBUG, "hidden")
    log.log(Level.INFO, "shown")
    assert len(written) == 1


def test_a_time_has_no_zeros_at_its_end() -> None:
    assert timestamp(1_000_000_000)[19:20] in "Z+-"
    assert timestamp(1_500_000_000)[19:21] == ".5"
    assert timestamp(1_000_000_001)[19:29] == ".000000001"


def test_keys() -> None:
    assert keys.peer_id(keys.public_key(1)) == "16Uiu2HAm3cuhhRL2msUuLF62KRSfneFDx94RsuouyW25Ho42cFMq"
    for private in (1, 2, 0xDEADBEEF, keys.new_private_key()):
        point = keys.public_key(private)
        assert keys.decompress(keys.compress(point)) == point
        identity = keys.check_peer_id(keys.peer_id(point))
        assert keys.peer_public_key(identity) == keys.compress(point)
    assert keys.keccak256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    with pytest.raises(ValueError, match="not on curve"):
        keys.public_key(0)


def test_keccak_of_more_than_a_block() -> None:
    one_block, more = keys.keccak256(b"a" * 135), keys.keccak256(b"a" * 136)
    assert one_block != more
    # from the reference implementation
    assert keys.keccak256(b"abc").hex() == "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"


def test_addresses() -> None:
    bob = keys.peer_id(keys.public_key(2))
    assert parse_flexible(f"/ip4/127.0.0.1/tcp/5/p2p/{bob}") == Address("127.0.0.1", 5, bob)
    assert str(Address("::1", 5, bob)) == f"/ip6/::1/tcp/5/p2p/{bob}"
    x, y = keys.public_key(2)
    assert parse_flexible(f"enode://{x:064x}{y:064x}@127.0.0.1:5") == Address("127.0.0.1", 5, bob)
    for wrong in ("", "/ip4/1.2.3/tcp/1", "/ip4/1.2.3.4/tcp/70000", "/ip4/1.2.3.4/udp/1", "enr:-abcd", "!"):
        with pytest.raises(ValueError, match=r"."):
            parse_flexible(wrong)


@pytest.mark.parametrize(("text", "value"), [("0", 0), ("0x10", 16), ("0o10", 8), ("010", 8), ("0b1", 1), ("1_0", 10)])
def test_integers_as_go_reads_them(text: str, value: int) -> None:
    assert go_integer(text, "ParseUint", 0, 255) == value


@pytest.mark.parametrize("text", ["", "x", "-1", "+1", "256", " 1", "1 ", "0x"])
def test_what_is_no_small_integer(text: str) -> None:
    with pytest.raises(OptionError):
        go_integer(text, "ParseUint", 0, 255)


def test_backoff_grows_and_is_forgotten() -> None:
    clock = Clock()
    backoff = Backoff(clock)
    place = Address("127.0.0.1", 1)
    assert not backoff.waits("a", place)
    backoff.failed("a", place)
    clock.now += 4.9
    assert backoff.waits("a", place)
    assert not backoff.waits("b", place)
    clock.now += 0.2
    assert not backoff.waits("a", place)
    backoff.failed("a", place)
    clock.now += 5.9
    assert backoff.waits("a", place)
    backoff.succeeded("a")
    assert not backoff.waits("a", place)


def test_limits() -> None:
    clock = Clock()
    limits = ConnectionManager(2, 4, 20.0, clock)
    for peer in "abcd":
        limits.connected(peer)
    assert limits.crowded
    assert limits.to_close(()) == []  # in their time of grace
    clock.now += 21
    limits.protect("a", "x")
    limits.protect("a", "y")
    limits.unprotect("a", "x")
    assert limits.to_close(()) == ["b"]  # of three that may go, two stay
    limits.unprotect("a", "y")
    assert limits.to_close(()) == []  # just after a trim nothing is trimmed
    clock.now += SILENCE_SECONDS + 1
    assert limits.to_close({"b"}) == ["a"]
    limits.disconnected("a")
    limits.disconnected("b")
    assert not limits.crowded


def test_gossip_forgets_what_it_has_seen() -> None:
    clock = Clock()
    node = GossipNode("me", clock)
    topic = node.join("news")
    heard: list[bytes] = []
    hearing = topic.subscribe(lambda message: heard.append(message.data))
    topic.publish(b"a")
    topic.publish(b"a")
    assert heard == [b"a"]
    clock.now += SEEN_SECONDS + 1
    topic.publish(b"a")
    assert heard == [b"a", b"a"]
    hearing.end()
    topic.publish(b"b")
    assert heard == [b"a", b"a"]


def test_gossip_passes_messages_on_and_a_blacklist_stops_them() -> None:
    nodes = [GossipNode(name) for name in "abc"]
    for one, two in ((0, 1), (1, 2)):
        nodes[one].neighbour_came(nodes[two])
        nodes[two].neighbour_came(nodes[one])
    heard: list[tuple[str, str]] = []
    for node in nodes:
        name = node.peer_id
        node.join("news").subscribe(lambda m, name=name: heard.append((name, m.received_from)))  # type: ignore[misc]
    nodes[0].topics["news"].publish(b"1")
    assert heard == [("a", "a"), ("b", "a"), ("c", "b")]
    heard.clear()
    nodes[2].blacklist("b")
    nodes[0].topics["news"].publish(b"2")
    assert heard == [("a", "a"), ("b", "a")]
