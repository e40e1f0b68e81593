"""Waiting for the peers of a topic: on a scripted Rumor, in memory, over TCP and on the real Rumor."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from threading import Timer
from time import monotonic
from typing import Any

import pytest

from pyrum_sync import (
    CallError,
    CallTimeout,
    EmbeddedConn,
    Rumor,
    RumorClosed,
    SimulatorConn,
    SubprocessConn,
    gossip,
    wait_for_topic_peers,
)
from tests.conftest import HANG
from tests.real.hosts import Host, start
from tests.support.peers import ScriptedServer

TOPIC = "/eth2/f00dcafe/small_talk/ssz_snappy"
MESSAGES = 100


# -- on a scripted Rumor


class Listing(ScriptedServer):
    """A Rumor that knows peers of a topic: those of `answers`, one answer after the other, and the last again."""

    def __init__(self, *answers: list[str] | None, silent_from: int | None = None) -> None:
        self.answers = answers
        self.asked = 0
        self._silent_from = silent_from
        super().__init__()

    def __enter__(self) -> Listing:
        return self

    def _heard(self, line: str) -> None:
        found = re.fullmatch(r"_(\w+) (.*) &", line)
        if found is None:
            super()._heard(line)
            return
        words = shlex.split(found[2])
        if "list-peers" not in words:
            self.freed(found[1])
            return
        self.asked += 1
        if self._silent_from is None or self.asked <= self._silent_from:
            self.data(found[1], peers=self.answers[min(self.asked, len(self.answers)) - 1])
            self.freed_after_success(found[1])


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Meshes form in no time."""
    monkeypatch.setattr(gossip, "_MESH_SECONDS", 0.0)


def waited(server: Listing, *args: Any, **kwargs: Any) -> list[str]:
    with server.rumor() as rumor:
        return wait_for_topic_peers(rumor.actor("alice"), "t", *args, **kwargs)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("wanted", "asked", "found"), [(0, 1, []), (1, 3, ["a"]), (2, 4, ["b", "a", "c"]), (3, 4, ["b", "a", "c"])]
)
def test_it_asks_until_there_are_enough(wanted: int, asked: int, found: list[str]) -> None:
    with Listing(None, [], ["a"], ["b", "a", "c"]) as server:
        assert waited(server, wanted) == found
        assert server.asked == asked


@pytest.mark.usefixtures("quick")
def test_the_default_actor_is_asked() -> None:
    with Listing(["a"]) as server, server.rumor() as rumor:
        assert wait_for_topic_peers(rumor, "t") == ["a"]


def test_it_goes_on_until_the_mesh_has_had_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gossip, "_MESH_SECONDS", 0.3)
    with Listing(["a"]) as server:
        began = monotonic()
        assert waited(server) == ["a"]
        assert 0.3 <= monotonic() - began < HANG
        assert server.asked > 2


def test_a_peer_that_went_counts_from_its_return(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gossip, "_MESH_SECONDS", 0.2)
    with Listing(["a"], [], ["a"], ["b"], ["a", "b"]) as server:
        began = monotonic()
        assert waited(server, 2) == ["a", "b"]
        assert monotonic() - began >= 0.2


@pytest.mark.parametrize("found", [["a"], ["b", "a"]])
def test_too_few(found: list[str]) -> None:
    with Listing(found) as server:
        began = monotonic()
        with pytest.raises(
            CallTimeout, match=rf"{len(found)} peers? hears? 't' after 0.2 s, not 3: are they connected"
        ):
            waited(server, 3, timeout=0.2)
        assert 0.2 <= monotonic() - began < HANG


def test_enough_but_no_time_for_the_mesh() -> None:
    with Listing(["a"]) as server:
        assert waited(server, timeout=0.1) == ["a"]


def test_a_rumor_that_stops_answering() -> None:
    with Listing([], silent_from=1) as server, pytest.raises(CallTimeout, match="0 peers hear"):
        waited(server, timeout=0.2)
    with Listing(["a"], silent_from=1) as server:
        assert waited(server, timeout=0.2) == ["a"]


