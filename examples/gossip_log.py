"""Join a gossip topic, and print the messages that come.

python examples/gossip_log.py                                           # two hosts of our own, one of them talks
python examples/gossip_log.py /ip4/127.0.0.1/tcp/9000/p2p/16Uiu2HA...   # the new blocks of a consensus client
python examples/gossip_log.py ADDR --topic news                         # any topic of any peer
"""

import argparse
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from pyrum_sync import Actor, CallTimeout, EmbeddedConn, Rumor, SubprocessConn, eth2, wait_for_topic_peers

SMALL_TALK = "/eth2/00000000/small_talk/ssz_snappy"


def start(rumor: Rumor, name: str) -> Actor:
    """A host on the loopback that takes part in gossip: with the peers that connect from now on."""
    actor = rumor.actor(name)
    actor.host.start(nat=False)
    actor.host.listen(ip="127.0.0.1", tcp=0)
    actor.gossip.start()
    return actor


def always(answer: object) -> Callable[[object], object]:
    """A handler of requests that returns the same answer to each."""
    return lambda _: answer


@contextmanager
def kept(actor: Actor, addr: str) -> Iterator[eth2.Status | eth2.StatusV2]:
    """Connected to a consensus client, which keeps us: we say that we are where it is, and answer what it asks."""
    # It answers a status of zeros with its own, and hangs up, for we seem to be on another network. So we come again.
    peer_id = actor.peer.connect(addr).peer_id()
    theirs = eth2.status(actor, peer_id)
    actor.peer.disconnect(peer_id)
    short = eth2.Status(**{name: getattr(theirs, name) for name in eth2.Status.fields()})
    with ExitStack() as serving:
        for method, version, answer in (
            ("status", 1, short),
            ("status", 2, eth2.StatusV2(**{name: getattr(short, name) for name in eth2.Status.fields()})),
            ("metadata", 2, eth2.MetaDataV2(seq_number=1)),
            ("metadata", 3, eth2.MetaDataV3(seq_number=1, custody_group_count=4)),
            ("ping", 1, eth2.Ping(seq_number=1)),
        ):
            serving.enter_context(eth2.serve(actor, method, always(answer), version=version))
        actor.peer.connect(addr)
        yield eth2.status(actor, peer_id, theirs)


def show(topic: str, sender: str, data: bytes) -> None:
    """One line for a message; of a block, what its header says."""
    if "/beacon_block/" in topic:
        block = eth2.block_summary(data)
        print(f"slot {block.slot}, proposer {block.proposer_index}, {block.size} bytes, from {sender}", flush=True)
    else:
        print(f"{sender}: {len(data)} bytes: {data[:60]!r}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Print what is said on a gossip topic.")
    parser.add_argument("addr", nargs="?", help="multiaddr or ENR of a peer (default: two hosts of our own)")
    parser.add_argument("--topic", help="the topic (default: the blocks of that peer's network)")
    parser.add_argument("--messages", type=int, default=3, help="leave after this many (default: %(default)s)")
    parser.add_argument("--patience", type=float, default=60, help="seconds to wait for each (default: %(default)s)")
    parser.add_argument("--cmd", help="starts a Rumor, such as 'rumor bare --level=trace' (default: our own engine)")
    options = parser.parse_args()

    conn = SubprocessConn(options.cmd) if options.cmd else EmbeddedConn()
    with Rumor(conn, timeout=30) as rumor, ExitStack() as stack:
        alice = start(rumor, "alice")
        topic = options.topic or SMALL_TALK
        if options.addr and options.topic:
            alice.peer.connect(options.addr)
        elif options.addr:
            status = stack.enter_context(kept(alice, options.addr))
            topic = f"/eth2/{bytes(status.fork_digest).hex()}/beacon_block/ssz_snappy"
            print(f"{topic}: the peer is at slot {status.head_slot}", flush=True)

        # This call goes on until it is cancelled, which leaving its block does. It also subscribes: peers hear of it.
        alice.gossip.join(topic)
        log = stack.enter_context(alice.gossip.log(topic))
        if not options.addr:
            bob = start(rumor, "bob")
            bob.gossip.join(topic)
            alice.peer.connect(bob.host.view().addr())
            # What is published before anybody listens is lost: wait until bob knows that alice has subscribed.
            print(f"bob knows of {wait_for_topic_peers(bob, topic)[0]}")
            for number in range(options.messages):
                bob.gossip.publish(topic, f"message {number} from bob".encode())

        # One entry for each message. `from` and `data` are fields of it; the compression has been undone.
        try:
            for number, message in enumerate(log.entries(timeout=options.patience), 1):
                show(topic, message["from"], bytes.fromhex(message["data"]))
                if number == options.messages:
                    break
        except CallTimeout:
            print(f"nothing more for {options.patience:g} s")


if __name__ == "__main__":
    main()
