"""The same scripts, as written for pyrum 0.3.0."""

from __future__ import annotations

from typing import Any

import pyrum
import trio

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


def main(work: str, stage: Stage) -> None:
    before = inventory()
    outcome: dict[str, Any] = {}
    at = "opening"

    async def script() -> None:
        nonlocal outcome, at
        async with connect(stage) as conn, trio.open_nursery() as nursery:
            at = "calling"
            stage.tell(at)
            try:
                outcome = returned(await getattr(Script(conn, nursery, stage), work)())
            except Mine:
                raise
            except Exception as error:
                outcome = raised(error)
            stage.tell("leaving")
            nursery.cancel_scope.cancel()  # its two loops never end

    stage.tell(at)
    try:
        trio.run(script)
    except (Exception, KeyboardInterrupt) as error:
        # What ends the nursery takes the whole script with it: the call that waits cannot catch it.
        foreseen = at == "opening" or isinstance(error, (Mine, KeyboardInterrupt))
        outcome = raised(error, "raised" if foreseen else "torn down")
    tell_end(outcome, before)


def connect(stage: Stage) -> Any:
    if stage.way == "bare":
        return pyrum.SubprocessConn(stage.address)
    if stage.way == "ws":
        return pyrum.WebsocketConn(stage.address, stage.key)
    return pyrum.TCPConn("127.0.0.1", int(stage.address))


class Script:
    """What is done in each situation; what it gives is the answer."""

    def __init__(self, conn: Any, nursery: Any, stage: Stage) -> None:
        self.conn, self.nursery = conn, nursery
        self.rumor = pyrum.Rumor(conn, nursery)
        self.stage = stage

    async def view(self) -> object:
        return (await self.rumor.actor("alice").host.view())["addr"]

    async def view_then_sleep(self) -> object:
        self.rumor.actor("alice").host.view()
        call = self.rumor.actor("alice").sleep("1ns")
        await call
        return True

    async def bad_flag(self) -> object:
        return await self.rumor.actor("alice").host.start(no_such_flag=1)

    async def bad_command(self) -> object:
        return await self.rumor.actor("alice").host.no_such_command()

    async def program(self) -> object:
        return await self.rumor.actor("alice").touch(self.stage.file)

    async def _started(self) -> Any:
        alice = self.rumor.actor("alice")
        await alice.host.start(nat="false")
        return alice

    async def nobody(self) -> object:
        alice = await self._started()
        return await alice.peer.connect(f"/ip4/127.0.0.1/tcp/9/p2p/{STRANGER}")

    async def _pair(self) -> tuple[Any, Any, str]:
        alice, bob = self.rumor.actor("alice"), self.rumor.actor("bob")
        for actor in (alice, bob):
            await actor.host.start(nat="false")
            await actor.host.listen(ip="127.0.0.1", tcp=0)
        await bob.peer.connect(await alice.host.view().addr())
        return alice, bob, await alice.host.view().peer_id()

    async def error_chunk(self) -> object:
        alice, bob, alice_id = await self._pair()
        listener = alice.rpc.status.listen(raw="true")
        await listener
        request = bob.rpc.status.req.raw(alice_id, "00" * 84, raw="true")
        await request
        await request.next()
        await alice.rpc.status.resp.server_error((await listener.next())["req_id"], "not today")
        return (await request.next()).get("msg")

    async def no_answer(self) -> object:
        alice, bob, alice_id = await self._pair()
        listener = alice.rpc.status.listen(raw="true")
        await listener
        request = bob.rpc.status.req.raw(alice_id, "00" * 84, raw="true")
        await request
        steps = [(await request.next()).get("msg")]
        await alice.rpc.status.close((await listener.next())["req_id"])
        async for step in request:
            steps.append(step.get("msg"))
        return steps

    async def no_steps(self) -> object:
        call = (await self._started()).host.notify("all")
        await call
        return await call.next()

    async def echo(self, text: str) -> object:
        return (await self.rumor.actor("alice").blocks.rm(text))["name"]

    async def substitution(self) -> object:
        return same(await self.echo(f"$(touch {self.stage.file})"), f"$(touch {self.stage.file})")

    async def quotes(self) -> object:
        return await self.echo('it\'s "so"')

    async def newline(self) -> object:
        return await self.echo("one\ntwo")

    async def long_word(self) -> object:
        return same(await self.echo("x" * 20_000), "x" * 20_000)

    async def wait_for_sleep(self) -> object:
        call = self.rumor.actor("alice").sleep("1h")
        await call.msg()
        self.stage.tell("waiting")
        return await call

    async def wait_for_step(self) -> object:
        alice = await self._started()
        listener = alice.rpc.ping.listen()
        await listener
        self.stage.tell("waiting")
        return await listener.next()

    async def limited(self) -> object:
        with trio.fail_after(PATIENCE):
            return await self.rumor.actor("alice").host.view()

    async def closed_meanwhile(self) -> object:
        async def close() -> None:
            await trio.sleep(0.3)
            await self.conn.__aexit__(None, None, None)  # there is no other way to

        call = self.rumor.actor("alice").host.view()
        await call.addr()
        self.nursery.start_soon(close)
        return await call

    async def limited_write(self) -> object:
        alice = self.rumor.actor("alice")
        await alice.host.view()
        with trio.fail_after(PATIENCE):
            return await alice.blocks.rm("x" * 30_000_000)

    async def two_clients(self) -> object:
        wrong = 0
        async with connect(self.stage) as conn, trio.open_nursery() as nursery:
            alice, bob = self.rumor.actor("alice"), pyrum.Rumor(conn, nursery).actor("bob")
            for number in range(PAIRS):
                long = alice.sleep("100ms")
                await long.msg()
                short = bob.blocks.rm(f"b{number}")
                for call in (short, long):
                    with trio.move_on_after(PATIENCE):
                        await call.finished()
                wrong += short.data.get("name") != f"b{number}"
                wrong += "name" in long.data
            nursery.cancel_scope.cancel()
        return "its own values" if not wrong else "values of the other client's calls"

    async def unread(self) -> object:
        alice = await self._started()
        await alice.gossip.start()
        await alice.gossip.join(TOPIC)
        await alice.gossip.log(TOPIC)
        for number in range(FLOOD):
            await alice.gossip.publish(TOPIC, number.to_bytes(4, "big").hex())
        return "goes on"

    async def hurry(self) -> object:
        alice = await self._started()
        for _ in range(HURRY):
            await alice.rpc.ping.listen().cancel()
        await trio.sleep(PATIENCE)  # its cancel waits for nothing
        return "cancelled"

    async def listen(self) -> object:
        alice = await self._started()
        await alice.rpc.ping.listen()
        return "listens"

    async def mistake(self) -> object:
        await self.listen()
        raise Mine("a mistake")
