"""The port of pyrum_before.py, line by line: bob pings alice three times.

`async` and `await` are gone, and the nursery with them. `.nowait` stands where a call was not awaited at once. What ran
beside the rest in a task is a thread now.
"""

from threading import Thread

from pyrum_sync import Actor, Call, Rumor, SubprocessConn


def answer(alice: Actor, listener: Call) -> None:
    # Each request is a step of the listener; the loop ends when the listener is cancelled.
    for request in listener:
        pong = int.from_bytes(bytes.fromhex(request["data"]), "little") + 1
        alice.rpc.ping.resp.chunk.raw(request["req_id"], pong.to_bytes(8, "little"), done=True)  # bytes become hex


def main() -> None:
    with SubprocessConn(cmd="rumor bare --level=trace") as conn, Rumor(conn) as rumor:
        alice, bob = rumor.actor("alice"), rumor.actor("bob")
        for actor in (alice, bob):
            actor.host.start(nat=False)
            actor.host.listen(ip="127.0.0.1", tcp=0)

        # Two calls side by side.
        long_call = alice.nowait.sleep("200ms")
        short_call = bob.nowait.sleep("100ms")
        short_call.wait()
        long_call.wait()
        print("slept")

        bob.peer.connect(alice.host.view().addr())
        alice_id = alice.host.view().peer_id()

        with alice.rpc.ping.listen(raw=True) as listener:  # leaving the block cancels it
            answering = Thread(target=answer, args=(alice, listener))
            answering.start()
            for number in range(3):
                call = bob.rpc.ping.req.raw(alice_id, number.to_bytes(8, "little"), raw=True)
                call.next()  # the request was written
                chunk = call.next()
                print(f"ping {number}, pong {int.from_bytes(bytes.fromhex(chunk['data']), 'little')}")
        answering.join()  # as the nursery did


if __name__ == "__main__":
    main()