def test_no_time_at_all() -> None:
    with Listing([]) as server, pytest.raises(CallTimeout):
        waited(server, timeout=0)


def test_it_ends_with_the_rumor() -> None:
    with Listing([]) as server, server.rumor() as rumor:
        closing = Timer(0.1, rumor.close)
        closing.start()
        with pytest.raises(RumorClosed):
            wait_for_topic_peers(rumor, "t", timeout=None)
        closing.join(HANG)


@pytest.mark.parametrize(
    ("topic", "wanted", "error", "words"),
    [
        (b"t", 1, TypeError, "topic must be a str, not bytes"),
        ("t", "1", TypeError, "count must be an int, not str"),
        ("t", True, TypeError, "count must be an int, not bool"),
        ("t", -1, ValueError, "count must be 0 or more, not -1"),
    ],
)
def test_arguments_that_are_none(topic: Any, wanted: Any, error: type[Exception], words: str) -> None:
    with Listing([]) as server, server.rumor() as rumor:
        with pytest.raises(error, match=words):
            wait_for_topic_peers(rumor, topic, wanted)
        with pytest.raises(TypeError, match="a timeout must be a number"):
            wait_for_topic_peers(rumor, "t", timeout="1")  # type: ignore[arg-type]
        assert server.asked == 0


# -- on every Rumor


@pytest.fixture(params=["memory", "tcp", pytest.param("rumor", marks=pytest.mark.rumor)])
def everywhere(request: pytest.FixtureRequest) -> Iterator[Rumor]:
    with ExitStack() as stack:
        if request.param == "rumor":
            command = [request.getfixturevalue("rumor_path"), "bare", "--level=trace"]
            conn: Any = SubprocessConn(command)
        else:
            conn = SimulatorConn() if request.param == "memory" else EmbeddedConn()
        yield stack.enter_context(Rumor(conn, timeout=HANG))


def three(rumor: Rumor) -> list[Host]:
    """Hosts on a topic."""
    hosts = [start(rumor.actor(name)) for name in ("alice", "bob", "carol")]
    for host in hosts:
        host.actor.gossip.start()
        host.actor.gossip.join(TOPIC)
    return hosts


@pytest.mark.parametrize("speaker_hears", [True, False])
def test_what_is_published_afterwards_arrives(everywhere: Rumor, speaker_hears: bool) -> None:
    alice, *others = three(everywhere)
    listening = [alice, *others] if speaker_hears else others
    logs = [host.actor.gossip.log(TOPIC) for host in listening]
    for host in others:
        host.actor.peer.connect(alice.addr)
    found = wait_for_topic_peers(alice.actor, TOPIC, 2)
    assert sorted(found) == sorted(host.peer_id for host in others)
    for number in range(MESSAGES):
        alice.actor.gossip.publish(TOPIC, b"message %d" % number)
    expected = {b"message %d" % number for number in range(MESSAGES)}
    for log in logs:
        assert {bytes.fromhex(log.field("data")()) for _ in expected} == expected


def test_what_is_published_at_once_is_lost(everywhere: Rumor) -> None:
    alice, bob, _ = three(everywhere)
    with alice.actor.gossip.log(TOPIC), bob.actor.gossip.log(TOPIC) as log:
        alice.actor.peer.connect(bob.addr)
        alice.actor.gossip.publish(TOPIC, b"too early")
        for number in count():
            alice.actor.gossip.publish(TOPIC, b"later %d" % number)
            try:
                heard = bytes.fromhex(log.field("data")(timeout=0.1))
            except CallTimeout:
                continue
            assert heard.startswith(b"later")
            break


def test_a_topic_that_was_not_joined(everywhere: Rumor) -> None:
    alice = start(everywhere.actor("alice")).actor
    with pytest.raises(CallError, match="Must start gossip-sub first"):
        wait_for_topic_peers(alice, TOPIC)
    alice.gossip.start()
    with pytest.raises(CallError, match="not on gossip topic"):
        wait_for_topic_peers(alice, TOPIC)
    alice.gossip.join(TOPIC)
    with pytest.raises(CallTimeout, match="0 peers hear"):
        wait_for_topic_peers(alice, TOPIC, timeout=0.2)
