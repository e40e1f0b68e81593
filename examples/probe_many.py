"""Probe a list of peers, many at a time, and write what they say of themselves as CSV.

python examples/probe_many.py peers.txt > peers.csv      # one multiaddr or ENR on each line
python examples/probe_many.py peers.txt --workers 50 --timeout 5
"""

import argparse
import csv
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from pyrum_sync import Rumor, SubprocessConn, probe


def main() -> None:
    parser = argparse.ArgumentParser(description="Probe many peers, and write CSV.")
    parser.add_argument("peers", type=Path, help="a file with one address on each line")
    parser.add_argument("--workers", type=int, default=16, help="so many at a time (default: %(default)s)")
    parser.add_argument("--timeout", type=float, default=10, help="seconds for each peer (default: %(default)s)")
    parser.add_argument("--cmd", default="rumor bare --level=trace", help="starts Rumor (default: %(default)s)")
    options = parser.parse_args()
    addresses = options.peers.read_text().split()

    table = csv.writer(sys.stdout)
    table.writerow(["addr", "peer_id", "agent", "head_slot", "finalized_epoch", "ping_ms", "stopped_at", "error"])
    stages: Counter[str] = Counter()

    # The order matters: the pool outside, the Rumor inside. A Ctrl-C leaves the inner block first. That closes the
    # Rumor, which ends the waits of all threads of the pool, and so the pool can end. The other way round the pool
    # would wait for its threads, while they wait for their peers.
    with ThreadPoolExecutor(options.workers) as pool, Rumor(SubprocessConn(options.cmd)) as rumor:
        # One Rumor serves all threads. Each probe makes a host of its own in it, and takes it away again.
        probes = [pool.submit(probe, rumor, addr, timeout=options.timeout) for addr in addresses]
        try:
            for done, future in enumerate(as_completed(probes), 1):
                # A peer that cannot be reached, or stops answering, is no exception: its report tells how far it went.
                report = future.result()
                stages[report.stage] += 1
                table.writerow(
                    [
                        report.addr,
                        report.peer_id,
                        report.agent,
                        report.status.head_slot if report.status else None,
                        report.status.finalized_epoch if report.status else None,
                        f"{report.rtt['ping'] * 1000:.1f}" if "ping" in report.rtt else None,
                        report.stage,
                        report.error,
                    ]
                )
                bar = "#" * (40 * done // len(probes))
                print(f"\r[{bar:40}] {done}/{len(probes)}", end="", file=sys.stderr, flush=True)
        finally:
            # After a Ctrl-C, what has not begun need not begin.
            pool.shutdown(wait=False, cancel_futures=True)

    print("\n" + ", ".join(f"{stage}: {count}" for stage, count in stages.most_common()), file=sys.stderr)


if __name__ == "__main__":
    main()
