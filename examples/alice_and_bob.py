"""Two hosts meet: alice and bob connect, and bob asks alice for her status.

python examples/alice_and_bob.py                                    # on our own engine: extra [engine]
python examples/alice_and_bob.py --cmd "rumor bare --level=trace"   # starts a Go Rumor
python examples/alice_and_bob.py --tcp localhost:3030               # a served Rumor, over TCP,
python examples/alice_and_bob.py --unix example.socket              # a Unix socket,
python examples/alice_and_bob.py --ws ws://localhost:8000/ws --key secret   # or a websocket
"""

import argparse
from time import monotonic

from remerkleable.basic import uint64
from remerkleable.byte_arrays import ByteVector
from remerkleable.complex import Container

from pyrum_sync import EmbeddedConn, Rumor, SubprocessConn, TCPConn, UnixConn, WebsocketConn


class Status(Container):
    """What two hosts of the consensus layer first ask each other (phase 0, version 1)."""

    fork_digest: ByteVector[4]
    finalized_root: ByteVector[32]
    finalized_epoch: uint64
    head_root: ByteVector[32]
    head_slot: uint64


def connection(options: argparse.Namespace) -> EmbeddedConn | SubprocessConn | TCPConn | UnixConn | WebsocketConn:
    """The connection that the options choose."""
    if options.tcp:
        host, _, port = options.tcp.rpartition(":")
        return TCPConn(host or "localhost", int(port))
    if options.unix:
        return UnixConn(options.unix)
    if options.ws:
        return WebsocketConn(options.ws, options.key)
    return SubprocessConn(options.cmd) if options.cmd else EmbeddedConn()


def main() -> None:
    parser = argparse.ArgumentParser(description="Two hosts meet, and one asks the other for its status.")
    ways = parser.add_mutually_exclusive_group()
    ways.add_argument("--cmd", help="starts a Rumor, such as 'rumor bare --level=trace' (default: our own engine)")
    ways.add_argument("--tcp", metavar="HOST:PORT", help="a Rumor served over TCP")
    ways.add_argument("--unix", metavar="PATH", help="a Rumor served over a Unix socket")
    ways.add_argument("--ws", metavar="URL", help="a Rumor served over a websocket")
    parser.add_argument("--key", default="", help="the api key, with --ws")

    # Leaving this block closes the connection, however it is left. `timeout` is the limit for every blocking call.
    with connection(parser.parse_args()) as conn, Rumor(conn, timeout=30) as rumor:
        # -- Hosts. Rumor calls them actors; each has a name and starts with a key of its own.
        alice, bob = rumor.actor("alice"), rumor.actor("bob")

        # A command blocks until Rumor has carried it out, and raises CallError if that fails. Flags are keyword
        # arguments. `nat=False`, the loopback address and port 0 (any free one) keep the traffic on this machine.
        alice.host.start(nat=False)
        alice.host.listen(ip="127.0.0.1", tcp=0)
        bob.host.start(nat=False)
        bob.host.listen(ip="127.0.0.1", tcp=0)
        print("alice and bob listen")

        # -- Side by side. `nowait` returns a Call at once, to wait for later.
        began = monotonic()
        long_call = alice.nowait.sleep("5s")
        short_call = alice.nowait.sleep("3s")
        short_call.wait()
        print(f"the short sleep ended after {monotonic() - began:.0f} s")
        long_call.wait()
        print(f"the long sleep ended after {monotonic() - began:.0f} s")

        # -- Data. What a command logs are the fields of its call: with parentheses the next value of a field …
        bob_addr = bob.host.view().addr()
        print(f"bob's address: {bob_addr}")
        alice.peer.connect(bob_addr)  # an argument is a positional argument

        # … without them all its values, until the call ends.
        for addr in bob.host.view().addr:
            print(f"bob listens on {addr}")

        # `data` has the newest value of every field.
        for peer_id, details in alice.peer.list("all", details=True).data["peers"].items():
            print(f"alice knows {peer_id}: {', '.join(details.get('addrs', ['(herself)']))}")

        # -- Steps. Some commands go on one step at a time. A listener has a step for each request that it receives;
        # leaving its block cancels it.
        alice_id = alice.host.view().peer_id()
        bobs_status = Status(head_slot=42)
        alices_status = Status(fork_digest=b"\x01\x02\x03\x04", finalized_epoch=3, head_slot=123)
        with alice.rpc.status.listen(raw=True) as listener:
            # An SSZ object is sent as the hex of its encoding.
            request_call = bob.rpc.status.req.raw(alice_id, bobs_status, raw=True)

            # A request has a step for having been written, and one for each chunk of the answer.
            request_call.next()

            for request in listener:
                received = Status.decode_bytes(bytes.fromhex(request["data"]))
                print(f"alice was asked for her status by a host at slot {received.head_slot}")
                assert received == bobs_status
                alice.rpc.status.resp.chunk.raw(request["req_id"], alices_status, done=True)
                break

            answer = request_call.next()
            assert bytes.fromhex(answer["data"]) == alices_status.encode_bytes()
            received = Status.decode_bytes(bytes.fromhex(answer["data"]))
            print(f"alice answered: finalized epoch {received.finalized_epoch}, head slot {received.head_slot}")

        # On a served Rumor actors outlive the connection.
        alice.kill()
        bob.kill()


if __name__ == "__main__":
    main()
