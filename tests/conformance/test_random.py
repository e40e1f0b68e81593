"""Random sequences of commands: the same on both networks of the engine and on the real Rumor, with the same values in
the end.

What happens between hosts takes a moment. So the simulator goes first, whose gossip has fifty heartbeats a second here,
and is looked at until it has settled. Then the other one is looked at until it shows the same, or the deadline is over.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from benchmarks.servers import free_port
from pyrum_sync.spec import peer_id, secp256k1
from tests.conformance.driver import Driver, Entry, real_rumor
from tests.support.long import LONG

ACTORS = ("ann", "ben", "cat")
IDS = {name: peer_id.from_secp256k1(secp256k1.public_key(number)) for number, name in enumerate(ACTORS, 1)}
TOPICS = ("red", "blue")
PATIENCE = 12.0
OPERATIONS = 40 if LONG else 24
HEARTBEAT = 0.02
SETTLED = 10 * HEARTBEAT
# A busy machine may need more for a run than the minute after which a host trims its connections by itself.
_STARTER = f"""
import sys
from dataclasses import replace
from importlib import import_module
from pyrum_sync.engine import main
from pyrum_sync.engine.network.gossip import service
service.RUMOR = replace(service.RUMOR, heartbeat_seconds={HEARTBEAT})
network, module, *words = sys.argv[1:]
import_module(module)._TRIM_SECONDS = 3600.0
sys.exit(main.main(words, network))
"""
SIMULATOR = [sys.executable, "-c", _STARTER, "memory", "pyrum_sync.engine.network.memory.host"]
ENGINE = [sys.executable, "-c", _STARTER, "tcp", "pyrum_sync.engine.network.libp2p.host"]
Action = tuple[str, ...]


def sequence(seed: int) -> list[Action]:
    """Operations, each a word and its arguments."""
    chance = random.Random(seed)
    # a start that makes most of what follows possible: all in a row, all in one topic
    actions: list[Action] = [("connect", "ann", "ben"), ("connect", "cat", "ben")]
    actions += [(kind, name, "red") for name in ACTORS for kind in ("join", "log")]
    for number in range(OPERATIONS):
        one, other = chance.sample(ACTORS, 2)
        topic = chance.choices(TOPICS, (4, 1))[0]
        kinds = ("connect", "disconnect", "join", "leave", "log", "unlog", "publish", "request", "pong", "unpong")
        kind = chance.choices((*kinds, "trim", "kill"), (9, 3, 4, 2, 4, 1, 7, 5, 4, 2, 1, 1))[0]
        if kind in ("connect", "disconnect", "request"):
            actions.append((kind, one, other))
        elif kind in ("join", "leave", "log", "unlog"):
            actions.append((kind, one, topic))
        elif kind == "publish":
            actions.append((kind, one, topic, f"{number:04x}"))
        else:
            actions.append((kind, one))
    return actions


class Player:
    """Plays a sequence on one Rumor."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._calls = 0
        self._ports: dict[str, int] = {}
        self._names: dict[str, str] = {peer: name.upper() for name, peer in IDS.items()}
        for name in ACTORS:
            self._start(name)

    def _start(self, name: str) -> None:
        port = free_port()
        self._ports[name] = port
        self._names[f"tcp/{port}"] = f"tcp/PORT_{name}"
        self._names[f":{port}"] = f":PORT_{name}"
        limits = "--lo-peers=1 --hi-peers=2 --peer-grace-period=0s"
        key = f"{ACTORS.index(name) + 1:064x}"
        for words in (
            f"host start --nat=false --priv={key} {limits}",
            f"host listen --ip=127.0.0.1 --tcp={port}",
            "gossip start",
        ):
            assert self._run(name, words)[1] == "", words

    def _run(self, actor: str, words: str, call: str = "") -> tuple[list[Entry], str]:
        """One command: its data entries and the error, both with names for what differs from run to run."""
        self._calls += 1
        call = call or f"c{self._calls}"
        entries = self._driver.do(f"_{call} {actor}: lvl_trace {words}")
        failed = [e["error"] for e in entries if e.get("args", [""])[0] == f"_{call}" and "error" in e]
        data = [e for e in entries if e.get("call_id") == call and not any(k.startswith("__") for k in e)]
        return data, self._renamed(failed[0] if failed else "")

    def _renamed(self, text: str) -> str:
        for found, name in self._names.items():
            text = text.replace(found, name)
        return text

    def act(self, action: Action) -> Any:
        """Do one operation; what it answered."""
        kind, name, *rest = action
        play: Callable[..., Any] = getattr(self, f"_{kind}")
        return play(name, *rest)

    def _connect(self, one: str, other: str) -> Any:
        address = f"/ip4/127.0.0.1/tcp/{self._ports[other]}/p2p/{IDS[other]}"
        return self._run(one, f"peer connect {address}")[1]

    def _disconnect(self, one: str, other: str) -> Any:
        return self._run(one, f"peer disconnect {IDS[other]}")[1]

    def _join(self, name: str, topic: str) -> Any:
        return self._run(name, f"gossip join {topic}")[1]

    def _leave(self, name: str, topic: str) -> Any:
        return self._run(name, f"gossip leave {topic}")[1]

    def _log(self, name: str, topic: str) -> Any:
        return self._run(name, f"gossip log {topic}", f"log_{name}_{topic}")[1]

    def _unlog(self, name: str, topic: str) -> Any:
        return self._cancel(f"log_{name}_{topic}")

    def _publish(self, name: str, topic: str, data: str) -> Any:
        return self._run(name, f"gossip publish {topic} {data}")[1]

    def _pong(self, name: str) -> Any:
        return self._run(name, "peer metadata pong --update=false", f"pong_{name}")[1]

    def _unpong(self, name: str) -> Any:
        return self._cancel(f"pong_{name}")

    def _cancel(self, call: str) -> Any:
        return [e["error"] for e in self._driver.do(f"_{call} cancel") if "error" in e]

    def _request(self, one: str, other: str) -> Any:
        data, error = self._run(one, f"peer metadata ping --update=false {IDS[other]}")
        return [(e.get("code"), e.get("pong")) for e in data], error

    def _trim(self, name: str) -> Any:
        """Begin anew, connect, trim, count, and undo: which peer goes is chance, and gossip protects its mesh."""
        self._kill(name)
        for other in ACTORS:
            if other != name:
                self._connect(name, other)
        error = self._run(name, "peer trim")[1]
        left = len(self._peers(name))
        again = [self._connect(name, other) for other in ACTORS if other != name]
        return error, left, again

    def _kill(self, name: str) -> Any:
        self._driver.do(f"{name}: kill")
        self._start(name)
        return None

    def _peers(self, name: str) -> list[str]:
        entry = self._run(name, "peer list")[0][0]
        return sorted(self._names[peer] for peer in entry["peers"])

    def look(self) -> dict[str, Any]:
        """What all actors see, now."""
        seen: dict[str, Any] = {}
        for name in ACTORS:
            seen[f"{name} peers"] = self._peers(name)
            topics = sorted(self._run(name, "gossip list")[0][0]["topics"])
            seen[f"{name} topics"] = topics
            for topic in topics:
                entry = self._run(name, f"gossip list-peers {topic}")[0][0]
                seen[f"{name} {topic}"] = sorted(self._names[peer] for peer in entry["peers"] or ())
            calls = self._driver.do(f"{name}: calls")
            shown = next(e["calls"] for e in calls if "calls" in e)
            seen[f"{name} calls"] = sorted(call for call in shown if call.startswith(("log_", "pong_")))
        for name in ACTORS:
            for topic in TOPICS:
                call = f"log_{name}_{topic}"
                heard = [e["data"] for e in self._driver.entries if e.get("call_id") == call and "data" in e]
                # without what a publishing that was tried again has at its end
                seen[f"{name} heard {topic}"] = sorted({data[:4] for data in heard})
        return seen


