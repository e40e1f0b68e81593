"""A thread that calls, and checks what comes: each number once, in order, and nobody else's."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import count
from time import sleep
from typing import Any

from pyrum_sync import CallEnded, CallError, CallTimeout, ConnectionLost, eth2
from tests.soak.client import Client

NASTY = ["it's", '"so"', "$HOME", "$(exit)", "`x`", "a\nb", "\\", "é☃", "-v", "", " ", "*", "&", "#", "!"]
STRANGER = "16Uiu2HAm7Qwe19vz9WzD2Mxn7fXd1vgHHp4iccuyq7TxwRXoAGfc"
_AT_ONCE = 12  # messages under way: Rumor itself drops what comes to a log that has 32 waiting


class Player:
    """Has two actors of its own, and plays until told to end or its connection is gone."""

    def __init__(
        self,
        client: Client,
        name: str,
        seed: int,
        ending: threading.Event,
        other: Callable[[], Client] | None,
        rest: float,
    ) -> None:
        self._rumor, self._leash, self._name, self._ending = client.rumor, client.leash, name, ending
        self._other = other  # makes another client of the same server
        self._random = random.Random(seed)
        self._rest = rest  # seconds between two works at most
        self._numbers = count(1)
        self._ledger = client.leash.ledger
        self._peer_ids: dict[str, str] = {}
        self._addresses: dict[str, str] = {}
        self.thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.thread.start()

    # -- its life

    def _run(self) -> None:
        try:
            self._play()
        except ConnectionLost:
            self._later()
        except BaseException as error:  # judged where it came from, or a mistake of ours
            self._ledger.violation(f"{self._name} ended with {error!r}")
            raise

    def _play(self) -> None:
        cast = False
        while not self._ending.is_set():
            work = self._random.choice(WORKS) if cast else Player.cast
            try:
                work(self)
                cast = True
                self._ledger.count(f"played {work.__name__.strip('_')}")
            except CallTimeout:
                cast = False  # the state of what it interrupted is unknown
            sleep(self._random.random() * self._rest)

    def _later(self) -> None:
        """Whoever comes later is told as well."""
        uses: list[Callable[[], object]] = [
            lambda: self._rumor.actor(self._name).sleep("1ns"),
            lambda: self._rumor.shell("true", timeout=1),
        ]
        for use in uses:
            try:
                use()
            except ConnectionLost:
                continue
            self._ledger.violation(f"{self._name}: a lost connection still works")

    def _wrong(self, what: str, got: object, wanted: object) -> None:
        self._ledger.violation(f"{self._name}: {what}: got {got!r}, wanted {wanted!r} ({self._leash})")

    def _same(self, what: str, got: object, wanted: object, kind: str = "values") -> None:
        self._ledger.count(f"{kind} checked")
        if got != wanted:
            self._wrong(what, got, wanted)

    def _patiently(self, read: Callable[[], Any]) -> Any:
        """What a read gives in the end: one that runs out of time loses nothing."""
        while True:
            try:
                return read()
            except CallTimeout:
                if self._ending.is_set():
                    raise  # perhaps nothing comes any more
                self._ledger.count("reads repeated after a time-out")

    # -- actors

    def _actor(self, role: str) -> Any:
        return self._rumor.actor(f"{self._name}-{role}")

    def cast(self) -> None:
        """Both hosts, new and connected."""
        for role in ("a", "b"):
            actor = self._actor(role)
            actor.kill()  # there from an earlier connection, perhaps
            actor.host.start(nat=False)
            actor.host.listen(ip="127.0.0.1", tcp=0)
            self._peer_ids[role] = actor.host.view().peer_id()
            self._addresses[role] = actor.host.view().addr()
            actor.gossip.start()
            actor.gossip.join(self._topic)
        self._actor("b").peer.connect(self._addresses["a"])

    @property
    def _topic(self) -> str:
        return f"/eth2/00000000/{self._name}/ssz_snappy"

    # -- what it plays

    def view(self) -> None:
        for role in ("a", "b"):
            call = self._actor(role).host.view()
            self._same("peer id", call.peer_id(), self._peer_ids[role])
            self._same("addr", list(call.addr), [self._addresses[role]])
            self._same("data", call.data["addr"], self._addresses[role])

    def connect(self) -> None:
        a, b = self._actor("a"), self._actor("b")
        b.peer.disconnect(self._peer_ids["a"])
        b.peer.connect(self._addresses["a"])
        peers = b.peer.list("all").data["peers"]
        self._same("peers", [peer for peer in peers if peer == self._peer_ids["a"]], [self._peer_ids["a"]])
        a.peer.list()

    def requests(self) -> None:
        """One after the other, and several at once."""
        a, b = self._actor("a"), self._actor("b")
        with a.rpc.status.listen(raw=True) as listener:
            for size in (1, 1, self._random.randint(2, 5)):
                numbers = [next(self._numbers) for _ in range(size)]
                calls = {
                    number: b.nowait.rpc.status.req.raw(self._peer_ids["a"], _body(number), raw=True)
                    for number in numbers
                }
                heard = []
                for _ in numbers:
                    step = self._patiently(listener.next)
                    heard.append(_number(step["data"]))
                    a.rpc.status.resp.chunk.raw(step["req_id"], _body(heard[-1]))
                self._same("requests", sorted(heard), numbers, "steps")
                for number, call in calls.items():
                    self._same("first step", self._patiently(call.next)["msg"], "made request", "steps")
                    self._same("answer", _number(self._patiently(call.next)["data"]), number, "steps")
                    self._same("further steps", list(call), [], "steps")
                    call.finished()

    def errors(self) -> None:
        """A response with an error, and a call that fails."""
        a, b = self._actor("a"), self._actor("b")
        with a.rpc.ping.listen(raw=True) as listener:
            call = b.rpc.ping.req.raw(self._peer_ids["a"], bytes(8), raw=True)
            self._patiently(call.next)
            a.rpc.ping.resp.server_error(self._patiently(listener.next)["req_id"], "not today")
            self._fails("not today", call.next)
        self._fails("dial", lambda: b.peer.connect(f"/ip4/127.0.0.1/tcp/9/p2p/{STRANGER}"))

    def _fails(self, why: str, work: Callable[[], object]) -> None:
        with self._leash.expecting(CallError):
            try:
                work()
            except CallError as error:
                self._same("reason", why in error.message, True)
            else:
                self._wrong("a call that must fail", "nothing raised", why)

    def gossip(self) -> None:
        """Numbered messages, read as values and as entries."""
        a = self._actor("a")
        with a.gossip.log(self._topic) as log:
            for _ in range(self._random.randint(1, 3)):
                numbers = [next(self._numbers) for _ in range(self._random.randint(1, _AT_ONCE))]
                for number in numbers:
                    a.gossip.publish(self._topic, _body(number))
                # A generator that ran out of time is over; the next reader goes on where it stopped.
                got = [_number(self._patiently(log.field("data"))) for _ in numbers]
                self._same("messages", got, numbers)
                got = [_number(self._patiently(lambda: next(log.entries()))["data"]) for _ in numbers]
                self._same("entries", got, numbers, "entries")
            a.gossip.log(self._topic).cancel()  # a second one goes, the first one stays

    def gossip_across(self) -> None:
        """From one actor to the other, once it knows of it."""
        a, b = self._actor("a"), self._actor("b")
        with a.gossip.log(self._topic) as log:
            number = next(self._numbers)
            a.gossip.publish(self._topic, _body(number))
            self._same("own message", _number(self._patiently(log.field("data"))), number)
        b.gossip.list_peers(self._topic)

    def attach(self) -> None:
        """Another client of the server follows a log, and hears the same."""
        if self._other is None:
            return
        a = self._actor("a")
        with a.gossip.log(self._topic) as log:
            try:
                with self._other() as other:
                    other.leash.parent = self._leash
                    attached = other.rumor.attach(log.id)
                    numbers = [next(self._numbers) for _ in range(5)]
                    for number in numbers:
                        a.gossip.publish(self._topic, _body(number))
                    for reader in (log, attached):
                        got = [_number(self._patiently(reader.field("data"))) for _ in numbers]
                        self._same("attached", got, numbers)
            except ConnectionLost:
                if self._leash.dead:
                    raise
                return  # the other one's
            except CallEnded:
                return  # judged: it ended with our connection
            self._same("log lives on", log.done, False)

    def shell(self) -> None:
        number = next(self._numbers)
        words = " ".join(str(number + offset) for offset in range(5))
        result = self._rumor.shell(f'for i in {words}; do echo "<  $i"; sleep 1ns; done; echo oops >&2')
        self._same("shell", result.stdout, "".join(f"<  {word}\n" for word in words.split()))
        self._same("stderr", result.stderr, "oops\n")

    def sleeps(self) -> None:
        actor = self._actor("a")
        long, short = actor.nowait.sleep("40ms"), actor.nowait.sleep("5ms")
        for call in (short, long):
            call.wait()
            messages = [entry["msg"] for entry in call.entries()]
            self._same("sleep", messages[1:], ["done sleeping!"], "entries")
        self._same("done", long.done, True)

    def words(self) -> None:
        """Text comes back byte for byte, from many calls at once."""
        name = "".join(self._random.choices(NASTY, k=3))
        texts = [f"{name}{next(self._numbers)}" for _ in range(self._random.randint(1, 30))]
        calls = [self._actor("a").nowait.blocks.rm(text) for text in texts]
        for text, call in zip(texts, calls, strict=True):
            self._same("word", call.finished()["name"], text)
            self._same("entries", [entry["name"] for entry in call.entries()], [text], "entries")

    def cancels(self) -> None:
        listener = self._actor("a").nowait.rpc.metadata.listen()
        listener.cancel()
        self._same("cancelled", listener.done, True)
        call = self._actor("b").nowait.sleep("30ms")
        with self._leash.expecting(CallTimeout), suppress(CallTimeout):
            call.cancel(timeout=0.001)
        call.finished()

    def hurries(self) -> None:
        """A limit that is too short costs nothing but the call."""
        with self._leash.expecting(CallTimeout):
            for limit in (0, 0.0005, 0.002):
                try:
                    call = self._actor("a").within(limit).host.view()
                except CallTimeout:
                    continue
                self._same("peer id", call.data["peer_id"], self._peer_ids["a"])

    def calls(self) -> None:
        with self._actor("a").host.notify("all") as notes:
            self._same("calls", notes.id in self._actor("a").calls(), True)

    def eth2(self) -> None:
        """A thread of the library answers."""
        a, b = self._rumor.actor(f"{self._name}-a").bare, self._rumor.actor(f"{self._name}-b").bare
        run = self._leash.run
        serving = eth2.serve(a, "status", lambda status: eth2.Status(head_slot=status.head_slot + 1))
        run("eth2.serve", 10.0, serving.__enter__)
        try:
            for _ in range(3):
                number = next(self._numbers)
                ours = eth2.Status(head_slot=number)
                theirs = run("eth2.status", 4.0, partial(eth2.status, b, self._peer_ids["a"], ours, timeout=4.0))
                self._same("status", theirs.head_slot, number + 1)
        finally:
            run("leaving eth2.serve", 10.0, partial(serving.__exit__, None, None, None))

    def kill(self) -> None:
        notes = self._actor("b").host.notify("all")
        self._actor("b").kill()
        notes.finished()
        self.cast()


WORKS: list[Callable[[Player], None]] = [
    Player.view,
    Player.connect,
    Player.requests,
    Player.requests,
    Player.errors,
    Player.gossip,
    Player.gossip,
    Player.gossip_across,
    Player.attach,
    Player.shell,
    Player.sleeps,
    Player.words,
    Player.cancels,
    Player.hurries,
    Player.calls,
    Player.kill,
    Player.eth2,
]


def _body(number: int) -> bytes:
    return number.to_bytes(84, "little")


def _number(data: str) -> int:
    return int.from_bytes(bytes.fromhex(data), "little")
