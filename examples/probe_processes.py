"""Probe a list of peers with several processes, each with an engine of its own.

python examples/probe_processes.py peers.txt --workers 4
"""

import argparse
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from pyrum_sync import probe_many
from pyrum_sync.probing import read_addresses


def main() -> None:
    parser = argparse.ArgumentParser(description="Probe many peers in several processes.")
    parser.add_argument("peers", type=Path, help="a file with one address on each line")
    parser.add_argument("--workers", type=int, default=2, help="how many processes (default: %(default)s)")
    options = parser.parse_args()
    addresses = list(read_addresses(options.peers.read_text(encoding="utf-8-sig").splitlines()))

    # A batch of addresses goes to a process, which starts an engine, probes them, and returns their reports.
    with ProcessPoolExecutor(options.workers) as pool:
        for report in probe_many(addresses, executor=pool):
            print(report.peer_id, report.agent, report.network, report.fork, report.error or "ok", sep="\t", flush=True)


if __name__ == "__main__":  # the processes import this file, too
    main()
