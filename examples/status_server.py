"""A host that answers like a node of the consensus layer: its status, its metadata, pings and goodbyes.

python examples/status_server.py                         # until Ctrl-C; prints its address
python examples/status_server.py --head-slot 12345 &
pyrum-sync probe /ip4/127.0.0.1/tcp/.../p2p/16Uiu2HA...  # asks it
"""

import argparse
from threading import Event

from pyrum_sync import EmbeddedConn, Rumor, SubprocessConn, eth2


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve a status.")
    parser.add_argument("--port", type=int, default=0, help="the TCP port (default: any free one)")
    parser.add_argument("--head-slot", type=int, default=0, help="the slot that we say we are at")
    parser.add_argument("--cmd", help="starts a Rumor, such as 'rumor bare --level=trace' (default: our own engine)")
    options = parser.parse_args()

    metadata = eth2.MetaData(seq_number=1)
    highest = eth2.Status(head_slot=options.head_slot)

    # A handler gets the decoded request and returns the answer. Each method is served by a thread of its own, which
    # calls its handler for one request after the other. An exception in a handler becomes an error chunk for the peer.
    def on_status(theirs: eth2.Status) -> eth2.Status:
        print(f"asked for our status by a host at slot {theirs.head_slot}", flush=True)
        # Follow the chain: a host that asks later gets the highest head that we have seen.
        if theirs.head_slot > highest.head_slot:
            highest.head_slot = theirs.head_slot
            highest.head_root = theirs.head_root
        return highest

    def on_ping(theirs: eth2.Ping) -> eth2.Ping:
        print(f"pinged, their metadata has number {theirs.seq_number}", flush=True)
        return eth2.Ping(seq_number=metadata.seq_number)

    def on_goodbye(theirs: eth2.Goodbye) -> None:
        print(f"goodbye, for reason {theirs.reason}", flush=True)  # None: no answer, we just hang up

    conn = SubprocessConn(options.cmd) if options.cmd else EmbeddedConn()
    with Rumor(conn, timeout=30) as rumor:
        alice = rumor.actor("alice")
        alice.host.start(nat=False, agent="status_server")
        alice.host.listen(ip="127.0.0.1", tcp=options.port)

        # Each of these listens while the block lasts.
        with (
            eth2.serve(alice, "status", on_status) as statuses,
            eth2.serve(alice, "ping", on_ping),
            eth2.serve(alice, "metadata", lambda _: metadata),  # a request without content: the handler gets None
            eth2.serve(alice, "goodbye", on_goodbye),
        ):
            print(f"listening on {alice.host.view().addr()}", flush=True)
            try:
                Event().wait()  # the threads do the work
            except KeyboardInterrupt:
                print(f"served {statuses.answered} statuses")


if __name__ == "__main__":
    main()
