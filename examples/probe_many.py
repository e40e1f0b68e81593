"""Probe a list of peers, many at a time, and write what they say of themselves as CSV.

python examples/probe_many.py peers.txt > peers.csv      # one multiaddr or ENR on each line, or a network's YAML
python examples/probe_many.py peers.txt --concurrency 256 --timeout 5
"""

import argparse
import csv
import sys
from collections import Counter
from functools import partial
from pathlib import Path

from pyrum_sync import EmbeddedConn, SubprocessConn, probe_many
from pyrum_sync.probing import read_addresses


def main() -> None:
    parser = argparse.ArgumentParser(description="Probe many peers, and write CSV.")
    parser.add_argument("peers", type=Path, help="a file with one address on each line")
    parser.add_argument("--concurrency", type=int, default=64, help="how many at a time (default: %(default)s)")
    parser.add_argument("--timeout", type=float, default=10, help="seconds for each peer (default: %(default)s)")
    parser.add_argument("--cmd", help="starts another Rumor than the engine: 'rumor bare --level=trace'")
    options = parser.parse_args()
    connect = partial(SubprocessConn, options.cmd) if options.cmd else EmbeddedConn

    table = csv.writer(sys.stdout)
    table.writerow(["addr", "peer_id", "agent", "network", "fork", "head_slot", "ping_ms", "stopped_at", "error"])
    stages: Counter[str] = Counter()

    with options.peers.open(encoding="utf-8-sig") as lines:
        # The file is read as the probes go on, and the reports come as they are ready: a list of any length will do.
        reports = probe_many(
            read_addresses(lines), concurrency=options.concurrency, timeout=options.timeout, connect=connect
        )
        for done, report in enumerate(reports, 1):
            # A peer that cannot be reached, or stops answering, is no exception: its report says how far it went.
            stages[report.stage] += 1
            table.writerow(
                [
                    report.addr,
                    report.peer_id,
                    report.agent,
                    report.network,
                    report.fork,
                    report.status.head_slot if report.status else None,
                    f"{report.rtt['ping'] * 1000:.1f}" if "ping" in report.rtt else None,
                    report.stage,
                    report.error,
                ]
            )
            print(f"\r{done} done", end="", file=sys.stderr, flush=True)

    print("\n" + ", ".join(f"{stage}: {count}" for stage, count in stages.most_common()), file=sys.stderr)


if __name__ == "__main__":
    main()
