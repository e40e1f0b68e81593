"""The scripts, as written for pyrum_sync."""

from __future__ import annotations

import threading
from typing import Any

from benchmarks.faults.stage import (
    FLOOD,
    HURRY,
    PAIRS,
    PATIENCE,
    STRANGER,
    TOPIC,
    Mine,
    Stage,
    inventory,
    raised,
    returned,
    same,
    tell_end,
)
from pyrum_sync import Actor, Rumor, SubprocessConn, TCPConn, WebsocketConn


def main(work: str, stage: Stage) -> None:
    before = inventory()
    outcome: dict[str, Any] = {}
    stage.tell("opening")
    try:
        with Rumor(connect(stage)) as rumor:
            stage.tell("calling")
            try:
                outcome = returned(getattr(Script(rumor, stage), work)())
            except Mine:
                raise
            except Exception as error:
                outcome = raised(error)
            stage.tell("leaving")
    except (Exception, KeyboardInterrupt) as error:
        outcome = raised(error)
    tell_end(outcome, before)


def connect(stage: Stage) -> Any:
    if stage.way == "bare":
        return SubprocessConn(stage.address)
    if stage.way == "ws":
        return WebsocketConn(stage.address, stage.key)
    return TCPConn("127.0.0.1", int(stage.address))


class Script:
    """What is done in each situation; what it returns is the answer."""

    def __init__(self, rumor: Rumor, stage: Stage) -> None:
        self.rumor = rumor
        self.stage = stage

    def view(self) -> object:
        return self.rumor.actor("alice").host.view().data["addr"]

    def view_then_sleep(self) -> object:
        self.rumor.actor("alice").nowait.host.view()
        return self.rumor.actor("alice").sleep("1ns").done

    def bad_flag(self) -> object:
        return self.rumor.actor("alice").host["start"](no_such_flag=1).data

    def bad_command(self) -> object:
        return self.rumor.actor("alice").host["no-such-command"]().data

    def program(self) -> object:
        return self.rumor.actor("alice")["touch"](self.stage.file).data

    def _started(self) -> Actor:
        alice = self.rumor.actor("alice")
        alice.host.start(nat=False)
        return alice

    def nobody(self) -> object:
        return self._started().peer.connect(f"/ip4/127.0.0.1/tcp/9/p2p/{STRANGER}").data

    def _pair(self) -> tuple[Any, Any, str]:
        alice, bob = self.rumor.actor("alice"), self.rumor.actor("bob")
        for actor in (alice, bob):
            actor.host.start(nat=False)
            actor.host.listen(ip="127.0.0.1", tcp=0)
        bob.peer.connect(alice.host.view().addr())
        return alice, bob, alice.host.view().peer_id()

    def error_chunk(self) -> object:
        alice, bob, alice_id = self._pair()
        listener = alice.rpc.status.listen(raw=True)
        request = bob.rpc.status.req.raw(alice_id, "00" * 84, raw=True)
        request.next()
        alice.rpc.status.resp.server_error(listener.next()["req_id"], "not today")
        return request.next().get("msg")

    def no_answer(self) -> object:
        alice, bob, alice_id = self._pair()
        listener = alice.rpc.status.listen(raw=True)
        request = bob.rpc.status.req.raw(alice_id, "00" * 84, raw=True)
        alice.rpc.status.close(listener.next()["req_id"])
        return [step.get("msg") for step in request]

    def no_steps(self) -> object:
        return self._started().host.notify("all").next()

    def echo(self, text: str) -> object:
        return self.rumor.actor("alice").blocks.rm(text).data["name"]

    def substitution(self) -> object:
        return same(self.echo(f"$(touch {self.stage.file})"), f"$(touch {self.stage.file})")

    def quotes(self) -> object:
        return self.echo('it\'s "so"')

    def newline(self) -> object:
        return self.echo("one\ntwo")

    def long_word(self) -> object:
        return same(self.echo("x" * 20_000), "x" * 20_000)

    def wait_for_sleep(self) -> object:
        call = self.rumor.actor("alice").nowait.sleep("1h")
        call.msg()
        self.stage.tell("waiting")
        return call.wait()

    def wait_for_step(self) -> object:
        listener = self._started().rpc.ping.listen()
        self.stage.tell("waiting")
        return listener.next()

    def limited(self) -> object:
        return self.rumor.actor("alice").within(PATIENCE).host.view().data

    def closed_meanwhile(self) -> object:
        call = self.rumor.actor("alice").nowait.host.view()
        call.addr()
        threading.Timer(0.3, self.rumor.close).start()
        return call.wait()

    def limited_write(self) -> object:
        alice = self.rumor.actor("alice")
        alice.host.view()
        return alice.within(PATIENCE).blocks.rm("x" * 30_000_000).data

    def two_clients(self) -> object:
        wrong = 0
        with Rumor(connect(self.stage)) as other:
            alice, bob = self.rumor.actor("alice"), other.actor("bob")
            for number in range(PAIRS):
                long = alice.nowait.sleep("100ms")
                long.msg(timeout=PATIENCE)
                short = bob.nowait.blocks.rm(f"b{number}")
                wrong += short.finished(timeout=PATIENCE).get("name") != f"b{number}"
                wrong += "name" in long.finished(timeout=PATIENCE)
        return "its own values" if not wrong else "values of the other client's calls"

    def unread(self) -> object:
        alice = self._started()
        alice.gossip.start()
        alice.gossip.join(TOPIC)
        alice.gossip.log(TOPIC)
        for number in range(FLOOD):
            alice.gossip.publish(TOPIC, number.to_bytes(4, "big"))
        return "goes on"

    def hurry(self) -> object:
        alice = self._started()
        for _ in range(HURRY):
            alice.nowait.rpc.ping.listen().cancel()
        return "cancelled"

    def listen(self) -> object:
        self._started().rpc.ping.listen()
        return "listens"

    def mistake(self) -> object:
        self.listen()
        raise Mine("a mistake")
