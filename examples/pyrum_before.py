"""A script for pyrum 0.3.0, the asynchronous client: bob pings alice three times. pyrum_after.py is its port."""

import trio
from pyrum import Rumor, SubprocessConn


async def answer(alice, listener):
    # Each request is a step of the listener.
    async for request in listener:
        pong = int.from_bytes(bytes.fromhex(request["data"]), "little") + 1
        await alice.rpc.ping.resp.chunk.raw(request["req_id"], pong.to_bytes(8, "little").hex(), done=True)


async def main():
    async with SubprocessConn(cmd="rumor bare --level=trace") as conn, trio.open_nursery() as nursery:
        rumor = Rumor(conn, nursery)
        alice, bob = rumor.actor("alice"), rumor.actor("bob")
        for actor in (alice, bob):
            await actor.host.start(nat=False)
            await actor.host.listen(ip="127.0.0.1", tcp=0)

        # Two calls side by side: not awaiting a call at once lets it run.
        long_call = alice.sleep("200ms")
        short_call = bob.sleep("100ms")
        await short_call
        await long_call
        print("slept")

        await bob.peer.connect(await alice.host.view().addr())
        alice_id = await alice.host.view().peer_id()

        listener = alice.rpc.ping.listen(raw=True)
        await listener
        nursery.start_soon(answer, alice, listener)
        for number in range(3):
            call = bob.rpc.ping.req.raw(alice_id, number.to_bytes(8, "little").hex(), raw=True)
            await call
            await call.next()  # the request was written
            chunk = await call.next()
            print(f"ping {number}, pong {int.from_bytes(bytes.fromhex(chunk['data']), 'little')}")
        await listener.cancel()
        nursery.cancel_scope.cancel()


trio.run(main)