def play_simulator(actions: list[Action]) -> list[tuple[Any, dict[str, Any]]]:
    """What the simulator answers, and shows after each operation."""
    with Driver(SIMULATOR) as driver:
        player = Player(driver)
        return [(player.act(action), settled(player)) for action in actions]


def settled(player: Player) -> dict[str, Any]:
    """What is seen once that has been the same for some heartbeats."""
    seen, since = player.look(), time.monotonic()
    while time.monotonic() < since + SETTLED:
        time.sleep(SETTLED / 4)  # each look is many commands
        before, seen = seen, player.look()
        if seen != before:
            since = time.monotonic()
    return seen


def check(player: Player, action: Action, answer: Any, view: dict[str, Any]) -> None:
    """Play one operation on another Rumor, and wait until it shows what the simulator showed.

    What a peer serves may not be known yet: a request is made again. A message is lost while gossip builds its mesh,
    which Rumor shows nowhere: after a second it is published again, with a mark, since the same would be dropped.
    """
    end = time.monotonic() + PATIENCE
    got = player.act(action)
    while got != answer and action[0] == "request" and time.monotonic() < end:
        got = player.act(action)
    assert got == answer, (action, got, answer)
    seen = player.look()
    again = time.monotonic() + 1.0
    while seen != view and time.monotonic() < end:
        time.sleep(HEARTBEAT)
        if action[0] == "publish" and time.monotonic() > again:
            again += 1.0
            player.act((*action[:3], f"{action[3]}{int(again) % 256:02x}"))
        seen = player.look()
    assert seen == view, (action, seen, view)


def test_simulator_twice_the_same() -> None:
    """The simulator leaves nothing to chance: two runs agree, and are not all errors and silence."""
    actions = sequence(3)
    with ThreadPoolExecutor() as both:
        first, second = both.map(play_simulator, [actions, actions])
    answers, views = zip(*first, strict=True)
    assert sum(not answer for answer in answers) > OPERATIONS / 3
    assert len(views[-1]["ben heard red"]) > 2
    assert first == second


def assert_agrees(command: list[str], seed: int, *, heartbeats: bool) -> None:
    """Another Rumor answers and shows what the simulator did.

    Args:
        command: starts it.
        seed: of the sequence.
        heartbeats: whether its heartbeats are as short as the simulator's. Then they have the same time between two
            operations, after which old messages are no longer advertised; and what is seen has to stay as it is.
    """
    actions = sequence(seed)
    expected = play_simulator(actions)
    with Driver(command) as driver:
        player = Player(driver)
        for action, (answer, view) in zip(actions, expected, strict=True):
            check(player, action, answer, view)
            if heartbeats:
                assert settled(player) == view, action


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.long)])
def test_tcp_agrees(seed: int) -> None:
    assert_agrees(ENGINE, seed, heartbeats=True)


@pytest.mark.rumor
@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.long) for seed in (2, 3))])
def test_real_agrees(seed: int) -> None:
    rumor = real_rumor()
    if rumor is None:
        pytest.skip("no real Rumor on PATH or at $RUMOR")
    assert_agrees([rumor], seed, heartbeats=False)
