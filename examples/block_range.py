"""Ask a peer for a range of blocks, and print how many came, how big they are, and how fast.

python examples/block_range.py                                   # a peer of our own, with blocks that are made up
python examples/block_range.py --start 1000 --count 64 /ip4/1.2.3.4/tcp/9000/p2p/16Uiu2HA...
"""

import argparse
from contextlib import ExitStack
from random import Random
from statistics import mean, median
from time import monotonic

from pyrum_sync import Actor, EmbeddedConn, Rumor, SubprocessConn, eth2

EMPTY_SLOTS = (7, 19, 20)  # of every 32, in the chain that is made up


def made_up_block(slot: int) -> bytes:
    """Something of the size of a block: between 5 and 60 kB, the same for the same slot."""
    chance = Random(slot)
    return slot.to_bytes(8, "little") + chance.randbytes(chance.randint(5_000, 60_000))


def answer(request: eth2.BlocksByRangeRequest) -> list[bytes]:
    """What a node with the made-up chain answers: a block for each slot asked for, none for an empty one."""
    slots = range(request.start_slot, request.start_slot + request.count * request.step, request.step)
    return [made_up_block(slot) for slot in slots if slot % 32 not in EMPTY_SLOTS]


def own_peer(rumor: Rumor, until: ExitStack) -> str:
    """Start a host that serves the made-up chain until the stack is closed; returns its address."""
    node = rumor.actor("node")
    node.host.start(nat=False)
    node.host.listen(ip="127.0.0.1", tcp=0)
    # A thread of its own passes each request to `answer`, and sends what that returns.
    until.enter_context(eth2.serve(node, "blocks_by_range", answer))
    addr: str = node.host.view().addr()
    return addr


def ask(alice: Actor, peer_id: str, start: int, count: int, parallel: int) -> None:
    """Get the blocks, and print their number, their sizes and the speed."""
    began = monotonic()
    # The blocks as bytes, in order. The engine sends one request. A Go Rumor mostly spoils answers of several blocks,
    # so there each block has a request of its own, `parallel` at a time. If the peer answers with an error,
    # RequestError is raised; its `partial` has the blocks that came before.
    try:
        blocks = eth2.blocks_by_range(alice, peer_id, start, count, parallel=parallel, timeout=60)
    except eth2.RequestError as error:
        print(f"the peer failed after {len(error.partial)} blocks: {error.message}")
        blocks = error.partial
    took = monotonic() - began

    print(f"{len(blocks)} blocks of {count} slots, {count - len(blocks)} without one")
    if blocks:
        sizes = [len(block) for block in blocks]
        print(f"size: {min(sizes)} to {max(sizes)} bytes, mean {mean(sizes):.0f}, median {median(sizes):.0f}")
        print(f"{sum(sizes) / 1e6:.1f} MB in {took:.2f} s: {len(blocks) / took:.0f} blocks/s")


def main() -> None:
    parser = argparse.ArgumentParser(description="Ask a peer for a range of blocks.")
    parser.add_argument("addr", nargs="?", help="multiaddr or ENR of the peer (default: one of our own)")
    parser.add_argument("--start", type=int, default=0, help="the first slot (default: %(default)s)")
    parser.add_argument("--count", type=int, default=64, help="how many slots (default: %(default)s)")
    parser.add_argument("--parallel", type=int, default=8, help="requests at once on a Go Rumor (default: %(default)s)")
    parser.add_argument("--cmd", help="starts a Rumor, such as 'rumor bare --level=trace' (default: our own engine)")
    options = parser.parse_args()

    conn = SubprocessConn(options.cmd) if options.cmd else EmbeddedConn()
    with Rumor(conn, timeout=30) as rumor, ExitStack() as until:
        addr = options.addr or own_peer(rumor, until)
        alice = rumor.actor("alice")
        alice.host.start(nat=False)
        peer_id = alice.peer.connect(addr).peer_id()
        ask(alice, peer_id, options.start, options.count, options.parallel)


if __name__ == "__main__":
    main()
