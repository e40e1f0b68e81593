"""Join a gossip topic, and print the messages that come.

python examples/gossip_log.py                            # two hosts of our own, one of them talks
python examples/gossip_log.py --topic /eth2/4a26c58b/beacon_block/ssz_snappy /ip4/1.2.3.4/tcp/9000/p2p/16Uiu2HA...
"""

import argparse

from pyrum_sync import Actor, CallTimeout, Rumor, SubprocessConn

TOPIC = "/eth2/00000000/small_talk/ssz_snappy"


def start(rumor: Rumor, name: str, topic: str) -> Actor:
    """A host on the loopback that has joined the topic."""
    actor = rumor.actor(name)
    actor.host.start(nat=False)
    actor.host.listen(ip="127.0.0.1", tcp=0)
    actor.gossip.start()
    actor.gossip.join(topic)
    return actor


def main() -> None:
    parser = argparse.ArgumentParser(description="Print what is said on a gossip topic.")
    parser.add_argument("addr", nargs="?", help="multiaddr or ENR of a peer on the topic (default: one of our own)")
    parser.add_argument("--topic", default=TOPIC, help="the topic (default: %(default)s)")
    parser.add_argument("--messages", type=int, default=3, help="leave after so many (default: %(default)s)")
    parser.add_argument("--patience", type=float, default=60, help="seconds to wait for each (default: %(default)s)")
    parser.add_argument("--cmd", default="rumor bare --level=trace", help="starts Rumor (default: %(default)s)")
    options = parser.parse_args()

    with Rumor(SubprocessConn(options.cmd), timeout=30) as rumor:
        alice = start(rumor, "alice", options.topic)

        # This call goes on until it is cancelled, which leaving its block does. It also subscribes: peers are told.
        with alice.gossip.log(options.topic) as log:
            if options.addr:
                alice.peer.connect(options.addr)
            else:
                bob = start(rumor, "bob", options.topic)
                # Who speaks before anybody listens is not heard: wait until bob knows that alice has subscribed.
                with bob.gossip.events(options.topic) as subscribers:
                    alice.peer.connect(bob.host.view().addr())
                    print(f"bob knows of {subscribers.peer_id()}")
                for number in range(options.messages):
                    bob.gossip.publish(options.topic, f"message {number} from bob".encode())

            # One entry for each message. `from` and `data` are fields of it; Rumor has undone the compression.
            try:
                for number, message in enumerate(log.entries(timeout=options.patience), 1):
                    data = bytes.fromhex(message["data"])
                    print(f"{message['from']}: {len(data)} bytes: {data[:60]!r}")
                    if number == options.messages:
                        break
            except CallTimeout:
                print(f"nothing more for {options.patience:g} s")


if __name__ == "__main__":
    main()
